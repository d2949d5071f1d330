"""Runs tests against sources that stand in no file: ``python -m devtools.mutation_runner``.

Reads its jobs as JSON from the standard input, and tells of each in a line of JSON when it is
done. Every job is a fork that has pytest loaded and nothing of the addon: it imports the module
from the words it was given. A fork ends itself when its time is up, so none outlives a run that
was killed.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType

PASSED, FAILED, BROKEN = 0, 1, 2  # the exit codes of pytest; 2: a module could not be imported
MEMORY_BYTES = 3 * 1024**3
ARGUMENTS = ("-q", "-x", "-p", "no:odoo", "-p", "no:timeout", "-p", "no:cacheprovider")


class Replaced(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Finds one module, and loads other words than those of its file."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self.source = source

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's spec, and None for every other."""
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, name: str) -> CodeType:
        """The words, compiled; no cache is read or written."""
        return compile(self.source, self.path, "exec", dont_inherit=True)


class Quick:
    """A pytest plugin that gets to the first failure soon."""

    @staticmethod
    def pytest_collection() -> None:
        """The tests' own profile without the search for the smallest example."""
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", settings(), phases=phases)
        settings.load_profile("mutants")

    @staticmethod
    def pytest_collection_modifyitems(items: list) -> None:
        """Tables first: a property takes a hundred examples, and a table tells as well."""
        items.sort(key=lambda item: getattr(item.obj, "is_hypothesis_test", False))


def main() -> None:
    """Run all jobs and tell of each."""
    order = json.load(sys.stdin)
    _preload()
    run(order["jobs"], order["workers"], _test, _tell)


def run(
    jobs: Sequence[dict],
    workers: int,
    work: Callable[[dict], int],
    tell: Callable[[dict], None],
) -> None:
    """Do each job in a fork of its own, several at a time.

    :param work: does a job in the fork and gives its exit code
    :param tell: takes the job's ``id``, its ``outcome`` (``passed``, ``failed``, ``too slow`` or
        what went wrong) and its ``seconds``
    """
    running: dict[int, tuple[dict, float]] = {}
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    try:
        for job in jobs:
            if len(running) == workers:
                tell(_reap(running))
            running[_fork(job, work)] = (job, time.monotonic())
        while running:
            tell(_reap(running))
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)


def _preload() -> None:
    """What every fork would load again; nothing that a mutant could be in."""
    for name in ("pytest", "hypothesis.strategies", "phonenumbers", "odoo.addons"):
        importlib.import_module(name)


def _fork(job: dict, work: Callable[[dict], int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, job["limit"])
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        code = work(job)
    finally:
        os._exit(code)


def _test(job: dict) -> int:
    import pytest

    if job["source"] is not None:
        sys.meta_path.insert(0, Replaced(job["module"], job["path"], job["source"]))
    return pytest.main([*ARGUMENTS, *job["tests"]], plugins=[Quick()])


def _reap(running: dict[int, tuple[dict, float]]) -> dict:
    """Wait for one fork to end."""
    pid, status = os.wait()
    job, started = running.pop(pid)
    code = os.waitstatus_to_exitcode(status)
    outcome = {PASSED: "passed", FAILED: "failed", BROKEN: "failed", -signal.SIGALRM: "too slow"}
    return {
        "id": job["id"],
        "outcome": outcome.get(code, f"exit code {code}"),
        "seconds": time.monotonic() - started,
    }


def _tell(event: dict) -> None:
    print(json.dumps(event), flush=True)


if __name__ == "__main__":
    main()
