from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...domain.shop.money import ZERO, cents, exact
from ...domain.shop.shares import spread
from ...tools.receiving.receiving_order import Method, ReceivingOrder, Waiver


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
        help="Fine and interest are those of this day: today, or the day on which the money came. "
        "An earlier day that saves the customer more than you may waive needs a reason.",
    )
    waived_by_date = fields.Monetary(
        compute="_compute_waived_by_date",
        help="Late charges that the earlier day of the payment forgives.",
    )
    date_text = fields.Char(compute="_compute_waived_by_date")
    choice = fields.Selection(
        [("late", "Late and due today"), ("all", "All"), ("none", "None")],
        string="Choose",
        default="late",
    )
    pay_with_id = fields.Many2one(
        "account.payment.method.line",
        string="How",
        help="Everything by this method; with several methods, what is left.",
    )
    method_options = fields.Json(compute="_compute_method_options")
    lock_note = fields.Char(compute="_compute_lock_note")
    cash_text = fields.Char(string="My Cash", compute="_compute_cash")
    cash_missing = fields.Boolean(compute="_compute_cash")
    line_ids = fields.One2many("crediario.cashier.line", "cashier_id")
    method_ids = fields.One2many("crediario.cashier.method", "cashier_id", string="Paid By")
    early_reduction = fields.Boolean(
        string="Reduce What Is Not Due Yet",
        default=True,
        help="The reduction for paying early, by the rule of the contract.",
    )
    has_reduction = fields.Boolean(compute="_compute_amounts")
    has_charges = fields.Boolean(compute="_compute_amounts")
    has_later_charges = fields.Boolean(compute="_compute_amounts")
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
            cashier.has_charges = any(
                line.fine > 0 or line.interest > 0 for line in cashier.line_ids
            )
            cashier.has_later_charges = any(cashier.line_ids.mapped("charges_from"))
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

    @api.depends("company_id", "date", "method_ids.journal_id")
    def _compute_lock_note(self):
        for cashier in self:
            cashier.lock_note = self.env["account.payment"]._lock_note(
                cashier.company_id or self.env.company,
                cashier.date,
                cashier.method_ids.journal_id[:1],
            )

    @api.depends("date", "line_ids.selected")
    def _compute_waived_by_date(self):
        """What an earlier day forgives, or why the day is none on which money can have come."""
        Forgiveness = self.env["crediario.forgiveness"]
        for cashier in self:
            chosen = cashier.line_ids.filtered("selected").move_line_id._origin
            waived, text = ZERO, False
            if cashier.date and chosen:
                try:
                    waived = Forgiveness._waived_by_date(chosen, cashier.date)
                except UserError as error:
                    text = str(error)
            if waived:
                text = self.env._(
                    "As of this day, %(charges)s of late charges are waived: say why.",
                    charges=cashier.currency_id._text(waived),
                )
            cashier.waived_by_date = float(waived)
            cashier.date_text = text

    @api.depends("company_id")
    def _compute_method_options(self):
        """The buttons: id of the method, what the counter calls it."""
        for cashier in self:
            methods = cashier._methods()
            cashier.method_options = [[line.id, line._counter_label()] for line in methods]

    @api.depends("company_id")
    def _compute_cash(self):
        """Whether the user's cash is open, and what should be in it."""
        Day = self.env["crediario.cash.day"]
        for cashier in self:
            company = cashier.company_id or self.env.company
            day = Day._open_days(self.env.user, company)[:1]
            must_count = company.sudo().cash_day_opening == "count"
            cashier.cash_missing = not day and must_count
            cashier.cash_text = (
                self.env._(
                    "%(number)s, %(amount)s should be in the drawer",
                    number=day.name,
                    amount=day.currency_id._text(day.amount_expected),
                )
                if day
                else self.env._("Opens with the first payment")
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
        customers = found.partner_id.commercial_partner_id
        if len(customers) > 1:
            return {
                "warning": {
                    "title": self.env._("Several contracts"),
                    "message": self.env._(
                        "“%(text)s” may be: %(contracts)s. Type the whole number.",
                        text=self.reference,
                        contracts="; ".join(
                            f"{contract.contract_reference} ({contract.partner_id.name})"
                            for contract in found.move_id.sorted("contract_reference")
                        ),
                    ),
                }
            }
        self.partner_id = customers
        # One installment was meant by its slip; of a contract, what is due of it.
        self._load(found if len(found) == 1 else self._usual_choice(found._still_open()))
        return None

    @api.onchange("pay_with_id")
    def _onchange_pay_with_id(self):
        """The only method becomes this one; beside others it takes what is left."""
        chosen = self.pay_with_id
        if not chosen:
            return
        if len(self.method_ids) > 1 or self.amount_left:
            if self.amount_left:
                self.method_ids = [Command.create({"amount": self.amount_left})]
        elif not self.method_ids:
            self.method_ids = [Command.create({"amount": max(self.amount_to_pay, 0.0)})]
        last = self.method_ids[-1:]
        last.journal_id = chosen.journal_id
        last.payment_method_line_id = chosen

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
        """Reductions depend on what else is chosen; the last method takes what the others left."""
        self._update_reductions()
        last = self.method_ids[-1:]
        if last:
            others = sum((self.method_ids - last).mapped("amount"))
            last.amount = max(self.amount_to_pay - others, 0.0)

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
            usual = self._methods()[:1]
            self.method_ids = [
                Command.create(
                    {"journal_id": usual.journal_id.id, "payment_method_line_id": usual.id}
                )
            ]
            self.pay_with_id = usual
        self._refresh()

    def _usual_choice(self, lines):
        """All if everything is to be settled; else what is late or due today, or the next one."""
        if self.choice == "all":
            return lines
        return lines.filtered(lambda line: line.date_maturity <= self.date) or lines[:1]

    def _methods(self):
        """The shop's ways of being paid, its cash first: one button each.

        Those of online providers receive by themselves and are none of the counter.
        """
        domain = self.env["account.journal"]._check_company_domain(self.company_id)
        journals = self.env["account.journal"].search(
            [*domain, ("type", "in", ("cash", "bank", "credit"))]
        )
        kinds = ("cash", "bank", "credit")
        ordered = journals.sorted(lambda journal: (kinds.index(journal.type), journal.sequence))
        methods = self.env["account.payment.method.line"]
        for journal in ordered:
            methods |= journal._get_available_payment_method_lines("inbound").filtered(
                lambda line: line.payment_method_id.code == "manual"
            )
        return methods

    def _line_vals(self, line, amount):
        return {
            "move_line_id": line.id,
            "contract": line.contract_reference,
            "label": line.installment_label,
            "due_date": line.date_maturity,
            "days_late": line._days_late(self.date),
            "charges_from": line._charges_from(self.date),
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
        charges = [
            max(exact(amount), ZERO) for line in chosen for amount in (line.fine, line.interest)
        ]
        if not waived:
            return {}
        if not ZERO < waived <= sum(map(cents, charges), ZERO):
            raise UserError(
                self.env._(
                    "You can waive at most the late charges of the chosen installments, "
                    "%(charges)s.",
                    charges=self.currency_id._text(self.amount_charges),
                )
            )
        parts: list[Decimal] = spread(waived, charges)
        return {
            line.move_line_id.id: Waiver(fine, interest)
            for line, fine, interest in zip(chosen, parts[::2], parts[1::2], strict=True)
        }
