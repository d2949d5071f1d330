"""The formula of late charges is there twice, in Python and in SQL: they are one."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from odoo.addons.optica_cobranca.domain.crediario.late_charges import (
    MAX_FINE_PERCENT,
    STOP_AFTER_DAYS,
    ChargeTerms,
    amount_today,
)
from odoo.addons.optica_cobranca.domain.shop.business_days import BusinessCalendar
from odoo.addons.optica_cobranca.tools.crediario.late_charges import late_charge_sql

TODAY = date(2026, 6, 15)
CALENDAR = BusinessCalendar(frozenset({date(2026, 6, 4), date(2026, 5, 1), date(2026, 4, 21)}))
CASES = st.tuples(
    st.decimals("0", "99999.99", places=2),
    st.builds(
        ChargeTerms,
        st.decimals("0", str(MAX_FINE_PERCENT), places=2),
        st.decimals("0", "5", places=2),
        st.integers(0, 15),
    ),
    st.integers(-5, 40) | st.integers(-5, STOP_AFTER_DAYS),  # days since the due date
)
COLUMNS = ("residual", "fine", "interest", "days", "grace")


@tagged("standard", "post_install", "-at_install")
class TestChargeFormula(TransactionCase):
    def by_sql(self, rows):
        """(fine, interest) of rows of ``COLUMNS``, all in one statement."""
        arrays = SQL(", ").join(
            SQL("%s::numeric[]", [row[position] for row in rows])
            for position in range(len(COLUMNS))
        )
        charges = SQL(", ").join(
            SQL(
                "COALESCE(%s, 0)::text",  # Odoo reads numbers as floats
                late_charge_sql(
                    kind,
                    residual=SQL("residual"),
                    percent=SQL(kind),
                    days=SQL("days"),
                    grace=SQL("grace"),
                ),
            )
            for kind in ("fine", "interest")
        )
        found = self.env.execute_query(
            SQL(
                "SELECT %s FROM unnest(%s) WITH ORDINALITY AS given (%s, place) ORDER BY place",
                charges,
                arrays,
                SQL(", ").join(map(SQL.identifier, COLUMNS)),
            )
        )
        return [tuple(map(Decimal, charges)) for charges in found]

    def row(self, principal, terms, late):
        rolled = CALENDAR.next_business_day(TODAY - timedelta(days=late))
        days = (TODAY - rolled).days
        return principal, terms.fine_percent, terms.monthly_interest_percent, days, terms.grace_days

    @settings(
        max_examples=8,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(CASES, min_size=120, max_size=200))
    def check(self, cases):
        found = self.by_sql([self.row(*case) for case in cases])
        for (principal, terms, late), charges in zip(cases, found, strict=True):
            due = TODAY - timedelta(days=late)
            amount = amount_today(principal, due, terms, TODAY, CALENDAR)
            self.assertEqual(charges, (amount.fine, amount.interest), (principal, terms, late))

    def test_sql_and_python_agree(self):
        self.check()

    def test_figures_by_hand(self):
        """Late by 17 and by 1 day, within the grace, half a cent, and not due yet.

        105.58 × 2 % = 2.1116, × 1 % / 30 × 17 = 0.598…; 0.25 × 2 % = 0.005 makes a cent;
        150.00 × 1 % / 30 × 1 = 0.05.
        """
        D = Decimal
        rows = [
            (D("105.58"), D(2), D(1), 17, 0),
            (D("0.25"), D(2), D(0), 3, 2),
            (D("150.00"), D(0), D(1), 1, 0),
            (D("150.00"), D(2), D(1), 3, 3),
            (D("150.00"), D(2), D(1), -2, 0),
        ]
        self.assertEqual(
            self.by_sql(rows),
            [
                (D("2.11"), D("0.60")),
                (D("0.01"), D("0.00")),
                (D("0.00"), D("0.05")),
                (0, 0),
                (0, 0),
            ],
        )
