"""A customer pays an invoice in installments by an online payment provider of Odoo."""

from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon


@tagged("standard", "post_install", "-at_install")
class TestOnlinePayment(AccountPaymentCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref("optica_cobranca.group_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env["crediario.plan"].create(
            {
                "name": "Test plan",
                "min_installment_value": 0.01,
                "first_due_min_days": 0,
                "first_due_max_days": 60,
            }
        )
        cls.contract = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.partner.id,
                "currency_id": cls.company_data["currency"].id,
                "invoice_date": "2026-02-02",
                "crediario_plan_id": cls.plan.id,
                "installment_count": 3,
                "first_due_date": "2026-03-02",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Glasses", "price_unit": 300.0, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        cls.contract.action_post()

    def residuals(self):
        lines = self.contract.installment_ids.sorted("installment_number")
        return [f"{line.amount_residual_currency:.2f}" for line in lines]

    def test_provider_confirms_a_payment(self):
        """150.00 of 3 × 100.00: the oldest is closed, the next keeps 50.00; undone, all is back."""
        transaction = self._create_transaction(
            "direct",
            state="done",
            amount=150.0,
            currency_id=self.company_data["currency"].id,
            invoice_ids=[Command.set(self.contract.ids)],
        )
        transaction._post_process()
        self.assertEqual(self.residuals(), ["0.00", "50.00", "100.00"])
        lines = self.contract.installment_ids.sorted("installment_number")
        amounts = lines._amounts_today(transaction.payment_id.date)
        self.assertEqual(
            [amounts[line.id].principal for line in lines],
            [Decimal(0), Decimal(50), Decimal(100)],
        )
        transaction.payment_id.action_draft()
        transaction.payment_id.action_cancel()
        self.assertEqual(self.residuals(), ["100.00", "100.00", "100.00"])
