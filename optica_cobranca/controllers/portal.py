from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from .customer_access import ROWS_PER_PAGE, CustomerAccess, customer_page, page_number


class InstallmentPortal(CustomerPortal):
    """The card of the installments on the home page of the portal."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not {"optica_installment_count", "optica_late_installment_count"} & set(counters):
            return values
        access = CustomerAccess(request.env.user.partner_id.commercial_partner_id.sudo())
        if "optica_installment_count" in counters:
            values["optica_installment_count"] = access.count()
        if "optica_late_installment_count" in counters:
            amounts = access.due_lines(access.open_lines())._amounts_today(access.today)
            values["optica_late_installment_count"] = sum(
                bool(a.days_charged) for a in amounts.values()
            )
        return values


class InstallmentPages(http.Controller):
    """The customer's own installments: what is late, what comes next, what was paid."""

    _last_paid_shown = 3

    @customer_page("", "/page/<int:page>")
    def customer_installments(self, access, page=1, status="open", **_params):
        """``status`` chooses between what is to pay ("open") and what was paid ("paid").

        By link what was paid stays untold: to pay, nobody needs it.
        """
        is_paid = status == "paid" and not access.is_link
        if access.is_link:
            lines, paid = access.open_lines(), access.lines
        else:
            lines, paid = access.open_and_paid()
        values = self._paid_values if is_paid else self._open_values
        return access.render(
            "optica_cobranca.portal_my_installments",
            {
                "status": "paid" if is_paid else "open",
                "paid_count": len(paid),
                **values(access, page, lines, paid),
            },
        )

    # -------------------------------------------------------------- values

    def _open_values(self, access, page, lines, paid):
        """Totals over everything that is open; the rows of one page, oldest first."""
        pager = self._pager(access, len(lines), page)
        offset = pager["offset"]
        is_last_page = offset + ROWS_PER_PAGE >= len(lines)
        last_paid = paid[: self._last_paid_shown if is_last_page else 0]
        # Worked out together: the same questions for both.
        amounts = (lines + last_paid).sudo()._amounts_today(access.today)
        late, coming = _late_and_coming(lines.sudo(), amounts, access.today)
        shown = lines[offset : offset + ROWS_PER_PAGE] + last_paid
        rows = access.rows(shown.with_prefetch(), amounts)
        return {
            "pager": pager,
            "open_count": len(lines),
            "now": [row for row in rows if row["status"] in ("late", "due")],
            "coming": [row for row in rows if row["status"] == "coming"],
            "paid": [row for row in rows if row["status"] == "paid"],
            "total_now": _total_of(late, amounts),
            "total_coming": _total_of(coming, amounts),
            "next_due": coming[:1].date_maturity,
            "next_total": float(amounts[coming[0].id].total) if coming else None,
            "may_promise": bool(access.to_promise(late)),
            "agreement": access.awaited_agreement(),
            # The law wants whoever asks for money to be named (CDC art. 42-A).
            "creditors": lines.sudo().company_id or access.companies,
        }

    def _paid_values(self, access, page, lines, paid):
        """The rows of one page of what was paid, newest first."""
        pager = self._pager(access, len(paid), page, {"status": "paid"})
        offset = pager["offset"]
        return {
            "pager": pager,
            "open_count": len(lines),
            "paid": access.rows(paid[offset : offset + ROWS_PER_PAGE].with_prefetch()),
        }

    def _pager(self, access, total, page, url_args=None):
        return portal_pager(
            url=access.url(),
            total=total,
            page=page_number(page),
            step=ROWS_PER_PAGE,
            url_args=url_args,
        )


def _late_and_coming(lines, amounts, today):
    """Of open installments those that are late or due, and those to come."""
    status = {line.id: line._portal_status(amounts[line.id], today) for line in lines}
    return (
        lines.filtered(lambda line: status[line.id] in ("late", "due")),
        lines.filtered(lambda line: status[line.id] == "coming"),
    )


def _total_of(lines, amounts):
    """Sums of the installments' amounts as floats, and how many there are."""
    names = ("principal", "fine", "interest", "total")
    sums = {name: float(sum(getattr(amounts[i], name) for i in lines.ids)) for name in names}
    return {"count": len(lines), **sums}
