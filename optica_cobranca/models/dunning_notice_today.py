from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .dunning_query import REASON_OF_RANK, customers_in


class DunningNotice(models.Model):
    """What has changed since the notice was written, for whoever approves it now."""

    _inherit = "dunning.notice"

    total_today = fields.Monetary(
        compute="_compute_today",
        help="What the installments of this notice come to today, late charges included.",
    )
    paid_since = fields.Monetary(
        compute="_compute_today", help="By how much their principal went down since the notice."
    )
    changes = fields.Char(
        string="Changed Since",
        compute="_compute_today",
        help="Payments, moved due dates and pauses since the notice was written.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("line_ids.move_line_id.amount_residual", "line_ids.move_line_id.date_maturity")
    def _compute_today(self):
        held = self._held_now()
        for company, notices in self.grouped(lambda notice: notice.sudo().company_id).items():
            today = self.env["dunning.run"]._today(company)
            # What is owed is everybody's business here; the ledger behind it is not.
            lines = notices.sudo().line_ids.move_line_id.filtered(
                lambda line: line.parent_state == "posted"
            )
            amounts = lines._amounts_today(today)
            for notice in notices:
                notice._set_today(amounts, held)

    def _set_today(self, amounts, held):
        mentioned = self.sudo().line_ids
        now = [amounts[line.id] for line in mentioned.move_line_id if line.id in amounts]
        currency = self.currency_id
        self.total_today = float(sum(amount.total for amount in now))
        residual = float(sum(amount.principal for amount in now))
        self.paid_since = currency.round(max(self.amount_residual - residual, 0.0))
        self.changes = "; ".join(self._changes_of(mentioned, held)) or False

    def _changes_of(self, mentioned, held):
        """Texts of what is not any more as the notice says."""
        if self.paid_since:
            yield self.env._(
                "%(amount)s paid", amount=format_amount(self.env, self.paid_since, self.currency_id)
            )
        for line in mentioned:
            due = line.move_line_id.date_maturity
            if due and due != line.due_date:
                yield self.env._(
                    "%(installment)s now due %(date)s",
                    installment=line.display_name,
                    date=format_date(self.env, due),
                )
        labels = self.env["dunning.hold"]._hold_reason_labels()
        reasons = {held[line.move_line_id.id] for line in mentioned if line.move_line_id.id in held}
        yield from sorted(labels.get(reason, reason) for reason in reasons)

    def _held_now(self):
        """{installment id: HoldReason} of what would keep the ladder silent today.

        Asked of those that wait only: the others are history.
        """
        held = {}
        waiting = self.sudo().filtered(lambda notice: notice.state == "waiting")
        for company, notices in waiting.grouped("company_id").items():
            evaluation = self.env["dunning.evaluation"].sudo().with_company(company)
            terms = evaluation._terms(company, self.env["dunning.run"]._today(company))
            for row in evaluation._decide(terms, customers_in(notices.partner_id.ids)):
                if row["hold"] is not None:
                    held[row["line_id"]] = REASON_OF_RANK[row["hold"]]
        return held
