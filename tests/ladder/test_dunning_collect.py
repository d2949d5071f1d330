"""The ways to start the ladder: ``collect_now``, the manager's button, the daily cron."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError

from tests.ladder.dunning_common import DunningCommon

DAY = "2026-03-20"


class TestCollect(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana, cls.bia = cls.make_customer("Ana"), cls.make_customer("Bia")
        cls.line = cls.make_installments(("2026-03-10", "100.00"), partner=cls.ana)
        cls.make_installments(("2026-03-15", "100.00"), partner=cls.bia)
        cls.paused = cls.make_installments(("2026-03-10", "100.00"), partner=cls.bia)
        cls.hold(move_line_id=cls.paused.id)
        cls.dispatches = []
        cls.startClassPatcher(
            patch.object(
                cls.env.registry["contact.message"],
                "_dispatch",
                lambda messages, limit=None: cls.dispatches.append(1),
            )
        )

    def setUp(self):
        super().setUp()
        self.dispatches.clear()

    def collect(self, **arguments):
        self.env.flush_all()
        return self.env["dunning.run"].sudo().collect_now(date=DAY, **arguments)

    def test_result_and_second_time(self):
        first = self.collect()
        self.assertEqual(first["notices"], [("5", 1), ("10", 1)], "in the ladder's order")
        self.assertEqual(first["refusals"], [("Installment paused", 1)])
        self.assertEqual(first["date"].isoformat(), DAY)
        self.assertEqual(len(self.dispatches), 1)
        second = self.collect()
        self.assertEqual(second["notices"], [])
        self.assertEqual(len(self.notices(DAY)), 2)

    def test_dry_run_says_the_same_and_sends_nothing(self):
        dry = self.collect(dry_run=True)
        self.assertFalse(self.notices(DAY))
        self.assertFalse(self.dispatches)
        real = self.collect()
        for key in ("notices", "refusals", "date"):
            self.assertEqual(dry[key], real[key])
        self.assertEqual(self.collect(dry_run=True)["notices"], [], "all have their notice")

    def test_a_paid_installment_is_not_in_the_next_notice(self):
        self.collect()
        self.pay(self.line, on="2026-03-20")
        self.run_ladder("2026-03-25")
        self.assertFalse(self.notices("2026-03-25", self.ana))
        self.assertTrue(self.notices("2026-03-25", self.bia))

    def test_messages_of_this_pass_are_counted(self):
        template = self.env["contact.template"].search([("purpose", "=", "collection")], limit=1)
        action = self.env["ir.actions.server"].create(
            {
                "name": "Message",
                "model_id": self.env["ir.model"]._get_id("dunning.notice"),
                "state": "contact_message",
                "contact_template_id": template.id,
            }
        )
        self.level(10).action_ids = action
        result = self.collect()
        self.assertEqual(
            [(state, count) for _ch, state, count in result["messages"]], [("queued", 1)]
        )

    @freeze_time("2026-03-21 02:30:00")
    def test_today_is_where_the_shop_is(self):
        """In São Paulo it is still the evening of the 20th."""
        self.assertEqual(self.company._today().isoformat(), DAY)

    @freeze_time("2026-03-20 10:00:00")
    def test_run_now_shows_the_run(self):
        self.env.flush_all()
        action = self.env["dunning.run"].action_run_now()
        run = self.env["dunning.run"].browse(action["res_id"])
        self.assertEqual((run.notice_count, run.refusal_count, run.state), (2, 1, "done"))
        self.assertIn("Installment paused", run.summary)
        self.assertEqual(run.user_id, self.env.user)
        self.assertEqual(run.action_view_notices()["domain"], [("run_id", "in", run.ids)])

    def test_run_now_with_nothing_open_says_so(self):
        with (
            freeze_time("2025-01-15 10:00:00"),
            self.assertRaisesRegex(UserError, "nobody to remind"),
        ):
            self.env["dunning.run"].action_run_now()

    @freeze_time("2026-03-20 10:00:00")
    def test_cron(self):
        cron = self.env.ref("optica_cobranca.ir_cron_dunning_run")
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual(len(self.notices(DAY)), 2)

    @freeze_time("2026-03-20 10:00:00")
    def test_cron_out_of_time_goes_on_later(self):
        from odoo.addons.optica_cobranca.models.ladder import dunning_evaluation

        Run = self.env["dunning.run"].sudo()
        with patch.object(dunning_evaluation, "BATCH_SIZE", 1):
            run = Run._run_day(self.company, self.company._today(), lambda run: False)
            self.assertEqual((run.state, len(self.notices(DAY))), ("running", 1))
            self.env.invalidate_all()
            Run._run_day(self.company, self.company._today())
        self.assertEqual((run.state, run.notice_count), ("done", 2))

    def test_a_failed_batch_is_reported_and_tried_again(self):
        Batch = self.env.registry["dunning.run.batch"]
        with (
            patch.object(Batch, "_process", side_effect=ValueError("Broken data")),
            self.assertLogs("odoo.addons.optica_cobranca.models.ladder.dunning_run", "ERROR"),
        ):
            run = self.run_ladder(DAY)
        self.assertEqual((run.state, run.error), ("failed", "Broken data"))
        run.action_retry()
        self.assertEqual((run.state, run.error, run.notice_count), ("done", False, 2))
