from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class AccountMoveLine(models.Model):
    """What was agreed about a late installment: a badge for lists, with its filters."""

    _inherit = "account.move.line"

    promise_ids = fields.Many2many(
        "dunning.promise",
        "dunning_promise_line_rel",
        "move_line_id",
        "promise_id",
        string="Promises",
        readonly=True,
        copy=False,
        groups="optica_cobranca.group_seller",
    )
    dispute_ids = fields.Many2many(
        "dunning.dispute",
        "dunning_dispute_line_rel",
        "move_line_id",
        "dispute_id",
        string="Disputes",
        readonly=True,
        copy=False,
        groups="optica_cobranca.group_seller",
    )
    follow_up = fields.Selection(
        [
            ("disputed", "Disputed"),
            ("promised", "Promised"),
            ("broken", "Not Kept"),
        ],
        string="Follow-Up",
        compute="_compute_follow_up",
        search="_search_follow_up",
        compute_sudo=True,
        help="An open dispute about it, else the latest promise about it that is open or broken.",
    )
    promise_date = fields.Date(
        string="Promised For", compute="_compute_follow_up", compute_sudo=True
    )

    # ------------------------------------------------------------- compute

    def _compute_follow_up(self):
        """One query for all; only for what is still to pay."""
        found = {}
        if self._origin.ids:
            self._flush_follow_up()
            rows = self.env.execute_query(
                SQL("%s AND line.id = ANY(%s)", self._follow_up_query(), self._origin.ids)
            )
            found = {line_id: (state, day) for line_id, state, day in rows}
        for line in self:
            line.follow_up, line.promise_date = found.get(line._origin.id, (False, False))

    def _search_follow_up(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_follow_up()
        wanted = [state for state in value if state]
        query = SQL(
            "(SELECT id FROM (%s) AS found (id, state, day) WHERE state = ANY(%s))",
            self._follow_up_query(),
            wanted,
        )
        domain = Domain("id", "in", query)
        if not all(value):
            every = SQL(
                "(SELECT id FROM (%s) AS found (id, state, day) WHERE state IS NOT NULL)",
                self._follow_up_query(),
            )
            domain |= Domain("id", "not in", every)
        return domain

    # ------------------------------------------------------------- actions

    def action_register_promise(self):
        """Note what the customer of these installments promises."""
        return self._dialog("action_dunning_promise_wizard")

    def action_register_dispute(self):
        """Note why these installments are not paid."""
        return self._dialog("action_dunning_dispute_wizard")

    # ------------------------------------------------------------- helpers

    def _dialog(self, name):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"optica_cobranca.{name}")
        return {**action, "context": {"active_model": self._name, "active_ids": self.ids}}

    def _flush_follow_up(self):
        for model, names in (
            ("dunning.promise", ["state", "date", "move_line_ids"]),
            ("dunning.dispute", ["state", "move_id", "partner_id", "company_id", "move_line_ids"]),
            (self._name, ["amount_residual", "partner_id", "move_id", "company_id"]),
        ):
            self.env[model].flush_model(names)

    def _follow_up_query(self):
        """Rows (installment, follow-up, promised day) of what is to pay and was talked about."""
        return SQL(
            """
            SELECT line.id,
                   CASE WHEN disputed.id IS NOT NULL THEN 'disputed'
                        WHEN promise.state = 'open' THEN 'promised'
                        WHEN promise.state = 'broken' THEN 'broken' END,
                   CASE WHEN promise.state = 'open' THEN promise.date END
              FROM account_move_line line
         LEFT JOIN LATERAL (
                SELECT p.state, p.date
                  FROM dunning_promise_line_rel rel
                  JOIN dunning_promise p ON p.id = rel.promise_id
                 WHERE rel.move_line_id = line.id AND p.state <> 'cancelled'
              ORDER BY p.id DESC LIMIT 1) promise ON TRUE
         LEFT JOIN LATERAL (
                SELECT d.id FROM dunning_dispute d
                 WHERE d.state = 'open' AND d.partner_id = line.partner_id
                   AND d.company_id = line.company_id
                   AND CASE WHEN EXISTS (SELECT FROM dunning_dispute_line_rel rel
                                          WHERE rel.dispute_id = d.id)
                            THEN EXISTS (SELECT FROM dunning_dispute_line_rel rel
                                          WHERE rel.dispute_id = d.id
                                            AND rel.move_line_id = line.id)
                            ELSE d.move_id IS NULL OR d.move_id = line.move_id END
                 LIMIT 1) disputed ON TRUE
             WHERE line.crediario_plan_id IS NOT NULL AND line.amount_residual > 0
               AND line.parent_state = 'posted'
            """
        )

    def _installments_paid(self):
        """Promises look again at the end of the transaction."""
        heard = super()._installments_paid()
        self.env["dunning.promise"]._note_payment(self)
        return heard
