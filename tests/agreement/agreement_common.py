"""Builders of the tests of agreements; tests work out their figures from the usual debt.

The usual debt on 27 March 2026 (2% fine, 1% a month):
A 100.00 due 10 Feb, 45 days: fine 2.00, interest 1.50; B 105.58 due 10 March, 17 days: 2.11, 0.60;
C 50.00 due 10 April. Principal 255.58, charges 6.21. A collector forgives half of the charges:
1.75 of A (1.50 interest, 0.25 fine), 1.36 of B (0.60 and 0.76).
"""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from ..receiving.receiving_common import ReceivingCommon

TODAY = "2026-03-27"


class AgreementCommon(ReceivingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.agreement_step_ids = [
            Command.clear(),
            Command.create({"min_days_late": 1, "percent_of_charges": 50}),
        ]
        cls.collector = new_test_user(
            cls.env,
            "agreement.collector",
            groups="optica_cobranca.group_collector",
            company_id=cls.company.id,
        )

    def debt(self):
        return self.make_installments(
            ("2026-02-10", "100.00"), ("2026-03-10", "105.58"), ("2026-04-10", "50.00")
        )

    def propose(self, lines, user=None, on=TODAY, **terms):
        """A proposal over these installments, as seen by the tests' user."""
        with freeze_time(on):
            lines = lines.with_user(user) if user else lines
            action = lines.action_propose_agreement()
            agreement = lines.env["crediario.agreement"].browse(action["res_id"])
            agreement.write({"installment_count": 4, "first_due_date": "2026-04-27", **terms})
        return agreement.with_env(self.env)

    def accept(self, agreement, on=TODAY):
        with freeze_time(on):
            agreement.action_accept()
        return agreement.installment_ids.sorted("installment_number")

    def usual(self):
        """In force: discount 3.11, 58.68 down, four times 50.00."""
        lines = self.debt()
        agreement = self.propose(lines, discount_charges=3.11, down_payment=58.68)
        return lines, agreement, self.accept(agreement)

    def receivable(self, partner=None):
        """Σ residual of posted receivable items of the customer, and of its installments."""
        domain = [
            ("partner_id", "=", (partner or self.customer).id),
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
        ]
        items = self.env["account.move.line"].search(domain)
        installments = items.filtered("crediario_plan_id")
        return (
            f"{sum(items.mapped('amount_residual')):.2f}",
            f"{sum(installments.mapped('amount_residual')):.2f}",
        )
