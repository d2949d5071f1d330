"""What every room needs is there once; a second one would say something else one day."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "optica_cobranca"
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted(ROOT.rglob("*.py"))
}
# What is built in one place, by name: where, and what others call.
HOMES = {
    "ZoneInfo": (
        {"domain/shop/clock.py"},
        "res.company._today, _local and _local_day, or domain.shop.clock",
    ),
    "format_amount": ({"models/shop/res_currency.py"}, "res.currency._text"),
}


def called(source: str):
    """(name, line) of whatever is called, without what it is called on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            yield name, node.lineno


@pytest.mark.parametrize("name", HOMES)
def test_it_is_built_at_home_only(name):
    homes, instead = HOMES[name]
    found = [
        (path, line)
        for path, source in SOURCES.items()
        if name in source
        for what, line in called(source)
        if what == name
    ]
    assert {path for path, _line in found} >= homes, "the home itself is empty"
    away = [f"{path}:{line}" for path, line in found if path not in homes]
    assert away == [], f"use {instead}"


def asks_for_a_group(test: ast.expr) -> bool:
    """Whether a condition is that the user, and nobody else, is not in a group."""
    return ast.unparse(test).startswith("not self.env.user.has_group(")


def refused_without_role(source: str):
    """Lines of ``if not self.env.user.has_group(…): raise …``."""
    for node in ast.walk(ast.parse(source)):
        raises = isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise)
        if raises and asks_for_a_group(node.test):
            yield node.lineno


def test_roles_are_asked_for_at_one_door():
    known = "if not self.env.user.has_group('x'):\n    raise AccessError('no')"
    assert list(refused_without_role(known)) == [1]
    found = [
        f"{path}:{line}"
        for path, source in SOURCES.items()
        if "has_group" in source
        for line in refused_without_role(source)
    ]
    assert found == [], "use _check_role of models/shop/base.py"


# Where whatever went wrong is caught and a lost race is seen to in another way.
SEEN_TO = {
    "models/ladder/dunning_run.py:_process_claimed": "raises it, unless it was the last try",
    "models/messaging/contact_event.py:_receive_waiting": "tried again inside, by _persist",
    "models/messaging/contact_event.py:_receive_first": "tried again inside, by _persist",
    "models/messaging/contact_gateway_account.py:_cron_check_accounts": "asked again the next day",
    "models/messaging/contact_message_deliver.py:_persist": "tried again inside, by until_won",
    "models/messaging/contact_message_record.py:_record": "tried again inside, by _persist",
    "models/messaging/contact_message_record.py:_record_one_by_one": "the same",
}


def swallowed_races(source: str):
    """Names of functions that catch everything before they let lost races through."""
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    for function in functions:
        for node in ast.walk(function):
            if not isinstance(node, ast.Try):
                continue
            let_through = False
            for handler in node.handlers:
                kind = ast.unparse(handler.type) if handler.type else "Exception"
                if kind in ("TRANSIENT", "FASTER") and isinstance(handler.body[0], ast.Raise):
                    let_through = True
                if kind == "Exception" and not let_through:
                    yield function.name


def test_a_lost_race_is_no_fault_of_the_record():
    known = "def f():\n    try:\n        g()\n    except Exception:\n        self.state = 'failed'"
    assert list(swallowed_races(known)) == ["f"]
    through = known.replace("    except E", "    except TRANSIENT:\n        raise\n    except E")
    assert list(swallowed_races(through)) == []
    found = {
        f"{path}:{name}"
        for path, source in SOURCES.items()
        if path.startswith(("models/", "wizards/", "controllers/"))
        for name in swallowed_races(source)
    }
    assert found == set(SEEN_TO), "let TRANSIENT of tools/shop/lost_races.py through first"
