"""What happens beyond a page that waits for its Pix."""

import json
import threading
import urllib.request
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo import SUPERUSER_ID, api
from odoo.http import request
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

from odoo.addons.optica_cobranca.controllers.customer_access import CustomerAccess

from tests.pix.bank_common import PixBankCommon
from tests.portal.customer_common import CustomerPagesCommon

PATIENCE = 90.0
HTTPS = "https://otica.example"


class PayingCustomer(threading.Thread):
    """Pays in the bank's application once the page waits; the bank calls the shop's webhook, and
    the shop's scheduler runs its jobs. Nobody touches the page.

    :param test: a running HttpCase with ``server``, the bank, and ``account``, registered there
    :param amount: what is paid; none: what the charge asks
    :param parts: what the bank says the money consists of
    """

    def __init__(self, test, amount, **parts):
        super().__init__(daemon=True)
        self.test, self.amount, self.parts = test, amount, parts
        self.page_waits = threading.Event()
        self.end_to_end_id = None
        self.trouble = None

    def run(self):
        try:
            if not self.page_waits.wait(PATIENCE):
                raise TimeoutError("no page waited for a payment")
            bank = self.test.server
            [txid] = [each for each, charge in bank.charges.items() if charge["status"] == "ATIVA"]
            amount = self.amount or bank.charges[txid]["valor"]["original"]
            self.end_to_end_id = bank.pay(txid, amount, **self.parts)
            self._report(bank)
            for job in ("cron_pix_payments", "cron_pix_charges", "cron_dispatch_messages"):
                self._scheduler_runs(f"optica_cobranca.{job}")
        except Exception as error:
            self.trouble = error

    def _report(self, bank):
        """By HTTP to the address that was registered, as a stranger to every session."""
        [address] = bank.webhooks.values()
        call = urllib.request.Request(
            f"{self.test.base_url()}{urlsplit(address).path}/pix",
            json.dumps(bank.report(self.end_to_end_id)).encode(),
            {
                "Content-Type": "application/json",
                "Cookie": f"{TEST_CURSOR_COOKIE_NAME}={self.test.http_request_key}",
            },
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(call, timeout=30) as answer:
            answer.read()

    def _scheduler_runs(self, name):
        with self.test.registry.cursor() as cursor:
            outcome = api.Environment(cursor, SUPERUSER_ID, {}).ref(name).method_direct_trigger()
        if outcome is not True:
            raise AssertionError(f"{name}: {outcome}")


class PaysByPhone(PixBankCommon, CustomerPagesCommon):
    """The clock is the real one, because the browser has its own."""

    browser_size = "390x844"
    touch_enabled = True

    def setUp(self):
        super().setUp()
        with patch.object(type(self.account), "get_base_url", lambda account: HTTPS):
            self.account.action_register_webhook()

    def pay_in_tour(self, tour, amount=None, **parts):
        """The tour of a page that somebody pays while it is shown; the received Pix."""
        payer = PayingCustomer(self, amount, **parts)
        chosen = CustomerAccess.chosen

        def asked(access, name="installment"):
            if request.httprequest.path.endswith("/pay/state"):
                payer.page_waits.set()
            return chosen(access, name)

        with patch.object(CustomerAccess, "chosen", asked):
            payer.start()
            try:
                self.start_tour(f"/oc/{self.issue()}", tour, login=None, timeout=120)
            finally:
                payer.page_waits.set()
                payer.join(PATIENCE)
                if payer.trouble:
                    raise payer.trouble
        self.env.invalidate_all()
        return self.received(payer.end_to_end_id)
