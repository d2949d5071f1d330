from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountMove(models.Model):
    """Entries of cash days, and those of payments received in them."""

    _inherit = "account.move"

    crediario_cash_day_id = fields.Many2one(
        "crediario.cash.day",
        string="Cash Day",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The cash day that made this entry.",
    )

    # ------------------------------------------------------------ business

    def _check_draftable(self):
        """What was counted is not taken apart: whichever button is pressed.

        With sudo: accountants need not be cashiers.
        """
        entries = self.sudo()
        if entries.crediario_cash_day_id:
            raise UserError(
                self.env._(
                    "This entry belongs to cash day %(name)s. Correct it by another entry.",
                    name=entries.crediario_cash_day_id[:1].name,
                )
            )
        counted = entries.origin_payment_id._counted_in_closed_days()
        if counted:
            raise UserError(
                self.env._(
                    "The money of payment %(payment)s was counted in cash day %(name)s, which is "
                    "closed. Undo its receipt: the money then leaves the cash of today.",
                    payment=counted[0].name,
                    name=counted[0].crediario_cash_day_id.name,
                )
            )
        return super()._check_draftable()

    # ------- A contract keeps its moved due dates, also through a reset to draft

    extension_ids = fields.One2many(
        "crediario.extension",
        "move_id",
        string="Extensions",
        readonly=True,
        groups="optica_cobranca.group_seller,account.group_account_readonly",
    )
    extension_count = fields.Integer(
        compute="_compute_extension_count",
        groups="optica_cobranca.group_seller,account.group_account_readonly",
    )

    @api.depends("extension_ids")
    def _compute_extension_count(self):
        counts = dict(
            self.env["crediario.extension"]._read_group(
                [("move_id", "in", self.ids)], ["move_id"], ["__count"]
            )
        )
        for move in self:
            move.extension_count = counts.get(move._origin, 0)

    @api.depends("extension_ids.state", "extension_ids.new_due_date")
    def _compute_needed_terms(self):
        return super()._compute_needed_terms()

    def _crediario_due_dates(self, schedule):
        """The extended date of each installment that has one.

        With sudo: whoever touches the invoice, its dates are the same.
        """
        moved = {
            extension.installment_number: extension.new_due_date
            for extension in self.sudo().extension_ids.sorted("id")
            if extension.state == "applied"
        }
        if not moved:
            return super()._crediario_due_dates(schedule)
        return [(number, moved.get(number, due), part) for number, due, part in schedule]

    def action_extend(self):
        """Move due dates of this contract."""
        return self.installment_ids.action_extend()

    def action_view_extensions(self):
        """Open the extensions of this contract."""
        return self.extension_ids._get_records_action(
            name=self.env._("Extensions"), views=[(False, "list"), (False, "form")]
        )

    # ------------------------------------------- What was received of a contract

    contract_receipt_ids = fields.Many2many(
        "crediario.receipt",
        string="Receipts",
        compute="_compute_contract_receipt_ids",
        groups="optica_cobranca.group_seller",
        help="What was received of this contract's installments, undone receipts included.",
    )

    def _compute_contract_receipt_ids(self):
        for move in self:
            move.contract_receipt_ids = self.env["crediario.receipt"].search(
                [("line_ids.move_line_id", "in", move.installment_ids.ids)]
            )


class AccountPayment(models.Model):
    """Money at the counter belongs to the open cash day of whoever receives it."""

    _inherit = "account.payment"

    crediario_cash_day_id = fields.Many2one(
        "crediario.cash.day",
        string="Cash Day",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """An open day counts what is in the books now. With sudo: see ``crediario.cash.day``."""
        result = super().write(vals)
        if "state" in vals:
            self.sudo().crediario_cash_day_id._recount()
        return result

    # ------------------------------------------------------------- actions

    def action_post(self):
        """Also what a cashier registers in core's own screens goes through the drawer."""
        result = super().action_post()
        if not self.env.su:
            for journal, payments in self.grouped("journal_id").items():
                if journal.type == "cash":
                    mine = self.env["crediario.cash.day"]._open_days(
                        self.env.user, payments.company_id[:1]
                    )
                    mine.filtered(lambda day, cash=journal: day.journal_id == cash)[:1]._take_in(
                        payments.filtered(lambda payment: not payment.crediario_cash_day_id)
                    )
        return result

    # ------------------------------------------------------------ business

    def _counted_in_closed_days(self):
        """Cash payments of closed days whose money was not given back."""
        counted = self.filtered(
            lambda payment: (
                payment.crediario_cash_day_id.state == "closed"
                and payment.journal_id == payment.crediario_cash_day_id.journal_id
            )
        )
        if not counted:
            return counted
        returned = self.env["crediario.cash.movement"].search([("payment_id", "in", counted.ids)])
        return counted - returned.payment_id

    # ----------------- Payments of installments, whose entries are made together

    crediario_entry_note = fields.Char(compute="_compute_crediario_entry_note")

    @api.depends("date", "move_id.date", "move_id.state")
    def _compute_crediario_entry_note(self):
        for payment in self:
            payment.crediario_entry_note = payment._entry_note()

    def _get_outstanding_account(self, payment_type):
        """Whoever asks for an entry at once gets it on the method's own account, if it has one."""
        own = self.payment_method_line_id.payment_account_id
        return own or super()._get_outstanding_account(payment_type)

    def _receivable_lines(self):
        """Their posted items in the customer's account."""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.account_id.account_type in ("asset_receivable", "liability_payable")
            )
        )

    @api.model
    def _lock_note(self, company, day, journal):
        """What becomes of an entry of ``day`` where the books are locked; empty where they are not.

        With sudo: whoever receives need not read the company's lock dates.
        """
        locked = day and journal and company.sudo()._get_violated_lock_dates(day, False, journal)
        if not locked:
            return ""
        return self.env._(
            "The books are locked until %(lock)s, so the entry will be dated later. The money "
            "counts for %(day)s all the same: fine and interest are those of that day.",
            lock=format_date(self.env, max(lock for lock, _field in locked)),
            day=format_date(self.env, day),
        )

    def _entry_note(self):
        """Why the entry has another date than the payment; empty where it has the same.

        The payment counts for its own date: due dates and late charges go by that.
        """
        entry = self.move_id
        if not entry or entry.state != "posted" or entry.date == self.date:
            return ""
        return self.env._(
            "The money counts for %(day)s. The entry is dated %(entry)s, because the books of "
            "%(day)s were closed.",
            day=format_date(self.env, self.date),
            entry=format_date(self.env, entry.date),
        )

    def _is_taken_back(self):
        """Whether the entry of this payment is gone or was reversed."""
        self.ensure_one()
        move = self.move_id
        reversed_by = move.reversal_move_ids.filtered(lambda entry: entry.state == "posted")
        return move.state in (False, "cancel") or bool(reversed_by)

    def _note_reversal(self, reversal):
        """Receipts whose money went back are undone; of several payments, once all went back.

        With sudo: whoever may reverse an entry need not see receipts, and nobody edits them.
        """
        lines = self.env["crediario.receipt.line"].sudo().search([("payment_id", "in", self.ids)])
        for receipt in lines.receipt_id.filtered(lambda receipt: receipt.state == "posted"):
            receipt._note_reversal(reversal)

    @api.model
    def _create_with_entries(self, vals_list):
        """Posted payments, each with its entry, also where core would wait for the bank.

        Core makes and links the entries one by one, which is most of the work of receiving.

        :param vals_list: values of :meth:`create`; ``write_off_line_vals`` are the items of the
            entry besides the money and the customer's account
        """
        write_offs = [vals.pop("write_off_line_vals", None) for vals in vals_list]
        payments = self.create(vals_list)
        for payment in payments.filtered(lambda payment: not payment.outstanding_account_id):
            payment.outstanding_account_id = payment._get_outstanding_account(payment.payment_type)
        entries = self.env["account.move"].create(
            [
                payment._generate_move_vals(items)
                for payment, items in zip(payments, write_offs, strict=True)
            ]
        )
        payments._link_entries(entries)
        payments.action_post()
        return payments

    def _link_entries(self, entries):
        """What :meth:`write` does for each, looking up once what hangs on all of them."""
        field = self._fields["move_id"]
        for payment, entry in zip(self, entries, strict=True):
            field.write(payment, entry)
        self.modified(["move_id"])
        self._validate_fields(["move_id"])
