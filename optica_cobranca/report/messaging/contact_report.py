from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, rename_column

from ...models.messaging.contact_consent import PURPOSES
from ...models.messaging.contact_gateway import CHANNELS
from ...models.messaging.contact_message import REASONS

HOURS = [(f"{hour:02d}", f"{hour:02d}h") for hour in range(24)]
WEEKDAYS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
]
# Percentages: what is counted, and out of how many.
RATES = {
    "delivered_rate": ("delivered", "sent"),
    "read_rate": ("seen", "readable"),
    "answered_rate": ("answered", "sent"),
    "paid_rate": ("paid", "asked"),
}
# What can be asked of a row, as it is asked of the messages counted in it.
OF_MESSAGE = {
    "company_id": "company_id",
    "day": "report_day",
    "hour": "report_hour",
    "weekday": "report_weekday",
    "purpose": "purpose",
    "channel": "channel",
    "template_id": "template_id",
    "gateway_id": "gateway_id",
    "policy_id": "notice_id.policy_id",
    "level_id": "notice_id.level_id",
    "state": "state",
    "reason": "reason",
}


class ContactReport(models.Model):
    """What messages brought: a tally by day and hour, rebuilt from the messages themselves.

    One row for all messages that agree in every field of ``KEYS``
    (:mod:`.contact_report_tally`), so that a year of a million of them is read in a moment.
    Nobody writes it by hand.
    """

    _name = "contact.report"
    _description = "Results of Messages"
    _order = "day desc, hour desc, id desc"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    day = fields.Date(
        required=True,
        readonly=True,
        help="The shop's date on which the message left; of one that did not leave, on which it "
        "failed or was written.",
    )
    hour = fields.Selection(HOURS, readonly=True, help="In the customer's own time.")
    weekday = fields.Selection(WEEKDAYS, readonly=True)
    purpose = fields.Selection(PURPOSES, readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    template_id = fields.Many2one("contact.template", readonly=True)
    gateway_id = fields.Many2one("contact.gateway", readonly=True)
    policy_id = fields.Many2one("dunning.policy", string="Ladder", readonly=True)
    level_id = fields.Many2one("dunning.level", readonly=True)
    state = fields.Selection(selection="_states", readonly=True)
    reason = fields.Selection(REASONS, readonly=True)

    messages = fields.Integer(readonly=True, help="Also those that did not leave.")
    sent = fields.Integer(
        "Messages Sent", readonly=True, help="Accepted by the provider, or sent by hand."
    )
    delivered = fields.Integer("Messages Delivered", readonly=True)
    readable = fields.Integer(
        "Sent Where Readings Are Told",
        readonly=True,
        help="Only WhatsApp and Instagram tell when a message was read.",
    )
    seen = fields.Integer("Messages Read", readonly=True)
    answered = fields.Integer(
        readonly=True,
        help="The customer wrote on the day of the message or in the three days after, and this "
        "was the last message before that.",
    )
    asked = fields.Integer("Collection Sent", readonly=True)
    paid = fields.Integer(
        readonly=True,
        help="Money for an installment came on the day of this collection message or in the three "
        "days after, and it was the last one before the payment.",
    )
    amount_paid = fields.Monetary(
        "Paid Within 3 Days",
        readonly=True,
        help="Each payment counts for one message only: the last one before it. Late charges are "
        "included; undone receipts, credit notes and agreements are not.",
    )
    cost = fields.Monetary(readonly=True, groups="optica_cobranca.group_manager")

    delivered_rate = fields.Float(
        "Delivered (%)", (16, 1), readonly=True, aggregator="avg", help="Of those sent."
    )
    read_rate = fields.Float(
        "Read (%)",
        (16, 1),
        readonly=True,
        aggregator="avg",
        help="Of those sent on channels that tell readings.",
    )
    answered_rate = fields.Float(
        "Answered (%)", (16, 1), readonly=True, aggregator="avg", help="Of those sent."
    )
    paid_rate = fields.Float(
        "Paid (%)",
        (16, 1),
        readonly=True,
        aggregator="avg",
        help="Of the collection messages sent.",
    )
    cost_per_paid = fields.Float(
        "Cost per 1.00 Received",
        (16, 4),
        readonly=True,
        aggregator="avg",
        groups="optica_cobranca.group_manager",
    )

    _by_day = models.Index("(company_id, day)")

    def _auto_init(self):
        """A column of older databases was called ``read``, which hid the method of that name."""
        if column_exists(self.env.cr, self._table, "read"):
            rename_column(self.env.cr, self._table, "read", "seen")
        return super()._auto_init()

    # ------------------------------------------------------------- queries

    def _states(self):
        return self.env["contact.message"]._fields["state"].selection

    def _read_group_select(self, aggregate_spec, query):
        """Rates of a group are those of its sums, not the mean of its rows' rates."""
        name = aggregate_spec.removesuffix(":avg")
        if name in RATES:
            part, whole = RATES[name]
            return self._ratio(part, whole, 100, query)
        if name == "cost_per_paid":
            return self._ratio("cost", "amount_paid", 1, query)
        return super()._read_group_select(aggregate_spec, query)

    def _ratio(self, part, whole, factor, query):
        return SQL(
            "SUM(%s)::numeric * %s / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, part, query),
            factor,
            self._field_to_sql(self._table, whole, query),
        )

    # ------------------------------------------------------------- actions

    def action_open_messages(self):
        """The messages counted in these rows."""
        return self.open_messages([("id", "in", self.ids)])

    @api.model
    def open_messages(self, domain):
        """An action: the messages that rows of this domain count.

        :param domain: on this model; conditions on counts are left out
        """
        self.check_access("read")
        if _names_ids(domain):
            found = Domain.OR(row._message_domain() for row in self.search(domain))
        else:
            found = Domain(domain).map_conditions(_of_message)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Messages"),
            "res_model": "contact.message",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": list(found),
        }

    @api.model
    def action_open_results(self):
        """Pivot and graph, with the last days brought up to date first."""
        self._refresh_recent()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_contact_report_pivot"
        )

    # ------------------------------------------------------------- helpers

    def _message_domain(self):
        """Which messages one row counts."""
        self.ensure_one()
        return Domain.AND(
            Domain(key, "=", self[key].id if self._fields[key].relational else self[key])
            for key in OF_MESSAGE
        ).map_conditions(_of_message)


def _names_ids(domain):
    return any(condition.field_expr == "id" for condition in Domain(domain).iter_conditions())


def _of_message(condition):
    """The same question asked of messages; counts and amounts have no counterpart there."""
    head, _dot, rest = condition.field_expr.partition(".")
    if head not in OF_MESSAGE:
        return Domain.TRUE
    name = ".".join(filter(None, (OF_MESSAGE[head], rest)))
    asked = Domain(name, condition.operator, condition.value)
    if condition.operator == "=" and not condition.value and "." in OF_MESSAGE[head]:
        return asked | Domain("notice_id", "=", False)
    return asked
