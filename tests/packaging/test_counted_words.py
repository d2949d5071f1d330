"""Numbers in texts: 1 day, 2 days; 1,5 where people write a comma. No reader has to choose."""

import re
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parents[2]
BRACKETS = re.compile(r"[a-zç]\((?:s|es)\)")
COUNTED = re.compile(
    r"(days|years|months|hours|installments|contracts|customers|messages|rows|parts|cases"
    r"|prescriptions|letters|notices)\b"
)
NUMBERS = ("t-out", "t-esc")
CONDITIONS = ("t-if", "t-elif", "t-else", "invisible")
SOURCES = [
    path
    for addon in ROOT.glob("optica_cobranca*")
    for path in sorted(addon.rglob("*"))
    if path.suffix in (".xml", ".py", ".js")
]
# With a point whatever the language: what comes after is no text, or puts the sign in itself.
POINTED = re.compile(r":,?\.\d+f\}|%\.\d+f")
PUT_IN = {
    "models/rating/dunning_rating.py": "takes the sign of the language",
    "models/portfolio/portfolio_booking.py": "a line of the log",
}
PAGES = [path for path in SOURCES if path.suffix == ".xml"]


def test_nothing_is_counted_in_brackets():
    assert len(SOURCES) > 300
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in SOURCES
        for word in BRACKETS.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def beside_numbers(path: Path):
    """(number, word) of a page: what is shown of a record, and the plural that follows it."""
    for node in etree.parse(str(path)).iter(etree.Element):
        is_number = node.tag == "field" or any(name in node.attrib for name in NUMBERS)
        found = is_number and COUNTED.match((node.tail or "").strip())
        # A number that is typed, of a setting, has its unit behind it; money is no count.
        if found and "oe_inline" not in node.get("class", "") and "money" not in str(node.attrib):
            yield node, found[0]


def test_a_plural_has_its_singular():
    """What follows a number is shown for some numbers only; another word stands for one."""
    read, bare = 0, []
    for path in PAGES:
        for node, word in beside_numbers(path):
            read += 1
            if not any(name in node.getparent().attrib for name in CONDITIONS):
                bare.append(f"{path.relative_to(ROOT)}:{node.sourceline}: {word}")
    assert read > 10
    assert bare == []


def test_decimals_have_the_sign_of_the_language():
    addon = ROOT / "optica_cobranca"
    rooms = ("models", "wizards", "controllers", "report")
    found = {
        str(path.relative_to(addon))
        for room in rooms
        for path in (addon / room).rglob("*.py")
        if POINTED.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(PUT_IN)
