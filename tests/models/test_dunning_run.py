"""The daily run: which level fires on which day, what a notice lists and says it costs."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.optica_cobranca.models import dunning_evaluation

from tests.models.dunning_common import DunningCommon

DUE = "2026-03-10"  # a Tuesday


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
        self.assertEqual(by_line[oldest].level_id, self.level(30), "the level it had reached")
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
        """200.00 due 10 March, 100.00 paid on the 20th, seen on 30 March: 2% of 200 is 4.00;
        10 days on 200.00 and 10 on 100.00 at 1% a month: 0.67 + 0.33."""
        line = self.make_installments((DUE, "200.00"))
        self.pay(line, "100.00", on="2026-03-20")
        self.run_ladder("2026-03-30")
        notice = self.notices("2026-03-30")
        self.assertEqual(notice.amount_residual, 100.00)
        self.assertEqual((notice.amount_fine, notice.amount_interest), (4.00, 1.00))

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


class TestRun(DunningCommon):
    def test_a_second_run_of_the_day_changes_nothing(self):
        self.make_installments((DUE, "100.00"), ("2026-03-01", "100.00"))
        first = self.run_ladder("2026-03-20")
        before = self.notices("2026-03-20")
        lines = before.line_ids
        second = self.run_ladder("2026-03-20")
        self.assertEqual(self.notices("2026-03-20"), before)
        self.assertEqual(
            self.env["dunning.notice.line"].search([("notice_id", "in", before.ids)]), lines
        )
        self.assertEqual((first.notice_count, first.line_count, first.advanced_count), (1, 2, 2))
        self.assertEqual((second.notice_count, second.line_count, second.state), (0, 0, "done"))

    def test_what_becomes_late_after_the_run_waits_for_tomorrow(self):
        self.make_installments((DUE, "100.00"))
        self.run_ladder("2026-03-11")
        self.make_installments((DUE, "70.00"))
        self.run_ladder("2026-03-11")
        self.assertEqual(self.notices("2026-03-11").amount_residual, 100.00)
        self.run_ladder("2026-03-12")
        self.assertEqual(self.notices("2026-03-12").amount_residual, 170.00)

    def test_policy_of_customer_before_plan_before_company(self):
        of_plan, of_customer = self.make_policy("Plan", 2), self.make_policy("Customer", 3)
        plan = self.make_plan(dunning_policy_id=of_plan.id)
        ana, bia, caio = (self.make_customer(name) for name in ("Ana", "Bia", "Caio"))
        bia.with_company(self.company).dunning_policy_id = of_customer
        self.make_installments((DUE, "10.00"), partner=ana)
        self.make_installments((DUE, "10.00"), partner=bia, plan=plan)
        self.make_installments((DUE, "10.00"), partner=caio, plan=plan)
        self.run_ladder("2026-03-13")
        for partner, policy, offset in [
            (ana, self.policy, 1),
            (bia, of_customer, 3),
            (caio, of_plan, 2),
        ]:
            notice = self.notices("2026-03-13", partner)
            self.assertEqual(
                (notice.policy_id, notice.level_offset), (policy, offset), partner.name
            )

    def test_archived_policies_and_levels_do_not_count(self):
        of_plan = self.make_policy("Plan", 2)
        self.make_installments((DUE, "10.00"), plan=self.make_plan(dunning_policy_id=of_plan.id))
        of_plan.active = False
        self.level(10).active = False
        self.run_ladder("2026-03-20")
        self.assertEqual(self.notices("2026-03-20").level_id, self.level(5))

    def test_without_policy_nobody_is_reminded(self):
        self.company.dunning_policy_id = False
        self.make_installments((DUE, "10.00"))
        self.run_ladder("2026-03-20")
        self.assertFalse(self.notices("2026-03-20"))

    def test_nothing_open_makes_no_run(self):
        self.assertFalse(self.run_ladder("2026-03-20"))

    def test_a_used_level_is_archived_an_unused_one_deleted(self):
        self.make_installments((DUE, "100.00"))
        self.run_ladder("2026-03-20")
        used, unused = self.level(10), self.level(25)
        (used + unused).unlink()
        self.assertFalse(unused.exists())
        self.assertTrue(used.exists())
        self.assertFalse(used.active)

    def test_no_accounting_row_is_touched(self):
        line = self.make_installments((DUE, "100.00"))
        self.env.flush_all()
        before = self.rows_as_stored(line)
        self.run_ladder("2026-03-20")
        self.assertEqual(self.rows_as_stored(line), before)

    def rows_as_stored(self, line):
        self.env.cr.execute(
            """SELECT l.ctid::text, l.xmin::text, m.ctid::text, m.xmin::text
                 FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                WHERE l.move_id = %s ORDER BY l.id""",
            [line.move_id.id],
        )
        return self.env.cr.fetchall()

    def test_batches_cover_everybody_once(self):
        partners = [self.make_customer(f"Customer {n}") for n in range(7)]
        for partner in partners:
            self.make_installments((DUE, "10.00"), ("2026-04-10", "10.00"), partner=partner)
        evaluation = self.env["dunning.evaluation"]
        with patch.object(dunning_evaluation, "BATCH_SIZE", 4):
            ranges = evaluation._batches(evaluation._terms(self.company, self.day("2026-04-20")))
        self.assertEqual(len(ranges), 4)
        for partner in partners:
            self.assertEqual(sum(first <= partner.id <= last for first, last, _n in ranges), 1)

    def day(self, text):
        return self.env["dunning.run"]._fields["date"].to_date(text)

    def test_interrupted_run_of_another_day_is_closed(self):
        self.make_installments((DUE, "100.00"))
        old = self.env["dunning.run"].sudo()._begin(self.company, self.day("2026-03-19"))
        self.run_ladder("2026-03-20")
        self.assertEqual(old.state, "failed")
        self.assertEqual(old.batch_ids.mapped("state"), ["cancelled"])
        self.assertEqual(self.notices("2026-03-20").level_offset, 10)
        self.assertFalse(self.notices("2026-03-19"))

    def test_interrupted_run_of_the_day_is_continued(self):
        self.make_installments((DUE, "100.00"))
        begun = self.env["dunning.run"].sudo()._begin(self.company, self.day("2026-03-20"))
        run = self.run_ladder("2026-03-20")
        self.assertEqual(run, begun)
        self.assertEqual(run.state, "done")


@tagged("standard", "post_install", "-at_install")
class TestCompanies(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        cls.env.user.company_ids |= cls.other

    def test_each_company_runs_its_own_ladder_on_its_own_installments(self):
        self.other.dunning_policy_id = self.make_policy("Other", 3)
        shared = self.env["crediario.plan"].create({"name": "Shared", "company_id": False})
        mine = self.make_installments((DUE, "100.00"), plan=shared)
        theirs = self.make_installments((DUE, "40.00"), plan=shared, company=self.other)
        self.run_ladder("2026-03-15")
        self.assertEqual(self.notices("2026-03-15").company_id, self.company)
        self.run_ladder("2026-03-15", self.other)
        notices = self.notices("2026-03-15").sorted("company_id")
        self.assertEqual(notices.line_ids.move_line_id, mine + theirs)
        self.assertEqual(
            {n.company_id: n.level_offset for n in notices}, {self.company: 5, self.other: 3}
        )

    def test_pauses_and_policies_of_the_other_company_do_not_count(self):
        self.make_installments((DUE, "100.00"))
        self.hold(partner_id=self.customer.id, company_id=self.other.id)
        foreign = self.make_policy("Foreign", 2, company_id=self.other.id)
        self.customer.with_company(self.other).dunning_policy_id = foreign
        self.run_ladder("2026-03-15")
        self.assertEqual(self.notices("2026-03-15").level_id, self.level(5))

    def test_users_see_the_notices_of_their_company_only(self):
        self.make_installments((DUE, "100.00"))
        self.run_ladder("2026-03-15")
        user = self.env["res.users"].create(
            {
                "name": "Collector elsewhere",
                "login": "collector_elsewhere",
                "company_id": self.other.id,
                "company_ids": [self.other.id],
                "group_ids": [self.env.ref("optica_cobranca.group_collector").id],
            }
        )
        for model in ("dunning.notice", "dunning.notice.line", "dunning.run", "dunning.run.batch"):
            self.assertTrue(self.env[model].sudo().search_count([]))
            self.assertFalse(self.env[model].with_user(user).search_count([]), model)
