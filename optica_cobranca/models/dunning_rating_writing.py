import json
from datetime import date

from odoo import api, models
from odoo.tools import SQL

from ..domain.rating import Facts, Rating, Rule, rate
from .dunning_query import customers_in

INTEGERS, TEXTS, NUMBERS = "%s::int[]", "%s::text[]", "%s::numeric[]"
# The columns of `_row`.
TYPES = (INTEGERS, TEXTS, INTEGERS, NUMBERS, NUMBERS, *[INTEGERS] * 3, NUMBERS, TEXTS)


class DunningRating(models.Model):
    """Works the ratings out and writes them, one set at a time."""

    _inherit = "dunning.rating"

    @api.model
    def _rate_partners(self, partners, company):
        """Rate these customers now, without waiting for the night."""
        day = self.env["dunning.run"]._today(company)
        self._rate(company, day, customers_in(partners.commercial_partner_id.ids))

    @api.model
    def _rate(self, company, day, scope):
        """Rate the customers in ``scope``; returns how many there are and how many got a letter."""
        limits = company._rating_limits()
        facts = self._facts(company, day, scope)
        rated = [
            (partner_id, known, rating)
            for partner_id, known in facts.items()
            if (rating := rate(known, day, limits))
        ]
        self.env.cr.execute(self._retire_query(company, scope))
        if rated:
            self.env.cr.execute(self._insert_query(company, day, rated))
        self.invalidate_model()
        self.env["res.partner"].invalidate_model(["dunning_rating", "dunning_rating_points"])
        return len(facts), len(rated)

    def _retire_query(self, company, scope):
        return SQL(
            "UPDATE dunning_rating SET current = FALSE WHERE company_id = %s AND current AND %s",
            company.id,
            scope(SQL("partner_id")),
        )

    def _end_before(self, company, day):
        """Nothing of the last years is left of these customers: they start as new ones."""
        self.env.cr.execute(
            SQL(
                "UPDATE dunning_rating SET current = FALSE"
                " WHERE company_id = %s AND current AND computed_on < %s",
                company.id,
                day,
            )
        )
        self.invalidate_model()

    def _insert_query(self, company, day: date, rated: list[tuple[int, Facts, Rating]]):
        """One row a customer; the month's row is replaced."""
        columns = zip(*(_row(*item) for item in rated), strict=True)
        arrays = [SQL(kind, list(column)) for kind, column in zip(TYPES, columns, strict=True)]
        return SQL(
            """
            INSERT INTO dunning_rating (
                company_id, month, computed_on, current, create_uid, write_uid, create_date,
                write_date, partner_id, letter, points, on_time_share, average_delay, worst_delay,
                broken_promises, relationship_months, open_amount, detail)
            SELECT %(company)s, date_trunc('month', %(day)s::date), %(day)s, TRUE, %(uid)s, %(uid)s,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', u.partner_id, u.letter,
                   u.points, u.on_time, u.average, u.worst, u.broken, u.months, u.open,
                   u.detail::jsonb
              FROM unnest(%(arrays)s)
                AS u (partner_id, letter, points, on_time, average, worst, broken, months, open,
                      detail)
       ON CONFLICT (partner_id, company_id, month) DO UPDATE
               SET computed_on = EXCLUDED.computed_on, current = TRUE,
                   write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date,
                   letter = EXCLUDED.letter, points = EXCLUDED.points,
                   on_time_share = EXCLUDED.on_time_share,
                   average_delay = EXCLUDED.average_delay, worst_delay = EXCLUDED.worst_delay,
                   broken_promises = EXCLUDED.broken_promises,
                   relationship_months = EXCLUDED.relationship_months,
                   open_amount = EXCLUDED.open_amount, detail = EXCLUDED.detail
            """,
            company=company.id,
            day=day,
            uid=self.env.uid,
            arrays=SQL(", ").join(arrays),
        )


def _row(partner_id, facts, rating):
    """A customer's values in the order of the columns of ``_insert_query``."""
    values = {score.rule: score.value for score in rating.scores}
    detail = [
        {
            "rule": score.rule.value,
            "value": None if score.value is None else float(score.value),
            "points": score.points,
            "maximum": score.maximum,
        }
        for score in rating.scores
    ]
    return (
        partner_id,
        rating.letter.value,
        rating.points,
        values[Rule.ON_TIME],
        values[Rule.AVERAGE_DELAY],
        facts.worst_delay,
        facts.broken_promises,
        int(values[Rule.RELATIONSHIP]),
        facts.open_amount,
        json.dumps(detail),
    )
