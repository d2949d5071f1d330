from odoo import fields, models
from odoo.tools import SQL

from ...domain.calendar.campaign import EFFECT_DAYS
from ...domain.messaging.results import OUTCOME_DAYS
from ...models.calendar.optica_occurrence_type import KINDS
from ...models.messaging.contact_gateway import CHANNELS
from ..messaging.contact_report_tally import LEFT

# Percentages: what is counted, and out of how many.
RATES = {
    "delivered_rate": ("delivered", "sent"),
    "read_rate": ("seen", "sent"),
    "answered_rate": ("answered", "sent"),
    "returned_rate": ("returned", "sent"),
}


class OpticaCampaignReport(models.Model):
    """What the messages about occurrences brought: who came back and who bought.

    Read from the messages, sales, service orders and prescriptions themselves. What happened
    between one message and the next one to the same person counts for the first of them, so that
    no sale is counted twice.
    """

    _name = "optica.campaign.report"
    _description = "Effect of Campaigns"
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "partner_id"

    kind = fields.Selection(KINDS, string="Campaign", readonly=True)
    day = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Written To", readonly=True)
    subject_id = fields.Many2one("res.partner", string="About", readonly=True)
    template_id = fields.Many2one("contact.template", readonly=True)
    message_id = fields.Many2one("contact.message", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    messages = fields.Integer(readonly=True, help="Also those that did not leave.")
    sent = fields.Integer(readonly=True, help="By whichever channel worked.")
    delivered = fields.Integer(readonly=True)
    seen = fields.Integer("Read", readonly=True, help="Not every channel tells it.")
    answered = fields.Integer(
        readonly=True, help="The customer wrote within three days of the message."
    )
    returned = fields.Integer(
        string="Came Back",
        readonly=True,
        help="A sale, a service order or a prescription within 60 days of the message and before "
        "the next one.",
    )
    bought = fields.Integer(
        readonly=True, help="A sale within 60 days of the message and before the next one."
    )
    amount = fields.Monetary(
        string="New Sales",
        readonly=True,
        help="Confirmed sales, and invoices without one, within 60 days of the message and before "
        "the next one.",
    )
    delivered_rate = fields.Float("Delivered (%)", (16, 1), readonly=True, aggregator="avg")
    read_rate = fields.Float("Read (%)", (16, 1), readonly=True, aggregator="avg")
    answered_rate = fields.Float("Answered (%)", (16, 1), readonly=True, aggregator="avg")
    returned_rate = fields.Float(
        "Came Back (%)", (16, 1), readonly=True, aggregator="avg", help="Of those sent."
    )

    # ------------------------------------------------------------- actions

    def action_open_message(self):
        """The message with its history."""
        self.ensure_one()
        return self.message_id._get_records_action()

    # ------------------------------------------------------------- queries

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT touch.id, touch.kind, touch.day, touch.company_id, touch.currency_id,
                   touch.partner_id, touch.subject_id, touch.template_id, touch.message_id,
                   touch.channel, 1 AS messages, (touch.sent_at IS NOT NULL)::int AS sent,
                   (touch.delivered_at IS NOT NULL)::int AS delivered,
                   (touch.read_at IS NOT NULL)::int AS seen, answer.found AS answered,
                   (sale.number + invoice.number > 0 OR visit.found)::int AS returned,
                   (sale.number + invoice.number > 0)::int AS bought,
                   sale.amount + invoice.amount AS amount,
                   100.0 * (touch.delivered_at IS NOT NULL)::int AS delivered_rate,
                   100.0 * (touch.read_at IS NOT NULL)::int AS read_rate,
                   100.0 * answer.found AS answered_rate,
                   100.0 * (sale.number + invoice.number > 0 OR visit.found)::int AS returned_rate
              FROM (%(touches)s) touch
        CROSS JOIN LATERAL (%(answer)s) answer
        CROSS JOIN LATERAL (%(sale)s) sale
        CROSS JOIN LATERAL (%(invoice)s) invoice
        CROSS JOIN LATERAL (%(visit)s) visit
            """,
            touches=self._touches(),
            answer=self._answer(),
            sale=self._sale(),
            invoice=self._invoice(),
            visit=self._visit(),
        )

    def _touches(self):
        """Each message over all channels it was tried by; ``until``: when its effect ends."""
        left = list(LEFT)
        return SQL(
            """
            SELECT told.*, LEAST(told.sent_at + make_interval(days => %(days)s),
                                 LEAD(told.sent_at) OVER (
                                     PARTITION BY told.partner_id
                                         ORDER BY told.sent_at, told.id)) AS until
              FROM (
                SELECT sending.id, sending.kind, sending.day, sending.company_id,
                       company.currency_id, sending.partner_id, sending.subject_id,
                       sending.template_id, sending.message_id,
                       COALESCE(third.channel, second.channel, first.channel) AS channel,
                       LEAST(%(first)s, %(second)s, %(third)s) AS sent_at,
                       COALESCE(first.delivered_at, second.delivered_at, third.delivered_at)
                           AS delivered_at,
                       COALESCE(first.read_at, second.read_at, third.read_at) AS read_at
                  FROM optica_campaign_sending sending
                  JOIN res_company company ON company.id = sending.company_id
             LEFT JOIN contact_message first ON first.id = sending.message_id
             LEFT JOIN contact_message second ON second.fallback_of_id = first.id
             LEFT JOIN contact_message third ON third.fallback_of_id = second.id
              ) told
            """,
            days=EFFECT_DAYS,
            first=_sent("first", left),
            second=_sent("second", left),
            third=_sent("third", left),
        )

    def _answer(self):
        return SQL(
            """
            SELECT EXISTS (
                SELECT FROM contact_event event
                 WHERE event.partner_id = touch.partner_id AND event.kind = 'inbound'
                   AND event.says_nothing IS NOT TRUE
                   AND event.occurred_at >= touch.sent_at AND event.occurred_at < touch.until
                   AND event.occurred_at < touch.sent_at + make_interval(days => %s))::int AS found
            """,
            OUTCOME_DAYS,
        )

    def _sale(self):
        return SQL(
            """
            SELECT count(*) AS number,
                   COALESCE(sum(amount_total / COALESCE(NULLIF(currency_rate, 0), 1)), 0) AS amount
              FROM sale_order
             WHERE partner_id IN (touch.partner_id, touch.subject_id) AND state = 'sale'
               AND company_id = touch.company_id
               AND date_order >= touch.sent_at AND date_order < touch.until
            """
        )

    def _invoice(self):
        """Invoices without a sale behind them: shops that invoice at once."""
        return SQL(
            """
            SELECT count(*) AS number, COALESCE(sum(amount_total_signed), 0) AS amount
              FROM account_move move
             WHERE partner_id IN (touch.partner_id, touch.subject_id) AND state = 'posted'
               AND move_type = 'out_invoice' AND company_id = touch.company_id
               AND invoice_date >= touch.day AND move.create_date >= touch.sent_at
               AND move.create_date < touch.until
               AND NOT EXISTS (
                SELECT FROM account_move_line line
                  JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
                 WHERE line.move_id = move.id)
            """
        )

    def _visit(self):
        """What people come for without buying at once."""
        return SQL(
            """
            SELECT EXISTS (
                SELECT FROM optica_service_order
                 WHERE (partner_id IN (touch.partner_id, touch.subject_id)
                        OR patient_id = touch.subject_id)
                   AND company_id = touch.company_id AND origin_id IS NULL
                   AND create_date >= touch.sent_at AND create_date < touch.until
             UNION ALL
                SELECT FROM optica_prescription
                 WHERE patient_id IN (touch.partner_id, touch.subject_id)
                   AND company_id = touch.company_id
                   AND create_date >= touch.sent_at AND create_date < touch.until) AS found
            """
        )

    def _read_group_select(self, aggregate_spec, query):
        """Rates of a group are those of its sums, not the mean of its rows' rates."""
        name = aggregate_spec.removesuffix(":avg")
        if name not in RATES:
            return super()._read_group_select(aggregate_spec, query)
        part, whole = RATES[name]
        return SQL(
            "SUM(%s)::numeric * 100 / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, part, query),
            self._field_to_sql(self._table, whole, query),
        )


def _sent(alias, left):
    return SQL(
        "CASE WHEN %s = ANY(%s) THEN %s END",
        SQL.identifier(alias, "state"),
        left,
        SQL.identifier(alias, "sent_at"),
    )
