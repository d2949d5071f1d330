"""The accounts of store credit: made with the chart, in the right group, found again, shared."""

from odoo import Command

from odoo.addons.optica_cobranca.models.crediario.res_company import ACCOUNTS

from tests.common import CollectionCommon

FIELDS = list(ACCOUNTS)
OTHERS_OF_GROUP = {
    "finance_charge_account_id": "3.01.01.05.01.05",  # Outras Receitas Financeiras
    "late_fine_account_id": "3.01.01.05.01.05",
    "late_interest_account_id": "3.01.01.05.01.05",
    "settlement_discount_account_id": "3.01.01.09.01.08",  # Outras Despesas Financeiras
}


class TestCompanyAccounts(CollectionCommon):
    def accounts(self, company=None):
        company = (company or self.company).sudo()
        return {field: company[field] for field in FIELDS}

    def record(self, field, company=None):
        """The record by which an account is found again."""
        charts = self.env["account.chart.template"].with_company(company or self.company)
        xml_id = charts.company_xmlid(f"crediario_{field.removesuffix('_account_id')}")
        module, name = xml_id.split(".")
        return self.env["ir.model.data"].search([("module", "=", module), ("name", "=", name)])

    # ------------------------------------------------------------ where

    def test_in_brazil_they_are_financial_income_and_expense(self):
        for field, account in self.accounts().items():
            like = OTHERS_OF_GROUP[field]
            code = account.with_company(self.company).code
            self.assertEqual(code.rpartition(".")[0], like.rpartition(".")[0], field)
            self.assertEqual(code.count("."), like.count("."))
            other = self.env["account.account"].search(
                [("code", "=", like), ("company_ids", "in", self.company.ids)]
            )
            self.assertEqual(account.account_type, other.account_type)
            self.assertEqual(account.group_id, other.group_id)

    def test_their_names_are_translated(self):
        names = {
            field: account.with_context(lang="pt_BR").name
            for field, account in self.accounts().items()
        }
        for name in names.values():
            self.assertNotIn("store credit", name)
        self.assertEqual(
            self.company.finance_charge_account_id.with_context(lang="en_US").name,
            "Finance charge of store credit",
        )
        self.assertEqual(len(set(names.values())), 4)

    def test_a_name_of_the_accountant_is_not_translated_away(self):
        account = self.company.late_fine_account_id
        account.with_context(lang="pt_BR").name = "Multas da loja"
        self.env["account.chart.template"]._load_translations(["pt_BR"], self.company)
        self.assertEqual(account.with_context(lang="pt_BR").name, "Multas da loja")

    def test_a_language_that_comes_later_names_them(self):
        account = self.company.late_fine_account_id
        portuguese = account.with_context(lang="pt_BR").name
        account.update_field_translations("name", {"pt_BR": False})
        self.assertEqual(account.with_context(lang="pt_BR").name, "Late fines of store credit")
        self.env["account.chart.template"]._load_translations(["pt_BR"], self.company)
        self.assertEqual(account.with_context(lang="pt_BR").name, portuguese)

    # ------------------------------------------------------------- when

    def test_a_company_gets_them_with_its_chart(self):
        company = self.env["res.company"].create(
            {"name": "Second shop", "country_id": self.env.ref("base.br").id}
        )
        self.assertFalse(company.finance_charge_account_id)
        self.env["account.chart.template"].try_loading("generic_coa", company)
        for field, account in self.accounts(company).items():
            self.assertIn(company, account.company_ids, field)
            self.assertIn(account.account_type, ACCOUNTS[field])
        loss = company.account_journal_early_pay_discount_loss_account_id.with_company(company)
        discount = company.settlement_discount_account_id.with_company(company)
        self.assertEqual(discount.account_type, loss.account_type)
        self.assertEqual(discount.code[:2], loss.code[:2])

    def test_loading_the_chart_again_makes_no_others(self):
        before = self.accounts()
        count = self.env["account.account"].search_count([])
        self.env["account.chart.template"]._post_load_data(
            self.company.chart_template, self.company, {}
        )
        self.assertEqual(self.accounts(), before)
        self.assertEqual(self.env["account.account"].search_count([]), count)

    def test_a_branch_takes_its_parents(self):
        count = self.env["account.account"].search_count([])
        branch = self.env["res.company"].create(
            {
                "name": "Branch",
                "parent_id": self.company.id,
                "country_id": self.company.country_id.id,
            }
        )
        self.env["account.chart.template"]._load(self.company.chart_template, branch, False)
        self.assertEqual(branch.chart_template, self.company.chart_template)
        self.assertEqual(self.accounts(branch), self.accounts())
        made = self.env["account.account"].search([], offset=count, order="id")
        self.assertFalse(made.filtered(lambda account: "credit" in account.name))

    def test_a_branch_of_a_parent_without_them_makes_the_parents(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        branch.chart_template = self.company.chart_template
        self.company.write(dict.fromkeys(FIELDS, False))
        branch._create_crediario_accounts()
        self.assertTrue(all(self.accounts().values()))
        self.assertEqual(self.accounts(branch), self.accounts())

    # ----------------------------------------------------------- again

    def test_those_that_are_there_are_found_again(self):
        before = self.accounts()
        self.company.write(dict.fromkeys(FIELDS, False))
        self.company._create_crediario_accounts()
        self.assertEqual(self.accounts(), before)

    def test_those_without_their_record_are_found_by_name(self):
        before = self.accounts()
        for field in FIELDS:
            self.record(field).unlink()
        before["late_fine_account_id"].with_context(lang="en_US").name = "Whatever"
        self.company.write(dict.fromkeys(FIELDS, False))
        self.company._create_crediario_accounts()
        self.assertEqual(self.accounts(), before)

    def test_an_account_that_was_chosen_stays(self):
        chosen = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1
        )
        self.company.late_fine_account_id = chosen
        self.company._create_crediario_accounts()
        self.assertEqual(self.company.late_fine_account_id, chosen)

    # ------------------------------------------------------- before goods

    def test_the_price_of_the_credit_is_never_booked_to_goods(self):
        """A shop that has no account yet gets it with its first sale, not its first receipt."""
        account = self.company.finance_charge_account_id
        self.company.write(dict.fromkeys(FIELDS, False))
        plan = self.make_plan(method="linear", monthly_rate=1.0)
        move = self.make_invoice(plan=plan, total="600.00", installments=6)
        charge = move.invoice_line_ids.filtered("is_finance_charge")
        self.assertTrue(charge)
        self.assertEqual(charge.account_id, account)

    # --------------------------------------------------------------- going

    def test_what_nothing_refers_to_goes_and_the_rest_stays(self):
        accounts = self.accounts()
        income = accounts["late_fine_account_id"]
        other = accounts["late_interest_account_id"]
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"account_id": income.id, "debit": 1.0, "name": "a"}),
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_revenue"].id,
                            "credit": 1.0,
                            "name": "b",
                        }
                    ),
                ],
            }
        )
        self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", "sale")], limit=1
        ).default_account_id = other
        chosen = self.env["account.account"].create(
            {"name": "Own", "code": "9.9.9", "account_type": "income_other"}
        )
        self.company.finance_charge_account_id = chosen
        self.company._forget_crediario_accounts()
        self.assertEqual(income.exists(), income, "booked to")
        self.assertEqual(other.exists(), other, "of a journal")
        self.assertEqual(chosen.exists(), chosen, "not ours")
        self.assertFalse(accounts["finance_charge_account_id"].exists())
        self.assertFalse(accounts["settlement_discount_account_id"].exists())
