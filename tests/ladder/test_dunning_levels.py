"""Which level fires on which day, and what a notice lists and says it costs."""

from odoo import fields
from odoo.exceptions import UserError

from tests.ladder.dunning_common import DunningCommon

DUE = "2026-03-10"  # a Tuesday


class TestNames(DunningCommon):
    def test_levels_of_two_policies_with_one_name_are_told_apart(self):
        first = self.make_policy("Short", 3, 9)
        second = self.make_policy("Long", 5)
        alone, twin = first.level_ids.sorted("offset_days")
        other = second.level_ids
        alone.name, twin.name, other.name = "Only here", "Reminder of both", "Reminder of both"
        self.env.invalidate_all()
        self.assertEqual(
            (alone + twin + other).mapped("display_name"),
            ["Only here", "Reminder of both (Short)", "Reminder of both (Long)"],
        )
        # A notice, the run's result and the groups of a list say the same.
        self.assertEqual(
            self.env["dunning.run"]._named_levels({str(twin.id): 2, str(other.id): 1}),
            [("Reminder of both (Long)", 1), ("Reminder of both (Short)", 2)],
        )

    def test_one_name_twice_in_one_policy_needs_no_policy(self):
        levels = self.make_policy("One", 3, 9).level_ids
        levels.name = "Said twice in one policy"
        self.env.invalidate_all()
        self.assertEqual(set(levels.mapped("display_name")), {"Said twice in one policy"})


class TestLevels(DunningCommon):
    def assert_level(self, day, offset):
        """The run of ``day`` makes one notice at ``offset``, or none at all (None)."""
        self.run_ladder(day)
        notices = self.notices(day, self.customer)
        if offset is None:
            self.assertFalse(notices, f"nobody should hear from us on {day}")
        else:
            self.assertEqual(notices.level_id, self.level(offset), f"on {day}")
            self.assertEqual(notices.level_offset, offset)

    def test_each_level_fires_once_on_its_day(self):
        self.make_installments((DUE, "100.00"))
        for day, offset in [
            ("2026-03-04", None),  # six days before
            ("2026-03-05", -5),
            ("2026-03-06", None),
            ("2026-03-09", -1),
            ("2026-03-10", None),  # the due date itself has no level
            ("2026-03-11", 1),
            ("2026-03-12", None),
            ("2026-03-15", 5),
            ("2026-03-20", 10),
            ("2026-03-25", 15),
            ("2026-04-04", 25),
            ("2026-04-09", 30),
            ("2026-04-10", None),
            ("2026-12-01", None),
        ]:
            with self.subTest(day=day):
                self.assert_level(day, offset)

    def test_only_the_highest_of_missed_levels_fires(self):
        self.make_installments((DUE, "100.00"))
        self.assert_level("2026-03-27", 15)  # 17 days late, never reminded
        self.assert_level("2026-03-28", None)

    def test_a_missed_reminder_before_the_due_date_is_not_sent_after_it(self):
        self.make_installments((DUE, "100.00"))
        self.assert_level("2026-03-10", None)

    def test_a_missed_reminder_is_sent_late_while_its_range_lasts(self):
        self.make_installments((DUE, "100.00"))
        self.assert_level("2026-03-07", -5)

    def test_a_lower_level_never_follows_a_higher_one(self):
        line = self.make_installments((DUE, "100.00"))
        self.assert_level("2026-03-20", 10)
        softer = self.make_policy("Softer", 8, 40)
        line.crediario_plan_id.dunning_policy_id = softer
        self.assert_level("2026-03-21", None)
        self.run_ladder("2026-04-19")
        self.assertEqual(self.notices("2026-04-19").level_id, self.level(40, softer))

    def test_an_extended_due_date_starts_again(self):
        line = self.make_installments((DUE, "100.00"))
        self.assert_level("2026-03-20", 10)
        self.extend(line, "2026-04-20")
        self.assertFalse(line.dunning_level_id)
        self.assert_level("2026-03-21", None)
        self.assert_level("2026-04-15", -5)
        self.assert_level("2026-04-21", 1)

    def test_after_five_years_nobody_is_reminded(self):
        self.make_installments(("2021-03-10", "100.00"))
        self.run_ladder("2026-03-11")  # 1827 days late
        self.assertFalse(self.notices("2026-03-11"))
        self.run_ladder("2026-03-10")  # 1826
        self.assertEqual(self.notices("2026-03-10").level_id, self.level(30))

    def test_paid_and_draft_installments_are_silent(self):
        paid, _open = self.make_installments((DUE, "100.00"), ("2026-06-10", "100.00"))
        paid.move_id.button_draft()
        self.run_ladder("2026-03-20")
        self.assertFalse(self.notices("2026-03-20"))

    def test_level_reached_is_seen_on_the_installment(self):
        line, later = self.make_installments((DUE, "100.00"), ("2026-08-10", "100.00"))
        self.run_ladder("2026-03-20")
        self.run_ladder("2026-03-25")
        self.assertEqual(line.dunning_level_id, self.level(15))
        self.assertFalse(later.dunning_level_id)
        Line = self.env["account.move.line"]
        mine = [("id", "in", (line + later).ids)]
        self.assertEqual(Line.search([*mine, ("dunning_level_id", "=", self.level(15).id)]), line)
        self.assertFalse(Line.search([*mine, ("dunning_level_id", "=", self.level(10).id)]))
        self.assertEqual(Line.search([*mine, ("dunning_level_id", "=", False)]), later)
        self.assertEqual(Line.search([*mine, ("dunning_level_id", "!=", False)]), line)
        self.assertEqual(Line.search([*mine, ("dunning_level_id.offset_days", ">", 10)]), line)


class TestNotices(DunningCommon):
    def test_one_notice_lists_everything_late_and_what_advances(self):
        oldest, late, soon, later = self.make_installments(
            ("2026-01-10", "100.00"),
            ("2026-02-20", "100.00"),
            ("2026-03-17", "100.00"),
            ("2026-04-17", "100.00"),
        )
        self.run_ladder("2026-03-11")  # 60 and 19 days late: 30 and 15 fire
        self.run_ladder("2026-03-12")  # 5 days before the third
        notice = self.notices("2026-03-12")
        self.assertEqual(notice.level_id, self.level(-5))
        self.assertEqual(notice.line_ids.move_line_id, oldest + late + soon)
        self.assertNotIn(later, notice.line_ids.move_line_id)
        by_line = {line.move_line_id: line for line in notice.line_ids}
        self.assertEqual(by_line[soon].level_id, self.level(-5))
        self.assertTrue(by_line[soon].advanced)
        self.assertFalse(by_line[oldest].level_id, "written when it was reached, not again")
        self.assertEqual(by_line[oldest].reached_level_id, self.level(30))
        self.assertEqual(by_line[soon].reached_level_id, self.level(-5))
        self.assertFalse(by_line[oldest].advanced)
        self.assertEqual(notice.oldest_due_date.isoformat(), "2026-01-10")
        self.assertEqual(notice.installment_count, 3)

    def test_the_highest_level_names_the_notice(self):
        self.make_installments(("2026-03-10", "100.00"), ("2026-02-28", "50.00"))
        self.run_ladder("2026-03-15")  # 5 and 15 days late
        notice = self.notices("2026-03-15")
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.level_id, self.level(15))

    def test_amounts_as_they_were(self):
        """105.58, 2% and 1% a month, 17 days: 2.11 + 0.60 = 108.29; 50.00 not yet late."""
        self.make_installments(("2026-03-10", "105.58"), ("2026-03-28", "50.00"))
        self.run_ladder("2026-03-27")
        notice = self.notices("2026-03-27")
        self.assertEqual(
            (
                notice.amount_residual,
                notice.amount_fine,
                notice.amount_interest,
                notice.amount_total,
            ),
            (155.58, 2.11, 0.60, 158.29),
        )
        late = notice.line_ids.filtered("days_late")
        self.assertEqual(
            (late.residual, late.fine, late.interest, late.total), (105.58, 2.11, 0.60, 108.29)
        )
        self.assertEqual(late.days_late, 17)

    def test_a_due_date_on_saturday_is_charged_from_monday(self):
        """7 March 2026 is a Saturday. On Wednesday 11th: four days late, two are charged."""
        self.make_installments(("2026-03-07", "300.00"))
        self.run_ladder("2026-03-09")  # paying on Monday is in time
        self.assertEqual(self.notices("2026-03-09").amount_total, 300.00)
        self.run_ladder("2026-03-12")
        notice = self.notices("2026-03-12")
        self.assertEqual(notice.amount_fine, 6.00)
        self.assertEqual(notice.amount_interest, 0.30)

    def test_grace_days_of_the_plan(self):
        plan = self.make_plan(grace_days=3)
        self.make_installments((DUE, "100.00"), plan=plan)
        self.run_ladder("2026-03-13")
        self.assertEqual(self.notices("2026-03-13").amount_total, 100.00)
        self.run_ladder("2026-03-15")
        notice = self.notices("2026-03-15")
        self.assertEqual((notice.amount_fine, notice.amount_interest), (2.00, 0.17))

    def test_part_payments_are_charged_by_their_history(self):
        """200.00 due 10 March, 100.00 paid on the 20th, seen on 30 March.

        On the 20th 0.67 of interest and 4.00 of fine were owed and paid first, then 95.33 of the
        principal. Since then 10 days on 104.67 at 1% a month: 0.35; the fine is not owed again.
        """
        line = self.make_installments((DUE, "200.00"))
        self.pay(line, "100.00", on="2026-03-20")
        self.run_ladder("2026-03-30")
        notice = self.notices("2026-03-30")
        self.assertEqual(notice.amount_residual, 104.67)
        self.assertEqual((notice.amount_fine, notice.amount_interest), (0.00, 0.35))

    def test_a_payment_that_only_covered_charges_counts(self):
        """1.00 on the 20th: 0.67 of interest and 0.33 of the fine; the principal stays 200.00."""
        line = self.make_installments((DUE, "200.00"))
        self.pay(line, "1.00", on="2026-03-20")
        self.assertEqual(line.amount_residual, 200.00)
        self.run_ladder("2026-03-30")
        notice = self.notices("2026-03-30")
        self.assertEqual((notice.amount_fine, notice.amount_interest), (3.67, 0.67))

    def test_charges_agree_with_the_screen(self):
        """Whatever happened to an installment, the notice says what the installment says."""
        lines = self.make_installments(
            ("2026-01-10", "100.00"), ("2026-02-10", "200.00"), (DUE, "300.00")
        )
        self.pay(lines[0], "30.00", on="2026-02-01")
        self.pay(lines[1], "1.00", on="2026-03-01")
        self.run_ladder("2026-03-31")
        amounts = lines._amounts_today(fields.Date.to_date("2026-03-31"))
        said = {
            line.move_line_id.id: (line.residual, line.fine, line.interest)
            for line in self.notices("2026-03-31").line_ids
        }
        self.assertEqual(
            said,
            {
                key: tuple(float(value) for value in (a.principal, a.fine, a.interest))
                for key, a in amounts.items()
            },
        )

    def test_history_cannot_be_rewritten(self):
        self.make_installments((DUE, "100.00"))
        self.run_ladder("2026-03-20")
        notice = self.notices("2026-03-20")
        for record, values in [
            (notice, {"amount_total": 1.0}),
            (notice, {"level_id": self.level(1).id}),
            (notice.line_ids, {"residual": 1.0}),
        ]:
            with self.assertRaises(UserError):
                record.sudo().write(values)
        for record in (notice.line_ids, notice):
            with self.assertRaises(UserError):
                record.sudo().unlink()
