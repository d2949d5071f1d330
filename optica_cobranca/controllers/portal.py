from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from .customer_access import OPEN, CustomerAccess, customer_page


class InstallmentPortal(CustomerPortal):
    """The card of the installments on the home page of the portal."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not {"installment_count", "late_installment_count"} & set(counters):
            return values
        access = CustomerAccess(request.env.user.partner_id.commercial_partner_id.sudo())
        if "installment_count" in counters:
            values["installment_count"] = access.count()
        if "late_installment_count" in counters:
            rows = access.rows(access.find(*OPEN, ("date_maturity", "<", access.today)))
            values["late_installment_count"] = sum(row["status"] == "late" for row in rows)
        return values


class InstallmentPages(http.Controller):
    """The customer's own installments: what is late, what comes next, what was paid."""

    _installments_per_page = 30
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
        is_last_page = offset + self._installments_per_page >= len(lines)
        last_paid = paid[: self._last_paid_shown if is_last_page else 0]
        # Worked out together: the same questions for both.
        all_rows = access.rows(lines + last_paid)
        rows, paid_rows = all_rows[: len(lines)], all_rows[len(lines) :]
        now = [row for row in rows if row["status"] in ("late", "due")]
        coming = [row for row in rows if row["status"] == "coming"]
        shown = rows[offset : offset + self._installments_per_page]
        return {
            "pager": pager,
            "open_count": len(lines),
            "now": [row for row in shown if row["status"] != "coming"],
            "coming": [row for row in shown if row["status"] == "coming"],
            "paid": paid_rows,
            "total_now": total_of(now),
            "total_coming": total_of(coming),
            "next_row": coming[0] if coming else None,
            "creditors": creditors_of(rows) or access.companies,
        }

    def _paid_values(self, access, page, lines, paid):
        """The rows of one page of what was paid, newest first."""
        pager = self._pager(access, len(paid), page, {"status": "paid"})
        offset = pager["offset"]
        return {
            "pager": pager,
            "open_count": len(lines),
            "paid": access.rows(
                paid[offset : offset + self._installments_per_page].with_prefetch()
            ),
        }

    def _pager(self, access, total, page, url_args=None):
        return portal_pager(
            url=access.url(),
            total=total,
            page=page,
            step=self._installments_per_page,
            url_args=url_args,
        )


def creditors_of(rows):
    """The companies owed: the law wants whoever asks for money to be named (CDC art. 42-A)."""
    return request.env["res.company"].sudo().union(*(row["line"].company_id for row in rows))


def total_of(rows):
    """Sums of the rows' figures, and how many there are."""
    names = ("principal", "fine", "interest", "total")
    return {"count": len(rows), **{name: sum(row[name] for row in rows) for name in names}}
