"""Amount today of an installment: principal, fine, interest (docs/money.md)."""

from datetime import date

from freezegun import freeze_time

from odoo.tests import Form

from ..common import CollectionCommon


class TestAmountToday(CollectionCommon):
    def amounts(self, line):
        line.invalidate_recordset()
        return tuple(
            f"{line[name]:.2f}"
            for name in (
                "amount_residual",
                "late_fine",
                "late_interest",
                "amount_today",
            )
        )

    @freeze_time("2026-03-01 15:00:00")
    def test_vector_of_the_design(self):
        """105.58 due Thu 12 Feb, 17 days late: 2.11 (2%) + 0.60 (1%/30 × 17) = 108.29."""
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        self.assertEqual(self.amounts(line), ("105.58", "2.11", "0.60", "108.29"))
        self.assertEqual(line.days_late, 17)
        self.assertEqual(line.installment_state, "overdue")

    def test_weekend_rolls_to_monday(self):
        """Due Sat 7 March: nothing on Monday the 9th; on the 10th one day: 2.00 + 0.03."""
        (line,) = self.make_installments(("2026-03-07", "100.00"))
        with freeze_time("2026-03-09 15:00:00"):
            self.assertEqual(self.amounts(line), ("100.00", "0.00", "0.00", "100.00"))
        with freeze_time("2026-03-10 15:00:00"):
            self.assertEqual(self.amounts(line), ("100.00", "2.00", "0.03", "102.03"))

    def test_holiday_of_the_shops_state(self):
        """9 July is a holiday in São Paulo (a Thursday in 2026), not in Minas Gerais."""
        (line,) = self.make_installments(("2026-07-09", "100.00"))
        with freeze_time("2026-07-10 15:00:00"):
            self.assertEqual(self.amounts(line), ("100.00", "0.00", "0.00", "100.00"))
            self.company.state_id = self.env.ref("base.state_br_mg")
            self.assertEqual(self.amounts(line), ("100.00", "2.00", "0.03", "102.03"))

    def test_company_of_another_country_keeps_national_holidays(self):
        """A state that is not Brazilian, such as California, has no holidays here; CA is no UF."""
        self.company.write({"country_id": False, "state_id": self.env.ref("base.state_us_5").id})
        calendar = self.company._business_calendar()
        self.assertFalse(calendar.is_business_day(date(2026, 12, 25)))
        self.assertTrue(calendar.is_business_day(date(2026, 7, 9)))

    def test_grace_is_lost_once_passed(self):
        """Grace 5 days, due Mon 2 March: free until the 7th; on the 8th six days are charged."""
        plan = self.make_plan(grace_days=5)
        (line,) = self.make_installments(("2026-03-02", "100.00"), plan=plan)
        with freeze_time("2026-03-07 15:00:00"):
            self.assertEqual(self.amounts(line), ("100.00", "0.00", "0.00", "100.00"))
        with freeze_time("2026-03-08 15:00:00"):
            self.assertEqual(self.amounts(line), ("100.00", "2.00", "0.20", "102.20"))

    def test_part_payment_by_odoos_own_wizard(self):
        """100.00 due Mon 2 March; 40.00 paid on the 12th: interest 0.33, fine 2.00, rest 37.67.

        On 1 April: interest 62.33 × 1%/30 × 20 = 0.42, the fine is not charged again.
        """
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        with freeze_time("2026-03-12 15:00:00"):
            self.pay(line, "40.00", on="2026-03-12")
        with freeze_time("2026-04-01 15:00:00"):
            self.assertEqual(self.amounts(line), ("62.33", "0.00", "0.42", "62.75"))

    def test_paid_installment_costs_nothing(self):
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        with freeze_time("2026-03-12 15:00:00"):
            self.pay(line, on="2026-03-12")
            self.assertEqual(self.amounts(line), ("0.00", "0.00", "0.00", "0.00"))
            self.assertEqual(line.installment_state, "paid")

    def test_undone_payment_restores_the_amount(self):
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        with freeze_time("2026-04-01 15:00:00"):
            payment = self.pay(line, on="2026-03-12")
            payment.move_id.button_cancel()
            self.assertEqual(self.amounts(line), ("100.00", "2.00", "1.00", "103.00"))

    def test_unmatched_payment_leaves_its_charges_paid(self):
        """Its fine and 10 days of interest are income already; 20 days of interest are new."""
        (line,) = self.make_installments(("2026-03-02", "100.00"))
        with freeze_time("2026-04-01 15:00:00"):
            self.pay(line, on="2026-03-12")
            line.remove_move_reconcile()
            self.assertEqual(self.amounts(line), ("100.00", "0.00", "0.67", "100.67"))

    @freeze_time("2026-03-01 15:00:00")
    def test_one_query_for_the_history_of_many(self):
        lines = self.make_installments(*[(f"2026-02-{day:02}", "10.00") for day in range(1, 11)])
        self.env.flush_all()
        self.env.invalidate_all()
        self.count_queries(lines)  # fills what is cached for the process, such as holidays
        few = self.count_queries(lines[:2])
        many = self.count_queries(lines)
        self.assertEqual(few, many)

    def count_queries(self, lines):
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        lines.mapped("amount_today")
        return self.cr.sql_log_count - before


@freeze_time("2026-01-02 12:00:00")
class TestQuotationForm(CollectionCommon):
    def test_typing_the_number_updates_the_table(self):
        order = self.make_sale("600.00", 6, "2026-02-10")
        with Form(order) as form:
            form.installment_count = 3
            self.assertEqual(
                [row["label"] for row in form.installment_preview["rows"]],
                ["1/3", "2/3", "3/3"],
            )
            self.assertIn("200.00", form.installment_preview["rows"][0]["value"])
            form.due_day = 15
            self.assertEqual(str(form.first_due_date), "2026-01-15")
