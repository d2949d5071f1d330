"""People who only keep books or only sell, without a role in collection, go on as before."""

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
        """A copy reads every copied field, so one for our roles alone must not be copied."""
        refused = {
            f"{name}.{field.name}"
            for name, model in self.env.registry.items()
            if not model._abstract and model._original_module != "optica_cobranca"
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
