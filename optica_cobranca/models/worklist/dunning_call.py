from odoo import api, fields, models
from odoo.exceptions import UserError

RESULTS = [
    ("promise", "Promised to Pay"),
    ("paid", "Pays Now"),
    ("says_paid", "Says It Is Paid"),
    ("agreement", "Agreement"),
    ("dispute", "Dispute"),
    ("refuses", "Refuses to Pay"),
    ("message_left", "Message Left"),
    ("no_answer", "No Answer"),
    ("wrong_number", "Wrong Number"),
]
# Results for which the customer was spoken to.
REACHED = ("promise", "paid", "says_paid", "agreement", "dispute", "refuses")
# What the person who called may still complete, and what an undo writes.
NOTE = {"note"}
UNDO = {"undone_at", "call_again_at", "activity_id"}


class DunningCall(models.Model):
    """One contact of a customer by a person, and what came of it.

    Written by the work list. A row stays as it is: its note may be completed on its day by
    whoever wrote it, and the last one may be undone, which leaves it to be seen as undone.
    """

    _name = "dunning.call"
    _description = "Contact by a Person"
    _inherit = ["optica.evidence.original"]
    _order = "started_at desc, id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", string="Collector", required=True, readonly=True)
    started_at = fields.Datetime(string="When", required=True, readonly=True)
    ended_at = fields.Datetime(required=True, readonly=True)
    minutes = fields.Float(
        string="Duration (min)",
        compute="_compute_minutes",
        store=True,
        aggregator="avg",
        help="From opening the customer in the work list until the result.",
    )
    result = fields.Selection(RESULTS, required=True, readonly=True)
    reached = fields.Boolean(
        string="Spoke to the Customer", compute="_compute_reached", store=True, aggregator=None
    )
    contact_id = fields.Many2one("res.partner", readonly=True, help="Whose number was called.")
    phone = fields.Char(readonly=True)
    call_again_at = fields.Datetime(
        string="Call Again", readonly=True, help="The customer rests in the work list until then."
    )
    note = fields.Text(help="Can be completed by its author until the end of the day.")
    notice_id = fields.Many2one(
        "dunning.notice", readonly=True, ondelete="set null", index="btree_not_null"
    )
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="restrict")
    promise_id = fields.Many2one("dunning.promise", readonly=True, index="btree_not_null")
    promise_state = fields.Selection(related="promise_id.state", string="What Became of It")
    dispute_id = fields.Many2one("dunning.dispute", readonly=True, index="btree_not_null")
    agreement_id = fields.Many2one("crediario.agreement", readonly=True, index="btree_not_null")
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")
    amount_late = fields.Monetary(
        readonly=True, help="What would have settled the late installments at that moment."
    )
    days_late = fields.Integer(readonly=True, aggregator="avg")
    amount_promised = fields.Monetary(string="Promised", readonly=True)
    undone_at = fields.Datetime(string="Undone", readonly=True)

    _evidence_fields = (
        "user_id",
        "started_at",
        "ended_at",
        "result",
        "phone",
        "note",
        "amount_late",
        "amount_promised",
        "undone_at",
    )

    _of_partner = models.Index("(partner_id, started_at DESC) WHERE undone_at IS NULL")
    _of_user = models.Index("(user_id, started_at DESC)")
    _callback = models.Index(
        "(call_again_at) WHERE undone_at IS NULL AND call_again_at IS NOT NULL"
    )

    # ------------------------------------------------------------- compute

    @api.depends("started_at", "ended_at")
    def _compute_minutes(self):
        for call in self:
            call.minutes = (call.ended_at - call.started_at).total_seconds() / 60

    @api.depends("result")
    def _compute_reached(self):
        for call in self:
            call.reached = call.result in REACHED

    @api.depends("partner_id", "result")
    def _compute_display_name(self):
        results = dict(self._fields["result"]._description_selection(self.env))
        for call in self:
            call.display_name = self.env._(
                "%(customer)s: %(result)s",
                customer=call.partner_id.display_name or "",
                result=results.get(call.result, ""),
            )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """Nothing but the note of the day; what an undo writes comes from the work list."""
        allowed = NOTE | UNDO if self.env.su else NOTE
        if self and set(vals) - allowed:
            raise UserError(
                self.env._("A contact is recorded once and cannot be changed afterwards.")
            )
        if not self.env.su:
            self._check_note_of_today()
        return super().write(vals)

    def _check_note_of_today(self):
        today = fields.Date.context_today(self)
        for call in self:
            day = fields.Datetime.context_timestamp(self, call.started_at).date()
            if call.user_id != self.env.user or day != today:
                raise UserError(
                    self.env._("The note of a contact is completed by its author on the same day.")
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A contact is part of the customer's history and cannot be deleted.")
        )

    # ------------------------------------------------------------ business

    def _received(self):
        """True when money was received from the customer after this contact began."""
        self.ensure_one()
        return bool(
            self.env["crediario.receipt"].search_count(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("create_date", ">=", self.started_at),
                ],
                limit=1,
            )
        )

    # ------------------------------------------------------------- actions

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()
