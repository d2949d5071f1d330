"""What the cashier received, spread exactly over the chosen installments.

Source: docs/money.md, "Part payments"; Código Civil art. 354 (interest, then
fine, then principal) and 355 (the debt that fell due first). Waivers and reductions are decided
before; here they only take effect.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..shop.errors import AllocationError, ErrorCode
from ..shop.money import ZERO, cents
from .late_charges import Allocation, AmountToday, Payment, apply_payment


@dataclass(frozen=True, slots=True)
class Chosen:
    """An installment to pay: what is owed of it today and what is forgiven of that, BRL cents.

    `reduction` of the principal is earned by paying it all (early settlement, or a discount of
    the shop); a part payment earns its proportion.

    :raise AllocationError: NEGATIVE_VALUE, WAIVER_ABOVE_OWED, REDUCTION_ABOVE_PRINCIPAL
    """

    key: Hashable
    due: date
    owed: AmountToday
    waived_interest: Decimal = ZERO
    waived_fine: Decimal = ZERO
    reduction: Decimal = ZERO

    def __post_init__(self) -> None:
        for field in ("waived_interest", "waived_fine", "reduction"):
            value = getattr(self, field)
            if value < 0:
                raise AllocationError(ErrorCode.NEGATIVE_VALUE, field=field, value=value)
        for field, waived, owed in (
            ("interest", self.waived_interest, self.owed.interest),
            ("fine", self.waived_fine, self.owed.fine),
        ):
            if waived > max(owed, ZERO):
                raise AllocationError(
                    ErrorCode.WAIVER_ABOVE_OWED, key=self.key, field=field, waived=waived, owed=owed
                )
        if self.reduction > self.owed.principal:
            raise AllocationError(
                ErrorCode.REDUCTION_ABOVE_PRINCIPAL,
                key=self.key,
                reduction=self.reduction,
                principal=self.owed.principal,
            )

    @property
    def to_pay(self) -> Decimal:
        """The money that settles it, BRL."""
        charges = self.owed.interest - self.waived_interest + self.owed.fine - self.waived_fine
        return charges + self.owed.principal - self.reduction


@dataclass(frozen=True, slots=True)
class Tender:
    """What was handed over by one method, BRL; only some methods, such as cash, give change.

    :raise AllocationError: NEGATIVE_VALUE
    """

    method: Hashable
    amount: Decimal
    gives_change: bool = False

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise AllocationError(ErrorCode.NEGATIVE_VALUE, field="amount", value=self.amount)


@dataclass(frozen=True, slots=True)
class AllocationLine:
    """What one method pays of one installment, BRL.

    `principal` is what leaves the receivable, `discount` the part of it that no money pays.
    `tender` is the position of the tender, for a method may come twice.
    """

    key: Hashable
    method: Hashable
    tender: int
    interest: Decimal
    fine: Decimal
    principal: Decimal
    discount: Decimal

    @property
    def amount(self) -> Decimal:
        """The money, BRL."""
        return self.interest + self.fine + self.principal - self.discount


@dataclass(frozen=True, slots=True)
class Paid:
    """What happens to one installment, BRL: `left` is still owed of it after the payment."""

    key: Hashable
    interest: Decimal
    fine: Decimal
    principal: Decimal
    discount: Decimal
    waived_interest: Decimal
    waived_fine: Decimal
    left: AmountToday

    def payment(self, on: date) -> Payment:
        """The same as an entry of the installment's history of day `on`."""
        return Payment(
            on, self.principal, self.interest, self.fine, self.waived_interest, self.waived_fine
        )


@dataclass(frozen=True, slots=True)
class CashierAllocation:
    """Lines in the order paid, one outcome for each installment in the order given, BRL.

    The lines' money and `change` sum to what was tendered.
    """

    lines: tuple[AllocationLine, ...]
    installments: tuple[Paid, ...]
    change: Decimal


def allocate(installments: Sequence[Chosen], tenders: Sequence[Tender]) -> CashierAllocation:
    """Spread the tenders over the installments: oldest due date first, one method after another.

    Within an installment interest is paid first, then the fine, then the principal. A method
    goes on where the one before it stopped, and only the last installment that it reaches may
    stay partly paid. What exceeds the debt is change, taken from the methods that give it,
    the last one first.

    :raise AllocationError: REPEATED_KEY, TENDER_ABOVE_OWED (more excess than the methods that give
        change received), NOTHING_TENDERED (no tender at all)
    """
    _refuse_repeated(installments)
    owed = sum((chosen.to_pay for chosen in installments), ZERO)
    if not tenders:
        raise AllocationError(ErrorCode.NOTHING_TENDERED, owed=owed)
    purse = _Purse(tenders, owed)
    lines: list[AllocationLine] = []
    found: dict[int, Paid] = {}
    money_ran_out = False
    for position in sorted(range(len(installments)), key=lambda k: installments[k].due):
        # A later one stays as it is, even where a reduction would settle it without money.
        paid_by = [] if money_ran_out else _pay(installments[position], purse)
        lines += paid_by
        found[position] = _outcome(installments[position], paid_by)
        money_ran_out = money_ran_out or bool(found[position].left.total)
    outcomes = tuple(found[position] for position in range(len(installments)))
    return CashierAllocation(tuple(lines), outcomes, purse.change)


class _Purse:
    """The tenders less the change, emptied from the first to the last."""

    def __init__(self, tenders: Sequence[Tender], owed: Decimal) -> None:
        self.tenders = tenders
        self.left = [cents(tender.amount) for tender in tenders]
        self.current = 0
        tendered = sum(self.left, ZERO)
        self.change = max(ZERO, tendered - owed)
        excess = self.change
        for k in reversed(range(len(tenders))):
            if tenders[k].gives_change:
                taken = min(excess, self.left[k])
                self.left[k] -= taken
                excess -= taken
        if excess:
            raise AllocationError(
                ErrorCode.TENDER_ABOVE_OWED, tendered=tendered, owed=owed, excess=excess
            )

    def next_amount(self) -> Decimal:
        """What the first tender with something left has; the last tender when all are empty."""
        while not self.left[self.current] and self.current + 1 < len(self.left):
            self.current += 1
        return self.left[self.current]


def _pay(chosen: Chosen, purse: _Purse) -> list[AllocationLine]:
    """The lines of one installment, until it is settled or the purse is empty."""
    interest = chosen.owed.interest - chosen.waived_interest
    fine = chosen.owed.fine - chosen.waived_fine
    payable, discount = chosen.owed.principal - chosen.reduction, chosen.reduction
    lines = []
    while interest or fine or payable or discount:
        amount = purse.next_amount()
        if not amount and (interest or fine or payable):
            break
        state = AmountToday(payable, fine, interest)
        share = apply_payment(amount, state)
        earned = _earned(discount, share, state)
        purse.left[purse.current] = share.excess
        lines.append(
            AllocationLine(
                chosen.key,
                purse.tenders[purse.current].method,
                purse.current,
                share.interest,
                share.fine,
                share.principal + earned,
                earned,
            )
        )
        interest, fine = interest - share.interest, fine - share.fine
        payable, discount = payable - share.principal, discount - earned
    return lines


def _earned(discount: Decimal, share: Allocation, state: AmountToday) -> Decimal:
    """The part of the discount that comes with what was paid: all of it with the last cent."""
    if share.interest + share.fine + share.principal == state.total:
        return discount
    return cents(discount * share.principal / state.principal) if share.principal else ZERO


def _outcome(chosen: Chosen, lines: Sequence[AllocationLine]) -> Paid:
    interest = sum((line.interest for line in lines), ZERO)
    fine = sum((line.fine for line in lines), ZERO)
    principal = sum((line.principal for line in lines), ZERO)
    owed = chosen.owed
    left_interest = owed.interest - chosen.waived_interest - interest
    left_fine = owed.fine - chosen.waived_fine - fine
    left_principal = owed.principal - principal
    left = AmountToday(
        left_principal,
        left_fine,
        left_interest,
        owed.days_charged if left_principal else 0,
    )
    return Paid(
        chosen.key,
        interest,
        fine,
        principal,
        sum((line.discount for line in lines), ZERO),
        chosen.waived_interest,
        chosen.waived_fine,
        left,
    )


def _refuse_repeated(installments: Sequence[Chosen]) -> None:
    seen: set[Hashable] = set()
    for chosen in installments:
        if chosen.key in seen:
            raise AllocationError(ErrorCode.REPEATED_KEY, key=chosen.key)
        seen.add(chosen.key)
