"""Values of a prescription as people type them, as they are kept, and as the paper writes them."""

from decimal import ROUND_HALF_UP, Decimal

from .prescription import DIOPTRES, LIMITS, WHOLE, Problem, ProblemCode

PLANO_WORDS = frozenset({"pl", "plano", "plan", "neutro", "p", "∞"})
MAX_LENGTH = 8


class Refusal(Exception):
    """A text that is no value of its field; says why."""

    def __init__(self, problem: Problem):
        super().__init__(problem.code)
        self.problem = problem


# ------------------------------------------------------------------ reading


def parse(text: str | None, field: str) -> Decimal | None:
    """A typed value: comma or point, sign or none, "pl" for plano, blank for nothing.

    A whole number that its field cannot hold, and that makes sense with the decimals it lacks, is
    read with them: ``-125`` and ``-075`` are -1.25 and -0.75 D, ``315`` is 31.5 mm. An axis may
    carry its ``°``, or the ``º`` of Brazilian keyboards.

    :raise Refusal: when the text is no number
    """
    word = (text or "").strip().lower().replace("−", "-").replace("–", "-")
    word = word.rstrip("°º˚").removesuffix("d").removesuffix("mm").strip()
    if not word:
        return None
    if field in DIOPTRES and word in PLANO_WORDS:
        return Decimal("0.00")
    digits = word.replace(",", ".").replace(" ", "")
    body = digits[1:] if digits[:1] in "+-" else digits
    whole, _, fraction = body.partition(".")
    digits_only = whole + fraction
    if not (digits_only.isascii() and digits_only.isdigit()) or len(body) > MAX_LENGTH:
        raise Refusal(Problem(ProblemCode.NOT_A_NUMBER, "", field, True, {"value": text}))
    number = Decimal(digits)
    return number if fraction or "." in digits else _with_decimals(number, whole, field)


def _with_decimals(number: Decimal, whole: str, field: str) -> Decimal:
    """A number typed without decimal sign, as the field can hold it; itself if it can, or never."""
    if field in WHOLE or field not in LIMITS:
        return number
    limits = LIMITS[field]
    # A positive cylinder is transposed later.
    low = limits.low
    high = -limits.low if field.endswith("cylinder") else limits.high
    places = 2 if field in DIOPTRES or field == "prism" else 1
    scaled = number.scaleb(-places)
    can_hold = low <= number <= high and not whole.startswith("0")
    makes_sense = low <= scaled <= high and not scaled % limits.step
    return scaled if number and not can_hold and makes_sense else number


def canonical(value: Decimal | None, field: str) -> str:
    """The text a value is kept as: "" for a blank, "0.00" for plano, a point, no plus sign."""
    if value is None:
        return ""
    places = 0 if field in WHOLE else 2 if field in DIOPTRES or field == "prism" else 1
    unit = Decimal(1).scaleb(-places)
    rounded = value.quantize(unit, ROUND_HALF_UP)
    kept = rounded if rounded == value else value
    return f"{kept or abs(kept):f}"


def written(value: Decimal | None, field: str, point: str = ",") -> str:
    """A value as the paper writes it: sign always with dioptres, "pl" for plano, ``°`` for axis."""
    if value is None:
        return ""
    text = canonical(value, field)
    if field in WHOLE:
        return f"{text}°"
    if field in DIOPTRES:
        if not value:
            return "pl"
        text = text if value < 0 else f"+{text}"
    return text.replace(".", point).replace("-", "−")
