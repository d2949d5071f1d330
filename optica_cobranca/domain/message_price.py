"""What a message costs: the shop's own table of prices, the most particular line first.

Source: providers charge by message and category (Meta since 2025-07-01: marketing, utility,
service), SMS by part; e-mails and WhatsApp by hand cost nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .message_text import sms_parts
from .vocabulary import Vocabulary


class Category(Vocabulary):
    """In which category a provider charges a message."""

    UTILITY = "utility"
    MARKETING = "marketing"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Price:
    """One line of the table, valid from a day on; None stands for all.

    `amount`: for one message, for SMS one part, for a call the whole call; in the currency
    `currency` (anything the caller knows it by). `is_estimate`: nobody has seen it on a bill.
    """

    channel: str
    amount: Decimal
    valid_from: date
    company: int | None = None
    provider: str | None = None
    category: str | None = None
    currency: int | None = None
    is_estimate: bool = False


def price_for(
    prices: Iterable[Price],
    on: date,
    *,
    channel: str,
    provider: str | None,
    category: str | None,
    company: int,
) -> Price | None:
    """The line that holds on the day `on`; None when the table has none.

    A line of the company goes before a general one, then one of the provider, then one of the
    category, then the latest. Lines whose day has not come yet do not count.
    """
    fitting = [
        price
        for price in prices
        if price.channel == channel
        and price.valid_from <= on
        and price.company in (None, company)
        and price.provider in (None, provider)
        and price.category in (None, category)
    ]
    return max(fitting, key=_precedence, default=None)


def units(channel: str, text: str) -> int:
    """How many times the price is charged: the parts of an SMS, else 1."""
    return max(1, sms_parts(text)) if channel == "sms" else 1


def _precedence(price: Price) -> tuple[bool, bool, bool, date]:
    return (
        price.company is not None,
        price.provider is not None,
        price.category is not None,
        price.valid_from,
    )
