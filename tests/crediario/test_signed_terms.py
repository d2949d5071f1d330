"""Terms are frozen at signing: a plan that is edited changes nothing of what was agreed before.

200.00 in 2 parts at 1% a month (Price): 101.50 each (200 x 0.01 / (1 - 1.01^-2)); the first due
on Monday 2 March 2026; fine 1%, interest 0.5% a month, no grace. On 12 March 10 days late: fine
1.02 (1.015), interest 0.17 (101.50 x 0.5% x 10/30).
"""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user
from odoo.tools import SQL

from odoo.addons.optica_cobranca.tools.ladder.dunning_query import customers_in

from ..agreement.agreement_common import AgreementCommon

TODAY = date(2026, 3, 12)
NOON = "2026-03-12 15:00:00"


class SignedCommon(AgreementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signed_plan = cls.make_plan(
            "Signed",
            method="price",
            monthly_rate=1.0,
            fine_percent=1.0,
            late_interest_percent=0.5,
            extension_max_days=20,
            own_extension_max_days=5,
            note="<p>Broken lenses are mended within 90 days.</p>",
        )

    def sign(self, plan=None, **values):
        invoice = self.make_invoice(
            "200.00", 2, "2026-03-02", sold="2026-02-02", plan=plan or self.signed_plan, **values
        )
        return invoice, invoice.installment_ids.sorted("installment_number")

    def edit_plan(self):
        """Everything that is agreed, changed."""
        self.signed_plan.write(
            {
                "fine_percent": 2.0,
                "late_interest_percent": 1.0,
                "grace_days": 5,
                "method": "linear",
                "monthly_rate": 0.5,
                "early_discount_method": "flat",
                "early_discount_percent": 7.0,
                "extension_max_days": 3,
                "extension_max_number": 0,
                "extension_max_total_days": 4,
                "own_extension_max_days": 1,
                "note": "<p>Nothing is mended.</p>",
            }
        )


class TestSignedTerms(SignedCommon):
    def what_is_told(self, invoice, lines):
        """All that depends on the terms of a contract, by the door through which it is told.

        Doors: the fields of a screen; the same summed in SQL; the ladder; the portal; Pix; any way
        to pay; the reduction for paying early; how far a collector and a customer may move a due
        date; the contract, the booklet, and the terms on the invoice.
        """
        [totals] = self.env["account.move.line"]._read_group(
            [("id", "in", lines.ids)],
            [],
            ["late_fine:sum", "late_interest:sum", "amount_today:sum"],
        )
        self.env.invalidate_all()
        ladder = self.env["dunning.evaluation"]
        terms = ladder._ladder_rules(self.company, TODAY)
        scope = customers_in(self.customer.ids)
        listed = self.env.execute_query_dict(
            SQL(
                "SELECT fine, interest FROM (%s) AS r WHERE line_id = ANY(%s)",
                ladder._decision_query(terms, scope),
                lines.ids,
            )
        )
        parts = lines._pix_parts(TODAY)
        collectors = lines.with_user(self.collector)
        rules = invoice._crediario_rules()
        html = self.env["ir.actions.report"]._render_qweb_html
        return {
            "domain": lines._amounts_today(TODAY),
            "screen": [(line.late_fine, line.late_interest, line.amount_today) for line in lines],
            "sql": totals,
            "ladder": listed,
            "portal": [(row["fine"], row["interest"]) for row in lines._portal_values(TODAY)],
            "pix": [parts[line.id] for line in lines],
            "quote": [(part.fine, part.reduction) for part in lines._payment_quote(TODAY)],
            "early": [str(found.reduction) for found in lines._settlements(TODAY).values()],
            "rule": lines._settlement_rule_texts(),
            "collector": [line._extension_limits_text() for line in collectors],
            "customer": rules._own_extension_limits(),
            "late terms": invoice._crediario_late_terms(),
            "offer": invoice._crediario_offer(),
            "contract": html("optica_cobranca.report_contract", invoice.ids)[0],
            "booklet": html("optica_cobranca.report_carne_all", invoice.ids)[0],
        }

    @freeze_time(NOON)
    def test_an_edited_plan_changes_nothing_that_was_signed(self):
        self.make_policy_with_level()
        invoice, lines = self.sign()
        before = self.what_is_told(invoice, lines)
        self.edit_plan()
        after = self.what_is_told(invoice, lines)
        for door, told in before.items():
            self.assertEqual(after[door], told, door)
        first = lines[0]
        self.assertEqual(self.amounts(first, "2026-03-12"), ("101.50", "1.02", "0.17", "102.69"))
        # due 2 April, 21 days ahead: 101.50 / 1.01^(21/30) = 100.80
        self.assertEqual(before["early"][1], "0.70")
        self.assertEqual(
            [f"{row['fine']:.2f}" for row in before["ladder"] if row["fine"]], ["1.02"]
        )
        self.assertIn(b"90 days", after["contract"])
        self.assertIn("days at once 20,", after["collector"][0])
        self.assertIn("fine of 1.00%", after["late terms"])

    @freeze_time(NOON)
    def test_figures_after_the_plan_was_edited(self):
        """200.00 in 2 parts at 1% a month (linear): 102.00 each.

        Paying the second part 21 days early takes off 102.00 - 102.00 / 1.01^(21/30) = 0.71; at
        0.5% it would be 0.36. Of the first, 30.00 received on 12 March pay 1.02 + 0.17 and 28.81;
        until 1 April 73.19 x 0.5% x 20/30 = 0.24 follow. By the edited plan, 1.02 of the fine were
        still owed (2.04 - 1.02).
        """
        plan = self.signed_plan
        plan.write({"method": "linear"})
        _invoice, (first, second) = self.sign()
        self.receive(first, ("cash", "30.00"), on="2026-03-12")

        def told():
            self.env.invalidate_all()
            settled = 102 - second._settlements(TODAY)[second.id].reduction
            return str(settled), self.amounts(first, "2026-04-01")

        self.assertEqual(told(), ("101.29", ("73.19", "0.00", "0.24", "73.43")))
        plan.write({"fine_percent": 2.0, "late_interest_percent": 1.0, "monthly_rate": 0.5})
        self.assertEqual(told(), ("101.29", ("73.19", "0.00", "0.24", "73.43")))
        # The figures above tell the terms apart: these are what the plan says now.
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET crediario_terms_id = NULL")
        settled, (_principal, fine, _interest, _total) = told()
        self.assertEqual((settled, fine), ("101.64", "1.02"))

    def make_policy_with_level(self):
        policy = self.env["dunning.policy"].create(
            {
                "name": "Ladder",
                "company_id": self.company.id,
                "level_ids": [Command.create({"name": "+1", "offset_days": 1})],
            }
        )
        self.company.dunning_policy_id = policy

    @freeze_time(NOON)
    def test_the_next_contract_takes_what_the_plan_says_then(self):
        _invoice, old = self.sign()
        self.edit_plan()
        invoice, new = self.sign()
        self.assertNotEqual(old.move_id.crediario_terms_id, invoice.crediario_terms_id)
        # 200 x (1 + 0.005 x 2) / 2 = 101.00; 10 days late: 2.02 + 0.34; 5 days of grace are over
        self.assertEqual(self.amounts(new[0], "2026-03-12"), ("101.00", "2.02", "0.34", "103.36"))
        self.assertEqual(self.amounts(new[0], "2026-03-06")[1], "0.00")

    def test_contracts_of_one_day_share_their_terms(self):
        first, _lines = self.sign()
        second, _lines = self.sign()
        self.assertEqual(first.crediario_terms_id, second.crediario_terms_id)
        self.assertEqual(first.crediario_terms_id.contract_count, 2)
        self.assertTrue(first.crediario_terms_id.is_current)

    def test_a_correction_as_draft_keeps_what_was_signed(self):
        invoice, _lines = self.sign()
        terms = invoice.crediario_terms_id
        self.edit_plan()
        invoice.button_draft()
        invoice.narration = "Corrected"
        invoice.action_post()
        self.assertEqual(invoice.crediario_terms_id, terms)
        self.assertEqual(invoice.signed_fine, 1.0)
        self.assertEqual([row[2] for row in self.schedule(invoice)], ["101.50", "101.50"])

    def test_another_plan_chosen_as_draft_is_signed_anew(self):
        invoice, _lines = self.sign()
        invoice.button_draft()
        invoice.crediario_plan_id = self.plan
        invoice.action_post()
        self.assertEqual(invoice.crediario_terms_id.plan_id, self.plan)
        self.assertEqual(invoice.signed_fine, 2.0)

    def test_nobody_writes_what_was_signed(self):
        invoice, _lines = self.sign()
        other = self.make_invoice("200.00", 2, "2026-03-02", sold="2026-02-02")
        with self.assertRaises(AccessError):
            invoice.crediario_terms_id = other.crediario_terms_id
        with self.assertRaises(AccessError):
            self.env["account.move"].create({"crediario_terms_id": other.crediario_terms_id.id})
        asked = self.env["account.move"].with_context(
            default_crediario_terms_id=other.crediario_terms_id.id
        )
        self.assertFalse(asked.create({"move_type": "entry"}).crediario_terms_id)
        with self.assertRaises(UserError):
            invoice.crediario_terms_id.sudo().fine_percent = 2.0
        for operation in ("create", "write", "unlink"):
            self.assertFalse(self.env["crediario.terms"].has_access(operation))

    def test_the_plans_form_says_how_many_contracts_keep_the_old_terms(self):
        self.sign()
        self.sign()
        self.assertEqual(self.signed_plan.old_terms_count, 0)
        with Form(self.signed_plan) as form:
            form.name = "Renamed"
            self.assertEqual(form.old_terms_count, 0, "the name is no term")
            form.fine_percent = 2.0
            self.assertEqual(form.old_terms_count, 2)
            form.fine_percent = 1.0
            self.assertEqual(form.old_terms_count, 0)
            form.note = "<p>Other words</p>"
            self.assertEqual(form.old_terms_count, 2)
        action = self.signed_plan.action_view_old_terms()
        terms = self.env["crediario.terms"].search(action["domain"])
        self.assertEqual((terms.contract_count, terms.is_current), (2, False))

    def test_sellers_read_the_terms_of_contracts(self):
        invoice, _lines = self.sign()
        seller = new_test_user(
            self.env,
            "signed.seller",
            groups="optica_cobranca.group_seller",
            company_id=self.company.id,
        )
        self.assertEqual(invoice.with_user(seller).signed_fine, 1.0)
        self.assertIn("1.0", str(invoice.crediario_terms_id.with_user(seller).fine_percent))

    @freeze_time(NOON)
    def test_contracts_of_before_take_their_plans_terms_once(self):
        invoice, lines = self.sign()
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET crediario_terms_id = NULL")
        self.env.invalidate_all()
        self.assertEqual(self.amounts(lines[0], "2026-03-12")[1], "1.02", "by the plan until then")
        self.env["crediario.terms"]._freeze_contracts()
        self.edit_plan()
        self.env["crediario.terms"]._freeze_contracts()
        self.assertEqual(invoice.crediario_terms_id.fine_percent, 1.0)
        self.assertEqual(self.amounts(lines[0], "2026-03-12"), ("101.50", "1.02", "0.17", "102.69"))


class TestAgreedTerms(SignedCommon):
    def agree(self):
        """The usual debt, agreed on 27 March: 58.68 down, four times 50.00 from 27 April."""
        self.company.agreement_breach_days = 10
        lines = self.debt()
        agreement = self.propose(
            lines, discount_charges=3.11, down_payment=58.68, plan_id=self.plan.id
        )
        self.accept(agreement)
        return agreement

    def test_what_was_agreed_stays(self):
        agreement = self.agree()
        html = self.env["ir.actions.report"]._render_qweb_html
        before = html("optica_cobranca.report_agreement", agreement.ids)[0]
        self.plan.write({"fine_percent": 1.0, "late_interest_percent": 0.5})
        self.company.agreement_breach_days = 0
        self.assertEqual(html("optica_cobranca.report_agreement", agreement.ids)[0], before)
        first = agreement.installment_ids.filtered(lambda line: line.installment_number == 1)
        # due Monday 27 April, 3 days: 1.00 and 50 x 1% x 3/30 = 0.05
        self.assertEqual(self.amounts(first, "2026-04-30"), ("50.00", "1.00", "0.05", "51.05"))
        # the down payment was due on 27 March, a Friday: 10 days are 6 April
        self.assertFalse(agreement._is_breached(date(2026, 4, 6)))
        self.assertTrue(agreement._is_breached(date(2026, 4, 7)))

    def test_agreements_of_before_take_the_companys_days_once(self):
        agreement = self.agree()
        self.env.flush_all()
        self.env.cr.execute("UPDATE crediario_agreement SET breach_days = NULL")
        agreement.invalidate_recordset()
        agreement._freeze_breach_days()
        self.company.agreement_breach_days = 0
        agreement._freeze_breach_days()
        self.assertEqual(agreement.breach_days, 10)
