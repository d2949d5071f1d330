from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..domain.ladder import NoAdvance
from ..models.dunning_query import customers_between, customers_in


class DunningForecast(models.Model):
    """Writes the rows of a forecast: a few statements for a range of customers."""

    _inherit = "dunning.forecast"

    def _fill(self, first, last):
        """Rehearse the days for the customers between two ids, or for the chosen ones."""
        company = self.company_id
        scope = (
            customers_in(self.partner_ids.commercial_partner_id.ids)
            if self.partner_ids
            else customers_between(first, last)
        )
        evaluation = self.env["dunning.evaluation"].with_company(company)
        days = [
            evaluation._terms(company, self.date + timedelta(days=ahead))
            for ahead in range(self.days)
        ]
        rehearsal = self.env["dunning.rehearsal"]
        with rehearsal._rehearsing(company, scope):
            if self.explain:
                self._make_outcomes_table()
                rehearsal._play(
                    company, days, scope, lambda day: self._note(evaluation, day, scope)
                )
                self._insert_silence()
            else:
                rehearsal._play(company, days, scope)
            self._insert_lines()
        self.env["dunning.forecast.line"].invalidate_model()
        self.env["dunning.forecast.silence"].invalidate_model()
        self.invalidate_recordset(["line_ids", "silence_ids"])

    def _insert_lines(self):
        """The rehearsed notices as rows of this forecast."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dunning_forecast_line (
                    forecast_id, company_id, currency_id, partner_id, date, policy_id, level_id,
                    level_offset, needs_approval, template_id, channel, message_count, task_count,
                    installment_count, oldest_due_date, amount_residual, amount_fine,
                    amount_interest, amount_total)
                SELECT %(forecast)s, n.company_id, %(currency)s, n.partner_id, n.date, v.policy_id,
                       n.level_id, n.level_offset, n.state = 'waiting', c.template_id, c.channel,
                       COALESCE(c.messages, 0), COALESCE(c.tasks, 0), n.installment_count,
                       n.oldest_due_date, n.amount_residual, n.amount_fine, n.amount_interest,
                       n.amount_total
                  FROM dunning_notice n
                  JOIN dunning_level v ON v.id = n.level_id
             LEFT JOIN unnest(%(levels)s::int[], %(templates)s::int[], %(channels)s::text[],
                              %(messages)s::int[], %(tasks)s::int[])
                       AS c (level_id, template_id, channel, messages, tasks)
                    ON c.level_id = n.level_id
                 WHERE n.id < 0
                   AND (%(wanted_policies)s::int[] = '{}' OR v.policy_id = ANY(%(wanted_policies)s))
                   AND (%(wanted_levels)s::int[] = '{}' OR n.level_id = ANY(%(wanted_levels)s))
              ORDER BY n.date, n.partner_id
                """,
                forecast=self.id,
                currency=self.company_id.currency_id.id,
                wanted_policies=self.policy_ids.ids,
                wanted_levels=self.level_ids.ids,
                **self._contacts_by_level(),
            )
        )

    def _contacts_by_level(self):
        """Arrays in step: level, first template and its first channel, messages, tasks."""
        rows = {"levels": [], "templates": [], "channels": [], "messages": [], "tasks": []}
        for level in self.env["dunning.level"].search([("action_ids", "!=", False)]):
            actions = level.action_ids.sorted()
            templates = actions.filtered(lambda a: a.state == "contact_message").contact_template_id
            rows["levels"].append(level.id)
            rows["templates"].append(templates[:1].id or None)
            rows["channels"].append(templates[:1]._channels()[0] if templates else None)
            rows["messages"].append(len(templates))
            rows["tasks"].append(sum(action.state == "next_activity" for action in actions))
        return rows

    # ------------------------------------------------------- why nothing

    def _make_outcomes_table(self):
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE rehearsed_outcome (
                    date date, partner_id int, line_id int, due_date date, policy_id int,
                    outcome text, residual numeric
                ) ON COMMIT DROP
                """
            )
        )

    def _note(self, evaluation, terms, scope):
        """What becomes of every installment on a day, just before its notices are written."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO rehearsed_outcome
                SELECT %s, o.partner_id, o.line_id, o.due_date, o.policy_id,
                       -- What another installment's notice lists has still a reason of its own.
                       CASE WHEN o.outcome <> 'mentioned' THEN o.outcome
                            WHEN o.level_id IS NULL THEN %s ELSE %s END, o.residual
                  FROM (%s) AS o
                """,
                terms.date,
                NoAdvance.NO_LEVEL.value,
                NoAdvance.ALREADY_REACHED.value,
                self.env["dunning.preview"]._outcomes(evaluation._decision_query(terms, scope)),
            )
        )

    def _insert_silence(self):
        """Consecutive days on which an installment gets nothing for one reason, as one row."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dunning_forecast_silence (
                    forecast_id, company_id, currency_id, partner_id, move_line_id, due_date,
                    policy_id, outcome, date, date_until, day_count, residual)
                SELECT %(forecast)s, %(company)s, %(currency)s, partner_id, line_id, due_date,
                       policy_id, outcome, min(date), max(date), count(*), min(residual)
                  FROM (SELECT o.*, date - (row_number() OVER (
                                   PARTITION BY line_id, outcome ORDER BY date))::int AS island
                          FROM rehearsed_outcome o) AS d
                 WHERE outcome <> 'advances'
              GROUP BY partner_id, line_id, due_date, policy_id, outcome, island
              ORDER BY partner_id, due_date, line_id, min(date);
                DROP TABLE rehearsed_outcome
                """,
                forecast=self.id,
                company=self.company_id.id,
                currency=self.company_id.currency_id.id,
            )
        )
