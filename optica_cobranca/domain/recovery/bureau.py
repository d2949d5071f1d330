"""Credit bureau: when a debt may be registered, and when a registration must go.

Sources: CDC art. 43 (§ 1: five years; § 2: written notice before; § 3: five business days to
correct), STJ Súmulas 323, 359, 404 and 548 (removal within five business days of payment in full),
Tema 1315 (an electronic notice counts when its delivery is proven).
Nothing here registers anybody: `may_register` only says what stands in the way.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from ..shop.business_days import BusinessCalendar
from ..shop.vocabulary import Vocabulary

REMOVAL_BUSINESS_DAYS = 5
DEFAULT_WAITING_DAYS = 10
YEARS_REGISTERED = 5


class CaseState(Vocabulary):
    """The steps of a case, in their order; the last three are ends."""

    ELIGIBLE = "eligible"
    APPROVED = "approved"
    NOTICE_SENT = "notice_sent"
    WAITING = "waiting"
    REGISTERED = "registered"
    REMOVAL_DUE = "removal_due"
    REMOVED = "removed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


BEFORE = (CaseState.ELIGIBLE, CaseState.APPROVED, CaseState.NOTICE_SENT, CaseState.WAITING)
LIVE = (*BEFORE, CaseState.REGISTERED, CaseState.REMOVAL_DUE)


class Cause(Vocabulary):
    """Why a case is closed, stopped, or a registration must go; the strongest first."""

    PAID = "paid"
    TIME_LIMIT = "time_limit"
    DISPUTE = "dispute"
    AGREEMENT = "agreement"
    PART_PAYMENT = "part_payment"
    PROMISE = "promise"
    NOT_DUE = "not_due"
    ASKED = "asked"  # a person decided so; no rule finds it


class Obstacle(Vocabulary):
    """Why a case cannot be registered today although nothing stops it."""

    NOT_APPROVED = "not_approved"
    NO_NOTICE = "no_notice"
    NO_PROOF = "no_proof"
    TOO_EARLY = "too_early"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of a case on a day.

    `is_owed`: something of it is still open. `changed_on`, `settled_on`: the first and the last
    day on which one of its debts was paid, in part or in full, since its amounts were fixed; None
    if nothing was. `oldest_due`: the earliest due date of its debts that are still open.
    `dispute_on`: the day of an open dispute. `has_agreement`: one is being negotiated (an accepted
    one closes the debts). `is_moved`: a due date was extended into the future. `removal_cause`: why
    a registration is to go; `removal_asked`: the bureau was told so already.
    """

    state: str
    is_owed: bool
    changed_on: date | None = None
    settled_on: date | None = None
    oldest_due: date | None = None
    dispute_on: date | None = None
    has_agreement: bool = False
    has_promise: bool = False
    is_moved: bool = False
    removal_cause: str | None = None
    removal_asked: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a case: its new state (the same: nothing), why, and by when to remove."""

    state: str
    cause: Cause | None = None
    deadline: date | None = None


def business_days_after(day: date, count: int, calendar: BusinessCalendar) -> date:
    """The `count`-th business day after `day`, the day itself not counted; `day` for 0."""
    reached = day
    for _ in range(count):
        reached = calendar.next_business_day(reached + timedelta(days=1))
    return reached


def removal_deadline(since: date, calendar: BusinessCalendar) -> date:
    """The last day to remove a registration whose reason ended on `since` (Súmula 548)."""
    return business_days_after(since, REMOVAL_BUSINESS_DAYS, calendar)


def last_waiting_day(proof_on: date, waiting_days: int, calendar: BusinessCalendar) -> date:
    """The last day on which the customer may pay and not be registered.

    `waiting_days` whole days after the notice was received, and on to a business day: who gets
    it on a day before a long week-end can still pay.
    """
    return calendar.next_business_day(proof_on + timedelta(days=waiting_days))


def first_registration_day(proof_on: date, waiting_days: int, calendar: BusinessCalendar) -> date:
    """The first business day after the waiting period."""
    last = last_waiting_day(proof_on, waiting_days, calendar)
    return calendar.next_business_day(last + timedelta(days=1))


def last_registered_day(due: date) -> date:
    """The last day on which a debt due on `due` may stand in a register (Súmula 323)."""
    return due + relativedelta(years=YEARS_REGISTERED)


def limit_alarm(due: date, calendar: BusinessCalendar) -> date:
    """From this day on the removal for age is asked for: five business days before the limit."""
    limit = last_registered_day(due)
    day, left = limit, REMOVAL_BUSINESS_DAYS
    while left:
        day -= timedelta(days=1)
        left -= calendar.is_business_day(day)
    return day


def stop_cause(facts: CaseFacts, on: date, calendar: BusinessCalendar) -> Cause | None:
    """The strongest reason against registering this case; see `review` for a registered one."""
    checks = (
        (Cause.PAID, not facts.is_owed),
        (Cause.TIME_LIMIT, _is_too_old(facts, on, calendar)),
        (Cause.DISPUTE, facts.dispute_on is not None),
        (Cause.AGREEMENT, facts.has_agreement),
        (Cause.PART_PAYMENT, facts.changed_on is not None),
        (Cause.PROMISE, facts.has_promise),
        (Cause.NOT_DUE, facts.is_moved),
    )
    return next((cause for cause, holds in checks if holds), None)


# What ends a case before it is registered; other causes only stop it until a person decides.
_ENDS = (Cause.PAID, Cause.TIME_LIMIT)
# What a registration survives: the debt is as it was.
_SURVIVES = (Cause.PROMISE, Cause.AGREEMENT)
# What asks for a removal only as long as the money stays: a payment can be undone.
_REVOCABLE = (Cause.PAID, Cause.PART_PAYMENT)


def review(facts: CaseFacts, on: date, calendar: BusinessCalendar) -> Verdict:
    """What a day makes of a case; applying the answer and asking again changes nothing."""
    state = CaseState(facts.state)
    if state not in LIVE:
        return Verdict(state)
    cause = stop_cause(facts, on, calendar)
    if state == CaseState.REMOVAL_DUE:
        return _review_removal(facts, cause, on, calendar)
    if state in BEFORE:
        return Verdict(CaseState.CANCELLED if cause in _ENDS else state, cause)
    if cause is None or cause in _SURVIVES:
        return Verdict(state)
    return Verdict(CaseState.REMOVAL_DUE, cause, _deadline(cause, facts, on, calendar))


def _review_removal(facts, cause, on, calendar):
    """A registration that was to go stays when the payment was undone before the bureau heard."""
    if facts.removal_asked or facts.removal_cause not in _REVOCABLE or cause in _REVOCABLE:
        return Verdict(CaseState.REMOVAL_DUE)
    if cause is None or cause in _SURVIVES:
        return Verdict(CaseState.REGISTERED)
    return Verdict(CaseState.REMOVAL_DUE, cause, _deadline(cause, facts, on, calendar))


def obstacle(
    state: str,
    *,
    approved: bool,
    notice_on: date | None,
    proof_on: date | None,
    cause: Cause | None,
    waiting_days: int,
    on: date,
    calendar: BusinessCalendar,
) -> Obstacle | None:
    """What stands between a case and its registration on `on`; None: it may be registered."""
    if not approved or state == CaseState.ELIGIBLE:
        return Obstacle.NOT_APPROVED
    if notice_on is None:
        return Obstacle.NO_NOTICE
    if proof_on is None or state != CaseState.WAITING:
        return Obstacle.NO_PROOF
    if cause is not None:
        return Obstacle.STOPPED
    if on < first_registration_day(proof_on, waiting_days, calendar):
        return Obstacle.TOO_EARLY
    return None


def is_alarm(state: str, deadline: date | None, on: date, calendar: BusinessCalendar) -> bool:
    """True when a removal must be done today or yesterday's chance was missed."""
    return (
        state == CaseState.REMOVAL_DUE
        and deadline is not None
        and deadline <= business_days_after(on, 1, calendar)
    )


def _is_too_old(facts, on, calendar):
    return facts.oldest_due is not None and on >= limit_alarm(facts.oldest_due, calendar)


def _deadline(cause, facts, on, calendar):
    """Counted from the event, not from the day it was noticed; for age, the limit itself."""
    if cause == Cause.TIME_LIMIT:
        return last_registered_day(facts.oldest_due)
    since = {
        Cause.PAID: facts.settled_on,
        Cause.PART_PAYMENT: facts.changed_on,
        Cause.DISPUTE: facts.dispute_on,
    }.get(cause)
    return removal_deadline(since or on, calendar)
