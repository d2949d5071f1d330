from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain.extension import ExtensionReason


class CrediarioExtension(models.Model):
    """One moved due date: from when to when, why, by whom, what became of the charges.

    Belongs to a contract and the number of an installment, so that it outlives the receivable
    line when the invoice is reset to draft. Never edited: granted, decided, undone.
    """

    _name = "crediario.extension"
    _description = "Extension of an Installment"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    # Nobody may edit extensions; activities about them are for who may read them.
    _mail_post_access = "read"

    move_id = fields.Many2one(
        "account.move",
        string="Contract Entry",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="cascade",
    )
    installment_number = fields.Integer(required=True, readonly=True)
    contract = fields.Char(readonly=True)
    label = fields.Char(string="No.", readonly=True, help="Number of the installment.")
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", compute="_compute_move_line_id"
    )
    date = fields.Date(string="Granted On", readonly=True, help="Charges are those of this day.")
    original_due_date = fields.Date(readonly=True, help="As first agreed.")
    old_due_date = fields.Date(string="From", required=True, readonly=True)
    new_due_date = fields.Date(string="To", required=True, readonly=True)
    days = fields.Integer(compute="_compute_days", store=True)
    reason = fields.Char(required=True, readonly=True)
    waive = fields.Boolean(
        string="Charges Waived",
        readonly=True,
        help="Fine and interest until the extension are forgiven; otherwise they stay owed as "
        "they were.",
    )
    waived_fine = fields.Monetary(readonly=True)
    waived_interest = fields.Monetary(readonly=True)
    kept_fine = fields.Monetary(readonly=True)
    kept_interest = fields.Monetary(readonly=True)
    state = fields.Selection(
        [
            ("to_approve", "To Approve"),
            ("applied", "Applied"),
            ("refused", "Refused"),
            ("undone", "Undone"),
        ],
        required=True,
        readonly=True,
        tracking=True,
    )
    approval_reasons = fields.Json(readonly=True)
    approval_text = fields.Char(string="Why Approval", compute="_compute_approval_text")
    user_id = fields.Many2one(
        "res.users", string="Asked By", required=True, readonly=True, tracking=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, tracking=True)
    decided_at = fields.Datetime(string="Decided On", readonly=True)

    # The history of an installment: calculation of the amount of today, due dates of a repost.
    _applied = models.Index("(move_id, installment_number) WHERE state = 'applied'")
    _one_proposal = models.UniqueIndex(
        "(move_id, installment_number) WHERE state = 'to_approve'",
        "An extension of this installment waits for approval already.",
    )
    _later = models.Constraint(
        "CHECK(new_due_date > old_due_date)", "An extension moves the due date to a later day."
    )

    # ------------------------------------------------------------- compute

    @api.depends("move_id", "installment_number", "move_id.line_ids.crediario_plan_id")
    def _compute_move_line_id(self):
        for extension in self:
            extension.move_line_id = extension._installment()

    @api.depends("old_due_date", "new_due_date")
    def _compute_days(self):
        for extension in self:
            extension.days = (extension.new_due_date - extension.old_due_date).days

    @api.depends("contract", "label")
    def _compute_display_name(self):
        for extension in self:
            extension.display_name = f"{extension.contract or ''} {extension.label or ''}".strip()

    @api.depends("approval_reasons")
    def _compute_approval_text(self):
        labels = self._approval_labels()
        for extension in self:
            reasons = extension.approval_reasons or []
            extension.approval_text = "; ".join(labels[reason] for reason in reasons)

    # ------------------------------------------------------------- actions

    def action_approve(self):
        """A manager grants what was beyond the collector's limits, as of today."""
        self._check_manager()
        for extension in self.filtered(lambda extension: extension.state == "to_approve"):
            extension._apply()

    def action_refuse(self):
        """A manager leaves the due date as it is."""
        self._check_manager()
        self.filtered(lambda extension: extension.state == "to_approve")._decide("refused")

    def action_undo(self):
        """A manager takes the extension back: date and charges are as if it had never been."""
        self._check_manager()
        for extension in self.filtered(lambda extension: extension.state == "applied"):
            extension._undo()

    def action_print_slips(self):
        """New slips of the carnê with the new dates."""
        lines = self.filtered(lambda extension: extension.state == "applied").move_line_id
        if not lines:
            raise UserError(self.env._("No extension among these was applied."))
        return self.env.ref("optica_cobranca.action_report_carne").report_action(
            lines, config=False
        )

    def action_open_contract(self):
        """Open the invoice or entry of the installment."""
        self.ensure_one()
        return self.move_id._get_records_action()

    # ------------------------------------------------------------- helpers

    def _installment(self):
        """The receivable line as it is now."""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.crediario_plan_id and line.installment_number == self.installment_number
            )
        )[:1]

    def _decide(self, state):
        """With sudo: nobody has the right to edit extensions, their actions are the one way."""
        self.sudo().write(
            {"state": state, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
        )

    def _check_manager(self):
        if not self.env.user.has_group("optica_cobranca.group_manager"):
            raise UserError(
                self.env._("Only a manager approves, refuses or takes back an extension.")
            )
        self.check_access("read")

    @api.model
    def _approval_labels(self):
        return {
            ExtensionReason.DAYS: self.env._("longer than the plan's limit"),
            ExtensionReason.NUMBER: self.env._("moved too often"),
            ExtensionReason.TOTAL_DAYS: self.env._("too far from the first date"),
            ExtensionReason.WAIVER: self.env._("charges would be waived"),
        }

    def _log(self, text):
        for extension in self:
            extension.move_id.message_post(
                body=text
                % {
                    "number": extension.label,
                    "old": format_date(self.env, extension.old_due_date),
                    "new": format_date(self.env, extension.new_due_date),
                    "reason": extension.reason,
                }
            )
