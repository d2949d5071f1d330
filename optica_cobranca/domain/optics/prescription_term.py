"""How long a prescription counts."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

MAJORITY = 18


def expiry_date(exam: date, months: int, minor_months: int, birthdate: date | None) -> date:
    """The last day a prescription counts: months after the exam, other ones for a minor.

    No statute sets it; the shop's custom does. A minor is under 18 on the day of the exam.
    """
    is_minor = birthdate is not None and exam < birthdate + relativedelta(years=MAJORITY)
    return exam + relativedelta(months=minor_months if is_minor else months)


def reminder_date(expiry: date, lead_days: int) -> date:
    """From which day the end of a prescription is announced."""
    return expiry - timedelta(days=lead_days)
