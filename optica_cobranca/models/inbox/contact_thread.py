import re
from datetime import timedelta

from lxml import html as lxml_html

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime, html2plaintext

from ...domain.messaging.auto_reply import is_automatic
from ...domain.messaging.opt_out import Wish, read_wish
from ...domain.messaging.reply_intent import read_reply
from ..messaging.contact_gateway import CHANNELS
from ..messaging.contact_message_reply import ANSWER_WITHIN, ANSWERING_PROVIDERS

CHANGED = "optica_cobranca.inbox"
# Channels on which customers write to the shop; e-mails and calls show in their threads.
WRITTEN_CHANNELS = ("whatsapp", "sms", "instagram")
TEXT_SHOWN = 160
PAGE = 40
SHARES = {
    "mine": lambda uid: Domain("user_id", "=", uid),
    "nobody": lambda _uid: Domain("user_id", "=", False),
    "all": lambda _uid: Domain.TRUE,
}
# Told by Odoo's mail gateway with every e-mail that it brings.
UNPROVEN = "optica_sender_unproven"
# Wishes that somebody else could only do the customer a good turn with.
SILENCE = (Wish.STOP, Wish.STOP_OFFERS, Wish.UNSURE)
# How mail programs begin the subject of an answer or of something passed on.
ANSWERED = re.compile(r"(?:re|res|rv|aw|fwd?|enc)\s*:", re.IGNORECASE)
# Where a mail program puts what is answered, under words of its own: not the customer's.
QUOTED = (
    "//*[@data-o-mail-quote or @data-o-mail-quote-container]|//blockquote"
    '|//*[contains(concat(" ", @class, " "), " gmail_quote ")]'
)


def own_words(body):
    """The text of an e-mail without what it quotes: our own words speak of stopping, too.

    :param body: sanitised HTML
    """
    if not body:
        return ""
    tree = lxml_html.fragment_fromstring(str(body), create_parent="div")
    for quote in tree.xpath(QUOTED):
        quote.drop_tree()
    return html2plaintext(lxml_html.tostring(tree, encoding="unicode")).strip()


class ContactThread(models.Model):
    """A conversation with one customer, or with somebody nobody has recognised yet.

    Written by what customers send (see ``contact_thread_inbound``) and by the inbox; users change
    it by its methods only.
    """

    _name = "contact.thread"
    _description = "Conversation"
    _order = "last_at desc, id desc"
    _rec_name = "name"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        readonly=True,
        ondelete="restrict",
        help="Empty while nobody has said who writes from this number.",
    )
    sender_key = fields.Char(
        readonly=True, help="Number or account of somebody who is not known yet."
    )
    sender_name = fields.Char(readonly=True, help="What the person calls himself.")
    name = fields.Char(compute="_compute_name")
    channel = fields.Selection(CHANNELS, readonly=True, help="Where the customer wrote last.")
    gateway_id = fields.Many2one("contact.gateway", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [("open", "Open"), ("answered", "Answered"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
        help="Open: it is the shop's turn. It opens by itself when the customer writes.",
    )
    unread_count = fields.Integer("Unread", readonly=True, default=0)
    user_id = fields.Many2one("res.users", "Assigned to", readonly=True, ondelete="set null")
    last_at = fields.Datetime("Last Message", required=True, readonly=True)
    last_inbound_at = fields.Datetime("Customer Wrote", readonly=True)
    last_text = fields.Char(readonly=True)
    window_until = fields.Datetime(
        "Free Answers Until",
        compute="_compute_window_until",
        help="Until then the shop answers in its own words; later by approved templates only.",
    )
    event_ids = fields.One2many(
        "contact.event", "thread_id", string="Words", readonly=True, bypass_search_access=True
    )

    _of_partner = models.UniqueIndex(
        "(company_id, partner_id) WHERE partner_id IS NOT NULL",
        "A customer has one conversation with a company.",
    )
    _of_stranger = models.UniqueIndex(
        "(gateway_id, sender_key) WHERE partner_id IS NULL",
        "Somebody has one conversation with a number of the shop.",
    )
    _waiting = models.Index("(company_id, state, last_at DESC)")
    _unread = models.Index("(company_id) WHERE unread_count > 0")

    # ------------------------------------------------------------- compute

    @api.depends("partner_id.display_name", "sender_name", "sender_key")
    def _compute_name(self):
        for thread in self:
            # Whoever may read the thread may know whose it is.
            customer = thread.sudo().partner_id.display_name
            thread.name = customer or thread.sender_name or thread.sender_key

    @api.depends("last_inbound_at", "gateway_id")
    def _compute_window_until(self):
        for thread in self:
            opens = thread.gateway_id.sudo().provider in ANSWERING_PROVIDERS
            wrote = thread.last_inbound_at
            thread.window_until = wrote + ANSWER_WITHIN if opens and wrote else False

    # ------------------------------------------------------------- actions

    def action_mark_read(self):
        """Somebody has looked at it."""
        self._change({"unread_count": 0})

    def action_mark_unread(self):
        """Somebody shall look at it again."""
        for thread in self:
            thread._change({"unread_count": max(thread.unread_count, 1)})

    def action_assign(self, user_id=None):
        """Give the conversations to a colleague.

        :param user_id: whom; nobody if not given
        """
        user = self.env["res.users"].browse(user_id or []).exists()
        if user and user not in self._possible_assignees():
            raise UserError(self.env._("%s does not answer customers here.", user.name))
        self._change({"user_id": user.id})

    def action_assign_me(self):
        """The current user takes care of them."""
        self._change({"user_id": self.env.uid})

    def action_close(self):
        """Nothing is left to answer."""
        self._change({"state": "closed", "unread_count": 0})

    def action_reopen(self):
        """It is the shop's turn again."""
        self._change({"state": "open"})

    # ------------------------------------------------------------ business

    @api.model
    def _tell_screens(self, companies):
        """Inboxes that are open look again. Nothing about anybody is told over the bus."""
        group = self.env.ref("optica_cobranca.group_seller")
        group._bus_send(CHANGED, {"companies": companies.ids})

    def _is_window_open(self):
        self.ensure_one()
        until = self.window_until
        return bool(until) and until > fields.Datetime.now() + timedelta(seconds=5)

    @api.model
    def _possible_assignees(self):
        """Who answers customers in the current company. With sudo: names of colleagues only."""
        group = self.env.ref("optica_cobranca.group_seller")
        return (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("all_group_ids", "in", group.ids),
                    ("share", "=", False),
                    ("company_ids", "in", self.env.company.ids),
                ]
            )
            .with_env(self.env)
        )

    # ------------------------------------------------------------- helpers

    def _change(self, values):
        """Write for a user who may read these conversations.

        The one place where he gains rights over them: users have none, so that what customers
        wrote and when stays as it was.
        """
        self.check_access("read")
        self.sudo().write(values)
        self._tell_screens(self.company_id)

    def _family(self):
        """The customer with all contacts of the house."""
        self.ensure_one()
        house = self.sudo().partner_id.commercial_partner_id
        return (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search([("id", "child_of", house.ids)])
        )

    # ------- The list of the inbox: texts arrive at the screen ready to be shown

    @api.model
    def inbox_start(self):
        """What the screen needs once: colleagues, channels, what the user may do."""
        self.browse().check_access("read")
        return {
            "user_id": self.env.uid,
            "users": [{"id": user.id, "name": user.name} for user in self._possible_assignees()],
            "is_collector": self.env.user.has_group("optica_cobranca.group_collector"),
        }

    @api.model
    def inbox_load(self, filters, offset=0):
        """A page of conversations and how many there are of each kind.

        :param filters: dict of ``state`` (open, answered, closed or all), ``share`` (mine,
            nobody, all), ``channel``, ``unread`` (True), ``unknown`` (True), ``search``
        """
        base = Domain("company_id", "in", self.env.companies.ids) & self._narrowed(filters)
        counts = dict(self._read_group(base, ["state"], ["__count"]))
        state = filters.get("state") or "open"
        domain = base if state == "all" else base & Domain("state", "=", state)
        threads = self.search(domain, offset=offset, limit=PAGE)
        total = sum(counts.values()) if state == "all" else counts.get(state, 0)
        return {
            "rows": [thread._row() for thread in threads],
            "counts": {**counts, "all": sum(counts.values())},
            "total": total,
            "unread": self.unread_total(),
        }

    @api.model
    def unread_total(self):
        """Conversations with words nobody has read, for the counter at the top."""
        if not self.has_access("read"):
            return 0
        return self.search_count(
            [("company_id", "in", self.env.companies.ids), ("unread_count", ">", 0)]
        )

    @api.model
    def inbox_of_partner(self, partner_id):
        """The conversation with a customer, if there is one in the current companies."""
        partner = self.env["res.partner"].browse(partner_id)
        return self.search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", self.env.companies.ids),
            ],
            limit=1,
        ).id

    @api.model
    def _narrowed(self, filters):
        domain = SHARES[filters.get("share") or "all"](self.env.uid)
        if filters.get("channel"):
            domain &= Domain("channel", "=", filters["channel"])
        if filters.get("unread"):
            domain &= Domain("unread_count", ">", 0)
        if filters.get("unknown"):
            domain &= Domain("partner_id", "=", False)
        text = (filters.get("search") or "").strip()
        if text:
            domain &= self._matching(text)
        return domain

    @api.model
    def _matching(self, text):
        """Customers by name, CPF or number, strangers, and what was said."""
        digits = "".join(character for character in text if character.isdigit())
        domain = (
            Domain("partner_id", "any", self._customers_matching(text))
            | Domain("sender_name", "ilike", text)
            | Domain("event_ids.text", "ilike", text)
        )
        return domain | Domain("sender_key", "like", digits) if len(digits) >= 4 else domain

    @api.model
    def _customers_matching(self, text):
        digits = "".join(character for character in text if character.isdigit())
        domain = Domain("complete_name", "ilike", text)
        if len(digits) >= 4:
            domain |= Domain("vat", "like", digits) | Domain("contact_phone_key", "like", digits)
        return domain

    def _row(self):
        self.ensure_one()
        reading = read_reply(self.last_text, fields.Date.context_today(self))
        return {
            "id": self.id,
            "name": self.name or "?",
            "known": bool(self.partner_id),
            "text": self.last_text or "",
            "intent": reading.intent if self.state == "open" else None,
            "when": self._when(self.last_at),
            "unread": self.unread_count,
            "state": self.state,
            "channel": self.channel,
            "user": self.user_id.sudo().name or "",
            "user_id": self.user_id.id,
            "company": self.company_id.sudo().name if len(self.env.companies) > 1 else "",
        }

    @api.model
    def _when(self, instant):
        """Time of today, else day; in the reader's time zone."""
        local = fields.Datetime.context_timestamp(self, instant)
        today = fields.Date.context_today(self)
        if local.date() == today:
            return format_datetime(self.env, instant, dt_format="HH:mm")
        pattern = "dd/MM" if local.year == today.year else "dd/MM/yyyy"
        return format_date(self.env, local.date(), date_format=pattern)

    @api.model
    def _when_in_day(self, instant):
        return format_datetime(self.env, instant, dt_format="HH:mm")

    @api.model
    def _day_of(self, instant):
        local = fields.Datetime.context_timestamp(self, instant).date()
        today = fields.Date.context_today(self)
        if local == today:
            return self.env._("Today")
        pattern = "EEEE, dd/MM" if local.year == today.year else "dd/MM/yyyy"
        return format_date(self.env, local, date_format=pattern)

    @api.model
    def _exactly(self, instant):
        return format_datetime(self.env, instant, dt_format="EEE dd/MM/yyyy HH:mm")

    # ----------------- What customers answer by e-mail: an answer like any other

    @api.model
    def _hear_email(self, mail, partner, company, is_proven):
        """Put an e-mail of a customer before the shop and stop what a reply stops.

        Anybody can write an address into *From*. Who answers an e-mail that we sent to the customer
        has read it, and is believed; an e-mail out of nothing is put before the shop, marked, and
        can ask for silence, no more. Only the mail gateway, which is the system, brings e-mails: a
        user who posts one in a customer's name is not heard.

        The 24 hours of WhatsApp are not touched: they begin with words on WhatsApp.

        :param mail: ``mail.message``; only the customer's own words, or those of his house, count
        :param is_proven: whether the mail gateway found that it answers an e-mail of ours
        """
        customer = partner.commercial_partner_id
        is_own = bool(customer) and mail.author_id.commercial_partner_id == customer
        if not (is_own and is_proven):
            mail.sudo()[UNPROVEN] = True
        if self.env.uid != SUPERUSER_ID or not is_own:
            return
        # Whoever delivers e-mails is nobody in particular; what is written here has no other hands.
        self.sudo()._show_email(mail, customer, company)
        if is_proven:
            self.env["contact.message"].sudo()._cancel_collection(customer, "replied")
        self._heed_email(mail, company, is_proven)
        self._tell_screens(company)

    @api.model
    def _show_email(self, mail, customer, company):
        """It is the shop's turn."""
        thread = self.search(
            [("company_id", "=", company.id), ("partner_id", "=", customer.id)], limit=1
        )
        words = " ".join(own_words(mail.body).split()) or mail.subject or ""
        values = {"state": "open", "last_at": mail.date, "last_text": words[:TEXT_SHOWN]}
        if thread:
            thread.write({**values, "unread_count": thread.unread_count + 1})
        else:
            self.create(
                {
                    **values,
                    "company_id": company.id,
                    "partner_id": customer.id,
                    "channel": "email",
                    "unread_count": 1,
                }
            )

    @api.model
    def _heed_email(self, mail, company, is_proven):
        """What an e-mail asks for, as to e-mails.

        Its subject when it begins a conversation (as the link of mail programs does), else its
        own words.
        """
        own = own_words(mail.body)
        subject = (mail.subject or "").strip()
        is_answer = bool(ANSWERED.match(subject))
        wish = Wish.NONE if is_answer else read_wish(subject)
        wish = read_wish(own) if wish == Wish.NONE else wish
        if wish in SILENCE or (is_proven and wish != Wish.NONE):
            consents = self.env["contact.consent"].sudo().with_company(company)
            words = [subject, own[:500], "" if is_proven else self.env._("Sender not proven")]
            proof = f"{' / '.join(filter(None, words))} ({mail.message_id})"
            consents._heed(mail.author_id.sudo(), "email", wish, "reply", proof=proof)


class ResPartner(models.Model):
    """The way from a customer to the conversation."""

    _inherit = "res.partner"

    has_conversation = fields.Boolean(
        compute="_compute_figures", groups="optica_cobranca.group_seller"
    )
    # Who answers the customer reads what is written about the customer: rules go by it.
    contact_thread_ids = fields.One2many(
        "contact.thread", "partner_id", groups="optica_cobranca.group_seller"
    )

    def action_open_conversation(self):
        """The customer's conversation in the inbox."""
        action = self.env["ir.actions.actions"]._for_xml_id("optica_cobranca.action_contact_inbox")
        thread = self.env["contact.thread"].inbox_of_partner(self.id)
        return {**action, "params": {"thread_id": thread}}

    # ----------------------------- Answers to our e-mails arrive on the customer

    def _message_post_after_hook(self, message, msg_values):
        if message.message_type == "email" and len(self) == 1:
            is_proven = msg_values.get(UNPROVEN) is False
            company = self._company_of_emails()
            self.env["contact.thread"]._hear_email(message, self, company, is_proven)
        return super()._message_post_after_hook(message, msg_values)

    def _company_of_emails(self):
        """The company that wrote to the customer last by e-mail; else his own, else the current."""
        last = (
            self.env["contact.message"]
            .sudo()
            .search(
                [("partner_id", "=", self.id), ("channel", "=", "email")], limit=1, order="id desc"
            )
        )
        return last.company_id or self.company_id or self.env.company


class MailMessage(models.Model):
    """Whether we know that an e-mail is from whom it says."""

    _inherit = "mail.message"

    optica_sender_unproven = fields.Boolean(
        "Sender Not Proven",
        readonly=True,
        copy=False,
        help="The e-mail answers none of ours: anybody may have written the customer's address "
        "into it.",
    )

    def _was_sent_to(self, customer):
        """Whether this is a message of ours that this customer, or somebody of the house, got.

        With sudo: e-mails are delivered by nobody in particular.
        """
        sent = self.sudo().filtered(lambda message: message.message_type != "email")
        mails = self.env["mail.mail"].sudo().search([("mail_message_id", "in", sent.ids)])
        got = sent.partner_ids | sent.notified_partner_ids | mails.recipient_ids
        got |= mails.contact_message_id.partner_id
        house = customer.commercial_partner_id
        return bool(house) and house in got.commercial_partner_id


class MailThread(models.AbstractModel):
    """What programs answer is no answer of the customer; what an e-mail answers proves its sender.

    Its references tell what it answers: Odoo hangs an e-mail without any below whatever was written
    last on the page.
    """

    _inherit = "mail.thread"

    def _message_parse_post_process(self, message, message_dict, routes):
        """Call an automatic e-mail by Odoo's name for it, where answers are listened for."""
        values = super()._message_parse_post_process(message, message_dict, routes)
        listening = {"res.partner", "dunning.notice"}
        if routes and listening.issuperset(model for model, *_rest in routes):
            answered = self.env["mail.message"].browse(message_dict.get("parent_id") or [])
            author = self.env["res.partner"].browse(values.get("author_id") or [])
            values[UNPROVEN] = not (self._is_gateway() and answered._was_sent_to(author.sudo()))
            if is_automatic(message.items()):
                values["message_type"] = "out_of_office"
        return values

    @api.model
    def _is_gateway(self):
        """Whether e-mails are handed over by the system, or by the script of the mail server.

        The script logs in as an administrator. Any user may call what delivers them.
        """
        return self.env.su or self.env.user.has_group("base.group_system")

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {UNPROVEN}


class DunningNotice(models.Model):
    """Answers to a notice that was sent from its own page arrive there."""

    _inherit = "dunning.notice"

    def _message_post_after_hook(self, message, msg_values):
        if message.message_type in ("email", "out_of_office") and len(self) == 1:
            message._mark_words(self.partner_id, self.company_id)
        if message.message_type == "email" and len(self) == 1:
            is_proven = msg_values.get(UNPROVEN) is False
            self.env["contact.thread"]._hear_email(
                message, self.partner_id, self.company_id, is_proven
            )
        return super()._message_post_after_hook(message, msg_values)
