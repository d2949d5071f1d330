from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..domain.money import ZERO, cents, exact
from ..domain.shares import spread
from ..models.receiving_order import Method, ReceivingOrder, Waiver


class CrediarioCashier(models.TransientModel):
    """The counter: find the customer, choose installments, receive, hand over a receipt."""

    _name = "crediario.cashier"
    _description = "Cashier"

    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        help="Found by name, CPF/CNPJ, telephone, contract or the reference of a slip.",
    )
    reference = fields.Char(
        string="Slip or Contract",
        help="Scan the code of a slip, or type its reference or the number of a contract.",
    )
    date = fields.Date(
        string="Payment Date",
        default=fields.Date.context_today,
        required=True,
        help="Fine and interest are those of this day; it may lie in the past or in the future.",
    )
    choice = fields.Selection(
        [("late", "Late and due today"), ("all", "All"), ("none", "None")],
        string="Choose",
        default="late",
    )
    line_ids = fields.One2many("crediario.cashier.line", "cashier_id")
    method_ids = fields.One2many("crediario.cashier.method", "cashier_id", string="Paid By")
    early_reduction = fields.Boolean(
        string="Reduce What Is Not Due Yet",
        default=True,
        help="The reduction for paying early, by the rule of the contract.",
    )
    has_reduction = fields.Boolean(compute="_compute_amounts")
    has_charges = fields.Boolean(compute="_compute_amounts")
    settlement_rule = fields.Char(compute="_compute_settlement_rule")
    waived = fields.Monetary(
        string="Waive", help="Late charges that the customer need not pay, of those chosen."
    )
    waiver_reason = fields.Char(string="Reason")
    amount_principal = fields.Monetary(string="Principal", compute="_compute_amounts")
    amount_fine = fields.Monetary(string="Late Fine", compute="_compute_amounts")
    amount_interest = fields.Monetary(string="Late Interest", compute="_compute_amounts")
    amount_charges = fields.Monetary(compute="_compute_amounts")
    amount_discount = fields.Monetary(string="Reduction", compute="_compute_amounts")
    amount_to_pay = fields.Monetary(string="To Pay", compute="_compute_amounts")
    amount_received = fields.Monetary(string="Received", compute="_compute_amounts")
    amount_change = fields.Monetary(string="Change", compute="_compute_amounts")
    amount_left = fields.Monetary(string="Left to Pay", compute="_compute_amounts")

    # ------------------------------------------------------------- compute

    @api.depends(
        "line_ids.selected",
        "line_ids.principal",
        "line_ids.fine",
        "line_ids.interest",
        "line_ids.discount",
        "method_ids.amount",
        "waived",
    )
    def _compute_amounts(self):
        for cashier in self:
            lines = cashier.line_ids.filtered("selected")
            cashier.has_reduction = any(line.possible_discount for line in cashier.line_ids)
            cashier.has_charges = any(line.fine or line.interest for line in cashier.line_ids)
            for name in ("principal", "fine", "interest", "discount"):
                cashier[f"amount_{name}"] = sum(lines.mapped(name))
            cashier.amount_charges = cashier.amount_fine + cashier.amount_interest
            cashier.amount_to_pay = sum(lines.mapped("total")) - cashier.waived
            cashier.amount_received = sum(cashier.method_ids.mapped("amount"))
            difference = cashier.amount_received - cashier.amount_to_pay
            cashier.amount_change = max(difference, 0.0)
            cashier.amount_left = max(-difference, 0.0)

    @api.depends("line_ids.selected", "line_ids.discount")
    def _compute_settlement_rule(self):
        for cashier in self:
            reduced = cashier.line_ids.filtered(lambda line: line.selected and line.discount)
            cashier.settlement_rule = (
                reduced.move_line_id._settlement_rule_texts() if reduced else False
            )

    def _compute_display_name(self):
        for cashier in self:
            cashier.display_name = self.env._("Receive")

    # ------------------------------------------------------------ onchange

    @api.onchange("reference")
    def _onchange_reference(self):
        """A scanned slip brings its customer and is the one installment chosen."""
        if not self.reference:
            return None
        found = self.env["account.move.line"]._find_installments(self.reference)
        if not found:
            return {
                "warning": {
                    "title": self.env._("Nothing found"),
                    "message": self.env._(
                        "“%s” is no contract and no slip of this company.", self.reference
                    ),
                }
            }
        self.partner_id = found[0].partner_id.commercial_partner_id
        self._load(found)
        return None

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        customer = self.line_ids.move_line_id.partner_id.commercial_partner_id
        if customer != self.partner_id.commercial_partner_id or not self.line_ids:
            self._load()

    @api.onchange("date")
    def _onchange_date(self):
        if self.line_ids:
            self._load(self.line_ids.filtered("selected").move_line_id)

    @api.onchange("choice")
    def _onchange_choice(self):
        for line in self.line_ids:
            line.selected = self.choice == "all" or (
                self.choice == "late" and line.due_date <= self.date
            )
        self._refresh()

    @api.onchange("line_ids", "early_reduction", "waived")
    def _refresh(self):
        """Reductions depend on what else is chosen; a single method follows the amount to pay."""
        self._update_reductions()
        if len(self.method_ids) == 1:
            self.method_ids.amount = max(self.amount_to_pay, 0.0)

    # ------------------------------------------------------------- actions

    def action_receive(self):
        """Book what was received and show its receipt."""
        self.ensure_one()
        chosen = self.line_ids.filtered("selected")
        receipt = self.env["crediario.receipt"]._receive(
            chosen.move_line_id._origin, self._receiving_order(chosen)
        )
        return {
            "type": "ir.actions.act_window",
            "name": receipt.name,
            "res_model": receipt._name,
            "res_id": receipt.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------ business

    @api.model
    def _open(self, partner, chosen=None, *, settle=False):
        """The action of a cashier with this customer's installments, ``chosen`` ones ticked.

        ``settle``: the screen for early settlement, with everything ticked unless chosen.
        """
        partner = partner.commercial_partner_id
        if len(partner) != 1:
            raise UserError(self.env._("Receive from one customer at a time."))
        cashier = self.create({"partner_id": partner.id, "choice": "all" if settle else "late"})
        cashier._load(chosen)
        screen = "settlement" if settle else "cashier"
        view = self.env.ref(f"optica_cobranca.view_crediario_{screen}_form")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Early Settlement") if settle else self.env._("Receive"),
            "res_model": self._name,
            "res_id": cashier.id,
            "views": [(view.id, "form")],
        }

    def _load(self, chosen=None):
        """Bring the customer's open installments; without ``chosen``, what is late or due today."""
        installments = self.partner_id.with_company(self.company_id)._open_installments()
        lines = installments.sudo(False)._sorted_for_receiving()
        amounts = lines._amounts_today(self.date)
        ticked = chosen._origin if chosen else self._usual_choice(lines)
        self.line_ids = [
            Command.clear(),
            *(
                Command.create(
                    {**self._line_vals(line, amounts[line.id]), "selected": line in ticked}
                )
                for line in lines
            ),
        ]
        if not self.method_ids:
            self.method_ids = [Command.create({"journal_id": self._usual_journal().id})]
        self._refresh()

    def _usual_choice(self, lines):
        """All if everything is to be settled; else what is late or due today, or the next one."""
        if self.choice == "all":
            return lines
        return lines.filtered(lambda line: line.date_maturity <= self.date) or lines[:1]

    def _usual_journal(self):
        """The shop's cash drawer, else its bank."""
        domain = self.env["account.journal"]._check_company_domain(self.company_id)
        journals = self.env["account.journal"].search([*domain, ("type", "in", ("cash", "bank"))])
        return journals.sorted(lambda journal: (journal.type != "cash", journal.sequence))[:1]

    def _line_vals(self, line, amount):
        return {
            "move_line_id": line.id,
            "contract": line.contract_reference,
            "label": line.installment_label,
            "due_date": line.date_maturity,
            "days_late": amount.days_late,
            "principal": float(amount.principal),
            "fine": float(amount.fine),
            "interest": float(amount.interest),
        }

    def _update_reductions(self):
        """Of those chosen as a set (settling everything may earn more), of the others by itself."""
        for line in self.line_ids:
            line.possible_discount = 0.0
        chosen = self.line_ids.filtered("selected")
        for lines in [chosen, *(self.line_ids - chosen)]:
            installments = lines.move_line_id._origin
            settlements = installments._settlements(self.date) if installments else {}
            for line in lines:
                reduction = settlements[line.move_line_id._origin.id].reduction
                line.possible_discount = float(reduction)
                line.rule = installments._settlement_rule_texts() if reduction else False
                line.discount = line.possible_discount if self.early_reduction else 0.0

    def _receiving_order(self, chosen):
        """What the cashier decided; reductions are worked out anew, amounts shown are expected."""
        installments = chosen.move_line_id._origin
        reductions = installments._settlements(self.date) if self.early_reduction else {}
        return ReceivingOrder(
            on=self.date,
            methods=tuple(
                Method(method.journal_id, cents(method.amount), method.payment_method_line_id)
                for method in self.method_ids
                if method.amount
            ),
            waivers=self._waivers(chosen),
            waiver_reason=self.waiver_reason or "",
            reductions={key: found.reduction for key, found in reductions.items()},
            rule=self.settlement_rule or "",
            expected={line.move_line_id.id: line._seen() for line in chosen},
        )

    def _waivers(self, chosen):
        """The amount to waive, spread over fine and interest of those chosen in proportion."""
        waived = cents(self.waived)
        charges = [exact(amount) for line in chosen for amount in (line.fine, line.interest)]
        if not waived:
            return {}
        if not ZERO < waived <= sum(map(cents, charges), ZERO):
            raise UserError(
                self.env._(
                    "You can waive at most the late charges of the chosen installments, "
                    "%(charges)s.",
                    charges=self.currency_id.format(self.amount_charges),
                )
            )
        parts: list[Decimal] = spread(waived, charges)
        return {
            line.move_line_id.id: Waiver(fine, interest)
            for line, fine, interest in zip(chosen, parts[::2], parts[1::2], strict=True)
        }
