from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain.promise import deadline


class DunningPromise(models.Model):
    """A customer said: I pay this much until that day. Never edited: registered, kept, broken.

    The only way in is ``_register_promise``; :mod:`.dunning_promise_evaluation` decides the rest.
    """

    _name = "dunning.promise"
    _description = "Promise to Pay"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["partner_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    phone = fields.Char(related="partner_id.phone")
    date = fields.Date(string="Promised Day", required=True, readonly=True, tracking=True)
    tolerance_days = fields.Integer(
        string="Tolerance (Days)", readonly=True, help="As it was set when the promise was made."
    )
    deadline = fields.Date(
        compute="_compute_deadline",
        store=True,
        precompute=True,
        help="The promised day and the tolerance: until then reminders rest and a payment keeps "
        "the promise.",
    )
    amount = fields.Monetary(required=True, readonly=True, tracking=True)
    paid_amount = fields.Monetary(
        string="Paid So Far",
        readonly=True,
        help="Money that reached these installments since the promise, late charges included, "
        "by payments dated until the deadline.",
    )
    missing_amount = fields.Monetary(string="Missing", compute="_compute_missing_amount")
    move_line_ids = fields.Many2many(
        "account.move.line",
        "dunning_promise_line_rel",
        "promise_id",
        "move_line_id",
        string="Installments",
        readonly=True,
        check_company=True,
        help="What the promise is about; all that was late if nothing else was chosen.",
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Fulfilled"),
            ("broken", "Not Kept"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
    )
    notice_id = fields.Many2one("dunning.notice", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", string="Taken By", required=True, readonly=True)
    registered_at = fields.Datetime(string="Taken On", required=True, readonly=True)
    first_registered_on = fields.Date(
        readonly=True,
        help="The day of the first of a row of promises that replaced each other: the limit of "
        "days counts from it.",
    )
    note = fields.Text(readonly=True)
    closed_on = fields.Date(string="Decided On", readonly=True)
    replaced_by_id = fields.Many2one("dunning.promise", readonly=True, ondelete="set null")
    cancelled_by_id = fields.Many2one("res.users", readonly=True, tracking=True)
    # Whatever reconciliation or receipt line came later was paid since.
    last_partial_id = fields.Integer(readonly=True, export_string_translation=False)
    last_receipt_line_id = fields.Integer(readonly=True, export_string_translation=False)

    _holding = models.Index("(company_id, deadline) WHERE state = 'open'")
    _positive = models.Constraint("CHECK(amount > 0)", "Promise an amount above zero.")
    _tolerance = models.Constraint(
        "CHECK(tolerance_days >= 0)", "The tolerance of a promise cannot be negative."
    )

    # ------------------------------------------------------------- compute

    @api.depends("date", "tolerance_days")
    def _compute_deadline(self):
        for promise in self:
            promise.deadline = promise.date and deadline(promise.date, promise.tolerance_days)

    @api.depends("amount", "paid_amount")
    def _compute_missing_amount(self):
        for promise in self:
            promise.missing_amount = max(promise.amount - promise.paid_amount, 0.0)

    @api.depends("partner_id", "date", "amount")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s: %(amount)s until %(date)s",
                customer=promise.partner_id.name or "",
                amount=promise.currency_id.format(promise.amount),
                date=format_date(self.env, promise.date),
            )

    # ------------------------------------------------------------- actions

    def action_cancel(self):
        """Take promises back that were registered by mistake; broken ones only for managers."""
        self._check_collector()
        if any(promise.state == "cancelled" for promise in self):
            raise UserError(self.env._("This promise was cancelled already."))
        if any(promise.state != "open" for promise in self):
            self._check_manager()
        self._cancel()

    def action_reopen(self):
        """Undo the cancellation: what became of the promise is found out again."""
        self._check_collector()
        cancelled = self.filtered(lambda promise: promise.state == "cancelled")
        if cancelled.replaced_by_id.filtered(lambda promise: promise.state != "cancelled"):
            raise UserError(
                self.env._("A newer promise took the place of this one. Cancel that one first.")
            )
        # With sudo: nobody has the right to edit promises, their actions are the one way.
        cancelled.sudo().write(
            {"state": "open", "cancelled_by_id": False, "replaced_by_id": False, "closed_on": False}
        )
        cancelled._evaluate()

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_open_installments(self):
        """Open the promised installments."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {**action, "domain": [("id", "in", self.move_line_ids.ids)], "context": {}}

    # ------------------------------------------------------------- helpers

    def _cancel(self, replaced_by=None):
        """With sudo: nobody has the right to edit promises, their actions are the one way."""
        self.sudo().write(
            {
                "state": "cancelled",
                "cancelled_by_id": self.env.uid,
                "closed_on": fields.Date.context_today(self),
                "replaced_by_id": replaced_by and replaced_by.id,
            }
        )

    @api.model
    def _check_collector(self):
        if not self.env.su and not self.env.user.has_group("optica_cobranca.group_collector"):
            raise UserError(self.env._("Only a collector registers or changes promises."))
        self.check_access("read")

    @api.model
    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group("optica_cobranca.group_manager"):
            raise UserError(
                self.env._("Only a manager cancels a promise that was kept or broken already.")
            )
