from odoo import fields, models


class ResPartner(models.Model):
    """A customer's agreements."""

    _inherit = "res.partner"

    agreement_count = fields.Integer(
        compute="_compute_figures", groups="optica_cobranca.group_seller"
    )

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
