from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class OpticaPrescriber(models.Model):
    """Who prescribes: a physician (CRM of a state) or an optometrist (registration)."""

    _name = "optica.prescriber"
    _description = "Prescriber"
    _order = "name, id"
    _rec_names_search = ["name", "registration"]

    name = fields.Char(required=True)
    kind = fields.Selection(
        [("physician", "Physician"), ("optometrist", "Optometrist")],
        required=True,
        default="physician",
    )
    registration = fields.Char(
        string="Registration No.",
        help="CRM number of a physician, registration number of an optometrist.",
    )
    state_id = fields.Many2one(
        "res.country.state",
        string="State of Registration",
        domain=[("country_id.code", "=", "BR")],
    )
    phone = fields.Char()
    active = fields.Boolean(default=True)
    prescription_count = fields.Integer(compute="_compute_prescription_count")

    _registration_unique = models.UniqueIndex(
        "(kind, registration, state_id) WHERE registration IS NOT NULL",
        "This registration number is in the list already, perhaps archived.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("name", "kind", "registration", "state_id")
    def _compute_display_name(self):
        for prescriber in self:
            label = prescriber._registration_label()
            prescriber.display_name = (
                f"{prescriber.name} ({label})" if label else prescriber.name or ""
            )

    def _compute_prescription_count(self):
        counts = dict(
            self.env["optica.prescription"]._read_group(
                [("prescriber_id", "in", self.ids)], ["prescriber_id"], ["__count"]
            )
        )
        for prescriber in self:
            prescriber.prescription_count = counts.get(prescriber, 0)

    # --------------------------------------------------------- constraints

    @api.constrains("kind", "registration", "state_id")
    def _check_crm(self):
        for prescriber in self:
            is_crm = prescriber.kind == "physician" and prescriber.registration
            if is_crm and not prescriber.state_id:
                raise ValidationError(
                    self.env._(
                        "A CRM number is of one state: choose the state of %(name)s.",
                        name=prescriber.name,
                    )
                )

    # ------------------------------------------------------------- actions

    def action_view_prescriptions(self):
        """Open the prescriptions of this prescriber."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_prescription"
        )
        return {**action, "domain": Domain("prescriber_id", "in", self.ids), "context": {}}

    # ------------------------------------------------------------- helpers

    def _registration_label(self):
        """The registration as papers write it: "CRM-SP 123456"."""
        if not self.registration:
            return ""
        if self.kind == "physician":
            return f"CRM-{self.state_id.code or ''} {self.registration}"
        return self.registration
