from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from uuid import uuid4

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Command
from odoo.tools import SQL

from ...clients.bank.pix_errors import SAID_NO, PixTrouble, Trouble
from ...clients.bank.pix_shapes import ACTIVE, DONE, REMOVED_BY_US
from ...domain.pix.pix_charge import Part, sum_of
from ...domain.shop.money import exact
from ...tools.shop.lost_races import unless_lost
from .pix_work import BACK_OFF, DOUBT, FASTER

# Somebody may still pay these.
LIVE = ("new", "active")
BATCH = 50
# Of a charge that the bank is being told about: other workers leave it alone for so long.
LEASE = timedelta(minutes=5)
WAITS_IN_LOT = "EM_PROCESSAMENTO"
# A charge that nobody paid and the bank has forgotten by then; a late Pix still finds its row.
GRACE_AFTER_EXPIRY = timedelta(hours=1)
# A bank counts due dates by the payer's holidays, of which we don't know the municipal ones.
GRACE_OF_HOLIDAYS = timedelta(days=1)
# How often a code that waits is looked up: the bank may remove one without a word.
LOOK_EVERY = timedelta(days=7)
CALL_AFTER = 5


class PixCharge(models.Model):
    """What one Pix code asks of a customer: some installments, an amount, a text to copy.

    A static code is the shop's key with an amount: nobody tells us that it was paid. A dynamic
    one was registered with the bank, which does.
    """

    _name = "pix.charge"
    _description = "Pix Charge"
    _inherit = ["collection.record", "pix.work"]
    _order = "id desc"
    _check_company_auto = True
    _rec_name = "txid"

    uuid = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: uuid4().hex,
        help="Names the charge on the customer's page.",
    )
    kind = fields.Selection(
        [
            ("static", "Static code"),
            ("cob", "For today"),
            ("cobv", "With due date"),
        ],
        required=True,
        readonly=True,
        help="A static code brings no confirmation. For today: an exact amount. With due date: the "
        "bank adds fine and interest by itself.",
    )
    state = fields.Selection(
        [
            ("new", "Not Yet at the Bank"),
            ("active", "Waiting for Payment"),
            ("closing", "Being Cancelled"),
            ("paid", "Paid"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
            ("failed", "Refused by the Bank"),
        ],
        required=True,
        readonly=True,
        default="new",
        index=True,
    )
    line_ids = fields.Many2many(
        "account.move.line",
        "pix_charge_line_rel",
        "charge_id",
        "line_id",
        string="Installments",
        readonly=True,
    )
    line_key = fields.Char(
        readonly=True, required=True, help="The installments' ids: one live charge for each set."
    )
    day = fields.Date(readonly=True, required=True, help="The amounts are those of this day.")
    amount = fields.Monetary(readonly=True)
    amount_principal = fields.Monetary(string="Principal", readonly=True)
    amount_fine = fields.Monetary(string="Late Fine", readonly=True)
    amount_interest = fields.Monetary(string="Late Interest", readonly=True)
    amount_reduction = fields.Monetary(
        string="Reduction", readonly=True, help="Granted for paying before the due date."
    )
    txid = fields.Char("Reference", readonly=True, index=True, help="Comes back with the payment.")
    code = fields.Text("Copy and Paste", readonly=True, help="The text behind the QR code.")
    qr_image = fields.Binary("QR Code", compute="_compute_qr_image")
    is_automatic = fields.Boolean(
        "Confirmed by Itself",
        compute="_compute_is_automatic",
        help="The bank tells us when it is paid. A static code needs somebody to look at the "
        "bank statement.",
    )
    expires_at = fields.Datetime("Payable Until", readonly=True)
    parts = fields.Json(
        readonly=True, help="Principal, fine, interest and reduction of each installment."
    )
    account_id = fields.Many2one(
        "pix.account", string="Pix Account", readonly=True, index="btree_not_null"
    )
    is_test = fields.Boolean(compute="_compute_is_test")

    _uuid_unique = models.Constraint("UNIQUE(uuid)", "A charge's public name is its own.")
    _one_live = models.UniqueIndex("(company_id, kind, line_key) WHERE state IN ('new', 'active')")

    # ------------------------------------------------------------- compute

    @api.depends("code")
    def _compute_qr_image(self):
        for charge in self:
            charge.qr_image = charge._qr_png() if charge.code else False

    @api.depends("kind")
    def _compute_is_automatic(self):
        for charge in self:
            charge.is_automatic = charge.kind != "static"

    @api.depends("account_id.state")
    def _compute_is_test(self):
        for charge in self:
            # With sudo: settings of accounts are for managers.
            charge.is_test = charge.account_id.sudo().state == "test"

    # ------------------------------------------------------------ business

    @api.model
    def _charge_for(self, lines, on, with_test=False):
        """The live Pix charge over these installments of one customer on day ``on``.

        Made when there is none, brought up to date when its amounts are those of another day;
        asking again gives the same one. Settled installments are left out. Amounts include fine
        and interest of that day, less the reduction for paying early. Without an account at a
        bank that works, or when the bank does not answer, it is a static code:
        ``is_automatic`` is False and a person has to confirm the payment.

        Show ``amount`` (also itemised: ``amount_principal`` + ``amount_fine`` +
        ``amount_interest`` - ``amount_reduction``), ``code`` (to copy) and ``qr_image`` (PNG in
        base64), or take all that from :meth:`_page_values`; poll with :meth:`_page_state`.

        :param lines: installments whose customer may see them: rights are the caller's matter
        :param on: date, the customer's today
        :param with_test: for the shop's own people: an account in test serves, too
        :return: a charge with sudo, since nobody may write charges; an empty recordset when
            nothing is owed or the shop has no Pix key
        :raise UserError: installments of several customers, companies or not posted
        """
        # The one place where charges come into being.
        lines = lines.sudo()._sorted_for_receiving()
        lines._check_one_pix_debt()
        parts = lines._pix_parts(on)
        owing = lines.filtered(lambda line: line.id in parts)
        if not owing:
            return self.sudo().browse()
        Charge = self.sudo()
        account = self.env["pix.account"]._usable(owing.company_id, with_test)
        charge = Charge._dynamic_for(owing, on, parts, account) if account else Charge
        return charge or Charge._static_for(owing, on, parts)

    def _page_values(self):
        """What a customer's page shows, plain values; amounts in BRL, ``qr`` for an ``img``."""
        self.ensure_one()
        return {
            "uuid": self.uuid,
            "amount": self.amount,
            "principal": self.amount_principal,
            "fine": self.amount_fine,
            "interest": self.amount_interest,
            "reduction": self.amount_reduction,
            "code": self.code,
            "qr": f"data:image/png;base64,{self.qr_image.decode()}" if self.qr_image else False,
            "is_automatic": self.is_automatic,
            "state": self._page_state(),
            "expires_at": self.expires_at,
        }

    def _page_state(self):
        """For polling: ``waiting``, ``paid`` or ``over`` (ask for a new one)."""
        self.ensure_one()
        if self.state == "paid" or self._is_settled():
            return "paid"
        return "waiting" if self.state in LIVE else "over"

    def _is_settled(self):
        """Whether money or credit paid all of it; an agreement in its place is no payment."""
        lines = self.line_ids
        return (
            bool(lines)
            and not lines.closing_agreement_id
            and all(line.parent_state == "posted" and line.amount_residual <= 0 for line in lines)
        )

    @api.model
    def _static_for(self, lines, on, parts):
        """The static code of today's value; one record for each set, its amounts as of ``on``."""
        total = sum_of(list(parts.values()))
        code = lines._pix_code_of(total.total)
        if not code:
            return self.browse()
        values = {
            **self._amount_vals(on, parts),
            "txid": lines[0]._pix_reference(),
            "code": code,
            "state": "active",
        }
        charge = self._live(lines, "static")
        if not charge:
            return self._create_live(lines, "static", values)
        if charge.code != code or charge.day != on:
            charge.write(values)
        return charge

    @api.model
    def _live(self, lines, kind):
        return self.search(
            [
                ("company_id", "=", lines.company_id.id),
                ("kind", "=", kind),
                ("line_key", "=", lines._pix_line_key()),
                ("state", "in", LIVE),
            ],
            limit=1,
        )

    @api.model
    def _create_live(self, lines, kind, values):
        """:raise ConcurrencyError: somebody made it meanwhile; Odoo then tries the call again."""
        try:
            with self.env.cr.savepoint():
                return self.create(
                    {
                        "company_id": lines.company_id.id,
                        "partner_id": lines.partner_id.commercial_partner_id.id,
                        "kind": kind,
                        "line_ids": [Command.set(lines.ids)],
                        "line_key": lines._pix_line_key(),
                        **values,
                    }
                )
        except errors.UniqueViolation as error:
            raise ConcurrencyError("another request made this charge") from error

    # ------------------------------------------------------------- helpers

    @api.model
    def _amount_vals(self, on, parts: dict[int, Part]):
        total = sum_of(list(parts.values()))
        return {
            "day": on,
            "parts": {
                str(key): [
                    str(amount)
                    for amount in (part.principal, part.fine, part.interest, part.reduction)
                ]
                for key, part in parts.items()
            },
            "amount": float(total.total),
            "amount_principal": float(total.principal),
            "amount_fine": float(total.fine),
            "amount_interest": float(total.interest),
            "amount_reduction": float(total.reduction),
        }

    def _asked(self) -> dict[int, Part]:
        """The part of each installment as it was asked, by line id."""
        return {
            int(key): Part(int(key), *map(exact, amounts))
            for key, amounts in (self.parts or {}).items()
        }

    def _qr_png(self):
        """PNG in base64."""
        return self.env["crediario.paper"]._qr_image(self.code).partition(",")[2].encode()

    # -------- What the bank must be told, by and by, whatever happens in between

    @api.model
    def _cron_charges(self):
        """Every minute: make, revise and remove charges; mark those whose time is over."""
        self.env["pix.attempt"]._settle()
        self._expire()
        self._look_after()
        self._send_lots()
        with ExitStack() as stack:
            self._tell_waiting(stack)

    @api.model
    def _tell_waiting(self, stack):
        """Tell the bank of each charge in a transaction of its own, without a lock meanwhile.

        A cashier who books the payment of an installment, and its customer, write to its charge:
        neither waits for the bank. Whoever loses that race leaves the charge for later; what was
        told is found at the bank by the txid.

        :param stack: closes the clients, one for each account
        """
        waiting = SQL("todo IS NOT NULL AND todo <> 'lot'")
        clients = {}
        while charge := self._claim_waiting(waiting, 1):
            charge.next_try_at = fields.Datetime.now() + LEASE
            self.env["ir.cron"]._commit_progress()
            left = unless_lost(self.env, partial(charge._tell_and_commit, clients, stack), FASTER)
            if left == 0:
                return

    def _tell_and_commit(self, clients, stack):
        """:return: the seconds that are left for the job"""
        self._tell_by(clients, stack)
        return self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _expire(self):
        """With their day, codes for today end by themselves; those with a due date at the bank.

        A bank may take the latter a little longer, and never says that it does not any more: they
        are removed, so that nothing is left that counts as ended here and is paid there.
        """
        limit = fields.Datetime.now() - GRACE_AFTER_EXPIRY
        over = self._waiting_since("cob", "expires_at", limit)
        over.write({"state": "expired"})
        self._waiting_since("cobv", "expires_at", limit - GRACE_OF_HOLIDAYS)._close()

    @api.model
    def _look_after(self):
        """Some of those that wait for long, a few at a time: can they still be paid?"""
        limit = fields.Datetime.now() - LOOK_EVERY
        self._waiting_since("cobv", "looked_at", limit, BATCH).write({"todo": "look"})

    @api.model
    def _waiting_since(self, kind, name, limit, count=1000):
        return self.search(
            [
                ("state", "=", "active"),
                ("kind", "=", kind),
                (name, "<", limit),
                ("todo", "=", False),
            ],
            order=f"{name}, id",
            limit=count,
        )

    def _tell_by(self, clients, stack):
        """Tell the bank by the client of the account, opened when it is the first of it."""
        account = self.account_id
        if account.id not in clients:
            try:
                clients[account.id] = stack.enter_context(account._client())
            except PixTrouble as error:
                account._note_trouble(error)
                self._postpone(account._trouble_text(error))
                return
        self._tell(clients[account.id])

    def _tell(self, client):
        """Tell the bank about this one."""
        try:
            self._what_to_do()[self.todo](client)
        except PixTrouble as error:
            sentence = self.account_id._trouble_text(error)
            if error.trouble not in SAID_NO:  # that is about this one, not about the account
                self.account_id._note_trouble(error)
            if error.may_be_done:
                self.doubt_until = fields.Datetime.now() + DOUBT
            if error.trouble in SAID_NO and self.state == "new" and not self._is_in_doubt():
                self.write({"state": "failed", "todo": False, "last_error": sentence})
                return
            self._postpone(sentence)
            if self.tries == CALL_AFTER and self.state == "closing":
                self._call_person(sentence)

    def _what_to_do(self):
        """What each value of ``todo`` means: a method that is given the bank's client."""
        return {
            "make": self._do_make,
            "look": self._do_look,
            "revise": self._do_revise,
            "remove": self._do_remove,
        }

    def _do_remove(self, client):
        """Gone at the bank, by its own word; paid meanwhile, its money is taken in.

        :raise PixTrouble: it can still be paid, or nobody knows
        """
        try:
            status = client.remove_charge(self.kind, self.txid).status
        except PixTrouble as error:
            if error.trouble not in SAID_NO:
                raise
            found = self._found(client)
            if found and found.status == DONE:
                self._take_answer(found)
                return
            is_waiting = self._is_in_doubt() or self._fate_in_lot(client)[0] == WAITS_IN_LOT
            if (found and found.status == ACTIVE) or (not found and is_waiting):
                raise
            status = REMOVED_BY_US
        if status == ACTIVE:
            raise PixTrouble(Trouble.BAD_ANSWER, "still active")
        is_over = self.expires_at and self.expires_at < fields.Datetime.now()
        self._end("expired" if is_over else "cancelled")

    def _do_revise(self, client):
        """The due date moved: the bank gets the new terms, or the code ends."""
        on = self.company_id._today()
        line = self.line_ids
        parts = line._pix_parts(on)
        terms = self._booklet_terms(line, on, parts, self.account_id) if parts else None
        if not terms:
            self._close()
            self._do_remove(client)
            return
        values = self._amount_vals(on, parts) | {"signature": terms.signature}
        self._revise_at_bank(client, values, terms)

    def _do_make(self, client):
        """A code of a booklet, one by one, for banks without batches."""
        on = self.company_id._today()
        parts = self.line_ids._pix_parts(on)
        terms = self._booklet_terms(self.line_ids, on, parts, self.account_id) if parts else None
        if not terms:
            self._close()
            self._do_remove(client)
            return
        try:
            self._put_at_bank(client, terms)
        except PixTrouble as error:
            # The charges of a batch that is still being made are refused one by one.
            if error.trouble not in SAID_NO or not self._take_fate_in_lot(client):
                raise

    def _do_look(self, client):
        """What became of it: of a batch, whose charges the bank makes by and by, or since."""
        if self.state == "new":
            if not self._take_fate_in_lot(client):
                self.write({"todo": "make", "next_try_at": False})
            return
        self.todo = False
        self._take_found(self._found(client))

    def _take_fate_in_lot(self, client):
        """Whether the bank knows it as one of a batch; then that is what it is."""
        status, why = self._fate_in_lot(client)
        if status == "NEGADA":
            self.write({"state": "failed", "todo": False, "last_error": why})
        elif status == WAITS_IN_LOT:
            self.write({"todo": "look", "next_try_at": fields.Datetime.now() + BACK_OFF})
        else:
            found = self._found(client) if status else None
            if not found:
                return False
            self._take_answer(found)
        return True

    def _fate_in_lot(self, client):
        """:return: tuple (CRIADA, NEGADA, EM_PROCESSAMENTO or empty, why not)"""
        if not self.lot:
            return "", ""
        try:
            return client.get_lot(self.lot).get(self.txid, ("", ""))
        except PixTrouble as error:
            if error.trouble != Trouble.NOT_FOUND:
                raise
        return "", ""

    def _is_in_doubt(self):
        """An earlier request may still be carried out."""
        return bool(self.doubt_until and self.doubt_until > fields.Datetime.now())

    def _call_person(self, sentence):
        account = self.account_id
        account.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("A Pix code cannot be withdrawn"),
            note=self.env._(
                "The code %(txid)s of %(customer)s shall not be paid any more, and the bank still "
                "takes it. It is tried again by itself. The bank: %(words)s",
                txid=self.txid,
                customer=self.partner_id.name,
                words=sentence,
            ),
            user_id=(account.user_id or self.env.ref("base.user_admin")).id,
        )

    # ----------------------------------- Charges that hear of their installments

    @api.model
    def _note_settled(self, lines):
        """Something was paid or credited: codes over more than is left are withdrawn.

        With sudo: whoever books a payment need not see charges.
        """
        charges = self.sudo().search([("line_ids", "in", lines.ids), ("state", "in", LIVE)])
        static = charges.filtered(lambda charge: charge.kind == "static")
        static.filtered(lambda charge: charge._is_settled()).state = "paid"
        # Static codes follow the debt whenever somebody asks for one.
        follow = static.filtered(lambda charge: not charge.line_ids.closing_agreement_id)
        (charges - follow)._close()

    @api.model
    def _note_withdrawn(self, lines):
        """Their contract or agreement is not in force any more.

        With sudo: whoever cancels an entry need not see charges.
        """
        self.sudo().search([("line_ids", "in", lines.ids), ("state", "in", LIVE)])._close()

    @api.model
    def _note_moved(self, lines):
        """Due dates were moved: the bank gets the new ones.

        With sudo: whoever grants an extension need not see charges.
        """
        charges = self.sudo().search(
            [("line_ids", "in", lines.ids), ("state", "=", "active"), ("kind", "!=", "static")]
        )
        dated = charges.filtered(lambda charge: charge.kind == "cobv")
        (charges - dated)._close()
        if dated:
            dated.write({"todo": "revise", "tries": 0, "next_try_at": False})
            self.env.ref("optica_cobranca.cron_pix_charges").sudo()._trigger()


class CrediarioExtension(models.Model):
    """A moved due date reaches the bank."""

    _inherit = "crediario.extension"

    def _move_due_date(self, line, due):
        moved = super()._move_due_date(line, due)
        self.env["pix.charge"]._note_moved(line)
        return moved
