"""Secrets of an account in no log, no message and no error, whatever the provider says."""

import logging

from odoo.tools import mute_logger

from tests.fakes.cloud_api_account import a_template
from tests.fakes.cloud_api_behaviour import refuse
from tests.fakes.cloud_api_webhooks import ACCOUNT_ID
from tests.outbox.common import NOON, OutboxCommon

TOKEN = "EAAsecretTokenOfTheTests"


class TestSecrets(OutboxCommon):
    @mute_logger("odoo.sql_db")
    def test_token_is_repeated_by_the_provider_and_not_by_us(self):
        self.gateway.write({"access_token": TOKEN, "business_account_id": ACCOUNT_ID})
        malformed = refuse(190, 401, message=f"Malformed access token {TOKEN}")
        said = []
        self.env.flush_all()
        with self.assertLogs(level=logging.DEBUG) as logs:
            self.server.enqueue(*[malformed] * 3)
            said.append(self.gateway._check_connection())
            said.append(self.gateway._sync_templates())
            said.append(self.gateway.action_subscribe())
            self.server.default = malformed
            message = self.queue(self.make_late())
            self.dispatch(at=NOON)
        said += [message.error_detail, self.gateway.last_error, *self.gateway.activity_ids]
        said += self.gateway.activity_ids.mapped("note")
        said += self.gateway.message_ids.mapped("body")
        self.assertNotIn(TOKEN, str(said))
        odoo = [line for line in logs.output if "odoo.sql_db" not in line]
        self.assertNotIn(TOKEN, "\n".join(odoo))
        self.assertIn("***", self.gateway.last_error)

    def test_client_in_a_traceback_shows_none(self):
        self.gateway.access_token = TOKEN
        client = self.gateway._client_factory()()
        self.assertNotIn(TOKEN, repr(vars(client)))
        client.close()


class TestSendToMyself(OutboxCommon):
    def attempt(self, **values):
        attempt = self.env["contact.gateway.try"].create(
            {"gateway_id": self.gateway.id, "number": "(11) 96000-4321", **values}
        )
        attempt.action_send()
        return attempt.answer

    def test_template_with_document_and_names(self):
        self.gateway.business_account_id = ACCOUNT_ID
        self.server.templates = [
            a_template(
                "aviso",
                {"type": "HEADER", "format": "DOCUMENT"},
                body="Olá, {{nome}}! Tudo bem?",
                parameter_format="NAMED",
            )
        ]
        self.gateway._sync_templates()
        template = self.make_template(
            "Aviso",
            "Olá, {{customer_first_name}}! {{shop_identity}}.",
            whatsapp_template_name="aviso",
            whatsapp_language="pt_BR",
            whatsapp_parameters="customer_first_name",
            document_source="slip",
        )
        self.assertIn("accepted", self.attempt(template_id=template.id))
        header, body = self.server.messages()[-1].body["template"]["components"]
        self.assertEqual(header["parameters"][0]["type"], "document")
        (kept,) = self.server.media.values()
        self.assertTrue(kept.content.startswith(b"%PDF-"))
        self.assertEqual(body["parameters"][0]["parameter_name"], "nome")
        self.assertEqual(body["parameters"][0]["text"], "Maria")

    def test_refusal_in_plain_words(self):
        self.server.enqueue(refuse(131030, message="Recipient not in allowed list"))
        self.assertIn("cannot be reached", self.attempt())
        self.server.enqueue(refuse(131047))
        self.assertIn("approved template is needed", self.attempt())
