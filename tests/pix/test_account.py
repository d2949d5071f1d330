"""The account: what is missing is told, secrets stay secret, certificates are watched."""

import base64
import tempfile
from datetime import timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.clients.bank.pix_errors import PixTrouble, Trouble
from odoo.addons.optica_cobranca.models.pix.pix_account import SECRETS

from tests.clients.pix_certificates import Authority, bank_side
from tests.fakes.cloud_api_behaviour import Behaviour
from tests.fakes.pix_server import PixServer
from tests.pix.bank_common import NOON, PixBankCommon


class TestPixAccount(PixBankCommon):
    def test_connection_in_plain_words(self):
        ok, sentence = self.account._check_connection()
        self.assertTrue(ok)
        self.assertIn("does not report by itself yet", sentence)
        self.account.action_register_webhook()
        self.assertEqual(list(self.server.webhooks.values()), [self.account.sudo().webhook_url])
        self.assertIn("reports payments by itself", self.account._check_connection()[1])
        self.account.client_secret = "wrong"
        ok, sentence = self.account._check_connection()
        self.assertFalse(ok)
        self.assertIn("client ID or secret", sentence)

    def test_webhook_that_was_answered_by_a_page_is_none(self):
        self.account._check_connection()
        self.server.on("PUT", "/webhook/", Behaviour(status=200, body="<html>Portal</html>"))
        with self.assertRaises(UserError) as caught:
            self.account.action_register_webhook()
        self.assertIn("cannot be read", str(caught.exception))
        # Taken politely and forgotten at once.
        self.server.on("PUT", "/webhook/", Behaviour(status=200, body="", took_it=False))
        with self.assertRaises(UserError) as caught:
            self.account.action_register_webhook()
        self.assertIn("it says nowhere", str(caught.exception))

    def test_webhook_is_taken_back(self):
        self.account.action_register_webhook()
        self.account.action_remove_webhook()
        self.assertEqual(self.server.webhooks, {})
        self.account.action_remove_webhook()

    def test_products_that_are_not_granted_are_named_to_a_person(self):
        self.server.granted = {"cob.read", "cob.write", "pix.read", "pix.write"}
        charge = self.charge(self.make_installments(("2026-04-01", "100.00")))
        self.assertEqual(charge.kind, "static")
        self.assertIn("not granted", self.account.last_error)
        self.assertIn("(cobv, lotecobv, webhook)", self.account.last_error)
        self.assertTrue(self.account.activity_ids)

    def test_certificates_that_do_not_fit_call_a_person_once(self):
        """The bank lets in who has a certificate of its authority: ours is of another one."""
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority()
            bank = self.enterContext(PixServer(bank_side(authority, Path(folder))))
        pem, key = Authority().issue("stranger")
        self.account.write(
            {
                "certificate": base64.b64encode(pem),
                "private_key": base64.b64encode(key),
                "authority": base64.b64encode(authority.pem),
                "base_url": f"{bank.root}/pix/v2",
                "token_url": f"{bank.root}/oauth/token",
            }
        )
        for _minute in range(2):
            ok, sentence = self.account._check_connection()
            self.assertFalse(ok)
        self.assertIn("does not accept the certificate", sentence)
        self.account._note_trouble(PixTrouble(Trouble.TLS_REFUSED, "TLSV1_ALERT_UNKNOWN_CA"))
        count = len(self.account.activity_ids)
        self.assertGreater(count, 0)
        self.account._note_trouble(PixTrouble(Trouble.TLS_REFUSED, "TLSV1_ALERT_UNKNOWN_CA"))
        self.assertEqual(len(self.account.activity_ids), count)
        self.assertEqual(bank.requests, [])

    def test_what_is_missing_is_told_when_it_is_switched_on(self):
        for values, words in (
            ({"key": False}, "Pix Key"),
            ({"profile": "inter"}, "Certificate"),
            ({"profile": "bb", "certificate": b"eA==", "private_key": b"eA=="}, "Application Key"),
            ({"base_url": False}, "API Address"),
            ({"profile": "sandbox"}, "sandbox is no bank"),
        ):
            with self.assertRaises(ValidationError) as caught:
                self.account.write(values)
            self.assertIn(words, str(caught.exception))

    def test_secrets_are_typed_by_managers_and_read_by_nobody(self):
        """The doors: read, export, the form's own fields, copy; for administrators as well."""
        manager = new_test_user(
            self.env, "pix_boss", "optica_cobranca.group_manager", company_id=self.company.id
        )
        pem, key = Authority().issue("typed")
        mine = self.account.with_user(manager)
        mine.write(
            {
                "new_client_secret": " typed-by-the-manager ",
                "new_private_key": base64.b64encode(key),
                "new_certificate": base64.b64encode(pem),
                "new_webhook_secret": "a-word-of-the-shop-0123456789",
                "new_app_key": "",
            }
        )
        kept = self.account.sudo()
        self.assertEqual(kept.client_secret, "typed-by-the-manager")
        self.assertEqual(kept._pem("private_key"), key)
        self.assertTrue(kept.webhook_url.endswith("/a-word-of-the-shop-0123456789"))
        self.assertIn("Client Secret", mine.secrets_kept)
        for user in (manager, self.env.user):
            account = self.account.with_user(user)
            for name in (*SECRETS, "webhook_url"):
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    account.read([name])
            shown = account.read([f"new_{name}" for name in SECRETS] + ["webhook_beginning"])
            shown += [account.copy_data(), account.copy().read(["secrets_kept"])]
            for word in (
                "typed-by-the-manager",
                "a-word-of-the-shop",
                base64.b64encode(key).decode(),
            ):
                self.assertNotIn(word, str(shown))
        seller = new_test_user(self.env, "pix_seller", "optica_cobranca.group_seller")
        with self.assertRaises(AccessError):
            self.account.with_user(seller).write({"new_client_secret": "x"})

    def test_the_secret_does_not_follow_a_manager_to_another_address(self):
        manager = new_test_user(
            self.env, "pix_mover", "optica_cobranca.group_manager", company_id=self.company.id
        )
        self.account.state = "disabled"
        self.account.with_user(manager).token_url = "https://elsewhere.example/token"
        self.assertFalse(self.account.sudo().client_secret)

    def test_who_changes_where_money_goes_is_written_down(self):
        manager = new_test_user(
            self.env, "pix_quiet", "optica_cobranca.group_manager", company_id=self.company.id
        )
        self.env.flush_all()
        self.env.cr.precommit.run()  # what was made just now is not tracked
        quiet = self.account.with_user(manager).with_context(tracking_disable=True)
        quiet.key = "another@otica.example"
        self.env.cr.precommit.run()
        tracked = self.account.message_ids.sudo().tracking_value_ids
        self.assertIn("another@otica.example", tracked.mapped("new_value_char"))

    def test_certificate_that_ends_soon_calls_a_person_once(self):
        with freeze_time("2026-01-01"):
            pem, key = Authority().issue("shop", good_for=timedelta(days=80))
        with freeze_time(NOON):
            self.account.write(
                {"certificate": base64.b64encode(pem), "private_key": base64.b64encode(key)}
            )
        self.assertEqual(str(self.account.certificate_until), "2026-03-22")
        self.run_job("pix.account", "_cron_certificates", "2026-02-28 09:00:00")
        self.assertFalse(self.account.activity_ids)
        self.run_job("pix.account", "_cron_certificates", "2026-03-01 09:00:00")
        count = len(self.account.activity_ids)
        self.assertGreater(count, 0)
        self.run_job("pix.account", "_cron_certificates", "2026-03-02 09:00:00")
        self.assertEqual(len(self.account.activity_ids), count)

    def test_expired_certificate_falls_back_to_the_static_code(self):
        with freeze_time("2026-01-01"):
            pem, key = Authority().issue("shop", good_for=timedelta(days=50))
        with freeze_time("2026-01-02"):
            self.account.write(
                {"certificate": base64.b64encode(pem), "private_key": base64.b64encode(key)}
            )
        charge = self.charge(self.make_installments(("2026-04-01", "100.00")))
        self.assertEqual(charge.kind, "static")
        self.assertIn("expired", self.account.last_error)
        self.assertTrue(self.account.activity_ids)
        self.assertEqual(self.server.requests, [])

    def test_sandbox_plays_everything_without_a_bank(self):
        self.account.state = "disabled"
        self.make_account(profile="sandbox", state="test", client_id=False, client_secret=False)
        line = self.make_installments(("2026-04-01", "100.00"))
        with freeze_time(NOON):
            action = line.action_pix()
            window = self.env["pix.show"].browse(action["res_id"])
            self.assertEqual(
                (window.is_sandbox, window.is_test, window.is_paid), (True, True, False)
            )
            self.assertTrue(window.code.startswith("000201"))
            window.action_play()
        window.invalidate_recordset()  # as the next request of the browser
        self.assertTrue(window.is_paid)
        self.assertEqual(self.residuals(line), ["0.00"])
        self.assertEqual(self.server.requests, [])
