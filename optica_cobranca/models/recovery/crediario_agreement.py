from odoo import api, models

from .dunning_handover import WITH_AGENCY


class CrediarioAgreement(models.Model):
    """What an agency collects is not negotiated with the shop."""

    _inherit = "crediario.agreement"

    @api.model
    def _is_handed_over(self, lines):
        with_agency = self.env["dunning.handover.line"].search_count(
            [("move_line_id", "in", lines.ids), ("handover_id.state", "in", WITH_AGENCY)], limit=1
        )
        return bool(with_agency) or super()._is_handed_over(lines)
