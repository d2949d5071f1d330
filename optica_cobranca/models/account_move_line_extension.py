from odoo import fields, models
from odoo.exceptions import UserError

from ..domain.extension import KeptCharges, amount_after_extension
from ..domain.late_charges import Payment
from ..domain.money import cents


class AccountMoveLine(models.Model):
    """What an installment costs once its due date was moved."""

    _inherit = "account.move.line"

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

    def _amount_on(self, on, principal, terms, calendar, history):
        """By the due date in force on that day, with the charges that extensions kept."""
        known = [extension for extension in history.extensions if extension.date <= on]
        later = [extension for extension in history.extensions if extension.date > on]
        due = later[0].old_due_date if later else self.date_maturity
        if not known:
            return super()._amount_on(on, principal, terms, calendar, history, due)
        latest = known[-1]
        kept = KeptCharges(latest.date, cents(latest.kept_fine), cents(latest.kept_interest))
        return amount_after_extension(principal, due, terms, on, calendar, history.later, kept)
