"""``./dev mutate``: whether the tests of the rules notice wrong changes (docs/decisions/0017)."""

import argparse
import ast
import functools
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import environment, mutants, processes
from .console import say, step
from .errors import DevError
from .paths import ADDON, ADDON_NAME, DEV, PYTHON, ROOT

DOMAIN = ADDON / "domain"
TESTS = ROOT / "tests" / "domain"
REVIEWED = ROOT / "tests" / "fixtures" / "mutants" / "equivalent.json"
PACKAGE = f"odoo.addons.{ADDON_NAME}.domain"
LEAST_PERCENT = 95
MUTANTS = 12
FIRST_SECONDS = 300.0
# A mutant may take ten times as long as the tests do, and this on top for a busy machine.
SLOWER, PATIENCE = 10, 20.0


@dataclass(frozen=True)
class Module:
    """A module of the rules, named ``room/name``."""

    name: str

    @property
    def path(self) -> Path:
        return DOMAIN / f"{self.name}.py"

    @property
    def dotted(self) -> str:
        return f"{PACKAGE}.{self.name.replace('/', '.')}"

    def tests(self) -> list[str]:
        """Files of tests that import the module, its own first."""
        found = [path for path in sorted(TESTS.rglob("test_*.py")) if self.dotted in _imports(path)]
        own = f"test_{self.path.stem}.py"
        return [str(path.relative_to(ROOT)) for path in sorted(found, key=lambda p: p.name != own)]


@functools.cache
def _imports(path: Path) -> frozenset[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def main(arguments: Sequence[str]) -> int:
    """Change the rules a little, in memory, and count which changes their tests notice."""
    parser = argparse.ArgumentParser(prog="./dev mutate", description=main.__doc__)
    parser.add_argument("module", nargs="*", help="gate or messaging/gate (default: all)")
    parser.add_argument("--mutants", type=int, default=MUTANTS, help="of each module (default: 12)")
    parser.add_argument("--seed", default="", help="any word draws other mutants")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args(arguments)
    chosen = choose(options.module)
    environment.ensure()
    drawn = {
        module: mutants.sample(
            module.path.read_text(encoding="utf-8"), options.mutants, module.name + options.seed
        )
        for module in chosen
    }
    started = time.monotonic()
    with step("running the tests without a change"):
        limits = _limits([module for module in chosen if drawn[module]], options.workers)
    report = Report(reviewed())
    for module, survivors in _survivors(drawn, limits, options.workers):
        report.tell(module, len(drawn[module]), survivors)
    return report.close(time.monotonic() - started, LEAST_PERCENT if not options.module else 0)


def modules() -> list[Module]:
    """All modules of the rules."""
    paths = sorted(path for path in DOMAIN.glob("*/*.py") if path.name != "__init__.py")
    return [Module(f"{path.parent.name}/{path.stem}") for path in paths]


def choose(words: Sequence[str]) -> list[Module]:
    """The modules that a person names; without a name, all.

    :raise DevError: when there is none of a name
    """
    known = modules()
    if not words:
        return known
    found = []
    for word in words:
        wanted = word.removesuffix(".py")
        fits = [m for m in known if wanted.endswith(f"/{m.name}") or wanted in _titles(m)]
        if not fits:
            raise DevError(f"There is no module “{word}” below {DOMAIN.relative_to(ROOT)}/.")
        found += fits
    return found


def _titles(module: Module) -> list[str]:
    return [module.name, *module.name.split("/")]


def reviewed() -> dict[tuple[str, str, str], str]:
    """Mutants that change nothing: module, function and change, with the reason."""
    entries = json.loads(REVIEWED.read_text(encoding="utf-8"))
    return {
        (entry["module"], entry["function"], entry["change"]): entry["reason"] for entry in entries
    }


def _limits(chosen: Sequence[Module], workers: int) -> dict[Module, float]:
    """How long the tests of a module may take.

    :raise DevError: when they fail as they are
    """
    jobs = [_job(module, None, FIRST_SECONDS, module.name) for module in chosen]
    limits = {}
    for event in _run(jobs, workers):
        module = Module(event["id"])
        if event["outcome"] != "passed":
            tests = " ".join(module.tests())
            raise DevError(f"The tests of {module.name} fail by themselves: `./dev test {tests}`.")
        limits[module] = PATIENCE + SLOWER * event["seconds"]
    return limits


def _survivors(
    drawn: dict[Module, list[mutants.Mutant]], limits: dict[Module, float], workers: int
) -> Iterator[tuple[Module, list[mutants.Mutant]]]:
    """Each module, as soon as its mutants are through, with those that no test noticed.

    :raise DevError: when the tests could not be run
    """
    jobs = [
        _job(module, mutant.source, limits[module], [module.name, number])
        for module, found in drawn.items()
        for number, mutant in enumerate(found)
    ]
    left = {module: set(range(len(found))) for module, found in drawn.items()}
    alive: dict[Module, list[int]] = {module: [] for module in drawn}
    for event in _run(jobs, workers):
        name, number = event["id"]
        module = Module(name)
        if event["outcome"] not in {"passed", "failed", "too slow"}:
            raise DevError(f"The tests of {name} could not be run: {event['outcome']}.")
        if event["outcome"] == "passed":
            alive[module].append(number)
        left[module].remove(number)
        if not left[module]:
            yield module, [drawn[module][number] for number in sorted(alive[module])]


def _job(module: Module, source: str | None, limit: float, name: object) -> dict:
    tests = module.tests()
    if not tests:
        raise DevError(f"No test below {TESTS.relative_to(ROOT)}/ imports {module.name}.")
    return {
        "id": name,
        "module": module.dotted,
        "path": str(module.path),
        "source": source,
        "tests": tests,
        "limit": limit,
    }


def _run(jobs: Sequence[dict], workers: int) -> Iterator[dict]:
    """Hand the jobs to a runner inside the environment, and say what it tells."""
    variables = environment.variables()
    del variables["ODOO_RC"]  # its presence alone makes pytest-odoo ask for a database
    variables["HYPOTHESIS_STORAGE_DIRECTORY"] = str(DEV / "hypothesis")
    runner = subprocess.Popen(
        [str(PYTHON), "-m", "devtools.mutation_runner"],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        json.dump({"jobs": jobs, "workers": workers}, runner.stdin)
        runner.stdin.close()
        for line in runner.stdout:
            yield json.loads(line)
    finally:
        processes.stop(runner)
        runner.stdout.close()
    if runner.returncode:
        raise DevError("The runner of the mutants ended before its time; its words are above.")


class Report:
    """Says how each module did, and whether all of it is enough."""

    def __init__(self, known: dict[tuple[str, str, str], str]) -> None:
        self.known = known
        self.all = self.killed = self.unknown = 0

    def tell(self, module: Module, drawn: int, survivors: Sequence[mutants.Mutant]) -> None:
        """Count a module, and name every survivor."""
        self.all += drawn
        self.killed += drawn - len(survivors)
        say(f"{module.name:<32} {drawn:>3} mutants, {drawn - len(survivors):>3} killed")
        for mutant in survivors:
            where = f"{module.path.relative_to(ROOT)}:{mutant.line}"
            say(f"    {where} in {mutant.scope or 'the module'} ({mutant.kind})")
            say(f"        {mutant.change}")
            reason = self.known.get((module.name, mutant.scope, mutant.change))
            self.unknown += reason is None
            say(f"        {f'changes nothing: {reason}' if reason else 'NO TEST NOTICES'}")

    def close(self, seconds: float, least: float) -> int:
        """Sum up; the exit code is 1 when a survivor has no reason, or too few were killed."""
        percent = 100 * self.killed / self.all if self.all else 100.0
        say(f"{self.killed} of {self.all} mutants killed: {percent:.1f} %, in {seconds:.0f} s")
        if self.unknown:
            say(f"{self.unknown} survivors are not in {REVIEWED.relative_to(ROOT)}: test them, or")
            say("say there why they change nothing.")
        if percent < least:
            say(f"At least {least} % have to be killed.")
        return 1 if self.unknown or percent < least else 0
