from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.tools import frozendict

from ...domain.crediario import contract_number
from ...domain.crediario.early_settlement import OpenInstallment, Settlement, settle
from ...domain.shop import pix, pix_reference
from ...domain.shop.errors import PixError
from ...domain.shop.money import ZERO, cents

AMOUNTS = ("principal", "fine", "interest", "reduction", "to_pay")


@dataclass(frozen=True)
class QuotedInstallment:
    """What one installment costs when it is paid now, BRL; ``reduction`` is of the principal."""

    line: models.Model
    principal: Decimal
    fine: Decimal
    interest: Decimal
    reduction: Decimal

    @property
    def to_pay(self):
        """The money that settles it."""
        return self.principal + self.fine + self.interest - self.reduction


def quote_rows(quote):
    """:class:`QuotedInstallment` for a page: dicts of ``line`` and of floats by AMOUNTS."""
    return [
        {"line": part.line, **{name: float(getattr(part, name)) for name in AMOUNTS}}
        for part in quote
    ]


def quote_totals(quote):
    """Sums for a page: floats by AMOUNTS, and ``count``."""
    sums = {name: sum((getattr(part, name) for part in quote), ZERO) for name in AMOUNTS}
    return {"count": len(quote), **{name: float(amount) for name, amount in sums.items()}}


class AccountMoveLine(models.Model):
    """The receivable line of a contract is the installment: it has a plan and a number."""

    _inherit = "account.move.line"

    crediario_plan_id = fields.Many2one(
        "crediario.plan",
        string="Crediário Plan",
        compute="_compute_crediario_plan_id",
        store=True,
        help="Set on installments only.",
    )
    installment_number = fields.Integer(
        string="Installment No.",
        help="Position within the contract; 0 is the down payment. Never changes after posting.",
    )
    installment_label = fields.Char(string="Installment", compute="_compute_installment_label")
    contract_reference = fields.Char(related="move_id.contract_reference")
    installment_seller_id = fields.Many2one(related="move_id.invoice_user_id", string="Seller")
    is_finance_charge = fields.Boolean(help="This invoice line carries the price of the credit.")

    # Open installments by customer: the ladder, the customer's page, the portal; what comes along
    # answers the work list, which looks at all that is late, without reading the rows.
    _open_installments_by_partner = models.Index(
        "(company_id, partner_id, date_maturity)"
        " INCLUDE (id, move_id, amount_residual, no_followup) WHERE crediario_plan_id IS NOT NULL"
        " AND parent_state = 'posted' AND amount_residual > 0"
    )
    # Open installments by due date: lists; what comes along lets the calendar count and sum a month
    # without reading the rows, and the company as second key lets it do so in order. Customer and
    # contract are those that the calendar joins: PostgreSQL drops the joins it does not need, and
    # wants their columns still.
    _open_installments_by_due_date = models.Index(
        "(date_maturity, company_id) INCLUDE (id, partner_id, move_id, amount_residual)"
        " WHERE crediario_plan_id IS NOT NULL AND parent_state = 'posted' AND amount_residual > 0"
    )

    # ------------------------------------------------------------- compute

    @api.depends("move_id.crediario_plan_id", "display_type", "account_id", "installment_number")
    def _compute_crediario_plan_id(self):
        for line in self:
            plan = line.move_id.crediario_plan_id
            line.crediario_plan_id = plan if plan and line._is_installment_of_contract() else False

    def _is_installment_of_contract(self):
        move = self.move_id
        if move.move_type == "out_invoice":
            return self.display_type == "payment_term"
        return bool(
            move.move_type == "entry"
            and self.installment_number > 0
            and self.account_id.account_type == "asset_receivable"
        )

    def _installments_paid(self):
        """Money, or what stands for it, reached these lines; installments are among them."""

    @api.depends("crediario_plan_id", "installment_label", "move_id.contract_reference")
    def _compute_display_name(self):
        """An installment is called by its contract and number: ``BV-1023 2/12``."""
        known = self.filtered(lambda line: line.crediario_plan_id and line.contract_reference)
        result = super(AccountMoveLine, self - known)._compute_display_name()
        for line in known:
            line.display_name = f"{line.contract_reference} {line.installment_label}"
        return result

    @api.depends("installment_number", "crediario_plan_id", "move_id.installment_count")
    def _compute_installment_label(self):
        for line in self:
            if not line.crediario_plan_id:
                line.installment_label = False
            elif line.installment_number:
                line.installment_label = (
                    f"{line.installment_number}/{line.move_id.installment_count}"
                )
            else:
                line.installment_label = self.env._("Down payment")

    @api.depends("date_maturity", "installment_number")
    def _compute_term_key(self):
        """The number is part of the key: without it two installments due on one day would merge."""
        result = super()._compute_term_key()
        for line in self:
            if line.term_key:
                line.term_key = frozendict(
                    {**line.term_key, "installment_number": line.installment_number}
                )
        return result

    @api.depends("installment_number", "move_id.installment_count", "move_id.crediario_plan_id")
    def _compute_name(self):
        result = super()._compute_name()
        for line in self:
            move = line.move_id
            if (
                line.display_type != "payment_term"
                or not move.crediario_plan_id
                or move.move_type != "out_invoice"
                or move.inalterable_hash
            ):
                continue
            reference = move.payment_reference or (move.name if move.name != "/" else "") or ""
            line.name = f"{reference} {line.installment_label or ''}".strip()
        return result

    # ------------------------------------------------------------ business

    def _crediario_rules(self):
        """What was agreed of this installment: see :meth:`account.move._crediario_rules`."""
        self.ensure_one()
        return self.move_id._crediario_rules()

    def _keep_charge(self, charge):
        """Make this line the price of the credit, whoever wrote what to it.

        :param charge: invoice's currency (Decimal)
        """
        if (cents(self.price_unit), self.quantity, self.discount) != (charge, 1, 0):
            self.write({"price_unit": float(charge), "quantity": 1.0, "discount": 0.0})
        if self.tax_ids:
            self.tax_ids = [Command.clear()]

    def _get_installments_data(
        self, payment_currency=None, payment_date=None, next_payment_date=None
    ):
        """Core numbers installments by date; a contract keeps the numbers that were agreed."""
        installments = super()._get_installments_data(
            payment_currency, payment_date, next_payment_date
        )
        for installment in installments:
            if installment["line"].crediario_plan_id:
                installment["number"] = installment["line"].installment_number
        return installments

    def action_open_contract(self):
        """Open the invoice or entry this installment belongs to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.move_id.display_name,
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(self.move_id.get_formview_id() or False, "form")],
        }

    # ---------------------------- Installments found by what is printed on paper

    @api.model
    def _find_installments(self, text):
        """Posted installments that ``text`` names in the current company; empty if none.

        A contract's number names all of its installments, spelt in any way and also by its last
        digits alone; the reference of a slip, typed or scanned as the whole Pix code, names one.
        """
        text = (text or "").strip()
        base = [
            ("company_id", "=", self.env.company.id),
            ("crediario_plan_id", "!=", False),
            ("parent_state", "=", "posted"),
        ]
        reference = pix_reference.read_txid(self._txid_of_code(text) or text)
        if reference:
            return self.search(
                [
                    *base,
                    ("move_id", "=", reference.contract_id),
                    ("installment_number", "=", reference.installment_number),
                ]
            )
        contracts = self._find_contracts(text)
        return (
            self.search([*base, ("move_id", "in", contracts.ids)]) if contracts else self.browse()
        )

    @api.model
    def _find_contracts(self, text):
        """Contracts of the current company with this number; the exact one before any other."""
        Move = self.env["account.move"]
        base = [("company_id", "=", self.env.company.id), ("crediario_plan_id", "!=", False)]
        exact = Move.search([*base, ("contract_reference", "in", [text, text.upper()])])
        if exact or not contract_number.is_number(text):
            return exact
        likely = Move.search(
            [*base, ("contract_reference", "=ilike", contract_number.pattern(text))]
        )
        return likely.filtered(lambda move: contract_number.names(text, move.contract_reference))

    def _still_open(self):
        """Those of these installments of which something is owed."""
        return self.filtered(
            lambda line: line.company_currency_id.compare_amounts(line.amount_residual, 0.0) > 0
        )._sorted_for_receiving()

    @api.model
    def _txid_of_code(self, text):
        """The reference inside a scanned Pix code; None if it is not one."""
        try:
            return pix.parse(text).txid
        except PixError:
            return None

    # ------ What a person does from the list of installments: reach the customer

    customer_phone = fields.Char(related="partner_id.phone", string="Phone")

    def action_open_installment(self):
        """Open the contract; for whoever may not see its payments, the customer.

        The form of an invoice shows payments, which sellers without invoicing rights cannot read.
        """
        if self.env["account.payment"].has_access("read"):
            return self.action_open_contract()
        return self.action_open_customer()

    def action_open_customer(self):
        """Open the customer who owes this installment."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_pay_installments(self):
        """Register the payment of these installments and come back to where the user was."""
        return self.action_register_payment(ctx={"dont_redirect_to_payments": True})

    def action_receive(self):
        """Open the cashier with these installments of one customer ticked."""
        return self.env["crediario.cashier"]._open(self.partner_id, self)

    def action_settle_early(self):
        """Open the early settlement with these installments of one customer ticked."""
        return self.env["crediario.cashier"]._open(self.partner_id, self, settle=True)

    def action_send_message(self):
        """Write to the customers of these installments, each of them once."""
        return self.partner_id._action_send_message()

    # ------------ What a customer pays for any choice of installments on one day

    def _payment_quote(self, on: date, amounts=None, *, alone=False) -> list[QuotedInstallment]:
        """The open ones of these installments with what settles each on ``on``, oldest first.

        Late ones with fine and interest, those not due yet with the reduction that paying early
        earns (CDC art. 52 § 2, also for a part of the debt). The cashier asks the same functions.

        :param amounts: their ``_amounts_today(on)``, if known already
        :param alone: for choosing from: the discount for settling a whole contract is left out
        """
        lines = self.filtered(lambda line: cents(line.amount_residual) > ZERO)
        amounts = lines._amounts_today(on) if amounts is None else amounts
        settlements = lines._settlements(on, amounts, alone=alone)
        return [
            QuotedInstallment(
                line,
                amounts[line.id].principal,
                amounts[line.id].fine,
                amounts[line.id].interest,
                settlements[line.id].reduction,
            )
            for line in lines._sorted_for_receiving()
        ]

    # -------- What installments are worth when they are paid before they are due

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
                contract.sudo()._crediario_rules()._settlement_rule(),
                everything=not left - paid,
            )
            settlements.update((settlement.key, settlement) for settlement in found)
        return settlements

    def _settlement_rule_texts(self) -> str:
        """The rules by which these installments are reduced, each once."""
        contracts = self.sudo().move_id
        return "; ".join(
            dict.fromkeys(
                contract._crediario_rules()._settlement_rule_text() for contract in contracts
            )
        )
