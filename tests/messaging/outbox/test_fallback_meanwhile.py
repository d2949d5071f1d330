"""What happens between two channels: payments, replies, pauses, limits and people's decisions."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook

from tests.fakes.cloud_api_behaviour import refuse
from tests.fakes.cloud_api_webhooks import inbound_text
from tests.messaging.fallback_common import NEXT_NOON, NUMBER, FallbackCommon


class TestMeanwhile(FallbackCommon):
    """What happened between the two channels counts when the second one is to leave."""

    def after(self, what):
        first = self.notice_message()
        self.report(first, "sent", "2026-02-11 15:00:10")
        what()
        self.dispatch(at=NEXT_NOON)
        return first.fallback_ids

    def test_paid(self):
        line = self.env["account.move.line"].search([("partner_id", "=", self.partner.id)])
        installment = line.filtered("crediario_plan_id")
        paid = self.after(lambda: self.pay(installment, on=date(2026, 2, 11)))
        self.check(paid, "cancelled", "paid")

    def test_replied(self):
        def reply():
            inbound = inbound_text("wamid.in", "I was on holiday", sender=NUMBER[1:])
            with freeze_time("2026-02-11 18:00:00"):
                self.env["contact.event"]._take_in(self.gateway, parse_webhook(inbound))

        self.check(self.after(reply), "cancelled", "replied")

    def test_paused(self):
        def pause():
            self.env["dunning.hold"].create(
                {
                    "partner_id": self.partner.id,
                    "company_id": self.company.id,
                    "date_from": "2026-02-11",
                    "date_until": "2026-03-31",
                    "reason": "Travels",
                }
            )

        self.check(self.after(pause), "cancelled", "held")

    def test_opted_out_of_the_next_channel(self):
        def opt_out():
            self.env["contact.consent"].create(
                {
                    "partner_id": self.partner.id,
                    "purpose": "all",
                    "channel": "sms",
                    "decision": "opt_out",
                    "source": "clerk",
                    "proof": "Said so at the counter",
                }
            )

        self.check(self.after(opt_out), "cancelled", "opted_out")


class TestCaps(FallbackCommon):
    def test_message_that_did_not_arrive_and_its_successor_count_once(self):
        first = self.notice_message(at="2026-02-10 15:00:00")
        self.report(first, "sent", "2026-02-10 15:00:10")
        self.dispatch(at="2026-02-11 15:00:00")
        self.check(first.fallback_ids, "sent")
        # Two contacts in seven days with the one of today: the third may leave, no fourth.
        self.template.channel_order = "sms"
        days = ("2026-02-12", "2026-02-13", "2026-02-16")
        sent = [
            self.send_one(self.make_notice(self.partner, day), at=f"{day} 15:00:00").state
            for day in days
        ]
        self.assertEqual(sent, ["sent", "sent", "queued"])

    def test_successor_of_the_same_day_passes_the_cap_of_one_a_day(self):
        first = self.notice_message()
        self.report(first, "failed", "2026-02-11 15:30:00")
        self.dispatch(at="2026-02-11 15:31:00")
        self.check(first.fallback_ids, "sent")
        self.check(self.send_one(self.partner, at="2026-02-11 16:00:00"), "queued", "cap")


class TestPeople(FallbackCommon):
    def test_sent_again_calls_the_waiting_channel_back(self):
        first = self.notice_message()
        self.report(first, "failed", "2026-02-11 23:30:00")
        self.dispatch(at="2026-02-11 23:31:00")
        second = first.fallback_ids
        with freeze_time("2026-02-12 11:00:00"):
            first.with_user(self.user).action_send_again()
        self.check(second, "cancelled", "duplicate")
        self.dispatch(at=NEXT_NOON)
        self.check(first, "sent")
        self.assertEqual(first.fallback_ids, second)

    def test_not_sent_again_beside_a_channel_that_left(self):
        first = self.notice_message(refuse(131026))
        self.check(first.fallback_ids, "sent")
        with self.assertRaisesRegex(UserError, "Another channel"):
            first.with_user(self.user).action_send_again()

    def test_found_in_the_list(self):
        first = self.notice_message(refuse(131026))
        view = self.env["contact.message"].get_view(view_type="search")
        self.assertIn("took_over", view["arch"])
        found = self.env["contact.message"].search(
            ["|", ("fallback_of_id", "!=", False), ("fallback_ids", "!=", False)]
        )
        self.assertEqual(found & first.chain_ids, first.chain_ids)
