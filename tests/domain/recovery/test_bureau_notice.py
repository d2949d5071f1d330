"""The fate of a notice sent by message; its day is Wednesday 11 February 2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.messaging.message_states import STATES
from odoo.addons.optica_cobranca.domain.recovery.bureau_notice import (
    NoticeAttempt,
    NoticeFate,
    fate,
)

DAY = date(2026, 2, 11)


def attempt(state, reason=None, **options):
    return NoticeAttempt(state, options.pop("since", DAY), reason, **options)


@pytest.mark.parametrize(
    ("attempts", "days", "expected"),
    [
        ([attempt("queued")], 0, NoticeFate.WAITING),
        ([attempt("sent")], 7, NoticeFate.WAITING),
        ([attempt("sent")], 8, NoticeFate.FAILED),
        ([attempt("uncertain")], 8, NoticeFate.FAILED),
        ([attempt("failed", "unreachable")], 0, NoticeFate.FAILED),
        ([attempt("failed", "unreachable", is_followed=True)], 0, NoticeFate.WAITING),
        ([attempt("failed", "unreachable"), attempt("queued")], 0, NoticeFate.WAITING),
        ([attempt("cancelled", "no_address")], 0, NoticeFate.FAILED),
        ([attempt("cancelled", "opted_out")], 0, NoticeFate.FAILED),
        ([attempt("cancelled", "paid")], 0, NoticeFate.WITHDRAWN),
        ([attempt("cancelled", "cancelled_by_user")], 0, NoticeFate.WITHDRAWN),
        ([attempt("failed", "unreachable"), attempt("cancelled", "held")], 0, NoticeFate.WITHDRAWN),
    ],
)
def test_fates(attempts, days, expected):
    assert fate(attempts, DAY + timedelta(days=days)) == (expected, None)


def test_the_earliest_proof_counts():
    """SMS delivered on the 13th, WhatsApp after all on the 12th: the 12th."""
    attempts = [
        attempt("read", received_on=date(2026, 2, 12)),
        attempt("delivered", received_on=date(2026, 2, 13)),
    ]
    assert fate(attempts, DAY) == (NoticeFate.RECEIVED, date(2026, 2, 12))


@given(
    st.lists(
        st.builds(
            NoticeAttempt,
            state=st.sampled_from(STATES),
            since=st.just(DAY),
            is_followed=st.booleans(),
        ),
        min_size=1,
    )
)
def test_nothing_waits_for_ever(attempts):
    """Without a proof there is an answer on the eighth day, and never a proof made up."""
    found, received_on = fate(attempts, DAY + timedelta(days=8))
    assert found in (NoticeFate.FAILED, NoticeFate.WITHDRAWN)
    assert received_on is None
