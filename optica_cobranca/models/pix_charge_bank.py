import random
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..clients.pix_bacen import COB, COBV
from ..clients.pix_errors import PixTrouble, Trouble
from ..clients.pix_shapes import (
    ACTIVE,
    DONE,
    Debtor,
    cob_body,
    cobv_body,
    revision_body,
)
from ..domain import pix
from ..domain.money import cents
from ..domain.pix_charge import sum_of
from ..domain.pix_terms import due_terms, fits_due_date
from ..domain.pix_txid import CHARGES, dynamic_txid

SHORTEST_SECONDS = 300
_chance = random.SystemRandom()


class PixCharge(models.Model):
    """Charges that a bank knows: made, revised, removed.

    Every call may be repeated. What the bank may have taken without our knowing it (no answer, a
    killed process) is harmless: nobody has seen its code, and its txid names the installment.
    """

    _inherit = "pix.charge"

    signature = fields.Char(readonly=True, help="The terms that the bank has.")
    revision = fields.Integer(readonly=True, help="How often the bank was told of a change.")
    location = fields.Char(readonly=True)
    lot = fields.Integer(readonly=True, help="Number of the batch it was made in.")
    todo = fields.Selection(
        [
            ("make", "Make"),
            ("look", "Look After the Batch"),
            ("revise", "Revise"),
            ("remove", "Remove"),
        ],
        string="To Tell the Bank",
        readonly=True,
        index="btree_not_null",
    )

    # ------------------------------------------------------------ business

    @api.model
    def _dynamic_for(self, lines, on, parts, account):
        """The bank's charge of today; empty when the bank does not answer."""
        terms = self._terms_of(lines, on, parts, account)
        kind = COBV if terms else COB
        charge = self._live(lines, kind)
        if charge and charge.account_id != account:
            charge._close()
            charge = self.browse()
        values = self._amount_vals(on, parts) | {"signature": self._signature(on, parts, terms)}
        try:
            if charge and charge.state == "active" and charge.signature == values["signature"]:
                return charge
            if charge and kind == COBV and charge.state == "active":
                return charge._revise(values, terms)
            if charge:
                charge._close()
            return self._make(lines, kind, account, values, terms)
        except PixTrouble as error:
            account._note_trouble(error)
            return self.browse()

    @api.model
    def _terms_of(self, lines, on, parts, account):
        """Terms with a due date when they say exactly what is owed, else None."""
        line = lines[:1]
        if len(lines) > 1 or not account.uses_due_dates or not self._tax_number(lines):
            return None
        part = parts[line.id]
        amount = line._amounts_today(on)[line.id]
        original = cents(line.balance)
        if not fits_due_date([part], line.date_maturity, on, original, amount):
            return None
        plan = line.crediario_plan_id
        return due_terms(
            part.principal,
            line.date_maturity,
            on,
            plan._charge_terms(),
            plan._settlement_rule(),
            account.valid_days,
        )

    @api.model
    def _make(self, lines, kind, account, values, terms):
        """Register a new charge.

        :raise PixTrouble: the row then says so, and what the bank may have taken is removed
        """
        charge = self._create_live(lines, kind, self._new_vals(lines, account, terms) | values)
        try:
            with account._client() as client:
                body = charge._body(terms)
                charge._take_answer(client.put_charge(kind, charge.txid, body))
        except PixTrouble as error:
            may_be_there = error.trouble in (Trouble.UNCLEAR, Trouble.BAD_ANSWER)
            charge.write(
                {
                    "state": "closing" if may_be_there else "failed",
                    "todo": "remove" if may_be_there else False,
                    "last_error": account._trouble_text(error),
                }
            )
            raise
        return charge

    def _new_vals(self, lines, account, terms):
        oldest = lines[0]
        return {
            "account_id": account.id,
            "txid": dynamic_txid(
                oldest.move_id.id, oldest.installment_number, _chance.randrange(CHARGES)
            ),
            "expires_at": self._end_of(terms, lines.company_id),
        }

    def _revise(self, values, terms):
        """Tell the bank the new terms of a charge that waits; the code stays the same."""
        with self.account_id._client() as client:
            body = revision_body(self._body(terms))
            answer = client.patch_charge(self.kind, self.txid, body)
        self.write(values | {"expires_at": self._end_of(terms, self.company_id), "todo": False})
        self._take_answer(answer)
        return self

    def _take_answer(self, answer):
        """What the bank says about the charge."""
        self.ensure_one()
        if answer.status not in (ACTIVE, DONE):
            self.write({"state": "cancelled", "todo": False})
            return
        code = answer.code or self.code or self._code_at(answer.location)
        self.write(
            {
                "state": "active",
                "code": code,
                "location": answer.location or self.location,
                "revision": answer.revision,
                "todo": False,
                "tries": 0,
                "next_try_at": False,
                "last_error": False,
            }
        )

    def _close(self):
        """Nobody shall pay these any more; the bank is told within a minute."""
        static = self.filtered(lambda charge: charge.kind == "static")
        static.write({"state": "cancelled"})
        dynamic = self - static
        if dynamic:
            dynamic.write({"state": "closing", "todo": "remove", "tries": 0, "next_try_at": False})
            self.env.ref("optica_cobranca.cron_pix_charges")._trigger()

    # ------------------------------------------------------------- helpers

    def _body(self, terms):
        debtor = self._debtor()
        words = self.with_context(lang=self.partner_id.lang or "pt_BR").env
        request = words._("Installments of %s", self.company_id.name)
        if terms:
            return cobv_body(terms, self.account_id.key, debtor, request)
        amount = sum_of(list(self._asked().values())).total
        now = fields.Datetime.now()
        left = int((self.expires_at - now).total_seconds())
        return cob_body(amount, self.account_id.key, max(left, SHORTEST_SECONDS), debtor, request)

    def _debtor(self):
        partner = self.partner_id
        return Debtor(
            name=partner.name or "",
            tax_number=self._tax_number(self.line_ids),
            street=" ".join(filter(None, (partner.street, partner.street2))),
            city=partner.city or "",
            state=partner.state_id.code or "",
            postal_code="".join(filter(str.isdigit, partner.zip or ""))[:8],
        )

    @api.model
    def _tax_number(self, lines):
        """CPF or CNPJ without punctuation; empty when the customer has none."""
        number = lines.partner_id.commercial_partner_id.vat or ""
        plain = "".join(filter(str.isalnum, number)).upper()
        is_cpf = len(plain) == 11 and plain.isdigit()
        return plain if is_cpf or (len(plain) == 14 and plain[-2:].isdigit()) else ""

    @api.model
    def _signature(self, on, parts, terms):
        if terms:
            return terms.signature
        return f"{on}|{sum_of(list(parts.values())).total}"

    @api.model
    def _end_of(self, terms, company):
        """Naive UTC: the end of the last day on which the code is good, where the shop is."""
        zone = ZoneInfo(company.contact_timezone or "America/Sao_Paulo")
        now = datetime.now(timezone.utc)
        last = (
            terms.due + timedelta(days=terms.valid_days) if terms else now.astimezone(zone).date()
        )
        end = datetime.combine(last + timedelta(days=1), time(), zone)
        return (
            max(end, now + timedelta(seconds=SHORTEST_SECONDS))
            .astimezone(timezone.utc)
            .replace(tzinfo=None)
        )

    def _code_at(self, location):
        """The text to copy, for banks that leave it out."""
        company = self.company_id
        return pix.build_dynamic(
            location,
            company.name.upper(),
            (company.city or company.state_id.name or "BRASIL").upper(),
        )
