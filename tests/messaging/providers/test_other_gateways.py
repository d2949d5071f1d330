"""Gateways without a provider's API of ours: by hand, sandbox, Odoo's own SMS."""

from unittest.mock import patch
from urllib.parse import unquote

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError

from odoo.addons.sms.tools.sms_api import SmsApi

from tests.messaging.common import TODAY, OutboxCommon


class TestByHand(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.provider = "by_hand"
        self.partner = self.make_late()
        self.message = self.send_one(self.partner)

    def press(self, name, at="2026-02-11 15:05:00"):
        with freeze_time(at):
            return getattr(self.message.with_user(self.user), name)()

    def test_waits_for_a_clerk_with_its_text(self):
        self.assertEqual(self.message.state, "queued")
        self.assertTrue(self.message.by_hand)
        self.assertIn("R$ 102,30", self.message.body)
        self.assertEqual(self.server.messages(), [])

    def test_opens_the_chat_and_is_marked(self):
        action = self.press("action_open_whatsapp")
        self.assertEqual(action["type"], "ir.actions.act_url")
        link, text = action["url"].split("?text=")
        self.assertEqual(link, "https://wa.me/5511960000001")
        self.assertEqual(unquote(text), self.message.body)
        self.press("action_mark_sent")
        self.assertEqual((self.message.state, self.message.by_hand), ("sent", False))
        self.assertEqual(str(self.message.sent_at), "2026-02-11 15:05:00")
        self.assertEqual(self.message.resolved_by_id, self.user)

    def test_paid_before_the_clerk_comes(self):
        line = self.env["account.move.line"].search(
            [("partner_id", "=", self.partner.id), ("crediario_plan_id", "!=", False)]
        )
        self.pay(line, on=TODAY)
        action = self.press("action_open_whatsapp")
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual((self.message.state, self.message.reason), ("cancelled", "paid"))

    def test_paid_while_it_waits(self):
        line = self.env["account.move.line"].search(
            [("partner_id", "=", self.partner.id), ("crediario_plan_id", "!=", False)]
        )
        self.pay(line, on=TODAY)
        self.dispatch(at="2026-02-11 15:20:00")
        self.assertEqual((self.message.state, self.message.by_hand), ("cancelled", False))

    def test_evening_comes(self):
        action = self.press("action_open_whatsapp", at="2026-02-11 22:00:00")
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual((self.message.state, self.message.reason), ("queued", "window"))
        self.assertFalse(self.message.by_hand)

    def test_tomorrow_the_amount_is_another(self):
        self.dispatch(at="2026-02-12 15:00:00")
        # Ten days of interest now: 100 x 1 % / 30 x 10 = 0.33.
        self.assertIn("R$ 102,33", self.message.body)

    def test_marked_as_not_sent(self):
        self.press("action_mark_not_sent")
        self.assertEqual(self.message.state, "failed")

    def test_what_is_sent_is_not_marked_again(self):
        self.press("action_mark_sent")
        for name in ("action_mark_sent", "action_mark_not_sent", "action_cancel"):
            with self.subTest(button=name), self.assertRaises(UserError):
                self.press(name)

    def test_sellers_do_not_decide(self):
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "seller of the tests",
                "group_ids": [(6, 0, self.env.ref("optica_cobranca.group_seller").ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.message.with_user(seller).action_mark_sent()


class TestSandbox(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.provider = "sandbox"

    def fate(self, ending):
        message = self.send_one(self.make_late("P", phone=f"+55 11 96000-{ending}"))
        return message.state, message.reason

    def test_fates(self):
        self.assertEqual(self.fate("9999"), ("read", False))
        self.assertEqual(self.fate("0001"), ("failed", "unreachable"))
        self.assertEqual(self.fate("0002"), ("delivered", False))
        self.assertEqual(self.fate("0003"), ("delivered", False))
        self.assertEqual(self.fate("0004"), ("sent", False))
        self.assertEqual(self.fate("0005"), ("failed", "template"))
        self.assertEqual(self.fate("0006"), ("queued", "retry"))
        self.assertEqual(self.fate("0007"), ("uncertain", "no_answer"))
        self.assertEqual(self.server.messages(), [])


class TestSms(OutboxCommon):
    """Through Odoo's own queue; the provider's answers are those of Odoo's service."""

    def setUp(self):
        super().setUp()
        self.calls = []
        self.answer = "success"

        def answered(api, messages, delivery_reports_url=False):
            self.calls.append((api.env.company, messages))
            return [
                {"uuid": number["uuid"], "state": self.answer}
                for message in messages
                for number in message["numbers"]
            ]

        self.startPatcher(patch.object(SmsApi, "_send_sms_batch", answered))
        self.gateway.state = "disabled"
        self.sms_gateway = self.make_gateway(name="SMS", channel="sms", provider="odoo_sms")
        self.sms_template = self.make_template(
            "SMS",
            "Olá {{customer_first_name}}! {{shop_identity}}.",
            channel_order="whatsapp,sms",
            sms_body="Ola {{customer_first_name}}: {{amount_today}}. Atenção! {{shop_identity}}.",
        )

    def test_sent_and_delivered(self):
        message = self.send_one(template=self.sms_template)
        self.assertEqual((message.state, message.channel), ("sent", "sms"))
        ((company, (content,)),) = self.calls
        self.assertEqual(company, self.company)
        self.assertIn("Late: R$ 102,30. Atencao!", content["content"])
        self.assertEqual(content["numbers"][0]["number"], "+5511960000001")
        tracker = self.env["sms.tracker"].search([("contact_message_id", "=", message.id)])
        tracker._action_update_from_sms_state("sent")
        self.assertEqual(message.state, "delivered")
        self.assertTrue(message.delivered_at)

    def test_refused(self):
        self.answer = "wrong_number_format"
        message = self.send_one(template=self.sms_template)
        self.assertEqual((message.state, message.reason), ("failed", "unreachable"))

    def test_without_credit(self):
        self.answer = "insufficient_credit"
        message = self.send_one(template=self.sms_template)
        self.assertEqual((message.state, message.reason), ("failed", "gateway_off"))
        self.assertTrue(self.sms_gateway.paused_until)
        self.assertIn("sms_credit", self.sms_gateway.last_error)

    def test_landlines_get_none(self):
        partner = self.make_late(phone="(11) 3333-4444")
        message = self.send_one(partner, self.sms_template)
        self.assertEqual((message.state, message.reason), ("cancelled", "invalid_number"))

    def test_blacklisted_number(self):
        self.env["phone.blacklist"]._add(["+5511960000001"])
        message = self.send_one(template=self.sms_template)
        self.assertEqual((message.state, message.reason), ("cancelled", "opted_out"))

    def test_next_channel_when_the_first_is_forbidden(self):
        self.gateway.state = "live"
        partner = self.make_late()
        self.env["contact.consent"].create(
            {"partner_id": partner.id, "decision": "opt_out", "channel": "whatsapp"}
        )
        message = self.send_one(partner, self.sms_template)
        self.assertEqual((message.state, message.channel), ("sent", "sms"))
        self.assertEqual(self.server.messages(), [])

    def test_first_channel_is_preferred(self):
        self.gateway.state = "live"
        message = self.send_one(template=self.sms_template)
        self.assertEqual((message.state, message.channel), ("sent", "whatsapp"))
        self.assertEqual(self.calls, [])

    def test_two_companies_in_one_pass_use_their_own_accounts(self):
        other = self.env["res.company"].create(
            {"name": "Other", "country_id": self.env.ref("base.br").id, "phone": "(11) 3333-5555"}
        )
        self.make_gateway(name="Theirs", channel="sms", provider="odoo_sms", company_id=other.id)
        template = self.make_template(
            "Hi",
            False,
            purpose="service",
            channel_order="sms",
            sms_body="Hi {{customer_first_name}}!",
        )
        ana = self.make_customer("Ana", phone="+55 11 96000-0003", company_id=other.id)
        bia = self.make_customer("Bia", phone="+55 11 96000-0004", company_id=self.company.id)
        messages = self.queue(ana | bia, template)
        self.dispatch()
        self.assertEqual(messages.mapped("state"), ["sent", "sent"])
        self.assertEqual({company for company, _messages in self.calls}, {other, self.company})

    def test_core_queue_takes_rows_of_two_companies(self):
        """Odoo's own cron raises on them; with the addon each goes through its company."""
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.queue(self.make_customer("Ana", company_id=other.id), self.template)
        ours = self.queue(self.make_customer("Bia", company_id=self.company.id), self.template)
        sms = self.env["sms.sms"].create(
            [
                {"number": "+5511960000003", "body": "a", "contact_message_id": theirs.id},
                {"number": "+5511960000004", "body": "b", "contact_message_id": ours.id},
            ]
        )
        sms._send(unlink_sent=False)
        self.assertEqual(set(sms.mapped("state")), {"pending"})
        self.assertEqual({company for company, _messages in self.calls}, {other, self.company})
