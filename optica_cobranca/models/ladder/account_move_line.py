from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .dunning_policy import SOURCES

# First and last day late of each band; the last one has no end.
LATE_BANDS = {
    "late_01_30": (1, 30),
    "late_31_60": (31, 60),
    "late_61_90": (61, 90),
    "late_91": (91, None),
}


class AccountMoveLine(models.Model):
    """How late an installment is, the level it has reached and whose work it is.

    Nothing is stored on it: the level is read from its notices, the rest from due date, amount,
    customer and company. Lists are grouped by all of them in SQL.
    """

    _inherit = "account.move.line"

    late_band = fields.Selection(
        [
            ("late_01_30", "Late 1–30 Days"),
            ("late_31_60", "Late 31–60 Days"),
            ("late_61_90", "Late 61–90 Days"),
            ("late_91", "Late 90+ Days"),
            ("not_late", "Not Late"),
        ],
        compute="_compute_late_band",
        search="_search_late_band",
        help="How long it has been late, in bands of 30 days.",
    )
    collector_id = fields.Many2one(
        "res.users",
        compute="_compute_collector_id",
        search="_search_collector_id",
        compute_sudo=True,
        help="The customer's salesperson, else the company's collector in charge.",
    )

    dunning_level_id = fields.Many2one(
        "dunning.level",
        string="Level Reached",
        compute="_compute_dunning_level_id",
        search="_search_dunning_level_id",
        compute_sudo=True,
        help="The last step of the ladder for the due date it has now; an extended installment "
        "starts again.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("days_late")
    def _compute_late_band(self):
        for line in self:
            line.late_band = line.crediario_plan_id and next(
                (
                    band
                    for band, (first, last) in LATE_BANDS.items()
                    if first <= line.days_late <= (last or line.days_late)
                ),
                "not_late",
            )

    @api.model
    def _search_late_band(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("crediario_plan_id", "!=", False) & Domain("amount_residual", ">", 0)
        bands = {band: late & self._due_within(*days) for band, days in LATE_BANDS.items()}
        bands["not_late"] = Domain("crediario_plan_id", "!=", False) & ~(
            late & self._due_within(1, None)
        )
        bands[False] = Domain("crediario_plan_id", "=", False)
        return Domain.OR(bands[band] for band in value if band in bands)

    @api.depends("partner_id.user_id", "company_id.dunning_user_id")
    def _compute_collector_id(self):
        for line in self:
            line.collector_id = line.partner_id.user_id or line.company_id.dunning_user_id

    @api.model
    def _search_collector_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        own = Domain("partner_id.user_id", operator, value)
        of_company = Domain("company_id.dunning_user_id", operator, value)
        return own & Domain("partner_id.user_id", "!=", False) | of_company & Domain(
            "partner_id.user_id", "=", False
        )

    @api.depends("date_maturity")
    def _compute_dunning_level_id(self):
        reached = self._reached_levels()
        for line in self:
            line.dunning_level_id = reached.get(line._origin.id, False)

    def _search_dunning_level_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        levels = self.env["dunning.level"].with_context(active_test=False)
        wanted = levels.search(value).ids if operator == "any" else [v for v in value if v]
        domain = Domain("id", "in", self._lines_on(SQL("level_id = ANY(%s::int[])", wanted)))
        if operator == "in" and not all(value):
            domain |= Domain("id", "not in", self._lines_on(SQL("TRUE")))
        return domain

    # ------------------------------------------------------------- queries

    def _field_to_sql(self, alias, field_expr, query=None):
        """Fields of the ladder are not stored, yet lists are grouped by them."""
        if field_expr == "late_band":
            return self._late_band_sql(alias, query)
        if field_expr == "dunning_level_id":
            return self._level_reached_sql(alias, query)
        if field_expr == "collector_id":
            return self._collector_sql(alias, query)
        return super()._field_to_sql(alias, field_expr, query)

    def _level_reached_sql(self, alias, query):
        steps = self.env["dunning.notice.line"]
        return SQL(
            """(SELECT %(level)s FROM dunning_notice_line AS step
                 WHERE %(line)s = %(id)s AND %(step_due)s = %(due)s AND %(offset)s IS NOT NULL
              ORDER BY %(offset)s DESC, step.id DESC LIMIT 1)""",
            level=steps._field_to_sql("step", "level_id"),
            line=steps._field_to_sql("step", "move_line_id"),
            step_due=steps._field_to_sql("step", "due_date"),
            offset=steps._field_to_sql("step", "level_offset"),
            id=self._field_to_sql(alias, "id", query),
            due=self._field_to_sql(alias, "date_maturity", query),
        )

    def _collector_sql(self, alias, query):
        return SQL(
            """(SELECT COALESCE(%(own)s, %(companys)s)
                  FROM res_company AS store
             LEFT JOIN res_partner AS customer ON customer.id = %(customer)s
                 WHERE store.id = %(company)s)""",
            own=self.env["res.partner"]._field_to_sql("customer", "user_id"),
            companys=self.env["res.company"]._field_to_sql("store", "dunning_user_id"),
            customer=self._field_to_sql(alias, "partner_id", query),
            company=self._field_to_sql(alias, "company_id", query),
        )

    def _late_band_sql(self, alias, query):
        days = self._field_to_sql(alias, "days_late", query)
        bands = SQL(" ").join(
            SQL("WHEN %s >= %s THEN %s", days, first, band)
            for band, (first, _last) in reversed(LATE_BANDS.items())
        )
        return SQL(
            "CASE WHEN %s IS NULL THEN NULL %s ELSE 'not_late' END",
            self._field_to_sql(alias, "crediario_plan_id", query),
            bands,
        )

    # ------------------------------------------------------------- helpers

    def _due_within(self, first, last):
        """Due ``first`` to ``last`` days ago; ``last`` ``None``: or earlier."""
        today = fields.Date.context_today(self)
        due = Domain("date_maturity", "<=", today - timedelta(days=first))
        if last is None:
            return due
        return due & Domain("date_maturity", ">=", today - timedelta(days=last))

    def _reached_levels(self):
        """{line id: level id} of these lines, in one query."""
        if not self._origin.ids:
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (n.move_line_id) n.move_line_id, n.level_id
                      FROM dunning_notice_line n
                      JOIN account_move_line l
                        ON l.id = n.move_line_id AND l.date_maturity = n.due_date
                     WHERE n.move_line_id = ANY(%s) AND n.level_offset IS NOT NULL
                  ORDER BY n.move_line_id, n.level_offset DESC, n.id DESC
                    """,
                    self._origin.ids,
                )
            )
        )

    def _lines_on(self, condition):
        """SQL of the lines whose level reached fulfils ``condition`` (on ``level_id``)."""
        return SQL(
            """(
            SELECT move_line_id FROM (
                SELECT DISTINCT ON (n.move_line_id) n.move_line_id, n.level_id
                  FROM dunning_notice_line n
                  JOIN account_move_line l ON l.id = n.move_line_id AND l.date_maturity = n.due_date
                 WHERE n.level_offset IS NOT NULL
              ORDER BY n.move_line_id, n.level_offset DESC, n.id DESC
            ) AS reached WHERE %s)""",
            condition,
        )

    # ------------------------------ The ladder that an installment follows today

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        string="Ladder",
        compute="_compute_dunning_policy",
        groups="optica_cobranca.group_seller",
    )
    dunning_policy_source = fields.Selection(
        SOURCES,
        string="Why this Ladder",
        compute="_compute_dunning_policy",
        groups="optica_cobranca.group_seller",
        help="The first that there is counts: chosen on the customer, on the contract, on the "
        "plan; else the first ladder whose segment fits the customer; else the company's usual.",
    )

    @api.depends("partner_id", "crediario_plan_id", "company_id")
    def _compute_dunning_policy(self):
        installments = self.filtered("crediario_plan_id")
        for line in self - installments:
            line.dunning_policy_id = line.dunning_policy_source = False
        for company, lines in installments.grouped("company_id").items():
            ladders = self.env["dunning.policy"].sudo()._ladders_of(company, lines.partner_id)
            for line in lines:
                policy, source = ladders.of(line.partner_id, line.sudo())
                line.dunning_policy_id, line.dunning_policy_source = policy.sudo(False), source

    def _installments_paid(self):
        """What is paid needs nobody's approval any more.

        With sudo: cashiers may not write notices; a payment closes those that wait.
        """
        heard = super()._installments_paid()
        installments = self.sudo().filtered("crediario_plan_id")
        if installments:
            self.env["dunning.notice"].sudo()._settled_by_payment(installments)
        return heard
