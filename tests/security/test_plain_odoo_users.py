"""People who only keep books or only sell, without a role in collection, go on as before."""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form

from ..common import CollectionCommon


class TestPlainOdooUsers(CollectionCommon):
    def make_user(self, login, *groups):
        return self.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set([self.env.ref(group).id for group in groups])],
            }
        )

    def test_accountant_invoices_a_customer_who_is_late(self):
        self.make_installments(("2026-01-05", "100.00"))
        accountant = self.make_user("plain_accountant", "account.group_account_manager")
        moves = self.env["account.move"].with_user(accountant)
        with Form(moves.with_context(default_move_type="out_invoice")) as form:
            form.partner_id = self.customer
            with form.invoice_line_ids.new() as line:
                line.name = "Glasses"
                line.price_unit = 100.0
                line.tax_ids.clear()
        invoice = form.record
        invoice.action_post()
        self.env.invalidate_all()
        Form(invoice.with_user(accountant))
        self.pay(invoice.with_user(accountant).line_ids.filtered("date_maturity"))
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_accountant_opens_a_contract(self):
        contract = self.make_invoice("600.00", 3, "2026-03-02", sold="2026-02-02")
        accountant = self.make_user("plain_accountant", "account.group_account_manager")
        self.env.invalidate_all()
        Form(contract.with_user(accountant))
        Form(self.customer.with_user(accountant))

    def test_salesperson_quotes_a_customer_who_is_late(self):
        self.make_installments(("2026-01-05", "100.00"))
        seller = self.make_user("plain_seller", "sales_team.group_sale_salesman_all_leads")
        product = self.make_product("100.00")
        with Form(self.env["sale.order"].with_user(seller)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = product
        order = form.record
        order.with_user(seller).action_confirm()
        self.env.invalidate_all()
        Form(order.with_user(seller))
        self.assertEqual(order.state, "sale")

    def test_seller_opens_the_invoice_of_a_sale_and_what_was_paid_of_it(self):
        """Sellers see no payments; counting them for a button must not stop the invoice."""
        seller = self.make_user("shop_seller", "optica_cobranca.group_seller")
        plain = self.make_user("plain_seller", "sales_team.group_sale_salesman_all_leads")
        order = self.make_sale("600.00", 3, str(date.today() + timedelta(days=30)))
        order.user_id = seller
        order.action_confirm()
        wizard = self.env["sale.advance.payment.inv"].with_user(seller)
        wizard.with_context(active_model="sale.order", active_ids=order.ids).create(
            {"advance_payment_method": "delivered"}
        ).create_invoices()
        invoice = order.invoice_ids
        invoice.action_post()
        self.pay(invoice.installment_ids[0])
        for user in (seller, plain):
            with self.subTest(login=user.login):
                self.env.invalidate_all()
                opened = order.with_user(user).action_view_invoice()
                Form(self.env[opened["res_model"]].with_user(user).browse(opened["res_id"]))
                self.assertEqual(invoice.with_user(user).payment_count, 1)

    def test_whoever_sees_a_contract_sees_it_whole(self):
        """A cashier without Odoo's Sales: a colleague's invoice is not shown as one over 0.00.

        Goods and totals of contracts, not the rest of the books: no line of an invoice that is
        paid otherwise, none of the cost of goods.
        """
        contract = self.make_invoice("600.00", 3, str(date.today() + timedelta(days=30)))
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Case", "price_unit": 90.0, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        plain.action_post()
        cashier = self.make_user("shop_cashier", "optica_cobranca.group_cashier")
        self.env.invalidate_all()
        with Form(contract.with_user(cashier)) as form:
            self.assertEqual(len(form.invoice_line_ids), 1)
        seen = contract.with_user(cashier)
        self.assertEqual(seen.tax_totals["total_amount_currency"], 600.0)
        cost = contract.line_ids.filtered(lambda line: line.display_type == "cogs")
        every = self.env["account.move.line"].with_user(cashier).search([])
        self.assertFalse(every & (plain.line_ids | cost))

    def test_anybody_in_the_house_opens_a_customer(self):
        self.make_installments(("2026-01-05", "100.00"))
        somebody = self.make_user("plain_user", "base.group_user")
        self.env.invalidate_all()
        Form(self.customer.with_user(somebody))

    @freeze_time("2026-02-02 15:00:00")
    def test_documents_are_read_whole(self):
        """As an export, or a program that asks for all fields, does; our fields among them."""
        order = self.make_sale("600.00", 3, "2026-03-02")
        contract = self.make_invoice("600.00", 3, "2026-03-02", sold="2026-02-02")
        payment = self.pay(contract.installment_ids[0], on="2026-03-02")
        sales = self.make_user("plain_sales", "sales_team.group_sale_manager")
        accountant = self.make_user("plain_accountant", "account.group_account_manager")
        somebody = self.make_user("plain_user", "base.group_user")
        self.env.invalidate_all()
        for user, records in (
            (sales, order),
            (sales, order.order_line),
            (sales, self.customer),
            (accountant, contract),
            (accountant, contract.line_ids),
            (accountant, payment),
            (accountant, self.company),
            (accountant, self.customer),
            (somebody, self.customer),
        ):
            with self.subTest(login=user.login, model=records._name):
                seen = records.with_user(user)
                ours = [
                    name
                    for name in seen.fields_get(attributes=["type"])
                    if "optica_cobranca" in (seen._fields[name]._modules or ())
                ]
                self.assertEqual(len(seen.read(ours)), len(records))

    def test_accountant_enters_a_vendor_bill(self):
        accountant = self.make_user("plain_accountant", "account.group_account_manager")
        bills = self.env["account.move"].with_user(accountant)
        with Form(bills.with_context(default_move_type="in_invoice")) as form:
            form.partner_id = self.customer
            form.invoice_date = "2026-03-02"
            form.l10n_latam_document_number = "1-1"
        self.assertEqual(form.record.move_type, "in_invoice")

    def test_who_may_not_see_a_field_of_ours_still_duplicates_documents(self):
        """A copy reads every copied field, so one for our roles alone must not be copied.

        Companies are no documents: Odoo duplicates none.
        """
        refused = {
            f"{name}.{field.name}"
            for name, model in self.env.registry.items()
            if not model._abstract and model._original_module != "optica_cobranca"
            if name != "res.company"
            for field in model._fields.values()
            if "optica_cobranca" in (field._modules or ()) and field.groups and field.copy
        }
        self.assertEqual(refused, set())

    @freeze_time("2026-02-02 15:00:00")
    def test_plain_users_duplicate_orders_and_contracts(self):
        order = self.make_sale("600.00", 3, "2026-03-02")
        contract = self.make_invoice("600.00", 3, "2026-03-02", sold="2026-02-02")
        seller = self.make_user("plain_seller", "sales_team.group_sale_salesman_all_leads")
        accountant = self.make_user("plain_accountant", "account.group_account_manager")
        self.env.invalidate_all()
        self.assertEqual(order.with_user(seller).copy().amount_total, 600.0)
        self.assertEqual(contract.with_user(accountant).copy().amount_total, 600.0)
