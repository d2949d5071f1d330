"""When the message about an occurrence leaves by itself, how late it may still leave, how often.

Source: docs/campaigns.md: lead days are respected, days on which the
server stood still are caught up where that makes sense, nobody is written to twice about the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from ..shop.clock import UTC, at
from ..shop.vocabulary import Vocabulary

# A greeting for a Sunday or a holiday leaves on the next open day, if that is no later than this.
BELATED_DAYS = 3
# Visits and sales so many days after a message count as its effect.
EFFECT_DAYS = 60
# When the day's messages are thought of as queued, local time: before the shop opens.
MORNING = time(8)


class Anchor(Vocabulary):
    """From which day of an occurrence the days are counted."""

    EVENT = "event_date"  # the day of the event itself
    TODO = "todo_date"  # the day on which it is to do: so many lead days before


@dataclass(frozen=True, slots=True)
class Timing:
    """When the message of one kind leaves.

    :param offset: days after the anchor
    :param catch_up: it still makes sense so many days later
    :param once: about one record once for all, whatever becomes of its dates
    :param quiet_days: the same person hears of the same kind no sooner than this; 0: no limit
    """

    anchor: Anchor
    offset: int = 0
    catch_up: int = 0
    once: bool = False
    quiet_days: int = 0

    def span(self, day: date, caught_up: bool = True) -> tuple[date, date]:
        """First and last anchor day whose message leaves on ``day``."""
        last = day - timedelta(days=self.offset)
        return last - timedelta(days=self.catch_up if caught_up else 0), last

    def last_day(self, anchor_day: date) -> date:
        """The last day on which the message makes sense."""
        return anchor_day + timedelta(days=self.offset + self.catch_up)


# Installments, promises, glasses that became ready and calls are not here: the ladder, the
# promises, the service order itself and people see to them.
TIMINGS: Mapping[str, Timing] = MappingProxyType(
    {
        "birthday": Timing(Anchor.EVENT),
        "delivery_promised": Timing(Anchor.TODO),
        "delivery_late": Timing(Anchor.EVENT, offset=1, catch_up=3),
        "delivery_unfetched": Timing(Anchor.EVENT, catch_up=5, quiet_days=7),
        "survey": Timing(Anchor.EVENT, catch_up=5, once=True, quiet_days=90),
        "prescription_expiring": Timing(Anchor.TODO, catch_up=14, once=True, quiet_days=30),
        "prescription_expired": Timing(
            Anchor.EVENT, offset=1, catch_up=30, once=True, quiet_days=30
        ),
    }
)


def end_of_day(day: date, tz: str) -> datetime:
    """The last second of a local day, aware UTC."""
    return at(day, time(23, 59, 59), tz).astimezone(UTC)


def morning_of(day: date, tz: str) -> datetime:
    """When the messages of a local day are queued, aware UTC."""
    return at(day, MORNING, tz).astimezone(UTC)
