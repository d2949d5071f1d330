import json
from datetime import datetime, timedelta, timezone

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

from ...clients.bank.pix_errors import PixTrouble, Trouble
from ...clients.http.untrusted import digest_of, text_of
from ...domain.pix.pix_charge import Part
from ...domain.pix.pix_received import Debt, Received
from ...domain.pix.pix_terms import asked_on, due_terms
from ...domain.pix.pix_txid import read_any
from ...domain.shop import clock
from ...domain.shop.money import ZERO, cents
from ...tools.shop.lost_races import unless_lost, until_won
from .pix_work import BACK_OFF, FASTER

# What waits for the robot, and what for a person.
PENDING = ("announced", "received")


def _part(key, amounts=None):
    """A part under another key; of nothing, when there are no amounts."""
    if amounts is None:
        return Part(key, ZERO)
    return Part(key, amounts.principal, amounts.fine, amounts.interest, amounts.reduction)


# The bank may show a Pix a little after its instant: each poll looks back this far.
OVERLAP = timedelta(minutes=30)
WINDOW = timedelta(days=1)
LONGEST_PAST = timedelta(days=60)
# For so long a bank may give a Pix back; how often it is asked, and about how many days at once.
LONGEST_RETURN = timedelta(days=91)
REFUNDS_EVERY = timedelta(hours=6)
REFUND_WINDOW = timedelta(days=4)
BATCH = 50
# A notice that the bank itself does not confirm for so long was none.
MAX_UNKNOWN = 8
MAX_TRIES = 5


class PixPayment(models.Model):
    """A Pix that the bank says we received, from the first notice to what it settled.

    Known by its end-to-end id, which exists once in Brazil: however often and by whatever way it
    is told, it is one row, and it is booked once.
    """

    _name = "pix.payment"
    _description = "Received Pix"
    _inherit = ["pix.work", "mail.thread", "mail.activity.mixin"]
    _order = "paid_at desc, id desc"
    _rec_name = "end_to_end_id"
    _mail_post_access = "read"
    _check_company_auto = True

    account_id = fields.Many2one(
        "pix.account", string="Pix Account", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    end_to_end_id = fields.Char("End-to-End ID", required=True, readonly=True)
    txid = fields.Char("Reference", readonly=True, index=True)
    state = fields.Selection(
        [
            ("announced", "Announced"),
            ("received", "To Book"),
            ("settled", "Settled Installments"),
            ("credit", "Customer Credit"),
            ("suspense", "Unknown Payer"),
            ("refunded", "Refunded"),
            ("dismissed", "Set Aside"),
            ("unreadable", "Cannot Be Read"),
        ],
        required=True,
        readonly=True,
        default="received",
        index=True,
        tracking=True,
    )
    verdict = fields.Selection(
        [
            ("exact", "As asked"),
            ("wrong_amount", "Wrong amount"),
            ("paid_twice", "Paid twice"),
            ("after_agreement", "After an agreement"),
            ("not_owed", "Not owed any more"),
            ("unknown_txid", "Unknown reference"),
        ],
        string="What It Is",
        readonly=True,
        help="Compared with what was asked.",
    )
    needs_attention = fields.Boolean(
        "Needs a Person", readonly=True, index=True, help="Money is safe, but somebody must look."
    )
    must_reread = fields.Boolean(
        readonly=True, help="The bank said that something happened to it, such as a refund."
    )
    raw = fields.Text(
        "What the Bank Said",
        readonly=True,
        help="As it came: it cannot be read.",
        groups="optica_cobranca.group_collector",
    )
    paid_at = fields.Datetime(readonly=True)
    amount = fields.Monetary(readonly=True)
    amount_original = fields.Monetary("Principal", readonly=True, help="As the bank says.")
    amount_fine = fields.Monetary("Late Fine", readonly=True, help="As the bank says.")
    amount_interest = fields.Monetary("Late Interest", readonly=True, help="As the bank says.")
    amount_discount = fields.Monetary(
        "Discount", readonly=True, help="Discount and abatement, as the bank says."
    )
    has_components = fields.Boolean(readonly=True)
    key = fields.Char("Pix Key", readonly=True)
    payer_message = fields.Char(
        "Message of the Payer", readonly=True, groups="optica_cobranca.group_collector"
    )
    charge_id = fields.Many2one("pix.charge", readonly=True, index="btree_not_null")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    receipt_id = fields.Many2one(
        "crediario.receipt", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    payment_id = fields.Many2one(
        "account.payment",
        string="Credit",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The payment that keeps the money for the customer.",
    )
    refund_ids = fields.One2many("pix.refund", "pix_payment_id", readonly=True)
    amount_refunded = fields.Monetary("Refunded", compute="_compute_amount_refunded", store=True)

    _end_to_end_unique = models.Constraint(
        "UNIQUE(company_id, end_to_end_id)", "This Pix is known already."
    )
    # The work that waits, whatever the number of rows.
    _waiting = models.Index("(id) WHERE state IN ('announced', 'received')")
    _to_reread = models.Index("(id) WHERE must_reread")

    # ------------------------------------------------------------- compute

    @api.depends("refund_ids.amount", "refund_ids.state")
    def _compute_amount_refunded(self):
        for payment in self:
            done = payment.refund_ids.filtered(lambda refund: refund.state != "failed")
            payment.amount_refunded = sum(done.mapped("amount"))

    # ------------------------------------------------------------- actions

    def action_open_receipt(self):
        """The receipt of what it settled."""
        return self.receipt_id._get_records_action()

    def action_open_customer(self):
        """The customer who paid."""
        return self.partner_id._get_records_action()

    def action_assign(self):
        """Whose money is it, and what should it pay?"""
        return self._open_wizard("pix.assign", self.env._("Assign to a Customer"))

    def action_refund(self):
        """Give money back."""
        return self._open_wizard("pix.refund.wizard", self.env._("Refund"))

    def action_keep_credit(self):
        """The customer's credit stays as it is: nothing more to do."""
        self._check_role("collector")
        credits = self.filtered(lambda payment: payment.state in ("credit", "refunded", "settled"))
        # With sudo: nobody may write received Pix, their buttons are the ways.
        credits.sudo().write({"needs_attention": False})
        credits.sudo().activity_feedback(["mail.mail_activity_data_todo"])

    def action_set_aside(self):
        """What cannot be read was dealt with by hand; the bank is not asked for it any more."""
        self._check_role("collector")
        # With sudo: nobody may write received Pix, their buttons are the ways.
        unreadable = self.filtered(lambda payment: payment.state == "unreadable").sudo()
        unreadable.write({"state": "dismissed", "needs_attention": False})
        unreadable.activity_feedback(["mail.mail_activity_data_todo"])

    def action_try_again(self):
        """Book now what could not be booked."""
        self._check_role("collector")
        waiting = self.filtered(lambda payment: payment.state in PENDING)
        waiting.sudo().write({"next_try_at": False, "tries": 0})
        self.env.ref("optica_cobranca.cron_pix_payments").sudo()._trigger()

    def _open_wizard(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_pix_payment_id": self.id},
        }

    # ------------------------- Which debt a Pix names, and what was asked for it

    def _find_debts(self):
        """The charge that each Pix names and its installments.

        Without a charge of ours, those that its reference spells.

        :return: dict of Pix -> (charge, installments), both may be empty
        """
        charges = self.env["pix.charge"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("txid", "in", [payment.txid for payment in self if payment.txid]),
            ],
            order="id desc",
        )
        charges.fetch(["line_ids"])  # of all of them at once
        by_txid = charges.grouped("txid")
        found = {}
        for payment in self:
            # Static codes of one installment share its reference: the amount tells them apart.
            charge = by_txid.get(payment.txid, charges.browse()).filtered(
                lambda charge, paid=payment.amount: charge.kind != "static" or charge.amount == paid
            )[:1]
            lines = charge.line_ids if charge else payment._installment_named()
            found[payment] = charge, lines
        together = self.env["account.move.line"].union(
            *(lines for _charge, lines in found.values())
        )
        return {
            payment: (charge, lines.with_prefetch(together.ids)._sorted_for_receiving())
            for payment, (charge, lines) in found.items()
        }

    def _installment_named(self):
        """The installment that the reference spells, empty for any other text."""
        lines = self.env["account.move.line"]
        reference = self.txid and read_any(self.txid)
        if not reference or reference.origin:
            return lines
        return lines.search(
            [
                ("company_id", "=", self.company_id.id),
                ("move_id", "=", reference.contract_id),
                ("installment_number", "=", reference.installment_number),
                ("crediario_plan_id", "!=", False),
            ],
            limit=1,
        )

    def _received(self):
        return Received(
            amount=cents(self.amount),
            original=cents(self.amount_original) if self.has_components else None,
            fine=cents(self.amount_fine),
            interest=cents(self.amount_interest),
            discount=cents(self.amount_discount),
        )

    def _debts(self, charge, lines):
        """What is owed of each.

        Installments that cost nothing any more have a debt of nothing: who pays them, pays
        twice. Of a charge whose installments are gone nothing is owed.
        """
        if charge and not lines:
            return [Debt(charge.id, _part(charge.id), ZERO, withdrawn=True)]
        asked = charge._asked() if charge else lines._pix_parts(self._day())
        if charge.kind == "cobv":
            asked = self._asked_by_bank(charge, asked)
        known = lines.filtered(lambda line: line.id in asked)
        return [
            Debt(
                line.id,
                asked.get(line.id, _part(line.id)),
                max(cents(line.amount_residual), ZERO) if known else ZERO,
                renegotiated=bool(line.closing_agreement_id),
                withdrawn=line.parent_state != "posted",
            )
            for line in known or lines
        ]

    def _asked_by_bank(self, charge, asked):
        """What the bank should have asked on the day of the payment, by our own rules."""
        line = charge.line_ids[:1]
        rules = line.sudo()._crediario_rules()
        terms = due_terms(
            asked[line.id].principal,
            line.date_maturity,
            charge.day,
            rules._charge_terms(),
            rules._settlement_rule(),
            0,
        )
        part = asked_on(terms, self._day(), charge.company_id._business_calendar())
        return {line.id: _part(line.id, part)}

    # ---- How received Pix become known: announced by the bank's call, found by asking
    # A notice is only a hint: what counts is what the bank answers when it is asked for that
    # id.

    @api.model
    def _cron_poll(self):
        """Every minute: ask each bank what was received since the last time."""
        for account in self.env["pix.account"].search([("state", "in", ("live", "test"))]):
            try:
                self._poll(account)
                self._poll_refunds(account)
            except PixTrouble as error:
                account._note_trouble(error)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _cron_payments(self):
        """Every minute, and at once after a notice: read what was announced, book what is read."""
        announced = SQL("state = 'announced'")
        self._read_waiting(announced)
        self._book_waiting()
        self._read_waiting(SQL("must_reread"))

    @api.model
    def _read_waiting(self, waiting):
        """Ask the bank about each of these, each in a transaction of its own.

        They are set aside for a while and committed before: the bank's next call about one of them
        does not wait for the bank.
        """
        while batch := self._claim_waiting(waiting, BATCH):
            batch.next_try_at = fields.Datetime.now() + BACK_OFF
            self.env["ir.cron"]._commit_progress()
            for account, group in batch.grouped("account_id").items():
                group._each_at_bank(account, type(self)._read_surely)
            left = self.env["ir.cron"]._commit_progress()
            if len(batch) < BATCH or not left:
                return

    def _read_surely(self, client):
        """Ask and commit; what somebody else was told of it meanwhile is read in its turn."""

        def read():
            self._read_at_bank(client)
            self.env["ir.cron"]._commit_progress(1)

        unless_lost(self.env, read, FASTER)

    @api.model
    def _announce(self, account, end_to_end_ids):
        """Keep the ids of a bank's notice; nothing else of it is believed."""
        known = self.search(
            [("account_id", "=", account.id), ("end_to_end_id", "in", list(end_to_end_ids))]
        )
        fresh = set(end_to_end_ids) - set(known.mapped("end_to_end_id"))
        self._create_new(
            [
                {"account_id": account.id, "end_to_end_id": each, "state": "announced"}
                for each in sorted(fresh)
            ]
        )
        # A notice about a known one tells of a refund, ours or the bank's.
        known.filtered(lambda payment: payment.state not in ("announced", "dismissed")).write(
            {"must_reread": True, "tries": 0, "next_try_at": False}
        )
        known.refund_ids._look_again()
        self.env.ref("optica_cobranca.cron_pix_payments").sudo()._trigger()

    @api.model
    def _poll(self, account):
        """Take in all that the account received since it was last asked, page by page."""
        now = datetime.now(timezone.utc).replace(microsecond=0)
        asked = account.polled_until or account.create_date
        start = max(clock.aware(asked) - OVERLAP, now - LONGEST_PAST)
        with account._client() as client:
            is_whole = True
            while start < now:
                end = min(start + WINDOW, now)
                for page in client.received(start, end):
                    is_whole = self._take_in_surely(account, page) and is_whole
                if is_whole:  # what cannot be read is asked for until it can, or a person says so
                    account.polled_until = clock.stored(end)
                start = end
        account._note_well()
        self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _poll_refunds(self, account):
        """Some times a day: what the bank knows refunds of, as far back as it may give back.

        The page of a day has only what came in on that day, whenever it went back.
        """
        now = datetime.now(timezone.utc).replace(microsecond=0)
        looked = account.refunds_looked_at
        if looked and clock.aware(looked) + REFUNDS_EVERY > now:
            return
        oldest = self.search(
            [
                ("account_id", "=", account.id),
                ("paid_at", ">=", clock.stored(now - LONGEST_RETURN)),
            ],
            order="paid_at",
            limit=1,
        )
        start = clock.aware(oldest.paid_at) if oldest else now
        with account._client() as client:
            while start < now:
                end = min(start + REFUND_WINDOW, now)
                for page in client.received(start, end, given_back=True):
                    self._take_in_surely(account, page)
                start = end
        account.refunds_looked_at = clock.stored(now)
        self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _take_in_surely(self, account, page):
        """Take in and commit; what another worker does at the same moment is waited out.

        :return: whether all of the page could be read, or a person has dealt with the rest
        """

        def take_in(_is_last):
            self._take_in(account, page.pix)
            is_whole = self._keep_unreadable(account, page.unreadable)
            self.env["ir.cron"]._commit_progress(len(page.pix))
            return is_whole

        return until_won(self.env, "Pix of the bank", take_in, FASTER, MAX_TRIES)

    @api.model
    def _take_in(self, account, answers):
        """Store what the bank told of its own when it was asked; known ones change nothing.

        :param answers: :class:`PixAnswer` of one account
        :return: the new and the newly read ones
        """
        by_id = {answer.end_to_end_id: answer for answer in answers}
        known = self.search([("account_id", "=", account.id), ("end_to_end_id", "in", list(by_id))])
        # What the bank did not know, or what could not be read, may be told after all.
        announced = known.filtered(lambda payment: payment._is_unread())
        for payment in known:
            payment._read(by_id[payment.end_to_end_id])
        fresh = [by_id[each] for each in by_id.keys() - set(known.mapped("end_to_end_id"))]
        created = self._create_new(
            [
                {"account_id": account.id, "end_to_end_id": answer.end_to_end_id}
                | self._told(answer)
                for answer in sorted(fresh, key=lambda each: (each.at, each.end_to_end_id))
            ]
        )
        for payment in created:
            payment._take_refunds(by_id[payment.end_to_end_id].refunds)
        if created or announced:
            self.env.ref("optica_cobranca.cron_pix_payments").sudo()._trigger()
        return created | announced

    def _read_at_bank(self, client):
        """Ask the bank for this id, announced or to be read again."""
        try:
            answer = client.get_pix(self.end_to_end_id)
        except PixTrouble as error:
            self._not_read(self.account_id, error)
        else:
            self._read(answer)

    def _read(self, answer):
        """What the bank says of this Pix; what is booked of it changes by its refunds only."""
        if self._is_unread():
            if self.state == "unreadable":
                self.activity_feedback(["mail.mail_activity_data_todo"])
            self.write(self._told(answer) | {"needs_attention": False, "raw": False})
        elif self.raw and self.state != "dismissed":
            self.raw = False
        if self.must_reread:
            self.write({"must_reread": False, "tries": 0, "next_try_at": False})
        self._take_refunds(answer.refunds)

    def _is_unread(self):
        """Only that there may be one is known, and nobody has dealt with it by hand."""
        return self.state in ("announced", "unreadable") or (
            self.state == "dismissed" and not self.raw
        )

    @api.model
    def _keep_unreadable(self, account, items):
        """Keep what the bank told and nobody can read, and call a person, once.

        :return: whether nothing of it is left that nobody has dealt with
        """
        is_clear = True
        for raw in items:
            name = text_of(raw, "endToEndId") or f"?{digest_of(raw)[:31]}"
            known = self.search([("account_id", "=", account.id), ("end_to_end_id", "=", name)])
            if not known:
                known = self._create_new([{"account_id": account.id, "end_to_end_id": name}])
                known._cannot_read(raw)
            elif known.state not in ("dismissed", "unreadable") and not known.raw:
                known._cannot_read(raw)
            is_clear = is_clear and known.state != "unreadable"
        return is_clear

    def _cannot_read(self, raw):
        """Its place in the books is open: what the bank said is kept as it came."""
        values = {"raw": json.dumps(raw, ensure_ascii=False, indent=1), "needs_attention": True}
        if self.state in ("announced", "received"):
            values |= {"state": "unreadable", "txid": text_of(raw, "txid") or False}
        self.write(values | {"must_reread": False, "next_try_at": False})
        self._call_person(
            self.env._("A Pix of the bank cannot be read"),
            self.env._(
                "What the bank said is kept on this page as it came. Look at the bank's statement, "
                "book the money by hand if it came in, then set the Pix aside; or tell the bank "
                "what is wrong with its answer. It is asked again by itself."
            ),
        )

    def _not_read(self, account, error):
        if error.trouble == Trouble.BAD_ANSWER and error.raw is not None:
            self._cannot_read(error.raw)
            return
        is_unknown = error.trouble in (Trouble.NOT_FOUND, Trouble.REFUSED)
        if is_unknown and self.tries + 1 >= MAX_UNKNOWN:
            values = {
                "must_reread": False,
                "next_try_at": False,
                "last_error": account._trouble_text(error),
            }
            self.write(values | ({"state": "dismissed"} if self.state == "announced" else {}))
            return
        if not is_unknown:
            account._note_trouble(error)
        self._postpone(account._trouble_text(error))

    @api.model
    def _create_new(self, vals_list):
        """Rows of what the bank reports for the first time.

        :raise ConcurrencyError: another worker stored one of them meanwhile; try again
        """
        try:
            with self.env.cr.savepoint():
                # Rows come by the hundred; their creation is no news, their fate is.
                return self.with_context(tracking_disable=True).create(vals_list).with_env(self.env)
        except errors.UniqueViolation as error:
            raise ConcurrencyError("another worker stored this Pix") from error

    @api.model
    def _told(self, answer):
        """A Pix of the bank as values of its row."""
        parts = answer.received
        return {
            "state": "received",
            "txid": answer.txid or False,
            "amount": float(parts.amount),
            "has_components": parts.has_components,
            "amount_original": float(parts.original or 0),
            "amount_fine": float(parts.fine),
            "amount_interest": float(parts.interest),
            "amount_discount": float(parts.discount + parts.abatement),
            "paid_at": clock.stored(answer.at),
            "key": answer.key or False,
            "payer_message": answer.message or False,
            "tries": 0,
            "next_try_at": False,
            "last_error": False,
        }

    @api.model
    def _claim(self, state, limit=BATCH):
        waiting = SQL("state = %s AND state IN ('announced', 'received')", state)  # the index's
        return self._claim_waiting(waiting, limit)
