from odoo import api, fields, models
from odoo.exceptions import UserError

AMOUNTS = ("principal", "fine", "interest", "discount", "waived")


class CrediarioReceipt(models.Model):
    """What one visit to the cashier paid: installments, charges, methods. Never edited."""

    _name = "crediario.receipt"
    _description = "Crediário Receipt"
    _inherit = ["collection.record", "mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False)
    date = fields.Date(string="Payment Date", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Received By", required=True, readonly=True)
    state = fields.Selection(
        [("posted", "Received"), ("cancelled", "Undone")],
        default="posted",
        required=True,
        readonly=True,
        tracking=True,
    )
    line_ids = fields.One2many("crediario.receipt.line", "receipt_id", readonly=True)
    payment_ids = fields.Many2many(
        "account.payment",
        "crediario_receipt_payment_rel",
        "receipt_id",
        "payment_id",
        string="Payments",
        readonly=True,
        copy=False,
    )
    payment_undone = fields.Boolean(compute="_compute_payment_undone")
    waiver_reason = fields.Char(string="Reason for Waiving", readonly=True)
    settlement_rule = fields.Char(string="Reduction Rule", readonly=True)
    cancel_reason = fields.Char(string="Reason for Undoing", readonly=True, copy=False)
    cancel_user_id = fields.Many2one("res.users", string="Undone By", readonly=True, copy=False)

    amount_principal = fields.Monetary(
        string="Principal", compute="_compute_amounts", store=True, help="Of the installments."
    )
    amount_fine = fields.Monetary(string="Late Fine", compute="_compute_amounts", store=True)
    amount_interest = fields.Monetary(
        string="Late Interest", compute="_compute_amounts", store=True
    )
    amount_discount = fields.Monetary(
        string="Reduction",
        compute="_compute_amounts",
        store=True,
        help="Granted for paying before the due date; part of the principal.",
    )
    amount_waived = fields.Monetary(
        string="Waived Charges",
        compute="_compute_amounts",
        store=True,
        help="Late charges that the customer did not have to pay. Never booked.",
    )
    amount_received = fields.Monetary(
        string="Received", compute="_compute_amounts", store=True, help="Money of all methods."
    )
    amount_change = fields.Monetary(string="Change", readonly=True, help="Cash given back.")

    _name_unique = models.Constraint(
        "UNIQUE(company_id, name)", "A receipt with this number exists already."
    )

    # ------------------------------------------------------------- compute

    @api.depends(
        "line_ids.principal",
        "line_ids.fine",
        "line_ids.interest",
        "line_ids.discount",
        "line_ids.waived_fine",
        "line_ids.waived_interest",
    )
    def _compute_amounts(self):
        for receipt in self:
            lines = receipt.line_ids
            receipt.amount_principal = sum(lines.mapped("principal"))
            receipt.amount_fine = sum(lines.mapped("fine"))
            receipt.amount_interest = sum(lines.mapped("interest"))
            receipt.amount_discount = sum(lines.mapped("discount"))
            receipt.amount_waived = sum(lines.mapped("waived_fine")) + sum(
                lines.mapped("waived_interest")
            )
            receipt.amount_received = sum(lines.mapped("amount"))

    @api.depends("state", "payment_ids.move_id.state")
    def _compute_payment_undone(self):
        for receipt in self:
            payments = receipt.sudo().payment_ids
            receipt.payment_undone = receipt.state == "posted" and any(
                payment.move_id.state in (False, "cancel") for payment in payments
            )

    # ------------------------------------------------------------- actions

    def action_undo(self):
        """Ask why this receipt is undone."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo Receipt"),
            "res_model": "crediario.receipt.cancel",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_receipt_id": self.id},
        }

    def action_print(self):
        """The receipt on paper."""
        report = self.env.ref("optica_cobranca.action_report_crediario_receipt")
        return report.report_action(self)

    def action_view_payments(self):
        """Open the payments of this receipt."""
        return self.payment_ids._get_records_action(name=self.env._("Payments"))

    def action_receive_more(self):
        """Open the cashier for the next customer."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_crediario_cashier"
        )

    # ------------------------------------------------------------ business

    def _cancel(self, reason):
        """Undo: payments leave the books, installments and charges are as they were before.

        :raises UserError: when the receipt was undone already, without a reason, without the
            right to, or when the money was matched with a bank statement.
        """
        if not self.env.user.has_group("optica_cobranca.group_collector"):
            raise UserError(self.env._("Only a collector may undo a receipt."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the receipt is undone."))
        for receipt in self:
            receipt.check_access("read")
            receipt._check_can_be_undone()
            payments = receipt.payment_ids
            payments.move_id.filtered(lambda move: move.state != "cancel").button_cancel()
            payments.filtered(lambda payment: payment.state != "canceled").state = "canceled"
            # With sudo: nobody has the right to edit receipts, this method is the one way.
            receipt.sudo().write(
                {
                    "state": "cancelled",
                    "cancel_reason": reason.strip(),
                    "cancel_user_id": self.env.uid,
                }
            )

    def _check_can_be_undone(self):
        if self.state != "posted":
            raise UserError(self.env._("Receipt %(name)s was undone already.", name=self.name))
        for payment in self.payment_ids.filtered("move_id"):
            liquidity, _counterpart, _write_offs = payment._seek_for_lines()
            if liquidity.matched_debit_ids or liquidity.matched_credit_ids:
                raise UserError(
                    self.env._(
                        "Payment %(payment)s was matched with a bank statement. Undo the matching "
                        "first, then undo the receipt.",
                        payment=payment.name,
                    )
                )

    @api.model
    def _sequence(self, company):
        """What numbers this company's receipts, such as REC/2026/00001.

        With sudo: counting receipts needs no right to configure sequences.
        """
        Sequence = self.env["ir.sequence"].sudo()
        found = Sequence.search(
            [("code", "=", "crediario.receipt"), ("company_id", "=", company.id)], limit=1
        )
        return found or Sequence.create(
            {
                "name": self.env._("Crediário receipts"),
                "code": "crediario.receipt",
                "company_id": company.id,
                "prefix": "REC/%(range_year)s/",
                "padding": 5,
                "use_date_range": True,
            }
        )
