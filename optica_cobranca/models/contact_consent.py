from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..domain.consent import (
    CHOSEN_CHANNELS,
    ConsentRow,
    Topic,
    is_allowed,
    latest_decision,
    rows_for,
)
from .contact_gateway import CHANNELS

PURPOSES = [
    ("collection", "Collection"),
    ("service", "Service"),
    ("relationship", "Relationship"),
    ("marketing", "Marketing"),
]


class ContactConsent(models.Model):
    """What a customer allowed or forbade, when, and how we know. Rows are only ever added."""

    _name = "contact.consent"
    _description = "Consent to Messages"
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

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        consents._stop_queued_messages()
        return consents

    def write(self, vals):
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
    def _record_wishes(self, partner, wanted, source, **values):
        """Add what is missing so that ``wanted`` holds for a customer.

        :param wanted: {(topic, channel): allowed}, see ``domain.consent``
        :param values: ``proof``, ``message_id`` of the new rows
        :return: the new rows, none when everything held already
        """
        rows = rows_for(self._ledgers(partner.ids)[partner.id], wanted)
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
                for row in rows
            ]
        )

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
