from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What a notice said when it was made. Nobody rewrites it, whatever happens afterwards.
FACTS = frozenset(
    {
        "run_id",
        "company_id",
        "partner_id",
        "date",
        "level_id",
        "level_offset",
        "installment_count",
        "oldest_due_date",
        "amount_residual",
        "amount_fine",
        "amount_interest",
        "amount_total",
    }
)


class DunningNotice(models.Model):
    """One customer, one company, one day: everything late, at the highest level that advanced.

    Rows are written by the run in SQL, many at a time (see :mod:`.dunning_statements`).
    """

    _name = "dunning.notice"
    _description = "Dunning Notice"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["partner_id"]
    _mail_post_access = "read"

    run_id = fields.Many2one(
        "dunning.run", readonly=True, ondelete="set null", index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    date = fields.Date(required=True, readonly=True)
    level_id = fields.Many2one("dunning.level", required=True, readonly=True, ondelete="restrict")
    policy_id = fields.Many2one(related="level_id.policy_id")
    level_offset = fields.Integer(string="Level Days", readonly=True)
    state = fields.Selection(
        [
            ("new", "New"),
            ("waiting", "Waiting for Approval"),
            ("approved", "Approved"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("refused", "Refused"),
            ("expired", "Expired"),
        ],
        default="new",
        required=True,
        readonly=True,
        tracking=True,
    )
    reason = fields.Text(readonly=True, help="Why an action failed, or why the notice was refused.")
    failed_action_ids = fields.Many2many(
        "ir.actions.server", string="Failed Actions", readonly=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(string="Decided On", readonly=True)
    installment_count = fields.Integer(string="Installments", readonly=True)
    oldest_due_date = fields.Date(readonly=True)
    amount_residual = fields.Monetary(string="Principal", readonly=True)
    amount_fine = fields.Monetary(string="Late Fee", readonly=True)
    amount_interest = fields.Monetary(string="Late Interest", readonly=True)
    amount_total = fields.Monetary(string="Total", readonly=True)
    line_ids = fields.One2many(
        "dunning.notice.line", "notice_id", string="Installment Lines", readonly=True
    )
    script = fields.Text(related="level_id.note", string="Script")
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        compute="_compute_user_id",
        help="The customer's salesperson, else the company's collector in charge.",
    )

    merged = fields.Boolean(
        readonly=True,
        help="Of a customer who was merged into this one, on a day when both had a notice.",
    )

    _one_per_day = models.UniqueIndex(
        "(company_id, partner_id, date) WHERE merged IS NOT TRUE",
        "A customer gets one notice a day from a company.",
    )
    _to_decide = models.Index("(state) WHERE state IN ('waiting', 'approved', 'failed')")

    # ------------------------------------------------------------- compute

    @api.depends("partner_id", "level_id", "date")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = self.env._(
                "%(customer)s: %(level)s",
                customer=notice.partner_id.name or "",
                level=notice.level_id.name or "",
            )

    @api.depends("partner_id.user_id", "company_id.dunning_user_id")
    def _compute_user_id(self):
        for notice in self:
            notice.user_id = notice.partner_id.user_id or notice.company_id.dunning_user_id

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """The facts of a notice stay as they were, for every user."""
        if self and FACTS & vals.keys():
            raise UserError(
                self.env._(
                    "A notice records what was due on its day and cannot be changed afterwards."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A notice is part of the customer's history and cannot be deleted.")
        )

    # ------------------------------------------------------------ business

    @api.model
    def _prepare_merge(self, partners):
        """Before ``partners`` become one: of their notices of a day all but the highest step back.

        Nothing is deleted: the lines keep telling which level each installment has reached.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE dunning_notice SET merged = TRUE WHERE id IN (
                    SELECT id FROM (
                        SELECT id, row_number() OVER (PARTITION BY company_id, date
                                                      ORDER BY level_offset DESC, id) AS place
                          FROM dunning_notice
                         WHERE partner_id = ANY(%s) AND merged IS NOT TRUE) AS ranked
                     WHERE place > 1)
                """,
                partners.ids,
            )
        )
        self.invalidate_model(["merged"])

    # ------------------------------------------------------------- actions

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def action_open_installments(self):
        """Open the installments this notice mentions."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {**action, "domain": [("id", "in", self.line_ids.move_line_id.ids)], "context": {}}
