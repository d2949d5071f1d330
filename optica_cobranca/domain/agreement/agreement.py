"""An agreement: open installments become one new schedule, with a discount within limits.

Source: docs/money.md, "Agreements"; CDC art. 54-B (the cost of the new credit is shown before
it is agreed), Código Civil art. 360 I (the new debt takes the place of
the old ones). How an agreement ends when it is not kept: `agreement_breach`.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..crediario.late_charges import USUAL_MONTHLY_INTEREST
from ..crediario.schedule import installment_dates
from ..crediario.simulation import Offer, make_offer
from ..shop.errors import AgreementError, ErrorCode
from ..shop.money import ZERO, cents
from ..shop.shares import spread
from ..shop.vocabulary import Vocabulary

_WHOLE = Decimal(100)


class ApprovalReason(Vocabulary):
    """Why a proposal needs somebody with more rights than the one who makes it."""

    DISCOUNT_OF_CHARGES = "discount_of_charges"
    DISCOUNT_OF_PRINCIPAL = "discount_of_principal"
    DOWN_PAYMENT = "down_payment"  # smaller than the limit
    INSTALLMENTS = "installments"  # more than the limit
    SMALL_INSTALLMENT = "small_installment"  # an installment below the limit
    RATE = "rate"  # above 1 % a month: a shop is not a bank


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed of one installment on the day of the agreement, BRL.

    `key` identifies it to the caller; fine and interest are those of `AmountToday`.

    :raise AgreementError: NEGATIVE_VALUE
    """

    key: Hashable
    due: date
    principal: Decimal
    fine: Decimal = ZERO
    interest: Decimal = ZERO

    def __post_init__(self) -> None:
        for field in ("principal", "fine", "interest"):
            value = getattr(self, field)
            if value < 0:
                raise AgreementError(ErrorCode.NEGATIVE_VALUE, field=field, value=value)

    @property
    def charges(self) -> Decimal:
        """Fine and interest, BRL, each rounded on its own."""
        return cents(self.fine) + cents(self.interest)


@dataclass(frozen=True, slots=True)
class DiscountTier:
    """What may be forgiven, in percent, of an installment this many days late or more.

    Days count from the due date as printed.

    :raise AgreementError: BAD_PERCENT
    """

    min_days_late: int
    percent_of_charges: Decimal
    percent_of_principal: Decimal

    def __post_init__(self) -> None:
        for field in ("percent_of_charges", "percent_of_principal"):
            value = getattr(self, field)
            if not 0 <= value <= _WHOLE:
                raise AgreementError(ErrorCode.BAD_PERCENT, field=field, value=value)


@dataclass(frozen=True, slots=True)
class AgreementLimits:
    """What one role may agree to alone; None means without limit.

    `tiers` in any order: the greatest `min_days_late` reached counts, below the least one
    nothing may be forgiven. `min_down_payment_percent` of the net amount; `min_part` in BRL.
    """

    tiers: Sequence[DiscountTier] = ()
    max_installments: int | None = None
    min_part: Decimal | None = None
    min_down_payment_percent: Decimal | None = None

    def of_charges(self, debt: Debt, on: date) -> Decimal:
        """The most that may be forgiven of fine and interest of one installment, BRL."""
        tier = self._tier(debt, on)
        return cents(debt.charges * tier.percent_of_charges / _WHOLE) if tier else ZERO

    def of_principal(self, debt: Debt, on: date) -> Decimal:
        """The most that may be forgiven of the principal of one installment, BRL."""
        tier = self._tier(debt, on)
        return cents(debt.principal * tier.percent_of_principal / _WHOLE) if tier else ZERO

    def _tier(self, debt: Debt, on: date) -> DiscountTier | None:
        days_late = (on - debt.due).days
        reached = [tier for tier in self.tiers if tier.min_days_late <= days_late]
        return max(reached, key=lambda tier: tier.min_days_late, default=None)


@dataclass(frozen=True, slots=True)
class Discount:
    """What is forgiven, BRL: of fine and interest together, and of the principal."""

    charges: Decimal = ZERO
    principal: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Forgiven:
    """What is forgiven of one installment, BRL."""

    key: Hashable
    fine: Decimal
    interest: Decimal
    principal: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """An agreement worked out, BRL.

    `principal` and `charges` are owed before the discount; `net` = principal + charges -
    discount = down payment + what is paid in installments without the finance charge. `discount`
    is the whole, `forgiven` its share in each debt, in their order, to the same sums. `offer` has
    installments, dates, `total` (down payment included) = net + finance charge, and the CET.
    `limit` is what may be forgiven without approval, `reasons` why approval is needed.
    """

    principal: Decimal
    charges: Decimal
    discount: Discount
    limit: Discount
    forgiven: tuple[Forgiven, ...]
    net: Decimal
    offer: Offer
    reasons: tuple[ApprovalReason, ...]

    @property
    def needs_approval(self) -> bool:
        """Whether someone with more rights must say yes."""
        return bool(self.reasons)


def largest_discount(debts: Sequence[Debt], limits: AgreementLimits, on: date) -> Discount:
    """The most that may be forgiven without approval on day `on`, BRL, summed over the debts."""
    return Discount(
        sum((limits.of_charges(debt, on) for debt in debts), ZERO),
        sum((limits.of_principal(debt, on) for debt in debts), ZERO),
    )


def propose(
    debts: Sequence[Debt],
    limits: AgreementLimits,
    down_payment: Decimal,
    n: int,
    method: str,
    monthly_rate: Decimal,
    first_due: date,
    on: date,
    *,
    discount: Discount | None = None,
    anchor_day: int | None = None,
) -> Proposal:
    """Turn `debts` into a down payment on day `on` and `n` installments from `first_due`.

    Amounts in BRL; method and rate (percent a month) as in `price_credit`. `discount` is what is
    asked for, None all that may be forgiven without approval; what passes a limit is worked out
    all the same and needs approval.

    :raise AgreementError: NEGATIVE_VALUE, DISCOUNT_ABOVE_DEBT, NOTHING_OWED (net of 0),
        DOWN_PAYMENT_TOO_HIGH (not below net)
    :raise DomainError: what `make_offer` and `installment_dates` raise
    """
    principal = sum((cents(debt.principal) for debt in debts), ZERO)
    charges = sum((debt.charges for debt in debts), ZERO)
    limit = largest_discount(debts, limits, on)
    given = _checked_discount(limit if discount is None else discount, charges, principal)
    net = principal + charges - given.charges - given.principal
    down = _checked_down_payment(down_payment, net)
    dates = installment_dates(first_due, n, anchor_day=anchor_day)
    offer = make_offer(net - down, down, method, monthly_rate, on, dates)
    return Proposal(
        principal=principal,
        charges=charges,
        discount=given,
        limit=limit,
        forgiven=_forgiven(debts, limits, given, limit, on),
        net=net,
        offer=offer,
        reasons=tuple(_reasons(given, limit, limits, net, offer)),
    )


def _checked_discount(asked: Discount, charges: Decimal, principal: Decimal) -> Discount:
    given = Discount(cents(asked.charges), cents(asked.principal))
    for field, value, limit in (
        ("charges", given.charges, charges),
        ("principal", given.principal, principal),
    ):
        if value < 0:
            raise AgreementError(ErrorCode.NEGATIVE_VALUE, field=field, value=value)
        if value > limit:
            raise AgreementError(
                ErrorCode.DISCOUNT_ABOVE_DEBT, field=field, discount=value, limit=limit
            )
    return given


def _checked_down_payment(down_payment: Decimal, net: Decimal) -> Decimal:
    value = cents(down_payment)
    if value < 0:
        raise AgreementError(ErrorCode.NEGATIVE_VALUE, field="down_payment", value=down_payment)
    if net <= 0:
        raise AgreementError(ErrorCode.NOTHING_OWED, net=net)
    if value >= net:
        raise AgreementError(ErrorCode.DOWN_PAYMENT_TOO_HIGH, down_payment=down_payment, limit=net)
    return value


def _forgiven(
    debts: Sequence[Debt], limits: AgreementLimits, given: Discount, limit: Discount, on: date
) -> tuple[Forgiven, ...]:
    charges = _shared_out(
        given.charges,
        limit.charges,
        [limits.of_charges(debt, on) for debt in debts],
        [debt.charges for debt in debts],
    )
    principals = _shared_out(
        given.principal,
        limit.principal,
        [limits.of_principal(debt, on) for debt in debts],
        [cents(debt.principal) for debt in debts],
    )
    # Interest goes first, as a payment would cover it first: what stays is the fine.
    interests = [
        min(share, cents(debt.interest)) for share, debt in zip(charges, debts, strict=True)
    ]
    return tuple(
        Forgiven(debt.key, share - interest, interest, principal)
        for debt, share, interest, principal in zip(
            debts, charges, interests, principals, strict=True
        )
    )


def _shared_out(
    discount: Decimal, limit: Decimal, limits: Sequence[Decimal], amounts: Sequence[Decimal]
) -> list[Decimal]:
    """Each debt's share: by its own limit, or by its amount when the discount passes the limits."""
    return spread(discount, limits if discount <= limit else amounts)


def _reasons(
    given: Discount, limit: Discount, limits: AgreementLimits, net: Decimal, offer: Offer
) -> list[ApprovalReason]:
    least_percent = limits.min_down_payment_percent or ZERO
    most = limits.max_installments
    checks = {
        ApprovalReason.DISCOUNT_OF_CHARGES: given.charges > limit.charges,
        ApprovalReason.DISCOUNT_OF_PRINCIPAL: given.principal > limit.principal,
        ApprovalReason.DOWN_PAYMENT: offer.down_payment < cents(net * least_percent / _WHOLE),
        ApprovalReason.INSTALLMENTS: most is not None and offer.n > most,
        ApprovalReason.SMALL_INSTALLMENT: min(offer.parts) < (limits.min_part or ZERO),
        ApprovalReason.RATE: offer.monthly_rate > USUAL_MONTHLY_INTEREST,
    }
    return [reason for reason, applies in checks.items() if applies]
