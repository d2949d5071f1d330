"""Why messages did not leave, counted by day: each reason of the gate once."""

from datetime import date

from freezegun import freeze_time

from odoo.addons.optica_cobranca.domain.messaging.gate import GateReason

from tests.messaging.common import NOON, TODAY, OutboxCommon


class TestRefusals(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.refusal"].search([]).unlink()
        cls.seen = set()

    def tally(self):
        self.env.invalidate_all()
        return {
            (str(row.date), row.reason, row.outcome, row.channel): row.count
            for row in self.env["contact.refusal"].search([])
        }

    def only(self, reason, outcome, day=TODAY, number=1):
        self.assertEqual(self.tally(), {(day, reason, outcome, "whatsapp"): number})

    def test_paid(self):
        partner = self.make_late()
        message = self.queue(self.make_notice(partner))
        self.pay(message.notice_id.line_ids.move_line_id, on=TODAY)
        self.dispatch()
        self.only("paid", "cancelled")

    def test_held(self):
        partner = self.make_late()
        message = self.queue(partner)
        partner.sudo().dunning_excluded = True
        self.dispatch()
        self.assertEqual(message.reason, "held")
        self.only("held", "cancelled")

    def test_superseded(self):
        partner = self.make_late()
        self.queue(self.make_notice(partner, day="2026-02-10"))
        self.make_notice(partner)
        self.dispatch()
        self.only("superseded", "cancelled")

    def test_duplicate(self):
        partner = self.make_late()
        service = self.make_template("S", "Hi!", purpose="service")
        self.queue(partner, service)
        self.queue(partner, service)
        self.dispatch()
        self.only("duplicate", "cancelled")

    def test_opted_out(self):
        partner = self.make_late()
        self.env["contact.consent"].create(
            {"partner_id": partner.id, "decision": "opt_out", "source": "clerk"}
        )
        self.queue(partner, self.make_template("S", "Hi!", purpose="service"))
        self.dispatch()
        self.only("opted_out", "cancelled")

    def test_no_consent(self):
        self.queue(self.make_late(), self.make_template("M", "Hi!", purpose="marketing"))
        self.dispatch()
        self.only("no_consent", "cancelled")

    def test_no_address_and_invalid_number_by_number_of_messages(self):
        for number in (False, "12", "13"):
            self.queue(self.make_late(phone=number))
        self.dispatch()
        self.assertEqual(
            self.tally(),
            {
                (TODAY, "no_address", "cancelled", "whatsapp"): 1,
                (TODAY, "invalid_number", "cancelled", "whatsapp"): 2,
            },
        )

    def test_template(self):
        self.company.phone = False
        self.queue(
            self.make_late(),
            self.make_template("H", "Call {{shop_phone}}. {{shop_identity}}."),
        )
        self.dispatch()
        self.only("template", "cancelled")

    def test_archived(self):
        partner = self.make_late()
        self.queue(partner)
        partner.active = False
        self.dispatch()
        self.only("archived", "cancelled")

    def test_window_on_the_shops_day(self):
        # 01:30 UTC of the 12th is 22:30 of the 11th in São Paulo.
        self.queue(self.make_late())
        self.dispatch(at="2026-02-12 01:30:00")
        self.only("window", "postponed")

    def test_gateway_off_is_counted_once_a_message_however_often_it_is_asked(self):
        self.queue(self.make_late())
        self.gateway.state = "disabled"
        self.dispatch()
        self.dispatch(at="2026-02-11 16:30:00")
        self.dispatch(at="2026-02-11 18:00:00")
        self.only("gateway_off", "postponed")

    def test_cap(self):
        partner = self.make_late()
        self.send_one(partner)
        self.queue(partner, self.make_template("Other", "Hi {{shop_identity}}."))
        self.dispatch(at="2026-02-11 16:00:00")
        self.only("cap", "postponed")

    def test_a_greeting_is_not_sent_after_its_day(self):
        """Queued at 19:00, after hours: the next morning at 9 it makes no sense."""
        greeting = self.make_template("Greeting", "Hi {{customer_first_name}}", purpose="service")
        self.queue(
            self.make_late(),
            greeting,
            at="2026-02-11 22:00:00",
            valid_until=self.local("2026-02-11 23:59:59"),
        )
        self.dispatch(at="2026-02-11 22:00:00")
        self.only("expired", "cancelled")

    def test_every_reason_of_the_gate_has_its_test(self):
        tested = (
            "paid held superseded duplicate opted_out no_consent no_address invalid_number "
            "template window gateway_off cap expired archived"
        )
        self.assertEqual(set(tested.split()), {str(reason) for reason in GateReason})

    def test_what_a_reply_takes_out_of_the_queue(self):
        partner = self.make_late()
        self.queue(partner)
        with freeze_time(NOON):
            self.env["contact.message"]._cancel_collection(partner, "replied")
        self.only("replied", "cancelled")

    def test_what_leaves_is_not_counted(self):
        self.send_one()
        self.assertEqual(self.tally(), {})

    def test_the_night_adds_up(self):
        Refusal = self.env["contact.refusal"]
        template = self.template.id
        key = (
            date(2026, 2, 9),
            self.company.id,
            "collection",
            template,
            "sms",
            "paid",
            "cancelled",
        )
        today = (date(2026, 2, 11), *key[1:])
        for _batch in range(3):
            Refusal._add({key: 4})
            Refusal._add({today: 1})
        with freeze_time(NOON):
            Refusal._gc_add_up()
            Refusal._gc_add_up()
        rows = Refusal.search([])
        self.assertEqual(sorted(rows.mapped("count")), [1, 1, 1, 12])

    def test_rows_lead_to_their_messages(self):
        message = self.queue(self.make_late(phone=False))
        self.dispatch()
        action = self.env["contact.refusal"].search([]).action_open_messages()
        found = self.env["contact.message"].search(action["domain"])
        self.assertEqual(found, message)
