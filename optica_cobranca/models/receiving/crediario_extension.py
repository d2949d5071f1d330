from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...domain.crediario.extension import (
    Extension,
    ExtensionLimits,
    ExtensionReason,
    ExtensionState,
    check_extension,
)
from ...domain.crediario.forgiveness import Debt, Door
from ...domain.shop.errors import ErrorCode, ExtensionError
from ...tools.receiving.customer_proof import ANSWER_SHOWN, CUSTOMER, NOTE_LENGTH, ORIGINS


class CrediarioExtension(models.Model):
    """One moved due date: from when to when, why, by whom, what became of the charges.

    Belongs to a contract and the number of an installment, so that it outlives the receivable
    line when the invoice is reset to draft. Never edited: granted, decided, undone.
    """

    _name = "crediario.extension"
    _description = "Extension of an Installment"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    # Nobody may edit extensions; activities about them are for who may read them.
    _mail_post_access = "read"

    move_id = fields.Many2one(
        "account.move",
        string="Contract Entry",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="cascade",
    )
    installment_number = fields.Integer(required=True, readonly=True)
    contract = fields.Char(readonly=True)
    label = fields.Char(string="No.", readonly=True, help="Number of the installment.")
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", compute="_compute_move_line_id"
    )
    date = fields.Date(string="Granted On", readonly=True, help="Charges are those of this day.")
    original_due_date = fields.Date(readonly=True, help="As first agreed.")
    old_due_date = fields.Date(string="From", required=True, readonly=True)
    new_due_date = fields.Date(string="To", required=True, readonly=True)
    days = fields.Integer(compute="_compute_days", store=True)
    # Often the customer's own words.
    reason = fields.Char(required=True, readonly=True, groups="optica_cobranca.group_collector")
    waive = fields.Boolean(
        string="Charges Waived",
        readonly=True,
        help="Fine and interest until the extension are forgiven; otherwise they stay owed as "
        "they were.",
    )
    waived_fine = fields.Monetary(readonly=True)
    waived_interest = fields.Monetary(readonly=True)
    kept_fine = fields.Monetary(readonly=True)
    kept_interest = fields.Monetary(readonly=True)
    state = fields.Selection(
        [
            ("to_approve", "To Approve"),
            ("applied", "Applied"),
            ("refused", "Refused"),
            ("undone", "Undone"),
        ],
        required=True,
        readonly=True,
        tracking=True,
    )
    approval_reasons = fields.Json(readonly=True)
    approval_text = fields.Char(string="Why Approval", compute="_compute_approval_text")
    user_id = fields.Many2one(
        "res.users", string="Asked By", required=True, readonly=True, tracking=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, tracking=True)
    decided_at = fields.Datetime(string="Decided On", readonly=True)

    # The history of an installment: calculation of the amount of today, due dates of a repost.
    _applied = models.Index("(move_id, installment_number) WHERE state = 'applied'")
    _one_proposal = models.UniqueIndex(
        "(move_id, installment_number) WHERE state = 'to_approve'",
        "An extension of this installment waits for approval already.",
    )
    _later = models.Constraint(
        "CHECK(new_due_date > old_due_date)", "An extension moves the due date to a later day."
    )

    # ------------------------------------------------------------- compute

    @api.depends("move_id", "installment_number", "move_id.line_ids.crediario_plan_id")
    def _compute_move_line_id(self):
        for extension in self:
            extension.move_line_id = extension._installment()

    @api.depends("old_due_date", "new_due_date")
    def _compute_days(self):
        for extension in self:
            extension.days = (extension.new_due_date - extension.old_due_date).days

    @api.depends("contract", "label")
    def _compute_display_name(self):
        for extension in self:
            extension.display_name = f"{extension.contract or ''} {extension.label or ''}".strip()

    @api.depends("approval_reasons")
    def _compute_approval_text(self):
        labels = self._approval_labels()
        for extension in self:
            reasons = extension.approval_reasons or []
            extension.approval_text = "; ".join(labels[reason] for reason in reasons)

    # ------------------------------------------------------------- actions

    def action_approve(self):
        """A manager grants what was beyond the collector's limits, as of today."""
        self._check_manager()
        for extension in self.filtered(lambda extension: extension.state == "to_approve"):
            extension._apply()

    def action_refuse(self):
        """A manager leaves the due date as it is."""
        self._check_manager()
        self.filtered(lambda extension: extension.state == "to_approve")._decide("refused")

    def action_undo(self):
        """A manager takes the extension back: date and charges are as if it had never been."""
        self._check_manager()
        for extension in self.filtered(lambda extension: extension.state == "applied"):
            extension._undo()

    def action_print_slips(self):
        """New slips of the carnê with the new dates."""
        lines = self.filtered(lambda extension: extension.state == "applied").move_line_id
        if not lines:
            raise UserError(self.env._("No extension among these was applied."))
        return self.env.ref("optica_cobranca.action_report_carne").report_action(
            lines, config=False
        )

    def action_open_contract(self):
        """Open the invoice or entry of the installment."""
        self.ensure_one()
        return self.move_id._get_records_action()

    # ------------------------------------------------------------- helpers

    def _installment(self):
        """The receivable line as it is now."""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.crediario_plan_id and line.installment_number == self.installment_number
            )
        )[:1]

    def _decide(self, state):
        """With sudo: nobody has the right to edit extensions, their actions are the one way."""
        self.sudo().write(
            {"state": state, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
        )

    def _check_manager(self):
        self._check_role("manager")
        self.check_access("read")

    @api.model
    def _approval_labels(self):
        return {
            ExtensionReason.DAYS: self.env._("longer than the plan's limit"),
            ExtensionReason.NUMBER: self.env._("moved too often"),
            ExtensionReason.TOTAL_DAYS: self.env._("too far from the first date"),
            ExtensionReason.WAIVER: self.env._("charges would be waived"),
        }

    def _log(self, text):
        for extension in self:
            extension.move_id._tell_collection(
                extension.company_id,
                text
                % {
                    "number": extension.label,
                    "old": format_date(self.env, extension.old_due_date),
                    "new": format_date(self.env, extension.new_due_date),
                    "reason": extension.reason,
                },
                extension.partner_id,
            )

    # -------------- From the wish for another date to a moved due date, and back

    @api.model
    def _grant(self, new_dues, reason, waive=False):
        """Move installments to ``new_dues`` (line id -> date) as of today.

        Within the user's limits they are applied at once, the others wait for a manager.
        :return: the extensions, in the order given.
        :raise UserError: without the right to, without a reason, for settled installments.
        """
        self._check_role("collector")
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
            rules = line.sudo()._crediario_rules().sudo(False)
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
                    self._limits_of(rules, line.company_id, limits),
                    waive=waive,
                    payments=histories[line.id].later,
                )
            except ExtensionError as error:
                raise UserError(self._refusal(error, line)) from error
        return found

    @api.model
    def _limits_of(self, rules, company, limits) -> ExtensionLimits:
        if limits == "customer":
            return rules._own_extension_limits()
        return rules._extension_limits(company) if limits == "user" else ExtensionLimits()

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
                "Installment %(number)s of contract %(contract)s cannot be moved to %(new)s. "
                "Choose a day after today.",
                **values,
            )
        if error.code == ErrorCode.NEW_DUE_TOO_FAR:
            return self.env._(
                "Installment %(number)s of contract %(contract)s can be moved up to %(latest)s. "
                "For more time propose an agreement.",
                latest=format_date(self.env, error.values["latest"]),
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
            if waived:
                forgiven = Debt(charges=waived.waived_fine + waived.waived_interest)
                self.env["crediario.forgiveness"]._note(
                    line, Door.EXTENSION, forgiven, extension.reason, extension_id=extension.id
                )
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

    # ----------------- Another due date that the customer asks for on their page

    origin = fields.Selection(
        ORIGINS, string="Said by", default="shop", required=True, readonly=True
    )

    @api.model
    def _ask_by_customer(self, lines, day, reason, proof):
        """The customer wants ``lines`` to be due on ``day``: granted within the plan's limits.

        Charges are never waived. With sudo: that they are the customer's own is the caller's
        matter.
        :return: the extensions, applied or waiting for a manager
        :raise UserError: for a day that is no later one, or when it was asked for already
        """
        reason = (reason or "").strip()[:NOTE_LENGTH]
        if not reason:
            raise UserError(self.env._("Say why you need another date."))
        if not lines:
            raise UserError(self.env._("Choose at least one installment."))
        company = lines.company_id
        register = self.sudo().with_context(tz=company.contact_timezone)
        lines = lines.with_env(register.env)
        lines._lock_for_customer()
        register._check_not_asked(lines)
        found = register._check(dict.fromkeys(lines.ids, day), waive=False, limits="customer")
        extensions = register.browse()
        for line in lines:
            extensions |= register._propose(line, found[line.id], reason, False, proof.origin)
        extensions = extensions.sudo().with_env(register.env)
        extensions.filtered(lambda one: not one.approval_reasons)._apply_checked(found)
        for extension in extensions.filtered(lambda one: one.state == "to_approve"):
            extension.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The customer asks for another due date"),
                date_deadline=fields.Date.context_today(register),
                user_id=company._person_in_charge(extension.partner_id).id,
            )
        return extensions

    @api.model
    def _told_of(self, partner, companies):
        """What the customer asked for: not answered yet, or answered lately; with sudo."""
        since = fields.Datetime.now() - ANSWER_SHOWN
        return self.sudo().search_fetch(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", companies.ids),
                ("origin", "in", CUSTOMER),
                "|",
                ("state", "=", "to_approve"),
                "&",
                ("state", "in", ("applied", "refused")),
                ("decided_at", ">=", since),
            ],
            ["state", "move_id", "installment_number", "label", "contract", "new_due_date"],
            order="id desc",
        )

    def _asked_about(self):
        """Installments whose question is not answered: pairs (contract's id, number)."""
        waiting = self.filtered(lambda extension: extension.state == "to_approve")
        return {(one.move_id.id, one.installment_number) for one in waiting}

    @api.model
    def _check_not_asked(self, lines):
        for line in lines:
            asked = self.search_count(
                [
                    ("move_id", "=", line.move_id.id),
                    ("installment_number", "=", line.installment_number),
                    ("state", "=", "to_approve"),
                ],
                limit=1,
            )
            if asked:
                raise UserError(
                    self.env._(
                        "You asked for another date of installment %(number)s already. The shop "
                        "will answer.",
                        number=line.installment_label,
                    )
                )
