from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    """Patients: somebody else may pay for them, and is then who gets the messages."""

    _inherit = "res.partner"

    payer_id = fields.Many2one(
        "res.partner",
        string="Paid By",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("is_company", "=", False)],
        help="Who buys for this patient: a parent or guardian, the spouse … Messages for the "
        "patient go to this person.",
    )
    kinship = fields.Selection(
        [
            ("child", "Child"),
            ("spouse", "Spouse"),
            ("parent", "Parent"),
            ("grandchild", "Grandchild"),
            ("grandparent", "Grandparent"),
            ("sibling", "Brother or Sister"),
            ("ward", "Ward"),
            ("other", "Other"),
        ],
        string="The Patient Is Their",
        help="What the patient is to the person who pays.",
    )
    dependant_ids = fields.One2many("res.partner", "payer_id", string="Pays For")
    prescription_ids = fields.One2many(
        "optica.prescription",
        "patient_id",
        string="Prescriptions",
        groups="optica_cobranca.group_seller",
    )
    prescription_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_seller"
    )
    prescription_expiry = fields.Date(
        string="Prescription Expires",
        compute="_compute_figures",
        groups="optica_cobranca.group_seller",
        help="The latest expiry date of the patient's prescriptions.",
    )

    # --------------------------------------------------------- constraints

    @api.constrains("payer_id")
    def _check_payer(self):
        if self._has_cycle("payer_id"):
            raise ValidationError(self.env._("Nobody is their own payer, also not in a circle."))

    # ------------------------------------------------------------- actions

    def action_view_prescriptions(self):
        """Open the prescriptions of this patient and of those the patient pays for."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_prescription"
        )
        return {
            **action,
            "domain": [("patient_id", "in", (self | self.dependant_ids).ids)],
            "context": {"default_patient_id": self[:1].id},
        }

    # ------------------------------------------------------------ business

    def _contact_recipient(self):
        """Who gets the messages about this person: the payer or guardian, else the person."""
        self.ensure_one()
        person, seen = self, self
        while person.payer_id and person.payer_id not in seen:
            person = person.payer_id
            seen |= person
        return person

    def _prescription_address(self):
        """Where the patient lives, as the record book asks for: street, city, state."""
        self.ensure_one()
        city = "/".join(filter(None, (self.city, self.state_id.code)))
        return ", ".join(filter(None, (self.street, self.street2, city)))

    # --------------------- The customer's service orders, as payer or as patient

    _given_defaults = frozenset(["is_optica_lab"])

    service_order_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_seller"
    )

    is_optica_lab = fields.Boolean(
        string="Optical Lab",
        compute="_compute_is_optica_lab",
        store=True,
        readonly=False,
        groups="optica_cobranca.group_seller",
        copy=False,
        help="Makes glasses for the shop: can be chosen on service orders.",
    )

    def _compute_is_optica_lab(self):
        """Said by people; contacts that made glasses before it could be said are labs."""
        orders = self.env["optica.service.order"].sudo()
        labs = orders.search([("lab_id", "in", self._origin.ids)]).lab_id
        for partner in self:
            partner.is_optica_lab = partner._origin in labs

    def action_view_service_orders(self):
        """Open what was made for this person, or paid by them."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_service_order"
        )
        return {
            **action,
            "domain": self._service_order_domain(),
            "context": {"default_partner_id": self.id},
        }

    def _service_order_domain(self):
        return ["|", ("partner_id", "child_of", self.ids), ("patient_id", "in", self.ids)]
