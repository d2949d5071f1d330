"""What a worker of ``./dev test`` adds to pytest: files from a common list, a word on each test.

All workers collect the same tests and put the files in the same order; whoever is free takes the
next file. The folder in ``OPTICA_DEV_WORK`` holds the number of the next file (``next``), the
seconds that files took before (``seconds.json``) and, for each worker, what it tells
(``<OPTICA_DEV_WORKER>.jsonl``).
"""

import fcntl
import itertools
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import shares


def pytest_configure(config: pytest.Config) -> None:
    """Join the other workers."""
    folder = Path(os.environ["OPTICA_DEV_WORK"])
    config.pluginmanager.register(Worker(folder, os.environ["OPTICA_DEV_WORKER"]))


class Worker:
    """The hooks of one worker."""

    def __init__(self, folder: Path, number: str) -> None:
        self.folder = folder
        self.events = (folder / f"{number}.jsonl").open("a", encoding="utf-8")

    def tell(self, **event: object) -> None:
        """Write one line at once, so that it outlives this process."""
        self.events.write(json.dumps(event) + "\n")
        self.events.flush()

    # ------------------------------------------------------------ taking files

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the files that fall to this worker, in place of all that were collected."""
        if session.testsfailed:
            return None  # pytest's own loop says what could not be collected
        self.tell(collected=len(session.items))
        for file, tests in self._claimed(session.items):
            started = _now()
            # The session in place of a next test: what belongs to the file is torn down, what
            # belongs to the session (registry, server) stays, and no file is taken too early.
            for test, following in itertools.pairwise([*tests, session]):
                session.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)
            self.tell(file=file, seconds=_now() - started)
        return True

    def _claimed(self, items: list[pytest.Item]) -> Iterator[tuple[str, list[pytest.Item]]]:
        """Each file that falls to this worker, taken when the one before is done, and its tests."""
        files: dict[str, list[pytest.Item]] = {}
        for item in items:
            files.setdefault(_file(item.nodeid), []).append(item)
        seconds = json.loads((self.folder / "seconds.json").read_text(encoding="utf-8"))
        ordered = shares.order({file: len(tests) for file, tests in files.items()}, seconds)
        while (number := self._next()) < len(ordered):
            yield ordered[number], files[ordered[number]]

    def _next(self) -> int:
        """Take a number that no other worker gets."""
        with (self.folder / "next").open("r+", encoding="ascii") as counter:
            fcntl.flock(counter, fcntl.LOCK_EX)
            number = int(counter.read())
            counter.seek(0)
            counter.write(str(number + 1))
        return number

    # ------------------------------------------------------------ telling

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be read."""
        if report.failed:
            self.tell(broken=report.nodeid, text=report.longreprtext)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Named before it runs: this may be the test that ends the process."""
        self.tell(start=nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set-up, call and tear-down of a test, each by itself; of subtests only what fails."""
        if report.passed and hasattr(report, "context"):
            return
        if report.when == "teardown" and report.user_properties:
            self.tell(properties=[[name, str(value)] for name, value in report.user_properties])
        text = "" if report.passed else report.longreprtext
        if report.failed:
            captured = (f"\n----- {title} -----\n{content}" for title, content in report.sections)
            text += "".join(captured)
        self.tell(test=report.nodeid, when=report.when, outcome=report.outcome, text=text)


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _now() -> float:
    """Seconds, also while a test holds the clocks of ``time`` still."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)
