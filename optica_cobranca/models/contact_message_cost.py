from datetime import date
from zoneinfo import ZoneInfo

from odoo import fields, models

from ..domain.message_price import Category, price_for, units

# States in which the provider has taken the message, and charges it.
CHARGED = ("sent", "delivered", "read")


class ContactMessage(models.Model):
    """What each message cost, by the shop's table of prices on the day it left."""

    _inherit = "contact.message"

    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Monetary(
        readonly=True,
        copy=False,
        groups="optica_cobranca.group_manager",
        help="By the table of prices of the day; worked out again when the provider tells "
        "another category. Empty: it did not leave, or the table has no price for it.",
    )

    # ------------------------------------------------------------ business

    def _set_costs(self, rows):
        """Set the cost in rows that were charged and have none yet.

        :param rows: values of messages, as :meth:`_lock_states` gives them; ``cost`` None asks
            for a price
        """
        unpriced = [row for row in rows if row["cost"] is None and row["state"] in CHARGED]
        if not unpriced:
            return
        costs = self._cost_of({row["id"]: row["category"] for row in unpriced})
        for row in unpriced:
            row["cost"] = costs.get(row["id"])

    def _cost_of(self, categories):
        """What messages cost, unrounded, in their companies' currencies.

        :param categories: dict of message id -> category the provider named, or None
        :return: dict of message id -> float; those without a price are left
            out
        """
        prices = self.env["contact.price"]._lines_in_use()
        messages = self.browse(categories)
        costs = {}
        for message in messages:
            day = message._charged_on()
            price = price_for(
                prices,
                day,
                channel=message.channel,
                provider=message.gateway_id.provider or None,
                category=_known(categories[message.id]) or message.template_id.category or None,
                company=message.company_id.id,
            )
            if price:
                amount = float(price.amount) * units(message.channel, message.body or "")
                costs[message.id] = message._in_own_currency(amount, price.currency, day)
        return costs

    # ------------------------------------------------------------- helpers

    def _charged_on(self) -> date:
        zone = ZoneInfo(self.company_id.contact_timezone)
        instant = self.sent_at or self.claimed_at or fields.Datetime.now()
        return instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()

    def _in_own_currency(self, amount, currency_id, day):
        """Fractions of a cent are kept: a thousand messages of 0.034 cost 34.00."""
        own = self.company_id.currency_id
        if currency_id == own.id:
            return round(amount, 6)
        currency = self.env["res.currency"].browse(currency_id)
        return currency._convert(amount, own, self.company_id, day, round=False)


def _known(category):
    """The provider's word for a category, if the table may hold prices by it."""
    name = (category or "").lower()
    # Meta's free-form answers and one-time codes are priced like service and utility.
    name = {"authentication": Category.UTILITY}.get(name, name)
    return str(name) if name in {str(known) for known in Category} else None
