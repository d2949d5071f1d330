"""Prescriptions: every limit of the table, transposition, near from far, blank against plano."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.optics.prescription import (
    EYE_FIELDS,
    Base,
    Eye,
    LensKind,
    ProblemCode,
    change,
    completed,
    is_near_apart,
    problems,
    pupillary_distance,
)
from odoo.addons.optica_cobranca.domain.optics.prescription_term import expiry_date, reminder_date

D = Decimal


def codes(right, left=None, pd=None, kind=LensKind.GLASSES):
    left = Eye(sphere=D("-1.00")) if left is None else left
    return [
        (problem.code, problem.eye, problem.field, problem.blocks)
        for problem in problems(right, left, pd, kind)
    ]


@pytest.mark.parametrize(
    ("typed", "turned"),
    [
        # sphere + cylinder, minus cylinder, axis ± 90
        (("-2.00", "1.00", "90"), ("-1.00", "-1.00", "180")),
        (("1.00", "0.50", "91"), ("1.50", "-0.50", "1")),
        (("0.00", "2.25", "180"), ("2.25", "-2.25", "90")),
        (("-1.00", "-0.50", "20"), ("-1.00", "-0.50", "20")),
        ((None, "1.00", "10"), ("1.00", "-1.00", "100")),
        # 0° is 180°, a cylinder of nothing is none
        (("-1.00", "-0.50", "0"), ("-1.00", "-0.50", "180")),
        (("-1.00", "0.00", None), ("-1.00", None, None)),
        # a positive cylinder waits for its axis
        (("-1.00", "1.00", None), ("-1.00", "1.00", None)),
    ],
)
def test_transposition(typed, turned):
    sphere, cylinder, axis = (None if text is None else D(text) for text in typed)
    eye = completed(Eye(sphere=sphere, cylinder=cylinder, axis=axis))
    expected = tuple(None if text is None else D(text) for text in turned)
    assert (eye.sphere, eye.cylinder, eye.axis) == expected


NEAR = [
    # (what the form holds), changed, (addition, near sphere)
    ({"sphere": "-1.00", "addition": "2.00"}, ("addition",), ("2.00", "1.00")),
    ({"sphere": "0.00", "addition": "2.50"}, (), ("2.50", "2.50")),
    ({"sphere": "-1.00", "near_sphere": "1.25"}, ("near_sphere",), ("2.25", "1.25")),
    ({"sphere": "-2.00", "addition": "2.00", "near_sphere": "1.00"}, (), ("2.00", "0.00")),
    ({"sphere": "-1.00", "near_sphere": "1.00"}, ("addition",), (None, None)),
    ({"near_sphere": "1.50"}, ("near_sphere",), (None, "1.50")),
    ({"addition": "2.00"}, ("addition",), ("2.00", None)),
]


@pytest.mark.parametrize(("values", "changed", "expected"), NEAR)
def test_near_from_far(values, changed, expected):
    eye = completed(Eye(**{name: D(text) for name, text in values.items()}), changed)
    assert (eye.addition, eye.near_sphere) == tuple(
        None if text is None else D(text) for text in expected
    )


def test_near_takes_cylinder_and_axis_of_far():
    eye = completed(Eye(sphere=D(-1), cylinder=D("-0.75"), axis=D(10), addition=D(2)))
    assert (eye.near_cylinder, eye.near_axis) == (D("-0.75"), D(10))


def test_near_alone_keeps_its_own():
    eye = Eye(near_sphere=D(2), near_cylinder=D("-0.50"), near_axis=D(5))
    assert completed(eye) == eye
    assert codes(eye) == []


FAR_AND_NEAR = {
    "sphere": D(-1),
    "cylinder": D("-0.50"),
    "axis": D(90),
    "addition": D(2),
    "near_cylinder": D("-0.75"),
    "near_axis": D(85),
}


def test_a_near_cylinder_typed_beside_far_is_kept_and_asked_about():
    typed = Eye(**FAR_AND_NEAR)
    assert is_near_apart(typed, EYE_FIELDS)
    eye = completed(typed, near_apart=True)
    assert (eye.near_sphere, eye.near_cylinder, eye.near_axis) == (D(1), D("-0.75"), D(85))
    assert [(p.code, p.field, p.blocks) for p in problems(eye, Eye())] == [
        ("near_differs", "near_cylinder", False),
        ("near_differs", "near_axis", False),
    ]


@pytest.mark.parametrize(
    ("near", "changed", "before", "apart"),
    [
        (("-0.75", "85"), ("near_axis",), False, True),
        (("-0.75", "85"), ("cylinder",), True, True),  # typed apart before, far changes
        (("-0.75", "85"), ("cylinder",), False, False),  # a copy of far follows it
        (("-0.50", "90"), ("near_axis",), True, False),  # the same again
        ((None, None), ("near_cylinder",), True, False),  # emptied: it follows far again
    ],
)
def test_when_near_is_the_prescribers_own(near, changed, before, apart):
    cylinder, axis = (None if text is None else D(text) for text in near)
    eye = Eye(**{**FAR_AND_NEAR, "near_cylinder": cylinder, "near_axis": axis})
    assert is_near_apart(eye, changed, before) is apart


def test_a_near_cylinder_without_its_sphere_is_not_lost():
    eye = completed(Eye(**{**FAR_AND_NEAR, "addition": None}), near_apart=True)
    assert (eye.near_cylinder, eye.near_axis) == (D("-0.75"), D(85))
    assert [problem.code for problem in problems(eye, Eye())] == ["near_incomplete"]


# Each limit: the last value allowed without a word, the first that warns, the last that does not
# block, the first that blocks.
LIMITS = [
    ("sphere", "12.00", "12.25", "30.00", "30.25"),
    ("sphere", "-12.00", "-12.25", "-30.00", "-30.25"),
    ("cylinder", "-6.00", "-6.25", "-12.00", "-12.25"),
    ("addition", "3.50", "3.75", "4.50", "4.75"),
    ("addition", "0.25", None, "0.25", "0.00"),
    ("prism", "10.00", "10.25", "20.00", "20.25"),
    ("dnp", "38.0", "38.5", "45.0", "45.5"),
    ("dnp", "25.0", "24.5", "20.0", "19.5"),
    ("height", "30.0", "30.5", "45.0", "45.5"),
    ("height", "14.0", "13.5", "8.0", "7.5"),
    ("axis", "180", None, "180", "181"),
    ("axis", "1", None, "1", "-1"),
]
BESIDE = {
    "cylinder": {"axis": D(90)},
    "axis": {"cylinder": D("-1.00")},
    "prism": {"base": Base.UP},
}


@pytest.mark.parametrize(("field", "quiet", "warns", "allowed", "blocked"), LIMITS)
def test_limits(field, quiet, warns, allowed, blocked):
    def at(text):
        return codes(Eye(**{field: D(text)}, **BESIDE.get(field, {})))

    assert at(quiet) == []
    if warns:
        assert at(warns) == [(ProblemCode.UNUSUAL, "od", field, False)]
        assert at(allowed) == [(ProblemCode.UNUSUAL, "od", field, False)]
    assert at(blocked) == [(ProblemCode.RANGE, "od", field, True)]


@pytest.mark.parametrize(
    ("pd", "expected"),
    [
        ("50.0", []),
        ("75.0", []),
        ("49.5", [(ProblemCode.UNUSUAL, "", "pd", False)]),
        ("85.0", [(ProblemCode.UNUSUAL, "", "pd", False)]),
        ("39.5", [(ProblemCode.RANGE, "", "pd", True)]),
        ("85.5", [(ProblemCode.RANGE, "", "pd", True)]),
        ("62.25", [(ProblemCode.STEP, "", "pd", True)]),
    ],
)
def test_limits_of_the_distance_of_both_pupils(pd, expected):
    assert codes(Eye(), pd=D(pd)) == expected


@pytest.mark.parametrize(
    ("pd", "is_fine"), [("61.5", False), ("62.0", True), ("64.0", True), ("64.5", False)]
)
def test_both_distances_agree_within_one_millimetre(pd, is_fine):
    right, left = Eye(dnp=D("31.5")), Eye(dnp=D("31.5"))
    expected = [] if is_fine else [(ProblemCode.PUPILS_MISMATCH, "", "pd", True)]
    assert codes(right, left, D(pd)) == expected


def test_sum_of_both_distances():
    right, left = Eye(dnp=D("31.5")), Eye(dnp=D("32.0"))
    assert pupillary_distance(None, right, left) == D("63.5")
    assert pupillary_distance(D(63), right, left) == D(63)
    assert pupillary_distance(D(60), right, left, {"dnp"}) == D("63.5")
    assert pupillary_distance(D(63), right, Eye(), {"dnp"}) == D(63)


@pytest.mark.parametrize(
    ("field", "value"),
    [("sphere", "1.10"), ("cylinder", "-0.30"), ("addition", "2.10"), ("dnp", "31.2")],
)
def test_steps(field, value):
    eye = Eye(**{field: D(value)}, **BESIDE.get(field, {}))
    assert codes(eye) == [(ProblemCode.STEP, "od", field, True)]


@pytest.mark.parametrize(
    ("eye", "expected"),
    [
        (Eye(sphere=D(1), cylinder=D(-1)), (ProblemCode.AXIS_MISSING, "axis")),
        (Eye(sphere=D(1), axis=D(90)), (ProblemCode.AXIS_WITHOUT_CYLINDER, "axis")),
        (Eye(prism=D(1)), (ProblemCode.BASE_MISSING, "base")),
        (Eye(base=Base.IN), (ProblemCode.BASE_WITHOUT_PRISM, "base")),
        (
            Eye(sphere=D(1), addition=D(2), near_sphere=D(2)),
            (ProblemCode.NEAR_MISMATCH, "near_sphere"),
        ),
        (Eye(base_curve=D("8.6")), (ProblemCode.CONTACT_ONLY, "base_curve")),
    ],
)
def test_what_goes_together(eye, expected):
    code, field = expected
    assert codes(eye) == [(code, "od", field, True)]


def test_additions_that_differ_only_warn():
    right, left = Eye(addition=D(2)), Eye(addition=D("2.25"))
    assert codes(right, left) == [(ProblemCode.ADDITIONS_DIFFER, "", "addition", False)]


@pytest.mark.parametrize(
    ("eye", "expected"),
    [
        (Eye(sphere=D(-3), base_curve=D("8.6"), diameter=D("14.2")), []),
        (Eye(base_curve=D("6.9")), [(ProblemCode.RANGE, "od", "base_curve", True)]),
        (Eye(base_curve=D("10.1")), [(ProblemCode.RANGE, "od", "base_curve", True)]),
        (Eye(diameter=D("11.9")), [(ProblemCode.RANGE, "od", "diameter", True)]),
        (Eye(diameter=D("16.1")), [(ProblemCode.RANGE, "od", "diameter", True)]),
        (Eye(dnp=D(31)), [(ProblemCode.GLASSES_ONLY, "od", "dnp", True)]),
    ],
)
def test_contact_lenses(eye, expected):
    assert codes(eye, kind=LensKind.CONTACT) == expected


def test_nothing_and_plano_are_not_the_same():
    assert codes(Eye(), Eye()) == [(ProblemCode.NOTHING, "", "sphere", True)]
    assert codes(Eye(sphere=D("0.00")), Eye()) == []


def test_change_between_two():
    before = Eye(sphere=D("-1.25"), cylinder=D("-0.50"), axis=D(10), addition=None)
    after = Eye(sphere=D("-1.75"), cylinder=D("-0.50"), axis=D(15), addition=D(1))
    assert change(before, after) == {"sphere": D("-0.50"), "axis": None, "addition": None}


@pytest.mark.parametrize(
    ("exam", "birthdate", "expected"),
    [
        (date(2026, 3, 10), None, date(2027, 3, 10)),
        (date(2026, 3, 10), date(1980, 1, 1), date(2027, 3, 10)),
        # 18 on the day of the exam; 18 the day after
        (date(2026, 3, 10), date(2008, 3, 10), date(2027, 3, 10)),
        (date(2026, 3, 10), date(2008, 3, 11), date(2026, 9, 10)),
        (date(2028, 2, 29), None, date(2029, 2, 28)),
        (date(2025, 8, 31), date(2020, 1, 1), date(2026, 2, 28)),
    ],
)
def test_expiry(exam, birthdate, expected):
    assert expiry_date(exam, 12, 6, birthdate) == expected


def test_reminder():
    assert reminder_date(date(2027, 3, 10), 30) == date(2027, 2, 8)


quarters = st.integers(-48, 48).map(lambda n: D(n) / 4)
axes = st.integers(1, 180).map(D)


@given(quarters, st.integers(1, 24).map(lambda n: D(n) / 4), axes)
def test_a_transposed_lens_bends_light_the_same(sphere, cylinder, axis):
    """The power in the meridian of the axis is the sphere, across it sphere plus cylinder."""
    eye = completed(Eye(sphere=sphere, cylinder=cylinder, axis=axis))
    assert eye.cylinder == -cylinder
    assert 1 <= eye.axis <= 180
    assert abs(eye.axis - axis) == 90
    assert {eye.sphere, eye.sphere + eye.cylinder} == {sphere, sphere + cylinder}


@given(quarters, st.integers(-40, -1).map(lambda n: D(n) / 4), axes, st.integers(1, 18))
def test_completing_twice_changes_nothing(sphere, cylinder, axis, quarter_steps):
    eye = Eye(sphere=sphere, cylinder=cylinder, axis=axis, addition=D(quarter_steps) / 4)
    once = completed(eye)
    assert completed(once) == once
    assert completed(once, ()) == once
    assert completed(replace(once, addition=None), ("addition",)).near_sphere is None
