"""The short commands: set-up alone, shells, stopping, cleaning."""

import argparse
import shutil
import subprocess
from collections.abc import Sequence

from . import demo, environment, postgres, processes, serve, system_packages
from .console import say
from .paths import DEV, PYTHON


def setup(arguments: Sequence[str]) -> int:
    """Bring the whole environment into being and start nothing."""
    environment.ensure(browser=True)
    say("The environment is ready.")
    return 0


def start(arguments: Sequence[str]) -> int:
    """Keep PostgreSQL running between commands, until `./dev stop`."""
    environment.ensure()
    postgres.KEEP.touch()
    with postgres.running():
        say(f"PostgreSQL runs until `./dev stop`; its socket is in {postgres.socket_dir()}.")
    return 0


def stop(arguments: Sequence[str]) -> int:
    """Stop whatever was left running."""
    postgres.KEEP.unlink(missing_ok=True)
    if processes.stop_recorded(serve.PID_FILE, str(PYTHON)):
        say("Stopped Odoo.")
    if system_packages.postgres_bin() and postgres.stop():
        say("Stopped PostgreSQL.")
    return 0


def clean(arguments: Sequence[str]) -> int:
    """Stop everything and remove everything the tooling has made, databases included."""
    stop([])
    cluster = postgres.home()
    outside = [] if cluster.is_relative_to(DEV) else [cluster.parent]
    for folder in (postgres.socket_dir(), *outside, DEV):
        shutil.rmtree(folder, ignore_errors=True)
    say("Removed everything below .dev/.")
    return 0


def shell(arguments: Sequence[str]) -> int:
    """Odoo's Python shell on a database (`env` is there)."""
    parser = argparse.ArgumentParser(prog="./dev shell", description=shell.__doc__)
    parser.add_argument("--db", default=demo.NAME, help=f"the database (default: {demo.NAME})")
    options, rest = parser.parse_known_args(arguments)
    environment.ensure()
    with postgres.running():
        demo.ensure_named(options.db)
        command = [str(PYTHON), "-m", "odoo", "shell", "-d", options.db, "--no-http", *rest]
        return _in_terminal(command)


def psql(arguments: Sequence[str]) -> int:
    """PostgreSQL's own shell; without a database's name, on the demo shop's."""
    environment.ensure()
    with postgres.running():
        if not arguments:
            demo.ensure()
        return _in_terminal(["psql", *(arguments or [demo.NAME])])


def _in_terminal(command: Sequence[str]) -> int:
    """Run a program that talks with the person; Ctrl-C is its own affair."""
    with processes.signals_ignored():
        return subprocess.run(command, env=environment.variables(), check=False).returncode
