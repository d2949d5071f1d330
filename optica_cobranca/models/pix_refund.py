from datetime import timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..clients.pix_errors import PixTrouble, Trouble
from ..clients.pix_shapes import REFUND_DONE, REFUND_FAILED
from ..domain.money import cents
from .pix_work import BACK_OFF

# Banco Central's limit for giving a Pix back.
LONGEST = timedelta(days=90)
BATCH = 20


class PixRefund(models.Model):
    """Money of a received Pix that goes back. Its id is ours, so asking twice is one refund."""

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
    reason = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Decided By", readonly=True, default=lambda self: self.env.user
    )
    state = fields.Selection(
        [
            ("new", "To Ask"),
            ("processing", "At the Bank"),
            ("done", "Given Back"),
            ("failed", "Refused"),
        ],
        required=True,
        readonly=True,
        default="new",
        index=True,
    )
    payment_id = fields.Many2one("account.payment", string="Entry", readonly=True)

    _positive = models.Constraint("CHECK(amount > 0)", "A refund is more than nothing.")

    # ---------------------------------------------------------------- cron

    @api.model
    def _cron_refunds(self):
        """Every minute, and at once when somebody decided: ask the bank, note what came of it."""
        waiting = SQL("state IN ('new', 'processing')")
        while refunds := self._claim_waiting(waiting, BATCH):
            for account, group in refunds.grouped(
                lambda refund: refund.pix_payment_id.account_id
            ).items():
                group._each_at_bank(account, type(self)._ask)
            if not self.env["ir.cron"]._commit_progress(len(refunds)):
                return

    # ------------------------------------------------------------ business

    @api.model
    def _decide(self, payment, amount, reason):
        """Start a refund, by a person with the right to.

        With sudo: nobody may write refunds, this method is the way.

        :raises UserError: more than is left, money that paid installments, too late
        """
        payment._check_person()
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

    def _ask(self, client):
        account = self.pix_payment_id.account_id
        end_to_end_id = self.pix_payment_id.end_to_end_id
        try:
            if self.state == "new":
                answer = client.refund(
                    end_to_end_id, self.refund_id, cents(self.amount), self.reason or ""
                )
            else:
                answer = client.get_refund(end_to_end_id, self.refund_id)
        except PixTrouble as error:
            if error.trouble in (Trouble.REFUSED, Trouble.NOT_FOUND):
                self._take(REFUND_FAILED, account._trouble_text(error))
            else:
                account._note_trouble(error)
                self._postpone(account._trouble_text(error))
        else:
            self._take(answer.status, answer.reason)

    def _take(self, status, why=""):
        """What the bank says of it; said twice, it is one refund."""
        self.ensure_one()
        if self.state in ("done", "failed"):
            return
        if status == REFUND_DONE:
            self.write({"state": "done", "last_error": False})
            self.pix_payment_id._book_refund(self)
        elif status == REFUND_FAILED:
            self.write({"state": "failed", "last_error": why})
            self.pix_payment_id.needs_attention = True
            self.pix_payment_id._call_person(self.env._("A Pix refund was refused"), why)
        else:
            self.write({"state": "processing", "next_try_at": fields.Datetime.now() + BACK_OFF})

    def _look_again(self):
        """The bank said that something happened to these."""
        self.filtered(lambda refund: refund.state == "processing").write({"next_try_at": False})


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
                    self.currency_id.format(self.amount_left),
                )
            )
        if self.paid_at + LONGEST < fields.Datetime.now():
            raise UserError(
                self.env._("A Pix can be given back for 90 days. Pay the customer another way.")
            )

    def _book_refund(self, refund):
        """The money leaves the books, against the credit that kept it."""
        credit = self.payment_id
        payment = (
            self.env["account.payment"]
            # Core's own key: with accounting apps installed too, the money needs its entry now.
            .with_context(force_payment_move=True)
            .create(
                {
                    "date": fields.Date.context_today(self),
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
        payment.action_post()
        refund.payment_id = payment
        both = credit | payment
        account = credit.destination_account_id
        lines = both.move_id.line_ids.filtered(
            lambda line: line.account_id == account and not line.reconciled
        )
        if len(lines) > 1:
            lines.reconcile()
        if self.currency_id.is_zero(self.amount_left):
            self.write({"state": "refunded", "needs_attention": False})
            self.activity_feedback(["mail.mail_activity_data_todo"])

    def _take_refunds(self, answers):
        """Refunds as the bank told them with the Pix."""
        by_id = {answer.refund_id: answer for answer in answers}
        for refund in self.refund_ids:
            if refund.refund_id in by_id:
                refund._take(by_id[refund.refund_id].status, by_id[refund.refund_id].reason)
