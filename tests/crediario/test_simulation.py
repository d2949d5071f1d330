"""The seller's table on a quotation and on a draft invoice, and its paper."""

from freezegun import freeze_time
from freezegun.api import real_perf_counter

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from ..common import CollectionCommon


@freeze_time("2026-01-02 12:00:00")
class TestSimulation(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crediario.plan"].search([("id", "!=", cls.plan.id)]).action_archive()
        cls.price_plan = cls.make_plan("Price", method="price", monthly_rate=1.0, sequence=20)

    def simulate(self, document):
        action = document.action_simulate()
        return self.env[action["res_model"]].browse(action["res_id"])

    def row(self, simulation, plan, count):
        [block] = [block for block in simulation.offers if block["key"] == plan.id]
        [row] = [row for row in block["rows"] if row["key"] == f"{plan.id}:{count}"]
        return row

    def test_rows_of_every_plan(self):
        """1,000.00 at 1% in 10: 105.58 each, charge 55.80; without charge 100.00 each."""
        simulation = self.simulate(self.make_sale("1000.00", 6, "2026-02-02"))
        self.assertEqual([block["plan"] for block in simulation.offers], ["Test plan", "Price"])
        row = self.row(simulation, self.price_plan, 10)
        self.assertIn("105.58", row["part"])
        self.assertIn("55.80", row["finance_charge"])
        self.assertIn("1,055.80", row["total"])
        self.assertEqual(row["monthly_rate"], "1.00%")
        self.assertEqual((row["first"], row["last"]), ("02/02/2026", "11/02/2026"))
        free = self.row(simulation, self.plan, 10)
        self.assertIn("100.00", free["part"])
        self.assertEqual((free["monthly_rate"], free["cet"]), ("0.00%", "0.00%"))

    def test_last_installment_is_told_when_it_differs(self):
        """1,000.00 in 3: 333.33, 333.33 and 333.34."""
        simulation = self.simulate(self.make_sale("1000.00", 6, "2026-02-02"))
        self.assertIn("333.34", self.row(simulation, self.plan, 3)["last_part"])
        self.assertFalse(self.row(simulation, self.plan, 2)["last_part"])

    def test_choosing_fills_the_quotation(self):
        """200.00 of 1,200.00 down, 1% in 10: the order has the charge of 55.80 as a line."""
        order = self.make_sale("1200.00", 6, "2026-02-02")
        simulation = self.simulate(order)
        simulation.write(
            {
                "down_payment": 200.0,
                "first_due_date": "2026-02-10",
                "chosen": f"{self.price_plan.id}:10",
            }
        )
        simulation.action_apply()
        self.assertEqual(order.crediario_plan_id, self.price_plan)
        self.assertEqual((order.installment_count, order.down_payment), (10, 200.0))
        self.assertEqual(str(order.first_due_date), "2026-02-10")
        self.assertEqual(order.amount_total, 1255.80)
        invoice = order._create_invoices() if order.action_confirm() else order.invoice_ids
        self.assertEqual(invoice.amount_total, 1255.80)

    def test_choosing_fills_the_draft_invoice(self):
        """600.00 in 6 becomes 3 of 200.00."""
        move = self.make_invoice("600.00", 6, "2026-02-02", post=False)
        simulation = self.simulate(move)
        self.assertEqual(simulation.chosen, f"{self.plan.id}:6")
        simulation.chosen = f"{self.plan.id}:3"
        simulation.action_apply()
        move.action_post()
        self.assertEqual(
            self.schedule(move),
            [
                (1, "2026-02-02", "200.00"),
                (2, "2026-03-02", "200.00"),
                (3, "2026-04-02", "200.00"),
            ],
        )

    def test_what_is_refused(self):
        """A posted invoice, an empty quotation, no row chosen, too much down."""
        with self.assertRaises(UserError):
            self.simulate(self.make_invoice("600.00", 6, "2026-02-02"))
        with self.assertRaises(UserError):
            self.simulate(self.make_sale("0.00", 6))
        order = self.make_sale("600.00", 6, "2026-02-02")
        simulation = self.simulate(order)
        simulation.chosen = f"{self.plan.id}:49"
        with self.assertRaises(UserError):
            simulation.action_apply()
        simulation.down_payment = 600.0
        self.assertTrue(all(block["problem"] for block in simulation.offers))
        self.assertFalse(any(block["rows"] for block in simulation.offers))

    def test_least_value_limits_the_rows(self):
        """100.00 with at least 30.00 each: 1×, 2× and 3× only."""
        self.plan.min_installment_value = 30.0
        simulation = self.simulate(self.make_sale("100.00", 2, "2026-02-02"))
        [block] = [block for block in simulation.offers if block["key"] == self.plan.id]
        self.assertEqual([row["count"] for row in block["rows"]], ["1×", "2×", "3×"])

    def test_plan_that_waits_for_a_manager_is_not_offered(self):
        dear = self.make_plan("Dear", method="price", monthly_rate=3.0)
        simulation = self.simulate(self.make_sale("600.00", 6, "2026-02-02"))
        self.assertNotIn(dear, simulation.plan_ids)

    def test_clamped_first_date_keeps_its_anchor(self):
        """Due day 31 with the first on 28 February goes on as 31 March, in the table as well."""
        order = self.make_sale("600.00", 3, "2026-02-28")
        order.due_day = 31
        simulation = self.simulate(order)
        self.assertEqual(self.row(simulation, self.plan, 2)["last"], "03/31/2026")

    def test_twenty_four_rows_in_300_ms(self):
        self.price_plan.max_installments = 24
        simulation = self.simulate(self.make_sale("1234.56", 6, "2026-02-02"))
        simulation.plan_ids = self.price_plan
        started = real_perf_counter()
        self.assertEqual(len(simulation.offers[0]["rows"]), 24)
        self.assertLess(real_perf_counter() - started, 0.3)

    def test_a_seller_simulates(self):
        """The salesperson of the order needs no right beyond selling."""
        seller = new_test_user(
            self.env,
            "simulating_seller",
            groups="optica_cobranca.group_seller,sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
        )
        order = self.make_sale("600.00", 6, "2026-02-02").with_user(seller)
        action = order.action_simulate()
        simulation = self.env[action["res_model"]].with_user(seller).browse(action["res_id"])
        simulation.chosen = f"{self.plan.id}:2"
        self.assertTrue(simulation.may_apply)
        simulation.action_apply()
        self.assertEqual(order.installment_count, 2)
        # The draft invoice of the sale shows the table, without the button of who writes invoices.
        sold = order.with_env(self.env)
        sold.user_id = seller
        sold.action_confirm()
        action = sold._create_invoices().with_user(seller).action_simulate()
        simulation = self.env[action["res_model"]].with_user(seller).browse(action["res_id"])
        self.assertTrue(simulation.offers)
        self.assertFalse(simulation.may_apply)

    def test_printed_offer(self):
        """Everything CDC 52 and 54-B ask: price, total, number, rates, late terms, validity."""
        self.company.email = "shop@example.com"
        order = self.make_sale("1200.00", 6, "2026-02-02", down="200.00")
        simulation = self.simulate(order)
        simulation.chosen = f"{self.price_plan.id}:10"
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "optica_cobranca.report_offer", simulation.ids
        )
        text = html.decode().replace("\xa0", " ")
        for expected in (
            "1,200.00",
            "200.00",
            "105.58",
            "55.80",
            "1,255.80",
            "01/04/2026",
            "02/02/2026",
            "11/02/2026",
            "Consumer Code, art. 52",
            "valid for 2 days",
            "shop@example.com",
            "When late",
        ):
            self.assertIn(expected, text)
