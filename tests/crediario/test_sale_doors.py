"""Every door through which a sale on store credit is priced and invoiced keeps one rule.

The price of the credit is what the plan says on what is financed: no discount, price list or
down payment changes it by itself, and a down payment is never financed.
"""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from ..common import CollectionCommon


class SaleCommon(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.linear = cls.make_plan("Linear", method="linear", monthly_rate=1.0)

    def charge_of(self, order):
        return order.order_line.filtered("is_finance_charge")

    def goods_of(self, order):
        return order.order_line.filtered(
            lambda line: not (line.is_finance_charge or line.display_type or line.is_downpayment)
        )

    def terms_of(self, move):
        """``[(due date as text, value as text)]`` of the lines a plain invoice is paid by."""
        lines = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return [(str(line.date_maturity), f"{line.balance:.2f}") for line in lines]

    def make_confirmed(self, *args, **kwargs):
        order = self.make_sale(*args, **kwargs)
        order.action_confirm()
        return order

    def invoice_by_wizard(self, order, **values):
        """What the window behind the button *Create Invoice* makes."""
        before = order.invoice_ids
        self.open_wizard(order, **values).create_invoices()
        return order.invoice_ids - before

    def open_wizard(self, order, **values):
        wizards = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        return wizards.create(values)


@freeze_time("2026-01-02 12:00:00")
class TestDeliveredQuantities(SaleCommon):
    """Glasses that are invoiced by what was handed over: nothing, a part, the rest."""

    def make_delivered(self, *prices):
        order = self.make_sale(prices[0], 4, "2026-02-10", plan=self.linear)
        products = [self.make_product(price) for price in prices]
        for product in products:
            product.invoice_policy = "delivery"
        goods = self.goods_of(order)
        goods.product_id = products[0]
        goods.price_unit = float(prices[0])
        order.order_line = [
            Command.create(
                {
                    "product_id": product.id,
                    "price_unit": float(price),
                    "tax_ids": [Command.clear()],
                }
            )
            for product, price in zip(products[1:], prices[1:], strict=True)
        ]
        order.action_confirm()
        return order

    def test_nothing_delivered_makes_no_invoice(self):
        order = self.make_delivered("600.00")
        self.assertEqual(order.amount_total, 624.00)
        self.assertEqual(order.invoice_status, "no")
        for values in ({}, {"consolidated_billing": False}, {"deduct_down_payments": False}):
            with self.assertRaisesRegex(UserError, "No items are available to invoice"):
                self.invoice_by_wizard(order, **values)
        with self.assertRaisesRegex(UserError, "No items are available to invoice"):
            order._create_invoices(final=True)
        self.assertFalse(order.invoice_ids)

    def test_the_charge_follows_what_is_delivered(self):
        """600.00 of 1,000.00 handed over: 4% of 600.00 are 24.00; later 16.00 on the rest."""
        order = self.make_delivered("600.00", "400.00")
        first, second = self.goods_of(order)
        first.qty_delivered = 1.0
        self.assertEqual(order.invoice_status, "to invoice")
        move = self.invoice_by_wizard(order)
        self.assertEqual(move.amount_total, 624.00)
        self.assertEqual({value for _n, _d, value in self.schedule(move)}, {"156.00"})
        move.action_post()
        second.qty_delivered = 1.0
        rest = self.invoice_by_wizard(order)
        self.assertEqual(rest.amount_total, 416.00)
        rest.action_post()
        self.assertEqual(order.invoice_status, "invoiced")

    def test_a_delivered_sale_whose_charge_alone_is_left(self):
        """Only goods are handed over: where they are invoiced, no invoice of the charge is left."""
        order = self.make_delivered("600.00")
        self.goods_of(order).qty_delivered = 1.0
        self.invoice_by_wizard(order).action_post()
        self.assertEqual(order.invoice_status, "invoiced")
        with self.assertRaisesRegex(UserError, "No items are available to invoice"):
            self.invoice_by_wizard(order)

    def test_goods_taken_back_are_a_credit_note_and_no_contract(self):
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        order._create_invoices().action_post()
        self.goods_of(order).product_uom_qty = 0.0
        note = order._create_invoices(final=True)
        self.assertEqual(note.move_type, "out_refund")
        self.assertFalse(note.crediario_plan_id)
        self.assertEqual(note.amount_total, 600.00)
        self.assertFalse(note.line_ids.filtered("crediario_plan_id"))


@freeze_time("2026-01-02 12:00:00")
class TestDownPaymentByWizard(SaleCommon):
    """600.00 in 4 at 1% a month (linear); 120.00 paid before: 480.00 + 19.20 in 4 of 124.80."""

    def check_down_payment(self, order, move):
        self.assertFalse(move.crediario_plan_id)
        self.assertEqual(move.amount_total, 120.00)
        self.assertEqual(len(move.invoice_line_ids.filtered(lambda line: line.quantity)), 1)
        move.action_post()
        self.assertEqual(self.terms_of(move), [("2026-01-02", "120.00")])
        self.assertFalse(move.line_ids.filtered("crediario_plan_id"))
        self.assertFalse(move.contract_reference)
        self.assertEqual(order.down_payment, 120.00)
        self.assertEqual(self.charge_of(order).price_unit, 19.20)

    def check_contract(self, move):
        move.action_post()
        self.assertEqual(move.down_payment, 0.0)
        self.assertEqual(move.amount_total, 499.20)
        self.assertEqual(
            self.schedule(move),
            [
                (1, "2026-02-10", "124.80"),
                (2, "2026-03-10", "124.80"),
                (3, "2026-04-10", "124.80"),
                (4, "2026-05-10", "124.80"),
            ],
        )

    def test_fixed_amount(self):
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        values = {"advance_payment_method": "fixed", "fixed_amount": 120.0}
        self.check_down_payment(order, self.invoice_by_wizard(order, **values))
        self.check_contract(self.invoice_by_wizard(order))

    def test_share_of_the_cash_price(self):
        """20% of 600.00 are 120.00; the price of the credit is no part of what it is a share of."""
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        values = {"advance_payment_method": "percentage", "amount": 20.0}
        self.check_down_payment(order, self.invoice_by_wizard(order, **values))
        self.check_contract(self.invoice_by_wizard(order))

    def test_locked_sale(self):
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        order.action_lock()
        values = {"advance_payment_method": "fixed", "fixed_amount": 120.0}
        self.check_down_payment(order, self.invoice_by_wizard(order, **values))
        self.assertTrue(order.locked)
        self.check_contract(self.invoice_by_wizard(order))

    def test_down_payment_that_was_agreed(self):
        """It is invoiced by the wizard and not asked for again."""
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear, down="120.00")
        self.assertEqual(order.amount_total, 619.20)
        values = {"advance_payment_method": "fixed", "fixed_amount": 120.0}
        self.check_down_payment(order, self.invoice_by_wizard(order, **values))
        self.check_contract(self.invoice_by_wizard(order))

    def test_a_part_of_what_was_agreed(self):
        """70.00 of 120.00 invoiced before: the contract asks for the other 50.00 at once."""
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear, down="120.00")
        values = {"advance_payment_method": "fixed", "fixed_amount": 70.0}
        self.invoice_by_wizard(order, **values).action_post()
        self.assertEqual(order.down_payment, 120.00)
        move = self.invoice_by_wizard(order)
        move.action_post()
        self.assertEqual(self.schedule(move)[0], (0, "2026-01-02", "50.00"))
        self.assertEqual(self.schedule(move)[1], (1, "2026-02-10", "124.80"))
        self.assertEqual(move.amount_total, 549.20)

    def test_paid_on_the_customers_page(self):
        """The invoice that an online prepayment makes comes by the same wizard."""
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        provider = self.env["payment.provider"].search([], limit=1)
        method = self.env["payment.method"].create({"name": "Online", "code": "online"})
        self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": 120.0,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "reference": "prepaid",
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        self.check_down_payment(order, order._generate_downpayment_invoices())
        self.check_contract(self.invoice_by_wizard(order))

    def test_cancelled_down_payment_counts_no_more(self):
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        values = {"advance_payment_method": "fixed", "fixed_amount": 120.0}
        down = self.invoice_by_wizard(order, **values)
        down.button_cancel()
        move = self.invoice_by_wizard(order)
        move.action_post()
        self.assertEqual(self.schedule(move)[0], (0, "2026-01-02", "120.00"))
        self.assertEqual(self.schedule(move)[1], (1, "2026-02-10", "124.80"))

    def test_all_of_it_is_no_credit(self):
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        for values in (
            {"advance_payment_method": "percentage", "amount": 100.0},
            {"advance_payment_method": "fixed", "fixed_amount": 600.0},
        ):
            with self.assertRaisesRegex(ValidationError, "smaller than the total of .*600.00"):
                self.invoice_by_wizard(order, **values)

    def test_sale_without_plan_is_core_s(self):
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        order.action_cancel()
        order.action_draft()
        order.crediario_plan_id = False
        order.action_confirm()
        down = self.invoice_by_wizard(order, advance_payment_method="percentage", amount=20.0)
        self.assertEqual(down.amount_total, 120.00)
        self.assertEqual(order.down_payment, 0.0)

    def test_a_plan_on_a_down_payment_by_hand(self):
        """Whoever puts a plan on the invoice of a down payment is told where it belongs."""
        order = self.make_confirmed("600.00", 4, "2026-02-10", plan=self.linear)
        values = {"advance_payment_method": "fixed", "fixed_amount": 120.0}
        down = self.invoice_by_wizard(order, **values)
        down.write({"crediario_plan_id": self.linear.id, "first_due_date": "2026-02-10"})
        with self.assertRaisesRegex(ValidationError, "A down payment is paid at once"):
            down.action_post()


@freeze_time("2026-01-02 12:00:00")
class TestDiscounts(SaleCommon):
    """400.00 in 3 at 1% a month (linear): 412.00; at 10% off 360.00 + 10.80."""

    def setUp(self):
        super().setUp()
        self.order = self.make_sale("400.00", 3, "2026-02-10", plan=self.linear)

    def check_ten_percent_off(self):
        self.assertEqual(self.order._crediario_cash_total(), 360)
        charge = self.charge_of(self.order)
        self.assertEqual((charge.price_unit, charge.discount), (10.80, 0.0))
        self.assertEqual(self.order.amount_total, 370.80)
        self.order.action_confirm()
        move = self.order._create_invoices()
        move.action_post()
        self.assertEqual(move.amount_total, 370.80)
        self.assertEqual({value for _n, _d, value in self.schedule(move)}, {"123.60"})

    def discount(self, **values):
        wizard = self.env["sale.order.discount"].create({"sale_order_id": self.order.id, **values})
        wizard.action_apply_discount()

    def test_on_every_line(self):
        self.discount(discount_type="sol_discount", discount_percentage=0.1)
        self.check_ten_percent_off()

    def test_on_the_whole_sale(self):
        self.discount(discount_type="so_discount", discount_percentage=0.1)
        self.assertEqual(len(self.order.order_line), 3)
        self.check_ten_percent_off()

    def test_by_an_amount(self):
        self.discount(discount_type="amount", discount_amount=40.0)
        self.assertEqual(len(self.order.order_line), 3)
        self.check_ten_percent_off()

    def test_on_the_line_of_the_charge_by_hand(self):
        charge = self.charge_of(self.order)
        for values in (
            {"discount": 50.0},
            {"product_uom_qty": 3.0},
            {"price_unit": 1.0},
        ):
            charge.write(values)
            self.assertEqual(self.order.amount_total, 412.00, values)

    def test_copied_sale(self):
        """Its line of the charge is the new sale's own."""
        copy = self.order.copy()
        self.assertEqual(len(self.charge_of(copy)), 1)
        self.assertEqual(len(copy.order_line), 2)
        self.assertEqual(copy.amount_total, 412.00)

    def test_the_line_of_the_charge_comes_back(self):
        self.charge_of(self.order).unlink()
        self.assertEqual(self.order.amount_total, 412.00)
        self.order.write({"order_line": [Command.delete(self.charge_of(self.order).id)]})
        self.assertEqual(self.order.amount_total, 412.00)

    def test_price_list(self):
        """A price list of 10% off everything, chosen later, with its button *Update Prices*."""
        self.env.user.write(
            {"group_ids": [Command.link(self.env.ref("sale.group_discount_per_so_line").id)]}
        )
        self.goods_of(self.order).product_id.list_price = 400.0
        self.order.pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "10% off",
                "currency_id": self.order.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 10.0,
                            "applied_on": "3_global",
                        }
                    )
                ],
            }
        )
        self.order.action_update_prices()
        self.check_ten_percent_off()

    def test_on_the_invoice(self):
        """Discounts on a draft invoice touch its goods alone."""
        move = self.make_invoice("400.00", 3, "2026-02-10", plan=self.linear, post=False)
        charge = move.line_ids.filtered("is_finance_charge")
        for values in ({"discount": 50.0}, {"quantity": 3.0}, {"price_unit": 1.0}):
            move.write({"invoice_line_ids": [Command.update(charge.id, values)]})
            self.assertEqual(move.amount_total, 412.00, values)
        goods = move.invoice_line_ids - charge
        move.write(
            {
                "invoice_line_ids": [
                    Command.update(line.id, {"discount": 10.0}) for line in goods + charge
                ]
            }
        )
        self.assertEqual(move.amount_total, 370.80)


@freeze_time("2026-01-02 12:00:00")
class TestOtherCurrency(SaleCommon):
    """A plan's smallest installment is in the company's currency: R$ 30.00 are US$ 6.00 at 5.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollar = cls.env.ref("base.USD")
        cls.dollar.active = True
        cls.dollar.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.dollar.id,
                "company_id": cls.company.id,
                "name": "2026-01-01",
                "inverse_company_rate": 5.0,
            }
        )
        cls.thirty = cls.make_plan("Thirty", min_installment_value=30.0, max_installments=10)
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Dollars", "currency_id": cls.dollar.id}
        )

    def make_in_dollars(self, total, installments):
        order = self.make_sale(total, installments, "2026-02-10", plan=self.thirty)
        order.pricelist_id = self.pricelist
        order.currency_id = self.dollar
        self.goods_of(order).price_unit = float(total)
        return order

    def test_quotation(self):
        """US$ 60.00 in 10 parts of 6.00 is allowed, US$ 54.00 in 10 of 5.40 is not: up to 9."""
        order = self.make_in_dollars("60.00", 10)
        self.assertFalse(order.crediario_problem)
        order.action_confirm()
        small = self.make_in_dollars("54.00", 10)
        self.assertRegex(small.crediario_problem, r"at least \$.6.00; this total allows up to 9 ")
        with self.assertRaisesRegex(ValidationError, "up to 9 installments"):
            small.action_confirm()

    def test_invoice(self):
        move = self.make_invoice("54.00", 10, "2026-02-10", plan=self.thirty, post=False)
        move.currency_id = self.dollar
        move.invoice_line_ids.price_unit = 54.0
        with self.assertRaisesRegex(ValidationError, "up to 9 installments"):
            move.action_post()
        move.installment_count = 9
        move.action_post()
        self.assertEqual(move.installment_ids.mapped("amount_currency"), [6.0] * 9)

    def test_table_of_offers(self):
        order = self.make_in_dollars("54.00", 1)
        action = order.action_simulate()
        simulation = self.env["crediario.simulation"].browse(action["res_id"])
        simulation.plan_ids = self.thirty
        self.assertEqual(len(simulation.offers[0]["rows"]), 9)
        self.assertIn("6.00", simulation.offers[0]["rows"][-1]["part"])

    def test_form(self):
        """In the form, too, before anything is saved."""
        with Form(self.make_in_dollars("54.00", 10)) as form:
            self.assertIn("up to 9 installments", form.crediario_problem)
            form.installment_count = 9
            self.assertFalse(form.crediario_problem)
