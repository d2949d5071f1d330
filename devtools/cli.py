"""The commands of ``./dev``."""

import errno
import importlib
import sys
from collections.abc import Sequence

from . import processes
from .console import say
from .errors import NO_DISK, DevError

# name: (module, function, what it does, how it is called)
COMMANDS = {
    "run": (
        "serve",
        "main",
        "serve the demo shop in Odoo until Ctrl-C",
        "[--port 8069] [--fresh]",
    ),
    "test": (
        "testing",
        "main",
        "run the tests",
        "[PATH...] [-k NAME] [--workers N] [pytest options]",
    ),
    "collect": ("collect", "main", "run the daily job now", "[--date D] [--db NAME] [--dry-run]"),
    "verify": ("verify", "main", "check that no evidence was changed", "[--db NAME]"),
    "core-tests": (
        "core_tests",
        "main",
        "Odoo's own tests with and without the addon",
        "[MODULE[/FILE]...]",
    ),
    "lint": ("lint", "main", "check style, layers, rooms, sizes and XML", "[--fix]"),
    "mutate": (
        "mutate",
        "main",
        "which wrong changes of the rules no test notices",
        "[MODULE...] [--mutants N] [--seed WORD]",
    ),
    "map": ("room_map", "main", "draw the rooms into docs/architecture.md", ""),
    "bench": ("bench", "main", "run a benchmark, or all of them", "[NAME] [options]"),
    "i18n": ("i18n", "main", "export the terms and update pt_BR", ""),
    "shell": ("small_commands", "shell", "Odoo's Python shell", "[--db NAME]"),
    "psql": ("small_commands", "psql", "PostgreSQL's shell", "[psql options]"),
    "setup": ("small_commands", "setup", "set everything up and start nothing", ""),
    "start": ("small_commands", "start", "keep PostgreSQL running between commands", ""),
    "stop": ("small_commands", "stop", "stop whatever was left running", ""),
    "clean": ("small_commands", "clean", "remove everything below .dev/, databases included", ""),
}

ELSEWHERE = """
Debian 12 and 13 need nothing else. Elsewhere install PostgreSQL, Python's venv, wkhtmltopdf 0.12.6
and, for the tests, Chromium and poppler-utils by your system's own means, and name a checkout of
Odoo 19.0, in place of Debian's package, in ODOO_HOME=/path/to/odoo."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; a bad situation is one sentence and a non-zero exit."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    processes.interrupt_on_signals()
    try:
        if name in {"help", "-h", "--help"}:
            show_help()
            return 0
        return run(name, rest)
    except DevError as error:
        return fail(str(error))
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        return fail(NO_DISK)
    except KeyboardInterrupt:
        return 130


def run(name: str, arguments: Sequence[str]) -> int:
    """Find a command and run it.

    :raise DevError: when there is no such command
    """
    if name not in COMMANDS:
        raise DevError(f"There is no command “{name}”; the commands are: {', '.join(COMMANDS)}.")
    module, function, _, _ = COMMANDS[name]
    return getattr(importlib.import_module(f"devtools.{module}"), function)(arguments)


def show_help() -> None:
    """List the commands."""
    say("Usage: ./dev COMMAND [options]\n")
    for name, (_, _, purpose, usage) in COMMANDS.items():
        say(f"  {f'{name} {usage}':<44} {purpose}")
    say(ELSEWHERE)


def fail(sentence: str) -> int:
    """Say what is wrong and return the exit code."""
    print(f"dev: {sentence}", file=sys.stderr, flush=True)
    return 1
