"""Import of a portfolio by the wizard: what is booked, for whom, and what a repetition does."""

from datetime import date, datetime
from pathlib import Path

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .portfolio_builders import ANA, BRUNO, SHOP, PortfolioCommon, csv_bytes, row, xlsx_bytes

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "portfolio.csv"


@freeze_time("2026-03-10")
class TestPortfolioImport(PortfolioCommon):
    def test_contracts_become_posted_entries_with_one_line_per_installment(self):
        content = csv_bytes(
            row("V-1", "1/3", "10/01/2026", "105,58", "105,58"),
            row("V-1", "2/3", "10/02/2026", "105,58", "40,00"),
            row("V-1", "3/3", "2026-03-10", "1.105,59"),
        )
        wizard = self.run_import(content)
        self.assertEqual(
            self.booked(wizard),
            [
                ("V-1", 1, "2026-01-10", "105.58", "0.00"),
                ("V-1", 2, "2026-02-10", "105.58", "65.58"),
                ("V-1", 3, "2026-03-10", "1105.59", "1105.59"),
            ],
        )
        entry = self.moves(wizard)
        self.assertEqual(
            (entry.state, entry.move_type, str(entry.date)), ("posted", "entry", "2026-03-01")
        )
        self.assertEqual(entry.crediario_plan_id, self.plan)
        self.assertEqual(entry.installment_count, 3)
        self.assertAlmostEqual(
            sum(entry.line_ids.mapped("debit")), sum(entry.line_ids.mapped("credit"))
        )
        opening = entry.line_ids.filtered(lambda line: line.account_id == wizard.account_id)
        self.assertAlmostEqual(opening.credit, 105.58 + 105.58 + 1105.59 - 145.58)
        self.assertAlmostEqual(wizard.open_total, 65.58 + 1105.59)

    def test_receivable_account_is_the_customers_own(self):
        own = self.company_data["default_account_receivable"].copy()
        customer = self.make_customer("Ana Júlia Conceição", vat=ANA)
        customer.property_account_receivable_id = own
        wizard = self.run_import(csv_bytes(row("V-1", 1)))
        line = self.moves(wizard).line_ids.filtered("crediario_plan_id")
        self.assertEqual((line.partner_id, line.account_id), (customer, own))

    def test_what_was_paid_before_bears_no_late_charges(self):
        """60 of 100 paid, due 2 January, on 10 March: 67 days on 40; fine 0.80, interest 0.89."""
        wizard = self.run_import(csv_bytes(row("V-1", 1, "02/01/2026", "100,00", "60,00")))
        line = self.moves(wizard).line_ids.filtered("crediario_plan_id")
        amount = line._amounts_today(date(2026, 3, 10))[line.id]
        self.assertEqual(
            [str(part) for part in (amount.principal, amount.fine, amount.interest)],
            ["40.00", "0.80", "0.89"],
        )

    def test_imported_installments_can_be_paid(self):
        wizard = self.run_import(
            csv_bytes(row("V-1", 1, "10/03/2026", paid="30,00"), row("V-1", 2, "10/04/2026"))
        )
        first, second = (
            self.moves(wizard).line_ids.filtered("crediario_plan_id").sorted("date_maturity")
        )
        self.pay(first, amount="70.00")
        self.assertEqual((first.amount_residual, second.amount_residual), (0.0, 100.0))

    def test_imported_contracts_open_as_contracts_at_every_door(self):
        """Doors: the row of an installment, the row of the calendar and of any list (both use the
        same method), a link on a record (``get_formview_action``), the import's own list.
        """
        wizard = self.run_import(csv_bytes(row("BV-1023", 1), row("BV-1023", 2, "10/02/2026")))
        move = self.moves(wizard)
        line = move.installment_ids[0]
        form = self.env.ref("optica_cobranca.view_crediario_contract_form")
        self.assertEqual(line.action_open_contract()["views"], [(form.id, "form")])
        self.assertEqual(move.get_formview_action()["views"], [(form.id, "form")])
        self.assertIn((form.id, "form"), wizard.action_open_contracts()["views"])
        seller = new_test_user(self.env, "contract.seller", groups="optica_cobranca.group_seller")
        arch = self.env["account.move"].with_user(seller).get_view(form.id, "form")["arch"]
        for button in ("button_draft", "button_cancel", "action_reverse", "action_open_entry"):
            self.assertNotIn(button, arch)
        for name in ("partner_id", "installment_ids", "contract_receipt_ids"):
            self.assertIn(f'name="{name}"', arch)
        self.pay(line, amount="100.00")
        receipts = move.with_user(seller).contract_receipt_ids
        self.assertEqual(receipts.line_ids.move_line_id, line)
        entry = self.make_invoice()
        self.assertNotEqual(entry.get_formview_action()["views"], [(form.id, "form")])

    def test_contracts_are_called_by_their_own_number(self):
        move = self.moves(self.run_import(csv_bytes(row("BV-1023", "2/12"))))
        self.assertEqual(move.display_name, "BV-1023")
        self.assertEqual(move.installment_ids.display_name, "BV-1023 2/12")
        self.assertEqual(self.env["account.move"].name_search("BV-1023"), [(move.id, "BV-1023")])
        invoice = self.make_invoice(installments=2)
        self.assertEqual(invoice.display_name, invoice.name)
        first = invoice.installment_ids.sorted("installment_number")[0]
        self.assertEqual(first.display_name, f"{invoice.name} 1/2")

    def test_contract_paid_in_full_needs_no_opening_line(self):
        wizard = self.run_import(csv_bytes(row("V-1", 1, paid="100,00")))
        self.assertEqual(self.booked(wizard), [("V-1", 1, "2026-01-10", "100.00", "0.00")])
        self.assertEqual(len(self.moves(wizard).line_ids), 2)

    def test_only_open_installments_in_the_file_keep_their_numbers(self):
        wizard = self.run_import(csv_bytes(row("V-1", "9/10"), row("V-1", "8/10", "10/02/2026")))
        lines = self.moves(wizard).line_ids.filtered("crediario_plan_id")
        self.assertEqual(set(lines.mapped("installment_label")), {"8/10", "9/10"})

    def test_workbook_with_typed_cells(self):
        content = xlsx_bytes(
            row("V-1", 1, datetime(2026, 1, 10), 105.58, 5.08, vat=52998224725),
            row("V-1", 2, date(2026, 2, 10), 100, None, vat=ANA),
            [None] * 10,
            row("V-2", "1/1", "10/03/2026", "1.234,56", vat=BRUNO, name="Bruno"),
        )
        wizard = self.run_import(content)
        self.assertEqual(
            self.booked(wizard),
            [
                ("V-1", 1, "2026-01-10", "105.58", "100.50"),
                ("V-1", 2, "2026-02-10", "100.00", "100.00"),
                ("V-2", 1, "2026-03-10", "1234.56", "1234.56"),
            ],
        )

    def test_the_example_of_the_documentation(self):
        wizard = self.run_import(EXAMPLE.read_bytes())
        self.assertEqual(
            (wizard.row_count, wizard.contract_count, wizard.new_customer_count), (7, 4, 4)
        )
        self.assertFalse(wizard.problem_ids)
        self.assertAlmostEqual(wizard.open_total, 171.16 + 2500 + 320 + 89.90)

    def test_encodings_and_separators(self):
        for encoding in ("utf-8", "utf-8-sig", "latin-1", "utf-16"):
            for separator in (";", "\t", "|"):
                with self.subTest(encoding=encoding, separator=separator):
                    contract = f"{encoding}{ord(separator)}"
                    wizard = self.run_import(
                        csv_bytes(row(contract, 1), encoding=encoding, separator=separator)
                    )
                    self.assertEqual(self.moves(wizard).partner_id.name, "Ana Júlia Conceição")

    def test_comma_separated_with_decimal_point_or_quotes(self):
        wizard = self.run_import(
            csv_bytes(
                row("V-1", 1, value="1234.56", paid="4.56"),
                row("V-1", 2, value='"1.234,56"', paid='"0,56"'),
                separator=",",
            )
        )
        self.assertEqual([line[4] for line in self.booked(wizard)], ["1230.00", "1234.00"])

    # ------------------------------------------------------------- repeated

    def test_repeated_import_changes_nothing(self):
        content = csv_bytes(
            row("V-1", 1, paid="10,00"), row("V-1", 2), row("V-2", 1, name="Ana Júlia")
        )
        first = self.run_import(content)
        before = self.env["account.move.line"].search_count([])
        partners = self.env["res.partner"].search_count([])
        again = self.run_import(content)
        self.assertEqual(
            (again.already_count, again.installment_count, again.move_ids), (3, 0, False)
        )
        self.assertFalse(again.problem_ids)
        self.assertEqual(self.env["account.move.line"].search_count([]), before)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        self.assertEqual(len(self.moves(first)), 2)

    def test_payments_received_since_are_no_difference(self):
        content = csv_bytes(row("V-1", 1, paid="10,00"))
        line = self.moves(self.run_import(content)).line_ids.filtered("crediario_plan_id")
        self.pay(line, amount="50.00")
        self.assertFalse(self.run_import(content).problem_ids)

    def test_other_values_are_reported_and_not_changed(self):
        first = self.run_import(csv_bytes(row("V-1", 1), row("V-1", 2)))
        again = self.run_import(
            csv_bytes(row("V-1", 1, value="120,00", due="15/01/2026"), row("V-1", 2, paid="5,00"))
        )
        self.assertEqual(
            self.problems(again),
            [(2, "different", "Contrato", "V-1"), (3, "different", "Contrato", "V-1")],
        )
        reasons = again.problem_ids.mapped("reason")
        self.assertIn("100.00", reasons[0].replace(",", "."))
        self.assertIn("120.00", reasons[0].replace(",", "."))
        self.assertEqual([line[3:] for line in self.booked(first)], [("100.00", "100.00")] * 2)
        self.assertEqual(again.error_count, 0)

    def test_further_installments_are_added_by_an_entry_of_their_own(self):
        first = self.run_import(csv_bytes(row("V-1", 1), row("V-1", 2, "31/02/2026")))
        self.assertEqual([line[1] for line in self.booked(first)], [1])
        again = self.run_import(
            csv_bytes(row("V-1", 1), row("V-1", 2, "28/02/2026"), row("V-1", 3, "10/03/2026"))
        )
        self.assertEqual([line[1] for line in self.booked(again)], [2, 3])
        contract, added = self.moves(first), self.moves(again)
        self.assertEqual(added.imported_contract_id, contract)
        self.assertEqual(added.partner_id, contract.partner_id)
        self.assertEqual((contract.installment_count, added.installment_count), (3, 3))
        self.assertEqual(self.run_import(csv_bytes(row("V-1", 3, "10/03/2026"))).already_count, 1)

    def test_cancelled_contract_may_be_imported_again(self):
        first = self.moves(self.run_import(csv_bytes(row("V-1", 1, value="900,00"))))
        first._cancel_contract("Imported with a wrong value")
        again = self.run_import(csv_bytes(row("V-1", 1, value="90,00")))
        self.assertEqual(self.booked(again), [("V-1", 1, "2026-01-10", "90.00", "90.00")])

    # ------------------------------------------------------------- customers

    def test_customer_is_created_with_all_details(self):
        cells = row("V-1", 1, email="ana@example.com", birthdate="29/02/1980", phone="11 6123-4567")
        partner = self.moves(self.run_import(csv_bytes(cells))).partner_id
        self.assertEqual(partner.vat, "529.982.247-25")
        self.assertEqual(partner.l10n_latam_identification_type_id, self.env.ref("l10n_br.cpf"))
        self.assertEqual(partner.phone, "+55 11 96123-4567")
        self.assertEqual((partner.email, str(partner.birthdate)), ("ana@example.com", "1980-02-29"))
        self.assertEqual((partner.is_company, partner.customer_rank), (False, 1))

    def test_company_is_created_with_cnpj(self):
        cells = row("V-1", 1, name="Escola Fictícia Ltda", vat=SHOP)
        partner = self.moves(self.run_import(csv_bytes(cells))).partner_id
        self.assertEqual(partner.l10n_latam_identification_type_id, self.env.ref("l10n_br.cnpj"))
        self.assertTrue(partner.is_company)

    def test_known_customer_is_found_by_cpf_and_completed(self):
        known = self.make_customer(
            "Ana J. Conceição", vat="529.982.247-25", email="own@example.com"
        )
        wizard = self.run_import(
            csv_bytes(row("V-1", 1, email="file@example.com", birthdate="01/05/1980"))
        )
        self.assertEqual(self.moves(wizard).partner_id, known)
        self.assertEqual((wizard.known_customer_count, wizard.new_customer_count), (1, 0))
        self.assertEqual(known.email, "own@example.com")
        self.assertEqual((str(known.birthdate), known.phone), ("1980-05-01", "+55 11 96123-4567"))
        self.assertFalse(wizard.problem_ids)

    def test_cpf_of_somebody_of_another_name_is_a_warning(self):
        known = self.make_customer("Roberta Prado", vat=ANA)
        wizard = self.run_import(csv_bytes(row("V-1", 1)))
        self.assertEqual(self.moves(wizard).partner_id, known)
        self.assertEqual([problem.kind for problem in wizard.problem_ids], ["warning"])
        self.assertIn("Roberta Prado", wizard.problem_ids.reason)

    def test_without_cpf_name_and_phone_find_the_customer_with_or_without_ninth_digit(self):
        known = self.make_customer("ANA JULIA CONCEICAO", phone="+55 11 6123-4567")
        wizard = self.run_import(csv_bytes(row("V-1", 1, vat="", phone="11961234567")))
        self.assertEqual(self.moves(wizard).partner_id, known)

    def test_same_phone_or_same_name_alone_find_nobody(self):
        self.make_customer("Mãe da Ana", phone="+55 11 96123-4567")
        self.make_customer("Ana Júlia Conceição")
        wizard = self.run_import(csv_bytes(row("V-1", 1, vat="")))
        self.assertEqual(wizard.new_customer_count, 1)

    def test_name_and_phone_never_join_two_cpfs(self):
        known = self.make_customer("Ana Júlia Conceição", vat=BRUNO, phone="+55 11 96123-4567")
        wizard = self.run_import(csv_bytes(row("V-1", 1, vat=ANA)))
        self.assertNotEqual(self.moves(wizard).partner_id, known)

    def test_one_customer_of_several_contracts_is_created_once(self):
        wizard = self.run_import(
            csv_bytes(
                row("V-1", 1, vat=""),
                row("V-2", 1),
                row("V-3", 1, vat="", email="x@example.com"),
                row("V-4", 1, vat="", phone="", email="X@example.com"),
                row("V-5", 1, name="Só o Nome", vat="", phone=""),
                row("V-6", 1, name="SÓ O NOME", vat="", phone=""),
            )
        )
        partners = self.moves(wizard).sorted("ref").mapped("partner_id")
        self.assertEqual(partners.mapped("name"), ["Ana Júlia Conceição", "Só o Nome"])
        self.assertEqual(partners[0].vat, "529.982.247-25")

    # ------------------------------------------------- companies, rights, terms

    def test_companies_are_apart(self):
        other = self.setup_other_company(name="Filial")["company"]
        plan = self.make_plan("Other", company_id=other.id)
        content = csv_bytes(row("V-1", 1))
        mine = self.run_import(content)
        wizard = self.run_import(content, company=other, plan_id=plan.id)
        self.assertEqual((wizard.already_count, wizard.installment_count), (0, 1))
        theirs = self.moves(wizard)
        self.assertEqual((theirs.company_id, theirs.journal_id.company_id), (other, other))
        self.assertEqual(theirs.partner_id, self.moves(mine).partner_id, "a shared contact")
        self.assertEqual(self.run_import(content, company=other, plan_id=plan.id).already_count, 1)

    def test_contacts_of_another_company_are_nobody_here(self):
        other = self.setup_other_company(name="Filial")["company"]
        theirs = self.make_customer("Ana Júlia Conceição", vat=ANA, company_id=other.id)
        wizard = self.run_import(csv_bytes(row("V-1", 1)))
        self.assertNotEqual(self.moves(wizard).partner_id, theirs)

    def test_manager_imports_and_collector_does_not(self):
        manager, collector = (
            self.env["res.users"].create(
                {
                    "name": group,
                    "login": group,
                    "company_ids": [(6, 0, self.company.ids)],
                    "company_id": self.company.id,
                    "group_ids": [(6, 0, self.env.ref(f"optica_cobranca.group_{group}").ids)],
                }
            )
            for group in ("manager", "collector")
        )
        self.assertTrue(self.run_import(csv_bytes(row("V-1", 1)), user=manager).move_ids)
        with self.assertRaises(AccessError):
            self.wizard(csv_bytes(row("V-2", 1)), user=collector)

    def test_closed_books_are_told_before_anything_is_booked(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRaisesRegex(UserError, "closed"):
            self.run_import(csv_bytes(row("V-1", 1)))

    def test_receivable_account_is_no_opening_account(self):
        account = self.company_data["default_account_receivable"]
        with self.assertRaisesRegex(UserError, "opening"):
            self.run_import(csv_bytes(row("V-1", 1)), account_id=account.id)

    def test_proposed_terms(self):
        wizard = self.wizard(csv_bytes(row("V-1", 1)))
        self.assertEqual(wizard.journal_id.type, "general")
        self.assertEqual(wizard.account_id.account_type, "equity_unaffected")
