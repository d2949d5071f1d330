"""What a customer signed changes by what the product has for it only.

By extension, agreement, credit note, cancellation: whoever writes, by whatever screen, list,
import or call.

The product's own acts check their rules first and come with sudo.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...domain.crediario.forgiveness import Debt, Door
from ...domain.shop.money import ZERO, cents

TERMS = frozenset(
    [
        "company_id",
        "contract_reference",
        "crediario_plan_id",
        "currency_id",
        "date",
        "down_payment",
        "due_day",
        "first_due_date",
        "installment_count",
        "invoice_date",
        "invoice_date_due",
        "invoice_payment_term_id",
        "journal_id",
        "move_type",
        "partner_id",
        # Worked out from the lines: nobody's to say.
        "amount_residual",
        "amount_residual_signed",
        "amount_tax",
        "amount_total",
        "amount_total_signed",
        "amount_untaxed",
        "payment_state",
    ]
)
LINES = ("line_ids", "invoice_line_ids")
LINE_TERMS = frozenset(
    [
        "account_id",
        "amount_currency",
        "amount_residual",
        "amount_residual_currency",
        "balance",
        "company_id",
        "credit",
        "crediario_plan_id",
        "currency_id",
        "date",
        "date_maturity",
        "debit",
        "discount",
        "display_type",
        "installment_number",
        "is_finance_charge",
        "move_id",
        "parent_state",
        "partner_id",
        "price_subtotal",
        "price_total",
        "price_unit",
        "quantity",
        "reconciled",
        "tax_ids",
    ]
)
SYSTEMS = frozenset(["crediario_bank_date", "crediario_posted_on", "crediario_drafted_debt"])
# By these the day is known for which an entry counts.
DAYS = frozenset(["date", "invoice_date", "origin_payment_id"])
# What Odoo's button writes; unblocked, the state is worked out anew.
BLOCKING = frozenset([("not_paid", "blocked"), ("partial", "blocked"), ("blocked", "not_paid")])


class AccountMove(models.Model):
    """A posted contract keeps its terms."""

    _inherit = "account.move"

    crediario_drafted_debt = fields.Monetary(
        string="Owed When Reset to Draft",
        readonly=True,
        copy=False,
        help="Of a contract that was posted before, charges included.",
    )
    is_known_contract = fields.Boolean(
        compute="_compute_is_known_contract",
        help="Posted once: the customer may know of it, also where it is a draft again.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("posted_before", "crediario_plan_id", "contract_reference")
    def _compute_is_known_contract(self):
        known = self._once_contracts()
        for move in self:
            move.is_known_contract = move in known

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """Terms of posted contracts stay as they are.

        :raise UserError: with what there is instead
        """
        if not self.env.su:
            self._check_terms_kept(vals)
            if vals.get("state") == "draft":
                self._keep_debt()
        written = super().write(vals)
        if not self.env.su and vals.get("payment_state") == "not_paid":
            self.env.add_to_compute(self._fields["payment_state"], self._once_contracts())
        return written

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known_contracts(self):
        known = self if not self.env.su else self.browse()
        known = known.filtered("contract_reference")._once_contracts()
        if known:
            raise UserError(
                self.env._(
                    "Contract %(contract)s was posted before: it is cancelled with a reason, never "
                    "deleted.",
                    contract=known[:1].contract_reference,
                )
            )

    def _once_contracts(self):
        """Contracts that customers may know, also where they are draft again."""
        return self.filtered(
            lambda move: (
                move.posted_before and bool(move.crediario_plan_id or move.contract_reference)
            )
        )

    def _check_terms_kept(self, vals):
        if SYSTEMS & vals.keys() or vals.get("posted_before") is False:
            raise UserError(self.env._("This is written by the system only."))
        contracts = self._once_contracts()
        if vals.get("state") == "cancel" and contracts:
            raise UserError(
                self.env._(
                    "Contract %(contract)s was posted before. Use “Cancel Contract”, which asks "
                    "why.",
                    contract=contracts[0].display_name,
                )
            )
        for move in contracts:
            if move.state == "posted":
                move._check_posted_terms_kept(vals)
            elif "contract_reference" in vals and move._would_change(
                move, vals, "contract_reference"
            ):
                move._refuse_other_terms(self._fields["contract_reference"])
        if vals.get("state") == "draft":
            contracts.filtered(lambda move: move.state == "posted")._check_nothing_received()
        for name in DAYS & vals.keys():
            self._check_day_kept(vals, name)

    def _check_posted_terms_kept(self, vals):
        for name in sorted(TERMS & vals.keys()):
            if self._would_change(self, vals, name) and not self._blocks_payment(vals, name):
                self._refuse_other_terms(self._fields[name])
        for name in LINES:
            commands = vals.get(name) or []
            if any(command[0] not in (Command.UPDATE, Command.LINK) for command in commands):
                self._refuse_other_terms(self._fields[name])

    def _blocks_payment(self, vals, name):
        """Odoo's *Block Payment* and its undoing, which say nothing about what is owed."""
        return name == "payment_state" and (self.payment_state, vals[name]) in BLOCKING

    @api.model
    def _would_change(self, record, vals, name):
        """Whether writing ``vals`` changes a field, also where a date comes as text."""
        field = record._fields[name]
        if field.type in ("one2many", "many2many"):
            return self._field_will_change(record, vals, name)
        new = field.convert_to_cache(vals[name], record, validate=False)
        old = field.convert_to_cache(record[name], record, validate=False)
        if field.type in ("monetary", "float"):
            return cents(new or 0) != cents(old or 0)
        return new != old

    def _refuse_other_terms(self, field):
        """:param field: of the contract or of its lines"""
        raise UserError(
            self.env._(
                "“%(field)s” of contract %(contract)s was agreed with the customer. Move due dates "
                "by an extension, change the debt by an agreement or a credit note, or cancel the "
                "contract; as long as nothing was received, it can be reset to draft.",
                field=field._description_string(self.env),
                contract=self.contract_reference or self.display_name,
            )
        )

    def _refuse_other_lines(self):
        for contract in self._once_contracts():
            if contract.state == "posted":
                contract._refuse_other_terms(contract._fields["line_ids"])

    def _check_day_kept(self, vals, name):
        """Money that settled installments came when it came, draft or not.

        With sudo: whoever edits an entry need not see all that it settles.
        """
        for move in self.sudo().filtered(lambda move: self._would_change(move, vals, name)):
            move._check_settled_nothing()

    def _check_settled_nothing(self):
        """An entry that others lean on stays.

        :raise UserError: when something of this entry settled installments of others
        """
        for move in self:
            settled = move.line_ids.matched_debit_ids.debit_move_id - move.line_ids
            if settled.filtered("crediario_plan_id"):
                raise UserError(
                    self.env._(
                        "This entry settled installments as of its date. Undo it, and receive the "
                        "money with the other date."
                    )
                )

    def _check_nothing_received(self):
        """With sudo: whoever corrects a contract need not see receipts.

        :raise UserError: with what was received
        """
        for contract in self.sudo():
            installments = contract.line_ids.filtered("crediario_plan_id")
            receipts = installments.receipt_line_ids.receipt_id.filtered(
                lambda receipt: receipt.state == "posted"
            )
            entries = installments.matched_credit_ids.credit_move_id.move_id - contract
            if receipts or entries:
                raise UserError(
                    self.env._(
                        "Something was received or credited of contract %(contract)s: %(names)s. "
                        "Undo it first, or change what is still owed by an extension, an agreement "
                        "or a credit note.",
                        contract=contract.contract_reference or contract.name,
                        names=", ".join(
                            dict.fromkeys(receipts.mapped("name") + entries.mapped("name"))
                        ),
                    )
                )

    def _keep_debt(self):
        """What is owed of contracts about to be changed. With sudo: the system's to write."""
        for contract in self._once_contracts().filtered(lambda move: move.state == "posted"):
            contract.sudo().with_context(skip_invoice_sync=True).crediario_drafted_debt = float(
                contract._debt().total
            )

    def _debt(self):
        """Open principal and charges of this contract as of today. With sudo: whoever asks."""
        installments = self.sudo().line_ids.filtered(
            lambda line: line.crediario_plan_id and line.parent_state == "posted"
        )
        return self.env["crediario.forgiveness"]._owed(installments)

    # ------------------------------------------------------------ business

    def _post(self, soft=True):
        """A contract that comes back owing less has forgiven the difference."""
        again = self.filtered("crediario_drafted_debt")
        posted = super()._post(soft=soft)
        for contract in posted & again:
            before = cents(contract.crediario_drafted_debt)
            lowered = max(before - contract._debt().total, ZERO)
            if lowered and not self.env.su:
                contract._forgive(
                    Door.REPRICED,
                    Debt(lowered),
                    Debt(before),
                    self.env._("Contract changed and posted again"),
                )
            contract.sudo().with_context(skip_invoice_sync=True).crediario_drafted_debt = 0.0
        return posted

    def _forgive(self, door, forgiven, owed, reason):
        """Within the limits of the user's role, and with a trace.

        :raise UserError: beyond them
        """
        Forgiveness = self.env["crediario.forgiveness"]
        Forgiveness._check(self.company_id, forgiven, owed, reason)
        installments = self.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        Forgiveness._note(installments, door, forgiven, reason)

    def _cancel_contract(self, reason):
        """Nothing of this contract is owed any more; what is owed of it is forgiven.

        :raise UserError: beyond the limits of the user's role, without a reason, or when
            something was received
        """
        self.ensure_one()
        self.check_access("read")
        if not self._once_contracts() or self.state == "cancel":
            raise UserError(self.env._("Only contracts that were posted are cancelled this way."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the contract is cancelled."))
        self._check_nothing_received()
        debt = self._debt() if self.state == "posted" else Debt(cents(self.crediario_drafted_debt))
        self._forgive(Door.CANCELLED, debt, debt, reason)
        # With sudo: the right to cancel was checked, which is not the right to edit the books.
        self.sudo().button_cancel()
        self.message_post(body=self.env._("Contract cancelled: %(reason)s", reason=reason.strip()))

    # ------------------------------------------------------------- actions

    def action_cancel_contract(self):
        """Ask why the contract is cancelled."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_crediario_contract_cancel"
        )
        return {**action, "context": {"default_move_id": self.id}}


class AccountPayment(models.Model):
    """What settled installments came on the day on which it was said to have come."""

    _inherit = "account.payment"

    def write(self, vals):
        """Money keeps the day it counts for.

        :raise UserError: for another date of money that settled installments
        """
        if "date" in vals and not self.env.su:
            would_change = self.env["account.move"]._would_change
            # With sudo: whoever edits a payment need not see all that it settles.
            moved = self.sudo().filtered(lambda payment: would_change(payment, vals, "date"))
            # Entries count for the day of the payment that they name, whoever made them.
            named = self.env["account.move"].sudo().search([("origin_payment_id", "in", moved.ids)])
            (moved.move_id | named)._check_settled_nothing()
        return super().write(vals)


class AccountMoveLine(models.Model):
    """The lines of a posted contract keep dates, amounts and whose they are."""

    _inherit = "account.move.line"

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """A posted contract gets no further line.

        :raise UserError: for another line on a posted contract
        """
        if not self.env.su:
            moves = self.env["account.move"].browse(
                {vals["move_id"] for vals in vals_list if vals.get("move_id")}
            )
            moves._refuse_other_lines()
        return super().create(vals_list)

    def write(self, vals):
        """A posted contract keeps its terms.

        :raise UserError: for other terms of a posted contract
        """
        names = LINE_TERMS & vals.keys()
        if names and not self.env.su:
            self._check_terms_kept(vals, names)
            self._check_settlement_kept(vals, names)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted_contracts(self):
        if not self.env.su:
            self.move_id._refuse_other_lines()

    def _check_settlement_kept(self, vals, names):
        """What settled installments stays what it was, as long as it is posted.

        With sudo: whoever edits an entry need not see all that it settles.
        """
        names = names & {"account_id", "amount_currency", "balance", "credit", "debit"}
        for line in self.sudo() if names else ():
            move = line.move_id
            if move.state != "posted" or not any(
                move._would_change(line, vals, name) for name in names
            ):
                continue
            if move.line_ids.matched_debit_ids.debit_move_id.filtered("crediario_plan_id"):
                raise UserError(
                    self.env._(
                        "Entry %(name)s settled installments. Undo the matching, or reset it to "
                        "draft, before you change accounts or amounts.",
                        name=move.name,
                    )
                )

    def _check_terms_kept(self, vals, names):
        Move = self.env["account.move"]
        for line in self:
            contract = line.move_id
            if contract.state != "posted" or not contract._once_contracts():
                continue
            for name in sorted(names):
                if Move._would_change(line, vals, name):
                    contract._refuse_other_terms(self._fields[name])
