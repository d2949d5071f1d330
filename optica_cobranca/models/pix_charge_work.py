from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..clients.pix_errors import PixTrouble, Trouble
from ..clients.pix_shapes import revision_body
from .pix_work import BACK_OFF

BATCH = 50
# A charge that nobody paid and the bank has forgotten by then; a late Pix still finds its row.
GRACE_AFTER_EXPIRY = timedelta(hours=1)
# What the bank says about a charge that cannot be removed because it was paid or is gone.
FINAL = (Trouble.NOT_FOUND, Trouble.REFUSED)


class PixCharge(models.Model):
    """What the bank must be told, by and by, whatever happens in between."""

    _inherit = "pix.charge"

    # ---------------------------------------------------------------- cron

    @api.model
    def _cron_charges(self):
        """Every minute: make, revise and remove charges; mark those whose time is over."""
        self._expire()
        while charges := self._claim_waiting(SQL("todo IS NOT NULL"), BATCH):
            for account, group in charges.grouped("account_id").items():
                group._each_at_bank(account, type(self)._tell)
            if not self.env["ir.cron"]._commit_progress(len(charges)):
                return

    @api.model
    def _expire(self):
        """With their day, codes end by themselves; the bank needs no telling."""
        limit = fields.Datetime.now() - GRACE_AFTER_EXPIRY
        over = self.search(
            [
                ("state", "=", "active"),
                ("kind", "!=", "static"),
                ("expires_at", "<", limit),
                ("todo", "=", False),
            ],
            limit=1000,
        )
        over.write({"state": "expired"})

    # ------------------------------------------------------------ business

    def _tell(self, client):
        """Tell the bank about this one."""
        try:
            getattr(self, f"_do_{self.todo}")(client)
        except PixTrouble as error:
            self.account_id._note_trouble(error)
            sentence = self.account_id._trouble_text(error)
            if error.trouble == Trouble.REFUSED and self.state == "new":
                self.write({"state": "failed", "todo": False, "last_error": sentence})
            else:
                self._postpone(sentence)

    def _do_remove(self, client):
        """Gone at the bank; if it was paid meanwhile, the payment comes by its own way."""
        try:
            client.remove_charge(self.kind, self.txid)
        except PixTrouble as error:
            if error.trouble not in FINAL:
                raise
        self.write({"state": "cancelled", "todo": False, "last_error": False})

    def _do_revise(self, client):
        """The due date moved: the bank gets the new terms, or the code ends."""
        on = self._today()
        line = self.line_ids
        parts = line._pix_parts(on)
        terms = self._booklet_terms(line, on, parts, self.account_id) if parts else None
        if not terms:
            self._close()
            self._do_remove(client)
            return
        answer = client.patch_charge(self.kind, self.txid, revision_body(self._body(terms)))
        self.write(
            self._amount_vals(on, parts)
            | {
                "signature": terms.signature,
                "expires_at": self._end_of(terms, self.company_id),
            }
        )
        self._take_answer(answer)

    def _do_make(self, client):
        """A code of a booklet, one by one, for banks without batches."""
        on = self._today()
        parts = self.line_ids._pix_parts(on)
        terms = self._booklet_terms(self.line_ids, on, parts, self.account_id) if parts else None
        if not terms:
            self.write({"state": "cancelled", "todo": False})
            return
        self._take_answer(client.put_charge(self.kind, self.txid, self._body(terms)))

    def _do_look(self, client):
        """What became of a batch: the bank makes its charges by and by."""
        try:
            status, why = client.get_lot(self.lot).get(self.txid, ("", ""))
        except PixTrouble as error:
            if error.trouble != Trouble.NOT_FOUND:
                raise
            self.todo = "make"
            return
        if status == "NEGADA":
            self.write({"state": "failed", "todo": False, "last_error": why})
        elif status == "EM_PROCESSAMENTO":
            self.next_try_at = fields.Datetime.now() + BACK_OFF
        else:
            self._take_answer(client.get_charge(self.kind, self.txid))

    def _today(self):
        return self.env["dunning.run"]._today(self.company_id)
