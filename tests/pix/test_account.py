"""The account: what is missing is told, secrets stay secret, certificates are watched."""

import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user

from tests.clients.pix_certificates import Authority
from tests.pix.bank_common import NOON, PixBankCommon


class TestPixAccount(PixBankCommon):
    def test_connection_in_plain_words(self):
        ok, sentence = self.account._check_connection()
        self.assertTrue(ok)
        self.assertIn("does not report by itself yet", sentence)
        self.account.action_register_webhook()
        self.assertEqual(list(self.server.webhooks.values()), [self.account.webhook_url])
        self.assertIn("reports payments by itself", self.account._check_connection()[1])
        self.account.client_secret = "wrong"
        ok, sentence = self.account._check_connection()
        self.assertFalse(ok)
        self.assertIn("client ID or secret", sentence)

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

    def test_secrets_are_for_administrators(self):
        manager = new_test_user(
            self.env, "pix_boss", "optica_cobranca.group_manager", company_id=self.company.id
        )
        mine = self.account.with_user(manager)
        self.assertEqual(mine.name, "Bank of the tests")
        for name in ("client_secret", "private_key", "certificate", "webhook_secret", "client_id"):
            with self.assertRaises(AccessError):
                mine.read([name])
        with self.assertRaises(AccessError):
            mine.state = "disabled"

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
