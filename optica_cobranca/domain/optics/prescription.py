"""What a prescription of glasses or contact lenses may say, and how it is completed and written.

Dioptres (D), prism dioptres (Δ), millimetres and degrees are `Decimal`; ``None`` is a blank, which
is not the same as plano (0.00). Source: facts/optics.md (steps, blocks, warnings, transposition).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from ..shop.vocabulary import Vocabulary

QUARTER = Decimal("0.25")
HALF = Decimal("0.5")
TENTH = Decimal("0.1")
ONE = Decimal(1)
FULL_TURN = 180
QUARTER_TURN = 90
# Distance of both pupils against the sum of each, mm.
PUPIL_TOLERANCE = ONE


class LensKind(Vocabulary):
    """What the prescription is for; one for glasses says nothing about contact lenses."""

    GLASSES = "glasses"
    CONTACT = "contact"


class Base(Vocabulary):
    """Where the base of a prism lies."""

    UP = "up"
    DOWN = "down"
    IN = "in"
    OUT = "out"


class ProblemCode(Vocabulary):
    """What is wrong, or unusual, with a value. The comment names the values that explain it."""

    NOT_A_NUMBER = "not_a_number"  # value
    STEP = "step"  # value, step
    RANGE = "range"  # value, low, high
    UNUSUAL = "unusual"  # value, low, high
    AXIS_MISSING = "axis_missing"
    AXIS_WITHOUT_CYLINDER = "axis_without_cylinder"
    BASE_MISSING = "base_missing"
    BASE_WITHOUT_PRISM = "base_without_prism"
    NEAR_MISMATCH = "near_mismatch"  # value, expected
    NEAR_DIFFERS = "near_differs"  # value, other: near cylinder and axis are not those of far
    NEAR_INCOMPLETE = "near_incomplete"  # a near cylinder or axis, and no near sphere
    PUPILS_MISMATCH = "pupils_mismatch"  # value, expected
    ADDITIONS_DIFFER = "additions_differ"  # value, other
    GLASSES_ONLY = "glasses_only"
    CONTACT_ONLY = "contact_only"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Limits:
    """Step and ranges of one kind of value; outside ``low…high`` is blocked.

    Outside ``usual_low…usual_high`` only warns; ``None``: never.
    """

    step: Decimal
    low: Decimal
    high: Decimal
    usual_low: Decimal | None = None
    usual_high: Decimal | None = None


def _limits(step, low, high, usual_low=None, usual_high=None):
    usual = (None if value is None else Decimal(value) for value in (usual_low, usual_high))
    return Limits(step, Decimal(low), Decimal(high), *usual)


LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "sphere": _limits(QUARTER, -30, 30, -12, 12),
        "cylinder": _limits(QUARTER, -12, 0, -6, 0),
        "axis": _limits(ONE, 1, 180),
        "addition": _limits(QUARTER, "0.25", "4.50", "0.25", "3.50"),
        # Sphere and addition at their ends.
        "near_sphere": _limits(QUARTER, -30, "34.50", -12, 15),
        "near_cylinder": _limits(QUARTER, -12, 0, -6, 0),
        "near_axis": _limits(ONE, 1, 180),
        "prism": _limits(QUARTER, 0, 20, 0, 10),
        "dnp": _limits(HALF, 20, 45, 25, 38),
        "near_dnp": _limits(HALF, 20, 45, 25, 38),
        "height": _limits(HALF, 8, 45, 14, 30),
        "pd": _limits(HALF, 40, 85, 50, 75),
        "base_curve": _limits(TENTH, 7, 10),
        "diameter": _limits(TENTH, 12, 16),
    }
)
DIOPTRES = frozenset({"sphere", "cylinder", "addition", "near_sphere", "near_cylinder"})
WHOLE = frozenset({"axis", "near_axis"})
GLASSES_FIELDS = ("near_sphere", "prism", "base", "dnp", "near_dnp", "height")
CONTACT_FIELDS = ("base_curve", "diameter")


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye as prescribed; ``near_…`` is the row "perto" of the paper."""

    sphere: Decimal | None = None
    cylinder: Decimal | None = None
    axis: Decimal | None = None
    addition: Decimal | None = None
    near_sphere: Decimal | None = None
    near_cylinder: Decimal | None = None
    near_axis: Decimal | None = None
    prism: Decimal | None = None
    base: Base | None = None
    dnp: Decimal | None = None
    near_dnp: Decimal | None = None
    height: Decimal | None = None
    base_curve: Decimal | None = None
    diameter: Decimal | None = None


EYE_FIELDS = tuple(Eye.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong (``blocks``) or unusual at one value; ``eye`` is "od", "os" or ""."""

    code: ProblemCode
    eye: str
    field: str
    blocks: bool
    values: Mapping[str, object]


# --------------------------------------------------------------- completing


def transposed(sphere: Decimal | None, cylinder: Decimal, axis: Decimal | None):
    """Sphere, cylinder and axis with the cylinder negative: sphere+cyl, −cyl, axis±90."""
    if cylinder <= 0:
        return sphere, cylinder, axis
    turned = None
    if axis is not None:
        turned = axis - QUARTER_TURN if axis > QUARTER_TURN else axis + QUARTER_TURN
    return (sphere or Decimal(0)) + cylinder, -cylinder, turned


def _one_lens(sphere, cylinder, axis):
    """Axis 0 is 180; a cylinder of zero is none; a positive one is transposed."""
    if axis is not None and axis == 0:
        axis = Decimal(FULL_TURN)
    if cylinder is not None and cylinder == 0:
        cylinder = None
    if cylinder is None:
        return sphere, None, axis
    # A positive cylinder waits for its axis: both are turned together.
    if cylinder > 0 and axis is None:
        return sphere, cylinder, None
    return transposed(sphere, cylinder, axis)


def completed(eye: Eye, changed: Collection[str] = EYE_FIELDS, near_apart: bool = False) -> Eye:
    """The eye with cylinders negative and the near row computed from far and addition.

    Far sphere with addition gives near; far and near sphere without addition give the addition.
    A prescription for near alone stays as it was written.

    :param changed: the fields just typed: what was computed before gives way to them
    :param near_apart: near cylinder and axis were typed apart from those of far (`is_near_apart`)
        and are kept; otherwise they follow far
    """
    sphere, cylinder, axis = _one_lens(eye.sphere, eye.cylinder, eye.axis)
    near = _one_lens(eye.near_sphere, eye.near_cylinder, eye.near_axis)
    addition = eye.addition
    if sphere is not None:
        is_near_typed = near[0] is not None and "near_sphere" in changed
        both_typed = is_near_typed and addition is not None and "addition" in changed
        if is_near_typed and not both_typed:
            addition = near[0] - sphere
        turned = near[1:] if near_apart else (cylinder, axis)
        if addition is None:
            near = (None, *turned) if near_apart else (None, None, None)
        else:
            near = (near[0] if both_typed else sphere + addition, *turned)
    return replace(
        eye,
        sphere=sphere,
        cylinder=cylinder,
        axis=axis,
        addition=addition,
        near_sphere=near[0],
        near_cylinder=near[1],
        near_axis=near[2],
    )


def is_near_apart(eye: Eye, changed: Collection[str], before: bool = False) -> bool:
    """Whether near cylinder and axis are the prescriber's own, not copies of far.

    Typed values that differ from far are; blank ones, and those that say the same, follow far.

    :param eye: as typed, not completed yet
    :param before: what was known of it before this change
    """
    if eye.near_cylinder is None and eye.near_axis is None:
        return False
    far = _one_lens(eye.sphere, eye.cylinder, eye.axis)
    near = _one_lens(eye.near_sphere, eye.near_cylinder, eye.near_axis)
    if near[1:] == far[1:]:
        return False
    return before or not {"near_cylinder", "near_axis"}.isdisjoint(changed)


def pupillary_distance(
    pd: Decimal | None, right: Eye, left: Eye, changed: Collection[str] = ()
) -> Decimal | None:
    """The distance of both pupils: as typed, else the sum of each when both are known."""
    if right.dnp is None or left.dnp is None:
        return pd
    total = right.dnp + left.dnp
    if pd is None or ("pd" not in changed and "dnp" in changed):
        return total
    return pd


# ----------------------------------------------------------------- checking


def problems(
    right: Eye, left: Eye, pd: Decimal | None = None, kind: LensKind = LensKind.GLASSES
) -> list[Problem]:
    """Everything wrong or unusual with a completed prescription, in the order of the paper."""
    found = [*_eye_problems("od", right, kind), *_eye_problems("os", left, kind)]
    additions = (right.addition, left.addition)
    if None not in additions and right.addition != left.addition:
        values = {"value": right.addition, "other": left.addition}
        found.append(Problem(ProblemCode.ADDITIONS_DIFFER, "", "addition", False, values))
    if pd is not None:
        if kind == LensKind.CONTACT:
            found.append(Problem(ProblemCode.GLASSES_ONLY, "", "pd", True, {}))
        found.extend(_value_problems("", "pd", pd))
        if right.dnp is not None and left.dnp is not None:
            total = right.dnp + left.dnp
            if abs(pd - total) > PUPIL_TOLERANCE:
                values = {"value": pd, "expected": total}
                found.append(Problem(ProblemCode.PUPILS_MISMATCH, "", "pd", True, values))
    if right == left == Eye() and pd is None:
        found.append(Problem(ProblemCode.NOTHING, "", "sphere", True, {}))
    return found


def _eye_problems(side: str, eye: Eye, kind: LensKind) -> list[Problem]:
    found = []
    for field in LIMITS:
        value = getattr(eye, field, None)
        if value is not None:
            found.extend(_value_problems(side, field, value))
    found.extend(_pair_problems(side, eye))
    foreign, code = (
        (GLASSES_FIELDS, ProblemCode.GLASSES_ONLY)
        if kind == LensKind.CONTACT
        else (CONTACT_FIELDS, ProblemCode.CONTACT_ONLY)
    )
    for field in foreign:
        is_computed = field == "near_sphere" and eye.addition is not None
        if getattr(eye, field) is not None and not is_computed:
            found.append(Problem(code, side, field, True, {}))
    return found


def _value_problems(side: str, field: str, value: Decimal) -> list[Problem]:
    """At most one: the step, else the wide range, else the narrow one."""
    limits = LIMITS[field]
    if value % limits.step:
        values = {"value": value, "step": limits.step}
        return [Problem(ProblemCode.STEP, side, field, True, values)]
    if not limits.low <= value <= limits.high:
        values = {"value": value, "low": limits.low, "high": limits.high}
        return [Problem(ProblemCode.RANGE, side, field, True, values)]
    if limits.usual_low is not None and not limits.usual_low <= value <= limits.usual_high:
        values = {"value": value, "low": limits.usual_low, "high": limits.usual_high}
        return [Problem(ProblemCode.UNUSUAL, side, field, False, values)]
    return []


def _pair_problems(side: str, eye: Eye) -> list[Problem]:
    """What only makes sense together: cylinder and axis, prism and base, far and near."""
    found = []
    for prefix in ("", "near_"):
        cylinder, axis = getattr(eye, f"{prefix}cylinder"), getattr(eye, f"{prefix}axis")
        if cylinder is not None and axis is None:
            found.append(Problem(ProblemCode.AXIS_MISSING, side, f"{prefix}axis", True, {}))
        elif axis is not None and cylinder is None:
            code = ProblemCode.AXIS_WITHOUT_CYLINDER
            found.append(Problem(code, side, f"{prefix}axis", True, {}))
    if eye.prism and eye.base is None:
        found.append(Problem(ProblemCode.BASE_MISSING, side, "base", True, {}))
    elif eye.base is not None and not eye.prism:
        found.append(Problem(ProblemCode.BASE_WITHOUT_PRISM, side, "base", True, {}))
    if None not in (eye.sphere, eye.addition, eye.near_sphere):
        expected = eye.sphere + eye.addition
        if eye.near_sphere != expected:
            values = {"value": eye.near_sphere, "expected": expected}
            found.append(Problem(ProblemCode.NEAR_MISMATCH, side, "near_sphere", True, values))
    return [*found, *_near_lens_problems(side, eye)]


def _near_lens_problems(side: str, eye: Eye) -> list[Problem]:
    """A near cylinder of its own is rare: it is kept, and the paper is asked for."""
    if eye.sphere is None or (eye.near_cylinder is None and eye.near_axis is None):
        return []
    if eye.near_sphere is None:
        return [Problem(ProblemCode.NEAR_INCOMPLETE, side, "near_sphere", True, {})]
    return [
        Problem(
            ProblemCode.NEAR_DIFFERS, side, f"near_{name}", False, {"value": near, "other": far}
        )
        for name in ("cylinder", "axis")
        if (near := getattr(eye, f"near_{name}")) != (far := getattr(eye, name))
    ]


# ---------------------------------------------------------------- comparing


def change(before: Eye, after: Eye) -> dict[str, Decimal | None]:
    """What changed from one prescription to a newer one, by field: the difference.

    ``None`` where a value appeared, went, or is no quantity (axis, base): the two speak for
    themselves.
    """
    differences = {}
    for field in EYE_FIELDS:
        old, new = getattr(before, field), getattr(after, field)
        if old == new:
            continue
        is_quantity = field not in WHOLE and field != "base" and None not in (old, new)
        differences[field] = new - old if is_quantity else None
    return differences
