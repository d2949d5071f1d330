from odoo import fields, models
from odoo.exceptions import UserError


class DunningBureauDecision(models.TransientModel):
    """What a person decides or knows about cases of the credit bureau, many at once."""

    _name = "dunning.bureau.decision"
    _description = "Decide on Bureau Cases"

    mode = fields.Selection(
        [
            ("decide", "Approve or refuse"),
            ("cancel", "Give up"),
            ("proof", "Notice received"),
            ("removed", "Removed"),
        ],
        required=True,
        readonly=True,
        default="decide",
    )
    case_ids = fields.Many2many("dunning.bureau.case", required=True)
    case_count = fields.Integer(string="Cases", compute="_compute_case_count")
    reason = fields.Char(help="Kept on the case; the customer may ask for it.")
    day = fields.Date(string="On", default=fields.Date.context_today, required=True)
    channel = fields.Selection(
        selection=lambda self: (
            self.env["dunning.bureau.case"]
            ._fields["notice_channel"]
            ._description_selection(self.env)
        ),
        string="Notice by",
        default="registered",
    )
    notice_on = fields.Date(
        string="Notice Sent On",
        help="For notices that did not leave as a letter from here.",
    )
    reference = fields.Char(
        string="Proof or Protocol", help="Tracking code, message, protocol: what shows it."
    )
    file = fields.Binary(string="Proof as File")
    file_name = fields.Char()
    asks_notice = fields.Boolean(compute="_compute_case_count")

    def _compute_case_count(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)
            wizard.asks_notice = any(case.state == "approved" for case in wizard.case_ids)

    # ------------------------------------------------------------- actions

    def action_approve(self):
        """Approve: the written notice may be sent."""
        self.case_ids._approve(self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_refuse(self):
        """Refuse: these customers stay out of the bureau."""
        self._need_reason()
        self.case_ids._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_cancel(self):
        """Give up; what is registered becomes due to be removed."""
        self._need_reason()
        self.case_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_prove(self):
        """The customer received the notice on that day."""
        self._need_past_day()
        cases = self.case_ids._for("collector")
        if not self.reference and not self.file:
            raise UserError(
                self.env._("Say what proves it: a tracking code, a protocol or a file.")
            )
        unsent = cases.filtered(lambda case: case.state == "approved" and not case.stop_cause)
        if unsent and not self.notice_on:
            raise UserError(self.env._("Say when the notice was sent."))
        unsent._notice_sent(self.channel, self.notice_on)
        cases._in_state("notice_sent")._prove(self.day, self.reference, self.file, self.file_name)
        return {"type": "ir.actions.act_window_close"}

    def action_removed(self):
        """The bureau took the registration away on that day."""
        self._need_past_day()
        self.case_ids._removed(self.day, self.reference)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------- helpers

    def _need_reason(self):
        if not (self.reason or "").strip():
            raise UserError(self.env._("Write the reason."))

    def _need_past_day(self):
        today = fields.Date.context_today(self)
        if self.day > today or (self.notice_on and self.notice_on > today):
            raise UserError(self.env._("This day has not come yet."))
