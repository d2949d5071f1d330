"""Calls: what is said, how often, what the customer's keys do; statuses over real HTTP."""

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from tests.fakes.twilio_server import TwilioServer, call_status, sign
from tests.messaging.common import OutboxCommon

WEBHOOK_LOGGER = "odoo.addons.optica_cobranca.controllers.webhook"
SCRIPT = "Hello, {{shop_name}} has a message for {{customer_first_name}}."


class VoiceCommon(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.state = "disabled"
        self.twilio = TwilioServer()
        self.enterContext(self.twilio)
        settings = self.twilio.settings("voice")
        self.voice_gateway = self.make_gateway(
            name="Calls",
            provider="twilio",
            **{name: settings[name] for name in settings if name != "webhook_url"},
        )
        self.script = self.make_template("Call", False, channel_order="voice", voice_body=SCRIPT)

    def second_script(self):
        return self.make_template("B", False, channel_order="voice", voice_body=SCRIPT)

    def called(self):
        return [request.body for request in self.twilio.sent()]


class TestVoice(VoiceCommon):
    def test_calls_and_says_the_script(self):
        message = self.send_one(template=self.script)
        self.assertEqual((message.state, message.channel), ("sent", "voice"))
        (form,) = self.called()
        self.assertEqual(form["To"], ["+5511960000001"])
        self.assertIn("Hello, Otica Teste has a message for Late.", form["Twiml"][0])
        self.assertIn('language="pt-BR"', form["Twiml"][0])
        url = self.voice_gateway.webhook_url
        self.assertEqual(form["StatusCallback"], [f"{url}?ref={message.uuid}"])
        self.assertIn(f'action="{url}?keys={message.uuid}"', form["Twiml"][0])

    def test_landlines_are_not_called(self):
        """Anybody at home picks up."""
        message = self.send_one(self.make_late(phone="(11) 3333-4444"), self.script)
        self.assertEqual((message.state, message.reason), ("cancelled", "invalid_number"))

    def test_one_call_a_day(self):
        partner = self.make_late()
        self.send_one(partner, self.script)
        second = self.queue(partner, self.second_script())
        self.dispatch(at="2026-02-11 16:00:00")
        self.assertEqual((second.state, second.reason), ("queued", "cap"))
        self.assertEqual(len(self.called()), 1)
        self.dispatch(at="2026-02-12 15:00:00")
        self.assertEqual(second.state, "sent")

    def test_a_call_nobody_took_counts_too(self):
        partner = self.make_late()
        first = self.send_one(partner, self.script)
        first.write({"state": "failed", "reason": "not_answered"})
        second = self.queue(partner, self.second_script())
        self.dispatch(at="2026-02-11 16:00:00")
        self.assertEqual((second.state, second.reason), ("queued", "cap"))
        self.dispatch(at="2026-02-12 15:00:00")
        self.assertEqual(second.state, "sent")

    def test_three_calls_for_a_level_and_no_fourth(self):
        partner = self.make_late()
        level = self.env.ref("optica_cobranca.level_default_late_10")
        # Three a week is the limit over all channels, so the four days span two weeks.
        days = ("2026-02-11", "2026-02-12", "2026-02-20", "2026-02-23")
        messages = []
        for day in days:
            notice = self.make_notice(partner, day=day, level=level)
            messages.append(self.send_one(notice, self.script, at=f"{day} 15:00:00"))
        self.assertEqual([message.state for message in messages], ["sent"] * 3 + ["cancelled"])
        self.assertEqual(messages[3].reason, "cap")
        self.assertEqual(len(self.called()), 3)

    def test_another_level_is_another_three(self):
        partner = self.make_late()
        before = self.env.ref("optica_cobranca.level_default_late_10")
        after = self.env.ref("optica_cobranca.level_default_late_15")
        for day in ("2026-02-11", "2026-02-12", "2026-02-20"):
            self.send_one(
                self.make_notice(partner, day=day, level=before), self.script, at=f"{day} 15:00:00"
            )
        notice = self.make_notice(partner, day="2026-02-23", level=after)
        message = self.send_one(notice, self.script, at="2026-02-23 15:00:00")
        self.assertEqual(message.state, "sent")

    def test_the_debt_is_not_for_whoever_picks_up(self):
        for text in (
            "{{shop_name}}: {{amount_today}}",
            "{{shop_name}} {{portal_link}}",
            "Hello you",
        ):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.make_template("Bad", False, channel_order="voice", voice_body=text)

    def test_threats_are_not_spoken(self):
        expression = self.env["contact.forbidden.expression"].search([], limit=1).name
        with self.assertRaises(ValidationError):
            self.make_template(
                "Bad", False, channel_order="voice", voice_body=f"{{{{shop_name}}}}: {expression}"
            )


class TestVoiceWebhook(VoiceCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.partner = self.make_late()
        self.message = self.send_one(self.partner, self.script)
        self.url = self.voice_gateway.webhook_url

    def post(self, form, query="", token=TwilioServer.secret):
        url = self.url + query
        path = url.removeprefix(self.voice_gateway.get_base_url())
        headers = {"X-Twilio-Signature": sign(url, form, token)}
        answer = self.url_open(path, data=form, headers=headers)
        self.env.invalidate_all()
        return answer

    def status(self, word, **more):
        form = call_status(self.message.provider_id, word, **more)
        return self.post(form, f"?ref={self.message.uuid}").status_code

    def test_rings_and_is_heard(self):
        for word in ("initiated", "ringing", "in-progress", "completed", "completed", "ringing"):
            self.assertEqual(self.status(word), 200)
        self.assertEqual(self.message.state, "delivered")
        self.assertEqual(str(self.message.delivered_at), "2026-02-11 15:01:02")

    def test_nobody_answers(self):
        self.status("no-answer")
        self.assertEqual((self.message.state, self.message.reason), ("failed", "not_answered"))

    def test_a_voice_mailbox_is_nobody(self):
        self.status("completed", AnsweredBy="machine_start")
        self.assertEqual((self.message.state, self.message.reason), ("failed", "not_answered"))

    def test_lost_answer_is_found_by_our_reference(self):
        self.message.write({"state": "uncertain", "provider_id": False})
        form = call_status("CA" + "9" * 32, "completed")
        self.post(form, f"?ref={self.message.uuid}")
        self.assertEqual(self.message.state, "delivered")
        self.assertEqual(self.message.provider_id, "CA" + "9" * 32)

    @mute_logger(WEBHOOK_LOGGER)
    def test_forged(self):
        form = call_status(self.message.provider_id, "completed")
        self.assertEqual(self.post(form, token="guessed").status_code, 403)
        path = self.url.removeprefix(self.voice_gateway.get_base_url())
        signed = sign(self.url, form)
        changed = {**form, "CallStatus": "no-answer"}
        for headers in ({}, {"X-Twilio-Signature": "x"}, {"X-Twilio-Signature": signed}):
            answer = self.url_open(path, data=changed, headers=headers)
            self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.message.state, "sent")
        self.assertFalse(
            self.env["contact.event"].search([("gateway_id", "=", self.voice_gateway.id)])
        )

    def press(self, digit):
        form = call_status(self.message.provider_id, "in-progress", Digits=digit)
        answer = self.post(form, f"?keys={self.message.uuid}")
        self.run_job("contact.event", "_cron_receive")
        return answer

    def test_nine_stops_calls(self):
        answer = self.press("9")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("<Say", answer.text)
        self.assertIn("<Hangup", answer.text)
        consent = self.env["contact.consent"].search([("partner_id", "=", self.partner.id)])
        self.assertEqual((consent.decision, consent.channel), ("opt_out", "voice"))
        self.assertEqual(self.message.state, "read")
        again = self.send_one(self.partner, self.second_script(), at="2026-02-18 15:00:00")
        self.assertEqual((again.state, again.reason), ("cancelled", "opted_out"))

    def test_one_sends_the_page(self):
        page = self.env.ref("optica_cobranca.template_payment_page")
        for _twice in range(2):
            self.assertEqual(self.press("1").status_code, 200)
        queued = self.env["contact.message"].search(
            [("partner_id", "=", self.partner.id), ("template_id", "=", page.id)]
        )
        self.assertEqual((len(queued), queued.state, queued.purpose), (1, "queued", "service"))
        self.assertFalse(self.env["contact.consent"].search([("partner_id", "=", self.partner.id)]))
