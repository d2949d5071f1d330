"""Passing trouble of a whole provider, fair turns, and a moment between two messages."""

from datetime import timedelta

from tests.fakes.cloud_api_behaviour import accept, refuse, silence
from tests.messaging.common import NOON, OutboxCommon

HI = "Hi {{customer_first_name}}!"


class TestStorm(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.greeting = self.make_template("Hi", HI, purpose="service")
        self.gateway.pool_size = 1

    def customers(self, count, **values):
        return self.env["res.partner"].union(
            *(
                self.make_customer(f"P{number}", phone=f"+55 11 96000-1{number:03d}", **values)
                for number in range(count)
            )
        )

    def storm(self, count=30, behaviour=None):
        self.server.default = behaviour or refuse(131016, 500)
        messages = self.queue(self.customers(count), self.greeting)
        self.dispatch()
        return messages

    def test_storm_does_not_burn_the_tries_of_those_behind(self):
        messages = self.storm()
        self.assertEqual(len(self.server.messages()), 8)
        self.assertEqual(sorted(messages.mapped("attempts")), [0] * 22 + [1] * 8)
        self.assertEqual(set(messages.mapped("state")), {"queued"})
        self.assertEqual(str(self.gateway.paused_until), "2026-02-11 15:01:00")
        self.assertFalse(self.gateway.activity_ids, "it may pass by itself")

    def test_one_message_is_tried_and_the_wait_grows(self):
        self.storm()
        self.dispatch(at="2026-02-11 15:01:30")
        self.assertEqual(len(self.server.messages()), 9)
        self.assertEqual(str(self.gateway.paused_until), "2026-02-11 15:03:30")
        self.dispatch(at="2026-02-11 15:04:00")
        self.assertEqual(len(self.server.messages()), 10)
        self.assertEqual(str(self.gateway.paused_until), "2026-02-11 15:08:00")
        self.assertIn(self.user, self.gateway.activity_ids.user_id)
        told = len(self.gateway.activity_ids)
        self.dispatch(at="2026-02-11 15:30:00")
        self.assertEqual(len(self.gateway.activity_ids), told, "once")

    def test_it_goes_on_when_the_provider_answers(self):
        messages = self.storm()
        for minute in ("02", "05", "10"):
            self.dispatch(at=f"2026-02-11 15:{minute}:00")
        self.server.default = accept()
        self.dispatch(at="2026-02-11 17:00:00")
        self.assertEqual(set(messages.mapped("state")), {"sent"})
        self.assertEqual(self.gateway.storms, 0)
        self.assertFalse(self.gateway.activity_ids)
        self.assertFalse(self.gateway.last_error)

    def test_silence_does_not_leave_thousands_uncertain(self):
        self.gateway.read_timeout = 0.05
        messages = self.storm(20, silence(0.2))
        self.assertEqual(sorted(messages.mapped("state")), ["queued"] * 12 + ["uncertain"] * 8)

    def test_single_troubles_between_good_answers_are_no_storm(self):
        self.server.enqueue(*[refuse(131016, 500), accept()] * 10)
        messages = self.storm(20, accept())
        self.assertEqual(sorted(messages.mapped("state")), ["queued"] * 10 + ["sent"] * 10)
        self.assertFalse(self.gateway.paused_until)

    def test_resumed_by_a_person(self):
        messages = self.storm()
        self.server.default = accept()
        self.gateway.with_user(self.user).action_resume()
        self.dispatch(at="2026-02-11 15:20:00")
        self.assertEqual(set(messages.mapped("state")), {"sent"})

    def test_companies_take_turns(self):
        other = self.env["res.company"].create(
            {"name": "Other", "country_id": self.env.ref("base.br").id, "phone": "(11) 3333-5555"}
        )
        self.make_gateway(name="Other", company_id=other.id, phone_number_id="777")
        many = self.queue(self.customers(20), self.greeting, at="2026-02-11 14:00:00")
        customer = self.make_customer("Ana", phone="+55 11 96000-2000", company_id=other.id)
        theirs = self.queue(customer, self.greeting)
        self.dispatch(limit=2)
        self.assertEqual(theirs.state, "sent")
        self.assertEqual(many.mapped("state").count("sent"), 1)


class TestPace(OutboxCommon):
    pair_pace = timedelta(seconds=6)

    def test_two_messages_to_one_number(self):
        partner = self.make_customer("Ana", phone="+55 11 96000-0001")
        templates = [self.make_template(f"Hi {n}", HI, purpose="service") for n in range(2)]
        first, second = (self.queue(partner, template) for template in templates)
        self.dispatch()
        self.assertEqual(first.state, "sent")
        self.assertEqual((second.state, second.reason), ("queued", "pace"))
        self.assertEqual(str(second.scheduled_at), "2026-02-11 15:00:06")
        self.assertFalse(second.attempts)
        self.dispatch(at="2026-02-11 15:00:06")
        self.assertEqual(second.state, "sent")
        self.assertEqual(len(self.server.messages()), 2)

    def test_other_customers_do_not_wait(self):
        template = self.make_template("Hi", HI, purpose="service")
        partners = [self.make_customer(f"P{n}", phone=f"+55 11 96000-10{n:02d}") for n in range(3)]
        messages = self.queue(self.env["res.partner"].union(*partners), template, at=NOON)
        self.dispatch()
        self.assertEqual(set(messages.mapped("state")), {"sent"})
