import logging
from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain.late_charges import AmountToday
from ..domain.money import ZERO, cents, exact
from ..domain.pix_charge import Part
from ..domain.pix_received import Debt, Received, Verdict, judge
from ..domain.pix_terms import asked_on, due_terms
from ..domain.pix_txid import read_any
from .pix_payment_intake import MAX_TRIES, RETRIED
from .receiving_order import Method, ReceivingOrder

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
        failures = 0
        while True:
            try:
                batch = self._claim("received", BATCH)
                batch._book_or_postpone()
                left = self.env["ir.cron"]._commit_progress(len(batch))
            except RETRIED:
                self.env.cr.rollback()
                failures += 1
                if failures > MAX_TRIES:
                    raise
                continue
            if len(batch) < BATCH or not left:
                return

    def _book_or_postpone(self):
        """All together; when one of them cannot be booked, each by itself.

        What cannot be booked now (a cashier is at it, a closed period) is tried again.
        """
        for company, payments in self.grouped("company_id").items():
            try:
                with self.env.cr.savepoint():
                    payments.with_company(company)._book()
            except UserError as error:
                if len(payments) > 1:
                    for payment in payments:
                        payment._book_or_postpone()
                    continue
                payments._not_now(str(error))

    def _not_now(self, sentence):
        self._postpone(sentence)
        if self.tries >= MAX_TRIES and not self.needs_attention:
            self.needs_attention = True
            self._call_person(self.env._("A received Pix cannot be booked"), sentence)

    def _book(self):
        """Judge each Pix of one company, and book it as what it is.

        :raises UserError: not now, or not without a person
        """
        to_settle, seen = [], self.env["account.move.line"]
        for payment in self.sorted("id"):
            charge, lines = payment._find_debt()
            if lines & seen:
                # The second Pix of an installment is judged once the first one is booked.
                self._settle(to_settle)
                to_settle, seen = [], seen.browse()
            if lines:
                self.env["crediario.receipt"]._lock(lines)
            finding = judge(
                payment._received(),
                payment._debts(charge, lines),
                bank_counts=charge.kind == "cobv",
            )
            payment.write({"charge_id": charge.id, "verdict": str(finding.verdict)})
            if finding.verdict == Verdict.EXACT:
                to_settle.append((payment, charge, lines, finding.parts))
                seen |= lines
            else:
                payment._keep(lines.partner_id.commercial_partner_id)
        self._settle(to_settle)

    def _find_debt(self):
        """The charge that this Pix names and its installments; without a charge of ours, those
        that its reference spells.

        :return: tuple (charge, installments), both may be empty
        """
        Charge = self.env["pix.charge"]
        if not self.txid:
            return Charge, self.env["account.move.line"]
        charges = Charge.search(
            [("company_id", "=", self.company_id.id), ("txid", "=", self.txid)], order="id desc"
        )
        # Static codes of one installment share its reference: the amount tells them apart.
        exact_ones = charges.filtered(
            lambda charge: charge.kind != "static" or charge.amount == self.amount
        )
        charge = exact_ones[:1]
        if charge:
            return charge, charge.line_ids._sorted_for_receiving()
        reference = read_any(self.txid)
        if not reference or reference.origin:
            return Charge, self.env["account.move.line"]
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("move_id", "=", reference.contract_id),
                ("installment_number", "=", reference.installment_number),
                ("crediario_plan_id", "!=", False),
                ("parent_state", "=", "posted"),
            ],
            limit=1,
        )
        return Charge, lines

    def _received(self):
        return Received(
            amount=cents(self.amount),
            original=cents(self.amount_original) if self.has_components else None,
            fine=cents(self.amount_fine),
            interest=cents(self.amount_interest),
            discount=cents(self.amount_discount),
        )

    def _debts(self, charge, lines):
        asked = charge._asked() if charge else lines._pix_parts(self._day())
        if charge.kind == "cobv":
            asked = self._asked_by_bank(charge, asked)
        return [
            Debt(
                line.id,
                asked[line.id],
                max(cents(line.amount_residual), ZERO),
                bool(line.closing_agreement_id),
            )
            for line in lines
            if line.id in asked
        ] or self._settled_debts(lines)

    def _settled_debts(self, lines):
        """Installments that cost nothing any more: whoever pays them, pays twice."""
        return [
            Debt(line.id, _part(line.id), ZERO, bool(line.closing_agreement_id)) for line in lines
        ]

    def _asked_by_bank(self, charge, asked):
        """What the bank should have asked on the day of the payment, by our own rules."""
        line = charge.line_ids[:1]
        plan = line.crediario_plan_id
        terms = due_terms(
            asked[line.id].principal,
            line.date_maturity,
            charge.day,
            plan._charge_terms(),
            plan._settlement_rule(),
            0,
        )
        part = asked_on(terms, self._day(), charge.company_id._business_calendar())
        return {line.id: _part(line.id, part)}

    def _settle(self, found):
        """Receive the installments as the cashier does, with the components as they are.

        :param found: rows (Pix, charge, installments, parts)
        """
        if not found:
            return
        # Core's own key: the robot books by the thousand, and what it did stands on the Pix.
        quiet = self.with_context(tracking_disable=True).env
        jobs = []
        for payment, charge, lines, parts in found:
            # Before the money reaches the installments: their other codes are withdrawn then.
            charge.write({"state": "paid", "todo": False})
            jobs.append((lines.with_env(quiet), payment._receiving_order(lines, parts)))
        receipts = quiet["crediario.receipt"]._receive_all(jobs)
        for (payment, _charge, _lines, _parts), receipt in zip(found, receipts, strict=True):
            payment.write(
                {
                    "state": "settled",
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
                part.principal + part.fine + part.interest,
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
        payment = self._create_credit(partner, exact(self.amount))
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
                amount=self.currency_id.format(self.amount),
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
        zone = ZoneInfo(self.company_id.sudo().contact_timezone or "America/Sao_Paulo")
        instant = self.paid_at or fields.Datetime.now()
        return instant.replace(tzinfo=timezone.utc).astimezone(zone).date()


def _part(key, amounts=None):
    """A part under another key; of nothing, when there are no amounts."""
    if amounts is None:
        return Part(key, ZERO)
    return Part(key, amounts.principal, amounts.fine, amounts.interest, amounts.reduction)
