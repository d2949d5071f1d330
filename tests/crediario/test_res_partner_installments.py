"""What a customer owes in installments, worked out by hand."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from tests.common import CollectionCommon

TODAY = "2026-03-17"  # a Tuesday


@freeze_time(TODAY)
class TestCustomerInstallments(CollectionCommon):
    def test_nothing_open(self):
        self.assertEqual(self.customer.open_installment_count, 0)
        self.assertEqual(self.customer.overdue_amount, 0.0)
        self.assertFalse(self.customer.has_overdue_installments)

    def test_totals_with_charges(self):
        """105.58, 15 days late: fine 2.11, interest 105.58 × 1 % / 30 × 15 = 0.53."""
        lines = self.make_installments(("2026-03-02", "105.58"), ("2026-04-02", "105.58"))
        self.assertEqual(self.customer.open_installment_ids, lines)
        self.assertEqual(self.customer.open_installment_count, 2)
        self.assertAlmostEqual(self.customer.open_installment_amount, 211.16)
        self.assertEqual(self.customer.overdue_installment_count, 1)
        self.assertEqual(self.customer.overdue_days, 15)
        self.assertAlmostEqual(self.customer.overdue_amount, 108.22)
        self.assertAlmostEqual(self.customer.installment_total_today, 213.80)

    def test_due_today_is_not_late(self):
        self.make_installments((TODAY, "50.00"))
        self.assertEqual(self.customer.overdue_installment_count, 0)
        self.assertAlmostEqual(self.customer.installment_total_today, 50.0)

    def test_paid_installments_leave(self):
        lines = self.make_installments(("2026-03-02", "100.00"), ("2026-04-02", "100.00"))
        self.pay(lines[0], on="2026-03-17")
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.open_installment_ids, lines[1])
        self.assertFalse(self.customer.has_overdue_installments)

    def test_contact_shows_what_its_company_owes(self):
        company = self.make_customer("Lentes Ltda", is_company=True)
        contact = self.make_customer("Contato", parent_id=company.id)
        self.make_installments(("2026-03-02", "10.00"), partner=company)
        self.assertEqual(contact.open_installment_count, 1)

    def test_other_company_does_not_count(self):
        other = self.setup_other_company()["company"]
        self.make_installments(("2026-03-02", "10.00"))
        self.assertEqual(self.customer.with_company(other).open_installment_count, 0)
        self.assertEqual(self.customer.open_installment_count, 1)

    def test_search_late_customers(self):
        punctual = self.make_customer("Pontual")
        self.make_installments(("2026-03-02", "10.00"))
        self.make_installments(("2026-04-02", "10.00"), partner=punctual)
        both = self.customer | punctual
        domain = [("id", "in", both.ids)]
        late = [("has_overdue_installments", "=", True)]
        punctual_only = [("has_overdue_installments", "=", False)]
        self.assertEqual(self.env["res.partner"].search([*domain, *late]), self.customer)
        self.assertEqual(self.env["res.partner"].search([*domain, *punctual_only]), punctual)

    def test_queries_do_not_grow_with_the_customers(self):
        customers = self.env["res.partner"].concat(
            *[self.make_customer(f"C{n}") for n in range(12)]
        )
        for customer in customers:
            self.make_installments(
                ("2026-03-02", "10.00"), ("2026-04-02", "10.00"), partner=customer
            )
        self.env.flush_all()

        def queries(partners):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.mapped("installment_total_today")
            return self.env.cr.sql_log_count - before

        queries(customers[:3])
        self.assertLessEqual(queries(customers), queries(customers[:3]) + 3)

    def test_seller_sees_totals_of_every_seller(self):
        """The counter must know the whole situation of a customer."""
        self.make_installments(("2026-03-02", "10.00"))
        seller = new_test_user(
            self.env,
            "seller_totals",
            "optica_cobranca.group_seller",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertEqual(self.customer.with_user(seller).open_installment_count, 1)
        self.assertTrue(self.customer.with_user(seller).open_installment_ids.mapped("amount_today"))

    def test_figures_are_for_the_collection_only(self):
        employee = new_test_user(self.env, "employee_figures", "base.group_user")
        with self.assertRaises(AccessError):
            self.customer.with_user(employee).read(["overdue_amount"])

    def test_birth_month_day(self):
        self.customer.birthdate = "1960-02-29"
        self.assertEqual(self.customer.birth_month_day, 229)
        self.customer.birthdate = False
        self.assertEqual(self.customer.birth_month_day, 0)
        # A day told without the year is no part of a birthdate that is not there.
        self.customer.write({"birth_day": 7, "birth_month": "03"})
        self.customer.birthdate = False
        self.assertEqual(self.customer.birth_month_day, 307)
