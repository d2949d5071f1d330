from datetime import timedelta
from functools import partial
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...clients.bank.pix_errors import SAID_NO, PixTrouble, Trouble
from ...clients.bank.pix_shapes import REFUND_DONE, REFUND_FAILED
from ...domain.shop import clock
from ...domain.shop.money import ZERO, cents
from ...tools.shop.lost_races import unless_lost
from .pix_payment import MAX_TRIES
from .pix_work import BACK_OFF, FASTER

# Banco Central's limit for giving a Pix back.
LONGEST = timedelta(days=90)
BATCH = 20
# Asked by one worker: others leave it alone, and look it up when that one has died.
LEASE = timedelta(minutes=5)
# A request without an answer may still be carried out for so long, whatever the bank says of it.
DOUBT = timedelta(hours=1)
# What the bank has to give back, told apart from what the shop decided (API Pix, natureza).
NATURES = [
    ("ORIGINAL", "Common refund"),
    ("RETIRADA", "Withdrawal"),
    ("MED_OPERACIONAL", "Bank's mistake (MED)"),
    ("MED_FRAUDE", "Suspicion of fraud (MED)"),
    ("MED_PIX_AUTOMATICO", "Pix Automático made good (MED)"),
]


class PixRefund(models.Model):
    """Money of a received Pix that goes back, whoever decided it.

    The bank takes an id of ours once, so that a refund is never made twice. *Refused* is said only
    with proof: the bank refused, knows no refund of this id, and no earlier request is in doubt.
    """

    _name = "pix.refund"
    _description = "Pix Refund"
    _inherit = ["pix.work"]
    _order = "id desc"

    pix_payment_id = fields.Many2one(
        "pix.payment",
        string="Received Pix",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="pix_payment_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    refund_id = fields.Char(
        "Refund ID", required=True, readonly=True, default=lambda self: f"D{uuid4().hex[:31]}"
    )
    amount = fields.Monetary(required=True, readonly=True)
    reason = fields.Char(readonly=True, groups="optica_cobranca.group_collector")
    is_from_outside = fields.Boolean(
        "Not Asked Here",
        readonly=True,
        help="The bank gave it back on its own, or somebody did so in the bank's application.",
    )
    nature = fields.Selection(NATURES, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Decided By", readonly=True, default=lambda self: self.env.user
    )
    state = fields.Selection(
        [
            ("new", "To Ask"),
            ("unsure", "Being Asked"),
            ("processing", "At the Bank"),
            ("returned", "Given Back, to Book"),
            ("done", "Given Back"),
            ("failed", "Refused"),
        ],
        required=True,
        readonly=True,
        default="new",
        index=True,
        help="Being asked: until the bank says what became of it, the amount stays set aside.",
    )
    doubt_until = fields.Datetime(
        readonly=True, help="Until then the bank may carry out what it has not answered."
    )
    returned_at = fields.Datetime("Given Back At", readonly=True)
    payment_id = fields.Many2one("account.payment", string="Entry", readonly=True)

    _positive = models.Constraint("CHECK(amount > 0)", "A refund is more than nothing.")
    _once = models.Constraint(
        "UNIQUE(pix_payment_id, refund_id)", "This refund of the Pix is known already."
    )

    # ---------------------------------------------------------------- cron

    @api.model
    def _cron_refunds(self):
        """Every minute, and at once when somebody decided: ask the bank, note what came of it.

        What is about to be asked is committed before: whoever finds it after a crash looks it up.
        """
        waiting = SQL("state IN ('new', 'unsure', 'processing', 'returned')")
        while refunds := self._claim_waiting(waiting, BATCH):
            refunds.filtered(lambda refund: refund.state == "returned")._book()
            to_ask = refunds.filtered(lambda refund: refund.state != "returned")
            fresh = to_ask.filtered(lambda refund: refund.state == "new")
            now = fields.Datetime.now()
            to_ask.next_try_at = now + LEASE
            fresh.write({"state": "unsure", "doubt_until": now + DOUBT})
            self.env["ir.cron"]._commit_progress(len(refunds))
            for account, group in to_ask.grouped(
                lambda refund: refund.pix_payment_id.account_id
            ).items():
                group._each_at_bank(
                    account, lambda each, client, fresh=fresh: each._ask(client, each in fresh)
                )

    # ------------------------------------------------------------ business

    @api.model
    def _decide(self, payment, amount, reason):
        """Start a refund, by a person with the right to.

        With sudo: nobody may write refunds, this method is the way.

        :raise UserError: more than is left, money that paid installments, too late
        """
        payment._check_role("collector")
        payment.sudo().lock_for_update(allow_referencing=True)
        payment._check_refundable(cents(amount))
        refund = self.sudo().create(
            {
                "pix_payment_id": payment.id,
                "amount": float(amount),
                "reason": (reason or "").strip() or False,
                "user_id": self.env.uid,
            }
        )
        self.env.ref("optica_cobranca.cron_pix_refunds").sudo()._trigger()
        return refund.sudo(False)

    def _ask(self, client, is_fresh):
        """Ask for it, or after any doubt for what became of it; the answer is committed.

        When somebody else writes to what it touches meanwhile, it is looked up in its turn.

        :param is_fresh: it was never asked for before
        """
        self.env["ir.cron"]._commit_progress()  # no transaction is held open while the bank thinks
        unless_lost(self.env, partial(self._ask_bank, client, is_fresh), FASTER)

    def _ask_bank(self, client, is_fresh):
        try:
            answer = self._put(client) if is_fresh else self._look(client)
        except PixTrouble as error:
            self._note_trouble(error, is_fresh)
        else:
            self._take(answer.status, answer.reason, answer.at)
        self.env["ir.cron"]._commit_progress(1)

    def _put(self, client):
        payment = self.pix_payment_id
        return client.refund(
            payment.end_to_end_id, self.refund_id, cents(self.amount), self.reason or ""
        )

    def _look(self, client):
        """What the bank knows of it; of what it does not know, it is asked for again."""
        try:
            return client.get_refund(self.pix_payment_id.end_to_end_id, self.refund_id)
        except PixTrouble as error:
            if error.trouble != Trouble.NOT_FOUND or self.state != "unsure":
                raise
        return self._put(client)

    def _note_trouble(self, error, is_fresh):
        """The bank's answer brought no refund: that is a refusal only with proof."""
        account = self.pix_payment_id.account_id
        sentence = account._trouble_text(error)
        now = fields.Datetime.now()
        if error.may_be_done:
            self.doubt_until = now + DOUBT
        elif is_fresh and error.trouble not in SAID_NO:
            self.write({"state": "new", "doubt_until": False})  # nothing was asked
        elif error.trouble in SAID_NO and self.state == "unsure":
            in_doubt = not is_fresh and self.doubt_until and self.doubt_until > now
            self._judge_refusal(sentence, not in_doubt)
            return
        if error.trouble not in SAID_NO:
            account._note_trouble(error)
        self._postpone_or_call(sentence)

    def _judge_refusal(self, sentence, is_certain):
        """The bank refuses: because the id is used, or because it will not do it?

        :param is_certain: no earlier request for it can still be carried out
        """
        account = self.pix_payment_id.account_id
        try:
            with account._client() as client:
                answer = client.get_refund(self.pix_payment_id.end_to_end_id, self.refund_id)
        except PixTrouble as error:
            if error.trouble == Trouble.NOT_FOUND and is_certain:
                self._take(REFUND_FAILED, sentence)
                return
            if error.trouble != Trouble.NOT_FOUND:
                account._note_trouble(error)
            self._postpone_or_call(sentence)
        else:
            self._take(answer.status, answer.reason, answer.at)

    def _postpone_or_call(self, sentence):
        self._postpone(sentence)
        if self.tries == MAX_TRIES and self.state != "new":
            self.pix_payment_id._call_person(
                self.env._("Nobody knows yet what became of a Pix refund"),
                self.env._(
                    "%(amount)s stay set aside and the bank is asked again by itself. Do not give "
                    "the money back another way before it is known. The bank: %(words)s",
                    amount=self.currency_id._text(self.amount),
                    words=sentence,
                ),
            )

    def _take(self, status, why="", at=None):
        """What the bank says of it; said twice, it is one refund.

        A refusal that the bank takes back (given back after all) counts, too.
        """
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state"])
        if self.state in ("returned", "done"):
            return
        if status == REFUND_DONE:
            at = clock.stored(at)
            self.write(
                {
                    "state": "returned",
                    "returned_at": at or fields.Datetime.now(),
                    "tries": 0,
                    "next_try_at": False,
                    "last_error": False,
                }
            )
            self._book()
        elif self.state == "failed":
            return
        elif status == REFUND_FAILED:
            self.write({"state": "failed", "last_error": why, "next_try_at": False})
            if not self.is_from_outside:
                self.pix_payment_id.needs_attention = True
                self.pix_payment_id._call_person(self.env._("A Pix refund was refused"), why)
        else:
            self.write({"state": "processing", "next_try_at": fields.Datetime.now() + BACK_OFF})

    def _book(self):
        """The books follow the bank; what cannot be booked now is tried again."""
        for refund in self:
            payment = refund.pix_payment_id
            if payment.state in ("announced", "received", "unreadable"):
                refund.next_try_at = fields.Datetime.now() + BACK_OFF  # first the Pix itself
                continue
            try:
                with self.env.cr.savepoint():
                    payment.with_company(payment.company_id)._book_refund(refund)
            except FASTER:
                raise
            # Whatever is wrong with one, the money has left the bank and others must not wait.
            except Exception as error:  # noqa: BLE001
                refund._postpone(payment._why_not(error))
                if refund.tries == MAX_TRIES:
                    payment.needs_attention = True
                    payment._call_person(
                        self.env._("A Pix was given back and cannot be booked"), refund.last_error
                    )

    def _look_again(self):
        """The bank said that something happened to these."""
        open_ones = self.filtered(lambda refund: refund.state in ("unsure", "processing"))
        open_ones.write({"next_try_at": False})


class PixPayment(models.Model):
    """Received Pix that are given back."""

    _inherit = "pix.payment"

    amount_left = fields.Monetary(
        "Can Be Given Back", compute="_compute_amount_left", help="What nobody gave back yet."
    )

    # ------------------------------------------------------------- compute

    @api.depends("amount", "amount_refunded")
    def _compute_amount_left(self):
        for payment in self:
            payment.amount_left = payment.amount - payment.amount_refunded

    # ------------------------------------------------------------ business

    def _check_refundable(self, amount):
        self.ensure_one()
        if self.state == "settled":
            raise UserError(
                self.env._(
                    "This Pix paid installments. Undo receipt %s first: the money is then the "
                    "customer's credit, which can be given back.",
                    self.receipt_id.name,
                )
            )
        if self.state not in ("credit", "suspense"):
            raise UserError(self.env._("There is no money of this Pix to give back."))
        if not 0 < amount <= cents(self.amount_left):
            raise UserError(
                self.env._(
                    "Between 0.01 and %s can be given back.",
                    self.currency_id._text(self.amount_left),
                )
            )
        if self.paid_at + LONGEST < fields.Datetime.now():
            raise UserError(
                self.env._("A Pix can be given back for 90 days. Pay the customer another way.")
            )

    def _take_refunds(self, answers):
        """Refunds as the bank tells them with the Pix, by whatever way it was asked.

        Those that nobody here asked for (a bank's own by MED, or by its application) become
        refunds like ours.
        """
        self.ensure_one()
        if self.state == "dismissed":
            return  # dealt with by hand
        known = {refund.refund_id: refund for refund in self.refund_ids}
        for answer in answers:
            refund = known.get(answer.refund_id)
            if not refund and answer.status != REFUND_FAILED:
                refund = self._note_outside(answer)
            if refund:
                refund._take(answer.status, answer.reason, answer.at)

    def _note_outside(self, answer):
        natures = dict(NATURES)
        return self.env["pix.refund"].create(
            {
                "pix_payment_id": self.id,
                "refund_id": answer.refund_id,
                "amount": float(answer.amount),
                "nature": answer.nature if answer.nature in natures else "ORIGINAL",
                "reason": answer.words or answer.reason or False,
                "is_from_outside": True,
                "state": "processing",
                "user_id": False,
            }
        )

    def _money_here(self):
        """BRL that no refund has taken away."""
        done = self.refund_ids.filtered(lambda refund: refund.state == "done")
        return cents(self.amount) - sum((cents(refund.amount) for refund in done), ZERO)

    def _is_all_given_back(self):
        back = self.refund_ids.filtered(lambda refund: refund.state in ("returned", "done"))
        return cents(sum(back.mapped("amount"))) >= cents(self.amount)

    def _book_refund(self, refund):
        """The money leaves the books, against the credit that kept it.

        What has paid installments is taken back from them first: its receipt is undone, they are
        open again, and what the customer did not get back pays them anew.
        """
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state", "receipt_id", "payment_id"])
        amount = cents(refund.amount)
        credit = self._free_lines(self.payment_id)
        reopened = self.env["account.move.line"]
        if -cents(sum(credit.mapped("amount_residual"))) < amount:
            credit, reopened = self._take_back(refund)
        out = self._create_outflow(refund)
        (credit | self._free_lines(out)).filtered(lambda line: not line.reconciled).reconcile()
        refund.write({"state": "done", "payment_id": out.id, "last_error": False})
        self._pay_again(credit.filtered(lambda line: not line.reconciled), reopened)
        self._after_refund(refund, reopened)

    def _day_of(self, refund):
        """The day on which the money went back, where the shop is."""
        return self.company_id._local_day(refund.returned_at or fields.Datetime.now())

    def _create_outflow(self, refund):
        out = (
            self.env["account.payment"]
            # Core's own key: with accounting apps installed too, the money needs its entry now.
            .with_context(force_payment_move=True)
            .create(
                {
                    "date": self._day_of(refund),
                    "amount": refund.amount,
                    "payment_type": "outbound",
                    "partner_type": "customer",
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "journal_id": self.account_id.journal_id.id,
                    "memo": self.env._("Pix given back: %s", self.end_to_end_id),
                }
            )
        )
        out.action_post()
        return out

    def _take_back(self, refund):
        """Undo what the money had paid.

        :return: tuple (items of the customer's account that hold the money now, installments
            that are open again)
        """
        receipt = self.receipt_id.filtered(lambda each: each.state == "posted")
        used_for = self.payment_id._receivable_lines().matched_debit_ids.debit_move_id
        installments = receipt.line_ids.move_line_id | used_for.filtered("crediario_plan_id")
        why = self.env._("The Pix was given back: %s", self._nature_text(refund))
        self.charge_id.filtered(lambda charge: charge.state == "paid").state = "cancelled"
        try:
            with self.env.cr.savepoint():
                return self._take_back_by_entries_anew(refund, receipt, why), installments
        except UserError:
            # Its entry stays: it met a bank statement, or its period is closed.
            return self._take_back_by_correction(refund, receipt, why), installments

    def _take_back_by_entries_anew(self, refund, receipt, why):
        """As an undone receipt: the entries are cancelled, and the money is booked as credit.

        What is not given back pays the installments again, with a receipt of its own.
        """
        installments = receipt.line_ids.move_line_id
        self.receipt_id = False
        if self.payment_id:
            self._release()
        if receipt:
            receipt._undo(why)
        left = max(self._money_here() - cents(refund.amount), ZERO)
        anew, rest = self.env["crediario.receipt"], left
        if left and installments:
            anew, rest = self._pay(installments, left)
        back = self._create_credit(self.partner_id, self._money_here() - left)
        kept = self._create_credit(self.partner_id, rest) if rest else back.browse()
        state = "settled" if anew and not rest else "credit" if self.partner_id else "suspense"
        self.write({"receipt_id": anew.id, "payment_id": kept.id, "state": state})
        return self._free_lines(back)

    def _take_back_by_correction(self, refund, receipt, why):
        """The entries stay as they are; charges paid go back to the customer's account."""
        credits = receipt.payment_ids | self.payment_id
        self.receipt_id = False
        if receipt:
            receipt._undo(why, keep_entries=True)
        credits._receivable_lines().remove_move_reconcile()
        correction = self._correct_charges(receipt.payment_ids, refund)
        self.write({"payment_id": credits[:1].id, "state": "credit"})
        return credits._receivable_lines() | correction.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _correct_charges(self, payments, refund):
        """An entry that turns fine, interest and reduction of these payments round."""
        found = [payment._seek_for_lines() for payment in payments]
        charges = self.env["account.move.line"].union(*(charges for _l, _c, charges in found))
        entry = self.env["account.move"]
        if not charges:
            return entry
        journal = self.env["account.journal"].search(
            [("company_id", "=", self.company_id.id), ("type", "=", "general")], limit=1
        )
        items = [
            {
                "account_id": line.account_id.id,
                "partner_id": line.partner_id.id,
                "name": line.name,
                "balance": -line.balance,
            }
            for line in charges
        ]
        receivable = payments._receivable_lines().account_id[:1]
        items.append(
            {
                "account_id": receivable.id,
                "partner_id": self.partner_id.id,
                "balance": sum(charges.mapped("balance")),
            }
        )
        entry = entry.create(
            {
                "journal_id": journal.id,
                "date": self._day_of(refund),
                "ref": self.env._("Pix given back: %s", self.end_to_end_id),
                "line_ids": [fields.Command.create(item) for item in items],
            }
        )
        entry._post(soft=False)
        return entry

    def _pay_again(self, credit, installments):
        """What is left of a credit whose entries stayed pays what it had paid, oldest first."""
        for line in installments._sorted_for_receiving():
            left = credit.filtered(
                lambda item, line=line: not item.reconciled and item.account_id == line.account_id
            )
            if left and not line.reconciled and line.parent_state == "posted":
                (left | line).reconcile()

    def _after_refund(self, refund, reopened):
        """Who has to know, and what the Pix is now."""
        is_all = self._money_here() <= ZERO
        if is_all:
            self.write({"state": "refunded", "needs_attention": False})
            self.activity_feedback(["mail.mail_activity_data_todo"])
        if not reopened:
            return
        self.needs_attention = True
        self._call_person(
            self.env._("The bank gave a Pix back"),
            self.env._(
                "%(amount)s of %(customer)s went back on %(day)s: %(nature)s. Receipt and "
                "installments were undone to that extent. Talk to the customer before they are "
                "reminded.",
                amount=self.currency_id._text(refund.amount),
                customer=self.partner_id.name or self.env._("an unknown payer"),
                day=self._day_of(refund),
                nature=self._nature_text(refund),
            ),
        )

    # ------------------------------------------------------------- helpers

    def _nature_text(self, refund):
        natures = dict(refund._fields["nature"]._description_selection(self.env))
        return refund.reason or natures.get(refund.nature) or natures["ORIGINAL"]

    @api.model
    def _free_lines(self, payments):
        """Items of the customer's account of these payments that nothing has used yet."""
        return payments._receivable_lines().filtered(lambda line: not line.reconciled)
