import logging
import re
import secrets
from datetime import timedelta
from uuid import uuid4

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq, email_normalize, hmac, plaintext2html

from ...clients.base import ACCEPTED, TEXT, ClientError, OutgoingMessage
from ...clients.provider import ODOO
from ...domain.shop import phone
from .res_partner import tracked

_logger = logging.getLogger(__name__)

SCOPE = "optica_cobranca.contact_change"
# A number of six digits is guessed five times at most, and is good for half an hour.
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
CODE_VALID = timedelta(minutes=30)
MOST_GUESSES = 5
# Codes cost the shop money and annoy whose number it is.
MOST_CODES = 3
MOST_A_DAY = 5
# Afterwards nobody waits for it any more.
WAITS = timedelta(days=14)
KEPT = timedelta(days=365)
# What portal users change and people are recognised by.
PROVEN = ("phone", "email")


class ContactChange(models.Model):
    """A number or e-mail that a customer typed on the portal, until it is confirmed.

    What somebody typed is an address to write to, no proof of who writes. The customer's record
    keeps the old one until a code that was sent to the new one comes back, the new number itself
    writes the word that the page shows, or a clerk has made sure. The old contact is told.
    """

    _name = "contact.change"
    _description = "Changed Number or E-mail to Be Confirmed"
    _order = "id desc"
    _rec_name = "new_value"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(
        [("phone", "Telephone"), ("email", "E-mail")], required=True, readonly=True
    )
    old_value = fields.Char("Until Now", readonly=True)
    new_value = fields.Char("New", readonly=True)
    new_key = fields.Char(readonly=True, index="btree_not_null")
    state = fields.Selection(
        [
            ("waiting", "To be confirmed"),
            ("confirmed", "Confirmed"),
            ("refused", "Refused"),
            ("replaced", "Replaced by another"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    proven_by = fields.Selection(
        [("code", "Code sent there"), ("word", "Word sent from there"), ("clerk", "Clerk")],
        readonly=True,
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    word = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    code_digest = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    code_until = fields.Datetime(readonly=True)
    guesses = fields.Integer(readonly=True)
    codes_sent = fields.Integer(readonly=True)

    _one_waiting = models.UniqueIndex("(partner_id, kind) WHERE state = 'waiting'")

    # ------------------------------------------------------------- actions

    def action_confirm(self):
        """A clerk has made sure that the number or address is the customer's."""
        for change in self._to_decide():
            change._settle("confirmed", "clerk")

    def action_refuse(self):
        """It is not the customer's, or nobody answers: the old one stays."""
        for change in self._to_decide():
            change._settle("refused", "clerk")

    def _to_decide(self):
        self._check_role("seller")
        self.check_access("read")
        self.partner_id.check_access("write")
        # With sudo: these rows are written by what happens to them, and by nobody's hand.
        return self.sudo().filtered(lambda change: change.state == "waiting")

    # ------------------------------------------------------------ business

    @api.model
    def _ask(self, partner, values):
        """Remember what a customer typed, tell the old contact, and have the shop look at it.

        :param values: dict of ``phone`` or ``email`` -> what was typed
        :raise UserError: too many times today
        """
        changes = self.sudo()
        today = fields.Datetime.now() - timedelta(days=1)
        if (
            changes.search_count([("partner_id", "=", partner.id), ("create_date", ">=", today)])
            >= MOST_A_DAY
        ):
            raise UserError(
                self.env._("You have changed it many times today. Call the shop, please.")
            )
        company = partner.company_id or self.env.company
        for kind, value in values.items():
            waiting = changes.search(
                [
                    ("partner_id", "=", partner.id),
                    ("kind", "=", kind),
                    ("state", "=", "waiting"),
                ]
            )
            if waiting and waiting.new_value == (value or False):
                continue
            waiting.write({"state": "replaced", "decided_at": fields.Datetime.now()})
            waiting.flush_recordset()
            change = changes.create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "kind": kind,
                    "old_value": partner[kind],
                    "new_value": value,
                    "new_key": self._key_of(kind, value, company),
                    "word": f"{secrets.randbelow(10**6):06d}",
                }
            )
            change._tell_old_contact()
            change._ask_shop()

    @api.model
    def _key_of(self, kind, value, company):
        if kind == "email":
            return email_normalize(value or "", strict=True) or False
        number = phone.to_e164(value, company._contact_area_code()) if value else None
        return phone.match_key(number) if number else False

    def _send_code(self):
        """Send a new code to the new number or address.

        :return: whether it left; when not, the shop confirms in another way
        :raise UserError: no more codes
        """
        self.ensure_one()
        if self.codes_sent >= MOST_CODES:
            raise UserError(self.env._("No more codes are sent. Call the shop, please."))
        code = f"{secrets.randbelow(10**6):06d}"
        self.write(
            {
                "code_digest": self._digest(code),
                "code_until": fields.Datetime.now() + CODE_VALID,
                "codes_sent": self.codes_sent + 1,
                "guesses": 0,
            }
        )
        words = self.env._(
            "%(shop)s: your code is %(code)s. Type it on the page within half an hour. The shop "
            "never asks for it.",
            shop=self.company_id.name,
            code=code,
        )
        return self._write_to(self.kind, self.new_value, self.env._("Your code"), words)

    def _try_code(self, code):
        """Whether this is the code that was sent; then the change is made. Guesses are counted."""
        self.ensure_one()
        if not self.code_digest or self.guesses >= MOST_GUESSES:
            return False
        if self.code_until < fields.Datetime.now():
            return False
        self.guesses += 1
        if not consteq(self.code_digest, self._digest(code)):
            return False
        self._settle("confirmed", "code")
        return True

    @api.model
    def _heed_word(self, digits, text, company):
        """A number wrote: if it is one that waits, and it wrote the word of its page, it is proven.

        :param digits: of the sender, as a provider writes them
        """
        words = CODE.findall((text or "")[:200])
        keys = phone.keys_of_sender(digits, company._contact_area_code()) if words else []
        if not keys:
            return self.browse()
        found = self.sudo().search(
            [("new_key", "in", keys), ("kind", "=", "phone"), ("state", "=", "waiting")]
        )
        for change in found:
            if change.word in words:
                change._settle("confirmed", "word")
                return change
        return self.browse()

    def _settle(self, state, proven_by=False):
        self.ensure_one()
        self.write(
            {
                "state": state,
                "proven_by": proven_by if state == "confirmed" else False,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "code_digest": False,
                "word": False,
            }
        )
        if state != "confirmed":
            return
        # Not in the name of the customer who typed it: what a portal user writes waits here.
        partner = self.partner_id.with_user(SUPERUSER_ID)
        partner.write({self.kind: self.new_value})
        if self.kind == "phone" and self.new_key and not self.new_key.startswith(phone.LOCAL_MARK):
            partner._confirm_number(self.new_key)

    @api.model
    def _waiting_of(self, partner):
        """What this customer typed and has not confirmed yet, with sudo."""
        since = fields.Datetime.now() - WAITS
        return self.sudo().search(
            [
                ("partner_id", "child_of", partner.commercial_partner_id.id),
                ("state", "=", "waiting"),
                ("create_date", ">=", since),
            ]
        )

    @api.model
    def _prepare_merge(self, sources, survivor):
        """Of two that wait for the same kind of contact the newest waits on."""
        house = sources | survivor
        waiting = self.search([("partner_id", "in", house.ids), ("state", "=", "waiting")])
        for changes in waiting.grouped("kind").values():
            changes.sorted("id")[:-1].write(
                {"state": "replaced", "decided_at": fields.Datetime.now()}
            )

    @api.autovacuum
    def _gc_changes(self):
        now = fields.Datetime.now()
        self.search([("state", "=", "waiting"), ("create_date", "<", now - WAITS)]).write(
            {"state": "refused", "decided_at": now, "code_digest": False, "word": False}
        )
        self.search([("state", "!=", "waiting"), ("create_date", "<", now - KEPT)]).unlink()

    # ------------------------------------------------------------- helpers

    def _digest(self, code):
        return hmac(self.env(su=True), SCOPE, (self.id, str(code).strip()))

    def _word_link(self):
        """Address that opens WhatsApp with the word typed in; None without a number of the shop."""
        self.ensure_one()
        if self.kind != "phone" or not self.new_key:
            return None
        gateways = self.env["contact.gateway"]._usable(self.company_id)
        gateway = gateways.get((self.company_id.id, "whatsapp"))
        number = gateway and phone.to_e164(gateway.display_number or gateway.sender or "")
        if not number:
            return None
        words = self.env._("My code is %(code)s", code=self.word)
        return phone.wa_me_link(number, words)

    def _tell_old_contact(self):
        """Whoever did not do this hears of it where the shop reached the customer until now."""
        old = {
            "email": self.old_value if self.kind == "email" else self.partner_id.email,
            "phone": self.old_value if self.kind == "phone" else self.partner_id.phone,
        }
        words = self.env._(
            "%(shop)s: a new %(what)s was typed on your page. It counts when it is confirmed. If "
            "it was not you, call the shop: %(phone)s",
            shop=self.company_id.name,
            what=self._fields["kind"].convert_to_export(self.kind, self),
            phone=self.company_id.phone or "",
        )
        for kind, address in old.items():
            if address:
                self._write_to(kind, address, self.env._("Was this you?"), words)

    def _ask_shop(self):
        self.company_id._ask_once(
            self.partner_id,
            self.env._("New number or e-mail: confirm it"),
            self.env._(
                "Typed on the customer's page: %(new)s instead of %(old)s. If no code comes back, "
                "call the old number, then confirm or refuse it under Messages, Changed Contacts.",
                new=self.new_value or "-",
                old=self.old_value or "-",
            ),
        )

    def _write_to(self, kind, address, subject, words):
        """A few words at once, past the outbox: they were asked for, or warn.

        :return: whether they left
        """
        if kind == "email":
            return self._write_email(address, subject, words)
        gateway = (
            self.env["contact.gateway"]._usable(self.company_id).get((self.company_id.id, "sms"))
        )
        number = phone.to_e164(address, self.company_id._contact_area_code())
        if not gateway or not number or not gateway._admits(number):
            return False
        if gateway.leaves == ODOO:
            text = self.env["sms.sms"].sudo().create({"number": number, "body": words})
            text.with_company(self.company_id).send(unlink_sent=False)
            left = text.state in ("process", "pending", "sent")
            if text.state != "outgoing":
                # A code opens something: it is not kept where Odoo keeps what was sent.
                text.write({"body": False, "to_delete": not left})
            return left
        message = OutgoingMessage(reference=uuid4().hex, to=number, kind=TEXT, text=words)
        try:
            client = gateway._client_factory()()
            result = client.send(message)
            client.close()
        except ClientError as error:
            _logger.warning("A code could not be sent: %s", type(error).__name__)
            return False
        return result.status == ACCEPTED

    def _write_email(self, address, subject, words):
        to = email_normalize(address or "", strict=True)
        if not to:
            return False
        mails = self.env["mail.mail"].sudo()
        mail = mails.create(
            {
                "subject": f"{self.company_id.name}: {subject}",
                "body_html": plaintext2html(words),
                "email_to": to,
                "email_from": self.company_id.email_formatted or False,
                "auto_delete": True,
            }
        )
        mail.send()
        return not mail.exists() or mail.state != "exception"


class ResPartner(models.Model):
    """What customers change about themselves waits; what clerks change is tracked."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """What a visitor of the portal types about an address is kept until it is confirmed."""
        if not self.env.user._is_portal():
            return super().create(vals_list)
        typed = [{kind: vals[kind] for kind in PROVEN if vals.get(kind)} for vals in vals_list]
        partners = super().create(
            [{k: v for k, v in vals.items() if k not in PROVEN} for vals in vals_list]
        )
        for partner, values in zip(partners, typed, strict=True):
            if values:
                self.env["contact.change"]._ask(partner, values)
        return partners

    def write(self, vals):
        """Addresses that customers typed are not used until confirmed; a changed number is told."""
        if not set(PROVEN) & set(vals):
            return super().write(vals)
        before = {partner: set((partner.contact_phone_keys or "").split()) for partner in self}
        rest = self._leave_for_confirmation(vals) if self.env.user._is_portal() else vals
        result = super(ResPartner, tracked(self)).write(rest)
        if "phone" in rest:
            self._forget_confirmed(before)
        return result

    def _leave_for_confirmation(self, vals):
        """The values without what has to be confirmed first, which is remembered."""
        rest = dict(vals)
        for kind in PROVEN:
            if kind not in vals:
                continue
            changed = self.filtered(lambda p, kind=kind: not p._is_same_contact(kind, vals[kind]))
            if changed:
                del rest[kind]
            for partner in changed:
                self.env["contact.change"]._ask(partner, {kind: vals[kind]})
        return rest

    def _is_same_contact(self, kind, value):
        if kind == "email":
            return email_normalize(value or "") == email_normalize(self.email or "")
        old, new = self.phone or "", value or ""
        return old == new or (bool(new) and phone.match_keys(old) == phone.match_keys(new))

    def _forget_confirmed(self, before):
        """A number that is taken off a customer is not confirmed as theirs any more."""
        for partner, keys in before.items():
            gone = keys - set((partner.contact_phone_keys or "").split())
            confirmed = (partner.sudo().contact_confirmed_keys or "").split()
            if gone & set(confirmed):
                kept = [key for key in confirmed if key not in gone]
                partner.sudo().contact_confirmed_keys = " ".join(kept) or False


class ResPartnerBank(models.Model):
    """Where money goes is tracked, the Pix key too."""

    _inherit = "res.partner.bank"

    proxy_type = fields.Selection(tracking=True)
    proxy_value = fields.Char(tracking=True)

    def write(self, vals):
        """With who changed what."""
        return super(ResPartnerBank, tracked(self)).write(vals)
