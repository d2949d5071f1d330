"""How the account is doing: asked, told, and what follows from it."""

from freezegun import freeze_time

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook

from tests.fakes.cloud_api_behaviour import refuse
from tests.fakes.cloud_api_webhooks import ACCOUNT_ID, envelope
from tests.messaging.common import NOON, OutboxCommon

# 2026-02-11 15:00 UTC.
NOON_EPOCH = 1_770_822_000


class TestMetaAccount(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.business_account_id = ACCOUNT_ID

    def news(self, field, at=None, **value):
        """:param at: minutes after 2026-02-11 15:00 UTC at which Meta told it"""
        time = None if at is None else NOON_EPOCH + at * 60
        self.env["contact.event"]._take_in(
            self.gateway, parse_webhook(envelope(value, field=field, time=time))
        )
        self.env.invalidate_all()

    def check(self, **number):
        self.server.number = number
        return self.gateway._check_connection()

    def summaries(self):
        return self.gateway.activity_ids.mapped("summary")

    def test_connection_tells_health(self):
        ok, sentence = self.check()
        self.assertTrue(ok)
        self.assertEqual(
            sentence,
            "+55 51 3333-0000, Loja de teste. Quality of the number: High. "
            "Limit: 2000 new people a day.",
        )
        self.assertEqual(self.gateway.quality_rating, "green")
        self.assertEqual(self.gateway.number_status, "CONNECTED")
        self.assertTrue(self.gateway.checked_at)

    def test_button_in_the_corner(self):
        answer = self.gateway.action_test_connection()["params"]
        self.assertEqual((answer["type"], answer["title"]), ("success", "Connection works"))
        self.server.enqueue(refuse(190, 401, message="Session has expired"))
        answer = self.gateway.action_test_connection()["params"]
        self.assertEqual((answer["type"], answer["sticky"]), ("danger", True))
        self.assertIn("expired or lacks a permission", answer["message"])

    def test_low_quality_alerts_once(self):
        self.check(quality_rating="RED")
        count = len(self.gateway.activity_ids)
        self.assertGreaterEqual(count, 1)
        self.assertEqual(set(self.summaries()), {"Low quality: WhatsApp"})
        self.check(quality_rating="RED")
        self.assertEqual(len(self.gateway.activity_ids), count)
        self.check(quality_rating="YELLOW")
        self.assertEqual(self.gateway.quality_rating, "yellow")

    def test_flagged_by_webhook(self):
        self.check()
        self.news(
            "phone_number_quality_update", event="FLAGGED", display_phone_number="555199990000"
        )
        self.assertEqual(self.gateway.quality_rating, "green")
        self.news(
            "phone_number_quality_update",
            event="FLAGGED",
            display_phone_number="555133330000",
            max_daily_conversations_per_business="TIER_250",
        )
        self.assertEqual(self.gateway.quality_rating, "red")
        self.assertEqual(self.gateway.messaging_limit_text, "250 new people a day")
        self.assertIn("FLAGGED", self.gateway.last_news)
        self.news("phone_number_quality_update", event="UNFLAGGED")
        self.assertEqual(self.gateway.quality_rating, "yellow")

    def test_limits_in_words(self):
        cases = {
            "": "",
            "TIER_UNLIMITED": "No limit",
            "TIER_10K": "10000 new people a day",
            "1000": "1000 new people a day",
            "TIER_NOT_SET": "TIER_NOT_SET",
        }
        for limit, words in cases.items():
            self.assertEqual(self.gateway._limit_text(limit), words)

    def test_disabled_account_stops_the_gateway(self):
        message = self.queue(self.make_late())
        self.news("account_update", event="DISABLED_UPDATE", ban_info={"waba_ban_state": "DISABLE"})
        self.assertEqual(self.gateway.state, "disabled")
        self.assertIn("ask for a review", self.gateway.last_error)
        self.assertEqual(set(self.summaries()), {"Messages stopped: WhatsApp"})
        self.dispatch()
        self.assertEqual((message.state, message.reason), ("queued", "gateway_off"))
        self.assertEqual(self.server.messages(), [])

    def test_released_account_is_switched_on_by_a_person(self):
        self.gateway.state = "disabled"
        self.news(
            "account_update", event="DISABLED_UPDATE", ban_info={"waba_ban_state": "REINSTATE"}
        )
        self.assertEqual(self.gateway.state, "disabled")
        self.assertEqual(set(self.summaries()), {"Account works again: WhatsApp"})

    def test_restriction_ends_by_itself(self):
        # 2036-01-01 00:00 UTC
        restriction = {
            "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING",
            "expiration": 2082758400,
        }
        self.news("account_update", event="ACCOUNT_RESTRICTION", restriction_info=[restriction])
        self.assertEqual(self.gateway.state, "live")
        self.assertEqual(str(self.gateway.paused_until), "2036-01-01 00:00:00")
        self.assertTrue(self.gateway.is_paused)

    def test_warning_stops_nothing(self):
        self.news(
            "account_update", event="ACCOUNT_VIOLATION", violation_info={"violation_type": "SPAM"}
        )
        self.assertEqual(self.gateway.state, "live")
        self.assertFalse(self.gateway.is_paused)
        self.assertEqual(set(self.summaries()), {"Warning from Meta: WhatsApp"})

    def restrict(self, kind, at, until=2_082_758_400):  # 2036-01-01 00:00 UTC
        restriction = {"restriction_type": kind, "expiration": until}
        self.news("account_update", at, event="ACCOUNT_RESTRICTION", restriction_info=[restriction])

    def test_an_account_that_left_the_app_stops_the_gateway(self):
        for event in ("ACCOUNT_OFFBOARDED", "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED"):
            with self.subTest(event):
                self.gateway.write({"state": "live", "last_error": False, "account_at": False})
                self.gateway.activity_ids.unlink()
                self.news(
                    "account_update", event=event, disconnection_info={"reason": "CHANGE_NUMBER"}
                )
                self.assertEqual(self.gateway.state, "disabled")
                self.assertIn(f"({event} CHANGE_NUMBER)", self.gateway.last_error)
                self.assertEqual(set(self.summaries()), {"Messages stopped: WhatsApp"})

    def test_an_account_that_came_back_is_told(self):
        self.news("account_update", event="ACCOUNT_RECONNECTED")
        self.assertEqual(self.gateway.state, "live")
        self.assertEqual(set(self.summaries()), {"Account works again: WhatsApp"})

    def test_news_of_another_account_of_the_partner(self):
        """They come under the partner's own id and name the account inside."""
        self.news("account_update", event="PARTNER_REMOVED", waba_info={"waba_id": "777"})
        self.assertEqual((self.gateway.state, self.gateway.last_news), ("live", False))
        self.news("account_update", event="PARTNER_REMOVED", waba_info={"waba_id": ACCOUNT_ID})
        self.assertEqual(self.gateway.state, "disabled")

    def test_no_answers_stop_it_as_well(self):
        self.restrict("RESTRICTED_CUSTOMER_INITIATED_MESSAGING", 0)
        self.assertTrue(self.gateway.is_paused)

    def test_without_utility_templates_notices_go_by_the_next_channel(self):
        self.restrict("RESTRICTED_UTILITY_TEMPLATES", 0)
        self.assertFalse(self.gateway.is_paused)
        self.assertEqual(str(self.gateway.utility_stopped_until), "2036-01-01 00:00:00")
        self.assertEqual(set(self.summaries()), {"WhatsApp sends no notices: WhatsApp"})
        self.make_gateway(name="SMS", channel="sms", provider="sandbox")
        self.template.write(
            {"channel_order": "whatsapp,sms", "sms_body": "{{amount_today}} {{shop_identity}}"}
        )
        message = self.send_one(self.make_late(phone="+55 11 96000-4321"))
        self.assertEqual((message.state, message.channel), ("delivered", "sms"))
        greeting = self.make_template(
            "Greeting", "Hi {{customer_first_name}}", purpose="service", category="marketing"
        )
        message = self.send_one(self.make_late("B", "+55 11 96000-4322"), greeting)
        self.assertEqual((message.state, message.channel), ("sent", "whatsapp"))
        self.gateway.action_resume()
        message = self.send_one(self.make_late("C", "+55 11 96000-4323"))
        self.assertEqual((message.state, message.channel), ("sent", "whatsapp"))

    def test_old_news_of_the_account_change_nothing(self):
        self.news(
            "account_update", 10, event="DISABLED_UPDATE", ban_info={"waba_ban_state": "REINSTATE"}
        )
        self.news(
            "account_update", 5, event="DISABLED_UPDATE", ban_info={"waba_ban_state": "DISABLE"}
        )
        self.assertEqual(self.gateway.state, "live")
        self.assertEqual(set(self.summaries()), {"Account works again: WhatsApp"})
        self.assertIn("REINSTATE", self.gateway.last_news)
        self.assertEqual(str(self.gateway.last_news_at), "2026-02-11 15:10:00")
        self.restrict("RESTRICTED_UTILITY_TEMPLATES", 9)
        self.restrict("RESTRICTED_BIZ_INITIATED_MESSAGING", 8)
        self.assertFalse(self.gateway.is_paused or self.gateway.is_utility_stopped)
        self.restrict("RESTRICTED_BIZ_INITIATED_MESSAGING", 11)
        self.assertTrue(self.gateway.is_paused)

    def test_old_news_of_the_number_change_nothing(self):
        with freeze_time(NOON):
            self.check()
        field = "phone_number_quality_update"
        self.news(field, -5, event="FLAGGED", max_daily_conversations_per_business="TIER_250")
        self.assertEqual(
            (self.gateway.quality_rating, self.gateway.messaging_limit), ("green", "TIER_2K")
        )
        self.news(field, 5, event="FLAGGED", max_daily_conversations_per_business="TIER_250")
        self.news(field, 4, event="UNFLAGGED", max_daily_conversations_per_business="TIER_2K")
        self.assertEqual(
            (self.gateway.quality_rating, self.gateway.messaging_limit), ("red", "TIER_250")
        )

    def test_same_news_twice_alert_once(self):
        for _again in range(2):
            self.news("account_update", event="ACCOUNT_VIOLATION")
        managers = self.env.ref("optica_cobranca.group_manager").all_user_ids
        self.assertLessEqual(len(self.gateway.activity_ids), len(managers))

    def test_subscribe_button(self):
        answer = self.gateway.action_subscribe()["params"]
        self.assertEqual(answer["type"], "success")
        self.assertEqual(self.server.requests[-1].path, f"/v25.0/{ACCOUNT_ID}/subscribed_apps")
        self.server.enqueue(refuse(200, 403))
        self.assertEqual(self.gateway.action_subscribe()["params"]["type"], "danger")
        self.gateway.business_account_id = False
        answer = self.gateway.action_subscribe()["params"]
        self.assertIn("bad_account", answer["message"])
