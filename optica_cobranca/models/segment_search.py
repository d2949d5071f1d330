"""Searching customers by a figure of theirs: comparisons as SQL, for sets of any size."""

import operator as comparison
from collections.abc import Callable

from odoo.fields import Domain
from odoo.tools import SQL

COMPARISONS = {
    "<": (SQL("<"), comparison.lt),
    "<=": (SQL("<="), comparison.le),
    ">": (SQL(">"), comparison.gt),
    ">=": (SQL(">="), comparison.ge),
}


def customers_with(figure: SQL, operator: str, value, query: Callable[[SQL], SQL]):
    """The domain of partners whose customer's ``figure`` compares with ``value``.

    :param query: gives the query of the customers' ids (never NULL) that fulfil a condition; who
        is in none of its rows has a figure of 0
    :return: NotImplemented for operators that figures do not have
    """
    if operator == "in":
        values = [item or 0 for item in value]
        condition, zero_fits = SQL("%s = ANY(%s)", figure, values), 0 in values
    elif operator in COMPARISONS:
        sign, compare = COMPARISONS[operator]
        condition, zero_fits = SQL("%s %s %s", figure, sign, value), compare(0, value)
    else:
        return NotImplemented
    if zero_fits:
        return ~_among(query(SQL("NOT (%s)", condition)))
    return _among(query(condition))


def customers_in_query(query: SQL):
    """The domain of partners whose customer is in ``query``."""
    return _among(query)


def _among(query):
    return Domain("commercial_partner_id", "in", SQL("(%s)", query))
