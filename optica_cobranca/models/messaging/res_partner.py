from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ...domain.messaging.best_hour import ANSWER, READING, best_hour
from ...domain.shop import clock, phone
from ..shop.res_company import timezone_of

# A number or address that more customers have was typed to fill a field, and is nobody's.
MOST_SHARING = 10
# By these people are recognised. Nobody types them: they follow from numbers, from what providers
# tell, and from what a clerk or a code has confirmed.
SYSTEM_KEYS = frozenset(
    {
        "contact_phone_key",
        "contact_phone_keys",
        "contact_confirmed_keys",
        "whatsapp_user_id",
        "instagram_user_id",
    }
)


def tracked(records):
    """Records whose changes are written down, whatever the call of a person asks for."""
    if records.env.su:
        return records
    return records.with_context(tracking_disable=False, mail_notrack=False)


LEARNED_FROM = timedelta(days=365)


class ResPartner(models.Model):
    """How and when a customer is reached."""

    _inherit = "res.partner"

    preferred_contact_hour = fields.Selection(
        [(str(hour), f"{hour:02d}:00") for hour in range(8, 20)],
        string="Preferred Hour",
        help="Messages of the day wait for this hour when it lies inside the permitted ones.",
    )
    contact_phone_key = fields.Char(
        compute="_compute_contact_phone_key",
        store=True,
        index="btree_not_null",
        help="The phone number reduced to what is the same with and without the ninth digit.",
    )
    contact_phone_keys = fields.Char(
        compute="_compute_contact_phone_key",
        store=True,
        help="The keys of all numbers written down, between blanks.",
    )
    contact_confirmed_keys = fields.Char(
        "Confirmed Numbers",
        copy=False,
        readonly=True,
        help="The keys of numbers of which a clerk or a code has confirmed that they are this "
        "customer's and nobody else's, between blanks.",
    )
    contact_message_ids = fields.One2many(
        "contact.message",
        "partner_id",
        string="Messages Sent",
        groups="optica_cobranca.group_seller",
    )
    contact_consent_ids = fields.One2many(
        "contact.consent", "partner_id", string="Consent", groups="optica_cobranca.group_seller"
    )

    # Whoever shares an address is looked for with every answer.
    _contact_email = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    _contact_phone_keys = models.Index("USING gin (string_to_array(contact_phone_keys, ' '))")
    _contact_confirmed_keys = models.Index(
        "USING gin (string_to_array(contact_confirmed_keys, ' '))"
        " WHERE contact_confirmed_keys IS NOT NULL"
    )

    @api.depends("phone", "country_id")
    def _compute_contact_phone_key(self):
        for partner in self:
            number = partner._contact_number()
            partner.contact_phone_key = phone.match_key(number) if number else False
            partner.contact_phone_keys = " ".join(phone.match_keys(partner.phone)) or False

    # ---------------------------------------------------------------- CRUD

    def _has_field_access(self, field, operation):
        """What people are recognised by is written by the system only, through whatever door."""
        if operation == "write" and field.name in SYSTEM_KEYS:
            return self.env.su
        return super()._has_field_access(field, operation)

    # ------------------------------------------------------------ business

    @api.model
    def _whose_number(self, digits, company, candidates):
        """Whose words come from a number: of a person, not of whoever has it written down.

        A number on file with customers of several houses belongs to none of them until a clerk
        says whose it is, or a code that was sent there has come back.

        :param digits: as a provider writes it, with country code and without ``+``
        :param candidates: who has it on file, the likeliest first
        :return: one partner, with sudo, or none
        """
        everybody = self.sudo().with_context(active_test=False)
        keys = phone.keys_of_sender(digits, company._contact_area_code())
        confirmed = everybody._with_numbers(keys, "contact_confirmed_keys")
        if len(confirmed.commercial_partner_id) == 1:
            return (candidates & confirmed or confirmed)[:1]
        if len(candidates.commercial_partner_id) > 1:
            return everybody.browse()
        return candidates[:1]

    def _confirm_number(self, digits):
        """From now on what comes from this number is this customer's, and nobody else's.

        :param digits: with country code; with or without ``+``
        """
        self.ensure_one()
        key = phone.match_key(digits or "")
        if not key:
            return
        # The system's own note: neither clerks nor customers write it.
        mine = self.sudo()
        others = mine._with_numbers([key], "contact_confirmed_keys") - mine
        for other in others:
            kept = [one for one in other.contact_confirmed_keys.split() if one != key]
            other.contact_confirmed_keys = " ".join(kept) or False
        keys = dict.fromkeys([*(mine.contact_confirmed_keys or "").split(), key])
        mine.contact_confirmed_keys = " ".join(keys)

    def _contact_number(self, default_area_code=None):
        """The customer's number in E.164, or None when there is none or it is no number.

        :param default_area_code: two digits for numbers written without an area code
        """
        self.ensure_one()
        return phone.to_e164(self.phone, default_area_code) if self.phone else None

    def _contact_email(self):
        """The customer's e-mail address, lower case, or None when there is none that can be."""
        self.ensure_one()
        return email_normalize(self.email or "", strict=True) or None

    @api.model
    def _contact_find_by_number(self, digits, company=None):
        """The customers with this number, any of theirs, newest first; archived ones too.

        With and without the digit that some countries leave out, and, by the area code of
        ``company``, written down without one.

        :param digits: as a provider writes it, with country code and without ``+``
        """
        area_code = company._contact_area_code() if company else None
        return self._with_numbers(phone.keys_of_sender(digits, area_code))

    @api.model
    def _contact_written_to(self, digits, company):
        """Who was last written to at this number by ``company``, if nobody has it on file.

        Not whoever turned out not to have it (``wrong_phone``).
        """
        spellings = phone.spellings(digits)
        if not spellings:
            return self.browse()
        message = (
            self.env["contact.message"]
            .sudo()
            .search(
                [
                    ("address", "in", spellings),
                    ("company_id", "=", company.id),
                    ("state", "in", ("sending", "uncertain", "sent", "delivered", "read")),
                ],
                order="id desc",
                limit=1,
            )
        )
        partner = message.partner_id
        wrong = phone.match_keys(partner.wrong_phone)
        return self.browse() if phone.match_key(digits) in wrong else partner

    @api.model
    def _with_numbers(self, keys, name="contact_phone_keys"):
        """Customers who have one of these keys, newest first; archived ones too.

        :param name: the field that the keys are looked for in
        """
        if not keys:
            return self.browse()
        self.flush_model([name])
        return self.with_context(active_test=False).search(
            Domain.custom(
                to_sql=lambda _model, alias, _query: SQL(
                    "string_to_array(%s, ' ') && %s",
                    SQL.identifier(alias, name),
                    list(keys),
                )
            ),
            order="id desc",
        )

    def _reached_alike(self, channel=None):
        """These customers and all who are reached at the same number or e-mail address.

        The one place that says for whom a word counts which came from there: a wish about
        messages holds for the number, whoever's debt was spoken of.

        With sudo: who shares a number is found over all companies.

        :param channel: by which the word came; None: numbers and addresses alike
        """
        everybody = self.sudo().with_context(active_test=False)
        alike = everybody
        if channel != "email":
            keys = {key for one in everybody for key in (one.contact_phone_keys or "").split()}
            alike |= everybody._unless_many(everybody._with_numbers(sorted(keys)), channel)
        if channel in (None, "email"):
            emails = [one.email_normalized for one in everybody if one.email_normalized]
            found = everybody.search([("email_normalized", "in", emails)]) if emails else everybody
            alike |= everybody._unless_many(found, channel)
        return alike

    def _unless_many(self, found, channel):
        """What is typed to fill a field joins nobody; a word that came from there does."""
        return self if channel is None and len(found - self) > MOST_SHARING else found

    def _concerned(self):
        """Whose collection rests when one of these speaks.

        Their houses, and whoever is reached at the same number or address, with theirs.
        A reply, a button, a promise, a dispute and an e-mail ask here alike.
        """
        alike = self._reached_alike()
        return alike.search([("commercial_partner_id", "in", alike.commercial_partner_id.ids)])

    # ---- The hour at which a customer reads and answers, learned from a year of messages

    best_contact_hour = fields.Selection(
        [(str(hour), f"{hour:02d}:00") for hour in range(8, 20)],
        string="Best Hour",
        compute="_compute_best_contact_hour",
        groups="optica_cobranca.group_seller",
        help="Around which the customer read or answered most in the last year, in local time. "
        "Empty until at least five readings or answers are known and surely more than half of them "
        "lie within an hour of it.",
    )

    def _compute_best_contact_hour(self):
        hours = self._learned_hours()
        for partner in self:
            partner.best_contact_hour = hours.get(partner._origin.id)

    def action_use_best_hour(self):
        """Take the learned hour as the preferred one, for all that have one."""
        for hour, partners in self.grouped("best_contact_hour").items():
            if hour:
                partners.preferred_contact_hour = hour

    def _learned_hours(self):
        """The suggested hour of each customer; two queries for any number of them.

        :return: dict of partner id -> hour as text
        """
        if not self.ids:
            return {}
        self.env["contact.message"].flush_model()
        self.env["contact.event"].flush_model()
        query = SQL(
            """
            SELECT partner_id, read_at, %(reading)s FROM contact_message
             WHERE partner_id = ANY(%(ids)s) AND read_at > %(since)s
             UNION ALL
            SELECT partner_id, occurred_at, %(answer)s FROM contact_event
             WHERE kind = 'inbound' AND says_nothing IS NOT TRUE AND partner_id = ANY(%(ids)s)
               AND occurred_at > %(since)s
            """,
            reading=READING,
            answer=ANSWER,
            ids=self.ids,
            since=fields.Datetime.now() - LEARNED_FROM,
        )
        signals = defaultdict(list)
        default = self.env.company.contact_timezone
        for partner_id, instant, weight in self.env.execute_query(query):
            zone = timezone_of(self.browse(partner_id).state_id, default)
            signals[partner_id].append((clock.local(instant, zone).hour, weight))
        hours = {partner_id: best_hour(known) for partner_id, known in signals.items()}
        return {partner_id: str(hour) for partner_id, hour in hours.items() if hour is not None}
