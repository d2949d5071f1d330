"""Whose health data a person may see besides their own.

Source: Código Civil art. 3 and 4 (minors), 1.634 VII (parents represent their children until they
are of age), 1.747 I and 1.781 (guardian and curator represent their ward); LGPD art. 11 and 14:
health data goes to the person, or to who represents them. Who merely pays does not.
"""

from datetime import date

from dateutil.relativedelta import relativedelta

AGE_OF_MAJORITY = 18
CHILD, WARD = "child", "ward"


def represents(kinship: str | None, birthdate: date | None, on: date) -> bool:
    """Whether the payer of a patient sees the patient's prescriptions on day `on`.

    `kinship` is what the patient is to the payer: a ward of any age, a child until the 18th
    birthday. A child of unknown age, a spouse, a parent, a grandchild are not.
    """
    if kinship == WARD:
        return True
    if kinship != CHILD or birthdate is None:
        return False
    return on < birthdate + relativedelta(years=AGE_OF_MAJORITY)
