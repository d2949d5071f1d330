"""The queue of a clerk: one after the other, asked again at the gate, never offered to two."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from tests.messaging.common import TODAY, OutboxCommon

FIVE_PAST = "2026-02-11 15:05:00"


class TestByHandQueue(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.provider = "by_hand"
        self.template.whatsapp_template_name = False
        self.ana = self.make_late("Ana", phone="+55 11 96000-0001")
        self.bia = self.make_late("Bia", phone="+55 11 96000-0002")
        self.clara = self.make_late("Clara", phone="+55 11 96000-0003")
        self.messages = self.queue(self.ana | self.bia | self.clara)
        self.dispatch()
        self.clerk = self.make_clerk("clerk one")
        self.other = self.make_clerk("clerk two")

    def make_clerk(self, login):
        return new_test_user(
            self.env,
            login,
            "optica_cobranca.group_collector",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def call(self, name, message=None, user=None, at=FIVE_PAST, **options):
        outbox = (message or self.env["contact.message"]).with_user(user or self.clerk)
        with freeze_time(at):
            result = getattr(outbox, name)(**options)
        self.env.invalidate_all()
        return result

    def customer(self, **options):
        found = self.call("by_hand_next", **options)["message"]
        return found and found["customer"]

    def test_one_after_the_other(self):
        for left, name in ((3, "Ana"), (2, "Bia"), (1, "Clara")):
            found = self.call("by_hand_next")
            self.assertEqual((found["remaining"], found["message"]["customer"]), (left, name))
            self.assertEqual(found["done"], 3 - left)
            self.call("by_hand_sent", self.messages[3 - left])
        self.assertEqual(self.messages.mapped("state"), ["sent"] * 3)
        self.assertEqual(self.messages.resolved_by_id, self.clerk)
        last = self.call("by_hand_next")
        self.assertEqual((last["remaining"], last["done"], last["message"]), (0, 3, None))

    def test_the_card(self):
        card = self.call("by_hand_next")["message"]
        self.assertTrue(card["url"].startswith("https://wa.me/5511960000001?text="))
        self.assertIn("R$ 102,30", card["body"])

    def test_two_clerks_never_get_the_same(self):
        self.assertEqual(self.customer(), "Ana")
        self.assertEqual(self.customer(user=self.other), "Bia")
        self.assertEqual(self.customer(), "Ana")
        # Ten minutes later the first one has gone home.
        self.assertEqual(self.customer(user=self.other, at="2026-02-11 15:16:00"), "Ana")
        with self.assertRaises(UserError):
            self.call("by_hand_sent", self.messages[0], at="2026-02-11 15:17:00")

    def test_skipped_ones_come_last(self):
        first, second = self.messages[0].id, self.messages[1].id
        self.assertEqual(self.customer(skipped=[first]), "Bia")
        self.assertEqual(self.customer(skipped=[first, second]), "Clara")
        self.call("by_hand_sent", self.messages[2])
        self.assertEqual(self.customer(skipped=[first, second]), "Ana")

    def test_paid_meanwhile(self):
        line = self.env["account.move.line"].search(
            [("partner_id", "=", self.ana.id), ("crediario_plan_id", "!=", False)]
        )
        self.pay(line, on=TODAY)
        found = self.call("by_hand_next")
        self.assertEqual(found["message"]["customer"], "Bia")
        (dropped,) = found["dropped"]
        self.assertEqual(dropped["customer"], "Ana")
        self.assertEqual(self.messages[0].state, "cancelled")

    def test_not_on_whatsapp(self):
        self.customer()
        self.call("by_hand_not_sent", self.messages[0])
        self.assertEqual(
            (self.messages[0].state, self.messages[0].reason), ("failed", "unreachable")
        )

    def test_undo(self):
        for name in ("by_hand_sent", "by_hand_not_sent"):
            with self.subTest(name=name):
                self.customer()
                self.call(name, self.messages[0])
                self.call("by_hand_undo", self.messages[0])
                self.assertEqual(
                    (self.messages[0].state, self.messages[0].by_hand), ("queued", True)
                )
                self.assertFalse(self.messages[0].sent_at)
                self.assertEqual(self.call("by_hand_next")["dropped"], [])
                self.assertEqual(self.customer(), "Ana")

    def test_undo_is_for_a_few_minutes_and_for_oneself(self):
        self.customer()
        self.call("by_hand_sent", self.messages[0])
        for options in ({"user": self.other}, {"at": "2026-02-11 15:21:00"}):
            with self.subTest(**options), self.assertRaises(UserError):
                self.call("by_hand_undo", self.messages[0], **options)
        self.assertEqual(self.messages[0].state, "sent")

    def test_the_evening_comes_while_it_is_open(self):
        self.assertEqual(self.customer(at="2026-02-11 20:59:00"), "Ana")
        self.dispatch(at="2026-02-11 21:15:00")
        self.assertFalse(self.messages[0].by_hand)
        self.call("by_hand_sent", self.messages[0], at="2026-02-11 21:16:00")
        self.assertEqual(self.messages[0].state, "sent")

    def test_what_was_not_opened_is_not_marked(self):
        with self.assertRaises(UserError):
            self.call("by_hand_sent", self.messages[0])

    def test_sellers_have_no_queue(self):
        seller = new_test_user(self.env, "seller one", "optica_cobranca.group_seller")
        with self.assertRaises(AccessError):
            self.call("by_hand_next", user=seller)

    def test_other_companies_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "optica_cobranca.group_collector",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        found = self.call("by_hand_next", user=stranger)
        self.assertEqual((found["remaining"], found["message"]), (0, None))
