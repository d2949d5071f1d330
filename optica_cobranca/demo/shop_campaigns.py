from datetime import date, time, timedelta

from odoo import models

from ..domain.shop import clock

AUTOMATIC = ("prescription_expiring", "prescription_expired", "delivery_late", "survey")
DAYS = 150
# Templates by kind; a child's prescription goes to the mother in the same words.
TEXTS = {
    "birthday": "template_birthday",
    "prescription_expired": "template_prescription_expired",
}
FATES = ("read", "read", "delivered", "sent", "read")
AGREED = ("Adriana", "Antônio", "Cecília", "Benedito", "Camila")
NINE_O_CLOCK = time(9, 5)


class DemoShop(models.AbstractModel):
    """Campaigns of the demo shop: some kinds are automatic, and the past months have results."""

    _inherit = "optica.demo.shop"

    def _campaign(self, today: date):
        """Switch kinds on, collect some consents, remember the greetings of the past months."""
        kinds = self.env["optica.occurrence.type"]
        kinds.search([("kind", "in", AUTOMATIC)]).mode = "automatic"
        self.env["contact.consent"].create(
            [
                {
                    "partner_id": self._customer(name).id,
                    "purpose": "marketing",
                    "decision": "opt_in",
                    "source": "contract",
                    "proof": "Assinou no cadastro: quer receber novidades.",
                }
                for name in AGREED
            ]
        )
        gateway = self.env["contact.gateway"].search(
            [("company_id", "=", self.env.company.id), ("provider", "=", "sandbox")], limit=1
        )
        occurrences = self.env["optica.occurrence"].search(
            [
                ("kind", "in", list(TEXTS)),
                ("event_date", ">=", today - timedelta(days=DAYS)),
                ("event_date", "<", today - timedelta(days=1)),
                ("phone", "!=", False),
            ],
            order="event_date, id",
        )
        for number, occurrence in enumerate(occurrences):
            self._remember_greeting(occurrence, FATES[number % len(FATES)], gateway)

    def _remember_greeting(self, occurrence, fate, gateway):
        """A message as the dispatcher left it, with its proof and its mark."""
        company, person = self.env.company, occurrence.partner_id
        recipient = person._contact_recipient()
        template = self.env.ref(f"optica_cobranca.{TEXTS[occurrence.kind]}")
        sent = clock.stored(clock.at(occurrence.event_date, NINE_O_CLOCK, company.contact_timezone))
        message = (
            self.env["contact.message"]
            .sudo()
            .create(
                {
                    "company_id": company.id,
                    "partner_id": recipient.id,
                    "purpose": template.purpose,
                    "template_id": template.id,
                    "res_model": occurrence.source_model,
                    "res_id": occurrence.source_id,
                    "gateway_id": gateway.id,
                    "channel": gateway.channel,
                    "address": recipient._phone_format(fname="phone"),
                    "state": fate,
                    "scheduled_at": sent,
                    "sent_at": sent,
                    "delivered_at": sent if fate != "sent" else False,
                    "read_at": sent if fate == "read" else False,
                }
            )
        )
        self.env["optica.campaign.sending"].sudo().create(
            {
                "kind": occurrence.kind,
                "source_model": occurrence.source_model,
                "source_id": occurrence.source_id,
                "date": occurrence.event_date,
                "once": occurrence.kind != "birthday",
                "day": occurrence.event_date,
                "company_id": company.id,
                "subject_id": person.id,
                "partner_id": recipient.id,
                "template_id": template.id,
                "message_id": message.id,
            }
        )
        occurrence._mark_handled("sent").sudo().handled_at = sent
