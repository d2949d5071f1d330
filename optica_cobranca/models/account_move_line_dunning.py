from odoo import api, fields, models
from odoo.tools import SQL


class AccountMoveLine(models.Model):
    """The level an installment has reached, read from its notices; nothing is stored on it."""

    _inherit = "account.move.line"

    dunning_level_id = fields.Many2one(
        "dunning.level",
        string="Level Reached",
        compute="_compute_dunning_level_id",
        search="_search_dunning_level_id",
        compute_sudo=True,
        help="The last step of the ladder for the due date it has now; an extended installment "
        "starts again.",
    )
    dunning_notice_line_ids = fields.One2many(
        "dunning.notice.line", "move_line_id", groups="optica_cobranca.group_seller"
    )

    # ------------------------------------------------------------- compute

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
        domain = fields.Domain("id", "in", self._lines_on(SQL("level_id = ANY(%s::int[])", wanted)))
        if operator == "in" and not all(value):
            domain |= fields.Domain("id", "not in", self._lines_on(SQL("TRUE")))
        return domain

    # ------------------------------------------------------------- helpers

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
