from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from .contact_consent import PURPOSES
from .contact_gateway import CHANNELS
from .contact_message import REASONS

KEY = ("date", "company_id", "purpose", "template_id", "channel", "reason", "outcome")


class ContactRefusal(models.Model):
    """How many messages did not leave, by day and reason: what the queue itself forgets.

    Rows are only added, a few for each batch, so that two workers never wait for each other; the
    night adds those of a day up.
    """

    _name = "contact.refusal"
    _description = "Messages Not Sent"
    _order = "date desc, id desc"
    _log_access = False
    _rec_name = "reason"

    date = fields.Date("Day", required=True, readonly=True, help="In the shop's local time.")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    purpose = fields.Selection(PURPOSES, required=True, readonly=True)
    template_id = fields.Many2one("contact.template", readonly=True, ondelete="set null")
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    reason = fields.Selection(REASONS, required=True, readonly=True)
    outcome = fields.Selection(
        [("postponed", "Waits"), ("cancelled", "Cancelled"), ("failed", "Failed")],
        required=True,
        readonly=True,
        help="Waits: it leaves later, when what held it back has passed.",
    )
    count = fields.Integer("Messages", required=True, readonly=True)

    _by_day = models.Index("(company_id, date)")

    # ------------------------------------------------------------- actions

    def action_open_messages(self):
        """The messages that have this reason now; those that left since are not among them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["reason"]._description_selection(self.env))[self.reason],
            "res_model": "contact.message",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("template_id", "=", self.template_id.id),
                ("reason", "=", self.reason),
                ("write_date", ">=", self.date),
            ],
        }

    # ------------------------------------------------------------ business

    @api.model
    def _add(self, counts):
        """Count refusals, in one statement.

        :param counts: dict of a tuple as ``KEY`` names it -> number
        """
        if not counts:
            return
        rows = SQL(", ").join(SQL("%s", (*key, number)) for key, number in counts.items())
        columns = SQL(", ").join(map(SQL.identifier, (*KEY, "count")))
        self.env.cr.execute(SQL("INSERT INTO contact_refusal (%s) VALUES %s", columns, rows))
        self.invalidate_model()

    @api.autovacuum
    def _gc_add_up(self):
        """One row for each day and reason, once nothing is added to that day any more."""
        columns = SQL(", ").join(map(SQL.identifier, KEY))
        self.env.cr.execute(
            SQL(
                """
                WITH old AS (
                    DELETE FROM contact_refusal WHERE date < %(today)s - 1
                    RETURNING %(columns)s, count)
                INSERT INTO contact_refusal (%(columns)s, count)
                SELECT %(columns)s, sum(count) FROM old GROUP BY %(columns)s
                """,
                today=fields.Date.today(),
                columns=columns,
            )
        )
        self.invalidate_model()


class ContactMessage(models.Model):
    """Tells the tally what did not leave."""

    _inherit = "contact.message"

    def _count_refusals(self, verdicts, written, before, now):
        """A message that waits is counted once for each reason, however often it is asked.

        :param written: ids of the messages whose verdict was written
        :param before: the reason that each had
        """
        counts = Counter()
        for verdict in verdicts:
            message = verdict.message
            refused = verdict.counted_as in ("postponed", "cancelled", "failed")
            if refused and message.id in written and verdict.reason != before[message.id]:
                counts[message._refusal_key(verdict, now)] += 1
        self.env["contact.refusal"]._add(counts)

    def _refusal_key(self, verdict, now):
        company = self.company_id
        return (
            company._local_day(now),
            company.id,
            self.purpose,
            self.template_id.id or None,
            verdict.channel or self.channel,
            verdict.reason or "error",
            verdict.counted_as,
        )

    @api.model
    def _count_cancelled(self, partners, purposes, reason):
        """What a reply, a promise or a reason takes out of the queue counts, too."""
        now = fields.Datetime.now()
        groups = self.sudo()._read_group(
            [
                ("state", "=", "queued"),
                ("partner_id", "in", partners.ids),
                ("purpose", "in", list(purposes)),
            ],
            ["company_id", "purpose", "template_id", "channel"],
            ["__count"],
        )
        self.env["contact.refusal"]._add(
            {
                (
                    company._local_day(now),
                    company.id,
                    purpose,
                    template.id or None,
                    channel,
                    reason,
                    "cancelled",
                ): number
                for company, purpose, template, channel, number in groups
            }
        )
