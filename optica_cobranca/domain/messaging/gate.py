"""The gate: may this message leave now? One ordered decision over facts gathered beforehand.

Source: CDC art. 42 and 71 (hours, frequency), WhatsApp Business policy (opt-in for marketing, every
opt-out is honoured); docs/architecture.md, "One message's way".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ..shop.clock import MIDNIGHT, at, local_day
from ..shop.errors import ErrorCode, GateError
from ..shop.vocabulary import Vocabulary

MAX_A_DAY = 1
MAX_IN_SEVEN_DAYS = 3
MAX_CALLS_A_DAY = 1
MAX_CALLS_AT_LEVEL = 3
GATEWAY_RETRY = timedelta(hours=1)
CAP_RETRY = timedelta(days=1)
_CAP_DAYS = 7


class Purpose(Vocabulary):
    """What a message is for."""

    COLLECTION = "collection"
    SERVICE = "service"  # delivery ready, receipt
    RELATIONSHIP = "relationship"  # birthday
    MARKETING = "marketing"  # expiring prescription, campaign


class Channel(Vocabulary):
    """By what a message travels."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    EMAIL = "email"
    VOICE = "voice"
    INSTAGRAM = "instagram"  # answers only


class Action(Vocabulary):
    """What the sender does with the message."""

    SEND = "send"
    CANCEL = "cancel"  # for good; the caller may try the template's next channel
    POSTPONE = "postpone"  # stays queued, is asked again at `until`


class GateReason(Vocabulary):
    """Why a message does not leave now, in the order in which the gate asks."""

    PAID = "paid"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    ARCHIVED = "archived"
    HELD = "held"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    NO_ADDRESS = "no_address"
    INVALID_NUMBER = "invalid_number"
    TEMPLATE = "template"
    CAP = "cap"
    GATEWAY_OFF = "gateway_off"
    WINDOW = "window"
    EXPIRED = "expired"


NEEDS_OPT_IN = frozenset({Purpose.MARKETING})
# After these another channel may still reach the customer.
TRY_NEXT_CHANNEL = frozenset(
    {GateReason.OPTED_OUT, GateReason.NO_ADDRESS, GateReason.INVALID_NUMBER, GateReason.TEMPLATE}
)


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that the gate needs to know of one message at the moment of sending.

    `next_permitted`: from `contact_window.next_permitted` (aware UTC); None only for answers,
    for which hours do not count.
    `residual_open`: BRL still open of what the message is about; None when it is about no debt.
    `held`: a hold of the ladder or a reply that came in after queuing; None if nothing holds.
    `opted_out` / `has_consent`: for this purpose and channel. `number_valid`: the address can be
    reached by the channel. `gateway_ready_at`: when a paused gateway resumes, if known.
    `superseded`: a newer notice exists for the customer; `duplicate`: the same notice already
    left (by any channel that worked). `archived`: the shop put the customer away; nobody who is
    gone, or dead, is written to.
    `sent_today`, `sent_last_7_days`: collection messages to this customer over all channels,
    companies and debts, without answers and receipts; `cap_lifts_at`: see the function.
    `calls_today`, `calls_at_level`: voice only. `is_answer`: an answer to the customer, or a
    receipt for what he just did: caps do not apply. `valid_until` (aware): after it the
    message makes no sense, as a birthday greeting after the day.
    """

    purpose: str
    channel: str
    next_permitted: datetime | None
    address: str | None = None
    number_valid: bool = True
    residual_open: Decimal | None = None
    held: str | None = None
    opted_out: bool = False
    has_consent: bool = False
    gateway_ready: bool = True
    gateway_ready_at: datetime | None = None
    template_ready: bool = True
    superseded: bool = False
    duplicate: bool = False
    archived: bool = False
    sent_today: int = 0
    sent_last_7_days: int = 0
    cap_lifts_at: datetime | None = None
    calls_today: int = 0
    calls_at_level: int = 0
    is_answer: bool = False
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class GateDecision:
    """What happens to the message, why, and (for `postpone`) when to ask again, aware UTC."""

    action: Action
    reason: GateReason | None = None
    until: datetime | None = None


def decide(facts: GateFacts, now: datetime) -> GateDecision:
    """Send, cancel or postpone, at the aware instant `now`.

    A message that could only leave after `valid_until` is cancelled as expired.
    First what ends the message (paid, superseded, duplicate, archived, held, opted out, no
    consent, no address, invalid number, template, all calls of a level made), then what delays
    it: the gateway, the caps, the hours. The first reason found is the one reported.
    `held` and `paid` concern collection only; `until` is always later than `now`.

    :raise GateError: WINDOW_MISSING when `next_permitted` is None for what is no answer
    """
    if facts.next_permitted is None and not facts.is_answer:
        raise GateError(ErrorCode.WINDOW_MISSING, purpose=facts.purpose)
    for reason in _reasons_to_cancel(facts):
        return GateDecision(Action.CANCEL, reason)
    if _is_over(facts, now):
        return GateDecision(Action.CANCEL, GateReason.EXPIRED)
    for reason, until in _reasons_to_postpone(facts, now):
        if _is_over(facts, until):
            return GateDecision(Action.CANCEL, GateReason.EXPIRED)
        return GateDecision(Action.POSTPONE, reason, until)
    return GateDecision(Action.SEND)


def count_contacts(sent: Iterable[datetime], now: datetime, tz: str) -> tuple[int, int]:
    """How many of the instants `sent` (aware) fall on today and on the last 7 days.

    Days are local days of the customer's time zone `tz`; the 7 include today.
    """
    today = local_day(now, tz)
    ages = [(today - local_day(instant, tz)).days for instant in sent]
    return sum(age <= 0 for age in ages), sum(age < _CAP_DAYS for age in ages)


def cap_lifts_at(sent: Iterable[datetime], now: datetime, tz: str) -> datetime | None:
    """The first local midnight after which one more collection message keeps both caps.

    None when no cap is reached at `now`. `sent` are aware instants, the result is aware, in `tz`.
    """
    instants = list(sent)
    if _has_room(instants, now, tz):
        return None
    today = local_day(now, tz)
    days_ahead = (today + timedelta(days=days) for days in range(1, _CAP_DAYS + 1))
    midnights = [at(day, MIDNIGHT, tz) for day in days_ahead]
    return next((then for then in midnights if _has_room(instants, then, tz)), midnights[-1])


def calls_lift_at(calls: Iterable[datetime], now: datetime, tz: str) -> datetime | None:
    """The local midnight after which the customer may be called again; None: now.

    `calls` are aware instants of collection calls, the result is aware, in `tz`.
    """
    if count_contacts(calls, now, tz)[0] < MAX_CALLS_A_DAY:
        return None
    return at(local_day(now, tz) + timedelta(days=1), MIDNIGHT, tz)


def _has_room(sent: Iterable[datetime], now: datetime, tz: str) -> bool:
    on_day, in_week = count_contacts(sent, now, tz)
    return on_day < MAX_A_DAY and in_week < MAX_IN_SEVEN_DAYS


def _reasons_to_cancel(facts: GateFacts) -> Iterator[GateReason]:
    collection = facts.purpose == Purpose.COLLECTION
    checks = (
        (collection and _is_paid(facts), GateReason.PAID),
        (facts.superseded, GateReason.SUPERSEDED),
        (facts.duplicate, GateReason.DUPLICATE),
        (facts.archived, GateReason.ARCHIVED),
        (collection and bool(facts.held), GateReason.HELD),
        (facts.opted_out, GateReason.OPTED_OUT),
        (facts.purpose in NEEDS_OPT_IN and not facts.has_consent, GateReason.NO_CONSENT),
        (not facts.address, GateReason.NO_ADDRESS),
        (not facts.number_valid, GateReason.INVALID_NUMBER),
        (not facts.template_ready, GateReason.TEMPLATE),
        (_level_is_called_out(facts), GateReason.CAP),
    )
    return (reason for applies, reason in checks if applies)


def _reasons_to_postpone(facts: GateFacts, now: datetime) -> Iterator[tuple[GateReason, datetime]]:
    if not facts.gateway_ready:
        yield GateReason.GATEWAY_OFF, _later(facts.gateway_ready_at, now, GATEWAY_RETRY)
    if _cap_is_reached(facts):
        yield GateReason.CAP, _later(facts.cap_lifts_at, now, CAP_RETRY)
    if facts.next_permitted is not None and facts.next_permitted > now:
        yield GateReason.WINDOW, facts.next_permitted


def _is_over(facts: GateFacts, instant: datetime) -> bool:
    return facts.valid_until is not None and instant > facts.valid_until


def _is_paid(facts: GateFacts) -> bool:
    return facts.residual_open is not None and facts.residual_open <= 0


def _is_capped_kind(facts: GateFacts) -> bool:
    return facts.purpose == Purpose.COLLECTION and not facts.is_answer


def _level_is_called_out(facts: GateFacts) -> bool:
    calls = facts.channel == Channel.VOICE and facts.calls_at_level >= MAX_CALLS_AT_LEVEL
    return calls and _is_capped_kind(facts)


def _cap_is_reached(facts: GateFacts) -> bool:
    over = facts.sent_today >= MAX_A_DAY or facts.sent_last_7_days >= MAX_IN_SEVEN_DAYS
    called = facts.channel == Channel.VOICE and facts.calls_today >= MAX_CALLS_A_DAY
    return _is_capped_kind(facts) and (over or called)


def _later(instant: datetime | None, now: datetime, otherwise: timedelta) -> datetime:
    return instant if instant is not None and instant > now else now + otherwise
