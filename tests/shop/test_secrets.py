"""Secrets of an account in no log, no message and no error, whatever the provider says."""

import logging
import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from odoo.addons.optica_cobranca.clients.secret_box import is_sealed
from odoo.addons.optica_cobranca.models.messaging.contact_gateway import SECRETS, TYPED
from odoo.addons.optica_cobranca.models.shop.optica_secrets import VARIABLE

from tests.fakes.cloud_api_account import a_template
from tests.fakes.cloud_api_behaviour import refuse
from tests.fakes.cloud_api_webhooks import ACCOUNT_ID
from tests.messaging.common import NOON, OutboxCommon

TOKEN = "EAAsecretTokenOfTheTests"
FIRST, SECOND = (Fernet.generate_key().decode() for _ in range(2))


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


class TestSealed(OutboxCommon):
    """What stands in the row: the doors are every way to write a secret, and the nightly job."""

    def keep(self, keys):
        """With these keys in the environment."""
        self.enterContext(patch.dict(os.environ, {VARIABLE: ",".join(keys)}))
        self.gateway.invalidate_recordset()

    def row(self, name="access_token"):
        self.env.flush_all()
        self.env.cr.execute(f"SELECT {name} FROM contact_gateway WHERE id = %s", [self.gateway.id])
        return self.env.cr.fetchone()[0]

    def test_without_a_key_it_stays_and_a_warning_says_so(self):
        self.keep([])
        self.gateway.access_token = TOKEN
        self.assertEqual(self.row(), TOKEN)
        self.assertIn("unencrypted", self.gateway.secrets_warning)
        with self.assertLogs(
            "odoo.addons.optica_cobranca.models.shop.optica_secrets", "WARNING"
        ) as logs:
            self.gateway._gc_seal_secrets()
        self.assertIn(VARIABLE, logs.output[0])
        self.assertNotIn(TOKEN, str(logs.output))

    def test_with_a_key_the_row_says_nothing(self):
        self.keep([FIRST])
        self.gateway.access_token = TOKEN
        self.assertTrue(is_sealed(self.row()))
        self.assertNotIn(TOKEN, self.row())
        self.env.invalidate_all()
        self.assertEqual(self.gateway.sudo().access_token, TOKEN)
        self.assertEqual(self.gateway._client_settings()["access_token"], TOKEN)
        self.gateway.write({"app_secret": "0123456789abcdef", "verify_token": "a-word"})
        self.assertFalse(self.gateway.secrets_warning)
        made = self.gateway.copy({"access_token": "EAAofTheCopy"})
        self.assertEqual(made.sudo().access_token, "EAAofTheCopy")

    def test_every_night_what_is_old_is_sealed_anew(self):
        self.keep([])
        self.gateway.access_token = TOKEN
        self.env.flush_all()
        self.keep([FIRST])
        self.gateway._gc_seal_secrets()
        first = self.row()
        self.assertTrue(is_sealed(first))
        self.gateway._gc_seal_secrets()
        self.assertEqual(self.row(), first, "once is enough")
        self.keep([SECOND, FIRST])
        self.gateway._gc_seal_secrets()
        self.assertNotEqual(self.row(), first)
        self.keep([SECOND])
        self.assertEqual(self.gateway.sudo().access_token, TOKEN, "the old key may go")

    def test_a_lost_key_is_told_and_nothing_is_destroyed(self):
        self.keep([FIRST])
        self.gateway.access_token = TOKEN
        kept = self.row()
        self.keep([SECOND])
        with mute_logger("odoo.addons.optica_cobranca.models.shop.optica_secrets"):
            self.assertFalse(self.gateway.sudo().access_token)
            self.assertIn("cannot be read", self.gateway.secrets_warning)
            self.gateway._gc_seal_secrets()
        self.assertEqual(self.row(), kept)
        self.keep([SECOND, FIRST])
        self.assertEqual(self.gateway.sudo().access_token, TOKEN)

    def test_a_key_that_is_none_keeps_nothing(self):
        self.keep(["not a key"])
        with self.assertRaisesRegex(UserError, VARIABLE):
            self.gateway.access_token = TOKEN
        self.assertIn("no key", self.gateway.secrets_warning)

    def test_two_numbers_of_one_app_are_still_siblings(self):
        self.keep([FIRST])
        self.gateway.app_secret = "0123456789abcdef"
        other = self.make_gateway(name="Second", app_secret="0123456789abcdef")
        self.assertEqual(self.gateway._siblings(), self.gateway.sudo() | other.sudo())

    def test_secrets_are_looked_for_by_nobody(self):
        with self.assertRaises(ValueError):
            self.env["contact.gateway"].sudo().search([("access_token", "=", TOKEN)])

    def test_what_was_read_stands_in_no_log(self):
        self.gateway.access_token = TOKEN
        self.gateway.invalidate_recordset()
        self.assertEqual(self.gateway.sudo().access_token, TOKEN)
        with self.assertLogs("some.other.app") as logs:
            try:
                raise ValueError(f"refused: {TOKEN}")
            except ValueError:
                logging.getLogger("some.other.app").exception("went wrong with %s", TOKEN)
        self.assertNotIn(TOKEN, str(logs.records[0].getMessage()))
        self.assertNotIn(TOKEN, logs.records[0].exc_text)


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


class TestSecretsOfManagers(OutboxCommon):
    """A manager finishes a gateway alone and sees no secret again, whichever door is tried."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "gerente_sem_chave",
            "optica_cobranca.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.theirs = cls.env["contact.gateway"].with_user(cls.manager)

    def finish(self, **values):
        """What a manager saves in the form of a new WhatsApp gateway, switched on at once."""
        return self.theirs.create(
            {
                "name": "WhatsApp of the manager",
                "company_id": self.company.id,
                "provider": "whatsapp_cloud",
                "phone_number_id": "106540352242922",
                "business_account_id": ACCOUNT_ID,
                "new_access_token": f" {TOKEN} ",
                "new_app_secret": "0123456789abcdef",
                "new_verify_token": "a-word-of-the-shop",
                "state": "test",
                **values,
            }
        )

    def test_manager_finishes_a_whatsapp_gateway(self):
        gateway = self.finish()
        kept = gateway.sudo()
        self.assertEqual(kept.access_token, TOKEN)
        self.assertEqual(kept.app_secret, "0123456789abcdef")
        self.assertEqual(kept.verify_token, "a-word-of-the-shop")
        self.assertEqual(gateway.secrets_kept, "Access Token, App Secret, Verify Token")
        gateway.write({"new_access_token": "EAAanother", "new_app_secret": ""})
        self.assertEqual((kept.access_token, kept.app_secret), ("EAAanother", "0123456789abcdef"))
        with Form(gateway) as form:
            form.new_access_token = TOKEN
        self.assertEqual(kept.access_token, TOKEN)

    def test_no_door_shows_a_secret(self):
        gateway = self.finish()
        gateway.invalidate_recordset()
        names = [*SECRETS, *TYPED]
        given = gateway.fields_get()
        self.assertFalse(set(SECRETS) & set(given))
        whole = gateway.read([name for name in given if name not in SECRETS])
        shown = [whole, gateway.web_read(dict.fromkeys(TYPED, {})), gateway.copy_data()]
        shown += [gateway.copy().read(list(TYPED)), gateway.default_get(list(TYPED))]
        shown += [gateway.onchange({"name": "x"}, ["name"], dict.fromkeys(TYPED, {}))]
        self.assertNotIn(TOKEN, str(shown))
        self.assertFalse(gateway.copy().sudo().access_token)
        for name in names:
            for door in (
                lambda name=name: gateway.search([(name, "=like", "E%")]),
                lambda name=name: gateway.search([], order=name),
                lambda name=name: gateway.formatted_read_group([], [name], ["__count"]),
                lambda name=name: gateway.formatted_read_group([], [], [f"{name}:max"]),
                lambda name=name: gateway.filtered_domain([(name, "=like", "E%")]),
                lambda name=name: (
                    self.env["contact.message"]
                    .with_user(self.manager)
                    .search([(f"gateway_id.{name}", "=like", "E%")])
                ),
            ):
                with self.subTest(name=name), mute_logger("odoo.domains"):
                    self.assertFalse(self.answer(door))
        for name in SECRETS:
            for door in (
                lambda name=name: gateway.read([name]),
                lambda name=name: gateway.web_read({name: {}}),
                lambda name=name: gateway.export_data([name])["datas"],
                lambda name=name: gateway.mapped(name),
                lambda name=name: gateway.onchange({}, [], {name: {}}),
            ):
                with self.subTest(name=name):
                    self.assertNotIn(str(gateway.sudo()[name]), str(self.answer(door)))

    @staticmethod
    def answer(door):
        """What comes through a door; nothing when it is shut."""
        try:
            return door()
        except (UserError, ValueError, KeyError):  # AccessError is one of the first
            return None

    def test_seller_types_none(self):
        gateway = self.finish()
        seller = new_test_user(self.env, "vendedora_curiosa", "optica_cobranca.group_seller")
        for values in ({"access_token": "x"}, {"new_access_token": "x"}, {"app_secret": "x"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                gateway.with_user(seller).write(values)

    def test_token_does_not_follow_a_manager_to_another_address(self):
        gateway = self.finish(state="disabled")
        gateway.base_url = "https://evolution.example"
        self.assertFalse(gateway.sudo().access_token)
        gateway.write({"base_url": "https://other.example", "new_access_token": "typed again"})
        self.assertEqual(gateway.sudo().access_token, "typed again")
