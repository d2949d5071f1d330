from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.account_payment.controllers.portal import PortalAccount

from .customer_access import LOGIN_ROOT, OPEN, CustomerAccess


class ContractInvoices(PortalAccount):
    """Odoo's pages of invoices say of contracts what the pages of installments say.

    A contract is late by its late installments, long before its last due date; and it is paid
    on its own page, with charges, not as a whole with the overdue invoices.
    """

    def _get_overdue_invoices_domain(self, partner_id=None):
        """Overdue invoices to pay as a whole: no contracts."""
        domain = Domain(super()._get_overdue_invoices_domain(partner_id))
        return list(domain & Domain("crediario_plan_id", "=", False))

    def _get_account_searchbar_filters(self):
        """The list of overdue invoices shows contracts with a late installment, too."""
        filters = super()._get_account_searchbar_filters()
        overdue = filters["overdue_invoices"]
        late = Domain("id", "in", self._late_contracts().ids)
        overdue["domain"] = list(Domain(overdue["domain"]) | late)
        return filters

    @http.route()
    def portal_my_overdue_invoices(self, access_token=None, **kw):
        """Late contracts are paid on the page of installments, not on Odoo's."""
        invoices = request.env["account.move"]
        if invoices.has_access("read"):
            others = invoices.search_count(self._get_overdue_invoices_domain(), limit=1)
            if not others and self._late_contracts():
                return request.redirect(LOGIN_ROOT)
        return super().portal_my_overdue_invoices(access_token=access_token, **kw)

    def _late_contracts(self):
        access = CustomerAccess(request.env.user.partner_id.commercial_partner_id.sudo())
        rows = access.rows(access.find(*OPEN, ("date_maturity", "<", access.today)))
        contracts = request.env["account.move"]
        for row in rows:
            if row["status"] == "late":
                contracts |= contracts.browse(row["line"].move_id.id)
        return contracts
