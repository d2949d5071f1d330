"""Import of a portfolio: bad rows are reported with their line; what happens to the others."""

import base64
import csv
import io
import tracemalloc
from zipfile import ZIP_DEFLATED, ZipFile

from freezegun import freeze_time
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from odoo.exceptions import UserError
from odoo.tests import Form

from .portfolio_builders import ANA, HEADER, PortfolioCommon, csv_bytes, row, xlsx_bytes

BAD_ROWS = [
    (row("V-1", 1, name=""), "Cliente", ""),
    (row("", 1), "Contrato", ""),
    (row("V-1", "0"), "Parcela", "0"),
    (row("V-1", 1, due="31/02/2026"), "Vencimento", "31/02/2026"),
    (row("V-1", 1, due="10/01/26"), "Vencimento", "10/01/26"),
    (row("V-1", 1, value="cem"), "Valor", "cem"),
    (row("V-1", 1, value="0,00"), "Valor", "0,00"),
    (row("V-1", 1, value="-5,00"), "Valor", "-5,00"),
    (row("V-1", 1, paid="-1,00"), "Valor pago", "-1,00"),
    (row("V-1", 1, paid="100,01"), "Valor pago", "100,01"),
    (row("V-1", 1, vat="529.982.247-26"), "CPF/CNPJ", "529.982.247-26"),
    (row("V-1", 1, phone="96123-4567"), "Telefone", "96123-4567"),
    (row("V-1", 1, email="ana@"), "E-mail", "ana@"),
    (row("V-1", 1, birthdate="31/31/1980"), "Nascimento", "31/31/1980"),
    (row("V-1", 1, birthdate="10/01/2026"), "Nascimento", "10/01/2026"),
]


@freeze_time("2026-03-10")
class TestPortfolioRefusals(PortfolioCommon):
    def test_every_bad_cell_is_reported_with_line_column_and_value(self):
        good = row("V-0", 1)
        for make in (csv_bytes, xlsx_bytes):
            wizard = self.wizard(
                make(good, *(cells for cells, _column, _value in BAD_ROWS)), area_code=False
            )
            wizard.action_check()
            self.assertEqual(
                self.problems(wizard),
                [
                    (line, "error", column, value)
                    for line, (_cells, column, value) in enumerate(BAD_ROWS, start=3)
                ],
            )
            self.assertEqual((wizard.error_count, wizard.installment_count), (len(BAD_ROWS), 1))
            self.assertEqual(len(set(wizard.problem_ids.mapped("reason"))), 12, "a sentence each")

    def test_rows_that_contradict_others(self):
        wizard = self.wizard(
            csv_bytes(
                row("V-1", 1),
                row("V-1", 1),
                row("V-1", 2, name="Bruno", vat="111.444.777-35"),
            )
        )
        wizard.action_check()
        self.assertEqual(
            self.problems(wizard), [(3, "error", "Parcela", "1"), (4, "error", "Cliente", "Bruno")]
        )

    def test_contract_of_another_customer_imported_earlier(self):
        self.run_import(csv_bytes(row("V-1", 1)))
        wizard = self.run_import(csv_bytes(row("V-1", 2, name="Bruno", vat="111.444.777-35")))
        self.assertEqual(self.problems(wizard), [(2, "error", "Contrato", "V-1")])
        self.assertIn("Ana Júlia Conceição", wizard.problem_ids.reason)
        self.assertFalse(wizard.move_ids)

    def test_lines_are_those_of_the_file(self):
        """Blank lines count, and a quoted cell over two lines belongs to the line it starts on."""
        text = (
            ";".join(HEADER)
            + "\n\n"
            + ";".join(map(str, row("V-1", 1, name='"Ana\nJúlia"')))
            + "\n;;;;;;;;;\n"
            + ";".join(map(str, row("V-1", 2, value="x")))
        )
        wizard = self.wizard(text.encode())
        wizard.action_check()
        self.assertEqual(self.problems(wizard), [(6, "error", "Valor", "x")])
        self.assertEqual(
            wizard.sample_ids.mapped(lambda sample: (sample.line, sample.name)), [(3, "Ana Júlia")]
        )

    def test_unquoted_decimal_comma_in_a_comma_file_is_refused_not_misread(self):
        wizard = self.wizard(csv_bytes(row("V-1", 1, value="100,50", paid="20,00"), separator=","))
        wizard.action_check()
        self.assertEqual([problem[:2] for problem in self.problems(wizard)], [(2, "error")])
        self.assertIn("semicolon", wizard.problem_ids.reason)
        self.assertEqual(wizard.installment_count, 0)

    def test_good_rows_are_imported_without_the_bad_ones(self):
        wizard = self.run_import(csv_bytes(row("V-1", 1), row("V-1", 2, value="x"), row("V-2", 1)))
        self.assertEqual([line[:2] for line in self.booked(wizard)], [("V-1", 1), ("V-2", 1)])
        self.assertEqual(set(self.moves(wizard).mapped("installment_count")), {2, 1})

    def test_all_or_nothing_is_nothing_when_one_row_is_bad(self):
        counts = [self.env[model].search_count([]) for model in ("account.move", "res.partner")]
        wizard = self.wizard(csv_bytes(row("V-1", 1), row("V-2", 1, value="x")), mode="all")
        wizard.action_check()
        with self.assertRaisesRegex(UserError, "Rows refused: 1"):
            wizard.action_import()
        after = [self.env[model].search_count([]) for model in ("account.move", "res.partner")]
        self.assertEqual(after, counts)

    def test_all_or_nothing_imports_a_good_file(self):
        self.assertEqual(len(self.booked(self.run_import(csv_bytes(row("V-1", 1)), mode="all"))), 1)

    def test_bad_contact_details_may_be_left_empty(self):
        cells = row("V-1", 1, phone="não tem", email="?", birthdate="1980")
        wizard = self.run_import(csv_bytes(cells), leave_empty=True)
        partner = self.moves(wizard).partner_id
        self.assertEqual((partner.phone, partner.email, partner.birthdate), (False, False, False))
        self.assertEqual([problem.kind for problem in wizard.problem_ids], ["warning"] * 3)
        strict = self.wizard(csv_bytes(row("V-2", 1, phone="não tem", value="x")), leave_empty=True)
        strict.action_check()
        self.assertEqual(strict.error_count, 1)

    def test_area_code_of_the_shop_completes_numbers(self):
        wizard = self.run_import(csv_bytes(row("V-1", 1, phone="96123-4567")), area_code="21")
        self.assertEqual(self.moves(wizard).partner_id.phone, "+55 21 96123-4567")

    def test_refused_rows_can_be_corrected_and_imported(self):
        wizard = self.run_import(
            csv_bytes(
                row("V-1", 1), row("V-1", 2, value="x", name="=cmd()"), row("V-1", 3, value="-")
            )
        )
        text = base64.b64decode(wizard.problem_file).decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text), delimiter=";")
        self.assertEqual(header[:10], list(HEADER))
        self.assertEqual([cells[10] for cells in rows], ["3", "4"])
        self.assertEqual(rows[0][0], "'=cmd()", "no formula for the spreadsheet that opens it")
        self.assertTrue(all(cells[11] for cells in rows))
        fixed = text.replace(";x;", ";10,00;").replace(";'-;", ";20,00;").replace("'=cmd()", "Ana")
        again = self.run_import(fixed.encode())
        self.assertEqual([line[1] for line in self.booked(again)], [2, 3])
        self.assertFalse(self.run_import(csv_bytes(row("V-9", 1))).problem_file)

    def test_files_that_cannot_be_read_say_what_to_do(self):
        header = csv_bytes()
        cases = [
            (b"", "Choose the file"),
            (header, "no rows"),
            (b"\n\n", "no rows"),
            (b"\xd0\xcf\x11\xe0 old", ".xlsx"),
            (b"PK\x03\x04 broken", "cannot be read"),
            (
                csv_bytes(["a"], header=["Nome", "Contrato"]),
                "Missing: Installment number, Due date, Value",
            ),
            (csv_bytes(["a"], header=[*HEADER, "Celular"]), "Telefone, Celular"),
        ]
        for content, words in cases:
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.wizard(content).action_check()
        with self.assertRaisesRegex(UserError, "area code"):
            self.wizard(csv_bytes(row("V-1", 1)), area_code="0x").action_check()

    def test_the_form_shows_the_check_and_the_result(self):
        wizard = self.wizard(csv_bytes(row("V-1", 1), row("V-1", 2, value="x")))
        action = wizard.action_check()
        self.assertEqual((action["res_id"], action["target"]), (wizard.id, "new"))
        with Form(wizard) as form:
            self.assertEqual(form.state, "check")
        wizard.action_import()
        shown = self.env["account.move.line"].search(wizard.action_open_installments()["domain"])
        self.assertEqual(shown.mapped("contract_reference"), ["V-1"])
        self.assertEqual(
            self.env["account.move"].search(wizard.action_open_contracts()["domain"]).ids,
            wizard.move_ids,
        )
        self.assertIn("problem_file", wizard.action_download_problems()["url"])

    # ----------------------------------------------- what spreadsheets make of amounts and dates

    def test_dates_that_a_workbook_keeps_as_numbers(self):
        """46053 is 31 January 2026, 29221 is 1 January 1980, where cells are not formatted."""
        wizard = self.run_import(xlsx_bytes(row("V-1", 1, due=46053, birthdate=29221)))
        (line,) = self.moves(wizard).line_ids.filtered("installment_number")
        self.assertEqual(str(line.date_maturity), "2026-01-31")
        self.assertEqual(str(line.partner_id.birthdate), "1980-01-01")

    def test_dates_of_a_workbook_that_counts_from_1904(self):
        book = Workbook()
        book.epoch = CALENDAR_MAC_1904
        for cells in (HEADER, row("V-1", 1, due=44591)):
            book.active.append(list(cells))
        file = io.BytesIO()
        book.save(file)
        wizard = self.run_import(file.getvalue())
        (line,) = self.moves(wizard).line_ids.filtered("installment_number")
        self.assertEqual(str(line.date_maturity), "2026-01-31")

    def test_amounts_are_read_by_the_decimal_sign_of_the_whole_file(self):
        american = csv_bytes(row("V-1", 1, value="1,234"), row("V-1", 2, value="99.90"))
        wizard = self.wizard(american)
        wizard.action_check()
        self.assertEqual(wizard.decimal_sign_found, "point, as in 1,234.56")
        self.assertEqual((wizard.error_count, wizard.value_total), (0, 1333.90))
        brazilian = csv_bytes(row("V-1", 1, value="1.234"), row("V-1", 2, value="99,90"))
        wizard = self.wizard(brazilian)
        wizard.action_check()
        self.assertEqual(wizard.decimal_sign_found, "comma, as in 1.234,56")
        self.assertEqual((wizard.error_count, wizard.value_total), (0, 1333.90))

    def test_an_eighth_of_a_real_is_never_125(self):
        wizard = self.wizard(csv_bytes(row("V-1", 1, value="0.125"), row("V-1", 2)))
        wizard.action_check()
        self.assertEqual(self.problems(wizard), [(2, "error", "Valor", "0.125")])
        self.assertEqual(wizard.value_total, 100)

    def test_a_file_that_does_not_say_can_be_told(self):
        content = csv_bytes(row("V-1", 1, value="1,234"))
        wizard = self.wizard(content)
        wizard.action_check()
        self.assertEqual(wizard.error_count, 1)
        wizard = self.wizard(content, decimal_sign="point")
        wizard.action_check()
        self.assertEqual((wizard.error_count, wizard.value_total), (0, 1234))

    def test_a_cell_far_away_does_not_fill_the_memory(self):
        """A few kilobytes that stand for a million rows, or for the columns up to ZZZ."""
        for cell, words in (("A1000000", "50000"), ("ZZZ2", "no rows"), ("IW2", "256")):
            book = Workbook()
            book.active.append(list(HEADER))
            book.active[cell] = "x"
            file = io.BytesIO()
            book.save(file)
            with self.assertRaisesRegex(UserError, words):
                self.wizard(file.getvalue()).action_check()

    def test_a_cell_where_no_sheet_reaches(self):
        """As a forged file says it: row 2,000,000,000, in the first column and in ZZZ."""
        honest = xlsx_bytes(row("V-1", 1))
        for cell in ("A2000000000", "ZZZ2000000000"):
            number = cell.lstrip("AZ")
            forged = io.BytesIO()
            with ZipFile(io.BytesIO(honest)) as old, ZipFile(forged, "w", ZIP_DEFLATED) as new:
                for name in old.namelist():
                    text = old.read(name)
                    if name == "xl/worksheets/sheet1.xml":
                        far = f'<row r="{number}"><c r="{cell}"><v>1</v></c></row></sheetData>'
                        self.assertIn(b"</sheetData>", text)
                        text = text.replace(b"</sheetData>", far.encode())
                    new.writestr(name, text)
            content = forged.getvalue()
            self.assertLess(len(content), 20_000)
            tracemalloc.start()
            with self.assertRaises(UserError, msg=cell):
                self.wizard(content).action_check()
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            self.assertLess(most, 100 * 1024 * 1024, cell)

    def test_headings_of_the_file_of_refused_rows_are_no_formulas(self):
        header = [*HEADER, "=HYPERLINK(1)"]
        wizard = self.wizard(csv_bytes([*row("V-1", 1, value="cem"), "x"], header=header))
        wizard.action_check()
        text = base64.b64decode(wizard.problem_file).decode("utf-8-sig")
        (headings, *_rows) = csv.reader(io.StringIO(text), delimiter=";")
        self.assertIn("'=HYPERLINK(1)", headings)

    # -------------------------------------------------------------- whose contract it is

    def test_one_cpf_with_two_names_in_a_file(self):
        wizard = self.wizard(
            csv_bytes(
                row("V-1", 1, name="Ana Souza"),
                row("V-2", 1, name="Bruno Lima"),
                row("V-3", 1, name="Ana Lima"),
            )
        )
        wizard.action_check()
        self.assertEqual(self.problems(wizard), [(3, "error", "Cliente", "Bruno Lima")])
        self.assertEqual(wizard.contract_count, 2)

    def test_the_cpf_of_an_archived_contact(self):
        old = self.make_customer("Ana Júlia", vat=ANA, active=False)
        wizard = self.wizard(csv_bytes(row("V-1", 1)))
        wizard.action_check()
        self.assertEqual(self.problems(wizard), [(2, "warning", "CPF/CNPJ", "Ana Júlia Conceição")])
        wizard.action_import()
        self.assertEqual(self.moves(wizard).partner_id, old)
        self.assertTrue(old.active)
        same = self.env["res.partner"].with_context(active_test=False)
        self.assertEqual(same.search_count([("vat", "in", [ANA, "52998224725"])]), 1)

    def test_an_archived_contact_without_the_cpf_stays_away(self):
        self.make_customer("Ana Júlia Conceição", phone="(11) 96123-4567", active=False)
        wizard = self.run_import(csv_bytes(row("V-1", 1, vat="")))
        self.assertEqual(wizard.new_customer_count, 1)

    def test_the_area_code_is_the_one_of_all_other_numbers(self):
        """However the shop's telephone is written: Odoo's own format, or without the country."""
        for phone in ("(19) 3232-1100", "19 3232-1100", "+55 19 3232-1100"):
            self.company.phone = phone
            self.assertEqual(self.env["crediario.portfolio.import"]._default_area_code(), "19")
