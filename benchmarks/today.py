"""Amount today of 100,000 late installments: totals of the list, groups, and one page of it.

    ./dev bench today [--rows N]

One installment in ten was paid in part, so that its charges depend on its history. Measured are
the totals of the whole list (four sums in one ``_read_group``) as a collector who is not the
superuser; ``grouped_seconds`` are the same totals by customer, ``page_seconds`` a page of 80 rows.
The total is compared with that of the records for a sample of customers.
"""

import argparse
from collections.abc import Sequence
from datetime import date, timedelta

from odoo.tools import SQL

from benchmarks import harness, ledger

DEFAULT_ROWS = 100_000
SUMS = ["amount_today:sum", "late_fine:sum", "late_interest:sum", "days_late:sum"]
OPEN = [("crediario_plan_id", "!=", False), ("amount_residual", ">", 0)]


def main(argv: Sequence[str]) -> int:
    """Measure; ``added_mb`` is memory above the start, ``ratio_sql`` against a bare sum."""
    parser = argparse.ArgumentParser(prog="today", description=__doc__)
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS, help="late installments")
    rows = parser.parse_args(argv).rows
    today = date.today()
    with harness.odoo_environment() as env:
        # The ledger's installments are half late; moved into the past, all of them are.
        ledger.build(env, rows, today)
        _make_late_and_part_paid(env, today)
        lines = _collector(env)["account.move.line"]
        domain = [*OPEN, ("date_maturity", "<", today), ("parent_state", "=", "posted")]
        lines._read_group(domain, [], SUMS)  # holidays are worked out once a process
        env.invalidate_all()
        harness.reset_peak()
        before = harness.peak_mb()
        with harness.measured() as work:
            lines._read_group(domain, [], [*SUMS, "__count"])
        env.invalidate_all()
        with harness.measured() as grouped:
            lines._read_group(domain, ["partner_id"], SUMS)
        env.invalidate_all()
        with harness.measured() as page:
            lines.search(domain, limit=80).mapped("amount_today")
        with harness.measured() as bare:
            env.cr.execute(
                "SELECT sum(amount_residual) FROM account_move_line WHERE crediario_plan_id > 0"
            )
        count = _check(lines, domain)
    return harness.report(
        "today",
        count,
        work,
        added_mb=work.peak_mb - before,
        grouped_seconds=grouped.seconds,
        page_seconds=page.seconds,
        ratio_sql=work.seconds / bare.seconds,
    )


def _make_late_and_part_paid(env, today):
    """All due dates into the past; one in ten paid 5.00 a week ago, written as core would."""
    env.cr.execute(
        SQL(
            """UPDATE account_move_line SET date_maturity = %s::date - 1 - (id %% 700)::int
                WHERE crediario_plan_id IS NOT NULL AND parent_state = 'posted'""",
            today,
        )
    )
    env.cr.execute(
        SQL(
            """
            WITH credit AS (
                SELECT line.id FROM account_move_line line
                 WHERE line.credit > 0 AND line.parent_state = 'posted' LIMIT 1
            ), paid AS (
                UPDATE account_move_line SET amount_residual = amount_residual - 5,
                       amount_residual_currency = amount_residual_currency - 5
                 WHERE crediario_plan_id IS NOT NULL AND parent_state = 'posted' AND id %% 10 = 0
             RETURNING id, company_id, company_currency_id AS currency
            )
            INSERT INTO account_partial_reconcile (
                debit_move_id, credit_move_id, company_id, debit_currency_id, credit_currency_id,
                amount, debit_amount_currency, credit_amount_currency, max_date)
            SELECT paid.id, credit.id, paid.company_id, paid.currency, paid.currency, 5, 5, 5, %s
              FROM paid CROSS JOIN credit
            """,
            today - timedelta(days=7),
        )
    )
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.invalidate_all()


def _collector(env):
    """The environment of a collector, so that record rules are part of the work."""
    user = env["res.users"].create(
        {
            "name": "Collector",
            "login": "bench_collector",
            "group_ids": [(6, 0, env.ref("optica_cobranca.group_collector").ids)],
        }
    )
    return env(user=user)


def _check(lines, domain):
    """The totals of some customers are the sums of their installments, to the cent."""
    found = lines._read_group(domain, ["partner_id"], ["amount_today:sum"], limit=50)
    for partner, total in found:
        of_partner = lines.search([*domain, ("partner_id", "=", partner.id)])
        if round(total - sum(of_partner.mapped("amount_today")), 2):
            raise RuntimeError(f"{partner.id}: {total} in SQL is not the sum of the installments.")
    return lines.search_count(domain)
