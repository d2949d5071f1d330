"""Whatever closes an installment passes here.

What no money stands for is forgiven, see ``crediario.forgiveness``.

Doors: core's *Register Payment* with a write-off, of branches beside each other too (see the
wizard), payments and entries made by hand, credit notes and reversals, matching by hand, for more
than there is too, bank statements with a difference. What this product books itself (receipts,
extensions, agreements) checks its rules first and comes with sudo.
"""

from collections import defaultdict

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ...domain.crediario.forgiveness import Debt, Door, split, without_money
from ...domain.shop.money import ZERO, cents

# What a matching says: which items, and how much of them.
MATCHED = frozenset(
    [
        "amount",
        "credit_amount_currency",
        "credit_move_id",
        "debit_amount_currency",
        "debit_move_id",
    ]
)


class AccountMove(models.Model):
    """How much of an entry is money, and since when the books know of it."""

    _inherit = "account.move"

    crediario_posted_on = fields.Date(
        string="Entered On",
        readonly=True,
        copy=False,
        help="When somebody posted the entry, whatever date it bears.",
    )

    forgiveness_count = fields.Integer(
        compute="_compute_forgiveness_count",
        groups="optica_cobranca.group_collector,account.group_account_invoice",
    )

    # ------------------------------------------------------------- compute

    def _compute_forgiveness_count(self):
        counts = dict(
            self.env["crediario.forgiveness"]._read_group(
                [("contract_ids", "in", self.ids)], ["contract_ids"], ["__count"]
            )
        )
        for move in self:
            move.forgiveness_count = counts.get(move._origin, 0)

    # ------------------------------------------------------------- actions

    def action_view_forgiveness(self):
        """Open what was forgiven of this contract."""
        found = self.env["crediario.forgiveness"].search([("contract_ids", "in", self.ids)])
        return found._get_records_action(name=self.env._("Forgiven"))

    # ------------------------------------------------------------ business

    def _post(self, soft=True):
        """With sudo: the day of posting is nobody's to choose."""
        posted = super()._post(soft=soft)
        if not self.env.su:
            unknown = posted.filtered(lambda move: not move.crediario_posted_on)
            unknown.sudo().with_context(
                skip_invoice_sync=True
            ).crediario_posted_on = fields.Date.context_today(self)
            for entry in posted:
                entry._check_forgiven_in_draft()
        return posted

    def _check_forgiven_in_draft(self):
        """An entry keeps what it settled while it is a draft: other lines may forgive by now.

        With sudo: whoever posts need not see all that the entry settles.

        :raise UserError: beyond the limits of the user's role
        """
        partials = self.sudo().line_ids.matched_debit_ids.filtered(
            lambda partial: (
                partial.debit_move_id.crediario_plan_id and partial.debit_move_id.move_id != self
            )
        )
        share = self.sudo()._share_forgiven() if partials else ZERO
        if not share:
            return
        Forgiveness = self.env["crediario.forgiveness"]
        known = Forgiveness.sudo().search([("entry_id", "=", self.id)])
        closed = sum((cents(partial.amount) for partial in partials), ZERO)
        more = cents(closed * share) - cents(sum(known.mapped("amount")))
        if more > ZERO:
            installments = partials.debit_move_id
            forgiven, owed = Debt(more), Debt(closed)
            reason = self.ref or self.origin_payment_id.memo or self.name
            Forgiveness._check(self.company_id, forgiven, owed, reason)
            Forgiveness._note(installments, Door.WRITE_OFF, forgiven, reason, entry_id=self.id)

    def _share_forgiven(self):
        """Part of what this entry takes off debts that no money stands for (Decimal)."""
        self.ensure_one()
        company = self.company_id
        earned = company.late_fine_account_id | company.late_interest_account_id
        money_accounts = self._money_accounts()
        credited = charges = money = ZERO
        for line in self.line_ids:
            balance = cents(line.balance)
            if line.account_id.account_type in ("asset_cash", "liability_credit_card") or (
                line.account_id in money_accounts
            ):
                money += balance
            elif line.account_id.account_type == "asset_receivable" and balance < 0:
                credited -= balance
            elif line.account_id in earned and balance < 0:
                charges -= balance
        return without_money(credited, charges, money)

    def _money_accounts(self):
        """Accounts in which this entry's money may wait for the bank."""
        journal = self.journal_id
        methods = journal.inbound_payment_method_line_ids | journal.outbound_payment_method_line_ids
        accounts = methods.payment_account_id | self.origin_payment_id.outstanding_account_id
        if journal.type in ("bank", "cash", "credit"):
            accounts |= journal.default_account_id | journal.suspense_account_id
        return accounts

    def _date_is_the_banks(self):
        """Whether a bank or an online provider said when the money came.

        Not whoever names a line or a transaction on an entry of the own: the statement's line has
        this very entry, and what a provider took was booked by the system or by the customer.
        """
        payment = self.origin_payment_id
        booked_by = payment.create_uid
        is_online = payment.payment_transaction_id.payment_id == payment and (
            booked_by.id == SUPERUSER_ID or booked_by.share
        )
        return bool(
            (self.statement_line_id and self.statement_line_id.move_id == self)
            or (payment.payment_transaction_id and is_online)
        )

    def _charges_waived_by_date(self, installments, on):
        """Late charges of ``installments`` that money of this entry, of day ``on``, waives.

        :raise UserError: for a day to come
        """
        if self._date_is_the_banks():
            return ZERO
        today = fields.Date.context_today(self)
        known = self.crediario_posted_on or fields.Date.context_today(self, self.create_date)
        if known <= on <= today:
            return ZERO
        return self.env["crediario.forgiveness"]._waived_by_date(
            installments, on, today if on > today else known
        )


class AccountPartialReconcile(models.Model):
    """Where installments are closed."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Forgives within the limits of the user's role only, and leaves a trace.

        :raise UserError: beyond them
        """
        found = [] if self.env.su else self._forgiven_by(vals_list)
        partials = super().create(vals_list)
        self._note_forgiven(found)
        partials.debit_move_id._installments_paid()
        return partials

    def write(self, vals):
        """What was matched stays matched, or is undone as a whole.

        :raise UserError: for another amount or item of an installment
        """
        # With sudo: whoever writes need not see the installments.
        concerned = MATCHED & vals.keys() and not self.env.su
        if concerned and self.sudo().debit_move_id.filtered("crediario_plan_id"):
            raise UserError(self.env._("Undo this matching, and match again: it is not changed."))
        return super().write(vals)

    @api.model
    def _forgiven_by(self, vals_list):
        """Rows (entry, installments, door, debt forgiven, reason), checked.

        With sudo: whoever matches need not see what the limits are worked out from.
        """
        Line = self.env["account.move.line"].sudo()
        closed = defaultdict(dict)
        for vals in vals_list:
            installment, credit = Line.browse((vals["debit_move_id"], vals["credit_move_id"]))
            if installment.crediario_plan_id and credit.move_id != installment.move_id:
                amounts = closed[credit]
                amounts[installment] = amounts.get(installment, ZERO) + cents(vals["amount"])
        rows = []
        for credit, amounts in closed.items():
            installments = Line.union(*amounts)
            forgiven, owed = self._forgiven_of(credit, installments, sum(amounts.values()))
            if forgiven.total:
                entry = credit.move_id
                reason = entry.ref or entry.origin_payment_id.memo or entry.name
                self.env["crediario.forgiveness"]._check(entry.company_id, forgiven, owed, reason)
                rows.append((entry, installments, self._door_of(entry), forgiven, reason))
        return rows

    @api.model
    def _note_forgiven(self, found):
        """Write down rows of :meth:`_forgiven_by`, once their installments are closed."""
        for entry, installments, door, forgiven, reason in found:
            self.env["crediario.forgiveness"]._note(
                installments, door, forgiven, reason, entry_id=entry.id
            )

    @api.model
    def _forgiven_of(self, credit, installments, amount):
        """What ``amount`` of this credit forgives, of what is owed today (both :class:`Debt`).

        More than the credit has left is no money either.
        """
        entry = credit.move_id
        share = entry._share_forgiven()
        by_date = (
            ZERO if share == 1 else entry._charges_waived_by_date(installments, credit._counts_on())
        )
        left = cents(abs(credit.amount_residual))
        lump = cents(min(amount, left) * share) + max(amount - left, ZERO)
        if not lump and not by_date:
            return Debt(), Debt()
        owed = self.env["crediario.forgiveness"]._owed(installments)
        owed = Debt(owed.principal, max(owed.charges, by_date))
        forgiven = split(lump, owed)
        return Debt(forgiven.principal, min(forgiven.charges + by_date, owed.charges)), owed

    @api.model
    def _door_of(self, entry):
        if entry.move_type == "out_refund":
            return Door.CREDIT_NOTE
        return Door.WRITE_OFF if entry._share_forgiven() else Door.DATE
