from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...domain.ladder.ladder import HoldReason, NoAdvance
from ...tools.ladder import dunning_query
from ...tools.ladder.dunning_query import REASON_OF_RANK, customers_between, customers_in

NO_POLICY = "no_policy"
ADVANCES = "advances"
MENTIONED = "mentioned"
NOTICED = "noticed"


class DunningPreview(models.TransientModel):
    """Who would hear from the shop on a day, at which level, and why the others would not.

    The run's own evaluation; only the rows of this screen are written.
    """

    _name = "dunning.preview"
    _description = "Ladder Preview"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(required=True, default=lambda self: self.env.company._today())
    partner_ids = fields.Many2many("res.partner", string="Customers", help="Empty: everybody.")
    line_ids = fields.One2many("dunning.preview.line", "preview_id", readonly=True)
    notice_count = fields.Integer(string="Notices", compute="_compute_counts")
    summary = fields.Html(compute="_compute_counts", sanitize=False)

    # ------------------------------------------------------------- compute

    @api.depends("date")
    def _compute_display_name(self):
        for preview in self:
            preview.display_name = self.env._(
                "Preview of %(day)s", day=format_date(self.env, preview.date)
            )

    @api.depends("line_ids")
    def _compute_counts(self):
        Line = self.env["dunning.preview.line"]
        outcomes = dict(Line._fields["outcome"]._description_selection(self.env))
        for preview in self:
            of_preview = [("preview_id", "in", preview.ids)]
            customers = Line._read_group(
                [*of_preview, ("outcome", "=", ADVANCES)],
                ["notice_level_id"],
                ["partner_id:count_distinct"],
            )
            reasons = Line._read_group(of_preview, ["outcome"], ["__count"])
            preview.notice_count = sum(count for _level, count in customers)
            preview.summary = self._plain_table(
                [
                    (level.name, count)
                    for level, count in sorted(customers, key=lambda c: c[0].offset_days)
                ],
                title=self.env._("Customers by level"),
            ) + self._plain_table(
                [(outcomes[key], count) for key, count in reasons],
                title=self.env._("Installments by outcome"),
            )

    # ------------------------------------------------------------- actions

    def action_preview(self):
        """Evaluate the ladder for the day and show the result."""
        self.ensure_one()
        self._fill()

    def action_open_lines(self):
        """The result as a list that can be grouped and searched."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_preview_line"
        )
        return {**action, "domain": [("preview_id", "=", self.id)]}

    # ------------------------------------------------------------ business

    def _fill(self):
        """Write this preview's rows, in the ranges of customers the run would use."""
        self._check_role("manager", allow_system=True)
        self.company_id.check_access("read")
        self.env["dunning.preview.line"].search([("preview_id", "=", self.id)]).unlink()
        evaluation = self.env["dunning.evaluation"].sudo().with_company(self.company_id)
        rules = evaluation._ladder_rules(self.company_id, self.date)
        for scope in self._scopes(evaluation, rules):
            self._insert_lines(evaluation._decision_query(rules, scope))
        self.env.invalidate_all()

    def _scopes(self, evaluation, rules):
        if self.partner_ids:
            return [customers_in(self.partner_ids.commercial_partner_id.ids)]
        return [
            customers_between(first, last) for first, last, _lines in evaluation._batches(rules)
        ]

    def _insert_lines(self, query):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dunning_preview_line (
                    preview_id, partner_id, move_line_id, due_date, days, policy_id, level_id,
                    notice_level_id, outcome, residual, fine, interest, total,
                    create_uid, write_uid, create_date, write_date)
                SELECT %s, o.*, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM (%s) AS o
                """,
                self.id,
                self.env.uid,
                self.env.uid,
                self._outcomes(query),
            )
        )

    @api.model
    def _outcomes(self, query) -> SQL:
        """The query of what to tell of each installment, from a decision query.

        Columns: partner_id, line_id, due_date, days, policy_id, level_id, notice_level_id,
        outcome, residual, fine, interest, total.
        """
        holds = [reason.value for _rank, reason in sorted(REASON_OF_RANK.items())]
        return SQL(
            """
                SELECT d.partner_id, d.line_id, d.due_date, d.days,
                       NULLIF(d.policy_id, %(no_policy_id)s) AS policy_id, d.level_id,
                       CASE WHEN d.listed AND NOT d.noticed THEN d.notice_level_id END
                       AS notice_level_id,
                       CASE WHEN d.hold IS NOT NULL THEN (%(holds)s::text[])[d.hold + 1]
                            WHEN d.advances AND d.noticed THEN %(noticed)s
                            WHEN d.advances THEN %(advances)s
                            WHEN d.policy_id = %(no_policy_id)s THEN %(no_policy)s
                            WHEN d.fires THEN %(below)s
                            WHEN d.listed AND NOT d.noticed THEN %(mentioned)s
                            WHEN d.level_id IS NULL THEN %(no_level)s
                            ELSE %(reached)s END AS outcome,
                       d.residual, d.fine, d.interest,
                       d.residual + d.fine + d.interest AS total
                  FROM (%(query)s) AS d
                """,
            query=query,
            holds=holds,
            no_policy_id=dunning_query.NO_POLICY,
            no_policy=NO_POLICY,
            noticed=NOTICED,
            advances=ADVANCES,
            mentioned=MENTIONED,
            no_level=NoAdvance.NO_LEVEL.value,
            reached=NoAdvance.ALREADY_REACHED.value,
            below=NoAdvance.BELOW_MINIMUM.value,
        )


class DunningPreviewLine(models.TransientModel):
    """One open installment and what would become of it."""

    _name = "dunning.preview.line"
    _description = "Ladder Preview Line"
    _order = "partner_id, due_date, id"

    preview_id = fields.Many2one("dunning.preview", required=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    move_line_id = fields.Many2one("account.move.line", string="Installment", ondelete="cascade")
    due_date = fields.Date()
    days = fields.Integer(string="Days from Due Date")
    policy_id = fields.Many2one("dunning.policy", ondelete="cascade")
    level_id = fields.Many2one("dunning.level", string="Level of the Day", ondelete="cascade")
    notice_level_id = fields.Many2one(
        "dunning.level", string="Level of the Notice", ondelete="cascade"
    )
    outcome = fields.Selection(
        [
            (ADVANCES, "Advances: in the notice"),
            (MENTIONED, "Late: listed in the notice"),
            (NOTICED, "Customer has a notice of this day already"),
            (NoAdvance.NO_LEVEL.value, "No level on this day"),
            (NoAdvance.ALREADY_REACHED.value, "Level reached before"),
            (NoAdvance.BELOW_MINIMUM.value, "Below the level's minimum amount"),
            (NO_POLICY, "No dunning policy"),
            (HoldReason.SETTLED.value, "Settled or payment on its way"),
            (HoldReason.EXCLUDED.value, "Customer never reminded"),
            (HoldReason.TIME_BARRED.value, "More than five years late"),
            (HoldReason.AGENCY.value, "Handed over to an agency"),
            (HoldReason.DISPUTE.value, "Open dispute"),
            (HoldReason.AGREEMENT.value, "Agreement being negotiated"),
            (HoldReason.PROMISE.value, "Promise to pay"),
            (HoldReason.PAUSED_CUSTOMER.value, "Customer paused"),
            (HoldReason.PAUSED_CONTRACT.value, "Contract paused"),
            (HoldReason.PAUSED_INSTALLMENT.value, "Installment paused"),
            (HoldReason.DELIVERY.value, "Glasses not delivered yet"),
        ],
    )
    currency_id = fields.Many2one(related="preview_id.company_id.currency_id")
    residual = fields.Monetary(string="Principal")
    fine = fields.Monetary(string="Late Fee")
    interest = fields.Monetary(string="Late Interest")
    total = fields.Monetary()
