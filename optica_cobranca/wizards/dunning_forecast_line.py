from odoo import fields, models

from ..models.contact_gateway import CHANNELS


class DunningForecastLine(models.Model):
    """One notice that would be written: a customer, a day, a level. Written by the forecast."""

    _name = "dunning.forecast.line"
    _description = "Ladder Forecast Line"
    _order = "date, level_offset desc, id"
    _log_access = False
    _rec_name = "partner_id"

    forecast_id = fields.Many2one(
        "dunning.forecast", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade"
    )
    date = fields.Date(string="Day", readonly=True)
    policy_id = fields.Many2one("dunning.policy", readonly=True, ondelete="cascade")
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="cascade")
    level_offset = fields.Integer(string="Level Days", readonly=True, aggregator=None)
    needs_approval = fields.Boolean(readonly=True)
    template_id = fields.Many2one("contact.template", readonly=True, ondelete="cascade")
    channel = fields.Selection(
        CHANNELS,
        string="First Channel",
        readonly=True,
        help="The one tried first; another takes over where it cannot be used for a customer.",
    )
    message_count = fields.Integer(string="Messages", readonly=True)
    task_count = fields.Integer(string="Calls and Tasks", readonly=True)
    installment_count = fields.Integer(string="Installments", readonly=True)
    oldest_due_date = fields.Date(readonly=True)
    amount_residual = fields.Monetary(string="Principal", readonly=True)
    amount_fine = fields.Monetary(string="Late Fee", readonly=True)
    amount_interest = fields.Monetary(string="Late Interest", readonly=True)
    amount_total = fields.Monetary(
        string="Total", readonly=True, help="With the late charges of that day."
    )

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }


class DunningForecastSilence(models.Model):
    """An installment of which nothing is said, for one reason, over days in a row."""

    _name = "dunning.forecast.silence"
    _description = "Ladder Forecast: Why Nothing"
    _order = "partner_id, due_date, move_line_id, date, id"
    _log_access = False
    _rec_name = "move_line_id"

    forecast_id = fields.Many2one(
        "dunning.forecast", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", readonly=True, ondelete="cascade"
    )
    due_date = fields.Date(readonly=True)
    policy_id = fields.Many2one("dunning.policy", readonly=True, ondelete="cascade")
    outcome = fields.Selection(selection="_outcome_selection", string="Why", readonly=True)
    date = fields.Date(string="From", readonly=True)
    date_until = fields.Date(string="Until", readonly=True)
    day_count = fields.Integer(string="Days", readonly=True)
    residual = fields.Monetary(string="Principal", readonly=True)

    def _outcome_selection(self):
        outcome = self.env["dunning.preview.line"]._fields["outcome"]
        return outcome._description_selection(self.env)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_dunning_forecast(self):
        """Which reminders this customer gets in the next days, and why none on the others."""
        self.ensure_one()
        self.check_access("read")
        forecast = self.env["dunning.forecast"]._for_customer(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Forecast"),
            "res_model": "dunning.forecast",
            "res_id": forecast.id,
            "views": [(False, "form")],
        }
