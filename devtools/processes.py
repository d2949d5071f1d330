"""Starting, watching and stopping a program that keeps running."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .errors import DevError

STOP_SECONDS = 20


def interrupt_on_signals() -> None:
    """Treat a polite request to end (`kill`, a closed terminal) like Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


class Interrupted(KeyboardInterrupt):
    """One of the signals; ``number`` tells which."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def _interrupt(number: int, frame: object) -> None:
    raise Interrupted(number)


def wait(process: subprocess.Popen) -> int:
    """Wait for a program in our own foreground, and let it clean up when we are interrupted.

    The terminal sends Ctrl-C to the program as well; any other request is passed on.
    """
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt as request:
            told = sys.stdin.isatty() and getattr(request, "number", None) == signal.SIGINT
            if not told and process.poll() is None:
                process.send_signal(signal.SIGINT)


def check_port(host: str, port: int) -> None:
    """Make sure that a server can listen on a port.

    :raise DevError: when another program does, or the port is none
    """
    if not 1 <= port <= 65535:
        raise DevError(f"{port} is no port: choose one from 1024 to 65535.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise DevError(f"Port {port} is for root alone: choose one from 1024 up.") from error
        except OSError as error:
            raise DevError(
                f"Port {port} is taken by another program (perhaps another `./dev run`):"
                f" choose another with `--port`."
            ) from error


@contextlib.contextmanager
def child(command: Sequence[str], *, env: dict[str, str], log: Path, pid_file: Path) -> Iterator:
    """A program that runs for the length of a block and is stopped at its end.

    It gets a session of its own, so that Ctrl-C reaches it once, through us.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=env,
            start_new_session=True,
        )
    pid_file.write_text(str(process.pid))
    try:
        yield process
    finally:
        stop(process)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a browser that outlived its program
        pid_file.unlink(missing_ok=True)


def stop(process: subprocess.Popen) -> None:
    """Ask a program to end, and end it when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def stop_recorded(pid_file: Path, mark: str) -> bool:
    """End the program a pid file names, if it is still that program; say whether it was.

    :param mark: words of its command line, since a number may have been given to another program
    """
    try:
        pid = int(pid_file.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (OSError, ValueError):
        return False
    if mark not in command:
        return False
    os.kill(pid, signal.SIGTERM)
    return True


@contextlib.contextmanager
def signals_ignored() -> Iterator[None]:
    """Leave Ctrl-C to the program in the foreground for the length of a block.

    A handler that does nothing, rather than SIG_IGN: the program must not inherit it.
    """
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
