from odoo import models

from ..domain.money import ZERO, cents
from ..domain.pix_charge import Part
from ..domain.pix_received import Debt, Received
from ..domain.pix_terms import asked_on, due_terms
from ..domain.pix_txid import read_any


class PixPayment(models.Model):
    """Which debt a Pix names, and what was asked for it."""

    _inherit = "pix.payment"

    # ------------------------------------------------------------ business

    def _find_debts(self):
        """The charge that each Pix names and its installments; without a charge of ours, those
        that its reference spells.

        :return: dict of Pix -> (charge, installments), both may be empty
        """
        charges = self.env["pix.charge"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("txid", "in", [payment.txid for payment in self if payment.txid]),
            ],
            order="id desc",
        )
        charges.fetch(["line_ids"])  # of all of them at once
        by_txid = charges.grouped("txid")
        found = {}
        for payment in self:
            # Static codes of one installment share its reference: the amount tells them apart.
            charge = by_txid.get(payment.txid, charges.browse()).filtered(
                lambda charge, paid=payment.amount: charge.kind != "static" or charge.amount == paid
            )[:1]
            lines = charge.line_ids if charge else payment._installment_named()
            found[payment] = charge, lines
        together = self.env["account.move.line"].union(
            *(lines for _charge, lines in found.values())
        )
        return {
            payment: (charge, lines.with_prefetch(together.ids)._sorted_for_receiving())
            for payment, (charge, lines) in found.items()
        }

    def _installment_named(self):
        """The installment that the reference spells, empty for any other text."""
        lines = self.env["account.move.line"]
        reference = self.txid and read_any(self.txid)
        if not reference or reference.origin:
            return lines
        return lines.search(
            [
                ("company_id", "=", self.company_id.id),
                ("move_id", "=", reference.contract_id),
                ("installment_number", "=", reference.installment_number),
                ("crediario_plan_id", "!=", False),
            ],
            limit=1,
        )

    def _received(self):
        return Received(
            amount=cents(self.amount),
            original=cents(self.amount_original) if self.has_components else None,
            fine=cents(self.amount_fine),
            interest=cents(self.amount_interest),
            discount=cents(self.amount_discount),
        )

    def _debts(self, charge, lines):
        """Installments that cost nothing any more have a debt of nothing: who pays them, pays
        twice. Of a charge whose installments are gone nothing is owed.
        """
        if charge and not lines:
            return [Debt(charge.id, _part(charge.id), ZERO, withdrawn=True)]
        asked = charge._asked() if charge else lines._pix_parts(self._day())
        if charge.kind == "cobv":
            asked = self._asked_by_bank(charge, asked)
        known = lines.filtered(lambda line: line.id in asked)
        return [
            Debt(
                line.id,
                asked.get(line.id, _part(line.id)),
                max(cents(line.amount_residual), ZERO) if known else ZERO,
                renegotiated=bool(line.closing_agreement_id),
                withdrawn=line.parent_state != "posted",
            )
            for line in known or lines
        ]

    def _asked_by_bank(self, charge, asked):
        """What the bank should have asked on the day of the payment, by our own rules."""
        line = charge.line_ids[:1]
        plan = line.crediario_plan_id
        terms = due_terms(
            asked[line.id].principal,
            line.date_maturity,
            charge.day,
            plan._charge_terms(),
            plan._settlement_rule(),
            0,
        )
        part = asked_on(terms, self._day(), charge.company_id._business_calendar())
        return {line.id: _part(line.id, part)}


def _part(key, amounts=None):
    """A part under another key; of nothing, when there are no amounts."""
    if amounts is None:
        return Part(key, ZERO)
    return Part(key, amounts.principal, amounts.fine, amounts.interest, amounts.reduction)
