from datetime import datetime, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...clients.bank.pix_shapes import PixAnswer
from ...domain.pix.pix_received import Received
from ...domain.shop.money import cents


class PixShow(models.TransientModel):
    """The QR code at the counter: show it, send it, watch it being paid."""

    _name = "pix.show"
    _description = "Pix QR Code"

    charge_id = fields.Many2one("pix.charge", required=True, readonly=True)
    partner_id = fields.Many2one(related="charge_id.partner_id")
    currency_id = fields.Many2one(related="charge_id.currency_id")
    amount = fields.Monetary(related="charge_id.amount")
    amount_principal = fields.Monetary(related="charge_id.amount_principal")
    amount_fine = fields.Monetary(related="charge_id.amount_fine")
    amount_interest = fields.Monetary(related="charge_id.amount_interest")
    amount_reduction = fields.Monetary(related="charge_id.amount_reduction")
    code = fields.Text(related="charge_id.code")
    qr_image = fields.Binary(related="charge_id.qr_image")
    is_automatic = fields.Boolean(related="charge_id.is_automatic")
    is_test = fields.Boolean(related="charge_id.is_test")
    line_ids = fields.Many2many(related="charge_id.line_ids")
    is_paid = fields.Boolean(compute="_compute_is_paid")
    is_sandbox = fields.Boolean(compute="_compute_is_sandbox")

    # ------------------------------------------------------------- compute

    @api.depends("charge_id.state")
    def _compute_is_paid(self):
        for wizard in self:
            wizard.is_paid = wizard.charge_id._page_state() == "paid"

    @api.depends("charge_id")
    def _compute_is_sandbox(self):
        for wizard in self:
            # With sudo: settings of accounts are for managers.
            wizard.is_sandbox = wizard.charge_id.account_id.sudo().profile == "sandbox"

    # ------------------------------------------------------------- actions

    @api.model
    def _open(self, lines):
        """The window with today's code of these installments.

        :raise UserError: nothing is owed, or the shop has no Pix key
        """
        lines = lines.filtered("crediario_plan_id")
        if not lines:
            raise UserError(self.env._("Choose installments to pay by Pix."))
        lines.check_access("read")
        on = lines.company_id[:1]._today()
        charge = self.env["pix.charge"]._charge_for(lines, on, with_test=True)
        if not charge:
            if not any(lines.mapped("amount_residual")):
                raise UserError(self.env._("These installments are paid already."))
            raise UserError(
                self.env._(
                    "The shop has no Pix key yet. Enter it on the bank account of a bank journal "
                    "(Accounting), or connect a bank: Collection, Configuration, Pix Accounts."
                )
            )
        wizard = self.create({"charge_id": charge.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay by Pix"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_check(self):
        """Look whether it has been paid by now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay by Pix"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_receive(self):
        """A static code was paid: the cashier books it, after a look at the bank statement."""
        self.ensure_one()
        return self.env["crediario.cashier"]._open(self.partner_id, self.line_ids)

    def action_play(self):
        """The sandbox's customer pays: the same way from here on as with a bank."""
        self.ensure_one()
        self.check_access("read")
        charge = self.charge_id.sudo()
        if not self.is_sandbox or not self.env.user.has_group("optica_cobranca.group_manager"):
            raise UserError(
                self.env._("Only managers play payments, and only those of the sandbox.")
            )
        number = self.env["ir.sequence"].sudo().next_by_code("pix.sandbox") or "1"
        played = PixAnswer(
            end_to_end_id=f"ESANDBOX{number:0>24}"[:32],
            txid=charge.txid,
            received=Received(amount=cents(charge.amount)),
            at=datetime.now(timezone.utc),
            key=charge.account_id.key or "",
        )
        payments = self.env["pix.payment"].sudo()._take_in(charge.account_id, [played])
        for payment in payments:
            payment._book_or_postpone()
        return self.action_check()
