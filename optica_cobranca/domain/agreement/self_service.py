"""Self-service agreement: what a late customer may choose alone, within the shop's policy.

Source: docs/self-service.md; CDC art. 52 and 54-B (the cost of the new credit is shown before it
is agreed). The figures themselves are those of `agreement`.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from ..crediario.late_charges import USUAL_MONTHLY_INTEREST
from ..shop.money import ZERO, cents
from ..shop.vocabulary import Vocabulary
from .agreement import AgreementLimits, Debt, Proposal, largest_discount, propose

_WHOLE = Decimal(100)
# The first installment of an offer falls due about a month ahead where the policy leaves room.
_USUAL_FIRST_DUE = 30


class Scope(Vocabulary):
    """Which installments an agreement of the customer's own takes in."""

    LATE = "late"  # all that are late
    CONTRACT = "contract"  # all that is open of contracts with a late installment


class Refusal(Vocabulary):
    """Why a customer is offered no agreement to make alone."""

    OFF = "off"  # the shop does not offer it
    NOTHING_LATE = "nothing_late"
    HAS_AGREEMENT = "has_agreement"  # one is open or being negotiated
    HANDED_OVER = "handed_over"  # an agency or the court works on the debt
    TOO_SOON = "too_soon"  # the last one of the customer's own is not long ago
    DEBT_TOO_SMALL = "debt_too_small"
    DEBT_TOO_LARGE = "debt_too_large"
    RATE = "rate"  # above 1 % a month, and no manager confirmed it
    NO_SCHEDULE = "no_schedule"  # no number of parts reaches the smallest part


# These the shop may overrule when the customer asks.
ASKABLE = frozenset(
    {Refusal.TOO_SOON, Refusal.DEBT_TOO_SMALL, Refusal.DEBT_TOO_LARGE, Refusal.NO_SCHEDULE}
)


class Objection(Vocabulary):
    """What of a choice lies outside the policy: a request to the manager, not an agreement."""

    PARTS = "parts"
    SMALL_PART = "small_part"
    DOWN_PAYMENT = "down_payment"
    FIRST_DUE = "first_due"


@dataclass(frozen=True, slots=True)
class OpenInstallment:
    """An open installment: what is owed of it today, its contract, whether it is late."""

    debt: Debt
    contract: Hashable
    is_late: bool


@dataclass(frozen=True, slots=True)
class SelfServicePolicy:
    """What customers may agree to alone.

    `limits` as those of a role: discounts by days late, most and smallest installments, share of
    the down payment. Days of the first due date count from the day of the agreement; debts in
    BRL, before the discount, None without limit. At most one own agreement in `months_between`.
    """

    limits: AgreementLimits
    is_on: bool = True
    scope: str = Scope.LATE
    min_parts: int = 1
    first_due_min_days: int = 1
    first_due_max_days: int = 30
    months_between: int = 0
    min_debt: Decimal | None = None
    max_debt: Decimal | None = None

    def within(self, role: AgreementLimits) -> "SelfServicePolicy":
        """The same policy, nowhere wider than what a collector may grant."""
        own = self.limits
        return replace(
            self,
            limits=replace(
                own,
                max_installments=_least(own.max_installments, role.max_installments),
                min_part=max(own.min_part or ZERO, role.min_part or ZERO),
                min_down_payment_percent=max(
                    own.min_down_payment_percent or ZERO, role.min_down_payment_percent or ZERO
                ),
            ),
        )

    def first_due_range(self, on: date) -> tuple[date, date]:
        """First and last day on which the first installment may fall due."""
        return (
            on + timedelta(days=self.first_due_min_days),
            on + timedelta(days=self.first_due_max_days),
        )

    def usual_first_due(self, on: date) -> date:
        """The first due date of an offer that the customer has not changed."""
        earliest, latest = self.first_due_range(on)
        return min(max(earliest, on + timedelta(days=_USUAL_FIRST_DUE)), latest)


@dataclass(frozen=True, slots=True)
class Situation:
    """What else is known of the customer: an agreement under way, the day of the last own one."""

    has_agreement: bool = False
    handed_over: bool = False
    last_own: date | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """Price of the new credit: method and percent a month as in `price_credit`."""

    method: str
    monthly_rate: Decimal
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What the customer chooses; `down_payment` in BRL."""

    parts: int
    down_payment: Decimal
    first_due: date


@dataclass(frozen=True, slots=True)
class Answer:
    """A choice worked out, and what of it lies outside the policy."""

    choice: Choice
    proposal: Proposal
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Offers:
    """What the customer may choose from, fewest parts first, or why nothing.

    `again_on` is the day from which TOO_SOON is none any more.
    """

    answers: tuple[Answer, ...]
    refusals: tuple[Refusal, ...]
    again_on: date | None = None

    @property
    def hindrances(self) -> tuple[Refusal, ...]:
        """Refusals that no other choice gets around; a larger part may reach a schedule."""
        return tuple(one for one in self.refusals if one != Refusal.NO_SCHEDULE)

    @property
    def may_ask(self) -> bool:
        """Whether the customer may propose something to the shop nevertheless."""
        return all(refusal in ASKABLE for refusal in self.refusals)


def taken_in(installments: Sequence[OpenInstallment], scope: str) -> list[Debt]:
    """The debts that an agreement of the customer's own is about, in the order given."""
    late = {one.contract for one in installments if one.is_late}
    return [
        one.debt
        for one in installments
        if one.is_late or (scope == Scope.CONTRACT and one.contract in late)
    ]


def least_down_payment(debts: Sequence[Debt], policy: SelfServicePolicy, on: date) -> Decimal:
    """The smallest down payment that the policy accepts for these debts, BRL."""
    percent = policy.limits.min_down_payment_percent or ZERO
    return cents(_net(debts, policy, on) * percent / _WHOLE)


def work_out(
    debts: Sequence[Debt], policy: SelfServicePolicy, credit: Credit, choice: Choice, on: date
) -> Answer:
    """The figures of `choice` on day `on`, with all the discount that the policy gives.

    :raise DomainError: what `propose` raises, for choices that make no agreement at all
    """
    proposal = propose(
        debts,
        policy.limits,
        choice.down_payment,
        choice.parts,
        credit.method,
        credit.monthly_rate,
        choice.first_due,
        on,
    )
    return Answer(choice, proposal, tuple(_objections(proposal, policy, choice, debts, on)))


def offers(
    debts: Sequence[Debt],
    policy: SelfServicePolicy,
    credit: Credit,
    situation: Situation,
    on: date,
) -> Offers:
    """Every number of parts that the policy allows, with its least down payment, or why none."""
    again_on = _again_on(situation, policy)
    refusals = _refusals(debts, policy, credit, situation, on, again_on)
    if refusals:
        return Offers((), tuple(refusals), again_on if Refusal.TOO_SOON in refusals else None)
    down = least_down_payment(debts, policy, on)
    first_due = policy.usual_first_due(on)
    answers = (
        work_out(debts, policy, credit, Choice(parts, down, first_due), on)
        for parts in range(policy.min_parts, (policy.limits.max_installments or 1) + 1)
    )
    fitting = tuple(answer for answer in answers if not answer.objections)
    return Offers(fitting, () if fitting else (Refusal.NO_SCHEDULE,))


def _refusals(
    debts: Sequence[Debt],
    policy: SelfServicePolicy,
    credit: Credit,
    situation: Situation,
    on: date,
    again_on: date | None,
) -> list[Refusal]:
    if not policy.is_on:
        return [Refusal.OFF]
    if _net(debts, policy, on) <= 0:
        return [Refusal.HAS_AGREEMENT if situation.has_agreement else Refusal.NOTHING_LATE]
    owed = sum((cents(debt.principal) + debt.charges for debt in debts), ZERO)
    rate = ZERO if credit.method == "none" else credit.monthly_rate
    checks = {
        Refusal.HAS_AGREEMENT: situation.has_agreement,
        Refusal.HANDED_OVER: situation.handed_over,
        Refusal.TOO_SOON: again_on is not None and on < again_on,
        Refusal.DEBT_TOO_SMALL: owed < (policy.min_debt or ZERO),
        Refusal.DEBT_TOO_LARGE: policy.max_debt is not None and owed > policy.max_debt,
        Refusal.RATE: rate > USUAL_MONTHLY_INTEREST and not credit.is_confirmed,
    }
    return [refusal for refusal, applies in checks.items() if applies]


def _objections(
    proposal: Proposal,
    policy: SelfServicePolicy,
    choice: Choice,
    debts: Sequence[Debt],
    on: date,
) -> list[Objection]:
    most = policy.limits.max_installments
    earliest, latest = policy.first_due_range(on)
    checks = {
        Objection.PARTS: choice.parts < policy.min_parts
        or (most is not None and choice.parts > most),
        Objection.SMALL_PART: min(proposal.offer.parts) < (policy.limits.min_part or ZERO),
        Objection.DOWN_PAYMENT: proposal.offer.down_payment < least_down_payment(debts, policy, on),
        Objection.FIRST_DUE: not earliest <= choice.first_due <= latest,
    }
    return [objection for objection, applies in checks.items() if applies]


def _net(debts: Sequence[Debt], policy: SelfServicePolicy, on: date) -> Decimal:
    discount = largest_discount(debts, policy.limits, on)
    owed = sum((cents(debt.principal) + debt.charges for debt in debts), ZERO)
    return owed - discount.charges - discount.principal


def _again_on(situation: Situation, policy: SelfServicePolicy) -> date | None:
    if situation.last_own is None or not policy.months_between:
        return None
    return situation.last_own + relativedelta(months=policy.months_between)


def _least(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return min(known, default=None)
