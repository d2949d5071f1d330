"""The cashier's screen in a browser: find, choose, waive, receive, undo."""

from datetime import date, timedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from tests.common import CollectionCommon


class TestCashierTour(CollectionCommon, HttpCase):
    """The clock is the real one, because the browser has its own."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "gerente_caixa",
            "optica_cobranca.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )

    def test_find_choose_waive_receive_undo(self):
        today = date.today()
        lines = self.make_installments(
            (str(today - timedelta(days=20)), "100.00"), (str(today + timedelta(days=20)), "100.00")
        )
        self.company._create_counter_methods()
        self.start_tour(
            "/odoo/optica-receipts",
            "optica_cobranca_cashier",
            login=self.manager.login,
            timeout=120,
        )
        receipt = self.env["crediario.receipt"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(receipt.state, "cancelled")
        self.assertEqual(receipt.waiver_reason, "Good customer")
        self.assertEqual(receipt.cancel_reason, "Wrong customer")
        self.assertEqual(receipt.amount_waived, 2.0)
        self.assertEqual(receipt.payment_ids.payment_method_line_id.crediario_card, "debit")
        self.assertEqual(lines.mapped("amount_residual"), [100.0, 100.0])
