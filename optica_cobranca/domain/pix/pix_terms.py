"""A contract's rules as the bank understands them: the terms of a Pix charge with a due date.

Source: Banco Central do Brasil, API Pix 2.9.0 (`cobv`: valor.multa, valor.juros, valor.desconto,
calendario.validadeAposVencimento). What a bank cannot express is left to a charge over an exact
amount for one day (`cob`): a grace, an installment that is late or partly paid already, and the
exact reduction on any day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from dateutil.relativedelta import relativedelta

from ..crediario.early_settlement import OpenInstallment, SettlementRule, settle
from ..crediario.late_charges import AmountToday, ChargeTerms, amount_today
from ..shop.business_days import BusinessCalendar
from ..shop.money import CENT, ZERO, cents
from .pix_charge import Part

MAX_DISCOUNTS = 3
MAX_VALID_DAYS = 3650


@dataclass(frozen=True, slots=True)
class DueTerms:
    """What the bank asks for by itself.

    `original` BRL due on `due`, payable until `valid_days` after it; `fine_percent` once and
    `monthly_interest_percent` by calendar days (0: none); `discounts`: (last day, BRL less),
    earliest day first, at most three.
    """

    original: Decimal
    due: date
    valid_days: int
    fine_percent: Decimal = ZERO
    monthly_interest_percent: Decimal = ZERO
    discounts: tuple[tuple[date, Decimal], ...] = ()

    @property
    def signature(self) -> str:
        """The same text for the same terms: tells whether the bank must hear of a change."""
        parts = [self.original, self.due, self.valid_days, self.fine_percent]
        parts += [self.monthly_interest_percent, *(f"{day}={less}" for day, less in self.discounts)]
        return "|".join(map(str, parts))


def due_terms(
    principal: Decimal,
    due: date,
    on: date,
    terms: ChargeTerms,
    rule: SettlementRule | None,
    valid_days: int,
) -> DueTerms:
    """The terms of an installment of `principal` (BRL) that nobody has paid anything of.

    A grace has no word at the bank: then the bank charges nothing and the code dies with the
    grace, so that nobody pays a fine that is not owed. Percentages are cut to two decimals and the
    discount is that of its last day: the one downwards, the other never above what the rule gives.
    """
    discounts = _discounts(principal, due, on, rule) if rule else ()
    if terms.grace_days:
        return DueTerms(cents(principal), due, terms.grace_days, discounts=discounts)
    return DueTerms(
        cents(principal),
        due,
        max(0, min(valid_days, MAX_VALID_DAYS)),
        _percent(terms.fine_percent),
        _percent(terms.monthly_interest_percent),
        discounts,
    )


def asked_on(terms: DueTerms, on: date, calendar: BusinessCalendar) -> Part:
    """What the bank asks on day `on` for these terms, as our own rules count it."""
    late = amount_today(
        terms.original,
        terms.due,
        ChargeTerms(terms.fine_percent, terms.monthly_interest_percent),
        on,
        calendar,
    )
    return Part(None, late.principal, late.fine, late.interest, discount_on(terms, on))


def last_payable_day(terms: DueTerms, calendar: BusinessCalendar) -> date:
    """The last day on which the bank takes a payment.

    The due date rolls to the payer's next business day, the days of validity count from there, and
    a last day without business rolls, too (API Pix 2.9.0, `validadeAposVencimento`, examples A-G).
    """
    rolled = calendar.next_business_day(terms.due)
    return calendar.next_business_day(rolled + timedelta(days=terms.valid_days))


def discount_on(terms: DueTerms, on: date) -> Decimal:
    """BRL less on day `on`."""
    return next((less for last, less in terms.discounts if on <= last), ZERO)


def fits_due_date(
    parts: Sequence[Part], due: date, on: date, original: Decimal, amount: AmountToday
) -> bool:
    """Can a charge with a due date ask exactly this today: one untouched installment, not late?

    `original`: what the installment was when it was made, BRL. A reduction needs the exact amount.
    """
    return (
        len(parts) == 1
        and on <= due
        and amount.principal == original
        and not amount.fine
        and not amount.interest
        and not parts[0].reduction
    )


def _discounts(principal: Decimal, due: date, on: date, rule: SettlementRule):
    """The reduction three, two and one whole month before the due date, as far as still ahead."""
    days = [due - relativedelta(months=months) for months in range(MAX_DISCOUNTS, 0, -1)]
    found = []
    for day in days:
        if day < on:
            continue
        [settlement] = settle([OpenInstallment(None, principal, due)], day, rule)
        if ZERO < settlement.reduction < principal:
            found.append((day, settlement.reduction))
    return tuple(found)


def _percent(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_DOWN)
