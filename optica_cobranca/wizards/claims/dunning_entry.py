from odoo import api, fields, models
from odoo.exceptions import UserError

# What the dialogs of promises and reasons can be opened from.
SOURCES = ("res.partner", "account.move", "account.move.line", "dunning.notice")


class DunningEntry(models.AbstractModel):
    """What the dialogs of promises and reasons share: whom and what they are about.

    Opened from customers, contracts, installments or notices (``active_model``, ``active_ids``),
    or by other screens with ``default_partner_id``, ``default_notice_id`` and
    ``default_move_line_ids``.
    """

    _name = "dunning.entry"
    _description = "Entry about a Late Customer"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    notice_id = fields.Many2one("dunning.notice", readonly=True)
    move_line_ids = fields.Many2many("account.move.line", string="Installments")

    # ------------------------------------------------------------ defaults

    @api.model
    def _chosen(self):
        """The records this was opened from; none when another screen names the customer."""
        context = self.env.context
        if context.get("default_partner_id") or context.get("active_model") not in SOURCES:
            return None
        ids = context.get("active_ids") or [context.get("active_id")]
        records = self.env[context["active_model"]].browse(filter(None, ids)).exists()
        if records._name == "account.move.line":
            return self._open_among(records)
        if records._name == "account.move" and any(not move.installment_ids for move in records):
            raise UserError(self.env._("Choose contracts that are paid in installments."))
        return records

    @api.model
    def _open_among(self, lines):
        found = lines.filtered(
            lambda line: (
                line.crediario_plan_id
                and line.parent_state == "posted"
                and line.company_currency_id.compare_amounts(line.amount_residual, 0.0) > 0
            )
        )
        if not found:
            raise UserError(self.env._("Choose installments that are not paid yet."))
        return found

    @api.model
    def _customers_of(self, records):
        """The customers (commercial) that records of any source are about."""
        if records._name == "res.partner":
            return records.commercial_partner_id
        return records.partner_id.commercial_partner_id

    @api.model
    def _company_of(self, records):
        """The company of these records; that of the user for customers."""
        companies = self.env.company if records._name == "res.partner" else records.company_id
        if len(companies) > 1:
            raise UserError(self.env._("Choose records of one company at a time."))
        return companies or self.env.company
