"""The bank's call: who may make it, what is believed of it, and that it is booked once."""

import json

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from tests.fakes.cloud_api_behaviour import Behaviour
from tests.pix.bank_common import DUE, PixBankCommon

LOGGER = "odoo.addons.optica_cobranca.controllers.pix_webhook"


class TestPixWebhook(PixBankCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.path = f"/optica_cobranca/pix/{self.account.uuid}/{self.account.sudo().webhook_secret}"
        self.line = self.make_installments((DUE, "100.00"))
        self.pix_charge = self.charge(self.line)

    def post(self, payload, path=None, **headers):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.env.flush_all()
        answer = self.url_open(
            path or self.path, data=body, headers={"Content-Type": "application/json", **headers}
        )
        self.env.invalidate_all()
        return answer.status_code

    def test_read_at_the_bank_and_booked(self):
        """The bank appends /pix; what the call says of the amount is not believed."""
        found = self.customer_pays(self.pix_charge.txid, "100.00")
        report = self.server.report(found)
        report["pix"][0] = {**report["pix"][0], "valor": "9999.00", "txid": "another"}
        self.assertEqual(self.post(report, f"{self.path}/pix"), 200)
        self.assertEqual(self.received(found).state, "announced")
        self.run_job("pix.payment", "_cron_payments")
        pix = self.received(found)
        self.assertEqual(
            (pix.state, pix.amount, pix.txid), ("settled", 100.00, self.pix_charge.txid)
        )
        self.assertEqual(self.residuals(self.line), ["0.00"])

    def test_replayed_and_polled_it_is_booked_once(self):
        found = self.customer_pays(self.pix_charge.txid, "100.00")
        report = self.server.report(found)
        for _time in range(3):
            self.assertEqual(self.post(report), 200)
        self.minute()
        self.assertEqual(self.post(report), 200)
        self.minute()
        self.assertEqual(len(self.received(found)), 1)
        receipts = self.env["crediario.receipt"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(receipts.mapped("amount_received"), [100.00])

    def test_bank_down_when_the_call_comes(self):
        found = self.customer_pays(self.pix_charge.txid, "100.00")
        self.post(self.server.report(found))
        self.server.enqueue(Behaviour(status=503, body={}))
        self.run_job("pix.payment", "_cron_payments", "2026-03-02 15:00:00")
        self.assertEqual((self.received(found).state, self.received(found).tries), ("announced", 1))
        self.run_job("pix.payment", "_cron_payments", "2026-03-02 15:01:00")
        self.assertEqual(self.received(found).state, "settled")

    def test_call_before_the_answer_to_our_own_request(self):
        """The bank took the charge, its answer was lost, the customer had the code."""
        found = self.customer_pays(self.pix_charge.txid, "100.00")
        self.pix_charge.write({"state": "new", "code": False})
        self.post(self.server.report(found))
        self.run_job("pix.payment", "_cron_payments")
        self.assertEqual((self.received(found).state, self.pix_charge.state), ("settled", "paid"))

    def test_invented_pix_is_dismissed(self):
        self.assertEqual(self.post({"pix": [{"endToEndId": "E" * 32, "valor": "1.00"}]}), 200)
        for hour in range(10, 20):
            self.run_job("pix.payment", "_cron_payments", f"2026-03-02 {hour}:00:00")
        self.assertEqual(self.received("E" * 32).state, "dismissed")
        self.assertEqual(self.residuals(self.line), ["100.00"])

    @mute_logger(LOGGER)
    def test_strangers_are_sent_away(self):
        report = {"pix": [{"endToEndId": "E" * 32}]}
        secret = self.account.sudo().webhook_secret
        uuid = self.account.uuid
        for path in (f"{uuid}/{secret[:-1]}", f"{uuid}/guess", f"{'0' * 32}/{secret}", f"{uuid}/é"):
            self.assertEqual(self.post(report, f"/optica_cobranca/pix/{path}"), 403)
        self.account.state = "disabled"
        self.assertEqual(self.post(report), 403)
        self.assertFalse(self.received("E" * 32))

    @mute_logger(LOGGER)
    def test_web_server_that_checks_the_certificate(self):
        self.account.write({"proxy_header": "X-SSL-Client-Verify", "proxy_value": "SUCCESS"})
        report = {"pix": [{"endToEndId": "E" * 32}]}
        self.assertEqual(self.post(report), 403)
        self.assertEqual(self.post(report, **{"X-SSL-Client-Verify": "NONE"}), 403)
        self.assertEqual(self.post(report, **{"X-SSL-Client-Verify": "SUCCESS"}), 200)
        self.assertTrue(self.received("E" * 32))

    def test_what_is_no_report(self):
        for body in (
            b" ",
            b"not json",
            b"[]",
            b'{"pix": "x"}',
            b'{"pix": [1, {"endToEndId": "x"}]}',
        ):
            self.assertEqual(self.post(body), 200)
        self.assertFalse(self.env["pix.payment"].search([("account_id", "=", self.account.id)]))
        self.assertEqual(self.post(b"x" * (1024 * 1024 + 1)), 413)
