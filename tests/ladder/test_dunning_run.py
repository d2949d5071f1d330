"""The run: once a day, each policy in its place, companies apart, batches, interruptions."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.optica_cobranca.models.ladder import dunning_evaluation

from tests.ladder.dunning_common import DunningCommon

DUE = "2026-03-10"


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
        bia.with_company(self.company).sudo().dunning_policy_id = of_customer
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
            ranges = evaluation._batches(
                evaluation._ladder_rules(self.company, self.day("2026-04-20"))
            )
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
        self.customer.with_company(self.other).sudo().dunning_policy_id = foreign
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
