"""Values of a prescription as people type them, as they are kept, and as the paper writes them."""

from decimal import ROUND_HALF_UP, Decimal

from .prescription import DIOPTRES, WHOLE, Problem, ProblemCode

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

    ``-125`` of a dioptre is not guessed to be -1.25. An axis may carry its ``°``.

    :raise Refusal: when the text is no number
    """
    word = (text or "").strip().lower().replace("−", "-").replace("–", "-")
    word = word.removesuffix("°").removesuffix("d").removesuffix("mm").strip()
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
    return Decimal(digits)


def canonical(value: Decimal | None, field: str) -> str:
    """The text a value is kept as: "" for a blank, "0.00" for plano, a point, no plus sign."""
    if value is None:
        return ""
    places = 0 if field in WHOLE else 2 if field in DIOPTRES or field == "prism" else 1
    unit = Decimal(1).scaleb(-places)
    rounded = value.quantize(unit, ROUND_HALF_UP)
    kept = rounded if rounded == value else value
    return f"{kept + 0:f}" if kept else f"{abs(kept):f}"


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
