from odoo import api, fields, models


class AccountMove(models.Model):
    """The day on which the bank saw the money, where the books had to take a later one."""

    _inherit = "account.move"

    crediario_bank_date = fields.Date(
        string="Date at the Bank",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The money counts for this day. The entry is dated later, because the books of that "
        "day were closed.",
    )


class AccountBankStatementLine(models.Model):
    """Money counts for the bank's day, whatever day the books are still open for.

    Odoo keeps one date for a line and its entry, and moves it out of a locked month.
    """

    _inherit = "account.bank.statement.line"

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Money entered with an earlier day than the books are open for keeps the day it came."""
        told = [fields.Date.to_date(vals.get("date")) for vals in vals_list]
        lines = super().create(vals_list)
        for line, day in zip(lines, told, strict=True):
            if day and day < line.date:
                line._keep_bank_date(day)
        return lines

    def write(self, vals):
        """Whoever gives a line another date says when the money came."""
        written = super().write(vals)
        if "date" in vals:
            day = fields.Date.to_date(vals["date"])
            for line in self:
                line._keep_bank_date(day if day and day < line.date else False)
        return written

    # ------------------------------------------------------------- helpers

    def _keep_bank_date(self, day):
        """With sudo: the system's to write, whoever enters or imports the line."""
        move = self.sudo().move_id
        if move.crediario_bank_date != day:
            move.with_context(skip_invoice_sync=True, skip_readonly_check=True).write(
                {"crediario_bank_date": day}
            )
