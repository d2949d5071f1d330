"""The suite in several pytest processes side by side, each with its own database and port."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import shares
from .console import say
from .paths import DEV, ROOT
from .processes import STOP_SECONDS
from .tally import Tally, Told

WORK = DEV / "workers"
MOST = 4
LOOK_SECONDS = 0.5
LINE_SECONDS = 30.0  # between two lines of progress where nobody watches
NO_TESTS = 5  # the exit code of pytest


def default_number() -> int:
    """One worker for each core, within reason: each needs a database, memory and a browser."""
    return min(len(os.sched_getaffinity(0)), MOST)


@dataclass
class Worker:
    """One pytest process."""

    number: int
    process: subprocess.Popen
    log: Path
    told: Told

    def signal(self, number: int) -> None:
        """Send a signal to pytest and whatever it started in its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def trouble(self, at: str) -> str | None:
        """A sentence about an end that is neither success nor failed tests."""
        code = self.process.returncode
        if code in {0, 1, NO_TESTS}:
            return None
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return f"worker {self.number} {how} in {at}: see {self.log}"


def run(commands: Sequence[tuple[Sequence[str], dict[str, str]]], *, remember: bool = False) -> int:
    """Run pytest once for each command and environment; return 0 when every test passed.

    :param remember: keep how long each file took, because all of its tests are run
    :raise KeyboardInterrupt: after Ctrl-C, when all have ended
    """
    folder = _prepare()
    tally = Tally()
    crew = [_start(folder, number, *how) for number, how in enumerate(commands, start=1)]
    try:
        _watch(crew, tally)
    except KeyboardInterrupt:
        _stop(crew)
        _count(crew, tally)
        say(f"Interrupted: {tally.closing()} until then.")
        raise
    finally:
        for worker in crew:
            worker.signal(signal.SIGKILL)  # a browser that outlived its pytest
    code = _report(crew, tally)
    if remember and tally.run == tally.collected:
        shares.remember(tally.seconds)
    return code


def _prepare() -> Path:
    """An empty folder for the workers of this command; those of ended commands go."""
    WORK.mkdir(parents=True, exist_ok=True)
    folder = WORK / str(os.getpid())
    for old in WORK.iterdir():
        if old == folder or not Path(f"/proc/{old.name}").exists():
            shutil.rmtree(old, ignore_errors=True)
    folder.mkdir()
    (folder / "next").write_text("0", encoding="ascii")
    (folder / "seconds.json").write_text(json.dumps(shares.remembered()), encoding="utf-8")
    return folder


def _start(folder: Path, number: int, command: Sequence[str], env: dict[str, str]) -> Worker:
    """Start a worker in a session of its own, so that Ctrl-C reaches it once, through us."""
    log = folder / f"{number}.log"
    names = {"OPTICA_DEV_WORK": str(folder), "OPTICA_DEV_WORKER": str(number)}
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**env, **names},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    say(f"==> worker {number}: log in {os.path.relpath(log, ROOT)}")
    return Worker(number, process, log, Told(folder / f"{number}.jsonl"))


def _watch(crew: list[Worker], tally: Tally) -> None:
    """Show how far the workers are until the last has ended."""
    progress = Progress()
    while any([worker.process.poll() is None for worker in crew]):  # each is asked
        for name in _count(crew, tally):
            progress.interrupt(f"    FAILED {name}")
        progress.show(tally)
        time.sleep(LOOK_SECONDS)
    for name in _count(crew, tally):
        progress.interrupt(f"    FAILED {name}")
    progress.interrupt()


def _count(crew: list[Worker], tally: Tally) -> Iterator[str]:
    return [name for worker in crew for name in tally.add(worker.number, worker.told.news())]


class Progress:
    """One line that is written over in a terminal, and a line now and then elsewhere."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.shown = self.started
        self.terminal = sys.stdout.isatty()

    def show(self, tally: Tally) -> None:
        """Say how far the run is."""
        now = time.monotonic()
        if not self.terminal and now < self.shown + LINE_SECONDS:
            return
        self.shown = now
        minutes, seconds = divmod(int(now - self.started), 60)
        files = ", ".join(Path(at.partition("::")[0]).stem for at in tally.at.values())
        total = f"{tally.run} of {tally.collected or '…'} tests, {tally.failed} failing"
        line = f"    … {minutes}:{seconds:02} {total}  {files}"
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{line[:width]}", end="", flush=True)
        else:
            say(line)

    def interrupt(self, line: str | None = None) -> None:
        """Clear the line of progress, and leave another for good."""
        if self.terminal:
            print("\r\033[K", end="", flush=True)
        if line:
            say(line)


def _stop(crew: list[Worker]) -> None:
    """Let every worker clean up; those that do not in time, or after a second Ctrl-C, are ended."""
    for worker in crew:
        if worker.process.poll() is None:
            worker.process.send_signal(signal.SIGINT)
    try:
        deadline = time.monotonic() + 2 * STOP_SECONDS
        for worker in crew:
            worker.process.wait(max(0.0, deadline - time.monotonic()))
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        for worker in crew:
            worker.signal(signal.SIGKILL)
            worker.process.wait()


def _report(crew: list[Worker], tally: Tally) -> int:
    """Print what failed and why, then the closing line, and return the exit code."""
    for name, text in tally.properties:
        say(f"\n{name}\n{text}")
    for name, text in tally.failures:
        say(f"\n{'_' * 4} {name} {'_' * max(4, 90 - len(name))}\n{text}")
    troubles = [worker.trouble(tally.at.get(worker.number, "its start")) for worker in crew]
    troubles = [trouble for trouble in troubles if trouble]
    if tally.skips:
        say("\nSkipped tests fail the run:")
        for name, reason in tally.skips:
            say(f"    {name}: {reason}")
    if not troubles and tally.run != tally.collected:
        troubles.append(f"{tally.collected - tally.run} of the tests collected were not run")
    if not troubles and not tally.run:
        troubles.append("no test was run")
    say()
    for trouble in troubles:
        say(f"dev: {trouble}.")
    for name, _ in tally.failures:
        say(f"FAILED {name}")
    say(tally.closing())
    codes = {worker.process.returncode for worker in crew}
    return int(bool(troubles or tally.failed or tally.skipped or codes != {0}))
