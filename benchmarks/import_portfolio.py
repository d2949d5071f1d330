"""Import of a portfolio: 10,000 rows of 1,000 contracts through the wizard, as a manager.

    ./dev bench import_portfolio [--rows N]

The file is read, checked and booked in one transaction; the sum of what is open is compared
with the file to the cent, and a second import must find nothing new.
"""

import argparse
import base64
from collections.abc import Sequence
from datetime import date

from benchmarks import harness
from benchmarks.portfolio_maker import INSTALLMENTS, portfolio

DEFAULT_ROWS = 10_000


def main(argv: Sequence[str]) -> int:
    """Measure one import; ``per_second`` counts rows, ``added_mb`` is memory above the start."""
    parser = argparse.ArgumentParser(prog="import_portfolio", description=__doc__)
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS, help="rows of the file")
    rows = parser.parse_args(argv).rows // INSTALLMENTS * INSTALLMENTS
    content, residual = portfolio(rows // INSTALLMENTS, date.today())
    with harness.odoo_environment() as env:
        manager = _manager(env)
        wizard = manager["crediario.portfolio.import"].create({"file": base64.b64encode(content)})
        harness.reset_peak()
        before = harness.peak_mb()
        with harness.measured() as work:
            wizard.action_check()
            wizard.action_import()
            env.flush_all()
        _check(manager, wizard, rows, residual)
        with harness.measured() as again:
            repeated = manager["crediario.portfolio.import"].create(
                {"file": base64.b64encode(content)}
            )
            repeated.action_import()
        if repeated.move_ids or repeated.already_count != rows:
            raise RuntimeError("A repeated import changed something.")
    return harness.report(
        "import_portfolio",
        rows,
        work,
        per_second=rows / work.seconds,
        added_mb=work.peak_mb - before,
        repeat_seconds=again.seconds,
    )


def _manager(env):
    """The environment of a manager who is not the superuser, so that access is checked too."""
    user = env["res.users"].create(
        {
            "name": "Manager",
            "login": "bench_manager",
            "group_ids": [(6, 0, env.ref("optica_cobranca.group_manager").ids)],
        }
    )
    return env(user=user)


def _check(env, wizard, rows, residual):
    domain = [("move_id", "in", wizard.move_ids), ("crediario_plan_id", "!=", False)]
    [(count, booked)] = env["account.move.line"]._read_group(
        domain, [], ["__count", "amount_residual:sum"]
    )
    if count != rows or round(booked * 100) != residual * 100:
        raise RuntimeError(
            f"{count} installments with {booked} open; {rows} with {residual} expected."
        )
