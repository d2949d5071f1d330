from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_proof import NOTE_LENGTH, ORIGINS


class DunningPromise(models.Model):
    """A promise that the customer gives on their page."""

    _inherit = "dunning.promise"

    origin = fields.Selection(
        ORIGINS, string="Said by", default="shop", required=True, readonly=True
    )

    # ------------------------------------------------------------ business

    @api.model
    def _promise_by_customer(self, partner, lines, day, note, proof):
        """The customer promises to settle ``lines`` until ``day``.

        With sudo: that they are the customer's own is the caller's matter.
        :raises UserError: beyond the limit, or after too many broken promises
        """
        company = lines.company_id
        register = self.sudo().with_company(company).with_context(tz=company.contact_timezone)
        register._check_promises_kept(partner, company)
        promise = register._register_promise(
            partner.sudo().with_env(register.env),
            company.with_env(register.env),
            day,
            lines=lines.with_env(register.env),
            note=(note or "")[:NOTE_LENGTH],
        )
        promise.origin = proof.origin
        return promise

    @api.model
    def _latest_by_customer(self, lines):
        """The last day that a customer may promise about these installments."""
        company = lines.company_id.sudo()
        own = self.sudo().with_context(tz=company.contact_timezone)
        replaced = own._open_promises(lines.sudo())
        first = own._first_day(replaced, fields.Date.context_today(own))
        return lines.sudo().crediario_plan_id._latest_promise(company, first)

    @api.model
    def _check_promises_kept(self, partner, company):
        """After some promises in a row that were broken, the shop wants to be talked to."""
        most = company.sudo().self_service_broken_promises
        last = self.search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "=", company.id),
                ("state", "in", ("kept", "broken")),
            ],
            limit=most,
        )
        if most and len(last) == most and all(promise.state == "broken" for promise in last):
            raise UserError(
                self.env._("Earlier promises were not kept. Call the shop, or make an agreement.")
            )
