"""Agreements: terms, limits, the entry, what closes and opens.

The usual debt: see ``agreement_common``.
"""

from datetime import date

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.optica_cobranca.tools.ladder.dunning_query import customers_between

from .agreement_common import TODAY, AgreementCommon


class TestAgreement(AgreementCommon):
    def test_simulation(self):
        agreement = self.propose(self.debt(), discount_charges=3.11, down_payment=58.68)
        self.assertFalse(agreement.problem)
        self.assertFalse(agreement.approval_text)
        figures = ("principal", "fine", "interest", "net", "total")
        self.assertEqual(
            [f"{agreement[f'amount_{name}']:.2f}" for name in figures],
            ["255.58", "4.11", "2.10", "258.68", "258.68"],
        )
        self.assertEqual((agreement.limit_charges, agreement.limit_principal), (3.11, 0.0))
        self.assertEqual(len(agreement.installment_preview["rows"]), 5)
        self.assertTrue(agreement.name.startswith("ACO/2026/"))

    def test_accepting_closes_the_old_and_opens_the_new(self):
        lines, agreement, installments = self.usual()
        self.assertEqual(agreement.state, "open")
        self.assertEqual(self.residuals(lines), ["0.00", "0.00", "0.00"])
        self.assertEqual(lines.closing_agreement_id, agreement)
        self.assertEqual(
            self.schedule(agreement.move_id),
            [
                (0, "2026-03-27", "58.68"),
                (1, "2026-04-27", "50.00"),
                (2, "2026-05-27", "50.00"),
                (3, "2026-06-27", "50.00"),
                (4, "2026-07-27", "50.00"),
            ],
        )
        self.assertEqual(agreement.move_id.contract_reference, agreement.name)
        self.assertEqual(installments[0].installment_label, "Down payment")
        self.assertEqual(installments[1].installment_label, "1/4")
        # 4.11 less 1.01 forgiven; interest 2.10 all forgiven
        self.assertEqual((self.balance("fine"), self.balance("interest")), ("-3.10", "0.00"))
        self.assertEqual(self.receivable(), ("258.68", "258.68"))
        self.assertIn(agreement.name, lines.move_id.closing_agreement_text)

    def test_discount_of_principal_and_price_of_the_credit(self):
        plan = self.make_plan("Linear", method="linear", monthly_rate=1.0)
        lines = self.debt()
        agreement = self.propose(
            lines, plan_id=plan.id, installment_count=2, discount_principal=61.79
        )
        # 261.79 - 61.79 = 200.00 at 1% simple for two months: 204.00
        self.assertEqual(agreement.approval_reasons, ["discount_of_principal"])
        installments = self.accept(agreement)
        self.assertEqual([line.balance for line in installments], [102.0, 102.0])
        self.assertEqual(self.balance("discount"), "61.79")
        finance = agreement.move_id.line_ids.filtered(
            lambda line: line.account_id == self.company.finance_charge_account_id
        )
        self.assertEqual(finance.balance, -4.0)

    def test_above_the_limits_a_manager_decides(self):
        agreement = self.propose(self.debt(), user=self.collector, discount_charges=3.12)
        own = agreement.with_user(self.collector)
        self.assertEqual(agreement.approval_reasons, ["discount_of_charges"])
        with freeze_time(TODAY):
            with self.assertRaises(UserError):
                own.action_accept()
            own.action_request_approval()
            with self.assertRaises(UserError):
                own.action_approve()
            agreement.action_approve()
            with self.assertRaises(UserError):
                own.write({"discount_charges": 6.0})
            with self.assertRaises(UserError):
                own.write({"state": "open"})
            own.action_accept()
        self.assertEqual(agreement.state, "open")
        self.assertEqual(agreement.approved_by_id, self.env.user)

    def test_a_collector_accepts_within_the_limits(self):
        agreement = self.propose(self.debt(), user=self.collector)
        with freeze_time(TODAY):
            agreement.with_user(self.collector).action_grant_limit()
            agreement.with_user(self.collector).action_accept()
        self.assertEqual(agreement.amount_net, 258.68)
        self.assertEqual(agreement.state, "open")

    def test_what_changed_since_has_to_be_updated(self):
        lines = self.debt()
        agreement = self.propose(lines)
        self.receive(lines[2], ("cash", "20.00"), on=TODAY)
        with self.assertRaises(UserError):
            self.accept(agreement)
        with freeze_time("2026-03-28"):
            agreement.action_update()
        # one day more: interest of A 46 days 1.53, of B 18 days 0.63; C 30.00
        self.assertEqual((agreement.amount_principal, agreement.amount_interest), (235.58, 2.16))
        with self.assertRaises(UserError):
            self.accept(agreement, on="2026-04-05")  # expired on 4 April

    @mute_logger("odoo.sql_db")
    def test_one_open_agreement_a_customer(self):
        lines, _agreement, installments = self.usual()
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.propose(installments[1])
        other = self.make_installments(("2026-03-10", "10.00"), partner=self.make_customer("Ana"))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.propose(other).line_ids = [Command.create({"move_line_id": installments[1].id})]
        self.assertEqual(self.residuals(lines), ["0.00"] * 3)

    def test_the_ladder_rests_while_it_is_negotiated(self):
        lines = self.debt()
        self.company.dunning_policy_id = self.env["dunning.policy"].create(
            {"name": "P", "level_ids": [Command.create({"name": "1", "offset_days": 1})]}
        )
        agreement = self.propose(lines)

        def advancing(day):
            self.env.flush_all()
            evaluation = self.env["dunning.evaluation"]
            terms = evaluation._ladder_rules(self.company, date.fromisoformat(day))
            rows = evaluation._decide(terms, customers_between(0, 2**31 - 1))
            return sorted(row["line_id"] for row in rows if row["advances"])

        self.assertEqual(advancing(TODAY), [])
        self.assertEqual(advancing("2026-04-03"), [])  # the last day it is valid
        self.assertEqual(advancing("2026-04-04"), lines[:2].ids)
        installments = self.accept(agreement)
        self.assertEqual(advancing("2026-04-28"), installments[0].ids)

    def test_cancelling_before_any_payment(self):
        lines, agreement, installments = self.usual()
        receipt = self.receive(installments[0], ("cash", "58.68"), on=TODAY)
        with self.assertRaises(UserError):
            agreement.action_cancel()
        receipt._cancel("Wrong customer")
        with self.assertRaises(UserError):
            agreement.with_user(self.collector).action_cancel()
        agreement.action_cancel()
        self.assertEqual(agreement.state, "cancelled")
        self.assertEqual(self.residuals(lines), ["100.00", "105.58", "50.00"])
        self.assertEqual(self.amounts(lines[1], TODAY), ("105.58", "2.11", "0.60", "108.29"))
        self.assertEqual((self.balance("fine"), self.receivable()), ("0.00", ("255.58", "255.58")))

    def test_entries_and_contracts_are_held(self):
        lines, agreement, _installments = self.usual()
        for move in (agreement.move_id, lines.move_id):
            with self.subTest(move.name), self.assertRaises(UserError):
                move.button_draft()
        with self.assertRaises(UserError):
            agreement.move_id._reverse_moves()

    def test_document(self):
        agreement = self.propose(self.debt(), discount_charges=3.11, down_payment=58.68)
        html, kind = self.env["ir.actions.report"]._render_qweb_html(
            "optica_cobranca.report_agreement", agreement.ids
        )
        text = html.decode()
        self.assertEqual(kind, "html")
        for piece in (agreement.name, "258.68", "legible", "Witness", "Proposal"):
            self.assertIn(piece, text)
        self.assertIn("2.00% and interest of 1.00%", agreement._late_terms())
        self.assertIn("2,00%", agreement.with_context(lang="pt_BR")._late_terms())
