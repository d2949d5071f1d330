"""Several days ahead: who hears what on which day, why others do not; nothing is written."""

from datetime import date

from freezegun import freeze_time
from psycopg2.errors import ReadOnlySqlTransaction

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from odoo.addons.optica_cobranca.tools.ladder.dunning_query import customers_in

from tests.ladder.dunning_common import DunningCommon

# 12:00 in São Paulo.
NOON = "2026-03-20 15:00:00"
FIRST = date(2026, 3, 20)
TABLES = (
    "dunning_run",
    "dunning_run_batch",
    "dunning_notice",
    "dunning_notice_line",
    "contact_message",
    "mail_activity",
    "mail_message",
    "bus_bus",
)


class ForecastCase(DunningCommon):
    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(NOON))

    def forecast(self, days=10, **values):
        forecast = self.env["dunning.forecast"].create(
            {"days": days, "company_id": self.company.id, **values}
        )
        forecast.action_compute()
        self.assertEqual(forecast.state, "done")
        return forecast

    def counts(self):
        self.env.flush_all()
        result = {}
        for table in TABLES:
            self.env.cr.execute(f"SELECT count(*), max(id) FROM {table}")
            result[table] = self.env.cr.fetchone()
        return result

    @staticmethod
    def said(records):
        """What notices or forecast lines say, comparable."""
        return sorted(
            (
                str(record.date),
                record.partner_id.id,
                record.level_id.id,
                record.policy_id.id,
                record.installment_count,
                str(record.oldest_due_date),
                record.amount_residual,
                record.amount_fine,
                record.amount_interest,
                record.amount_total,
            )
            for record in records
        )

    def of(self, forecast, partner):
        return [
            (str(line.date), line.level_id.name)
            for line in forecast.line_ids
            if line.partner_id == partner
        ]


class TestForecast(ForecastCase):
    def test_a_month_by_hand(self):
        """One installment, due five days from now: the whole ladder, amounts of each day."""
        ana = self.make_customer("Ana")
        self.make_installments(("2026-03-25", "100.00"), partner=ana)
        forecast = self.forecast(days=60)
        self.assertEqual(
            [(str(ln.date), ln.level_id.name, ln.amount_total) for ln in forecast.line_ids],
            [
                ("2026-03-20", "-5", 100.00),
                ("2026-03-24", "-1", 100.00),
                ("2026-03-26", "1", 102.03),
                ("2026-03-30", "5", 102.17),
                ("2026-04-04", "10", 102.33),
                ("2026-04-09", "15", 102.50),
                ("2026-04-19", "25", 102.83),
                ("2026-04-24", "30", 103.00),
            ],
        )
        self.assertEqual((forecast.notice_count, forecast.customer_count), (8, 1))

    def test_one_notice_a_day_and_levels_count_as_reached(self):
        """Two installments five days apart: on shared days one notice, at the higher level."""
        ana = self.make_customer("Ana")
        self.make_installments(("2026-03-10", "100.00"), ("2026-03-15", "50.00"), partner=ana)
        forecast = self.forecast(days=11)
        # 20 March: +10 and +5. 25 March: +15 and +10. 30 March: the second one reaches +15.
        self.assertEqual(
            self.of(forecast, ana),
            [("2026-03-20", "10"), ("2026-03-25", "15"), ("2026-03-30", "15")],
        )
        self.assertEqual(forecast.line_ids.mapped("installment_count"), [2, 2, 2])

    def test_a_pause_that_ends_in_between(self):
        """Paused until the 22nd: what the pause held back comes on the 23rd, once."""
        ana = self.make_customer("Ana")
        line = self.make_installments(("2026-03-10", "100.00"), partner=ana)
        self.hold(partner_id=ana.id, date_until="2026-03-22")
        forecast = self.forecast(days=8, explain=True)
        self.assertEqual(self.of(forecast, ana), [("2026-03-23", "10"), ("2026-03-25", "15")])
        self.assertEqual(
            [
                (silence.outcome, str(silence.date), str(silence.date_until), silence.day_count)
                for silence in forecast.silence_ids
            ],
            [
                ("paused_customer", "2026-03-20", "2026-03-22", 3),
                ("already_reached", "2026-03-24", "2026-03-24", 1),
                ("already_reached", "2026-03-26", "2026-03-27", 2),
            ],
        )
        self.assertEqual(forecast.silence_ids.move_line_id, line)

    def test_what_was_said_before_counts(self):
        ana = self.make_customer("Ana")
        self.make_installments(("2026-03-10", "100.00"), partner=ana)
        self.run_ladder("2026-03-20")
        forecast = self.forecast(days=6)
        self.assertEqual(self.of(forecast, ana), [("2026-03-25", "15")])

    def test_nothing_is_written(self):
        template = self.env["contact.template"].search([("purpose", "=", "collection")], limit=1)
        self.level(10).action_ids = self.env["ir.actions.server"].create(
            {
                "name": "Message",
                "model_id": self.env["ir.model"]._get_id("dunning.notice"),
                "state": "contact_message",
                "contact_template_id": template.id,
            }
        )
        self.level(15).needs_approval = True
        for name in ("Ana", "Bia"):
            self.make_installments(("2026-03-10", "100.00"), partner=self.make_customer(name))
        self.run_ladder("2026-03-15")
        before = self.counts()
        forecast = self.forecast(days=10, explain=True)
        self.assertEqual(self.counts(), before)
        self.env.cr.execute(
            "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname LIKE '%dunning%'"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,), "no stand-in is left behind")
        self.assertEqual(
            [
                (line.level_id.name, line.message_count, line.channel, line.needs_approval)
                for line in forecast.line_ids
            ],
            [("10", 1, template._channels()[0], False)] * 2 + [("15", 0, False, True)] * 2,
        )
        self.assertEqual(forecast.message_count, 2)
        self.run_ladder("2026-03-20")
        self.assertEqual(len(self.notices("2026-03-20")), 2, "afterwards runs write as ever")

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_to_write_anything_real(self):
        rehearsal = self.env["dunning.rehearsal"].sudo()
        scope = customers_in(self.customer.ids)
        rules = self.env["dunning.evaluation"].sudo()._ladder_rules(self.company, FIRST)

        def write(_rules):
            self.env.cr.execute("UPDATE res_partner SET comment = 'leak' WHERE id = 1")

        with (
            self.assertRaises(ReadOnlySqlTransaction),
            self.env.cr.savepoint(),
            rehearsal._rehearsing(self.company, scope),
        ):
            rehearsal._play(self.company, [rules], scope, write)
        self.customer.comment = "written again"
        self.env.flush_all()

    def test_only_chosen_policies_levels_customers(self):
        ana, bia = self.make_customer("Ana"), self.make_customer("Bia")
        for partner in (ana, bia):
            self.make_installments(("2026-03-10", "100.00"), partner=partner)
        forecast = self.forecast(
            days=10, partner_ids=[Command.set(ana.ids)], level_ids=[Command.set(self.level(15).ids)]
        )
        self.assertEqual(self.of(forecast, ana), [("2026-03-25", "15")])
        self.assertEqual(forecast.line_ids.partner_id, ana)
        other = self.make_policy("Other", 3)
        self.assertFalse(self.forecast(policy_ids=[Command.set(other.ids)]).line_ids)

    def test_the_dry_run_says_what_the_forecast_of_today_says(self):
        for name, due in (("Ana", "2026-03-10"), ("Bia", "2026-03-15"), ("Caio", "2026-03-10")):
            self.make_installments((due, "100.00"), partner=self.make_customer(name))
        dry = self.env["dunning.run"].sudo().collect_now(date=str(FIRST), dry_run=True)
        lines = self.forecast(days=1).line_ids
        self.assertEqual(
            dry["notices"],
            [
                (level.name, len(lines.filtered(lambda line, level=level: line.level_id == level)))
                for level in lines.level_id.sorted("offset_days")
            ],
        )
        self.assertEqual(dry["notices"], [("5", 1), ("10", 2)])

    def test_again_replaces_and_old_ones_go(self):
        ana = self.make_customer("Ana")
        line = self.make_installments(("2026-03-10", "100.00"), partner=ana)
        forecast = self.forecast(days=6)
        self.assertEqual(len(forecast.line_ids), 2)
        self.pay(line, on="2026-03-20")
        forecast.action_compute()
        self.assertFalse(forecast.line_ids)
        self.env.flush_all()
        with freeze_time("2026-03-29 15:00:00"):
            self.env.cr.execute(
                "UPDATE dunning_forecast SET create_date = '2026-03-20' WHERE id = %s",
                [forecast.id],
            )
            self.env["dunning.forecast"].sudo()._gc_forecasts()
        self.assertFalse(forecast.exists())

    def test_large_ledgers_in_the_background(self):
        from unittest.mock import patch

        from odoo.addons.optica_cobranca.models.ladder import dunning_evaluation
        from odoo.addons.optica_cobranca.models.messaging import dunning_forecast

        for name in ("Ana", "Bia", "Caio"):
            self.make_installments(("2026-03-10", "100.00"), partner=self.make_customer(name))
        with (
            patch.object(dunning_forecast, "AT_ONCE", 0),
            patch.object(dunning_evaluation, "BATCH_SIZE", 1),
        ):
            forecast = self.env["dunning.forecast"].create({"days": 6})
            forecast.action_compute()
            self.assertEqual((forecast.state, forecast.range_count), ("running", 3))
            self.assertFalse(forecast.line_ids)
            cron = self.env.ref("optica_cobranca.ir_cron_dunning_forecast")
            with self.enter_registry_test_mode():
                self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
        self.assertEqual(
            (forecast.state, forecast.progress, forecast.notice_count), ("done", 100, 6)
        )

    def test_rights(self):
        ana = self.make_customer("Ana")
        self.make_installments(("2026-03-10", "100.00"), partner=ana)
        collector, seller = (
            self.env["res.users"].create(
                {
                    "name": group,
                    "login": f"forecast_{group}",
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                    "group_ids": [Command.set(self.env.ref(f"optica_cobranca.{group}").ids)],
                }
            )
            for group in ("group_collector", "group_seller")
        )
        action = ana.with_user(collector).action_dunning_forecast()
        forecast = self.env["dunning.forecast"].with_user(collector).browse(action["res_id"])
        self.assertEqual(forecast.days, 30)
        self.assertEqual(
            self.of(forecast, ana),
            [
                ("2026-03-20", "10"),
                ("2026-03-25", "15"),
                ("2026-04-04", "25"),
                ("2026-04-09", "30"),
            ],
        )
        self.assertTrue(forecast.silence_ids)
        with self.assertRaises(AccessError):
            ana.with_user(seller).action_dunning_forecast()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            self.env["dunning.forecast"].with_user(collector).create({"company_id": other.id})
