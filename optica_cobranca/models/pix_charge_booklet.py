from odoo import api, fields, models

from ..clients.pix_bacen import COBV
from ..clients.pix_errors import PixTrouble, Trouble
from ..clients.pix_profiles import PROFILES
from ..domain.pix_charge import Part
from .pix_work import BACK_OFF


class PixCharge(models.Model):
    """Codes of a whole booklet, in one batch where the bank has batches."""

    _inherit = "pix.charge"

    # ------------------------------------------------------------ business

    @api.model
    def _charges_for_booklet(self, lines, on, account):
        """A charge with due date for each open installment that has none yet.

        The rows are made now; the bank is told at once where it takes batches, else one by one
        by the cron. With sudo: nobody may write charges.

        :return: the new charges
        """
        made = self.sudo().browse()
        terms_of = {}
        for contract in lines.sudo().move_id:
            of_contract = lines.sudo().filtered(lambda line, c=contract: line.move_id == c)
            parts = of_contract._pix_parts(on)
            for line in of_contract.filtered(lambda line, parts=parts: line.id in parts):
                terms = self.sudo()._booklet_terms(line, on, parts, account)
                if not terms or self.sudo()._live(line, COBV):
                    continue
                values = self._amount_vals(on, {line.id: parts[line.id]}) | {
                    "signature": terms.signature,
                    "todo": "make",
                }
                charge = self.sudo()._create_live(
                    line, COBV, self.sudo()._new_vals(line, account, terms) | values
                )
                terms_of[charge] = terms
                made |= charge
        if made and PROFILES[account.profile].has_lots and account.profile != "sandbox":
            made._send_lot(account, terms_of)
        if made:
            self.env.ref("optica_cobranca.cron_pix_charges").sudo()._trigger()
        return made

    @api.model
    def _booklet_terms(self, line, on, parts, account):
        """As of the due date: what is paid early has the bank's discount, not today's amount."""
        part = parts[line.id]
        untouched = {line.id: Part(line.id, part.principal, part.fine, part.interest)}
        return self._terms_of(line, on, untouched, account)

    def _send_lot(self, account, terms_of):
        """One call for all; what the bank does with each is looked up by and by.

        A batch that may not have arrived is looked up too: the bank then does not know it, and
        each is made by itself.
        """
        lot = self[0].id
        bodies = {charge.txid: charge._body(terms_of[charge]) for charge in self}
        try:
            with account._client() as client:
                client.put_lot(lot, self.env._("Carnê %s", lot), bodies)
        except PixTrouble as error:
            account._note_trouble(error)
            if error.trouble != Trouble.UNCLEAR:
                return
        self.write({"todo": "look", "lot": lot, "next_try_at": fields.Datetime.now() + BACK_OFF})
