"""``./dev verify``: whether the evidence on a database stands as it was written."""

import argparse
from collections.abc import Sequence

from . import database, demo, environment, postgres, scripts
from .console import say
from .errors import DevError

MARK = "VERIFIED "
BROKEN = "BROKEN "


def main(arguments: Sequence[str]) -> int:
    """Check every company's chain of evidence; what is broken first is named, and 1 given back."""
    parser = argparse.ArgumentParser(prog="./dev verify", description=main.__doc__)
    parser.add_argument("--db", default=demo.NAME, help=f"the database (default: {demo.NAME})")
    options = parser.parse_args(arguments)
    environment.ensure()
    with postgres.running():
        demo.ensure_named(options.db)
        output = database.run_script(options.db, scripts.read("verify"))
    return report(output.splitlines(), options.db)


def report(lines: Sequence[str], name: str) -> int:
    """Say what the script found.

    :return: 1 when something is broken
    :raise DevError: when it found nothing out
    """
    found = [line for line in lines if line.startswith((MARK, BROKEN))]
    if not found:
        raise DevError(f"Nothing was found out about the evidence on {name}.")
    for line in found:
        say(line.removeprefix(MARK).removeprefix(BROKEN))
    return int(any(line.startswith(BROKEN) for line in found))
