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
    entry_note = fields.Char(compute="_compute_entry_note")
    # Who waives and undoes at the counter reads why; sellers read the receipts of every customer.
    waiver_reason = fields.Char(
        string="Reason for Waiving", readonly=True, groups="optica_cobranca.group_cashier"
    )
    settlement_rule = fields.Char(string="Reduction Rule", readonly=True)
    cancel_reason = fields.Char(
        string="Reason for Undoing",
        readonly=True,
        copy=False,
        groups="optica_cobranca.group_cashier",
    )
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

    @api.depends(
        "state", "payment_ids.move_id.state", "payment_ids.move_id.reversal_move_ids.state"
    )
    def _compute_payment_undone(self):
        for receipt in self:
            payments = receipt.sudo().payment_ids
            receipt.payment_undone = receipt.state == "posted" and any(
                payment._is_taken_back() for payment in payments
            )

    @api.depends("payment_ids.date", "payment_ids.move_id.date")
    def _compute_entry_note(self):
        """With sudo: who reads receipts need not read entries."""
        for receipt in self:
            receipt.entry_note = " ".join(
                dict.fromkeys(
                    payment._entry_note()
                    for payment in receipt.sudo().payment_ids
                    if payment._entry_note()
                )
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

        :raise UserError: when the receipt was undone already, without a reason, without the
            right to, or when the money was matched with a bank statement.
        """
        self._check_role("collector")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the receipt is undone."))
        for receipt in self:
            receipt.check_access("read")
            receipt._undo(reason)

    def _undo(self, reason, keep_entries=False):
        """What undoing does, once a person or the bank has decided it.

        With sudo: whoever undoes receipts need not have the right to edit payments and entries.

        :param keep_entries: the money did come in, and its entry cannot be cancelled any more:
            only what it settled is open again
        :raise UserError: undone already, or its money was matched with a bank statement
        """
        self.ensure_one()
        payments = self.sudo().payment_ids
        if keep_entries:
            payments._receivable_lines().remove_move_reconcile()
        else:
            self._check_can_be_undone()
            self._give_back_counted()
            payments.move_id.filtered(lambda move: move.state != "cancel").button_cancel()
            payments.filtered(lambda payment: payment.state != "canceled").state = "canceled"
        # With sudo: nobody has the right to edit receipts, this method is the one way.
        self.sudo().write(
            {
                "state": "cancelled",
                "cancel_reason": reason.strip(),
                "cancel_user_id": self.env.uid,
            }
        )

    def _note_reversal(self, reversal):
        """What a reversal of one of its payments means: undone, when no payment is left.

        :param reversal: the posted entry that took the payment back
        """
        self.ensure_one()
        if all(payment._is_taken_back() for payment in self.payment_ids):
            reason = self.env._(
                "Payment taken back by entry %(entry)s: %(reason)s",
                entry=reversal.name,
                reason=reversal.ref or "",
            )
            self.write(
                {"state": "cancelled", "cancel_reason": reason, "cancel_user_id": self.env.uid}
            )
        else:
            self.message_post(
                body=self.env._(
                    "Part of this money went back by entry %(entry)s. What it paid is owed again.",
                    entry=reversal.name,
                )
            )

    def _give_back_counted(self):
        """Cash that a closed day counted leaves the drawer of whoever undoes the receipt today."""
        counted = self.sudo().payment_ids._counted_in_closed_days()
        for journal, payments in counted.grouped("journal_id").items():
            day = self.env["crediario.cash.day"]._day_for(self.company_id, journal.sudo(False))
            if day:
                day._give_back(payments)

    def _check_can_be_undone(self):
        if self.state != "posted":
            raise UserError(self.env._("Receipt %(name)s was undone already.", name=self.name))
        for payment in self.sudo().payment_ids.filtered("move_id"):
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


class CrediarioReceiptLine(models.Model):
    """What one payment covered of one installment; the charges' history reads these rows.

    Dead once the receipt is undone, or the entry of the payment is cancelled or deleted.
    """

    _name = "crediario.receipt.line"
    _description = "Crediário Receipt Line"
    _order = "receipt_id, id"

    receipt_id = fields.Many2one(
        "crediario.receipt", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="receipt_id.company_id")
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Installment",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    contract = fields.Char(readonly=True)
    label = fields.Char(string="No.", readonly=True, help="Number of the installment.")
    due_date = fields.Date(readonly=True)
    days_late = fields.Integer(readonly=True, help="Days since the due date when it was paid.")
    charges_from = fields.Date(
        string="Charges Count From",
        readonly=True,
        help="Where the due date had no business: the next business day.",
    )
    payment_id = fields.Many2one("account.payment", readonly=True, index=True, ondelete="restrict")
    principal = fields.Monetary(readonly=True, help="Leaves the customer's debt.")
    fine = fields.Monetary(
        string="Late Fine",
        readonly=True,
        help="Below zero: given back, since it turned out that too much was paid before.",
    )
    interest = fields.Monetary(
        string="Late Interest",
        readonly=True,
        help="Below zero: given back, since it turned out that too much was paid before.",
    )
    discount = fields.Monetary(
        string="Reduction", readonly=True, help="Part of the principal that no money paid."
    )
    waived_fine = fields.Monetary(readonly=True)
    waived_interest = fields.Monetary(readonly=True)
    amount = fields.Monetary(compute="_compute_amount", store=True, help="Money.")

    _no_negative_amounts = models.Constraint(
        "CHECK(principal >= 0 AND discount >= 0 AND waived_fine >= 0 AND waived_interest >= 0)",
        "What a receipt takes off a debt is never negative.",
    )

    @api.depends("principal", "fine", "interest", "discount")
    def _compute_amount(self):
        for line in self:
            line.amount = line.principal + line.fine + line.interest - line.discount
