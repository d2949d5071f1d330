"""Moved due dates: limits, approval, charges, the invoice's reset to draft, undoing."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user

from odoo.addons.optica_cobranca.tools.ladder.dunning_query import customers_between

from .receiving_common import ReceivingCommon

TODAY = "2026-03-27"  # 17 days after the due date, a Friday


class TestExtension(ReceivingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = new_test_user(
            cls.env,
            "extension.collector",
            groups="optica_cobranca.group_collector",
            company_id=cls.company.id,
        )
        cls.seller = new_test_user(
            cls.env,
            "extension.seller",
            groups="optica_cobranca.group_seller",
            company_id=cls.company.id,
        )

    @freeze_time(TODAY)
    def extend(self, line, new_due, waive=False, user=None, reason="Salary comes later"):
        model = self.env["crediario.extension"]
        model = model.with_user(user) if user else model
        granted = model._grant({line.id: date.fromisoformat(new_due)}, reason, waive)
        return granted.with_env(self.env)

    def late_line(self):
        return self.make_installments(("2026-03-10", "105.58"))

    # ------------------------------------------------------------- amounts

    def test_kept_charges_stay_owed_and_the_fine_comes_once(self):
        line = self.late_line()
        self.assertEqual(self.amounts(line, TODAY), ("105.58", "2.11", "0.60", "108.29"))
        extension = self.extend(line, "2026-04-10")
        self.assertEqual(extension.state, "applied")
        self.assertEqual(str(line.date_maturity), "2026-04-10")
        # nothing more until the new date; ten days after it 105.58 x 1% x 10/30 = 0.35
        self.assertEqual(self.amounts(line, "2026-04-10"), ("105.58", "2.11", "0.60", "108.29"))
        self.assertEqual(self.amounts(line, "2026-04-20"), ("105.58", "2.11", "0.95", "108.64"))
        # before the extension it was late by the former date: 10 days, 0.35
        self.assertEqual(self.amounts(line, "2026-03-20"), ("105.58", "2.11", "0.35", "108.04"))

    def test_waived_charges_are_gone(self):
        line = self.late_line()
        extension = self.extend(line, "2026-04-10", waive=True)
        self.assertEqual((extension.waived_fine, extension.waived_interest), (2.11, 0.60))
        self.assertEqual(self.amounts(line, "2026-04-10"), ("105.58", "0.00", "0.00", "105.58"))
        # the fine was forgiven once and for all; interest runs from the new date
        self.assertEqual(self.amounts(line, "2026-04-20"), ("105.58", "0.00", "0.35", "105.93"))

    def test_kept_charges_are_received_first_and_land_in_their_accounts(self):
        line = self.late_line()
        self.extend(line, "2026-04-10")
        receipt = self.receive(line, ("cash", "108.29"), on="2026-04-10")
        self.assertEqual(self.totals(receipt), ("105.58", "2.11", "0.60", "0.00", "0.00", "108.29"))
        self.assertEqual(self.balance("fine"), "-2.11")
        self.assertEqual(self.residuals(line), ["0.00"])
        receipt._cancel("Wrong customer")
        self.assertEqual(self.amounts(line, "2026-04-20"), ("105.58", "2.11", "0.95", "108.64"))

    def test_part_payment_before_and_after(self):
        line = self.make_installments(("2026-03-10", "100.00"))
        # 20 March: 10 days: 0.33 + 2.00, so 52.33 pay 50.00 of the principal
        self.receive(line, ("cash", "52.33"), on="2026-03-20")
        # 7 days more on 50.00: 0.12 (0.11667)
        self.assertEqual(self.amounts(line, TODAY), ("50.00", "0.00", "0.12", "50.12"))
        self.extend(line, "2026-04-10")
        self.assertEqual(self.amounts(line, "2026-04-10"), ("50.00", "0.00", "0.12", "50.12"))
        self.receive(line, ("cash", "0.12"), on="2026-04-01")
        self.assertEqual(self.amounts(line, "2026-04-10"), ("50.00", "0.00", "0.00", "50.00"))
        # ten days late again: 0.17 interest; the fine was paid once
        self.assertEqual(self.amounts(line, "2026-04-20"), ("50.00", "0.00", "0.17", "50.17"))

    def test_totals_in_sql_are_those_of_the_domain(self):
        lines = self.make_installments(
            ("2026-03-10", "105.58"), ("2026-03-10", "105.58"), ("2026-03-10", "105.58")
        )
        self.extend(lines[0], "2026-04-10")
        self.extend(lines[1], "2026-04-10", waive=True)
        for day, total in (("2026-03-31", "322.30"), ("2026-04-20", "323.70")):
            with self.subTest(day), freeze_time(day):
                lines.invalidate_recordset()
                [(read,)] = self.env["account.move.line"]._read_group(
                    [("id", "in", lines.ids)], [], ["amount_today:sum"]
                )
                self.assertEqual(f"{sum(lines.mapped('amount_today')):.2f}", total)
                self.assertEqual(f"{read:.2f}", total)

    # -------------------------------------------------------------- limits

    def test_within_the_limits_a_collector_grants(self):
        line = self.late_line()
        extension = self.extend(line, "2026-04-09", user=self.collector)  # 30 days
        self.assertEqual((extension.state, extension.days), ("applied", 30))

    def test_beyond_the_limits_a_manager_decides(self):
        line = self.late_line()
        extension = self.extend(line, "2026-04-10", user=self.collector)  # 31 days
        self.assertEqual(extension.state, "to_approve")
        self.assertEqual(extension.approval_reasons, ["days"])
        self.assertEqual(str(line.date_maturity), "2026-03-10")
        with self.assertRaises(UserError):
            extension.with_user(self.collector).action_approve()
        with freeze_time("2026-03-30"):
            extension.action_approve()
        self.assertEqual(extension.state, "applied")
        self.assertEqual(
            (str(line.date_maturity), str(extension.date)), ("2026-04-10", "2026-03-30")
        )
        # the charges kept are those of the day of the approval: 20 days, 0.70
        self.assertEqual((extension.kept_fine, extension.kept_interest), (2.11, 0.70))

    def test_refused(self):
        line = self.late_line()
        extension = self.extend(line, "2026-06-10", user=self.collector)
        extension.action_refuse()
        self.assertEqual(extension.state, "refused")
        self.assertEqual(str(line.date_maturity), "2026-03-10")
        self.assertEqual(self.amounts(line, TODAY), ("105.58", "2.11", "0.60", "108.29"))

    def test_waiving_and_moving_often_need_a_manager(self):
        line = self.late_line()
        self.assertEqual(
            self.extend(line, "2026-04-01", waive=True, user=self.collector).approval_reasons,
            ["waiver"],
        )
        other = self.make_installments(("2026-03-10", "10.00"))
        self.extend(other, "2026-03-28", user=self.collector)
        self.extend(other, "2026-03-29", user=self.collector)
        third = self.extend(other, "2026-03-30", user=self.collector)
        self.assertEqual(third.approval_reasons, ["number"])

    def test_far_from_the_first_date(self):
        line = self.late_line()
        self.extend(line, "2026-04-09", user=self.collector)
        second = self.extend(line, "2026-05-09", user=self.collector)  # 60 days in all
        self.assertEqual(second.state, "applied")
        self.assertEqual(str(second.original_due_date), "2026-03-10")

    def test_refusals(self):
        line = self.late_line()
        for new_due in ("2026-03-10", "2026-03-26"):
            with self.subTest(new_due), self.assertRaises(UserError):
                self.extend(line, new_due)
        with self.assertRaises(UserError):
            self.extend(line, "2026-04-10", reason=" ")
        with self.assertRaises(UserError):
            self.extend(line, "2026-04-10", user=self.seller)
        self.receive(line, ("cash", "108.29"), on=TODAY)
        with self.assertRaises(UserError):
            self.extend(line, "2026-04-10")

    # ------------------------------------------------------------- invoice

    def test_survives_reset_to_draft_and_repost(self):
        move = self.make_invoice(total="300.00", installments=3, first_due="2026-03-10")
        [first, second, _third] = move.installment_ids.sorted("installment_number")
        self.extend(first, "2026-05-20")  # past the second and third
        self.assertEqual(move.invoice_date_due, date(2026, 5, 20))
        move.button_draft()
        line = move.invoice_line_ids.filtered(lambda line: not line.is_finance_charge)
        line.price_unit = 330.0
        move.action_post()
        self.assertEqual(
            self.schedule(move),
            [
                (1, "2026-05-20", "110.00"),
                (2, "2026-04-10", "110.00"),
                (3, "2026-05-10", "110.00"),
            ],
        )
        self.assertEqual(len(move.installment_ids), 3)
        self.assertEqual(first.exists().original_due_date, date(2026, 3, 10))
        self.assertEqual(second.exists().extension_ids.ids, [])

    def test_two_installments_on_one_day_stay_two(self):
        move = self.make_invoice(total="300.00", installments=3, first_due="2026-03-10")
        first = move.installment_ids.filtered(lambda line: line.installment_number == 1)
        self.extend(first, "2026-04-10")
        move.button_draft()
        move.action_post()
        self.assertEqual(
            self.schedule(move),
            [
                (1, "2026-04-10", "100.00"),
                (2, "2026-04-10", "100.00"),
                (3, "2026-05-10", "100.00"),
            ],
        )

    def test_undo_restores_date_and_charges(self):
        move = self.make_invoice(total="105.58", installments=1, first_due="2026-03-10")
        line = move.installment_ids
        first = self.extend(line, "2026-04-10")
        second = self.extend(line, "2026-05-11", waive=True)
        with self.assertRaises(UserError):
            first.action_undo()
        with self.assertRaises(UserError):
            second.with_user(self.collector).action_undo()
        second.action_undo()
        self.assertEqual(self.amounts(line, "2026-04-20"), ("105.58", "2.11", "0.95", "108.64"))
        first.action_undo()
        self.assertEqual(str(line.date_maturity), "2026-03-10")
        self.assertEqual(move.invoice_date_due, date(2026, 3, 10))
        self.assertEqual(self.amounts(line, TODAY), ("105.58", "2.11", "0.60", "108.29"))

    def test_wizard_moves_by_months_and_prints(self):
        lines = self.make_installments(("2026-01-31", "50.00"), ("2026-02-28", "50.00"))
        with freeze_time("2026-01-30"):
            action = lines.action_extend()
            wizard = self.env["crediario.extend"].browse(action["res_id"])
            wizard.reason = "Waiting for the salary"
            self.assertEqual(
                [str(line.new_due) for line in wizard.line_ids], ["2026-02-28", "2026-03-28"]
            )
            report = wizard.action_extend_and_print()
        self.assertEqual(report["report_name"], "optica_cobranca.report_carne")
        self.assertEqual([str(line.date_maturity) for line in lines], ["2026-02-28", "2026-03-28"])

    def wizard(self, lines, user=None):
        """The wizard's form over these lines."""
        lines = lines.with_user(user) if user else lines
        action = lines.action_extend()
        return Form(lines.env["crediario.extend"].browse(action["res_id"]))

    def dates(self, form):
        return [str(form.line_ids.edit(k).new_due) for k in range(len(form.line_ids))]

    @freeze_time("2026-05-27")
    def test_wizard_starts_with_a_shift_that_gives_time(self):
        """Due on 27 February, three months would land on today: four are proposed."""
        lines = self.make_installments(("2026-02-27", "50.00"), ("2026-06-27", "50.00"))
        with self.wizard(lines, self.collector) as form:
            self.assertEqual((form.shift, form.shift_kind), (4, "months"))
            self.assertEqual(self.dates(form), ["2026-06-27", "2026-10-27"])
            self.assertEqual(form.preview, "Saturday, 27 June 2026; Tuesday, 27 October 2026")
            self.assertIn(
                "at once 30, times 2, days from the first date in all 60", form.limits_text
            )
            self.assertTrue(form.needs_approval)
            form.shift = 3
            self.assertTrue(form.is_impossible)
            self.assertEqual(form.preview, "Sunday, 27 September 2026")
            with form.line_ids.edit(0) as line:
                self.assertIn("Choose a day after today", line.problem)
                line.new_due = "2026-06-26"
            self.assertFalse(form.is_impossible)
            form.reason = "Salary"

    @freeze_time("2026-05-27")
    def test_impossible_shifts_change_no_date(self):
        lines = self.make_installments(("2026-06-27", "50.00"))
        form = self.wizard(lines)
        self.assertFalse(form.limits_text)
        for shift in (-3, 0, 25, 99999):
            with (
                self.subTest(shift),
                self.assertLogs("odoo.tests.form.onchange", "WARNING") as logs,
            ):
                form.shift = shift
            self.assertIn("by 1 to 24", logs.output[0])
            self.assertEqual(self.dates(form), ["2026-07-27"])
        form.shift_kind = "days"
        form.shift = 10
        self.assertEqual(self.dates(form), ["2026-07-07"])

    def test_not_even_a_manager_moves_a_date_out_of_sight(self):
        """Every door: the shop's grant, the approval, the customer's page."""
        line = self.late_line()
        for new_due in (TODAY, "2028-03-28"):
            with self.subTest(new_due), self.assertRaises(UserError):
                self.extend(line, new_due)
        waiting = self.extend(line, "2026-05-10", user=self.collector)
        with freeze_time("2026-05-10"), self.assertRaisesRegex(UserError, "after today"):
            waiting.action_approve()
        self.assertEqual(str(line.date_maturity), "2026-03-10")

    def test_the_ladder_starts_again(self):
        line = self.late_line()
        policy = self.env["dunning.policy"].create(
            {"name": "P", "level_ids": [(0, 0, {"name": "1", "offset_days": 1})]}
        )
        self.company.dunning_policy_id = policy
        evaluation = self.env["dunning.evaluation"]

        def decided(day):
            terms = evaluation._ladder_rules(self.company, date.fromisoformat(day))
            rows = evaluation._decide(terms, customers_between(0, 2**31 - 1))
            return any(row["fires"] for row in rows if row["line_id"] == line.id)

        self.assertTrue(decided(TODAY))
        self.extend(line, "2026-04-10")
        self.assertFalse(decided("2026-04-10"))
        self.assertTrue(decided("2026-04-11"))
