from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ...domain.crediario.late_charges import DueMove, Payment
from ...domain.shop.money import cents


def is_received(line: SQL, receipt: SQL, move: SQL) -> SQL:
    """Whether what a receipt's line says still holds: not undone, nor its entry taken back.

    A payment in draft keeps what it reconciled. A reversed entry (a cheque that came back) does
    not, whoever reversed it.

    :param move: alias of the payment's ``account_move``, on a left join
    """
    return SQL(
        """(%(receipt)s.state = 'posted'
            AND (%(line)s.payment_id IS NULL OR %(move)s.state IN ('draft', 'posted'))
            AND NOT EXISTS (SELECT FROM account_move undoing
                             WHERE undoing.reversed_entry_id = %(move)s.id
                               AND undoing.state = 'posted'))""",
        line=line,
        receipt=receipt,
        move=move,
    )


class AccountMoveLine(models.Model):
    """What was received of an installment, and what it costs once its due date was moved.

    Charges paid or forgiven are the lines of receipts whose payment still has its entry (one in
    draft keeps what it reconciled).
    """

    _inherit = "account.move.line"

    receipt_line_ids = fields.One2many(
        "crediario.receipt.line",
        "move_line_id",
        string="Receipt Lines",
        readonly=True,
        groups="optica_cobranca.group_seller,account.group_account_readonly",
    )

    extension_ids = fields.Many2many(
        "crediario.extension",
        string="Extensions",
        compute="_compute_extensions",
        groups="optica_cobranca.group_seller",
    )
    original_due_date = fields.Date(
        compute="_compute_extensions",
        groups="optica_cobranca.group_seller",
        help="As first agreed, where it was moved.",
    )

    # ------------------------------------------------------------- compute

    def _compute_extensions(self):
        found = self.env["crediario.extension"]._applied_of(self)
        for line in self:
            extensions = found[line._origin.id]
            line.extension_ids = extensions
            line.original_due_date = extensions[:1].old_due_date

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

    # ------------------------------------------------------------- actions

    def action_extend(self):
        """Open the wizard that moves the due dates of these installments."""
        lines = self.filtered(
            lambda line: (
                line.crediario_plan_id
                and line.parent_state == "posted"
                and line.company_currency_id.compare_amounts(line.amount_residual, 0.0) > 0
            )
        )
        if not lines:
            raise UserError(self.env._("Choose open installments: settled ones have no due date."))
        return self.env["crediario.extend"]._open(lines._sorted_for_receiving())

    # ------------------------------------------------------------ business

    def _extension_limits_text(self):
        """What the user may grant of this installment alone; empty for whoever may all."""
        self.ensure_one()
        limits = self.sudo()._crediario_rules().sudo(False)._extension_limits(self.company_id)
        if limits.max_days is None:
            return ""
        return self.env._(
            "Your limits: days at once %(days)s, times %(number)s, days from the first date in all "
            "%(total)s.",
            days=limits.max_days,
            number=limits.max_number,
            total=limits.max_total_days,
        )

    def _history_sources(self):
        return [
            *super()._history_sources(),
            ("crediario.receipt", ["state", "date"]),
            ("crediario.receipt.line", None),
            ("crediario.extension", None),
        ]

    def _history_query(self, ids):
        """What cashiers received, principal in money, which the ledger has, too."""
        return SQL(
            """
            %(query)s
             UNION ALL
            SELECT line.move_line_id, COALESCE(payment.date, receipt.date), 'receipt',
                   GREATEST(SUM(line.principal - line.discount), 0),
                   SUM(line.interest), SUM(line.fine),
                   SUM(line.waived_interest), SUM(line.waived_fine)
              FROM crediario_receipt_line line
              JOIN crediario_receipt receipt ON receipt.id = line.receipt_id
         LEFT JOIN account_payment payment ON payment.id = line.payment_id
         LEFT JOIN account_move move ON move.id = payment.move_id
             WHERE line.move_line_id = ANY(%(ids)s) AND %(is_received)s
          GROUP BY 1, 2
            """,
            query=super()._history_query(ids),
            ids=ids,
            is_received=is_received(SQL("line"), SQL("receipt"), SQL("move")),
        )

    def _is_received_sql(self, query):
        return SQL(
            """(%s OR EXISTS (SELECT FROM crediario_receipt_line paid
                               WHERE paid.move_line_id = %s))""",
            super()._is_received_sql(query),
            *self._columns(query, "id"),
        )

    def _is_extended_sql(self, query):
        """Where the due date was moved."""
        return SQL(
            """(%s OR EXISTS (SELECT FROM crediario_extension moved
                               WHERE moved.move_id = %s AND moved.installment_number = %s
                                 AND moved.state = 'applied'))""",
            super()._is_extended_sql(query),
            *self._columns(query, "move_id", "installment_number"),
        )

    def _installment_payments(self):
        """Waived charges of extensions are part of the history; so are the moves themselves."""
        histories = super()._installment_payments()
        if not self._origin.ids:
            return histories
        for line_id, extensions in self.env["crediario.extension"]._applied_of(self).items():
            for extension in extensions:
                history = histories[line_id]
                history.extensions.append(extension)
                if extension.waived_fine or extension.waived_interest:
                    history.later.append(
                        Payment(
                            extension.date,
                            cents(0),
                            waived_interest=cents(extension.waived_interest),
                            waived_fine=cents(extension.waived_fine),
                        )
                    )
        return histories

    def _due_moves(self, history):
        """By each extension in turn; the latest one's date is the one that stands in the books."""
        extensions = history.extensions
        if not extensions:
            return super()._due_moves(history)
        dues = [*(extension.new_due_date for extension in extensions[:-1]), self.date_maturity]
        moves = [
            DueMove(extension.date, due) for extension, due in zip(extensions, dues, strict=True)
        ]
        return extensions[0].old_due_date, moves

    def _lock_for_customer(self):
        """Of two acceptances at once one goes on, the other one is told to look again."""
        self.flush_recordset()
        try:
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody is working on these installments right now. Wait a moment and look "
                    "at this page again."
                )
            ) from error
