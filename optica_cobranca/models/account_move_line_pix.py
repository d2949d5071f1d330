import logging

from odoo import models

from ..domain import pix, pix_reference
from ..domain.errors import PixError
from ..domain.money import ZERO, cents

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

        Settled installments have none, nor have those of a company without a Pix key or with
        another currency than the real. Late charges depend on the day and are not in it.
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
        return codes

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
