from odoo import api, fields, models
from odoo.exceptions import UserError


class CrediarioExtendLine(models.TransientModel):
    """One installment in the wizard of extensions, with its new due date."""

    _name = "crediario.extend.line"
    _description = "Installment to Extend"

    wizard_id = fields.Many2one("crediario.extend", required=True, ondelete="cascade")
    move_line_id = fields.Many2one("account.move.line", required=True, readonly=True)
    currency_id = fields.Many2one(related="move_line_id.company_currency_id")
    partner_id = fields.Many2one(related="move_line_id.partner_id", string="Customer")
    contract = fields.Char(related="move_line_id.contract_reference")
    label = fields.Char(related="move_line_id.installment_label", string="No.")
    residual = fields.Monetary(related="move_line_id.amount_residual", string="To Pay")
    due = fields.Date(string="Due Date", readonly=True)
    new_due = fields.Date(string="New Due Date", required=True)
    charges = fields.Monetary(string="Late Charges", readonly=True)
    approval = fields.Char(string="Needs a Manager", compute="_compute_approval")
    problem = fields.Char(string="Not Possible", compute="_compute_approval")

    @api.depends("new_due", "wizard_id.waive")
    def _compute_approval(self):
        """Why a manager has to agree, or why the date is impossible."""
        Extension = self.env["crediario.extension"]
        labels = Extension._approval_labels()
        for line in self:
            line.approval = line.problem = False
            if not line.new_due:
                continue
            installment = line.move_line_id._origin
            try:
                found = Extension._check({installment.id: line.new_due}, line.wizard_id.waive)
            except UserError as error:
                line.problem = str(error)
            else:
                line.approval = "; ".join(
                    labels[reason] for reason in found[installment.id].reasons
                )
