from odoo import fields, http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

URL = "/my/installments"
OPEN = [("amount_residual", ">", 0)]
PAID = [("amount_residual", "<=", 0)]
OLDEST_FIRST = "date_maturity, installment_number, id"
NEWEST_FIRST = "date_maturity desc, installment_number desc, id desc"


class InstallmentPortal(CustomerPortal):
    """The customer's own installments: what is late, what comes next, what was paid."""

    _installments_per_page = 30
    _last_paid_shown = 3

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "installment_count" in counters:
            values["installment_count"] = self._count_installments([])
        if "late_installment_count" in counters:
            rows = self._find_installments([*OPEN, ("date_maturity", "<", self._today())])
            late = [row for row in rows._portal_values(self._today()) if row["status"] == "late"]
            values["late_installment_count"] = len(late)
        return values

    @http.route(
        [URL, f"{URL}/page/<int:page>"], type="http", auth="user", website=True, readonly=True
    )
    def portal_my_installments(self, page=1, status="open", **_kwargs):
        """``status`` chooses between what is to pay ("open") and what was paid ("paid")."""
        is_paid = status == "paid"
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "installments",
            "status": "paid" if is_paid else "open",
            "today": self._today(),
            "open_count": self._count_installments(OPEN),
            "paid_count": self._count_installments(PAID),
            "currency": request.env.company.currency_id,
        }
        values |= self._paid_values(page, values) if is_paid else self._open_values(page, values)
        response = request.render("optica_cobranca.portal_my_installments", values)
        response.headers["Cache-Control"] = "no-store"
        return response

    # -------------------------------------------------------------- values

    def _open_values(self, page, values):
        """Totals over everything that is open; the rows of one page, oldest first."""
        rows = self._find_installments(OPEN, OLDEST_FIRST)._portal_values(self._today())
        now = [row for row in rows if row["status"] in ("late", "due")]
        coming = [row for row in rows if row["status"] == "coming"]
        pager = self._installments_pager(len(rows), page)
        offset = pager["offset"]
        shown = rows[offset : offset + self._installments_per_page]
        is_last_page = offset + self._installments_per_page >= len(rows)
        paid = self._find_installments(
            PAID, NEWEST_FIRST, self._last_paid_shown if is_last_page else 0
        )
        return {
            "pager": pager,
            "now": [row for row in shown if row["status"] != "coming"],
            "coming": [row for row in shown if row["status"] == "coming"],
            "paid": paid._portal_values(self._today()),
            "total_now": self._total(now),
            "total_coming": self._total(coming),
            "next_row": coming[0] if coming else None,
            "creditors": self._creditors(rows),
        }

    def _paid_values(self, page, values):
        """The rows of one page of what was paid, newest first."""
        pager = self._installments_pager(values["paid_count"], page, {"status": "paid"})
        lines = self._find_installments(
            PAID, NEWEST_FIRST, self._installments_per_page, pager["offset"]
        )
        rows = lines._portal_values(self._today())
        return {"pager": pager, "paid": rows, "creditors": self._creditors(rows)}

    # ------------------------------------------------------------- helpers

    def _today(self):
        return fields.Date.context_today(request.env.user)

    def _installments_domain(self, domain):
        Line = request.env["account.move.line"]
        return list(
            Line._portal_installments_domain(request.env.user.partner_id) & fields.Domain(domain)
        )

    def _count_installments(self, domain):
        Line = request.env["account.move.line"]
        return (
            Line.search_count(self._installments_domain(domain)) if Line.has_access("read") else 0
        )

    def _find_installments(self, domain, order=OLDEST_FIRST, limit=None, offset=0):
        """Found with the rights of the person logged in; ``limit`` 0 finds nothing."""
        Line = request.env["account.move.line"]
        if limit == 0 or not Line.has_access("read"):
            return Line
        return Line.search(
            self._installments_domain(domain), order=order, limit=limit, offset=offset
        )

    def _installments_pager(self, total, page, url_args=None):
        return portal_pager(
            url=URL, total=total, page=page, step=self._installments_per_page, url_args=url_args
        )

    @staticmethod
    def _total(rows):
        """Sums of the rows' figures, and how many there are."""
        names = ("principal", "fine", "interest", "total")
        return {"count": len(rows), **{name: sum(row[name] for row in rows) for name in names}}

    @staticmethod
    def _creditors(rows):
        """The companies owed or paid: the law wants whoever asks for money to be named."""
        companies = request.env["res.company"].sudo()
        for row in rows:
            companies |= row["line"].company_id
        return companies or request.env.company.sudo()
