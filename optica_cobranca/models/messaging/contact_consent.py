from collections import defaultdict

from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...domain.messaging.consent import (
    CHOSEN_CHANNELS,
    ConsentRow,
    Topic,
    is_allowed,
    is_given_up,
    latest_decision,
    rows_for,
    wanted_by,
)
from ...domain.messaging.opt_out import Wish
from ...domain.shop import phone
from .contact_gateway import CHANNELS

PURPOSES = [
    ("collection", "Collection"),
    ("service", "Service"),
    ("relationship", "Relationship"),
    ("marketing", "Marketing"),
]
# Odoo's phone blacklist is about SMS, its mail blacklist about e-mail.
LISTED_CHANNELS = ("sms", "email")


class ContactConsent(models.Model):
    """What a customer allowed or forbade, when, and how we know. Rows are only ever added."""

    _name = "contact.consent"
    _description = "Consent to Messages"
    _inherit = ["optica.evidence.original"]
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, ondelete="restrict")
    purpose = fields.Selection([*PURPOSES, ("all", "All")], required=True, default="all")
    channel = fields.Selection([*CHANNELS, ("all", "All")], required=True, default="all")
    decision = fields.Selection(
        [("opt_in", "Wants messages"), ("opt_out", "Wants no messages")], required=True
    )
    date = fields.Datetime(required=True, default=lambda self: fields.Datetime.now())
    source = fields.Selection(
        [
            ("reply", "Reply to a message"),
            ("clerk", "Told the shop"),
            ("link", "Link in a message"),
            ("portal", "Customer portal"),
            ("provider", "Told by the provider"),
            ("blacklist", "Odoo's blacklist"),
            ("import", "Import"),
            ("contract", "Contract"),
        ],
        required=True,
        default="clerk",
    )
    proof = fields.Text(help="The words that were used, or where the paper is kept.")
    message_id = fields.Many2one(
        "contact.message",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The message whose link was used.",
    )
    user_id = fields.Many2one(
        "res.users", "Recorded by", readonly=True, default=lambda self: self.env.user
    )

    _latest = models.Index("(partner_id, date DESC, id DESC)")

    _evidence_fields = (
        "purpose",
        "channel",
        "decision",
        "date",
        "source",
        "proof",
        "message_id",
        "user_id",
    )

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Who adds a row by hand was told so, now, and by nobody else than the customer."""
        if not self.env.su:
            vals_list = [
                {
                    **vals,
                    "source": "clerk",
                    "date": now,
                    "user_id": self.env.uid,
                    "message_id": False,
                }
                for now in [fields.Datetime.now()]
                for vals in vals_list
            ]
        consents = super().create(vals_list)
        consents._stop_queued_messages()
        consents._tell_blacklists()
        return consents

    def write(self, vals):
        """A ledger is only ever added to."""
        if self:
            raise UserError(
                self.env._("What a customer said is not changed afterwards. Add what holds now.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("What a customer said is not deleted. Add what holds now instead.")
        )

    # ------------------------------------------------------------ business

    def _evidence_company(self):
        company = self.message_id.company_id or self.partner_id.company_id
        return company or self.env.company

    def _stop_queued_messages(self):
        """An opt-out holds from this very moment, for what already waits as well.

        Messages of another channel go on: the gate decides for each when it is due.
        """
        for consent in self.filtered(
            lambda row: row.decision == "opt_out" and row.channel == "all"
        ):
            purposes = (
                [consent.purpose] if consent.purpose != "all" else [key for key, _ in PURPOSES]
            )
            self.env["contact.message"]._cancel_queued(consent.partner_id, purposes, "opted_out")

    @api.model
    def _record_wishes(self, partners, wanted, source, **values):
        """Add what is missing so that ``wanted`` holds for customers.

        :param wanted: {(topic, channel): allowed}, see ``domain.consent``
        :param values: ``proof``, ``message_id`` of the new rows
        :return: the new rows, none when everything held already
        """
        ledgers = self._ledgers(partners.ids)
        return self.create(
            [
                {
                    "partner_id": partner.id,
                    "purpose": row.purpose,
                    "channel": row.channel,
                    "decision": row.decision,
                    "source": source,
                    **values,
                }
                for partner in partners
                for row in rows_for(ledgers[partner.id], wanted)
            ]
        )

    @api.model
    def _heed(self, partners, channel, wish, source, **values):
        """Write down what somebody asked for, for everybody whom it counts for; each door's way.

        A doubt changes nothing and asks a person of the shop, once until it is done.

        :param partners: customers who are reached where the word came from
        :param wish: a :class:`domain.opt_out.Wish`
        :param values: ``proof``, ``message_id`` of the new rows
        :return: the new rows
        """
        alike = partners._reached_alike(channel)
        if wish == Wish.UNSURE:
            self._ask_about_wish(partners[:1], values.get("proof"))
            return self.browse()
        wanted = wanted_by(wish, channel, everywhere=source != "provider")
        return self._record_wishes(alike.with_env(self.env), wanted, source, **values)

    @api.model
    def _ask_about_wish(self, partner, words):
        summary = self.env._("Does this customer want no more messages?")
        note = self.env._(
            "Read what was written: “%(words)s”. If it asks to stop, add it under Consent; "
            "otherwise close this to-do.",
            words=escape((words or "")[:500]),
        )
        self.env.company._ask_once(partner, summary, note)

    @api.model
    def _wishes(self, partner):
        """What a customer allows now: {(topic, channel): allowed}."""
        ledger = self._ledgers(partner.ids)[partner.id]
        return {
            (topic, channel): is_allowed(ledger, topic, channel)
            for topic in Topic
            for channel in CHOSEN_CHANNELS
        }

    @api.model
    def _ledgers(self, partner_ids):
        """The rows of each customer, oldest first: {partner id: [ConsentRow]}."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id, purpose, channel, decision FROM contact_consent
                    WHERE partner_id = ANY(%s) ORDER BY date, id""",
                list(partner_ids),
            )
        )
        ledgers = defaultdict(list)
        for partner_id, *row in rows:
            ledgers[partner_id].append(ConsentRow(*row))
        return ledgers

    @api.model
    def _latest_decisions(self, partner_ids):
        """What holds for each customer, purpose and channel: the latest row that names them.

        :return: a function ``(partner id, purpose, channel) -> 'opt_in' | 'opt_out' | None``
        """
        ledgers = self._ledgers(partner_ids)
        return lambda partner_id, purpose, channel: latest_decision(
            ledgers.get(partner_id, ()), purpose, channel
        )

    # ------------------------------------------------- contact consent blacklist

    def _tell_blacklists(self):
        """Who gave a channel up altogether is on Odoo's list; whoever came back is not.

        The lists belong to Odoo's marketing tools, which customers' clerks have no rights on.
        """
        lists = self.env["contact.consent"].sudo()
        for channel in LISTED_CHANNELS:
            for consent in self.filtered(lambda row, name=channel: row.channel in (name, "all")):
                ledger = lists._ledgers(consent.partner_id.ids)[consent.partner_id.id]
                if is_given_up(ledger, channel):
                    lists._blacklist(consent.partner_id, channel)
                elif consent.decision == "opt_in":
                    lists._whitelist(consent.partner_id, channel)

    @api.model
    def _blacklist(self, partner, channel):
        if channel == "email" and partner.email_normalized:
            self.env["mail.blacklist"]._add(partner.email_normalized)
        number = partner._contact_number() if channel == "sms" else None
        if number:
            self.env["phone.blacklist"]._add([number])

    @api.model
    def _whitelist(self, partner, channel):
        if channel == "email":
            self.env["mail.blacklist"].search(
                [("email", "=", partner.email_normalized)]
            ).action_archive()
        number = partner._contact_number() if channel == "sms" else None
        if number:
            self.env["phone.blacklist"].search([("number", "=", number)]).action_archive()

    @api.model
    def _follow_blacklist(self, partners, channel, is_listed):
        """Somebody changed Odoo's list: the ledger of these customers says so, too.

        Who was taken off a list hears about the own account again; offers need a new yes.
        """
        ledgers = self._ledgers(partners.ids)
        for partner in partners:
            if is_given_up(ledgers[partner.id], channel) == is_listed:
                continue
            wanted = (
                {(topic, channel): False for topic in Topic}
                if is_listed
                else {(Topic.ACCOUNT, channel): True}
            )
            self._record_wishes(partner, wanted, "blacklist")


class ConsentBlacklist(models.AbstractModel):
    """What Odoo's two lists have in common: who is put on one, or taken off, said so."""

    _name = "contact.consent.blacklist"
    _description = "Blacklist in the Consent Ledger"

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever is put on the list withdrew consent."""
        rows = super().create(vals_list)
        rows.filtered("active")._tell_consent()
        return rows

    def write(self, vals):
        """Whoever leaves or joins the list changed consent."""
        result = super().write(vals)
        if "active" in vals:
            self._tell_consent()
        return result

    def _tell_consent(self):
        # Whoever edits Odoo's lists need not have a role in collection.
        consents = self.env["contact.consent"].sudo()
        for row in self:
            consents._follow_blacklist(row.sudo()._listed_customers(), self._channel, row.active)


class PhoneBlacklist(models.Model):
    """Numbers that must get no SMS."""

    _name = "phone.blacklist"
    _inherit = ["phone.blacklist", "contact.consent.blacklist"]

    _channel = "sms"

    def _listed_customers(self):
        return self.env["res.partner"]._with_numbers(phone.match_keys(self.number))


class MailBlacklist(models.Model):
    """Addresses that must get no e-mail."""

    _name = "mail.blacklist"
    _inherit = ["mail.blacklist", "contact.consent.blacklist"]

    _channel = "email"

    def _listed_customers(self):
        return self.env["res.partner"].search([("email_normalized", "=", self.email)])
