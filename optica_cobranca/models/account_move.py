from contextlib import contextmanager

from odoo import Command, api, fields, models
from odoo.tools import frozendict

from ..domain.money import cents, split_evenly


class AccountMove(models.Model):
    """A customer invoice with a plan is the contract; its receivable lines are the installments."""

    _name = "account.move"
    _inherit = ["account.move", "crediario.contract.mixin"]

    contract_reference = fields.Char(
        string="Contract",
        copy=False,
        index="btree_not_null",
        help="Number of the contract that customers see: the invoice's, or the one it had before "
        "it was imported.",
    )
    installment_ids = fields.One2many(
        "account.move.line",
        "move_id",
        string="Installment Lines",
        domain=[("crediario_plan_id", "!=", False)],
        readonly=True,
    )

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

    @api.depends(
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
        super(AccountMove, self - contracts)._compute_needed_terms()
        for move in self - contracts:
            move.needed_terms = {
                frozendict({**key, "installment_number": 0}): values
                for key, values in (move.needed_terms or {}).items()
            }
        for move in contracts:
            move.needed_terms = move._crediario_needed_terms()
            move.needed_terms_dirty = True

    def _crediario_has_schedule(self):
        return bool(
            self.move_type == "out_invoice"
            and self.crediario_plan_id
            and self.installment_count > 0
            and self.first_due_date
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
        elif cents(lines[0].price_unit) != charge:
            lines[0].price_unit = float(charge)

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

    def _post(self, soft=True):
        self.filtered(lambda move: move._crediario_is_open())._check_crediario_ready()
        posted = super()._post(soft=soft)
        for move in posted.filtered(
            lambda move: move.crediario_plan_id and not move.contract_reference
        ):
            # Nothing of the entry hangs on it: no need to work its lines out again.
            move.with_context(skip_invoice_sync=True).contract_reference = move.name
        return posted

    def copy_data(self, default=None):
        """Only an invoice copies its terms: a credit note or a reversed entry is no contract."""
        vals_list = super().copy_data(default)
        for move, vals in zip(self, vals_list, strict=True):
            if vals.get("move_type", move.move_type) != "out_invoice":
                vals["crediario_plan_id"] = False
        return vals_list

    # ------------------------------------------------------------- actions

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
