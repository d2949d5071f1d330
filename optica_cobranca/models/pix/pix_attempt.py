from odoo import Command, api, fields, models

from .pix_work import DOUBT

# Of a charge; with them its row can be made again.
KEPT = (
    "company_id",
    "partner_id",
    "account_id",
    "kind",
    "line_key",
    "day",
    "amount",
    "amount_principal",
    "amount_fine",
    "amount_interest",
    "amount_reduction",
    "parts",
    "txid",
    "expires_at",
)


class PixAttempt(models.Model):
    """A code that a bank is asked for while somebody waits for it.

    The charge is kept with the request that wants it, after the bank has made it. What ends that
    request before (a killed process, a lost race, an error later on) leaves this row, which was
    kept before the bank heard of it: the charge is made up for and withdrawn. Nobody has seen
    its code.
    """

    _name = "pix.attempt"
    _description = "Pix Code Being Asked For"
    _order = "id"

    txid = fields.Char("Reference", required=True, readonly=True, index=True)
    charge_vals = fields.Json("Charge", required=True, readonly=True)
    asked_at = fields.Datetime(required=True, readonly=True, index=True)

    # ---------------------------------------------------------------- cron

    @api.model
    def _settle(self):
        """Attempts whose request is long over: each has a charge by then, or gets one to withdraw.

        :return: how many were left without a charge
        """
        limit = fields.Datetime.now() - DOUBT
        over = self.search([("asked_at", "<", limit)])
        charges = self.env["pix.charge"]
        known = set(charges.search([("txid", "in", over.mapped("txid"))]).mapped("txid"))
        lost = over.filtered(lambda attempt: attempt.txid not in known)
        for attempt in lost:
            charges |= charges.create(attempt._lost_charge_vals())
        charges._close()
        over.unlink()
        return len(lost)

    # ------------------------------------------------------------ business

    @api.model
    def _keep(self, charge):
        """Keep that the bank is about to be asked for a charge, in a transaction of its own.

        With sudo: whoever waits for a code has no rights to what is asked of the bank.
        """
        values = charge.read(KEPT, load=None)[0] | {"line_ids": charge.line_ids.ids}
        values["day"] = fields.Date.to_string(charge.day)
        values["expires_at"] = fields.Datetime.to_string(charge.expires_at)
        del values["id"]
        with self.env.registry.cursor() as cursor:
            self.with_env(self.env(cr=cursor)).sudo().create(
                {
                    "txid": charge.txid,
                    "charge_vals": values,
                    "asked_at": fields.Datetime.now(),
                }
            )

    def _lost_charge_vals(self):
        """Values of the charge that was never kept; installments may be gone since."""
        values = dict(self.charge_vals)
        lines = self.env["account.move.line"].browse(values["line_ids"]).exists()
        return {**values, "line_ids": [Command.set(lines.ids)], "state": "closing"}
