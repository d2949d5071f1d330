"""Amounts rounded as a set: the parts always sum to the rounded whole.

Source: the method of the largest remainder (Hamilton). Each part is its exact value rounded up
or down to a cent, never further away.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal, localcontext

from .errors import ErrorCode, MoneyError
from .money import CENT, cents

_PRECISION = 50


def round_together(values: Sequence[Decimal]) -> list[Decimal]:
    """Exact `values` (BRL, any number of digits) in whole cents that sum to `cents` of their sum.

    The cents that rounding down leaves over go to the greatest remainders, the earlier value
    first where two are equal.
    """
    with localcontext() as context:
        context.prec = _PRECISION
        parts = [value.quantize(CENT, rounding=ROUND_FLOOR) for value in values]
        left_over = cents(sum(values, Decimal(0))) - sum(parts, Decimal(0))
        by_remainder = sorted(range(len(parts)), key=lambda k: parts[k] - values[k])
        for k in by_remainder[: int(left_over / CENT)]:
            parts[k] += CENT
    return parts


def spread(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`total` (BRL, rounded to cents) in proportion to `weights`, none of them negative.

    The parts sum to the total. Where the weights are whole cents and the total is at most their
    sum, no part exceeds its weight.

    :raise MoneyError: NO_WEIGHTS when there is a total and every weight is zero
    """
    whole = cents(total)
    if not whole:
        return [whole for _weight in weights]
    weight_sum = sum(weights, Decimal(0))
    if not weight_sum:
        raise MoneyError(ErrorCode.NO_WEIGHTS, total=whole)
    with localcontext() as context:
        context.prec = _PRECISION
        return round_together([whole * weight / weight_sum for weight in weights])
