"""A customer invoice with a plan: its receivable lines are the installments."""

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from ..common import CollectionCommon


@freeze_time("2026-01-02 12:00:00")
class TestContract(CollectionCommon):
    def test_receivable_lines_are_the_installments(self):
        """1,000.00 in 3: 333.33 + 333.33 + 333.34, due on the last day of each month."""
        move = self.make_invoice("1000.00", 3, "2026-01-31")
        self.assertEqual(
            self.schedule(move),
            [
                (1, "2026-01-31", "333.33"),
                (2, "2026-02-28", "333.33"),
                (3, "2026-03-31", "333.34"),
            ],
        )
        self.assertEqual(move.contract_reference, move.name)

    def test_down_payment_is_line_zero(self):
        """1,000.00 − 100.00 at once; 900.00 in 2 parts of 450.00."""
        move = self.make_invoice("1000.00", 2, "2026-02-10", down="100.00")
        self.assertEqual(
            self.schedule(move),
            [
                (0, "2026-01-02", "100.00"),
                (1, "2026-02-10", "450.00"),
                (2, "2026-03-10", "450.00"),
            ],
        )

    def test_two_installments_on_one_day_stay_two(self):
        """The down payment and an installment due on the day of the sale do not merge."""
        move = self.make_invoice("300.00", 2, "2026-01-02", down="100.00")
        self.assertEqual(
            self.schedule(move),
            [
                (0, "2026-01-02", "100.00"),
                (1, "2026-01-02", "100.00"),
                (2, "2026-02-02", "100.00"),
            ],
        )

    def test_finance_charge_by_price_table(self):
        """1,000.00 at 1% a month in 10: 105.58 each; charge 55.80, line and account of its own."""
        plan = self.make_plan(method="price", monthly_rate=1.0)
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=plan)
        self.assertEqual({value for _n, _d, value in self.schedule(move)}, {"105.58"})
        charge = move.line_ids.filtered("is_finance_charge")
        self.assertEqual(charge.credit, 55.80)
        self.assertEqual(charge.account_id, self.company.finance_charge_account_id)
        self.assertFalse(charge.tax_ids)
        self.assertEqual(move.amount_total, 1055.80)

    def test_repricing_a_draft_recomputes_everything(self):
        """Linear, 1%, 10 parts: 1,000 → 1,100.00; repriced to 500 → 550.00, in 5 → 525.00."""
        plan = self.make_plan(method="linear", monthly_rate=1.0)
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=plan, post=False)
        self.assertEqual(move.amount_total, 1100.00)
        product = move.invoice_line_ids.filtered(lambda line: not line.is_finance_charge)
        move.write({"invoice_line_ids": [Command.update(product.id, {"price_unit": 500.0})]})
        self.assertEqual(move.amount_total, 550.00)
        move.installment_count = 5
        self.assertEqual(move.amount_total, 525.00)
        self.assertEqual(len(move.line_ids.filtered("is_finance_charge")), 1)
        self.assertEqual(self.schedule(move)[0], (1, "2026-02-02", "105.00"))
        move.crediario_plan_id = self.plan
        self.assertEqual(move.amount_total, 500.00)
        self.assertFalse(move.line_ids.filtered("is_finance_charge"))

    def test_reset_to_draft_keeps_numbers(self):
        move = self.make_invoice("600.00", 3, "2026-01-31")
        before = self.schedule(move)
        move.button_draft()
        move.invoice_line_ids.price_unit = 900.0
        move.action_post()
        self.assertEqual(
            self.schedule(move),
            [(number, due, "300.00") for number, due, _value in before],
        )

    def test_removing_the_plan_leaves_a_plain_invoice(self):
        move = self.make_invoice("600.00", 3, "2026-01-31", post=False)
        move.crediario_plan_id = False
        terms = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(len(terms), 1)
        self.assertEqual(terms.balance, 600.0)
        self.assertFalse(terms.crediario_plan_id)

    def test_with_taxes_the_parts_sum_to_the_total(self):
        tax = self.env["account.tax"].create(
            {
                "name": "10%",
                "amount": 10.0,
                "amount_type": "percent",
                "type_tax_use": "sale",
            }
        )
        plan = self.make_plan(method="price", monthly_rate=1.0)
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=plan, post=False)
        product = move.invoice_line_ids.filtered(lambda line: not line.is_finance_charge)
        product.tax_ids = tax
        # 1,100.00 × 0.01 / (1 − 1.01^−10) = 116.14 each.
        self.assertEqual({value for _n, _d, value in self.schedule(move)}, {"116.14"})
        self.assertEqual(move.amount_total, 1161.40)

    def test_one_cent_times_forty_eight(self):
        move = self.make_invoice("0.48", 48, "2026-01-31")
        self.assertEqual({value for _n, _d, value in self.schedule(move)}, {"0.01"})
        self.assertEqual(len(self.schedule(move)), 48)

    def test_credit_note_is_no_contract(self):
        move = self.make_invoice("600.00", 3, "2026-01-31")
        refund = move._reverse_moves()
        self.assertFalse(refund.crediario_plan_id)
        self.assertFalse(refund.line_ids.crediario_plan_id)

    def test_preview_before_anything_is_agreed(self):
        plan = self.make_plan(method="price", monthly_rate=1.0)
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=plan, post=False)
        rows = move.installment_preview["rows"]
        self.assertEqual(len(rows), 10)
        self.assertEqual([row["label"] for row in rows][:2], ["1/10", "2/10"])
        self.assertIn("105.58", rows[0]["value"])
        self.assertIn("1,055.80", move.installment_preview["total"])
        self.assertEqual(move.finance_charge, 55.80)

    def test_core_numbers_follow_the_contract(self):
        """Moving installment 1 past number 2 must not renumber them."""
        move = self.make_invoice("300.00", 3, "2026-01-31")
        first = move.line_ids.filtered(lambda line: line.installment_number == 1)
        first.sudo().date_maturity = "2026-03-15"
        lines = move.line_ids.filtered("crediario_plan_id")
        numbers = {data["line"]: data["number"] for data in lines._get_installments_data()}
        self.assertEqual({line: line.installment_number for line in lines}, numbers)


@freeze_time("2026-01-02 12:00:00")
class TestRefusals(CollectionCommon):
    """Bad input is refused with a sentence that says what is allowed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.strict = cls.make_plan(
            "Strict",
            max_installments=6,
            min_installment_value=50.0,
            due_days="5,10",
            first_due_min_days=15,
            first_due_max_days=45,
        )

    def refused(self, expected, **terms):
        with self.assertRaisesRegex((ValidationError, UserError), expected):
            self.make_invoice(**{"plan": self.strict, "first_due": "2026-02-05", **terms})

    def test_number_of_installments(self):
        self.refused("from 1 to 6 installments; 0", installments=0)
        self.refused("from 1 to 6 installments; 7", installments=7)

    def test_smallest_installment(self):
        """200.00 in 5 is 40.00, below 50.00; up to 4 fit."""
        self.refused("at least .*50.00.*up to 4 installments", total="200.00", installments=5)

    def test_first_due_date(self):
        # Sold on 2 January: days 15 to 45 later are 17 January to 16 February.
        self.refused("02/05/2026, 02/10/2026", first_due="2026-02-07")
        self.refused("02/05/2026, 02/10/2026", first_due="2025-12-05")

    def test_down_payment(self):
        self.refused("smaller than the total", total="200.00", installments=1, down="200.00")
        self.refused("cannot be negative", down="-1")

    def test_fine_above_the_law(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation) as caught,
            self.cr.savepoint(),
        ):
            self.make_plan(fine_percent=2.01)
        # What the web client shows in place of the database's own words.
        sentence = self.env["crediario.plan"]._sql_error_to_message(caught.exception)
        self.assertIn("between 0% and 2% of the installment", sentence)

    def test_rate_above_one_percent_waits_for_the_manager(self):
        dear = self.make_plan("Dear", method="price", monthly_rate=2.5)
        self.refused("waits for a manager", plan=dear, first_due="2026-02-02")
        dear.action_confirm_rate()
        self.make_invoice(plan=dear, first_due="2026-02-02")
        dear.monthly_rate = 3.0
        self.assertFalse(dear.rate_confirmed)


@freeze_time("2026-01-02 12:00:00")
class TestSale(CollectionCommon):
    def test_terms_travel_to_the_invoice(self):
        order = self.make_sale("600.00", 6, "2026-02-10", down="60.00")
        order.action_confirm()
        move = order._create_invoices()
        move.invoice_date = fields.Date.to_date("2026-01-02")
        move.action_post()
        self.assertEqual(move.crediario_plan_id, self.plan)
        schedule = self.schedule(move)
        self.assertEqual(schedule[0], (0, "2026-01-02", "60.00"))
        self.assertEqual(schedule[1], (1, "2026-02-10", "90.00"))
        self.assertEqual(len(schedule), 7)

    def test_finance_charge_line_follows_the_order(self):
        """Linear 1%: 600 × 6% = 36.00; 1,200 × 6% = 72.00; without plan the line goes."""
        plan = self.make_plan(method="linear", monthly_rate=1.0)
        order = self.make_sale("600.00", 6, "2026-02-10", plan=plan)
        self.assertEqual(order.amount_total, 636.00)
        order.order_line.filtered(lambda line: not line.is_finance_charge).price_unit = 1200.0
        self.assertEqual(order.amount_total, 1272.00)
        order.crediario_plan_id = False
        self.assertEqual(order.amount_total, 1200.00)
        self.assertEqual(len(order.order_line), 1)

    def test_invoice_of_an_order_with_charge(self):
        plan = self.make_plan(method="price", monthly_rate=1.0)
        order = self.make_sale("1000.00", 10, "2026-02-02", plan=plan)
        order.action_confirm()
        move = order._create_invoices()
        move.action_post()
        self.assertEqual(move.amount_total, 1055.80)
        self.assertEqual(len(move.line_ids.filtered("is_finance_charge")), 1)
        self.assertEqual({value for _n, _d, value in self.schedule(move)}, {"105.58"})
        self.assertEqual(order.invoice_status, "invoiced")

    def test_bad_terms_stop_the_confirmation(self):
        plan = self.make_plan(min_installment_value=200.0)
        order = self.make_sale("600.00", 6, "2026-02-10", plan=plan)
        self.assertIn("up to 3 installments", order.crediario_problem)
        with self.assertRaisesRegex(ValidationError, "up to 3 installments"):
            order.action_confirm()

    def test_due_day(self):
        plan = self.make_plan(due_days="5,10,31", first_due_min_days=15, first_due_max_days=60)
        order = self.make_sale("600.00", 3, plan=plan)
        self.assertEqual(str(order.first_due_date), "2026-01-31")
        order.due_day = 10
        self.assertEqual(str(order.first_due_date), "2026-02-10")
        with self.assertRaisesRegex(ValidationError, "Due day 7 is not offered"):
            order.due_day = 7
