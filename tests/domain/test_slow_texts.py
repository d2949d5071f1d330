"""No text that somebody writes keeps the server busy: every pattern and every reader of text.

The doors: all patterns in ``domain`` and ``clients``, whether compiled with the module or written
where they are used, and all functions there that take a text. What is measured is the time of the
processor, which other programs on the machine do not lengthen; the limits are a hundred times
what is usual.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import signal
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from re import _constants as sre
from re import _parser as sre_parser

import pytest

ROOMS = ("domain", "clients")
USES = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
PATTERN_SECONDS, READER_SECONDS = 0.5, 1.5
# What readers hand to their patterns at most.
PATTERN_LENGTH, READER_LENGTH = 1_200, 20_000
PIECES = (
    *" 0a({[-+./@\n<xA1²é",
    *("{{", "}}", "a ", "1 ", "a@", "a.", "0.", "0,", "xx", " xx", "nao ", "sair ", ": "),
    *("mais ", "me ", "1/1/", "\n.", ". a", "A1", "re:"),
)


class TooSlow(BaseException):
    """The processor worked for longer than is allowed."""


@contextmanager
def at_most(seconds):
    def stop(_number, _frame):
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def modules():
    for room in ROOMS:
        package = importlib.import_module(f"odoo.addons.optica_cobranca.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def compiled_in(value, depth=0):
    """Patterns in a module's value, also within lists of pairs and the like."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping) and depth < 3:
        for each in (*value.keys(), *value.values()):
            yield from compiled_in(each, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset) and depth < 3:
        for each in value:
            yield from compiled_in(each, depth + 1)


def all_patterns():
    found = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in compiled_in(value):
                found.setdefault((pattern.pattern, pattern.flags), f"{module.__name__}.{name}")
    return sorted((where, pattern, flags) for (pattern, flags), where in found.items())


def literals_of(pattern):
    """What a pattern looks for: its words, and one character of each of its sets."""
    found, word = set(), []

    def walk(items):
        for code, value in items:
            if code is sre.LITERAL:
                word.append(chr(value))
                continue
            if word:
                found.add("".join(word))
                word.clear()
            if code is sre.IN:
                found.update(chr(v) for kind, v in value if kind is sre.LITERAL)
            for part in value if isinstance(value, tuple | list) else ():
                for branch in part if isinstance(part, list) else [part]:
                    if isinstance(branch, sre_parser.SubPattern):
                        walk(branch)
        if word:
            found.add("".join(word))
            word.clear()

    walk(sre_parser.parse(pattern))
    return found


def attacks(pieces, length):
    for piece in pieces:
        body = piece * (length // len(piece))
        yield from (body, f"1 {body}!x")


def test_patterns_are_compiled_with_their_module():
    """Else this file does not know them. What is put together at run time is no pattern of ours."""
    for module in modules():
        tree = ast.parse(inspect.getsource(module))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef) or function.name == "_patterns":
                continue
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "re"
                    and node.func.attr in USES
                ):
                    pytest.fail(f"{module.__name__}:{node.lineno}: compile it with the module")


def test_no_pattern_takes_long():
    patterns = all_patterns()
    assert len(patterns) > 120
    for where, pattern, flags in patterns:
        compiled = re.compile(pattern, flags)
        for text in attacks({*PIECES, *literals_of(pattern)}, PATTERN_LENGTH):
            try:
                with at_most(PATTERN_SECONDS):
                    compiled.search(text)
                    compiled.sub("", text)
            except TooSlow:
                pytest.fail(f"{where}: {pattern[:80]!r} is slow for {text[:12]!r}…")


TODAY = date(2026, 3, 17)
# What readers want beside the text.
BESIDE = {
    "today": TODAY,
    "field": "sphere",
    "allowed": {"name"},
    "values": {"name": "Maria"},
    "expressions": ["protesto", "nome sujo"],
    "number": "BV-1022",
    "after_ours": timedelta(seconds=3),
    "earlier": ["oi"],
    "old": "+5511961234567",
    "new": "+5511961234568",
    "value": "x",
    "channel": "sms",
}


def all_readers():
    """Public functions whose first argument is a text and whose others this file can give."""
    for module in modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            first, *others = [*inspect.signature(function).parameters.values(), None]
            wanted = [one for one in others if one and one.default is one.empty]
            if first is None or str(first.annotation) not in TEXTS:
                continue
            if all(one.name in BESIDE for one in wanted):
                yield module, function, {one.name: BESIDE[one.name] for one in wanted}


TEXTS = {"<class 'str'>", "str | None", "Cell", str(str | None), "str"}


def test_no_reader_of_text_takes_long():
    readers = list(all_readers())
    names = {f"{module.__name__.rsplit('.', 1)[-1]}.{one.__name__}" for module, one, _ in readers}
    assert {
        "auto_reply.is_away_message",
        "message_text.placeholders",
        "message_text.render",
        "opt_out.read_wish",
        "phone.match_keys",
        "phone.replaced",
        "phone.to_e164",
        "prescription_text.parse",
        "reply_intent.read_reply",
        "tax_number.is_valid",
    } <= names
    for module, function, beside in readers:
        for text in attacks(PIECES, READER_LENGTH):
            try:
                with at_most(READER_SECONDS):
                    function(text, **beside)
            except TooSlow:
                pytest.fail(f"{module.__name__}.{function.__name__} is slow for {text[:12]!r}…")
            except Exception:  # a refusal is an answer, too
                continue


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("shop.phone.match_keys", " " * 24_000),
        ("messaging.message_text.placeholders", "{{" * 32_000),
        ("messaging.opt_out.read_wish", "1" + "\n" * 600),
    ],
)
def test_what_was_slow(reader, text):
    """9.9 seconds, 85 seconds and 3 seconds."""
    module, name = reader.rsplit(".", 1)
    function = getattr(
        importlib.import_module(f"odoo.addons.optica_cobranca.domain.{module}"), name
    )
    with at_most(0.5):
        function(text)
