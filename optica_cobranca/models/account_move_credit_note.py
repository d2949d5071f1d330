from odoo import models


class AccountMove(models.Model):
    """A credit note on a contract takes back what is furthest away."""

    _inherit = "account.move"

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Core would close the oldest installments first.

        Glasses that come back end the contract from its last installment backwards: what is late
        stays owed. Whoever wants another order matches the credit note by hand.
        """
        for contract, credit_note in zip(self, reverse_moves, strict=True):
            contract._close_from_the_last(credit_note, move_reverse_cancel)
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _close_from_the_last(self, credit_note, move_reverse_cancel):
        installments = self.installment_ids.sorted("installment_number", reverse=True)
        for installment in installments.filtered(lambda line: not line.reconciled):
            credit = credit_note.line_ids.filtered(
                lambda line, account=installment.account_id: (
                    line.account_id == account and not line.reconciled
                )
            )
            pair = (credit[:1] + installment).with_context(move_reverse_cancel=move_reverse_cancel)
            if credit:
                pair.reconcile()
