import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools.ladder.dunning_query import REASON_OF_RANK, customers_in
from ...tools.shop.lost_races import TRANSIENT

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
_logger = logging.getLogger(__name__)


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
    reason = fields.Text(
        readonly=True,
        help="Why an action failed, or why the notice was refused.",
        groups="optica_cobranca.group_collector",
    )
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
                level=notice.level_id.display_name or "",
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
    def _prepare_merge(self, sources, survivor):
        """Before customers become one: of their notices of a day all but the highest step back.

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
                (sources | survivor).ids,
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

    # ---- What happens on a notice: the server actions of its level, and what to do when one fails

    def action_retry(self):
        """Run the actions that failed once more."""
        self._check_role("manager", allow_system=True)
        for notice in self.sudo().filtered(lambda notice: notice.state == "failed"):
            actions = notice.failed_action_ids
            notice.write(
                {"state": "done", "reason": False, "failed_action_ids": [fields.Command.clear()]}
            )
            for action in actions:
                notice._run_action(action)

    def _run_level_actions(self, level):
        """Run the actions of ``level`` on these notices of one company, in the level's order.

        A notice whose action fails is marked and the others go on.
        """
        for action in level.action_ids.sorted():
            self._run_action(action)

    def _run_action(self, action):
        """Run one server action on all of these notices at once, singly where that fails."""
        try:
            with self.env.cr.savepoint():
                self._call_action(action)
        except TRANSIENT:
            raise
        # An action may be any code; one customer's never stops the rest.
        except Exception as error:  # noqa: BLE001
            if len(self) > 1:
                for notice in self:
                    notice._run_action(action)
            else:
                self._mark_failed(action, error)

    def _call_action(self, action):
        # Code is written for one `record`, as automation rules run it; other kinds take them all.
        groups = self if action.state == "code" else [self]
        for notices in groups:
            action.sudo().with_env(self.env(su=True)).with_context(
                active_model=self._name, active_id=notices.ids[0], active_ids=notices.ids
            ).run()

    def _mark_failed(self, action, error):
        _logger.warning("Dunning action %s failed on notice %s", action.id, self.id, exc_info=error)
        message = self.env._(
            "%(action)s: %(error)s", action=action.name, error=str(error) or repr(error)
        )
        self.write(
            {
                "state": "failed",
                "reason": "\n".join(filter(None, [self.reason, message])),
                "failed_action_ids": [fields.Command.link(action.id)],
            }
        )

    # ---- What has changed since the notice was written, for whoever approves it now

    total_today = fields.Monetary(
        compute="_compute_today",
        help="What the installments of this notice come to today, late charges included.",
    )
    paid_since = fields.Monetary(
        compute="_compute_today", help="By how much their principal went down since the notice."
    )
    changes = fields.Char(
        string="Changed Since",
        compute="_compute_today",
        help="Payments, moved due dates and pauses since the notice was written.",
    )

    @api.depends("line_ids.move_line_id.amount_residual", "line_ids.move_line_id.date_maturity")
    def _compute_today(self):
        held = self._held_now()
        for company, notices in self.grouped(lambda notice: notice.sudo().company_id).items():
            today = company._today()
            # What is owed is everybody's business here; the ledger behind it is not.
            lines = notices.sudo().line_ids.move_line_id.filtered(
                lambda line: line.parent_state == "posted"
            )
            amounts = lines._amounts_today(today)
            for notice in notices:
                notice._set_today(amounts, held)

    def _set_today(self, amounts, held):
        mentioned = self.sudo().line_ids
        now = [amounts[line.id] for line in mentioned.move_line_id if line.id in amounts]
        currency = self.currency_id
        self.total_today = float(sum(amount.total for amount in now))
        residual = float(sum(amount.principal for amount in now))
        self.paid_since = currency.round(max(self.amount_residual - residual, 0.0))
        self.changes = "; ".join(self._changes_of(mentioned, held)) or False

    def _changes_of(self, mentioned, held):
        """Texts of what is not any more as the notice says."""
        if self.paid_since:
            yield self.env._("%(amount)s paid", amount=self.currency_id._text(self.paid_since))
        for line in mentioned:
            due = line.move_line_id.date_maturity
            if due and due != line.due_date:
                yield self.env._(
                    "%(installment)s now due %(date)s",
                    installment=line.display_name,
                    date=format_date(self.env, due),
                )
        labels = self.env["dunning.hold"]._hold_reason_labels()
        reasons = {held[line.move_line_id.id] for line in mentioned if line.move_line_id.id in held}
        yield from sorted(labels.get(reason, reason) for reason in reasons)

    def _held_now(self):
        """{installment id: HoldReason} of what would keep the ladder silent today.

        Asked of those that wait only: the others are history.
        """
        held = {}
        waiting = self.sudo().filtered(lambda notice: notice.state == "waiting")
        for company, notices in waiting.grouped("company_id").items():
            evaluation = self.env["dunning.evaluation"].sudo().with_company(company)
            rules = evaluation._ladder_rules(company, company._today())
            for row in evaluation._decide(rules, customers_in(notices.partner_id.ids)):
                if row["hold"] is not None:
                    held[row["line_id"]] = REASON_OF_RANK[row["hold"]]
        return held
