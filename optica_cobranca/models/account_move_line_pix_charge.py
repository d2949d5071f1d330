from odoo import fields, models
from odoo.exceptions import UserError

from ..domain.pix_charge import Part


class AccountMoveLine(models.Model):
    """Installments as parts of a Pix charge."""

    _inherit = "account.move.line"

    pix_charge_ids = fields.Many2many(
        "pix.charge",
        "pix_charge_line_rel",
        "line_id",
        "charge_id",
        string="Pix Charges",
        readonly=True,
        copy=False,
        groups="optica_cobranca.group_seller",
    )

    def _check_one_pix_debt(self):
        if (
            len(self.company_id) > 1
            or len(self.partner_id.commercial_partner_id) > 1
            or any(not line.crediario_plan_id or line.parent_state != "posted" for line in self)
        ):
            raise UserError(
                self.env._("One Pix is for posted installments of one customer in one company.")
            )

    def _pix_parts(self, on) -> dict[int, Part]:
        """What each installment costs on ``on``, by line id; settled ones are left out."""
        amounts = self._amounts_today(on)
        owing = self.filtered(lambda line: amounts[line.id].total)
        reductions = owing._settlements(on)
        return {
            line.id: Part(
                line.id,
                amounts[line.id].principal,
                amounts[line.id].fine,
                amounts[line.id].interest,
                reductions[line.id].reduction,
            )
            for line in owing
        }

    def _pix_line_key(self):
        return ",".join(map(str, sorted(self.ids)))
