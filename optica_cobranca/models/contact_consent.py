from odoo import api, fields, models
from odoo.tools import SQL

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
            ("portal", "Customer portal"),
            ("import", "Import"),
            ("contract", "Contract"),
        ],
        required=True,
        default="clerk",
    )
    proof = fields.Text(help="The words that were used, or where the paper is kept.")
    user_id = fields.Many2one(
        "res.users", "Recorded by", readonly=True, default=lambda self: self.env.user
    )

    _latest = models.Index("(partner_id, date DESC, id DESC)")

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        consents._stop_queued_messages()
        return consents

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
    def _latest_decisions(self, partner_ids):
        """What holds for each customer, purpose and channel: the latest row that names them.

        :return: a function ``(partner id, purpose, channel) -> 'opt_in' | 'opt_out' | None``
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id, purpose, channel, decision FROM contact_consent
                    WHERE partner_id = ANY(%s) ORDER BY date, id""",
                list(partner_ids),
            )
        )
        decisions = {}
        for order, (partner_id, purpose, channel, decision) in enumerate(rows):
            decisions[partner_id, purpose, channel] = (order, decision)

        def latest(partner_id, purpose, channel):
            found = [
                decisions[key]
                for key in (
                    (partner_id, purpose, channel),
                    (partner_id, purpose, "all"),
                    (partner_id, "all", channel),
                    (partner_id, "all", "all"),
                )
                if key in decisions
            ]
            return max(found)[1] if found else None

        return latest
