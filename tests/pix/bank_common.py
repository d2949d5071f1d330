"""A shop connected to a bank's stand-in, its jobs in cursors of their own."""

from datetime import datetime, timezone

from freezegun import freeze_time

from odoo.tests import HttpCase

from tests.fakes.pix_server import CLIENT_ID, KEY, SECRET, PixServer
from tests.pix.common import PixCommon

# A Monday, 12:00 in São Paulo.
NOON = "2026-03-02 15:00:00"
DUE = "2026-03-02"


class PixBankCommon(PixCommon):
    """``self.server`` is the bank, ``self.account`` the shop's live account there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contact_on_payment = True
        cls.customer.write({"vat": "123.456.789-09", "city": "São Paulo"})
        # Whatever the database brought along is not asked by these tests.
        cls.env["pix.account"].search([]).state = "disabled"

    def setUp(self):
        super().setUp()
        if not isinstance(self, HttpCase):  # what is kept by cursors of their own is seen
            self.enterContext(self.enter_registry_test_mode())
        self.server = PixServer()
        self.enterContext(self.server)
        self.account = self.make_account()

    # ------------------------------------------------------------ builders

    def make_account(self, **values):
        return self.env["pix.account"].create(
            {
                "name": "Bank of the tests",
                "company_id": self.company.id,
                "profile": "other",
                "state": "live",
                "key": KEY,
                "journal_id": self.bank.id,
                "user_id": self.env.user.id,
                "polled_until": "2026-03-01 00:00:00",
                "client_id": CLIENT_ID,
                "client_secret": SECRET,
                "base_url": f"{self.server.root}/pix/v2",
                "token_url": f"{self.server.root}/oauth/token",
                **values,
            }
        )

    def charge(self, lines, at=NOON, **options):
        """Today's charge of these installments at an instant (UTC)."""
        with freeze_time(at):
            day = datetime.fromisoformat(at).date()
            return self.env["pix.charge"]._charge_for(lines, day, **options)

    def customer_pays(self, txid, amount, at=NOON, **parts):
        """By the bank's application; the bank knows it, we do not yet."""
        return self.server.pay(txid, amount, self.instant(at), **parts)

    def instant(self, at):
        """UTC as text, aware."""
        return datetime.fromisoformat(at).replace(tzinfo=timezone.utc)

    # ------------------------------------------------------------- actions

    def run_job(self, model, method, at=NOON, *args):
        """A job of the scheduler at an instant (UTC), as the system, in a cursor of its own."""
        self.env.flush_all()
        with freeze_time(at), self.registry.cursor() as cursor:
            env = self.env(cr=cursor, user=self.env.ref("base.user_root").id, su=False)
            getattr(env[model], method)(*args)
        self.env.invalidate_all()

    def minute(self, at=NOON):
        """One minute of all the jobs of Pix."""
        self.run_job("pix.payment", "_cron_poll", at)
        self.run_job("pix.payment", "_cron_payments", at)
        self.run_job("pix.charge", "_cron_charges", at)
        self.run_job("pix.refund", "_cron_refunds", at)

    def received(self, end_to_end_id):
        return self.env["pix.payment"].search([("end_to_end_id", "=", end_to_end_id)])

    def calendar_at_bank(self, charge):
        """What was asked for, without the bank's own instant."""
        calendar = self.server.charges[charge.txid]["calendario"]
        return {name: value for name, value in calendar.items() if name != "criacao"}

    def at_bank(self, charge):
        """Status of a charge at the bank."""
        return self.server.charges[charge.txid]["status"]
