"""What a message costs: the shop's own table of prices, the most particular line first.

Source: providers charge by message and category (Meta since 2025-07-01: marketing, utility,
service), SMS by part; e-mails and WhatsApp by hand cost nothing.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..shop.vocabulary import Vocabulary
from .message_text import sms_parts

Moment = tuple[datetime, Hashable]
_SENT = frozenset({"sent", "delivered", "read"})


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
    `free_a_month`: so many of a sending number and a month cost nothing. `line` is what a line is
    known by through all its changes; as it was until the instant `until` (naive UTC), None for as
    it is now.
    """

    channel: str
    amount: Decimal
    valid_from: date
    company: int | None = None
    provider: str | None = None
    category: str | None = None
    currency: int | None = None
    is_estimate: bool = False
    free_a_month: int = 0
    line: Hashable = None
    until: datetime | None = None


def as_of(prices: Iterable[Price], instant: datetime) -> list[Price]:
    """The table as it was at an instant: each line before it was changed since, if it was."""
    versions: dict[Hashable, Price] = {}
    standing = []
    for price in prices:
        if price.line is None:
            standing.append(price)
        elif price.until is None:
            versions.setdefault(price.line, price)
        elif instant < price.until:
            known = versions.get(price.line)
            if known is None or known.until is None or price.until < known.until:
                versions[price.line] = price
    return [*standing, *versions.values()]


def is_free(charge: str | None) -> bool:
    """Whether the provider's word says that it charges nothing for a message.

    Meta: `free_customer_service` (answers, and what else the window makes free), and
    `free_entry_point` (72 hours after an advertisement brought the customer).
    """
    return (charge or "").startswith("free")


def is_charged(state: str, channel: str) -> bool:
    """Whether a provider charges a message in this state.

    Meta charges what is delivered, and tells the price when it sends: what fails afterwards costs
    nothing after all. Of an SMS the network is paid, whether it arrives or not (Twilio bills
    undelivered ones).
    """
    return state in _SENT or (channel == "sms" and state == "failed")


def months_free(
    already: Sequence[Moment], new: Iterable[Moment], free_a_month: int
) -> set[Hashable]:
    """Which of the messages `new` are among the first `free_a_month` of their month and number.

    Moments are pairs (instant, key), all of one number and month; `already` are those that were
    counted before.

    :return: the keys of the free ones among `new`
    """
    fresh = list(new)
    of_new = {key for _instant, key in fresh}
    ordered = sorted([*already, *fresh])
    return {key for _instant, key in ordered[:free_a_month] if key in of_new}


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
