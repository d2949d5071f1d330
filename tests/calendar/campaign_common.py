"""Builders of what campaigns write about: birthdays, prescriptions, glasses."""

from freezegun import freeze_time

from tests.messaging.common import OutboxCommon

# Wednesday 11 February 2026, 08:00 in São Paulo: an hour before the first permitted minute.
MORNING = "2026-02-11 11:00:00"


class CampaignCommon(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"prescription_lead_days": 30, "survey_days": 5})
        cls.env["optica.occurrence.type"].search([]).mode = "by_hand"

    def automatic(self, *kinds):
        types = self.env["optica.occurrence.type"].search([("kind", "in", kinds)])
        types.mode = "automatic"
        return types

    def job(self, at=MORNING):
        self.run_job("optica.campaign.run", "_cron_campaigns", at)

    def born(self, birthdate="1980-02-11", name="Maria Souza", **values):
        defaults = {"phone": "+55 11 96000-0001"}
        return self.make_customer(name, birthdate=birthdate, **{**defaults, **values})

    def agrees(self, partner):
        """Opt-in to offers by WhatsApp."""
        self.env["contact.consent"].create(
            {
                "partner_id": partner.id,
                "purpose": "marketing",
                "channel": "whatsapp",
                "decision": "opt_in",
            }
        )

    def prescribe(self, patient, expiry, exam="2025-02-01", **values):
        return (
            self.env["optica.prescription"]
            .sudo()
            .create(
                {
                    "patient_id": patient.id,
                    "exam_date": exam,
                    "expiry_date": expiry,
                    "od_sphere": "-1.00",
                    **values,
                }
            )
        )

    def glasses(self, partner, promised="2026-02-10", **values):
        lab = self.make_customer("Lab", is_company=True)
        return self.env["optica.service.order"].create(
            {"partner_id": partner.id, "lab_id": lab.id, "promised_date": promised, **values}
        )

    def deliver(self, order, day):
        with freeze_time(f"{day} 15:00:00"):
            for state in ("at_lab", "ready"):
                order._go_to(state)
            order._go_to("delivered", accepted_by="Maria")

    def messages(self, code=None):
        sent = self.env["contact.message"].search([("author_id", "=", False)], order="id")
        return sent.filtered(lambda message: not code or message.template_id.code == code)

    def sendings(self):
        return self.env["optica.campaign.sending"].search([], order="id")

    def reasons(self, kind, day="2026-02-11"):
        run = self.env["optica.campaign.run"].search([("kind", "=", kind), ("date", "=", day)])
        return run.reasons
