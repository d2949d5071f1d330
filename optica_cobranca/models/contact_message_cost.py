from datetime import date
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import LazyTranslate

from ..domain.message_price import Category, price_for, units
from .contact_template import CATEGORIES

_lt = LazyTranslate(__name__)

# States in which the provider has taken the message, and charges it.
CHARGED = ("sent", "delivered", "read")
# Meta's further words for what it charges, besides those that the table has prices for.
FURTHER_CATEGORIES = {
    "authentication": _lt("One-Time Code"),
    "authentication_international": _lt("One-Time Code, Abroad"),
    "referral_conversion": _lt("After an Advertisement"),
}


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

    priced_as = fields.Char(
        "Priced as", compute="_compute_priced_as", help="The category the provider charged it in."
    )

    # ------------------------------------------------------------- compute

    @api.depends("category")
    @api.depends_context("lang")
    def _compute_priced_as(self):
        for message in self:
            message.priced_as = category_in_words(self.env, message.category)

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


def category_in_words(env, category):
    """The provider's word for a category as users read it; one that nobody knows, as it is."""
    word = (category or "").lower()
    if word in dict(CATEGORIES):
        names = env["contact.price"]._fields["category"]._description_selection(env)
        return dict(names)[word]
    if word in FURTHER_CATEGORIES:
        return env._(FURTHER_CATEGORIES[word])
    return word.replace("_", " ").capitalize() or False
