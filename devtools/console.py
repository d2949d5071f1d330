"""Printing progress and running commands."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from .errors import DevError, explain
from .paths import LOGS

HEARTBEAT_SECONDS = 10.0


def say(text: str = "") -> None:
    """Print one line at once, even into a pipe."""
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a long step, show that it lives, and say how long it took."""
    started = time.monotonic()
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            say(f"    … {title}: {time.monotonic() - started:.0f} s")

    say(f"==> {title}")
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    say(f"    done in {time.monotonic() - started:.1f} s")


def run_logged(
    command: Sequence[str | os.PathLike[str]],
    log: str,
    what: str,
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> str:
    """Run a command with its output in ``.dev/logs/<log>.log`` and return that output.

    :param what: what the command fetches or makes, for the sentence when it fails
    :raise DevError: with the cause when it is known, else with the place of the log
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    with path.open("w", encoding="utf-8") as out:
        out.write("$ " + " ".join(map(str, command)) + "\n")
        out.flush()
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd, env=env, check=False
        )
    output = path.read_text(encoding="utf-8", errors="replace")
    if result.returncode:
        raise DevError(explain(output, what) or _failure(what, path, output))
    return output


def _failure(what: str, path: Path, output: str) -> str:
    """A sentence for a failure whose cause is not a known one, with the last words of the log."""
    tail = "\n".join("    | " + line for line in output.splitlines()[-15:])
    print(tail, file=sys.stderr, flush=True)
    return f"{what} failed: the whole output is in {path}."
