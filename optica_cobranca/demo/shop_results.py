from datetime import date, time, timedelta

from odoo import models

from ..domain.shop import clock

# Old enough to count for no frequency cap of the ladder's own runs.
FROM_DAYS_AGO, TO_DAYS_AGO = 85, 19
# Days from the due date, and the text that was sent.
TEXTS = {
    -5: "template_before_due_5",
    -1: "template_before_due_1",
    1: "template_late_1",
    10: "template_late_10",
    15: "template_late_15",
}
HOURS = (9, 10, 11, 14, 16, 17, 17, 10)
REPLIES = (
    "Oi, pago amanhã sem falta",
    "Obrigada por avisar!",
    "Pode mandar o Pix?",
    "Já estou indo aí",
)
DELIVERY, READING = timedelta(minutes=1), timedelta(minutes=25)
REPLY = timedelta(hours=3)


class DemoShop(models.AbstractModel):
    """Messages of earlier months, for the page of results to have something to show.

    Rows as the dispatcher left them: asked today, the gate would find most of the installments
    paid. The receipts within three days of them are those of the sales.
    """

    _inherit = "optica.demo.shop"

    def _remember_messages(self, today: date):
        """Reminders around the due dates of some months ago, and their answers."""
        gateway = self.env["contact.gateway"].search(
            [("company_id", "=", self.env.company.id), ("provider", "=", "sandbox")], limit=1
        )
        first, last = (today - timedelta(days=days) for days in (FROM_DAYS_AGO, TO_DAYS_AGO))
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("crediario_plan_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("date_maturity", ">=", first - timedelta(days=max(TEXTS))),
                ("date_maturity", "<=", last - timedelta(days=min(TEXTS))),
            ],
            order="date_maturity, id",
        )
        values = [
            self._message_values(line, offset, gateway)
            for line in lines
            for offset in TEXTS
            if self._was_written(line, offset, first, last)
        ]
        messages = self.env["contact.message"].sudo().create(values)
        self._price(messages)
        self._answer(messages.filtered("read_at")[::4], gateway)

    def _tally_messages(self, today: date):
        """Count all of them, as the nightly job would have."""
        first = today - timedelta(days=FROM_DAYS_AGO + 1)
        self.env["contact.report"].sudo()._rebuild(
            self.env.company, first, today + timedelta(days=1)
        )

    # ------------------------------------------------------------- helpers

    def _was_written(self, line, offset, first, last):
        """On a business day of the months, when it was not paid yet; of the unpaid, some."""
        day = line.date_maturity + timedelta(days=offset)
        credits = line.matched_credit_ids.credit_move_id
        if credits and not credits.payment_id:
            return False  # imported as paid, on a day nobody knows
        paid_on = min(credits.filtered("payment_id").mapped("date"), default=None)
        return (
            first <= day <= last
            and self.env.company._business_calendar().is_business_day(day)
            and bool(line.partner_id.phone)
            and (paid_on >= day if paid_on else (line.id + offset) % 3 == 0)
        )

    def _message_values(self, line, offset, gateway):
        day = line.date_maturity + timedelta(days=offset)
        hour = HOURS[(line.id + offset) % len(HOURS)]
        minute = time(hour, line.id % 60)
        sent = clock.stored(clock.at(day, minute, self.env.company.contact_timezone))
        fate = {"0001": "failed", "0002": "delivered", "0004": "sent"}.get(
            line.partner_id.phone[-4:], "read"
        )
        template = self.env.ref(f"optica_cobranca.{TEXTS[offset]}")
        return {
            "company_id": self.env.company.id,
            "partner_id": line.partner_id.id,
            "purpose": template.purpose,
            "template_id": template.id,
            "gateway_id": gateway.id,
            "channel": gateway.channel,
            "address": line.partner_id._phone_format(fname="phone"),
            "state": fate,
            "reason": "unreachable" if fate == "failed" else False,
            "scheduled_at": sent,
            "sent_at": sent,
            "failed_at": sent + DELIVERY if fate == "failed" else False,
            "delivered_at": sent + DELIVERY if fate in ("delivered", "read") else False,
            "read_at": sent + READING if fate == "read" else False,
        }

    def _price(self, messages):
        """By the table of prices, as Meta's own account would have cost."""
        line = self.env.ref("optica_cobranca.price_whatsapp_utility", raise_if_not_found=False)
        for message in messages if line else ():
            if message.state in ("delivered", "read"):
                message.cost = line.amount

    def _answer(self, messages, gateway):
        self.env["contact.event"].sudo().create(
            [
                {
                    "gateway_id": gateway.id,
                    "key": f"demo-answer-{message.id}",
                    "kind": "inbound",
                    "state": "text",
                    "partner_id": message.partner_id.id,
                    "occurred_at": message.read_at + REPLY,
                    "text": REPLIES[message.id % len(REPLIES)],
                }
                for message in messages
            ]
        )
