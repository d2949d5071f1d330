"""Messages carry a private link: it opens the customer's page, and the log does not keep it."""

import re
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from freezegun import freeze_time

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.sms.tools.sms_api import SmsApi

from tests.messaging.common import NOON, OutboxCommon

PRIVATE = re.compile(r"/oc/[A-Za-z0-9_-]{22}")


@tagged("standard", "post_install", "-at_install")
class TestPayLink(OutboxCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.template_with_link = self.make_template(
            "With link", "{{shop_name}}: {{customer_first_name}}, pay at {{pay_link}}"
        )

    def test_link_that_was_sent_opens_the_customers_page(self):
        message = self.send_one(template=self.template_with_link)
        (posted,) = self.server.messages()
        text = str(posted)
        (path,) = set(PRIVATE.findall(text))
        link = self.env["crediario.customer.link"].search(
            [("partner_id", "=", message.partner_id.id)]
        )
        self.assertEqual(len(link), 1)
        self.assertEqual(
            link.expires_at, fields.Datetime.add(fields.Datetime.to_datetime(NOON), days=7)
        )
        link.sudo().expires_at = "2100-01-01"
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        self.assertIn("Late", response.text)

    def test_log_keeps_no_way_in(self):
        message = self.send_one(template=self.template_with_link)
        self.assertFalse(PRIVATE.search(message.body))
        self.assertIn("/oc/…", message.body)
        self.assertFalse(PRIVATE.search(str(message.parameters)))

    # ------------------------------------------------ by whichever door it leaves the queue

    def waiting(self):
        """A message that waits for a clerk, and the text that the clerk gets."""
        self.gateway.provider = "by_hand"
        message = self.send_one(
            self.make_late(phone=f"+55 11 96000-{next(self.numbers)}"), self.template_with_link
        )
        self.assertTrue(message.by_hand)
        with freeze_time(NOON):
            url = message.with_user(self.user).action_open_whatsapp()["url"]
            self.assertTrue(PRIVATE.search(unquote(url)), "the clerk gets a link that works")
            self.env.invalidate_all()
            self.assertTrue(PRIVATE.search(self.take(message)["body"]))
        return message

    def take(self, message):
        outbox = self.env["contact.message"].with_user(self.user)
        return outbox.by_hand_next()["message"]

    def test_each_door(self):
        self.numbers = iter(range(3000, 3100))
        own = self.env["contact.message"].with_user(self.user)
        doors = {
            "button": lambda message: own.browse(message.id).action_mark_sent(),
            "button, not sent": lambda message: own.browse(message.id).action_mark_not_sent(),
            "clerk's queue": lambda message: own.browse(message.id).by_hand_sent(),
            "clerk's queue, not sent": lambda message: own.browse(message.id).by_hand_not_sent(),
            "cancelled": lambda message: own.browse(message.id).action_cancel(),
            "undone": lambda message: (
                own.browse(message.id).by_hand_sent(),
                own.browse(message.id).by_hand_undo(),
            ),
            "customer never reminded": lambda message: (
                message.partner_id.sudo().write({"dunning_excluded": True}),
                message._as_worker()._recheck_by_hand(),
            ),
            "it goes on waiting": lambda message: None,
        }
        for door, leave in doors.items():
            with self.subTest(door):
                message = self.waiting()
                with freeze_time(NOON):
                    leave(message)
                    self.env.flush_all()
                self.env.invalidate_all()
                self.assertIn("/oc/…", message.body)
                self.assertFalse(PRIVATE.search(str(message.read())))
                if message.state == "queued":
                    message.action_cancel()

    def test_sms_and_emails_of_odoos_queues(self):
        self.make_gateway(name="SMS", channel="sms", provider="odoo_sms")
        template = self.make_template(
            "SMS", False, channel_order="sms", sms_body="{{shop_name}}: {{pay_link}}"
        )
        sent = []

        def answered(api, messages, delivery_reports_url=False):
            sent.extend(messages)
            numbers = [number for message in messages for number in message["numbers"]]
            return [{"uuid": number["uuid"], "state": "server_error"} for number in numbers]

        with patch.object(SmsApi, "_send_sms_batch", answered):
            message = self.send_one(template=template)
        self.assertTrue(PRIVATE.search(str(sent)))
        sms = self.env["sms.sms"].search([("contact_message_id", "=", message.id)])
        self.assertIn("/oc/…", sms.body)
        self.company.email = "otica@loja.example"
        self.make_gateway(name="E-mail", channel="email", provider="odoo_mail")
        template = self.make_template(
            "Mail",
            False,
            channel_order="email",
            email_subject="{{shop_name}}",
            email_body="<p>{{shop_name}}: {{pay_link}}</p>",
        )
        message = self.send_one(self.make_late("B", email="b@example.com"), template)
        mail = self.env["mail.mail"].search([("contact_message_id", "=", message.id)])
        self.assertTrue(PRIVATE.search(mail.body_html))
        letters = []

        def delivered(server, letter, *args, **kwargs):
            letters.append(letter.as_string())
            return letter["Message-Id"]

        with (
            patch.object(IrMail_Server, "_disable_send", lambda server: False),
            patch.object(IrMail_Server, "_connect__", lambda *args, **kwargs: None),
            patch.object(IrMail_Server, "send_email", delivered),
        ):
            mail.send()
        self.assertEqual((message.state, len(letters)), ("sent", 1))
        self.assertFalse(PRIVATE.search(f"{mail.body_html}{mail.body}{mail.mail_message_id.body}"))

    def test_preview_makes_no_link(self):
        before = self.env["crediario.customer.link"].search_count([])
        partner = self.make_late()
        preview = self.template_with_link._preview_for(partner)
        self.assertIn("/my/crediario", preview["whatsapp"])
        self.assertEqual(self.env["crediario.customer.link"].search_count([]), before)

    def test_text_without_link_makes_none(self):
        before = self.env["crediario.customer.link"].search_count([])
        self.send_one()
        self.assertEqual(self.env["crediario.customer.link"].search_count([]), before)

    def test_contract_link_opens_the_contract(self):
        template = self.make_template(
            "Welcome", "Your contract: {{contract_link}}", purpose="service"
        )
        customer = self.make_customer("Ana", phone="+55 11 96000-0007")
        move = self.make_invoice(
            total="100.00", installments=2, first_due="2026-03-10", partner=customer
        )
        self.queue(move, template)
        self.dispatch()
        (posted,) = self.server.messages()
        (path,) = set(re.findall(r"/oc/[A-Za-z0-9_-]{22}/contract/\d+", str(posted)))
        self.env["crediario.customer.link"].search([]).sudo().expires_at = "2100-01-01"
        response = self.url_open(urlsplit(path).path)
        self.assertEqual(response.status_code, 200)
        self.assertIn(move.contract_reference or move.name, response.text)

    def test_each_customer_gets_a_link_of_their_own(self):
        partners = self.make_late("Um", "+55 11 96000-0011") | self.make_late(
            "Dois", "+55 11 96000-0012"
        )
        self.queue(partners, self.template_with_link)
        self.dispatch()
        links = set(PRIVATE.findall(str(self.server.messages())))
        self.assertEqual(len(links), 2)
