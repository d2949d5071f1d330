"""What comes after an answer, and the tables of Odoo's own queues of SMS and e-mails, played."""

import smtplib
from datetime import datetime
from unittest.mock import patch

from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server, MailDeliveryException
from odoo.addons.optica_cobranca.clients.base import SendResult
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass
from odoo.addons.sms.tools.sms_api import SmsApi

from tests.clients.answer_table import DONE, NOT_DONE
from tests.clients.message_answers import NEXT
from tests.clients.odoo_answers import ODOO_MAIL, ODOO_SMS
from tests.messaging.common import OutboxCommon

BELIEF_OF_STATE = {"sent": "done", "failed": "not done", "uncertain": "unsure"}
REASONS = {
    FailureClass.STOP_RECIPIENT: "unreachable",
    FailureClass.PAUSE_SENDER: "gateway_off",
    FailureClass.AUTH: "gateway_off",
    FailureClass.FIX_REQUEST: "provider",
}


class TestWhatComesNext(OutboxCommon):
    """The guide's last column: what the outbox does with each class of failure."""

    NOW = datetime(2026, 2, 11, 15)

    def after(self, status, failure=None):
        message = self.queue(self.make_customer("Maria", phone="+55 11 96000-0001"))
        message.write({"state": "sending", "attempts": 1})
        (row,) = message._lock_states(message.ids)
        row["stopped_by"] = None
        self.env["contact.message"]._after_answer(
            row, SendResult(status, failure=failure, code="x"), self.NOW
        )
        return row["state"], row["reason"], row["scheduled_at"] > self.NOW

    def test_each_class_of_failure(self):
        again = ("queued", "retry", True)
        waits = ("queued", "gateway_off", True)
        expected = {
            FailureClass.RETRY: again,
            FailureClass.RETRY_RECIPIENT_LATER: again,
            FailureClass.PAUSE_SENDER: waits,
            FailureClass.AUTH: waits,
            FailureClass.WAIT_A_DAY: ("failed", "spared", False),
            FailureClass.STOP_RECIPIENT: ("failed", "unreachable", False),
            FailureClass.NOT_ANSWERED: ("failed", "not_answered", False),
            FailureClass.NEEDS_TEMPLATE: ("failed", "template", False),
            FailureClass.FIX_TEMPLATE: ("failed", "template", False),
            FailureClass.FIX_REQUEST: ("failed", "provider", False),
        }
        self.assertEqual(set(expected), set(NEXT))
        for failure, state in expected.items():
            with self.subTest(failure):
                self.assertEqual(self.after("failed", failure), state)

    def test_what_is_unsure_waits_for_a_person_or_a_report(self):
        self.assertEqual(self.after("uncertain"), ("uncertain", "no_answer", False))


class TestOdooQueues(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.state = "disabled"
        self.company.email = "otica@loja.example"
        self.numbers = iter(range(1000, 2000))

    def customer(self):
        number = next(self.numbers)
        return self.make_late(
            f"C{number}", phone=f"+55 11 96000-{number}", email=f"c{number}@example.com"
        )

    def assert_row(self, row, message):
        self.assertEqual(BELIEF_OF_STATE[message.state], row.belief)
        if row.belief != DONE:
            self.assertEqual(message.error_code, row.code)
        if row.belief == NOT_DONE:
            self.assertEqual(message.reason, REASONS[row.asks])

    def send_sms(self, played, template):
        def answered(api, messages, delivery_reports_url=False):
            if played.raised:
                raise played.raised
            said = "success" if played.report or played.said == "canceled" else played.said
            return [
                {"uuid": number["uuid"], "state": said}
                for message in messages
                for number in message["numbers"]
            ]

        with patch.object(SmsApi, "_send_sms_batch", answered):
            if played.said == "canceled":
                with patch.object(type(self.env["contact.message"]), "_send_sms_now"):
                    message = self.send_one(self.customer(), template)
                self.env["sms.sms"].search(
                    [("contact_message_id", "=", message.id)]
                ).action_set_canceled()
                return message
            message = self.send_one(self.customer(), template)
        if played.report:
            tracker = self.env["sms.tracker"].search([("contact_message_id", "=", message.id)])
            tracker._action_update_from_provider_error(played.said)
        return message

    @mute_logger("odoo.addons.optica_cobranca", "odoo.addons.sms")
    def test_sms(self):
        gateway = self.make_gateway(name="SMS", channel="sms", provider="odoo_sms")
        template = self.make_template(
            "SMS",
            False,
            channel_order="sms",
            sms_body="Ola {{customer_first_name}}: {{amount_today}}. {{shop_identity}}.",
        )
        for row in ODOO_SMS.rows:
            with self.subTest(row.answer):
                gateway.write({"paused_until": False})
                self.assert_row(row, self.send_sms(row.played, template))

    def post(self, played, template):
        def connect(server, *args, **kwargs):
            if played.on_connect:
                raise played.on_connect

        def handed_over(server, message, *args, **kwargs):
            trouble = played.on_send
            if trouble:
                # As Odoo wraps what its mail server or the line answers.
                name = type(trouble).__name__
                raise MailDeliveryException("Mail Delivery Failed", f"{name}: {trouble}")
            return message["Message-Id"]

        message = self.send_one(self.customer(), template)
        mails = self.env["mail.mail"].search([("contact_message_id", "=", message.id)])
        with (
            patch.object(IrMail_Server, "_disable_send", lambda server: False),
            patch.object(IrMail_Server, "_connect__", connect),
            patch.object(IrMail_Server, "send_email", handed_over),
        ):
            mails.send()
        return message

    @mute_logger("odoo.addons.optica_cobranca", "odoo.addons.mail.models.mail_mail")
    def test_email(self):
        gateway = self.make_gateway(name="E-mail", channel="email", provider="odoo_mail")
        template = self.make_template(
            "Mail",
            False,
            channel_order="email",
            email_subject="{{shop_name}}: your installment",
            email_body="<p>{{customer_first_name}}: {{amount_today}}. {{shop_identity}}.</p>",
        )
        for row in ODOO_MAIL.rows:
            with self.subTest(row.answer):
                gateway.write({"paused_until": False})
                self.assert_row(row, self.post(row.played, template))

    def test_pythons_own_names_of_refusals_are_all_known(self):
        """One that nobody thought of would be unsure, which is safe; these are decided."""
        from odoo.addons.optica_cobranca.models.messaging.contact_message_odoo import (
            REFUSED_BY_SERVER,
        )

        names = {
            name
            for name, item in vars(smtplib).items()
            if isinstance(item, type) and issubclass(item, smtplib.SMTPException)
        }
        # Bases; of the connection; and a line that was lost.
        self.assertEqual(
            names - set(REFUSED_BY_SERVER),
            {
                "SMTPException",
                "SMTPResponseException",
                "SMTPConnectError",
                "SMTPServerDisconnected",
            },
        )
