"""Terms of the credit on every paper of a sale: quotation, invoice, offer, contract."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tools import is_html_empty

from .test_paper import PaperCommon, pages_of

KEY = "3508 0599 9990 9091 0270 5500 1000 0000 0151 8005 1273"


class TermsCommon(PaperCommon):
    def read_core(self, report, records):
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, _kind = reports._render_qweb_pdf(report, records.ids)
        return " ".join(pages_of(pdf))

    def make_order(self, **terms):
        """1,000.00 at 1% a month in 10: 105.58 each, 55.80 for the credit."""
        return self.make_sale("1000.00", 10, "2026-02-02", plan=self.price_plan, **terms)


@freeze_time("2026-01-02 12:00:00")
class TestQuotationAndInvoice(TermsCommon):
    def check_terms(self, text):
        for number, due in ((1, "02/02/2026"), (2, "03/02/2026"), (10, "11/02/2026")):
            self.assertRegex(text, rf"{number}/10 +{due} +R\$ 105\.58")
        self.assertRegex(text, r"Cash price R\$ 1,000\.00")
        self.assertRegex(text, r"price of the credit R\$ 55\.80")
        self.assertRegex(text, r"total with credit R\$ 1,055\.80")
        self.assertIn("fine of 2.00% and interest of 1.00% a month", text)
        self.assertEqual(text.count("1/10 "), 1)

    def test_quotation(self):
        order = self.make_order()
        text = self.read_core("sale.action_report_saleorder", order)
        self.check_terms(text)
        self.assertIn("Not a fiscal document", text)

    def test_quotation_with_a_down_payment(self):
        """200.00 at once, 800.00 in 10 at 1%: 84.47 each."""
        text = self.read_core("sale.action_report_saleorder", self.make_order(down="200.00"))
        self.assertRegex(text, r"Down payment +01/02/2026 +R\$ 200\.00")
        self.assertRegex(text, r"10/10 +11/02/2026 +R\$ 84\.47")

    def test_quotation_without_plan(self):
        order = self.make_order()
        order.crediario_plan_id = False
        text = self.read_core("sale.action_report_saleorder", order)
        self.assertNotIn("Payment in installments", text)

    def test_quotation_on_the_customers_page(self):
        order = self.make_order()
        page = self.env["ir.qweb"]._render(
            "sale.sale_order_portal_content",
            {
                "sale_order": order,
                "report_type": "html",
                "env": self.env,
                "is_html_empty": is_html_empty,
            },
        )
        self.assertIn("Payment in installments", page)
        self.assertIn("105.58", page)

    def test_invoice(self):
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=self.price_plan)
        self.check_terms(self.read_core("account.account_invoices", move))

    def test_invoice_keeps_one_schedule(self):
        """A customer's usual payment term prints no second list of due dates."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "note": "Half at once, half later",
                "display_on_invoice": True,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (0, 30)
                ],
            }
        )
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=self.price_plan, post=False)
        move.invoice_payment_term_id = term
        move.action_post()
        text = self.read_core("account.account_invoices", move)
        self.check_terms(text)
        self.assertNotIn("Installment of", text)
        self.assertNotIn("Half at once", text)

    def test_invoice_says_what_is_paid_and_moved(self):
        move = self.make_invoice("300.00", 3, "2026-02-02")
        first, second, _third = move.installment_ids.sorted("installment_number")
        self.pay(first)
        second.sudo().date_maturity = "2026-03-20"
        text = self.read_core("account.account_invoices", move)
        self.assertRegex(text, r"1/3 +02/02/2026 +R\$ 100\.00 +paid")
        self.assertRegex(text, r"2/3 +03/20/2026 +R\$ 100\.00 +3/3")

    def test_in_portuguese(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self.customer.lang = "pt_BR"
        text = self.read_core("sale.action_report_saleorder", self.make_order())
        self.assertRegex(text, r"1/10 +02/02/2026 +R\$ 105,58")


@freeze_time("2026-01-02 12:00:00")
class TestOffer(TermsCommon):
    def test_products_and_quotation(self):
        order = self.make_order()
        action = order.action_simulate()
        simulation = self.env["crediario.simulation"].browse(action["res_id"])
        text = " ".join(self.read("action_report_offer", simulation))
        self.assertIn(f"Quotation {order.name}", text)
        self.assertRegex(text, r"Glasses +1 +R\$ 1,000\.00")
        self.assertNotIn("CREDIARIO", text)
        self.assertIn("Not a fiscal document", text)


@freeze_time("2026-01-02 12:00:00")
class TestContractPaper(TermsCommon):
    def read_contract(self, move):
        return " ".join(self.read("action_report_contract", move))

    def test_received_only_once_delivered(self):
        order = self.make_order()
        order.action_confirm()
        move = order._create_invoices()
        move.action_post()
        self.assertIn("bought what is described above", self.read_contract(move))
        self.assertNotIn("received what is described", self.read_contract(move))
        orders = self.env["optica.service.order"]
        glasses = orders.create(orders._from_sale(order, order.order_line[:1]))
        glasses.write({"lab_id": self.customer.id, "promised_date": "2026-01-09"})
        for state in ("at_lab", "ready"):
            glasses.state = state
            self.assertNotIn("received what is described", self.read_contract(move))
        window = self.env["optica.service.step"].browse(glasses.action_deliver()["res_id"])
        window.write({"accepted_by": "Maria da Silva", "accepted": True})
        window.action_apply()
        self.assertIn("received what is described above", self.read_contract(move))

    def test_down_payment_open_and_paid(self):
        """One schedule: 200.00 first, then 10 of 80.00, each once on the paper."""
        move = self.make_invoice("1000.00", 10, "2026-02-02", down="200.00")
        text = self.read_contract(move)
        self.assertRegex(text, r"Down payment due 01/02/2026 +R\$ 200\.00")
        self.assertEqual(text.count("02/02/2026"), 1)
        self.pay(move.installment_ids.filtered(lambda line: not line.installment_number))
        self.assertRegex(self.read_contract(move), r"Down payment paid +R\$ 200\.00")

    def test_down_payment_that_was_invoiced_before(self):
        """120.00 of 600.00 by core's window: cash price 600.00, 480.00 in 4 of 120.00."""
        order = self.make_sale("600.00", 4, "2026-02-10")
        order.action_confirm()
        window = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        window.create({"advance_payment_method": "fixed", "fixed_amount": 120.0}).create_invoices()
        down = order.invoice_ids
        down.action_post()
        window.create({}).create_invoices()
        move = order.invoice_ids - down
        move.action_post()
        text = self.read_contract(move)
        self.assertRegex(text, r"Cash price +R\$ 600\.00 +Down payment +R\$ 120\.00")
        self.assertRegex(text, r"Down payment due 01/02/2026 +R\$ 120\.00")
        self.assertRegex(text, r"owe the seller +R\$ 480\.00")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=down.ids
        ).create({})._create_payments()
        self.assertRegex(self.read_contract(move), r"Down payment paid +R\$ 120\.00")


@freeze_time("2026-01-02 12:00:00")
class TestFiscalDocument(TermsCommon):
    def test_nothing_is_called_nf_e(self):
        """A sale, its contract, its installments and its credit note on a Brazilian journal."""
        order = self.make_order()
        order.action_confirm()
        move = order._create_invoices()
        move.action_post()
        self.assertRegex(move.name, r"^Venda \d{8}$")
        self.assertEqual(move.contract_reference, move.name)
        note = move._reverse_moves()
        note.action_post()
        self.assertRegex(note.name, r"^Devolução \d{8}$")
        names = [move.display_name, move.payment_reference, *move.line_ids.mapped("name")]
        self.assertFalse([name for name in names + [note.display_name] if "NF" in (name or "")])
        for report in ("account.account_invoices", "optica_cobranca.action_report_contract"):
            text = self.read_core(report, move)
            self.assertIn("Not a fiscal document", text)
            self.assertNotIn("NF", text)

    def test_key_on_papers(self):
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=self.price_plan)
        move.optica_fiscal_key = f"NFe{KEY}"
        self.assertEqual(move.optica_fiscal_key, KEY.replace(" ", ""))
        for report in ("account.account_invoices", "optica_cobranca.action_report_contract"):
            text = self.read_core(report, move)
            self.assertIn(f"NF-e no. 1, series 1, key {KEY}", text)
            self.assertNotIn("Not a fiscal document", text)
        [slip] = self.read("action_report_carne", move.installment_ids[:1])
        self.assertNotIn("NOT A FISCAL DOCUMENT", slip.upper())
        self.assertFalse(move.copy().optica_fiscal_key)

    def test_wrong_keys(self):
        move = self.make_invoice("1000.00", 10, "2026-02-02")
        with self.assertRaisesRegex(ValidationError, "has 44 characters, such as 3508 0599"):
            move.optica_fiscal_key = "123"
        with self.assertRaisesRegex(ValidationError, "was mistyped: its last digit"):
            move.optica_fiscal_key = KEY[:-1] + "4"

    def test_where_invoices_are_fiscal_documents(self):
        """The shop says so, or a fiscal module does: invoices are called NF-e again."""
        self.company.optica_fiscal_invoices = True
        move = self.make_invoice("1000.00", 10, "2026-02-02")
        self.assertRegex(move.name, r"^NFe \d{8}$")

    def test_bills_of_suppliers_are_what_they_are(self):
        bill = self.env["account.move"].create(
            {"move_type": "in_invoice", "partner_id": self.customer.id}
        )
        self.assertEqual(bill.l10n_latam_document_type_id.doc_code_prefix, "NFe")
