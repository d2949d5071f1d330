"""``./dev mutate``: wrong changes are made in memory only, drawn alike each time, and judged."""

import ast
import importlib
import os
import signal
import sys
import time

import pytest

from devtools import mutants, mutate, mutation_runner
from devtools.errors import DevError


def changes(source: str) -> set[str]:
    return {text for _scope, text in mutants.names(source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a < b", {"x = a < b → x = a <= b"}),
        ("x = a <= b", {"x = a <= b → x = a < b"}),
        ("x = a == b", {"x = a == b → x = a != b"}),
        ("x = a not in b", {"x = a not in b → x = a in b"}),
        ("x = a + b", {"x = a + b → x = a - b"}),
        ("x = a // b", {"x = a // b → x = a * b"}),
        ("x -= y", {"x -= y → x += y"}),
        ("x = -y", {"x = -y → x = +y"}),
        ("x = a and b", {"x = a and b → x = a or b"}),
        ("x = not a", {"x = not a → x = not not a"}),
        ("x = True", {"x = True → x = False"}),
        ("x = 7", {"x = 7 → x = 8"}),
        ("x = 'seven'", set()),
        ("x = Decimal('0.29')", {"x = Decimal('0.29') → x = Decimal('0.30')"}),
        ("x = Decimal('-9')", {"x = Decimal('-9') → x = Decimal('-10')"}),
        ("x = Decimal('9.9')", {"x = Decimal('9.9') → x = Decimal('10.0')"}),
        ("x = a if b else c", {f"x = a if b else c → x = a if {w} else c" for w in (True, False)}),
        ("if a:\n    b()", {"a → True", "a → False"}),
        ("while a:\n    b()", {"a → False"}),
        ("x = [a for a in b if a]", {"[a for a in b if a] → x = [a for a in b if True]"}),
        ("x: int | None = None", set()),
        ("X = str | list[int] | a.B | None", set()),
        ("x = a() | b", {"x = a() | b → x = a() & b"}),
        ("def f(a: A | B = None) -> A | B:\n    '''Seven.'''", set()),
        ("@cache(7)\ndef f(): pass", set()),
        ("x = zip(a, b, strict=True)", set()),
    ],
)
def test_what_is_changed(source, expected):
    expected = {text if text.startswith(("x", "a")) else f"x = {text}" for text in expected}
    assert changes(source) == expected


def test_only_the_words_around_a_change_are_shown():
    long = " + ".join(["something", "other"] * 9)

    (text,) = {text for text in changes(f"x = [{long}, a < b, {long}]") if "<=" in text}

    assert "a < b" in text and "a <= b" in text
    assert len(text) < 140


SOURCE = """
def one(a, b):
    return a + b if a < b and a != 3 else b

def two(a):
    if a > 5:
        return -a
    return a * 2
"""


def test_every_mutant_differs_from_the_module_in_one_thing():
    plain = ast.unparse(ast.parse(SOURCE)).splitlines()
    found = mutants.sample(SOURCE, 99, "")

    assert len(found) == len(mutants.names(SOURCE)) == 14
    for mutant in found:
        lines = mutant.source.splitlines()
        assert sum(old != new for old, new in zip(plain, lines, strict=True)) == 1


def test_the_draw_is_the_same_each_time_and_another_with_another_seed():
    drawn = mutants.sample(SOURCE, 5, "")

    assert drawn == mutants.sample(SOURCE, 5, "")
    assert drawn != mutants.sample(SOURCE, 5, "other")
    assert len(drawn) == 5
    assert len({mutant.kind for mutant in drawn}) == 5  # each kind has its turn


def test_a_change_elsewhere_leaves_the_draw_alone():
    drawn = {(m.scope, m.change) for m in mutants.sample(SOURCE, 5, "")}
    longer = {(m.scope, m.change) for m in mutants.sample(f"'''Words.'''\nX = []\n{SOURCE}", 5, "")}

    assert longer == drawn


def test_the_same_words_twice_are_told_apart():
    assert mutants.names("def f():\n    if a:\n        b()\n    if a:\n        c()\n") == {
        ("f", "a → True"), ("f", "a → False"), ("f", "a → True (2)"), ("f", "a → False (2)"),
    }  # fmt: skip


def test_a_module_is_loaded_from_other_words_than_its_file_has(tmp_path, monkeypatch):
    file = tmp_path / "mutated_thing.py"
    file.write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    finder = mutation_runner.Replaced("mutated_thing", str(file), "VALUE = 2\n")
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])

    try:
        assert importlib.import_module("mutated_thing").VALUE == 2
    finally:
        del sys.modules["mutated_thing"]

    assert file.read_text() == "VALUE = 1\n"
    assert list(tmp_path.iterdir()) == [file]  # no bytecode of the other words


def outcomes(work, jobs, workers=2):
    told = []
    mutation_runner.run(jobs, workers, work, told.append)
    return {event["id"]: event["outcome"] for event in told}


@pytest.fixture(autouse=True)
def signals():
    """The runner is a program of its own and keeps its handler."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_the_runner_tells_how_each_job_ended():
    def work(job):
        if job["id"] == "slow":
            time.sleep(30)
        if job["id"] == "gone":
            os.kill(os.getpid(), signal.SIGKILL)
        if job["id"] == "wrong":
            raise RuntimeError
        return {"noticed": 1, "no import": 2, "missed": 0, "no tests": 5}[job["id"]]

    names = ["noticed", "no import", "missed", "no tests", "slow", "gone", "wrong"]
    jobs = [{"id": name, "limit": 0.3 if name == "slow" else 30} for name in names]

    assert outcomes(work, jobs) == {
        "noticed": "failed",
        "no import": "failed",
        "missed": "passed",
        "no tests": "exit code 5",
        "slow": "too slow",
        "gone": "exit code -9",
        "wrong": "exit code 70",
    }


def test_a_mutant_that_eats_the_memory_ends():
    def work(job):
        try:
            bytearray(mutation_runner.MEMORY_BYTES)
        except MemoryError:
            return 1
        return 0

    assert outcomes(work, [{"id": "big", "limit": 30}]) == {"big": "failed"}


def test_jobs_run_beside_each_other_and_no_more_than_wanted(tmp_path):
    def work(job):
        mine = tmp_path / str(job["id"])
        mine.touch()
        time.sleep(0.2)
        beside = len(list(tmp_path.iterdir()))
        mine.unlink()
        return beside

    told = set(outcomes(work, [{"id": n, "limit": 30} for n in range(6)]).values())

    # 1 and 2 files: the exit codes of pytest for "failed"
    assert told == {"failed"}


def test_modules_are_found_by_any_of_their_names():
    names = [module.name for module in mutate.modules()]

    assert [m.name for m in mutate.choose(["gate"])] == ["messaging/gate"]
    assert [m.name for m in mutate.choose(["messaging/gate"])] == ["messaging/gate"]
    path = "optica_cobranca/domain/messaging/gate.py"
    assert [m.name for m in mutate.choose([path])] == ["messaging/gate"]
    assert [m.name for m in mutate.choose(["pix"])] == [
        name for name in names if name.startswith("pix/") or name == "shop/pix"
    ]
    assert [m.name for m in mutate.choose([])] == names


def test_a_module_that_does_not_exist():
    with pytest.raises(DevError, match="no module “gates” below optica_cobranca/domain/"):
        mutate.choose(["gates"])


@pytest.mark.parametrize("module", mutate.modules(), ids=lambda module: module.name)
def test_every_module_with_something_to_change_has_tests_that_import_it(module):
    source = module.path.read_text(encoding="utf-8")
    assert module.tests() or not mutants.names(source)


def test_the_tests_of_a_module_are_its_own_first():
    tests = mutate.Module("shop/money").tests()

    assert tests[0] == "tests/domain/shop/test_money.py"
    assert "tests/domain/shop/test_shares.py" in tests


def test_every_reviewed_mutant_can_still_be_made():
    for module, function, change in mutate.reviewed():
        source = mutate.Module(module).path.read_text(encoding="utf-8")
        assert (function, change) in mutants.names(source), (module, change)


MODULE = mutate.Module("shop/shares")
DRAWN = mutants.sample(SOURCE, 20, "")
KNOWN = {(MODULE.name, DRAWN[0].scope, DRAWN[0].change): "both are nothing"}


@pytest.mark.parametrize(
    ("drawn", "survivors", "least", "code", "words"),
    [
        (20, [], 95, 0, "20 of 20 mutants killed: 100.0 %"),
        (20, DRAWN[:1], 95, 0, "changes nothing: both are nothing"),
        (20, DRAWN[1:2], 95, 1, "NO TEST NOTICES"),
        (19, DRAWN[:1], 95, 1, "At least 95 % have to be killed."),
        (19, DRAWN[:1], 0, 0, "18 of 19 mutants killed: 94.7 %"),
        (0, [], 95, 0, "0 of 0 mutants killed: 100.0 %"),
    ],
)
def test_what_is_enough(drawn, survivors, least, code, words, capsys):
    report = mutate.Report(KNOWN)
    report.tell(MODULE, drawn, survivors)

    assert report.close(1.0, least) == code
    told = capsys.readouterr().out
    assert words in told
    for mutant in survivors:
        assert f"shop/shares.py:{mutant.line} in {mutant.scope}" in told
        assert mutant.change in told


def job(tests: list[str], source: str | None) -> dict:
    module = mutate.Module("recovery/agency")
    return {
        "id": tests[0], "module": module.dotted, "path": str(module.path),
        "source": source, "tests": tests, "limit": 60,
    }  # fmt: skip


def test_tests_run_against_the_words_and_not_against_the_file():
    module = mutate.Module("recovery/agency")
    before = module.path.read_bytes()
    own, other = module.tests()[0], "tests/domain/shop/test_csv_text.py"
    wrong = mutants.sample(module.path.read_text(encoding="utf-8"), 1, "")[0].source

    plain = list(mutate._run([job([own], None)], 1))
    changed = list(mutate._run([job([own], wrong), job([other], wrong)], 2))

    assert [event["outcome"] for event in plain] == ["passed"]
    assert {event["id"]: event["outcome"] for event in changed} == {own: "failed", other: "passed"}
    assert module.path.read_bytes() == before
