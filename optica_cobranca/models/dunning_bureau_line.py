from odoo import api, fields, models

from ..domain import bureau
from ..domain.bureau import LIVE


class DunningBureauLine(models.Model):
    """One installment in a case: its due date and principal as they were approved."""

    _name = "dunning.bureau.line"
    _description = "Debt in a Credit Bureau Case"
    _order = "due_date, id"

    case_id = fields.Many2one(
        "dunning.bureau.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True)
    currency_id = fields.Many2one(related="case_id.currency_id")
    partner_id = fields.Many2one(related="case_id.partner_id")
    # A contract reset to draft may delete its lines; what was registered stays known.
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", readonly=True, ondelete="set null"
    )
    contract = fields.Char(readonly=True)
    installment = fields.Char(string="No.", readonly=True)
    due_date = fields.Date(readonly=True)
    amount = fields.Monetary(string="Principal", readonly=True)
    amount_open = fields.Monetary(
        string="Open Now", compute="_compute_amount_open", compute_sudo=True
    )
    limit_date = fields.Date(
        string="Registered at Most Until",
        compute="_compute_limit_date",
        help="Five years after the due date (CDC art. 43 §1, STJ Súmula 323).",
    )
    live = fields.Boolean(compute="_compute_live", store=True)

    _one_case = models.UniqueIndex(
        "(move_line_id) WHERE live", "This installment is in a case of the credit bureau already."
    )

    # ------------------------------------------------------------- compute

    @api.depends("due_date")
    def _compute_limit_date(self):
        for line in self:
            line.limit_date = line.due_date and bureau.last_registered_day(line.due_date)

    @api.depends("move_line_id.amount_residual", "move_line_id.parent_state")
    def _compute_amount_open(self):
        for line in self:
            entry = line.move_line_id
            is_open = entry.parent_state == "posted"
            line.amount_open = max(entry.amount_residual, 0.0) if is_open else 0.0

    @api.depends("case_id.state")
    def _compute_live(self):
        for line in self:
            line.live = line.case_id.state in LIVE


class AccountMoveLine(models.Model):
    """An installment that may go to the credit bureau."""

    _inherit = "account.move.line"

    def _may_go_to_bureau(self, day):
        """Late enough for the company, still owed, and not about to be too old."""
        self.ensure_one()
        if (
            not self.crediario_plan_id
            or self.parent_state != "posted"
            or self.company_currency_id.compare_amounts(self.amount_residual, 0.0) <= 0
        ):
            return False
        late = (day - self.date_maturity).days
        calendar = self.company_id._business_calendar()
        return late >= self.company_id.sudo().bureau_min_days_late and day < bureau.limit_alarm(
            self.date_maturity, calendar
        )

    def _bureau_line_values(self):
        """What a case keeps of this installment."""
        return {
            "move_line_id": self.id,
            "contract": self.contract_reference or self.move_id.name,
            "installment": self.installment_label,
            "due_date": self.date_maturity,
            "amount": self.amount_residual,
        }
