"""Looking ahead: the preview and the dry run say what the run does, and write nothing."""

from odoo import fields

from tests.ladder.dunning_common import DunningCommon

DAY = "2026-03-20"
TABLES = (
    "dunning_run",
    "dunning_run_batch",
    "dunning_notice",
    "dunning_notice_line",
    "contact_message",
    "mail_activity",
    "mail_message",
)


class TestPreview(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana, cls.bia, cls.caio, cls.davi = (
            cls.make_customer(name) for name in ("Ana", "Bia", "Caio", "Davi")
        )
        cls.advancing = cls.make_installments(
            ("2026-03-10", "100.00"), ("2026-05-01", "100.00"), partner=cls.ana
        )
        cls.paused = cls.make_installments(("2026-03-10", "100.00"), partner=cls.bia)
        cls.hold(partner_id=cls.bia.id)
        cls.reached = cls.make_installments(("2026-03-10", "100.00"), partner=cls.caio)
        cls.due_today = cls.make_installments((DAY, "100.00"), partner=cls.davi)
        cls.old = cls.make_installments(("2020-03-10", "5.00"), partner=cls.davi)
        cls.make_installments(("2026-02-01", "30.00"), partner=cls.ana)

    def preview(self, day=DAY, **values):
        preview = self.env["dunning.preview"].create(
            {"date": day, "company_id": self.company.id, **values}
        )
        preview.action_preview()
        return preview

    def counts(self):
        self.env.flush_all()
        result = {}
        for table in TABLES:
            self.env.cr.execute(f"SELECT count(*) FROM {table}")
            result[table] = self.env.cr.fetchone()[0]
        return result

    def outcomes(self, preview):
        return {line.move_line_id: line.outcome for line in preview.line_ids}

    def test_outcomes(self):
        self.hold(partner_id=self.ana.id, date_from="2026-03-19", date_until="2026-03-19")
        self.env["dunning.hold"].search([("partner_id", "=", self.bia.id)]).date_from = "2026-03-20"
        self.run_ladder("2026-03-19")  # Caio and Bia are reminded: 5 days level
        self.extend(self.reached, "2026-03-14")  # now five days late, but a new due date
        preview = self.preview("2026-03-19")
        self.assertEqual(self.outcomes(preview)[self.reached], "noticed")
        preview = self.preview("2026-03-20")
        outcomes = self.outcomes(preview)
        self.assertEqual(outcomes[self.advancing[0]], "advances")
        self.assertNotIn(self.advancing[1], outcomes, "42 days ahead, out of reach of every level")
        self.assertEqual(outcomes[self.paused], "paused_customer")
        self.assertEqual(outcomes[self.due_today], "no_level")
        self.assertEqual(outcomes[self.old], "time_barred")

    def test_preview_writes_nothing_and_equals_the_run(self):
        self.run_ladder("2026-03-19")
        before = self.counts()
        preview = self.preview()
        dry = self.env["dunning.run"].collect_now(date=DAY, dry_run=True)
        self.assertEqual(self.counts(), before)
        foreseen = {
            (line.partner_id, line.notice_level_id, line.move_line_id)
            for line in preview.line_ids
            if line.notice_level_id
        }
        totals = {
            line.move_line_id: line.total for line in preview.line_ids if line.notice_level_id
        }
        run = self.run_ladder(DAY)
        lines = self.notices(DAY).line_ids
        self.assertTrue(lines)
        self.assertEqual(
            {(ln.partner_id, ln.notice_id.level_id, ln.move_line_id) for ln in lines}, foreseen
        )
        self.assertEqual({line.move_line_id: line.total for line in lines}, totals)
        self.assertEqual(dict(dry["notices"]), dict(run._named_levels(run.counts["notices"])))
        self.assertEqual(sum(count for _reason, count in dry["refusals"]), run.refusal_count)

    def test_preview_of_chosen_customers(self):
        preview = self.preview(partner_ids=[fields.Command.set(self.ana.ids)])
        self.assertEqual(preview.line_ids.partner_id, self.ana)
        self.assertEqual(preview.notice_count, 1)

    def test_preview_again_replaces_its_rows(self):
        preview = self.preview()
        first = len(preview.line_ids)
        preview.action_preview()
        self.assertEqual(len(preview.line_ids), first)

    def test_a_customer_without_policy(self):
        self.company.dunning_policy_id = False
        self.assertEqual(
            set(self.outcomes(self.preview()).values()) - {"paused_customer", "time_barred"},
            {"no_policy"},
        )
