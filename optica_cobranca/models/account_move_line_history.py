from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain.late_charges import Payment
from ..domain.money import ZERO, cents

# Ids a query: each one costs memory on both sides, whatever the size of the ledger.
CHUNK = 10_000


class PaymentHistory:
    """What happened to one installment: what its own entry credited, payments and extensions.

    ``extensions``: applied ones, the first one first.
    """

    __slots__ = ("credited_at_start", "extensions", "later")

    def __init__(self):
        self.credited_at_start = ZERO
        self.later: list[Payment] = []
        self.extensions: list[models.Model] = []


class AccountMoveLine(models.Model):
    """What was paid of an installment, by whatever way it was paid.

    Principal is what the ledger reconciled, on the day of the credit: cashier, Odoo's own wizard,
    statement, outstanding payment, credit note, online payment. Charges paid or forgiven are the
    lines of receipts whose payment still has its entry (one in draft keeps what it reconciled).
    """

    _inherit = "account.move.line"

    receipt_line_ids = fields.One2many(
        "crediario.receipt.line",
        "move_line_id",
        string="Receipt Lines",
        readonly=True,
        groups="optica_cobranca.group_seller,account.group_account_readonly",
    )

    # ---------------------------------------------------------------- CRUD

    def unlink(self):
        """Undone receipts keep their words, not the link.

        With sudo: who may delete the line of a draft contract need not see its receipts.
        """
        receipt_lines = self.sudo().receipt_line_ids
        receipt_lines.filtered(
            lambda line: line.receipt_id.state == "cancelled"
        ).move_line_id = False
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_received(self):
        """Whatever a living receipt paid stays."""
        alive = self.sudo().receipt_line_ids
        if alive:
            raise UserError(
                self.env._(
                    "Receipt %(receipts)s paid installments of this contract. Undo it before you "
                    "change the installments.",
                    receipts=", ".join(alive.receipt_id.mapped("name")),
                )
            )

    # ------------------------------------------------------------ business

    def _sorted_for_receiving(self):
        """The order in which money is applied: oldest due date first."""
        return self.sorted(
            lambda line: (line.date_maturity, line.move_id.id, line.installment_number)
        )

    def _installment_payments(self):
        """Payments of each installment as :class:`PaymentHistory` by line id, one query for many.

        Credits inside the contract's own entry (an imported part payment of unknown date) lower
        the principal from the start.
        """
        histories = defaultdict(PaymentHistory)
        ids = self._origin.ids
        if ids:
            self._flush_history()
        for start in range(0, len(ids), CHUNK):
            self.env.cr.execute(self._history_query(ids[start : start + CHUNK]))
            for line_id, paid_on, own_entry, *amounts in self.env.cr.fetchall():
                principal, interest, fine, waived_interest, waived_fine = (
                    cents(amount) if amount else ZERO for amount in amounts
                )
                if own_entry:
                    histories[line_id].credited_at_start += principal
                else:
                    histories[line_id].later.append(
                        Payment(paid_on, principal, interest, fine, waived_interest, waived_fine)
                    )
        return histories

    def _flush_history(self):
        """Write what the history's query reads."""
        for model, names in (
            ("account.partial.reconcile", None),
            ("account.move.line", ["date", "move_id"]),
            ("account.move", ["state", "date"]),
            ("account.payment", ["move_id"]),
            ("crediario.receipt", ["state", "date"]),
            ("crediario.receipt.line", None),
            ("crediario.extension", None),
            ("crediario.agreement.line", None),
        ):
            self.env[model].flush_model(names)

    def _history_query(self, ids):
        """Rows (line, day, own entry, principal, interest, fine, waived interest, waived fine)."""
        return SQL(
            """
            SELECT partial.debit_move_id, credit.date, credit.move_id = debit.move_id,
                   SUM(partial.amount), 0, 0, 0, 0
              FROM account_partial_reconcile partial
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_move_line debit ON debit.id = partial.debit_move_id
             WHERE partial.debit_move_id = ANY(%(ids)s)
          GROUP BY 1, 2, 3
             UNION ALL
            SELECT line.move_line_id, COALESCE(move.date, receipt.date), FALSE,
                   0, SUM(line.interest), SUM(line.fine),
                   SUM(line.waived_interest), SUM(line.waived_fine)
              FROM crediario_receipt_line line
              JOIN crediario_receipt receipt ON receipt.id = line.receipt_id
         LEFT JOIN account_payment payment ON payment.id = line.payment_id
         LEFT JOIN account_move move ON move.id = payment.move_id
             WHERE line.move_line_id = ANY(%(ids)s)
               AND receipt.state = 'posted'
               AND (line.payment_id IS NULL OR move.state IN ('draft', 'posted'))
          GROUP BY 1, 2
          ORDER BY 2
            """,
            ids=ids,
        )
