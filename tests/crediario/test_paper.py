"""Paper: what stands on the pages that customers take home, read back from the PDF."""

import re
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from tempfile import NamedTemporaryFile

from freezegun import freeze_time
from freezegun.api import real_perf_counter

from odoo.tests import new_test_user
from odoo.tests.common import RecordCapturer

from odoo.addons.optica_cobranca.domain.shop import pix, pix_reference

from ..common import CollectionCommon

KEY = "71d6c6e1-64ea-4a11-9560-a10870c40ca2"


def pages_of(pdf):
    """The text of each page as a reader sees it, single spaces."""
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    return [" ".join(page.split()) for page in text.split("\f") if page.strip()]


def smallest_letters(pdf):
    """Points of the smallest letters in the document."""
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        xml = subprocess.run(
            ["pdftohtml", "-xml", "-zoom", "3", "-stdout", "-i", file.name],
            capture_output=True,
            check=True,
        ).stdout.decode()
    return min(int(size) for size in re.findall(r'<fontspec id="\d+" size="(\d+)"', xml)) / 3


class PaperCommon(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "name": "Otica Boa Vista",
                "vat": "11.222.333/0001-81",
                "street": "Rua Boa Vista, 254",
                "city": "São Paulo",
                "email": "contato@oticaboavista.example",
            }
        )
        cls.customer.write({"vat": "123.456.789-09", "lang": "en_US"})
        account = cls.env["res.partner.bank"].create(
            {
                "acc_number": "12345-6",
                "partner_id": cls.company.partner_id.id,
                "proxy_type": "br_random",
                "proxy_value": KEY,
            }
        )
        cls.company_data["default_journal_bank"].bank_account_id = account
        cls.price_plan = cls.make_plan(method="price", monthly_rate=1.0)

    def print_pdf(self, name, records):
        """The PDF of the report ``name``; the test fails where wkhtmltopdf is missing."""
        self.assertTrue(shutil.which("wkhtmltopdf"), "Install wkhtmltopdf.")
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, kind = reports._render_qweb_pdf(f"optica_cobranca.{name}", records.ids)
        self.assertEqual(kind, "pdf")
        return pdf

    def read(self, name, records):
        return pages_of(self.print_pdf(name, records))


@freeze_time("2026-01-02 12:00:00")
class TestCarne(PaperCommon):
    def test_three_slips_on_a_page(self):
        """1,000.00 at 1% in 10: four pages of 3, 3, 3 and 1 slips of 105.58, each with its stub."""
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=self.price_plan)
        pages = self.read("action_report_carne_open", move)
        self.assertEqual([page.count("Pay by Pix") for page in pages], [3, 3, 3, 1])
        self.assertEqual([page.count("105.58") >= 2 for page in pages], [True] * 4)
        for number in range(1, 11):
            page = pages[(number - 1) // 3]
            self.assertEqual(page.count(f" {number}/10 "), 2, f"stub and slip of {number}")

    def test_what_a_slip_says(self):
        """Shop's identity, customer, due date, value; fine 2% of 105.58 = 2.11, interest 1%."""
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=self.price_plan)
        [page] = self.read("action_report_carne", move.installment_ids[:1])
        for text in (
            "Otica Boa Vista",
            "CNPJ 11.222.333/0001-81",
            "Rua Boa Vista, 254",
            "Maria da Silva",
            "CPF 123.456.789-09",
            "02/02/2026",
            move.contract_reference,
            "2.11",
            "fine of 2.00%",
            "interest of 1.00% a month",
            "Paying early",
        ):
            self.assertIn(text, page)

    def test_pix_of_a_slip_is_read_back(self):
        """What stands under the code pays 105.58 to the shop's key and names the installment."""
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=self.price_plan)
        line = move.installment_ids.filtered(lambda line: line.installment_number == 3)
        [page] = self.read("action_report_carne", line)
        code = line._pix_codes()[line.id]
        printed = self.env["report.optica_cobranca.report_carne"]._printed_lines(code, 36)
        self.assertEqual("".join(printed), code)
        for part in printed:
            self.assertIn(part, page)
        read = pix.parse(code)
        self.assertEqual((read.key, read.amount), (KEY, Decimal("105.58")))
        reference = pix_reference.read_txid(read.txid)
        self.assertEqual((reference.contract_id, reference.installment_number), (move.id, 3))
        self.assertEqual(self.env["account.move.line"]._find_installments(code), line)

    def test_in_the_customers_language(self):
        """A Brazilian customer of an English-speaking clerk reads 05/02/2026 and 105,58."""
        self.env["res.lang"]._activate_lang("pt_BR")
        self.customer.lang = "pt_BR"
        move = self.make_invoice("1000.00", 10, "2026-02-05", plan=self.price_plan)
        [page] = self.read("action_report_carne", move.installment_ids[:1])
        self.assertIn("05/02/2026", page)
        self.assertIn("105,58", page)

    def test_part_paid_slip_asks_for_the_rest(self):
        """30.00 of 100.00 paid before it is due: slip and Pix say 70.00."""
        lines = self.make_installments(("2026-02-02", "100.00"))
        self.pay(lines, "30.00", on=date(2026, 1, 2))
        [page] = self.read("action_report_carne", lines)
        self.assertIn("70.00", page)
        self.assertNotIn("100.00", page)
        self.assertEqual(pix.parse(lines._pix_codes()[lines.id]).amount, Decimal("70.00"))

    def test_only_open_slips(self):
        """The first of 4 is paid: 3 slips on one page; with the paid ones, 4 and one says PAID."""
        move = self.make_invoice("400.00", 4, "2026-02-02")
        self.pay(move.installment_ids.sorted("installment_number")[0], on=date(2026, 1, 2))
        [page] = self.read("action_report_carne_open", move)
        self.assertNotIn(" 1/4 ", page)
        self.assertEqual(page.count("Pay by Pix"), 3)
        pages = self.read("action_report_carne_all", move)
        self.assertEqual([page.count("Pay by Pix") for page in pages], [2, 1])
        self.assertIn("PAID", pages[0])

    def test_without_a_pix_key(self):
        """No key: the same slips without a code."""
        self.company_data["default_journal_bank"].bank_account_id.proxy_type = "none"
        move = self.make_invoice("400.00", 4, "2026-02-02")
        pages = self.read("action_report_carne_open", move)
        self.assertEqual(len(pages), 2)
        self.assertNotIn("Pix", pages[0])

    def test_many_contracts_and_a_customer(self):
        """Two contracts of 4 and 2: each begins a page, three pages in all; so by customer."""
        moves = self.make_invoice("400.00", 4, "2026-02-02")
        moves += self.make_invoice("200.00", 2, "2026-02-02")
        for report, records in (
            ("action_report_carne_open", moves),
            ("action_report_carne_customer", self.customer),
        ):
            pages = self.read(report, records)
            self.assertEqual([page.count("Pay by Pix") for page in pages], [3, 1, 2])

    def test_twenty_four_slips_are_quick(self):
        """24 slips with their codes in less than 5 seconds."""
        move = self.make_invoice("2400.00", 24, "2026-02-02")
        self.print_pdf("action_report_carne_open", move)
        started = real_perf_counter()
        pdf = self.print_pdf("action_report_carne_open", move)
        self.assertLess(real_perf_counter() - started, 5)
        self.assertEqual(len(pages_of(pdf)), 8)

    def test_a_seller_prints(self):
        """Who only sells gets slips with the shop's Pix on them."""
        seller = new_test_user(
            self.env,
            "paper_seller",
            groups="optica_cobranca.group_seller,sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
        )
        move = self.make_invoice("300.00", 3, "2026-02-02")
        self.env = self.env(user=seller)
        [page] = self.read("action_report_carne_open", move.with_user(seller))
        self.assertEqual(page.count("Pay by Pix"), 3)


@freeze_time("2026-01-02 12:00:00")
class TestContractPaper(PaperCommon):
    def test_contract_says_what_the_law_asks(self):
        """1,200.00, 200.00 down, 1% Price in 10 from 2 Feb: 10 × 105.58, charge 55.80, 1,255.80."""
        self.price_plan.note = "<p>Broken lenses are mended within 90 days.</p>"
        move = self.make_invoice("1200.00", 10, "2026-02-02", down="200.00", plan=self.price_plan)
        text = " ".join(self.read("action_report_contract", move))
        for expected in (
            "acknowledgement of debt",
            "CNPJ 11.222.333/0001-81",
            "CPF 123.456.789-09",
            "contato@oticaboavista.example",
            "1,200.00",
            "200.00",
            "55.80",
            "1,255.80",
            "1,055.80",
            "02/02/2026",
            "11/02/2026",
            "Broken lenses are mended within 90 days.",
            "single fine of 2.00%",
            "Consumer Code, art. 52 §2",
            "Witness",
        ):
            self.assertIn(expected, text)
        self.assertRegex(text, r"10 × \S*\s?105.58")

    def test_letters_of_twelve_points(self):
        """CDC 54 §3: nothing on the contract is smaller than 12 points."""
        move = self.make_invoice("1200.00", 10, "2026-02-02", plan=self.price_plan)
        self.assertGreaterEqual(
            smallest_letters(self.print_pdf("action_report_contract", move)), 12
        )

    def test_a_changed_plan_does_not_change_what_was_signed(self):
        """The rate rises to 5% after the sale: still 55.80, and the cost of 12.68% a year.

        (1.01)^12 − 1 = 12.68% for equal months; here the months differ by days.
        """
        move = self.make_invoice("1000.00", 10, "2026-02-02", plan=self.price_plan)
        before = move._crediario_offer()
        self.price_plan.write({"max_installments": 3})
        self.assertEqual(move._crediario_offer(), before)
        self.assertEqual(before.finance_charge, Decimal("55.80"))
        self.assertEqual(before.effective_monthly_rate, Decimal("1.00"))
        self.assertEqual({*before.parts}, {Decimal("105.58")})

    def test_imported_contract(self):
        """Nothing is known of its price: the debt and its installments are printed."""
        lines = self.make_installments(("2026-02-02", "105.58"), ("2026-03-02", "105.58"))
        text = " ".join(self.read("action_report_contract", lines.move_id))
        self.assertIn("211.16", text)
        self.assertIn("1/2", text)
        self.assertNotIn("CET", text)


class TestReceiptPaper(PaperCommon):
    def test_receipt_of_a_late_installment(self):
        """105.58 due 12 Feb 2026, 17 days late: 2.11 + 0.60 = 108.29; two copies on one page."""
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        with RecordCapturer(self.env["crediario.receipt"]) as found:
            self.pay(line, on=date(2026, 3, 1))
        [page] = self.read("action_report_crediario_receipt", found.records)
        for text in ("105.58", "2.11", "0.60", "108.29", "CNPJ 11.222.333/0001-81"):
            self.assertEqual(page.count(text) >= 2, True, text)
        self.assertIn("Customer's copy", page)
        self.assertIn("Shop's copy", page)

    def test_in_words_for_brazilians(self):
        report = self.env["report.optica_cobranca.report_receipt"]
        self.assertEqual(
            report._in_words(108.29, self.company.currency_id, "pt_BR"),
            "cento e oito reais e vinte e nove centavos",
        )
        self.assertEqual(report._in_words(108.29, self.company.currency_id, "en_US"), "")

    def test_undone_receipt_says_so(self):
        (line,) = self.make_installments(("2026-02-12", "105.58"))
        with RecordCapturer(self.env["crediario.receipt"]) as found:
            self.pay(line, on=date(2026, 2, 12))
        found.records._cancel("Typed the wrong customer")
        [page] = self.read("action_report_crediario_receipt", found.records)
        self.assertIn("UNDONE", page)


@freeze_time("2026-03-01 12:00:00")
class TestStatement(PaperCommon):
    def test_paid_open_late_and_today(self):
        """Paid on its day; 105.58 late by 17 days costs 108.29; one to come: 213.87 in all."""
        lines = self.make_installments(
            ("2026-01-12", "105.58"), ("2026-02-12", "105.58"), ("2026-03-12", "105.58")
        )
        self.pay(lines[0], on=date(2026, 1, 12))
        [page] = self.read("action_report_statement", self.customer)
        self.assertIn("Paid on 01/12/2026", page)
        self.assertIn("17 days late", page)
        self.assertIn("2.11", page)
        self.assertIn("0.60", page)
        self.assertIn("108.29", page)
        self.assertIn("211.16", page)
        self.assertIn("213.87", page)

    def test_nothing_of_others(self):
        """Another customer's contract is not on it."""
        other = self.make_customer("Other")
        self.make_installments(("2026-02-12", "77.77"), partner=other)
        [page] = self.read("action_report_statement", self.customer)
        self.assertNotIn("77.77", page)
        self.assertIn("Nothing was bought", page)
