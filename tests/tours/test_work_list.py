"""The work list in a browser: three customers called, none left, the last result taken back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from tests.common import CollectionCommon


class TestWorkListTour(CollectionCommon, HttpCase):
    """The clock is the real one, because the browser has its own."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("UPDATE account_move_line SET amount_residual = 0 WHERE TRUE")
        cls.collector = new_test_user(
            cls.env,
            "cobradora_agenda",
            "optica_cobranca.group_collector",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )
        # Charges do not depend on which weekday the tests run: fine alone, no interest.
        cls.plan.late_interest_percent = 0.0
        # 300 × 20 = 6000, 200 × 20 = 4000, 100 × 20 = 2000.
        names = {"Ana Prado": "300.00", "Bruno Reis": "200.00", "Carla Dias": "100.00"}
        today = datetime.now(ZoneInfo(cls.collector.tz)).date()
        due = str(today - timedelta(days=20))
        cls.customers = []
        for number, (name, amount) in enumerate(names.items(), start=7):
            partner = cls.make_customer(name, phone=f"+55 11 96123-456{number}")
            cls.make_installments((due, amount), partner=partner)
            cls.customers.append(partner)

    def test_call_promise_next_undo(self):
        self.start_tour(
            "/odoo/optica-receipts",
            "optica_cobranca_work_list",
            login=self.collector.login,
            timeout=120,
        )
        first, second, third = self.customers
        calls = self.env["dunning.call"].search([("user_id", "=", self.collector.id)], order="id")
        self.assertEqual(
            [(call.partner_id, call.result, bool(call.undone_at)) for call in calls],
            [
                (first, "promise", False),
                (second, "no_answer", False),
                (third, "wrong_number", True),
                (third, "no_answer", False),
            ],
        )
        self.assertEqual(calls[0].promise_id.amount, 306.0)
        self.assertEqual(third.phone, "+55 11 96123-4569")
        self.assertFalse(self.env["dunning.work.lock"].search([]))
