"""Messages by occurrence: who gets which on what day, nobody twice, and who gets none and why."""

from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import ValidationError

from tests.calendar.campaign_common import MORNING, CampaignCommon
from tests.messaging.common import NOON


class TestBirthdays(CampaignCommon):
    def setUp(self):
        super().setUp()
        self.automatic("birthday")

    def occurrence(self, partner, day="2026-02-11"):
        return self.env["optica.occurrence"].search(
            [("kind", "=", "birthday"), ("partner_id", "=", partner.id), ("event_date", "=", day)]
        )

    def test_greeted_on_the_day_once(self):
        partner = self.born()
        self.job()
        message = self.messages()
        self.assertEqual(message.partner_id, partner)
        self.assertEqual(message.scheduled_at, datetime(2026, 2, 11, 12, 0), "9:00 in São Paulo")
        with freeze_time(NOON):
            occurrence = self.occurrence(partner)
            self.assertEqual((occurrence.is_handled, occurrence.mark_id.result), (True, "sent"))
        self.dispatch()
        self.assertEqual(message.state, "sent")
        self.assertIn("Olá, Maria! Hoje é o seu dia.", message.body)
        for at in (MORNING, NOON):
            self.job(at)
        self.env["optica.campaign.run"].search([]).action_run_again()
        self.job(NOON)
        self.assertEqual(self.messages(), message)

    def test_not_days_later(self):
        """The server stood still on the 11th."""
        self.born()
        self.job("2026-02-12 11:00:00")
        self.assertFalse(self.messages())

    def test_not_in_the_evening(self):
        """Permitted hours ended at 18:00: tomorrow the words would be wrong."""
        self.env.ref("optica_cobranca.template_birthday_belated").active = False
        self.born()
        self.job("2026-02-11 22:30:00")
        self.assertFalse(self.messages())
        self.assertEqual(self.reasons("birthday"), {"expired": 1})

    def test_sunday_is_greeted_on_monday_in_words_that_say_so(self):
        self.born("1980-02-15")
        self.job("2026-02-15 11:00:00")
        message = self.messages("birthday_belated")
        self.assertEqual(message.scheduled_at, datetime(2026, 2, 16, 12, 0))
        self.dispatch("2026-02-16 15:00:00")
        self.assertEqual(message.state, "sent")
        self.assertIn("fez aniversário nestes dias", message.body)

    def test_a_child_is_greeted_by_way_of_its_guardian(self):
        mother = self.born("1980-05-01")
        self.born("2016-02-11", "Pedro Souza", phone=False, payer_id=mother.id, kinship="child")
        self.job()
        self.dispatch()
        message = self.messages("birthday_dependant")
        self.assertEqual(message.partner_id, mother)
        self.assertIn("Hoje é o dia de Pedro", message.body)

    def test_who_gets_none_stays_to_do(self):
        silent, unreachable = self.born(), self.born(name="Sem Telefone", phone=False)
        self.env["contact.consent"].create(
            {"partner_id": silent.id, "purpose": "all", "channel": "all", "decision": "opt_out"}
        )
        self.job()
        self.assertFalse(self.messages())
        self.assertEqual(self.reasons("birthday"), {"opted_out": 1, "no_address": 1})
        with freeze_time(NOON):
            for partner in (silent, unreachable):
                self.assertFalse(self.occurrence(partner).is_handled)

    def test_what_a_person_handled_is_not_sent(self):
        partner = self.born()
        with freeze_time("2026-02-11 10:00:00"):
            self.occurrence(partner)._mark_handled("spoke")
        self.job()
        self.assertFalse(self.messages())

    def test_by_hand_sends_nothing(self):
        self.env["optica.occurrence.type"].search([]).mode = "by_hand"
        self.born()
        self.job()
        self.assertFalse(self.messages())

    def test_unsent_ones_are_given_back(self):
        """The number is none: a person sees the birthday again and can call."""
        partner = self.born()
        self.job()
        self.messages()._resolve("failed", {"reason": "unreachable"})
        self.env.flush_all()
        self.job("2026-02-12 11:00:00")
        with freeze_time("2026-02-12 15:00:00"):
            self.assertFalse(self.occurrence(partner).is_handled)
        self.assertEqual(len(self.messages()), 1)

    def test_a_customer_of_two_shops_is_greeted_by_the_one_he_bought_at(self):
        """Nobody buys in the second shop: the first one greets whoever bought nowhere."""
        other = self.env["res.company"].create(
            {"name": "Second", "state_id": self.company.state_id.id}
        )
        self.make_gateway(company_id=other.id, phone_number_id="222")
        self.born()
        self.born(name="Do Segundo", phone="+55 11 96000-0002", company_id=other.id)
        self.job()
        greeted = {(row.subject_id.name, row.company_id) for row in self.sendings()}
        self.assertEqual(greeted, {("Maria Souza", self.company), ("Do Segundo", other)})

    def test_the_ladder_reminds_of_installments(self):
        with self.assertRaisesRegex(ValidationError, "ladder"):
            self.automatic("installment_due")


class TestPrescriptions(CampaignCommon):
    """Announced from 30 days before the expiry on; marketing, so only with consent."""

    def setUp(self):
        super().setUp()
        self.automatic("prescription_expiring", "prescription_expired")
        self.patient = self.born("1980-05-01")

    def test_needs_consent(self):
        self.prescribe(self.patient, "2026-03-13")
        self.job()
        self.assertFalse(self.messages())
        self.assertEqual(self.reasons("prescription_expiring"), {"no_consent": 1})

    def test_on_the_lead_day_and_no_word_of_health(self):
        self.prescribe(self.patient, "2026-03-13")
        self.agrees(self.patient)
        self.job("2026-02-10 11:00:00")
        self.assertFalse(self.messages())
        self.job()
        message = self.messages("prescription_expiring")
        self.dispatch()
        self.assertEqual(message.state, "sent")
        self.assertNotIn("receita", message.body.lower())

    def test_days_without_server_are_caught_up(self):
        self.prescribe(self.patient, "2026-03-13")
        self.agrees(self.patient)
        self.job("2026-02-25 11:00:00")
        self.assertEqual(len(self.messages()), 1, "14 days later it still makes sense")

    def test_but_not_for_ever(self):
        self.prescribe(self.patient, "2026-03-13")
        self.agrees(self.patient)
        self.job("2026-02-26 11:00:00")
        self.assertFalse(self.messages())

    def test_once_whatever_becomes_of_the_date(self):
        prescription = self.prescribe(self.patient, "2026-03-13")
        self.agrees(self.patient)
        self.job()
        prescription.expiry_date = "2026-05-30"
        self.job("2026-04-30 11:00:00")
        self.assertEqual(len(self.messages()), 1)

    def test_expired_but_not_when_replaced(self):
        self.prescribe(self.patient, "2026-02-10")
        replaced = self.born("1980-05-01", "Joana", phone="+55 11 96000-0002")
        self.prescribe(replaced, "2026-02-10")
        self.prescribe(replaced, "2027-02-01", exam="2026-02-01")
        self.agrees(self.patient)
        self.agrees(replaced)
        self.job()
        self.assertEqual(self.messages("prescription_expired").partner_id, self.patient)

    def test_two_papers_of_one_person_are_one_message(self):
        self.prescribe(self.patient, "2026-03-13")
        self.prescribe(self.patient, "2026-03-13", kind="contact")
        self.agrees(self.patient)
        self.job()
        self.assertEqual(len(self.messages()), 1)
        self.assertEqual(self.reasons("prescription_expiring"), {"recent": 1})


class TestForecast(CampaignCommon):
    def foresee(self, days=14, kinds=None):
        with freeze_time(MORNING):
            forecast = self.env["optica.campaign.forecast"].create(
                {"days": days, "type_ids": kinds and kinds.ids}
            )
            forecast.action_compute()
        return {
            (str(line.date), line.kind, line.subject_id.name, line.reason or line.outcome)
            for line in forecast.line_ids
        }

    def setUp(self):
        super().setUp()
        self.kinds = self.automatic("birthday", "delivery_late", "prescription_expiring")
        self.born()
        self.born("1990-02-15", "No Domingo", phone="+55 11 96000-0002")
        self.born("1990-02-20", "Sem Telefone", phone=False)
        self.patient = self.born("1980-05-01", "Paciente", phone="+55 11 96000-0003")
        self.prescribe(self.patient, "2026-03-20")
        self.glasses(self.patient, "2026-02-18")

    def test_who_what_when_and_why_not(self):
        self.assertEqual(
            self.foresee(),
            {
                ("2026-02-11", "birthday", "Maria Souza", "sent"),
                ("2026-02-15", "birthday", "No Domingo", "sent"),
                ("2026-02-20", "birthday", "Sem Telefone", "no_address"),
                # 30 days before 20 March.
                ("2026-02-18", "prescription_expiring", "Paciente", "no_consent"),
                # Promised for the 18th: late on the 19th, if it does not become ready.
                ("2026-02-19", "delivery_late", "Paciente", "sent"),
            },
        )

    def test_nothing_is_written(self):
        before = self.env["contact.message"].search_count([])
        self.foresee()
        self.assertEqual(self.env["contact.message"].search_count([]), before)
        self.assertFalse(self.sendings())
        self.assertFalse(self.env["optica.occurrence.mark"].search([]))

    def test_comes_true(self):
        """The jobs of these days, one after the other, do what was foreseen."""
        foreseen = {row[:3] for row in self.foresee() if row[3] == "sent"}
        for day in range(11, 25):
            self.job(f"2026-02-{day} 11:00:00")
        done = {(str(row.day), row.kind, row.subject_id.name) for row in self.sendings()}
        self.assertEqual(done, foreseen)

    def test_what_was_sent_is_foreseen_no_more(self):
        self.job()
        self.assertNotIn(
            ("2026-02-11", "birthday", "Maria Souza", "sent"), self.foresee(kinds=self.kinds)
        )
