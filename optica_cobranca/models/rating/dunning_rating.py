import json
from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL, LazyTranslate

from ...domain.rating.rating import ON_TIME_DAYS, Facts, Letter, Rating, Rule, rate, windows
from ...domain.shop.money import cents
from ...tools.ladder.dunning_query import customers_in
from ..crediario.account_move_line_amounts import counts_on

_lt = LazyTranslate(__name__)
LETTERS = [(letter.value, letter.value) for letter in Letter]
# What each rule looks at, and the unit of its value.
RULES = {
    Rule.ON_TIME: (_lt("Installments paid on time, last 24 months"), "%"),
    Rule.AVERAGE_DELAY: (_lt("Average delay, last 24 months"), "days"),
    Rule.WORST_DELAY: (_lt("Worst delay, last 12 months"), "days"),
    Rule.BROKEN_PROMISES: (_lt("Broken promises, last 24 months"), ""),
    Rule.RELATIONSHIP: (_lt("Customer for"), "months"),
    Rule.EXPOSURE: (_lt("Open now, compared with what was paid back"), "%"),
}
INTEGERS, TEXTS, NUMBERS = "%s::int[]", "%s::text[]", "%s::numeric[]"
# The columns of `_row`.
TYPES = (INTEGERS, TEXTS, INTEGERS, NUMBERS, NUMBERS, *[INTEGERS] * 3, NUMBERS, TEXTS)


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


class DunningRating(models.Model):
    """How a customer pays, as a letter with its reasons: one row a customer, company and month.

    Written by :mod:`.dunning_rating_run` in sets; the row of the month follows the days, those
    of months gone by stay as they were.
    """

    _name = "dunning.rating"
    _description = "Behaviour Rating"
    _order = "month desc, partner_id"
    _rec_name = "letter"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    current = fields.Boolean(readonly=True, help="What holds now; the others are history.")
    computed_on = fields.Date(string="Worked Out On", required=True, readonly=True)
    letter = fields.Selection(LETTERS, string="Grade", required=True, readonly=True)
    points = fields.Integer(readonly=True, aggregator="avg")
    on_time_share = fields.Float(
        string="On Time (%)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    average_delay = fields.Float(
        string="Average Delay (days)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    worst_delay = fields.Integer(string="Worst Delay (days)", readonly=True, aggregator="max")
    broken_promises = fields.Integer(readonly=True)
    relationship_months = fields.Integer(
        string="Customer for (months)", readonly=True, aggregator="avg"
    )
    open_amount = fields.Monetary(string="Open Principal", readonly=True)
    detail = fields.Json(readonly=True)
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    _one_a_month = models.UniqueIndex(
        "(partner_id, company_id, month)", "A customer has one rating a month."
    )
    _one_current = models.UniqueIndex(
        "(company_id, partner_id) WHERE current", "A customer has one current rating."
    )
    _by_letter = models.Index("(company_id, letter) WHERE current")

    # ------------------------------------------------------------- compute

    @api.depends("letter", "points", "partner_id")
    def _compute_display_name(self):
        for rating in self:
            rating.display_name = self.env._(
                "%(customer)s: %(letter)s (%(points)s points)",
                customer=rating.partner_id.name or "",
                letter=rating.letter or "",
                points=rating.points,
            )

    @api.depends("detail", "points", "letter")
    def _compute_explanation(self):
        for rating in self:
            rating.explanation = self.env["ir.qweb"]._render(
                "optica_cobranca.rating_explanation",
                {"rating": rating, "rows": rating._explained(), "tone": rating._tone()},
            )

    def _explained(self):
        """Rows of the rules' table: rule, value as text, points, most points, share in per cent."""
        rows = []
        for score in self.detail or []:
            label, unit = RULES[Rule(score["rule"])]
            value = score["value"]
            text = self.env._("nothing to measure") if value is None else self._read(unit, value)
            if score["rule"] == Rule.EXPOSURE and self.open_amount:
                amount = self.currency_id._text(self.open_amount)
                text = f"{amount} ({text})" if value is not None else amount
            rows.append(
                {
                    "label": self.env._(label),
                    "value": text,
                    "points": score["points"],
                    "maximum": score["maximum"],
                    "share": round(100 * score["points"] / score["maximum"]),
                }
            )
        return rows

    def _read(self, unit, value):
        point = self.env["res.lang"]._get_data(code=self.env.user.lang or "en_US").decimal_point
        number = f"{value:.1f}".removesuffix(".0").replace(".", point or ".")
        if unit == "days":
            return self.env._("1 day") if value == 1 else self.env._("%s days", number)
        if unit == "months":
            return self.env._("1 month") if value == 1 else self.env._("%s months", number)
        return number + unit

    def _tone(self):
        return {"A": "success", "B": "info", "C": "warning"}.get(self.letter, "danger")

    # ------------------------------------------------------------- actions

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    # ------------------------------------------------------------ business

    @api.model
    def _prepare_merge(self, sources, survivor):
        """Before ``sources`` become ``survivor``: only the survivor's ratings go on.

        Two histories cannot be added up; tonight's rating counts everything of both.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL("DELETE FROM dunning_rating WHERE partner_id = ANY(%s)", (sources - survivor).ids)
        )
        self.invalidate_model()

    # ------- The facts of many customers in one statement, as they were on a day
    # Settled is an installment whose credits reach its amount; its day is that of the last
    # credit from outside its own entry. One that its own entry settled was imported as paid, on
    # a day nobody knows: in doubt for the customer, on its due date. Moved due dates count as
    # moved. Down payments and reversed contracts are left out.

    @api.model
    def _facts(self, company, day, scope) -> dict[int, Facts]:
        """What is known of each customer in ``scope`` (see :mod:`.dunning_query`) on ``day``."""
        self._flush_facts()
        self.env.cr.execute(self._facts_query(company, day, scope))
        return {
            partner_id: Facts(
                due_count=due_count,
                on_time_count=on_time_count,
                delay_days=int(delay_days),
                worst_delay=worst_delay,
                broken_promises=broken,
                first_contract=first,
                open_amount=cents(open_amount),
                repaid_amount=cents(repaid),
            )
            for (
                partner_id,
                due_count,
                on_time_count,
                delay_days,
                worst_delay,
                broken,
                first,
                open_amount,
                repaid,
            ) in self.env.cr.fetchall()
        }

    def _flush_facts(self):
        """Write what the facts' query reads."""
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(
            ["payment_state", "invoice_date", "origin_payment_id", "crediario_bank_date"]
        )
        self.env["account.payment"].flush_model(["date"])
        self.env["dunning.promise"].flush_model()

    def _facts_query(self, company, day, scope):
        since = windows(day)
        return SQL(
            """
            WITH line AS (%(lines)s), counted AS (
                SELECT line.*, GREATEST(COALESCE(settled_on, %(day)s::date) - due, 0) AS delay,
                       due >= %(oldest)s
                       AND CASE WHEN settled_on IS NULL THEN due < %(day)s::date - %(on_time)s
                                ELSE settled_on >= %(since)s END AS counts
                  FROM line
            )
            SELECT c.partner_id,
                   count(*) FILTER (WHERE counts),
                   count(*) FILTER (WHERE counts AND delay <= %(on_time)s),
                   COALESCE(sum(delay) FILTER (WHERE counts), 0),
                   COALESCE(max(delay) FILTER (
                       WHERE counts AND COALESCE(settled_on, %(day)s) >= %(worst_since)s), 0),
                   COALESCE(max(b.broken), 0)::int,
                   min(c.date), sum(GREATEST(c.open, 0)), sum(c.repaid)
              FROM counted c
         LEFT JOIN (%(broken)s) AS b ON b.partner_id = c.partner_id
          GROUP BY c.partner_id
            """,
            lines=self._lines_query(company, day, scope),
            day=day,
            on_time=ON_TIME_DAYS,
            oldest=since.oldest,
            since=since.installments,
            worst_since=since.worst_delay,
            broken=self._broken_query(company, day, since.installments, scope),
        )

    def _lines_query(self, company, day, scope):
        """Installments with what was credited until ``day``, and when the last of it was."""
        return SQL(
            """
               SELECT l.partner_id, LEAST(l.date, l.date_maturity) AS date,
                      l.date_maturity AS due, l.balance - COALESCE(paid.credited, 0) AS open,
                      COALESCE(paid.credited, 0) AS repaid,
                      CASE WHEN paid.credited >= l.balance
                           THEN COALESCE(paid.last_on, LEAST(l.date_maturity, %(day)s))
                           END AS settled_on
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
            LEFT JOIN LATERAL (
                   SELECT sum(amount) AS credited,
                          max(counts_on) FILTER (WHERE NOT own) AS last_on
                     FROM (SELECT r.amount, c.move_id = l.move_id AS own,
                                  %(counts_on)s AS counts_on
                             FROM account_partial_reconcile r
                             JOIN account_move_line c ON c.id = r.credit_move_id
                            WHERE r.debit_move_id = l.id) AS credit
                    WHERE counts_on <= %(day)s
                 ) AS paid ON TRUE
                WHERE l.company_id = %(company)s AND l.crediario_plan_id IS NOT NULL
                  AND l.parent_state = 'posted' AND l.installment_number > 0 AND l.balance > 0
                  AND l.date <= %(day)s AND m.payment_state IS DISTINCT FROM 'reversed'
                  AND %(scope)s
            """,
            company=company.id,
            counts_on=counts_on(SQL("c")),
            day=day,
            scope=scope(SQL("l.partner_id")),
        )

    def _broken_query(self, company, day, since, scope):
        """Rows (partner_id, broken): promises broken in the window, of customers in ``scope``."""
        return SQL(
            """
            SELECT partner_id, count(*) AS broken FROM dunning_promise
             WHERE company_id = %s AND state = 'broken' AND deadline BETWEEN %s AND %s AND %s
          GROUP BY partner_id
            """,
            company.id,
            since,
            day,
            scope(SQL("partner_id")),
        )

    # ------------------ Works the ratings out and writes them, one set at a time

    @api.model
    def _rate_partners(self, partners, company):
        """Rate these customers now, without waiting for the night."""
        day = company._today()
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
