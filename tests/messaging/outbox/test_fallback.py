"""The next channel takes over: at once, after silence, never beside one that worked."""

from freezegun import freeze_time

from tests.fakes.cloud_api_behaviour import refuse, reset
from tests.messaging.fallback_common import NEXT_NOON, NUMBER, TEXT, FallbackCommon


class TestUnreachable(FallbackCommon):
    def test_refused_number_at_once_by_sms(self):
        first = self.notice_message(refuse(131026))
        self.check(first, "failed", "unreachable")
        self.assertEqual(first.channel, "whatsapp")
        second = first.fallback_ids
        self.check(second, "sent")
        self.assertEqual(second.channel, "sms")
        self.assertEqual(second.notice_id, first.notice_id)
        self.assertEqual(second.template_id, first.template_id)
        self.assertIn("Hello Late", second.body)
        self.assertNotEqual(second.uuid, first.uuid)
        self.assertEqual(second.chain_ids, first | second)
        self.assertEqual(first.chain_ids, first | second)
        self.assertFalse(first.fallback_at)
        for _again in range(2):
            self.dispatch()
        self.assertEqual(len(first.chain_ids), 2, "once, however often it is looked at")

    def test_failure_reported_later(self):
        first = self.notice_message()
        self.check(first, "sent")
        self.report(first, "failed", "2026-02-11 15:30:00")
        self.assertFalse(first.fallback_ids)
        self.dispatch(at="2026-02-11 15:31:00")
        self.check(first.fallback_ids, "sent")
        self.check(first, "failed", "unreachable")

    def test_notice_is_not_queued_anew_by_the_ladder(self):
        first = self.notice_message(refuse(131026))
        self.assertFalse(self.queue(first.notice_id))

    def test_through_all_channels_in_order(self):
        template = self.make_template(
            "Three",
            TEXT,
            channel_order="whatsapp,sms,email",
            sms_body=TEXT,
            email_subject="Hello",
            email_body=f"<p>{TEXT}</p>",
        )
        self.make_gateway(name="Mail", channel="email", provider="sandbox")
        self.partner.write({"phone": "+55 11 96000-0001", "email": "late@example.com"})
        self.server.script("+5511960000001", refuse(131026))
        first = self.send_one(self.make_notice(self.partner), template)
        second = first.fallback_ids
        self.check(second, "failed", "unreachable")  # what the sandbox reports about 0001
        self.dispatch(at="2026-02-11 15:05:00")
        third = second.fallback_ids
        self.assertEqual((third.channel, third.state), ("email", "delivered"))
        self.assertEqual(third.chain_ids, first | second | third)
        self.dispatch(at=NEXT_NOON)
        self.assertFalse(third.fallback_ids)

    def test_channel_without_a_gateway_or_a_text_is_passed_over(self):
        self.sms.state = "disabled"
        first = self.notice_message(refuse(131026))
        self.check(first, "failed", "unreachable")
        self.assertFalse(first.fallback_ids)
        self.assertFalse(first.fallback_at)
        self.sms.state = "live"
        self.template.sms_body = False
        self.server.script(NUMBER, refuse(131026))
        other = self.send_one(self.make_notice(self.partner, day="2026-02-12"), at=NEXT_NOON)
        self.check(other, "failed", "unreachable")
        self.assertFalse(other.fallback_ids)

    def test_hours_hold_for_the_next_channel_too(self):
        first = self.notice_message()
        self.report(first, "failed", "2026-02-11 23:30:00")  # 20:30 in São Paulo
        self.dispatch(at="2026-02-11 23:31:00")
        self.check(first.fallback_ids, "queued", "window")
        self.assertEqual(str(first.fallback_ids.scheduled_at), "2026-02-12 12:00:00")

    def test_person_spared_by_whatsapp_is_left_alone_for_a_day(self):
        first = self.notice_message(refuse(131049))
        self.check(first, "failed", "spared")
        self.assertEqual(str(first.fallback_at), NEXT_NOON)
        self.dispatch(at="2026-02-12 14:59:00")
        self.assertFalse(first.fallback_ids)
        self.dispatch(at=NEXT_NOON)
        self.check(first.fallback_ids, "sent")

    def test_lost_answer_waits_for_a_person(self):
        first = self.notice_message(reset())
        self.check(first, "uncertain", "no_answer")
        self.dispatch(at="2026-02-18 15:00:00")
        self.assertFalse(first.fallback_ids)
        with freeze_time("2026-02-18 15:00:00"):
            first.with_user(self.user).action_mark_not_sent()
        self.dispatch(at="2026-02-18 15:00:00")
        self.check(first.fallback_ids, "sent")

    def test_clerk_has_time_to_take_his_word_back(self):
        self.gateway.write({"provider": "by_hand"})
        first = self.notice_message()
        self.assertTrue(first.by_hand)
        outbox = self.env["contact.message"].with_user(self.user)
        with freeze_time("2026-02-11 15:01:00"):
            outbox.by_hand_next()
            first.with_user(self.user).by_hand_not_sent()
        self.dispatch(at="2026-02-11 15:10:00")
        self.assertFalse(first.fallback_ids)
        self.dispatch(at="2026-02-11 15:16:00")
        self.check(first.fallback_ids, "sent")


class TestSilence(FallbackCommon):
    def silent(self):
        """Taken by WhatsApp, whose webhook works, and never delivered."""
        first = self.notice_message()
        self.report(first, "sent", "2026-02-11 15:00:10")
        return first

    def test_after_the_templates_hours(self):
        first = self.silent()
        self.assertEqual(str(first.fallback_at), NEXT_NOON)
        self.dispatch(at="2026-02-12 14:59:00")
        self.assertFalse(first.fallback_ids)
        self.dispatch(at=NEXT_NOON)
        self.check(first, "sent")
        self.check(first.fallback_ids, "sent")

    def test_delivered_in_time(self):
        first = self.silent()
        self.report(first, "delivered", "2026-02-12 14:59:00")
        self.dispatch(at=NEXT_NOON)
        self.assertFalse(first.fallback_ids)
        self.assertFalse(first.fallback_at)

    def test_never(self):
        self.template.fallback_hours = 0
        first = self.silent()
        self.dispatch(at="2026-02-18 15:00:00")
        self.assertFalse(first.fallback_ids)

    def test_gateway_whose_reports_do_not_arrive_is_no_proof_of_silence(self):
        first = self.notice_message()
        self.dispatch(at=NEXT_NOON)
        self.assertFalse(first.fallback_ids)
        self.assertEqual(str(first.fallback_at), "2026-02-12 16:00:00")
        other = self.send_one(self.make_late("Other", phone="+55 11 96000-0009"), at=NEXT_NOON)
        self.report(other, "delivered", "2026-02-12 15:30:00")
        self.dispatch(at="2026-02-12 16:00:00")
        self.check(first.fallback_ids, "sent")

    def test_late_delivery_calls_the_next_channel_back(self):
        self.template.fallback_hours = 8  # 20:00 in São Paulo
        first = self.silent()
        self.dispatch(at="2026-02-11 23:00:30")
        second = first.fallback_ids
        self.check(second, "queued", "window")
        self.report(first, "delivered", "2026-02-12 00:30:00")
        self.check(second, "cancelled", "duplicate")
        self.dispatch(at=NEXT_NOON)
        self.check(second, "cancelled", "duplicate")

    def test_delivery_after_the_next_channel_left_is_recorded(self):
        first = self.silent()
        self.dispatch(at=NEXT_NOON)
        self.report(first, "read", "2026-02-12 18:00:00")
        self.check(first, "read")
        self.check(first.fallback_ids, "sent")
        self.assertEqual(str(first.read_at), "2026-02-12 18:00:00")

    def test_late_delivery_stops_the_chain_behind(self):
        first = self.silent()
        self.dispatch(at=NEXT_NOON)
        second = first.fallback_ids
        second.fallback_at = "2026-02-13 15:00:00"
        self.report(first, "delivered", "2026-02-12 18:00:00")
        self.assertFalse(second.fallback_at)

    def test_service_message_without_a_notice(self):
        template = self.make_template(
            "Ready",
            "Hi {{customer_first_name}}!",
            purpose="service",
            channel_order="whatsapp,sms",
            sms_body="Hi {{customer_first_name}}!",
        )
        first = self.send_one(self.partner, template)
        self.report(first, "failed", "2026-02-11 15:30:00")
        self.dispatch(at="2026-02-11 15:31:00")
        self.check(first.fallback_ids, "sent")
