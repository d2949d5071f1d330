from contextlib import contextmanager

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import frozendict

from ...domain.crediario import fiscal_key
from ...domain.crediario.simulation import Offer, offer_of
from ...domain.shop.errors import DomainError, ErrorCode, FiscalKeyError
from ...domain.shop.money import ZERO, cents, exact, split_evenly

# Documents of a sale that are no fiscal ones: what an invoice is called until a fiscal document
# is issued for it.
PLAIN_DOCUMENTS = ("optica_cobranca.document_sale", "optica_cobranca.document_return")


def _plain_documents(env):
    """The kinds of documents that are no fiscal ones; a shop may have deleted them."""
    documents = env["l10n_latam.document.type"]
    return documents.concat(
        *(env.ref(name, raise_if_not_found=False) or documents for name in PLAIN_DOCUMENTS)
    )


def _with_plain_key(vals):
    """``vals`` with the key as it is stored: what can be read loses its spaces and dots."""
    text = vals.get("optica_fiscal_key")
    if not text:
        return vals
    try:
        return {**vals, "optica_fiscal_key": fiscal_key.parse(text).key}
    except FiscalKeyError:
        return vals  # the constraint says what is wrong


class AccountMove(models.Model):
    """A customer invoice with a plan is the contract; its receivable lines are the installments."""

    _name = "account.move"
    _inherit = ["account.move", "crediario.contract.mixin"]
    _rec_names_search = ["name", "partner_id.name", "ref", "contract_reference"]

    contract_reference = fields.Char(
        string="Contract",
        copy=False,
        index="btree_not_null",
        help="Number of the contract that customers see: the invoice's, or the one it had before "
        "it was imported.",
    )
    crediario_terms_id = fields.Many2one(
        "crediario.terms",
        string="Signed Terms",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="What was agreed when the contract was posted. A plan that is edited later does not "
        "change it.",
    )
    signed_method = fields.Selection(related="crediario_terms_id.method", string="Credit")
    signed_rate = fields.Float(related="crediario_terms_id.monthly_rate")
    signed_fine = fields.Float(related="crediario_terms_id.fine_percent")
    signed_interest = fields.Float(related="crediario_terms_id.late_interest_percent")
    signed_grace_days = fields.Integer(
        related="crediario_terms_id.grace_days", string="Grace (Days)"
    )
    signed_settlement_rule = fields.Char(
        string="Paying Early", compute="_compute_signed_settlement_rule"
    )
    installment_ids = fields.One2many(
        "account.move.line",
        "move_id",
        string="Installment Lines",
        domain=[("crediario_plan_id", "!=", False)],
        readonly=True,
    )

    # With sudo: sellers, who see no payments, open the invoices of their sales all the same.
    payment_count = fields.Integer(compute_sudo=True)

    _imported_contract_unique = models.UniqueIndex(
        "(company_id, contract_reference) WHERE move_type = 'entry'"
        " AND contract_reference IS NOT NULL AND state != 'cancel'"
        " AND imported_contract_id IS NULL",
        "This contract was imported already.",
    )

    # --------------------------------------------------------------- hooks

    def _crediario_sale_date(self):
        return self.invoice_date or fields.Date.context_today(self)

    def _crediario_cash_total(self):
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.is_finance_charge
        )
        return cents(sum(lines.mapped("price_total")))

    def _crediario_is_open(self):
        return self.state == "draft" and self.move_type == "out_invoice"

    def _takes_partner_plan(self):
        return False

    # ------------------------------------------------------------- compute

    @api.depends("contract_reference")
    def _compute_display_name(self):
        """A contract is called by the number the customer knows, whatever journal it is in."""
        contracts = self.filtered(lambda move: move.crediario_plan_id and move.contract_reference)
        result = super(AccountMove, self - contracts)._compute_display_name()
        for move in contracts:
            move.display_name = move.contract_reference
        return result

    @api.depends("crediario_terms_id")
    def _compute_signed_settlement_rule(self):
        for move in self:
            terms = move.crediario_terms_id
            move.signed_settlement_rule = terms and terms._settlement_rule_text()

    @api.depends(
        "partner_id.commercial_partner_id",
        "crediario_plan_id",
        "installment_count",
        "first_due_date",
        "due_day",
        "down_payment",
        "invoice_date",
        "currency_id",
        "invoice_line_ids.price_total",
        "invoice_line_ids.is_finance_charge",
    )
    def _compute_crediario_price(self):
        return super()._compute_crediario_price()

    @api.depends(
        "crediario_plan_id",
        "installment_count",
        "first_due_date",
        "due_day",
        "down_payment",
    )
    def _compute_needed_terms(self):
        contracts = self.filtered(lambda move: move._crediario_has_schedule())
        result = super(AccountMove, self - contracts)._compute_needed_terms()
        for move in self - contracts:
            move.needed_terms = {
                frozendict({**key, "installment_number": 0}): values
                for key, values in (move.needed_terms or {}).items()
            }
        for move in contracts:
            move.needed_terms = move._crediario_needed_terms()
            move.needed_terms_dirty = True
        return result

    def _crediario_has_schedule(self):
        return bool(
            self.move_type == "out_invoice"
            and self.crediario_plan_id
            and self._crediario_has_dates()
            and self.invoice_line_ids
        )

    def _crediario_needed_terms(self):
        """One key per installment: number and due date, so that two on one day stay two."""
        self.ensure_one()
        total = cents(self.amount_total_in_currency_signed)
        total_company = cents(self.amount_total_signed)
        down = min(self._crediario_down_payment(), max(total, cents(0)))
        dates = self._crediario_dates()
        schedule = [(0, self._crediario_sale_date(), down)] if down else []
        schedule += [
            (number, due, part)
            for number, (due, part) in enumerate(
                zip(
                    dates,
                    split_evenly(total - down, self.installment_count),
                    strict=True,
                ),
                start=1,
            )
        ]
        terms = {}
        left = total_company
        for number, due, part in self._crediario_due_dates(schedule):
            last = number == self.installment_count
            share = left if last or not total else cents(total_company * part / total)
            left -= share
            key = {
                "move_id": self.id,
                "date_maturity": due,
                "discount_date": False,
                "installment_number": number,
            }
            terms[frozendict(key)] = {
                "balance": float(share),
                "amount_currency": float(part),
                "discount_date": False,
                "discount_balance": 0.0,
                "discount_amount_currency": 0.0,
            }
        return terms

    def _crediario_due_dates(self, schedule):
        """``schedule`` (number, due date, value) with the dates that were moved since."""
        return schedule

    # ---------------------------------------------------------------- sync

    def _get_sync_stack(self, container):
        """The finance charge is brought up to date before taxes and terms are."""
        stack, update_containers = super()._get_sync_stack(container)
        stack.append((95, self._sync_finance_charge(container)))
        return stack, update_containers

    @contextmanager
    def _sync_finance_charge(self, container):
        yield
        for move in container["records"]:
            if move.state == "draft" and move.move_type == "out_invoice":
                move._update_finance_charge_line()

    def _update_finance_charge_line(self):
        lines = self.line_ids.filtered("is_finance_charge")
        if not self.crediario_plan_id and not lines:
            return
        charge = self._crediario_finance_charge()
        if not charge:
            lines.with_context(dynamic_unlink=True).unlink()
        elif not lines:
            self.env["account.move.line"].create(self._finance_charge_line_vals(charge))
        else:
            lines[0]._keep_charge(charge)

    def _finance_charge_line_vals(self, charge):
        product = self.crediario_plan_id.finance_charge_product_id
        return {
            "move_id": self.id,
            "product_id": product.id,
            **self.company_id._finance_charge_account_vals(),
            "name": product.display_name or self.env._("Finance charge"),
            "display_type": "product",
            "is_finance_charge": True,
            "quantity": 1.0,
            "price_unit": float(charge),
            "tax_ids": [Command.clear()],
            "sequence": 9000,
        }

    # ------------------------------------------------------------ business

    def _is_contract_without_invoice(self):
        """Imported, or made of others by an agreement: an entry with installments."""
        return len(self) == 1 and self.move_type == "entry" and bool(self.crediario_plan_id)

    def _crediario_value_problem(self):
        """What is paid before a sale is no sale on credit."""
        if self.crediario_plan_id and self._is_downpayment():
            return self.env._(
                "A down payment is paid at once: take the plan off this invoice. The installments "
                "are those of the invoice for the sale itself."
            )
        return super()._crediario_value_problem()

    def _post(self, soft=True):
        self.filtered(lambda move: move._crediario_is_open())._check_crediario_ready()
        posted = super()._post(soft=soft)
        posted._sign_terms()
        for move in posted.filtered(
            lambda move: move.crediario_plan_id and not move.contract_reference
        ):
            # Nothing of the entry hangs on it: no need to work its lines out again. With sudo: a
            # posted contract keeps its number, whoever writes.
            move.sudo().with_context(skip_invoice_sync=True).contract_reference = move.name
        return posted

    def _crediario_rules(self):
        """As signed; those of the plan as long as nothing is, or another plan was chosen since."""
        self.ensure_one()
        terms = self.crediario_terms_id
        signed = terms and terms.sudo().plan_id == self.crediario_plan_id
        return terms if signed else super()._crediario_rules()

    def _sign_terms(self):
        """Posting is signing: from now on the plan's own terms say nothing about this contract.

        A contract that was a draft again for a correction keeps what was signed. With sudo: whoever
        posts need not have the right to any of this, and nobody has the right to change it.
        """
        contracts = self.sudo().filtered(
            lambda move: move.crediario_plan_id and move.move_type in ("out_invoice", "entry")
        )
        for plan, moves in contracts.grouped("crediario_plan_id").items():
            unsigned = moves.filtered(
                lambda move, plan=plan: move.crediario_terms_id.plan_id != plan
            )
            if unsigned:
                # Nothing of the entry hangs on it: no need to work its lines out again.
                terms = self.env["crediario.terms"]._of_plan(plan)
                unsigned.with_context(skip_invoice_sync=True).crediario_terms_id = terms

    @api.model_create_multi
    def create(self, vals_list):
        """Signed terms come from signing alone."""
        self._refuse_signed_terms(*vals_list)
        return super().create([_with_plain_key(vals) for vals in vals_list])

    def write(self, vals):
        """See :meth:`create`."""
        self._refuse_signed_terms(vals)
        return super().write(_with_plain_key(vals))

    @api.model
    def _refuse_signed_terms(self, *vals_list):
        if not self.env.su and any("crediario_terms_id" in vals for vals in vals_list):
            raise AccessError(self.env._("The terms of a contract are those that were signed."))

    def copy_data(self, default=None):
        """Only an invoice copies its terms: a credit note or a reversed entry is no contract.

        Nor is what a sale is called a name for what takes it back: core chooses anew.
        """
        vals_list = super().copy_data(default)
        plain = _plain_documents(self.env).ids
        for move, vals in zip(self, vals_list, strict=True):
            kind = vals.get("move_type", move.move_type)
            if kind != "out_invoice":
                vals["crediario_plan_id"] = False
            if kind != move.move_type and vals.get("l10n_latam_document_type_id") in plain:
                del vals["l10n_latam_document_type_id"]
        return vals_list

    # ------------------------------------------------------------- actions

    def get_formview_id(self, access_uid=None):
        """A contract without an invoice opens as a contract, not as the accountant's entry."""
        if self._is_contract_without_invoice():
            return self.env.ref("optica_cobranca.view_crediario_contract_form").id
        return super().get_formview_id(access_uid=access_uid)

    def action_open_entry(self):
        """The entry in the books behind a contract, for accountants."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "account.move",
            "res_id": self.id,
            "views": [(self.env.ref("account.view_move_form").id, "form")],
        }

    def action_receive_contract(self):
        """Receive what is open of this contract at the cashier's."""
        return self.installment_ids.filtered("amount_residual").action_receive()

    def action_switch_move_type(self):
        """An invoice that becomes a credit note is a contract no more."""
        result = super().action_switch_move_type()
        self.filtered(lambda move: move.move_type != "out_invoice").crediario_plan_id = False
        return result

    def action_view_installments(self):
        """Open the list of this contract's installments."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {
            **action,
            "domain": [("move_id", "in", self.ids), ("crediario_plan_id", "!=", False)],
            "context": {},
        }

    # ---------- The terms of a contract, told from its entry once that is posted

    def _crediario_offer(self) -> Offer | None:
        """As agreed: what the plan says today no longer counts; nothing is known of an import."""
        self.ensure_one()
        if self.move_type != "out_invoice":
            return None
        if self.state != "posted":
            return super()._crediario_offer()
        lines = self.installment_ids.filtered("installment_number").sorted("installment_number")
        parts = [cents(line.balance) for line in lines]
        down = self._crediario_down_payment()
        principal = sum(parts, ZERO) - self._crediario_charge_booked()
        dates = self._crediario_dates() if self.installment_count > 0 else []
        if not parts or principal <= 0 or len(dates) != len(parts):
            return None
        rate = exact(self.sudo()._crediario_rules().monthly_rate)
        try:
            return offer_of(
                principal,
                down,
                rate if self._crediario_charge_booked() else ZERO,
                self._crediario_sale_date(),
                dates,
                parts,
            )
        except DomainError:
            return None

    def _crediario_schedule(self):
        """Once posted: the lines themselves, with due dates that were moved and what is left."""
        if self.state != "posted" or not self.installment_ids:
            return super()._crediario_schedule()
        return [
            {
                "number": line.installment_number,
                "date": line.date_maturity,
                "amount": line.amount_currency,
                "left": line.amount_residual_currency,
            }
            for line in self.sudo().installment_ids.sorted("installment_number")
        ]

    def _crediario_charge_booked(self):
        """The price of the credit on the invoice, company currency (Decimal)."""
        return -cents(sum(self.line_ids.filtered("is_finance_charge").mapped("balance")))

    def _crediario_debt(self):
        """What the customer owed by this contract when it began, the down payment not counted."""
        return sum(self.installment_ids.filtered("installment_number").mapped("balance"))

    # ---- What takes an entry back: a credit note on a contract, the reversal of a payment

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Core would close the oldest installments first.

        Glasses that come back end the contract from its last installment backwards: what is late
        stays owed. What an agreement took in is owed as the agreement's installments: these are
        closed from their last one backwards. Whoever wants another order matches by hand.

        A payment that is reversed (a cheque that came back) pays nothing any more, also when the
        reversal was a draft first: core would leave what it had paid.
        """
        for original, reversal in zip(self, reverse_moves, strict=True):
            payments = original.origin_payment_id
            payments._receivable_lines().remove_move_reconcile()
            original._close_from_the_last(reversal, move_reverse_cancel)
        result = super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        for original, reversal in zip(self, reverse_moves, strict=True):
            original.origin_payment_id._note_reversal(reversal)
        return result

    def _close_from_the_last(self, credit_note, move_reverse_cancel):
        installments = self.installment_ids.sorted("installment_number", reverse=True)
        for installment in self._debts_of_credit_note(installments):
            credit = credit_note.line_ids.filtered(
                lambda line, account=installment.account_id: (
                    line.account_id == account and not line.reconciled
                )
            )
            pair = (credit[:1] + installment).with_context(move_reverse_cancel=move_reverse_cancel)
            if credit:
                pair.reconcile()

    def _debts_of_credit_note(self, installments):
        """What is open of these installments of the contract, in their order."""
        return installments.filtered(lambda line: not line.reconciled)

    # ---- Which fiscal document was issued for a sale; a sale without one is not called so
    # This system issues none. A person types or scans its key, or a fiscal module writes it:
    # see ``docs/fiscal-documents.md``.

    optica_fiscal_key = fields.Char(
        string="Fiscal Document Key",
        copy=False,
        tracking=True,
        index="btree_not_null",
        help="The 44 characters that name the NF-e or NFC-e issued for this sale. Type or scan "
        "them; a fiscal module fills them in. Without a key the papers say that they are no "
        "fiscal document.",
    )

    @api.constrains("optica_fiscal_key")
    def _check_optica_fiscal_key(self):
        for move in self.filtered("optica_fiscal_key"):
            try:
                fiscal_key.parse(move.optica_fiscal_key)
            except FiscalKeyError as error:
                raise ValidationError(move._fiscal_key_problem(error)) from error

    def _fiscal_key_problem(self, error):
        if error.code == ErrorCode.FISCAL_KEY_DIGIT:
            return self.env._(
                "The key %(key)s was mistyped: its last digit does not belong to the others.",
                key=self.optica_fiscal_key,
            )
        return self.env._(
            "The key of an NF-e or NFC-e has 44 characters, such as %(example)s. Found: %(found)s",
            example="3508 0599 9990 9091 0270 5500 1000 0000 0151 8005 1273",
            found=self.optica_fiscal_key,
        )

    def _fiscal_document_keys(self):
        """Keys of the fiscal documents issued for this sale; a fiscal module adds its own.

        :return: list of 44 characters each; empty while there is none
        """
        self.ensure_one()
        return [self.optica_fiscal_key] if self.optica_fiscal_key else []

    def _fiscal_note(self):
        """What the papers of this sale say of its fiscal document, in the reader's language."""
        keys = [fiscal_key.parse(key) for key in self._fiscal_document_keys()]
        if not keys:
            return self.env["crediario.paper"]._no_fiscal_document()
        return " · ".join(
            self.env._(
                "%(kind)s no. %(number)s, series %(series)s, key %(key)s",
                kind=key.kind,
                number=key.number,
                series=key.series,
                key=key.groups,
            )
            for key in keys
        )

    def _get_l10n_latam_documents_domain(self):
        """A sale is a sale until somebody says that it is an NF-e.

        Where invoices are fiscal documents, and for what suppliers send, core's list stays.
        """
        domain = super()._get_l10n_latam_documents_domain()
        if self.is_sale_document() and not self.company_id._issues_fiscal_documents():
            return domain
        return [*domain, ("id", "not in", _plain_documents(self.env).ids)]
