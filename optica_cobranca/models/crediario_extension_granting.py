from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain.errors import ErrorCode, ExtensionError
from ..domain.extension import Extension, ExtensionLimits, ExtensionState, check_extension


class CrediarioExtension(models.Model):
    """From the wish for another date to a moved due date, and back."""

    _inherit = "crediario.extension"

    # ------------------------------------------------------------ business

    @api.model
    def _grant(self, new_dues, reason, waive=False):
        """Move installments to ``new_dues`` (line id -> date) as of today.

        Within the user's limits they are applied at once, the others wait for a manager.
        :return: the extensions, in the order given.
        :raises UserError: without the right to, without a reason, for settled installments.
        """
        if not self.env.user.has_group("optica_cobranca.group_collector"):
            raise UserError(self.env._("Only a collector may move due dates."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the due dates are moved."))
        lines = self.env["account.move.line"].browse(new_dues)
        if not lines:
            raise UserError(self.env._("Choose at least one installment."))
        self.env["crediario.receipt"]._lock(lines)
        found = self._check(new_dues, waive)
        extensions = self.browse()
        for line in lines:
            extensions |= self._propose(line, found[line.id], reason.strip(), waive)
        extensions.filtered(lambda extension: not extension.approval_reasons)._apply_checked(found)
        return extensions

    @api.model
    def _check(self, new_dues, waive, limits="user") -> dict[int, Extension]:
        """What extending each line would mean today, by line id.

        ``limits``: those of the "user", of a "customer" who asks, or "none".
        """
        lines = self.env["account.move.line"].browse(new_dues)
        self._check_extendable(lines)
        today = fields.Date.context_today(self)
        amounts = lines._amounts_today(today)
        histories = lines._installment_payments()
        applied = self._applied_of(lines)
        found = {}
        for line in lines:
            moves = applied[line.id]
            plan = line.crediario_plan_id.sudo(False)
            try:
                found[line.id] = check_extension(
                    ExtensionState(
                        original_due=moves[:1].old_due_date or line.date_maturity,
                        current_due=line.date_maturity,
                        times_moved=len(moves),
                    ),
                    new_dues[line.id],
                    today,
                    amounts[line.id],
                    self._limits_of(plan, line.company_id, limits),
                    waive=waive,
                    payments=histories[line.id].later,
                )
            except ExtensionError as error:
                raise UserError(self._refusal(error, line)) from error
        return found

    @api.model
    def _limits_of(self, plan, company, limits) -> ExtensionLimits:
        if limits == "customer":
            return plan._own_extension_limits()
        return plan._extension_limits(company) if limits == "user" else ExtensionLimits()

    @api.model
    def _check_extendable(self, lines):
        for line in lines:
            if not line.crediario_plan_id or line.parent_state != "posted":
                raise UserError(
                    self.env._("Only installments of a posted contract can be extended.")
                )
            if line.company_currency_id.compare_amounts(line.amount_residual, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "Installment %(number)s of contract %(contract)s is settled: there is "
                        "nothing to extend.",
                        number=line.installment_label,
                        contract=line.contract_reference,
                    )
                )

    @api.model
    def _refusal(self, error, line):
        values = {
            "number": line.installment_label,
            "contract": line.contract_reference,
            "new": format_date(self.env, error.values["new_due"]),
        }
        if error.code == ErrorCode.NEW_DUE_IN_PAST:
            return self.env._(
                "Installment %(number)s of contract %(contract)s cannot be moved to %(new)s, "
                "which is past. Choose today or a later day.",
                **values,
            )
        return self.env._(
            "Installment %(number)s of contract %(contract)s is due on %(old)s: choose a day after "
            "that instead of %(new)s.",
            old=format_date(self.env, line.date_maturity),
            **values,
        )

    @api.model
    def _propose(self, line, found, reason, waive, origin="shop"):
        """With sudo: nobody has the right to create extensions, ``_grant`` is the one way."""
        return (
            self.sudo()
            .create(
                {
                    "move_id": line.move_id.id,
                    "installment_number": line.installment_number,
                    "company_id": line.company_id.id,
                    "partner_id": line.partner_id.commercial_partner_id.id,
                    "contract": line.contract_reference,
                    "label": line.installment_label,
                    **self._due_vals(line, found),
                    "reason": reason,
                    "waive": waive,
                    "state": "to_approve",
                    "approval_reasons": [str(each) for each in found.reasons],
                    "user_id": self.env.uid,
                    "origin": origin,
                }
            )
            .sudo(False)
        )

    @api.model
    def _due_vals(self, line, found):
        original = self._applied_of(line)[line.id][:1].old_due_date or line.date_maturity
        return {
            "date": fields.Date.context_today(self),
            "original_due_date": original,
            "old_due_date": line.date_maturity,
            "new_due_date": found.new_due,
        }

    def _apply(self):
        """Apply after approval: dates and charges are those of today."""
        self.ensure_one()
        line = self._installment()
        self.env["crediario.receipt"]._lock(line)
        self._apply_checked(self._check({line.id: self.new_due_date}, self.waive, limits="none"))

    def _apply_checked(self, found):
        """Move the due dates.

        The extension first, then the line: the invoice wants the date that the extension names.
        """
        for extension in self:
            line = extension._installment()
            worked_out = found[line.id]
            waived = worked_out.waived
            extension.sudo().write(
                {
                    **extension._due_vals(line, worked_out),
                    "waived_fine": float(waived.waived_fine) if waived else 0.0,
                    "waived_interest": float(waived.waived_interest) if waived else 0.0,
                    "kept_fine": float(worked_out.kept.fine),
                    "kept_interest": float(worked_out.kept.interest),
                }
            )
            extension._decide("applied")
            extension._move_due_date(line, extension.new_due_date)
        self._log(self.env._("Installment %(number)s extended from %(old)s to %(new)s: %(reason)s"))

    def _undo(self):
        """Only the latest one of an installment: what came after it was counted from its date."""
        self.ensure_one()
        line = self._installment()
        if not line:
            raise UserError(self.env._("The contract has no such installment any more."))
        if self._applied_of(line)[line.id][-1:] != self:
            raise UserError(
                self.env._("This installment was extended again since. Undo the latest first.")
            )
        self._decide("undone")
        self._move_due_date(line, self.old_due_date)
        self._log(
            self.env._("Extension of installment %(number)s undone: due on %(old)s, not on %(new)s")
        )

    def _move_due_date(self, line, due):
        """With sudo: who may extend need not have the right to edit the books."""
        line.sudo().date_maturity = due
        line.invalidate_recordset(["amount_today", "late_fine", "late_interest", "days_late"])

    @api.model
    def _applied_of(self, lines):
        """Applied extensions of the lines that have any, the first one first, by line id.

        With sudo: the amount of an installment is the same for every reader.
        """
        nothing = self.sudo().browse()
        of_lines = defaultdict(lambda: nothing)
        found = self.sudo().search(
            [("move_id", "in", lines.move_id._origin.ids), ("state", "=", "applied")], order="id"
        )
        if not found:
            return of_lines
        by_key = found.grouped(
            lambda extension: (extension.move_id.id, extension.installment_number)
        )
        for line in lines:
            extensions = by_key.get((line.move_id._origin.id, line.installment_number))
            if line.crediario_plan_id and extensions:
                of_lines[line._origin.id] = extensions
        return of_lines
