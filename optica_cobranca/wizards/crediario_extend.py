from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CrediarioExtend(models.TransientModel):
    """Moves the due dates of chosen installments: all by the same time, or each on its own."""

    _name = "crediario.extend"
    _description = "Extend Installments"

    shift_kind = fields.Selection(
        [("months", "Months"), ("days", "Days")], string="Unit", default="months", required=True
    )
    shift = fields.Integer(
        string="Move By",
        default=1,
        help="Every due date below moves by this; correct single ones in the list.",
    )
    reason = fields.Char()
    waive = fields.Boolean(
        string="Waive Charges",
        help="Forgives fine and interest until today. Otherwise they stay owed as they are; "
        "nothing more is added until the new date.",
    )
    line_ids = fields.One2many("crediario.extend.line", "wizard_id")
    needs_approval = fields.Boolean(compute="_compute_needs_approval")
    has_charges = fields.Boolean(compute="_compute_needs_approval")

    # ------------------------------------------------------------- compute

    @api.depends("line_ids.approval", "line_ids.charges")
    def _compute_needs_approval(self):
        for wizard in self:
            wizard.needs_approval = any(line.approval for line in wizard.line_ids)
            wizard.has_charges = any(line.charges for line in wizard.line_ids)

    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Extend")

    # ------------------------------------------------------------ onchange

    @api.onchange("shift", "shift_kind")
    def _onchange_shift(self):
        """A date already past moves from its own day too; never to before today."""
        for line in self.line_ids:
            line.new_due = self._shifted(line.due)

    # ------------------------------------------------------------- actions

    def action_extend(self):
        """Extend, and show what was extended and what waits for a manager."""
        extensions = self._extend()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_crediario_extension"
        )
        return {**action, "domain": [("id", "in", extensions.ids)], "context": {}}

    def action_extend_and_print(self):
        """Extend, and print new slips of those applied."""
        return self._extend().action_print_slips()

    # ------------------------------------------------------------ business

    @api.model
    def _open(self, lines):
        """The action of a wizard over these installments."""
        wizard = self.create({})
        amounts = lines._amounts_today(fields.Date.context_today(self))
        wizard.line_ids = [
            Command.create(
                {
                    "move_line_id": line.id,
                    "due": line.date_maturity,
                    "new_due": wizard._shifted(line.date_maturity),
                    "charges": float(amounts[line.id].fine + amounts[line.id].interest),
                }
            )
            for line in lines
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Extend"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _shifted(self, due):
        if self.shift_kind == "months":
            moved = due + relativedelta(months=self.shift)
        else:
            moved = due + timedelta(days=self.shift)
        return max(moved, fields.Date.context_today(self))

    def _extend(self):
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Choose at least one installment."))
        return self.env["crediario.extension"]._grant(
            {line.move_line_id.id: line.new_due for line in self.line_ids},
            self.reason,
            self.waive,
        )
