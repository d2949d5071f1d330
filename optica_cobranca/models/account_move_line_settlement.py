from datetime import date

from odoo import models

from ..domain.early_settlement import OpenInstallment, Settlement, settle


class AccountMoveLine(models.Model):
    """What installments are worth when they are paid before they are due."""

    _inherit = "account.move.line"

    def _settlements(self, on: date, amounts=None, *, alone=False) -> dict[int, Settlement]:
        """Present value and reduction of these installments paid in full on ``on``, by line id.

        Paying all that is left of a contract is settling everything (a plan's flat discount).

        :param amounts: their ``_amounts_today(on)``, if known already
        :param alone: each as if it were the only one that is paid
        """
        amounts = self._amounts_today(on) if amounts is None else amounts
        settlements = {}
        for contract, lines in self.grouped("move_id").items():
            left = contract.sudo().installment_ids.filtered(lambda line: line.amount_residual > 0)
            paid = lines.sudo()[:1] if alone else lines.sudo()
            found = settle(
                [
                    OpenInstallment(line.id, amounts[line.id].principal, line.date_maturity)
                    for line in lines
                ],
                on,
                lines.sudo().crediario_plan_id[:1]._settlement_rule(),
                everything=not left - paid,
            )
            settlements.update((settlement.key, settlement) for settlement in found)
        return settlements

    def _settlement_rule_texts(self) -> str:
        """The rules by which these installments are reduced, each once."""
        plans = self.sudo().crediario_plan_id
        return "; ".join(dict.fromkeys(plan._settlement_rule_text() for plan in plans))
