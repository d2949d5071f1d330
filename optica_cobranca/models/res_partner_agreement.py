from odoo import fields, models


class ResPartner(models.Model):
    """A customer's agreements."""

    _inherit = "res.partner"

    agreement_count = fields.Integer(
        compute="_compute_agreement_count", groups="optica_cobranca.group_seller"
    )

    def _compute_agreement_count(self):
        counts = dict(
            self.env["crediario.agreement"]._read_group(
                [("partner_id", "in", self.commercial_partner_id.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.agreement_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_agreements(self):
        """Open this customer's agreements."""
        agreements = self.env["crediario.agreement"].search(
            [("partner_id", "in", self.commercial_partner_id.ids)]
        )
        return agreements._get_records_action(name=self.env._("Agreements"))

    def action_propose_agreement(self):
        """Propose an agreement on everything that is late, else on all that is open."""
        self.ensure_one()
        lines = self._open_installments().with_env(self.env)
        late = lines.filtered(lambda line: line.installment_state == "overdue")
        return (late or lines).action_propose_agreement()
