import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...clients.bank.pix_bacen import COB, COBV
from ...clients.bank.pix_errors import SAID_NO, PixTrouble, Trouble
from ...clients.bank.pix_profiles import PROFILES
from ...clients.bank.pix_shapes import ACTIVE, DONE, Debtor, cob_body, cobv_body, revision_body
from ...domain.pix.pix_charge import Part, sum_of
from ...domain.pix.pix_terms import due_terms, fits_due_date, last_payable_day
from ...domain.pix.pix_txid import CHARGES, dynamic_txid
from ...domain.shop import clock, pix
from ...domain.shop.business_days import BusinessCalendar, bank_holidays
from ...domain.shop.errors import PixError
from ...domain.shop.money import cents
from .pix_work import BACK_OFF, DOUBT

SHORTEST_SECONDS = 300
# A code is shown for so long on the bank's last word that it can be paid.
LOOK_AFTER = timedelta(minutes=10)
_chance = random.SystemRandom()


class PixCharge(models.Model):
    """Charges that a bank knows: made, revised, removed.

    Only the bank's word makes a charge payable or ends it: whenever an answer proves nothing, the
    bank is asked by the txid before anybody judges. What it may have taken without our knowing it
    is removed; nobody has seen its code, and its txid names the installment.
    """

    _inherit = "pix.charge"

    signature = fields.Char(readonly=True, help="The terms that the bank has.")
    revision = fields.Integer(readonly=True, help="How often the bank was told of a change.")
    location = fields.Char(readonly=True)
    looked_at = fields.Datetime(readonly=True, help="When the bank last said that it is payable.")
    doubt_until = fields.Datetime(
        readonly=True, help="Until then the bank may make what it has not answered."
    )
    lot = fields.Integer(readonly=True, help="Number of the batch it was made in.")
    todo = fields.Selection(
        [
            ("lot", "Make in a Batch"),
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
        """The bank's charge of today; empty when the bank does not answer soon."""
        terms = self._terms_of(lines, on, parts, account)
        kind = COBV if terms else COB
        charge = self._live(lines, kind)
        values = self._amount_vals(on, parts) | {"signature": self._signature(on, parts, terms)}
        is_known_to_wait = charge._asks_for(account, values) and charge.looked_at
        if is_known_to_wait and charge.looked_at + LOOK_AFTER > fields.Datetime.now():
            return charge
        try:
            with account._client(is_awaited=True) as client:
                if charge.state == "active" and charge.account_id == account:
                    charge._bring_up_to_date(client, values, terms)
                    if charge.state in ("active", "paid"):
                        return charge
                elif charge:
                    charge._close()
                paid = self._end_earlier(client, lines, kind, account)
                return paid or self._make(client, lines, kind, account, values, terms)
        except PixTrouble as error:
            account._note_trouble(error)
            # A bank that does not say whether it still takes a code leaves it as it is.
            return charge.filtered(lambda each: each._asks_for(account, values))

    def _asks_for(self, account, values):
        """Whether it waits for just this."""
        return (
            self.state == "active"
            and self.account_id == account
            and self.signature == values["signature"]
        )

    def _bring_up_to_date(self, client, values, terms):
        """The charge as it shall be asked today: still ``active`` then, else it has ended."""
        if self.signature == values["signature"]:
            self._take_found(self._found(client))  # it may have removed it without a word
        elif self.kind == COBV:
            self._revise_at_bank(client, values, terms)
        else:
            self._close()

    @api.model
    def _end_earlier(self, client, lines, kind, account):
        """Codes over the same that shall not be paid any more end before another one is shown.

        :return: one that was paid meanwhile, its money taken in; empty when there is none
        :raise PixTrouble: nobody knows whether one of them can still be paid
        """
        earlier = self.search(
            [
                ("company_id", "=", lines.company_id.id),
                ("kind", "=", kind),
                ("line_key", "=", lines._pix_line_key()),
                ("account_id", "=", account.id),
                ("code", "!=", False),  # what nobody has seen nobody pays
                ("state", "=", "closing"),
                ("todo", "=", "remove"),
            ]
        )
        for charge in earlier:
            charge._do_remove(client)
        return earlier.filtered(lambda charge: charge.state == "paid")[:1]

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
        rules = line.sudo()._crediario_rules()
        return due_terms(
            part.principal,
            line.date_maturity,
            on,
            rules._charge_terms(),
            rules._settlement_rule(),
            account.valid_days,
        )

    @api.model
    def _make(self, client, lines, kind, account, values, terms):
        """Register a new charge; empty when the bank gives no code for it.

        That it is asked for is kept at once, whatever becomes of this transaction.

        :raise PixTrouble: the row then says so, and what the bank may have taken is removed
        """
        charge = self._create_live(lines, kind, self._new_vals(lines, account, terms) | values)
        if account.profile != "sandbox":
            self.env["pix.attempt"]._keep(charge)
        try:
            charge._put_at_bank(client, terms)
        except PixTrouble as error:
            if error.may_be_done:
                charge._close()
                charge.doubt_until = fields.Datetime.now() + DOUBT
            else:
                charge.state = "failed"
            charge.last_error = account._trouble_text(error)
            raise
        return charge.filtered(lambda each: each.state == "active")

    def _put_at_bank(self, client, terms):
        """Ask the bank for this charge; after any doubt, for what became of it.

        :raise PixTrouble: it is not there, or nobody knows
        """
        try:
            answer = client.put_charge(self.kind, self.txid, self._body(terms))
        except PixTrouble as error:
            is_known = error.may_be_done or error.trouble in SAID_NO
            # Whoever waits for a code does not wait for a silent bank twice.
            if not is_known or error.detail == "read_timeout":
                raise
            answer = self._found(client)
            if not answer:
                raise
        self._take_answer(answer)

    def _found(self, client):
        """The charge as the bank has it, None when it knows none of this txid."""
        try:
            return client.get_charge(self.kind, self.txid)
        except PixTrouble as error:
            if error.trouble != Trouble.NOT_FOUND:
                raise
        return None

    def _take_found(self, answer):
        """What the bank says when it is asked; one that it does not know is over."""
        if answer:
            self._take_answer(answer)
        else:
            self._end("cancelled")

    def _new_vals(self, lines, account, terms):
        oldest = lines[0]
        return {
            "account_id": account.id,
            "txid": dynamic_txid(
                oldest.move_id.id, oldest.installment_number, _chance.randrange(CHARGES)
            ),
            "expires_at": self._end_of(terms, lines.company_id),
        }

    def _revise_at_bank(self, client, values, terms):
        """Tell the bank the new terms of a charge that waits; the code stays the same.

        One that the bank has removed, or whose new terms it refuses, is over.

        :raise PixTrouble: not now
        """
        try:
            body = revision_body(self._body(terms))
            answer = client.patch_charge(self.kind, self.txid, body)
        except PixTrouble as error:
            if error.trouble not in SAID_NO:
                raise
            found = self._found(client)
            if found and found.status == ACTIVE:
                # Its terms are wrong, and the bank does not take the right ones.
                self._close()
                self.last_error = self.account_id._trouble_text(error)
                self._do_remove(client)
            else:
                self._take_found(found)
            return
        self.write(values | {"expires_at": self._end_of(terms, self.company_id), "todo": False})
        self._take_answer(answer)

    def _take_answer(self, answer):
        """What the bank says about the charge; money that has paid it is taken in at once."""
        self.ensure_one()
        if answer.status == DONE:
            self._end("paid")
            self.env["pix.payment"]._take_in(self.account_id, answer.pix)
            return
        if answer.status != ACTIVE:
            self._end("cancelled")
            return
        code = answer.code or self.code or self._code_at(answer.location)
        values = {
            "code": code,
            "location": answer.location or self.location,
            "revision": answer.revision,
            "looked_at": fields.Datetime.now(),
            "doubt_until": False,
            "tries": 0,
            "next_try_at": False,
        }
        if code:
            self.write(values | {"state": "active", "todo": False, "last_error": False})
            return
        self._close()
        self.write(values | {"last_error": self.env._("The bank gave no code for this charge.")})
        self.account_id._note_trouble(PixTrouble(Trouble.BAD_ANSWER, "no_code"))

    def _end(self, state):
        """Nothing is left to tell the bank."""
        self.write({"state": state, "todo": False, "next_try_at": False, "last_error": False})

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
        now = company._now()
        last = now.date()
        if terms:
            last = last_payable_day(terms, self._bank_calendar(terms, company))
        end = company._start_of_day(last + timedelta(days=1))
        return max(end, clock.stored(now + timedelta(seconds=SHORTEST_SECONDS)))

    @api.model
    def _bank_calendar(self, terms, company):
        """Business days of banks where the shop is; the payer's own may have a holiday more."""
        years = range(terms.due.year, terms.due.year + 2 + terms.valid_days // 365)
        state = company.state_id if company.country_id.code == "BR" else company.state_id.browse()
        return BusinessCalendar(bank_holidays(years, state.code))

    def _code_at(self, location):
        """The text to copy, for banks that leave it out; empty when it cannot be made."""
        company = self.company_id
        try:
            return pix.build_dynamic(
                location,
                company.name.upper(),
                (company.city or company.state_id.name or "BRASIL").upper(),
            )
        except PixError:
            return ""

    # --------- Codes of a whole booklet, in one batch where the bank has batches

    @api.model
    def _charges_for_booklet(self, lines, on, account):
        """A charge with due date for each open installment that has none yet.

        Only the rows are made now; the cron tells the bank, in one batch where it takes batches,
        else one by one. With sudo: nobody may write charges.

        :return: the new charges
        """
        made = self.sudo().browse()
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
                made |= self.sudo()._create_live(
                    line, COBV, self.sudo()._new_vals(line, account, terms) | values
                )
        if made and PROFILES[account.profile].has_lots and account.profile != "sandbox":
            made.write({"todo": "lot", "lot": made[0].id})
        if made:
            self.env.ref("optica_cobranca.cron_pix_charges").sudo()._trigger()
        return made

    @api.model
    def _booklet_terms(self, line, on, parts, account):
        """As of the due date: what is paid early has the bank's discount, not today's amount."""
        part = parts[line.id]
        untouched = {line.id: Part(line.id, part.principal, part.fine, part.interest)}
        return self._terms_of(line, on, untouched, account)

    @api.model
    def _send_lots(self):
        """Ask for what waits to be made in batches.

        That it was asked is committed before: whoever finds it after a crash looks the batch up.
        """
        while claimed := self._claim_waiting(SQL("todo = 'lot'"), 1):
            whole = self.search([("lot", "=", claimed.lot), ("todo", "=", "lot")])
            whole.lock_for_update(allow_referencing=True)
            whole.write({"todo": "look", "next_try_at": fields.Datetime.now() + BACK_OFF})
            self.env["ir.cron"]._commit_progress(len(whole))
            whole._send_lot()
            if not self.env["ir.cron"]._commit_progress():
                return

    def _send_lot(self):
        """One call for all; what the bank does with each is looked up by and by.

        Only when nothing of it can be at the bank, each is made by itself.
        """
        account, lot = self.account_id, self[0].lot
        bodies, over = {}, self.browse()
        for charge in self:
            on = charge.company_id._today()
            parts = charge.line_ids._pix_parts(on)
            terms = self._booklet_terms(charge.line_ids, on, parts, account) if parts else None
            if terms:
                bodies[charge.txid] = charge._body(terms)
            else:
                over |= charge
        trouble = self._ask_for_lot(lot, bodies) if bodies else None
        if trouble:
            account._note_trouble(trouble)
        is_refused = trouble and not trouble.may_be_done
        # Where there is nothing to ask for any more, making it ends it.
        (self if is_refused else over).write({"todo": "make", "next_try_at": False})

    def _ask_for_lot(self, lot, bodies):
        """:return: what went wrong, or None; nothing is written while the bank thinks"""
        try:
            with self.account_id._client() as client:
                client.put_lot(lot, self.env._("Carnê %s", lot), bodies)
        except PixTrouble as error:
            return error
        return None
