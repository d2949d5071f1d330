"""``./dev collect``: the daily job now, and a table of what it did."""

import argparse
import datetime
import json
import re
from collections.abc import Sequence

from . import database, demo, environment, postgres, scripts
from .console import say
from .errors import DevError

MARK = "COLLECTED "


def main(arguments: Sequence[str]) -> int:
    """Run the ladder and the dispatcher once on a database."""
    parser = argparse.ArgumentParser(prog="./dev collect", description=main.__doc__)
    parser.add_argument("--date", type=read_date, help="act as of this day: 2026-12-31, 31/12/2026")
    parser.add_argument("--db", default=demo.NAME, help=f"the database (default: {demo.NAME})")
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    options = parser.parse_args(arguments)
    environment.ensure()
    with postgres.running():
        demo.ensure_named(options.db)
        summary = _collect(options)
    say(table(summary, options.db, dry_run=options.dry_run))
    return 0


def read_date(text: str) -> datetime.date:
    """A day as written by a person or a program.

    :raise DevError: when it is none
    """
    brazilian = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        if brazilian:
            return datetime.date(*(int(part) for part in reversed(brazilian.groups())))
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise DevError(f"“{text}” is no date: write it as 2026-12-31 or 31/12/2026.") from error


def _collect(options: argparse.Namespace) -> dict:
    variables = {}
    if options.date:
        variables["OPTICA_DEV_DATE"] = options.date.isoformat()
    if options.dry_run:
        variables["OPTICA_DEV_DRY_RUN"] = "1"
    output = database.run_script(options.db, scripts.read("collect"), **variables)
    line = next((line for line in output.splitlines() if line.startswith(MARK)), None)
    if line is None:
        raise DevError(f"The daily job on {options.db} ended without a result.")
    return json.loads(line.removeprefix(MARK))


def table(summary: dict, name: str, *, dry_run: bool) -> str:
    """What the daily job did, for reading.

    :param summary: as returned by ``dunning.run.collect_now``
    """
    title = f"{'Would be done' if dry_run else 'Done'} on {summary['date']} in {name}"
    parts = [title, "=" * len(title)]
    parts += _section(
        "Notices by level", [(str(level), count) for level, count in summary["notices"]]
    )
    messages = [(f"{channel}, {state}", count) for channel, state, count in summary["messages"]]
    parts += _section("Messages by channel and state", messages)
    parts += _section(
        "Refusals by reason", [(str(reason), count) for reason, count in summary["refusals"]]
    )
    if summary.get("next_message"):
        when = datetime.datetime.fromisoformat(summary["next_message"])
        parts += [
            "",
            f"The next message that waits may leave on {when:%Y-%m-%d at %H:%M} (shop's time).",
        ]
    parts += ["", f"{summary['seconds']:.2f} seconds"]
    return "\n".join(parts)


def _section(title: str, rows: Sequence[tuple[str, int]]) -> list[str]:
    if not rows:
        return ["", title, "  none"]
    rows = [*rows, ("total", sum(count for _, count in rows))] if len(rows) > 1 else list(rows)
    width = max(len(label) for label, _ in rows)
    return ["", title, *(f"  {label:<{width}}  {count:>7,}" for label, count in rows)]
