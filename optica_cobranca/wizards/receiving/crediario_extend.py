from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...domain.crediario.extension import months_until_later, shifted
from ...domain.shop.errors import ExtensionError


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
    is_impossible = fields.Boolean(compute="_compute_needs_approval")
    limits_text = fields.Char(string="Without a Manager", compute="_compute_limits_text")
    preview = fields.Char(string="New Due Dates", compute="_compute_preview")
    has_charges = fields.Boolean(compute="_compute_needs_approval")

    # ------------------------------------------------------------- compute

    @api.depends("line_ids.approval", "line_ids.problem", "line_ids.charges")
    def _compute_needs_approval(self):
        for wizard in self:
            wizard.needs_approval = any(line.approval for line in wizard.line_ids)
            wizard.is_impossible = any(line.problem for line in wizard.line_ids)
            wizard.has_charges = any(line.charges for line in wizard.line_ids)

    @api.depends("line_ids.new_due", "line_ids.problem")
    def _compute_preview(self):
        """The days of the week too: a Sunday is seen before it is promised."""
        for wizard in self:
            possible = wizard.line_ids.filtered(lambda line: line.new_due and not line.problem)
            days = sorted(set(possible.mapped("new_due")))
            wizard.preview = "; ".join(
                format_date(self.env, day, date_format="EEEE, d MMMM y") for day in days
            )

    @api.depends("line_ids.move_line_id")
    def _compute_limits_text(self):
        """What the user may grant alone; empty for managers."""
        for wizard in self:
            texts = dict.fromkeys(
                line.move_line_id._origin._extension_limits_text() for line in wizard.line_ids
            )
            wizard.limits_text = " ".join(text for text in texts if text)

    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Extend")

    # ------------------------------------------------------------ onchange

    @api.onchange("shift", "shift_kind")
    def _onchange_shift(self):
        """Every date moves from its own day; what lands in the past is shown as impossible."""
        try:
            for line in self.line_ids:
                line.new_due = self._shifted(line.due)
        except ExtensionError as error:
            return {
                "warning": {
                    "title": self.env._("Not possible"),
                    "message": self.env._(
                        "Move the due dates by 1 to %(longest)s.", longest=error.values["longest"]
                    ),
                }
            }
        return None

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
        today = fields.Date.context_today(self)
        enough = max(months_until_later(line.date_maturity, today) for line in lines)
        wizard = self.create({"shift": enough})
        amounts = lines._amounts_today(today)
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
        """The date that a due date moves to.

        :raise ExtensionError: see :func:`shifted`
        """
        return shifted(due, **{self.shift_kind: self.shift})

    def _extend(self):
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Choose at least one installment."))
        return self.env["crediario.extension"]._grant(
            {line.move_line_id.id: line.new_due for line in self.line_ids},
            self.reason,
            self.waive,
        )
