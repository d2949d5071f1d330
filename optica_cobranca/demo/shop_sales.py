from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import Command, models

from .people import PEOPLE

# What a product is on a service order
KINDS = {"frame": "frame", "titanium": "frame", "single": "lens", "progressive": "lens"}
# Name and price with taxes, in BRL
PRODUCTS = {
    "frame": ("Armação acetato Linha Paulista", "389.00"),
    "titanium": ("Armação titânio sem aro", "649.00"),
    "single": ("Lentes visão simples antirreflexo", "320.00"),
    "progressive": ("Lentes multifocais digitais", "980.00"),
    "sun": ("Óculos de sol polarizado", "459.00"),
    "contacts": ("Lentes de contato mensais (caixa)", "189.00"),
}
# customer | products | plan | installments | months ago | down payment | paid
SALES = (
    ("Alberto", "frame single", "plan_interest_free", 6, 4, "100", 2),
    ("Caio", "sun", "plan_interest_free", 3, 3, "0", 3),
    ("Márcia", "titanium progressive", "plan_linear", 12, 3, "300", 1),
    ("Vinícius", "frame progressive", "plan_linear", 10, 2, "0", 1),
    ("Sandra", "frame single", "plan_interest_free", 10, 2, "0", 0),
    ("Patrícia", "titanium single", "plan_interest_free", 8, 2, "150", 1),
    ("Nelson", "progressive", "plan_linear", 6, 1, "0", 0),
    ("Marcelo", "sun contacts", "plan_interest_free", 5, 1, "0", 0),
    ("Rafael", "frame single", "plan_interest_free", 10, 0, "0", 0),
    ("Beatriz", "titanium progressive", "plan_linear", 15, 0, "200", 0),
    ("Luciana", "contacts", "plan_interest_free", 3, 0, "0", 0),
    ("Daniela", "frame progressive", "plan_linear", 18, 0, "0", 0),
)
QUOTATIONS = (
    ("Tereza", "titanium single", "plan_interest_free", 10),
    ("Felipe", "sun", "plan_linear", 6),
)


class DemoShop(models.AbstractModel):
    """What the demo shop sold with this system: quotation, invoice, payments."""

    _inherit = "optica.demo.shop"

    def _sell(self, seller, today):
        """Sales of the last months and of today, and two quotations that wait for the customer."""
        self._name_journals()
        products = {
            code: self.env["product.product"].create(
                {
                    "name": name,
                    "list_price": float(price),
                    "optical_kind": KINDS.get(code, False),
                    "type": "consu",
                    "invoice_policy": "order",
                    "taxes_id": [Command.clear()],
                }
            )
            for code, (name, price) in PRODUCTS.items()
        }
        customers = {
            person.name.split()[0]: customer
            for person, customer in zip(PEOPLE, self._customers(), strict=True)
        }
        for first_name, codes, plan, count, months, down, paid in SALES:
            chosen = [products[code] for code in codes.split()]
            order = self._quotation(seller, customers[first_name], chosen, plan, count, down)
            order.action_confirm()
            sold = today - relativedelta(months=months)
            if sold < today:
                order.date_order = f"{sold} 15:00:00"
            self._pay(self._invoice(order, sold), paid, Decimal(down), today)
        for first_name, codes, plan, count in QUOTATIONS:
            chosen = [products[code] for code in codes.split()]
            self._quotation(seller, customers[first_name], chosen, plan, count, "0")

    def _name_journals(self):
        """What is booked there are sales and contracts of the shop: nobody issues an NF-e here."""
        journals = self.env["account.journal"].search([("company_id", "=", self.env.company.id)])
        for journal in journals.filtered(lambda journal: journal.type == "sale")[:1]:
            journal.write({"name": "Vendas", "l10n_br_invoice_serial": False})
        for journal in journals.filtered(lambda journal: journal.type == "general")[:1]:
            journal.name = "Contratos e ajustes"

    def _quotation(self, seller, customer, products, plan, count, down):
        return self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": seller.id,
                "crediario_plan_id": self.env.ref(f"optica_cobranca.{plan}").id,
                "installment_count": count,
                "down_payment": float(down),
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 1})
                    for product in products
                ],
            }
        )

    def _invoice(self, order, sold: date):
        invoice = order._create_invoices()
        [first_due, *_later] = invoice.crediario_plan_id._first_due_dates(sold)
        invoice.write({"invoice_date": sold, "first_due_date": first_due})
        invoice.action_post()
        return invoice

    def _pay(self, invoice, count, down, today):
        """Pay the down payment and the first ``count`` installments on their due dates."""
        lines = invoice.line_ids.filtered("crediario_plan_id").sorted("installment_number")
        for line in lines[: count + bool(down)]:
            register = self.env["account.payment.register"].with_context(
                active_model="account.move.line", active_ids=line.ids
            )
            paid_on = min(line.date_maturity, today - timedelta(days=1))
            register.create({"payment_date": max(paid_on, invoice.date)})._create_payments()
