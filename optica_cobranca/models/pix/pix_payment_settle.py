import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...domain.crediario.late_charges import AmountToday
from ...domain.pix.pix_received import Verdict, judge
from ...domain.shop.money import ZERO, cents
from ...tools.receiving.receiving_order import Method, ReceivingOrder
from ...tools.shop.lost_races import until_won
from .pix_payment import MAX_TRIES
from .pix_work import FASTER

_logger = logging.getLogger(__name__)
# Few at a time: whoever is killed loses little, and others need not wait for numbers of entries.
BATCH = 20


class PixPayment(models.Model):
    """From the bank to the ledger: each Pix settles what it was asked for, or waits for a person.

    A row is claimed, judged and booked in one transaction; whoever dies in the middle has booked
    nothing, and the row is still there.
    """

    _inherit = "pix.payment"

    # ------------------------------------------------------------ business

    @api.model
    def _book_waiting(self):
        """Book what has been read, a batch in each transaction."""

        def book(_is_last):
            batch = self._claim("received", BATCH)
            batch._book_or_postpone()
            return len(batch), self.env["ir.cron"]._commit_progress(len(batch))

        booked, left = BATCH, True
        while booked == BATCH and left:
            booked, left = until_won(self.env, "Pix to be booked", book, FASTER, MAX_TRIES + 1)

    def _book_or_postpone(self):
        """All together; when one of them cannot be booked, each by itself.

        What cannot be booked now (a cashier is at it, a closed period) is tried again.
        """
        for company, payments in self.grouped("company_id").items():
            try:
                with self.env.cr.savepoint():
                    payments.with_company(company)._book()
                # What the bank had given back already when the Pix became known.
                payments.refund_ids.filtered(lambda each: each.state == "returned")._book()
            except FASTER:
                raise
            # Whatever is wrong with one Pix, others must not wait for it.
            except Exception as error:  # noqa: BLE001
                if len(payments) > 1:
                    for payment in payments:
                        payment._book_or_postpone()
                    continue
                payments._not_now(payments._why_not(error))

    def _why_not(self, error):
        """The reason as a sentence; what nobody foresaw is in the log, too."""
        if isinstance(error, UserError):
            return str(error)
        _logger.error("Pix %s cannot be booked", self.end_to_end_id, exc_info=error)
        return self.env._("The program failed: %s", error)

    def _not_now(self, sentence):
        self._postpone(sentence)
        if self.tries >= MAX_TRIES and not self.needs_attention:
            self.needs_attention = True
            self._call_person(self.env._("A received Pix cannot be booked"), sentence)

    def _book(self):
        """Judge each Pix of one company, and book it as what it is.

        :raise UserError: not now, or not without a person
        """
        to_settle, seen = [], self.env["account.move.line"]
        debts = self.sorted("id")._find_debts()
        self.env["crediario.receipt"]._lock(
            seen.union(*(lines for _charge, lines in debts.values()))
        )
        for payment, (charge, lines) in debts.items():
            if lines & seen:
                # The second Pix of an installment is judged once the first one is booked.
                self._settle(to_settle)
                to_settle, seen = [], seen.browse()
            finding = judge(
                payment._received(),
                payment._debts(charge, lines),
                bank_counts=charge.kind == "cobv",
            )
            if payment._is_all_given_back():
                # It came and went: the installments never see it.
                payment.charge_id = charge
                payment._keep(charge.partner_id or lines.partner_id.commercial_partner_id)
            elif finding.verdict == Verdict.EXACT:
                to_settle.append((payment, charge, lines, finding.parts))
                seen |= lines
            else:
                payment.write({"charge_id": charge.id, "verdict": str(finding.verdict)})
                payment._keep(charge.partner_id or lines.partner_id.commercial_partner_id)
        self._settle(to_settle)

    def _settle(self, found):
        """Receive the installments as the cashier does, with the components as they are.

        :param found: rows (Pix, charge, installments, parts)
        """
        if not found:
            return
        # Core's own key: the robot books by the thousand, and what it did stands on the Pix.
        quiet = self.with_context(tracking_disable=True).env
        # Before the money reaches the installments: their other codes are withdrawn then.
        self.env["pix.charge"].union(*(charge for _pix, charge, _lines, _parts in found)).write(
            {"state": "paid", "todo": False}
        )
        receipts = quiet["crediario.receipt"]._receive_all(
            [
                (lines.with_env(quiet), payment._receiving_order(lines, parts))
                for payment, _charge, lines, parts in found
            ]
        )
        for (payment, charge, _lines, _parts), receipt in zip(found, receipts, strict=True):
            payment.with_env(quiet).write(
                {
                    "state": "settled",
                    "charge_id": charge.id,
                    "verdict": str(Verdict.EXACT),
                    "receipt_id": receipt.id,
                    "partner_id": receipt.partner_id.id,
                    "needs_attention": False,
                    "last_error": False,
                }
            )

    def _receiving_order(self, lines, parts):
        """What the cashier would enter for this Pix."""
        day = self._day()
        counted = {
            part.key: AmountToday(
                part.principal,
                part.fine,
                part.interest,
                max((day - lines.browse(part.key).date_maturity).days, 0),
            )
            for part in parts
        }
        return ReceivingOrder(
            on=day,
            methods=(Method(self.account_id.journal_id, cents(self.amount)),),
            counted=counted,
            reductions={part.key: part.reduction for part in parts if part.reduction},
            rule=lines._settlement_rule_texts() if any(part.reduction for part in parts) else "",
            memo=self.env._("Pix %s", self.end_to_end_id),
        )

    def _keep(self, partner, why=None):
        """Book the money as the customer's credit (or an unknown payer's) and call a person."""
        payment = self._create_credit(partner, self._money_here())
        self.write(
            {
                "state": "credit" if partner else "suspense",
                "partner_id": partner.id,
                "payment_id": payment.id,
                "needs_attention": True,
                "last_error": False,
            }
        )
        verdicts = dict(self._fields["verdict"]._description_selection(self.env))
        self._call_person(
            why or self.env._("Pix: %s", verdicts.get(self.verdict, "")),
            self.env._(
                "%(amount)s received by Pix of %(customer)s. The money is booked as credit. Assign "
                "it, refund it or keep it as credit.",
                amount=self.currency_id._text(self.amount),
                customer=partner.name or self.env._("an unknown payer"),
            ),
        )

    # ------------------------------------------------------------- helpers

    def _create_credit(self, partner, amount):
        payment = (
            self.env["account.payment"]
            # Core's own key: with accounting apps installed too, the money needs its entry now.
            .with_context(force_payment_move=True)
            .create(
                {
                    "date": self._day(),
                    "amount": float(amount),
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": partner.id,
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "journal_id": self.account_id.journal_id.id,
                    "memo": self.env._("Pix %s", self.end_to_end_id),
                }
            )
        )
        payment.action_post()
        return payment

    def _call_person(self, summary, note):
        """A to-do for whoever looks after the account."""
        user = self.account_id.user_id or self.env.ref("base.user_admin")
        self.activity_schedule(
            "mail.mail_activity_data_todo", summary=summary, note=note, user_id=user.id
        )

    def _day(self):
        """The day of the payment where the shop is."""
        return self.company_id._local_day(self.paid_at or fields.Datetime.now())

    # -------------- What a person decides about money that did not find its debt

    def _assign(self, partner, installments):
        """The money is this customer's, and pays these installments, the oldest first.

        What they don't need stays the customer's credit.

        :param installments: open ones of the customer; none: all of it is credit
        :raise UserError: not kept as credit any more, or being given back
        """
        self.ensure_one()
        self._check_role("collector")
        # With sudo: nobody may write received Pix or cancel entries, their buttons are the ways.
        payment = self.sudo().with_company(self.company_id)
        payment.lock_for_update(allow_referencing=True)
        payment.invalidate_recordset(["state", "amount_refunded"])
        if payment.state not in ("credit", "suspense") or payment.refund_ids.filtered(
            lambda refund: refund.state not in ("failed", "done")
        ):
            raise UserError(self.env._("This money is not free any more. Open the Pix again."))
        payment._release()
        receipt, left = payment._pay(installments.sudo(), payment._money_here())
        credit = payment._create_credit(partner, left) if left else payment.env["account.payment"]
        payment.write(
            {
                "state": "credit" if left else "settled",
                "partner_id": partner.id,
                "receipt_id": receipt.id,
                "payment_id": credit.id,
                "needs_attention": False,
            }
        )
        payment.activity_feedback(["mail.mail_activity_data_todo"])
        return receipt

    def _pay(self, installments, amount):
        """:return: tuple (receipt or none, BRL left over of ``amount``)"""
        Receipt = self.env["crediario.receipt"]
        if not installments:
            return Receipt, amount
        installments = installments._sorted_for_receiving()
        day = self._day()
        owed = sum((part.total for part in installments._amounts_today(day).values()), ZERO)
        paid = min(amount, owed)
        if not paid:
            return Receipt, amount
        order = ReceivingOrder(
            on=day,
            methods=(Method(self.account_id.journal_id, paid),),
            memo=self.env._("Pix %s", self.end_to_end_id),
        )
        return Receipt._receive(installments, order), amount - paid

    def _release(self):
        """Take the credit's entry out of the books: the money is booked anew.

        :raise UserError: the credit paid something else meanwhile, or met a bank statement
        """
        credit = self.payment_id
        lines = credit.move_id.line_ids
        if lines.matched_debit_ids or lines.matched_credit_ids:
            raise UserError(
                self.env._(
                    "The credit of this Pix was matched already. Undo that first, or leave it."
                )
            )
        credit.move_id.button_cancel()
        credit.state = "canceled"
        self.payment_id = False


class CrediarioReceipt(models.Model):
    """An undone receipt of a Pix: the money is still at the bank."""

    _inherit = "crediario.receipt"

    def _undo(self, reason, keep_entries=False):
        """The customer keeps what the Pix brought, as credit.

        With sudo: whoever undoes receipts need not write received Pix.
        """
        result = super()._undo(reason, keep_entries)
        settled = self.env["pix.payment"].sudo().search([("receipt_id", "=", self.id)])
        for payment in settled.with_company(self.company_id):
            if payment.payment_id:  # the rest of an assigned one: it is one credit again
                payment._release()
            payment.receipt_id = False
            payment._keep(payment.partner_id, self.env._("The receipt of this Pix was undone"))
        return result
