from odoo import api, fields, models


class DunningAgency(models.Model):
    """A collection agency that the shop hands late debts to."""

    _name = "dunning.agency"
    _description = "Collection Agency"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to use it in every company.")
    partner_id = fields.Many2one("res.partner", string="Contact", ondelete="restrict")
    email = fields.Char(
        compute="_compute_email",
        store=True,
        readonly=False,
        help="Where the file is sent to, by the person who saves it.",
    )
    commission_percent = fields.Float(
        string="Commission (%)", digits=(16, 2), help="Of what customers pay after the hand-over."
    )
    export_format = fields.Selection(
        [("br", "CSV, Brazilian (31/12/2026; 1234,56)"), ("iso", "CSV, ISO (2026-12-31; 1234.56)")],
        default="br",
        required=True,
        help="Separated by semicolons, UTF-8; the columns are in the manual.",
    )
    handover_ids = fields.One2many("dunning.handover", "agency_id")
    handover_count = fields.Integer(compute="_compute_handover_count")
    note = fields.Text()

    _commission = models.Constraint(
        "CHECK(commission_percent >= 0 AND commission_percent <= 100)",
        "A commission lies between 0% and 100%.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("partner_id.email")
    def _compute_email(self):
        for agency in self:
            agency.email = agency.partner_id.email or agency.email

    def _compute_handover_count(self):
        rows = self.env["dunning.handover"]._read_group(
            [("agency_id", "in", self.ids)], ["agency_id"], ["__count"]
        )
        counts = dict(rows)
        for agency in self:
            agency.handover_count = counts.get(agency, 0)

    # ------------------------------------------------------------- actions

    def action_view_handovers(self):
        """Open what this agency got."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_handover"
        )
        return {**action, "domain": [("agency_id", "in", self.ids)], "context": {}}
