import logging

from odoo import fields, models
from odoo.exceptions import UserError

from ...domain.pix.pix_charge import Part
from ...domain.shop import pix, pix_reference
from ...domain.shop.errors import PixError
from ...domain.shop.money import ZERO, cents

_logger = logging.getLogger(__name__)
CURRENCY = "BRL"


class AccountMoveLine(models.Model):
    """Installments that customers pay by Pix."""

    _inherit = "account.move.line"

    def _pix_reference(self):
        """The reference by which a Pix payment names this installment."""
        self.ensure_one()
        return pix_reference.txid_for(self.move_id.id, self.installment_number)

    def _pix_codes(self) -> dict[int, str]:
        """Copy-and-paste Pix codes by line id: what is left of the principal, to the shop's key.

        A code that the bank registered goes before the static one of the same installment. Settled
        installments have none, nor have those of a company without a Pix key or with another
        currency than the real. Late charges depend on the day and are not in it.
        """
        codes = {}
        for company, lines in self.grouped("company_id").items():
            account = company._pix_account()
            if not account or company.currency_id.name != CURRENCY:
                continue
            for line in lines.filtered(lambda line: cents(line.amount_residual) > ZERO):
                code = line._pix_code(account)
                if code:
                    codes[line.id] = code
        return codes | self._registered_pix_codes()

    def _pix_code_of(self, amount):
        """One code over ``amount`` for all of these installments of one company, or None.

        It names the oldest: what is paid goes to the oldest first.
        """
        account = self.company_id._pix_account()
        if not self or not account or self.company_id.currency_id.name != CURRENCY:
            return None
        return self._sorted_for_receiving()[0]._pix_code(account, amount)

    def _pix_code(self, account, amount=None):
        """The code that pays this installment, or another ``amount``, into ``account``.

        None where the key is no key.

        In capitals, because some banks' applications do not read the code otherwise (l10n_br).
        """
        company = self.company_id
        key = account.proxy_value
        if account.proxy_type == "br_cpf_cnpj":
            key = "".join(filter(str.isalnum, key)).upper()
        try:
            return pix.build(
                key,
                (account.acc_holder_name or company.name).upper(),
                (company.city or company.state_id.name or "BRASIL").upper(),
                cents(self.amount_residual) if amount is None else cents(amount),
                self._pix_reference(),
            )
        except PixError as error:
            _logger.warning("No Pix code for installment %s: %s", self.id, error)
            return None

    # -------------------------------------------------- Installments paid by Pix

    def action_pix(self):
        """Today's code over these installments of one customer."""
        return self.env["pix.show"]._open(self)

    def _registered_pix_codes(self) -> dict[int, str]:
        """Codes that a bank registered for one installment each.

        With sudo: who prints a slip need not see charges.
        """
        charges = (
            self.env["pix.charge"]
            .sudo()
            .search(
                [
                    ("line_key", "in", [str(line.id) for line in self]),
                    ("kind", "=", "cobv"),
                    ("state", "=", "active"),
                    ("account_id.state", "=", "live"),
                ]
            )
        )
        return {charge.line_ids.id: charge.code for charge in charges}

    # ------------------------------------- Installments as parts of a Pix charge

    pix_charge_ids = fields.Many2many(
        "pix.charge",
        "pix_charge_line_rel",
        "line_id",
        "charge_id",
        string="Pix Charges",
        readonly=True,
        copy=False,
        groups="optica_cobranca.group_seller",
    )

    def _check_one_pix_debt(self):
        if (
            len(self.company_id) > 1
            or len(self.partner_id.commercial_partner_id) > 1
            or any(not line.crediario_plan_id or line.parent_state != "posted" for line in self)
        ):
            raise UserError(
                self.env._("One Pix is for posted installments of one customer in one company.")
            )

    def _pix_parts(self, on) -> dict[int, Part]:
        """What each installment costs on ``on``, by line id; settled ones are left out."""
        amounts = self._amounts_today(on)
        owing = self.filtered(lambda line: amounts[line.id].total)
        reductions = owing._settlements(on)
        return {
            line.id: Part(
                line.id,
                amounts[line.id].principal,
                amounts[line.id].fine,
                amounts[line.id].interest,
                reductions[line.id].reduction,
            )
            for line in owing
        }

    def _pix_line_key(self):
        return ",".join(map(str, sorted(self.ids)))

    def _installments_paid(self):
        """Codes of what was paid are withdrawn."""
        heard = super()._installments_paid()
        lines = self.filtered("crediario_plan_id")
        if lines:
            self.env["pix.charge"]._note_settled(lines)
        return heard
