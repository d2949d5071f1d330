"""What every benchmark shares: an environment, a stopwatch and the line of JSON at the end.

A benchmark is a module of this package with ``main(argv) -> int``::

    def main(argv):
        with harness.odoo_environment() as env:
            build(env)
            with harness.measured() as work:
                rows = run(env)
            with harness.measured() as bare:
                run_bare_sql(env.cr)
            return harness.report("dunning", rows, work, ratio_sql=work.seconds / bare.seconds)
"""

import contextlib
import dataclasses
import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import odoo.api
import odoo.sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

QUIET = "--log-handler=py.warnings:ERROR"  # libraries of Odoo are deprecated at every start
CLEAR_REFS = Path("/proc/self/clear_refs")


@dataclasses.dataclass
class Measurement:
    """What one block cost; complete only after the block."""

    seconds: float = 0.0
    queries: int = 0
    peak_mb: float = 0.0


def database_name() -> str:
    """The scratch database of this run."""
    return os.environ["OPTICA_DEV_DATABASE"]


def configure() -> None:
    """Tell Odoo the scratch database and where its addons are; these can be imported then."""
    if database_name() not in config["db_name"]:
        config.parse_config(
            ["-d", database_name(), "--no-http", "--log-level=error", QUIET], setup_logging=True
        )


def registry() -> Registry:
    """The registry of the scratch database."""
    configure()
    return Registry(database_name())


@contextlib.contextmanager
def odoo_environment() -> Iterator[odoo.api.Environment]:
    """A superuser's environment on the scratch database, committed when the block ends well."""
    with registry().cursor() as cursor:
        yield odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})


def reset_peak() -> None:
    """Let the kernel count this process's peak memory from now on."""
    CLEAR_REFS.write_text("5", encoding="ascii")


def peak_mb(pid: int | str = "self") -> float:
    """The most memory a process has held since its last reset, in MB (1,000,000 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("The kernel does not tell this process's peak memory.")


@contextlib.contextmanager
def measured() -> Iterator[Measurement]:
    """Measure wall time, queries through Odoo's cursors, and peak memory of a block."""
    result = Measurement()
    reset_peak()
    queries = odoo.sql_db.sql_counter
    started = time.perf_counter()
    try:
        yield result
    finally:
        result.seconds = time.perf_counter() - started
        result.queries = odoo.sql_db.sql_counter - queries
        result.peak_mb = peak_mb()


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def report(bench: str, rows: int, work: Measurement, **figures: float) -> int:
    """Print the result as the last line, one JSON object, and return the exit code 0.

    :param figures: ``ratio_sql``, ``ratio_peer``, ``ratio_core``, ``per_second`` or ``p95_ms``,
        and whatever else the benchmark is about
    """
    line = {
        "bench": bench,
        "rows": rows,
        "seconds": round(work.seconds, 3),
        "queries": work.queries,
        "peak_mb": round(work.peak_mb, 1),
        **{name: round(value, 3) for name, value in figures.items()},
    }
    print(json.dumps(line), flush=True)
    return 0
