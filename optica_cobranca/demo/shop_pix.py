from datetime import datetime, timedelta, timezone
from decimal import Decimal

from odoo import models

from ..clients.bank.pix_shapes import PixAnswer
from ..domain.pix.pix_received import Received
from ..domain.shop.money import cents

# What each customer pays beside the amount that was asked, and hours ago.
PAID = (("0.00", 2), ("5.00", 4), ("0.00", 26))
UNKNOWN = "80.00"


class DemoShop(models.AbstractModel):
    """A bank to play with: codes, payments that closed installments, two that need a person."""

    _inherit = "optica.demo.shop"

    def _connect_bank(self, manager, today):
        account = self.env["pix.account"].create(
            {
                "name": "Pix (sandbox)",
                "profile": "sandbox",
                "state": "test",
                "key": "pix@oticaboavista.example",
                "user_id": manager.id,
            }
        )
        if not account.journal_id:
            account.state = "disabled"
            return
        now = datetime.now(timezone.utc).replace(microsecond=0)
        paid = []
        for number, (charge, (more, hours)) in enumerate(
            zip(self._ask_by_pix(today), PAID, strict=False)
        ):
            amount = cents(charge.amount) + Decimal(more)
            paid.append(self._played(number, charge.txid, amount, now - timedelta(hours=hours)))
        paid.append(self._played(len(PAID), "", Decimal(UNKNOWN), now - timedelta(hours=6)))
        for payment in self.env["pix.payment"].sudo()._take_in(account, paid):
            payment._book_or_postpone()

    def _ask_by_pix(self, today):
        """Codes over coming installments of some customers; the last one is not paid yet."""
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("crediario_plan_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("amount_residual", ">", 0),
                # No level of the ladder speaks of these yet: its examples stay as they are.
                ("date_maturity", ">=", today + timedelta(days=10)),
                ("date_maturity", "<=", today + timedelta(days=60)),
            ],
            order="date_maturity, id",
        )
        chosen = [of_partner[0] for of_partner in lines.grouped("partner_id").values()]
        Charge = self.env["pix.charge"]
        return [Charge._charge_for(line, today, with_test=True) for line in chosen[: len(PAID) + 1]]

    def _played(self, number, txid, amount, at):
        return PixAnswer(f"EDEMO{number:027d}", txid, Received(amount), at)
