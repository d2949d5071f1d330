from odoo import api, models

from ..domain import pix, pix_reference
from ..domain.errors import PixError


class AccountMoveLine(models.Model):
    """Installments found by what is printed on paper."""

    _inherit = "account.move.line"

    @api.model
    def _find_installments(self, text):
        """Posted installments that ``text`` names in the current company; empty if none.

        A contract's number names all of its installments; the reference of a slip, typed or
        scanned as the whole Pix code, names one.
        """
        text = (text or "").strip()
        base = [
            ("company_id", "=", self.env.company.id),
            ("crediario_plan_id", "!=", False),
            ("parent_state", "=", "posted"),
        ]
        reference = pix_reference.read_txid(self._txid_of_code(text) or text)
        if reference:
            return self.search(
                [
                    *base,
                    ("move_id", "=", reference.contract_id),
                    ("installment_number", "=", reference.installment_number),
                ]
            )
        contracts = self.env["account.move"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("crediario_plan_id", "!=", False),
                ("contract_reference", "in", [text, text.upper()]),
            ]
        )
        return (
            self.search([*base, ("move_id", "in", contracts.ids)]) if contracts else self.browse()
        )

    @api.model
    def _txid_of_code(self, text):
        """The reference inside a scanned Pix code; None if it is not one."""
        try:
            return pix.parse(text).txid
        except PixError:
            return None
