"""The nightly rating of a large shop's customers.

``./dev bench rating [--rows 100000]``: customers with ten installments each, of which those that
came due are paid, late or in time, but for the last. Measured is the first night, on which every
row is new, and the second one (``again_seconds``), on which the month's rows are replaced.
``tenth_ratio`` is the first night against ten times a tenth of it: 1 is linear.
"""

import argparse
from datetime import date, timedelta

from odoo.tools import SQL

from benchmarks import harness, ledger

DAY = date(2026, 6, 15)


def main(argv):
    """Measure; the number of ratings is compared with the customers who have a history."""
    parser = argparse.ArgumentParser(prog="bench rating", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="customers to rate")
    rows = parser.parse_args(argv).rows
    with harness.odoo_environment() as env:
        ledger.build(env, rows * ledger.INSTALLMENTS, DAY)
        pay(env)
        runs = env["dunning.rating.run"]
        rate(env, DAY - timedelta(days=1), only_ranges=1)  # what is worked out once a process
        harness.reset_peak()
        start_mb = harness.peak_mb()
        with harness.measured() as work:
            run = rate(env, DAY)
        with harness.measured() as again:
            rate(env, DAY + timedelta(days=1))
        tenth = max(1, len(runs._ranges(env.company)) // 10)
        with harness.measured() as part:
            rate(env, DAY + timedelta(days=2), only_ranges=tenth)
        check(env, run, rows)
        return harness.report(
            "rating",
            rows,
            work,
            per_second=rows / work.seconds,
            peak_above_start_mb=work.peak_mb - start_mb,
            again_seconds=again.seconds,
            tenth_ratio=again.seconds / (part.seconds * len(runs._ranges(env.company)) / tenth),
            rated=run.rated_count,
        )


def rate(env, day, only_ranges=None):
    """One night, or only its first ranges of customers, committed one by one as the job does."""
    left = [only_ranges]

    def keep_going(_run):
        left[0] = left[0] and left[0] - 1
        return left[0] != 0

    runs = env["dunning.rating.run"]
    runs._rate_company(env.company, day, keep_going)
    return runs.search([("company_id", "=", env.company.id), ("date", "=", day)])


def pay(env):
    """Settle all installments that came due but each customer's last, on days of two years."""
    with ledger.bulk_load(env, "account_move_line", "account_partial_reconcile"):
        settle(env)
    env.cr.execute("ANALYZE account_move_line, account_partial_reconcile")
    env.cr.commit()
    env.invalidate_all()


def settle(env):
    """Credits of two years, and each joined to a debit that came due."""
    env.cr.execute(
        SQL(
            """UPDATE account_move_line SET date = %s::date - (id %% 700)::int
                WHERE credit > 0 AND parent_state = 'posted'""",
            DAY,
        )
    )
    env.cr.execute(
        SQL(
            """
            WITH credit AS (
                SELECT id, row_number() OVER (ORDER BY id) AS place
                  FROM account_move_line WHERE credit > 0 AND parent_state = 'posted'
            ), due AS (
                SELECT id, company_id, company_currency_id AS currency, balance,
                       row_number() OVER (PARTITION BY partner_id ORDER BY date_maturity DESC) AS n
                  FROM account_move_line
                 WHERE crediario_plan_id IS NOT NULL AND parent_state = 'posted'
                   AND date_maturity < %s
            )
            INSERT INTO account_partial_reconcile (
                debit_move_id, credit_move_id, company_id, debit_currency_id, credit_currency_id,
                amount, debit_amount_currency, credit_amount_currency, max_date)
            SELECT due.id, credit.id, due.company_id, due.currency, due.currency, due.balance,
                   due.balance, due.balance, %s
              FROM due
              JOIN credit
                ON credit.place = 1 + due.id::bigint * 7919 %% (SELECT count(*) FROM credit)
             WHERE due.n > 1
            """,
            DAY,
            DAY,
        )
    )
    env.cr.execute(
        """UPDATE account_move_line line SET amount_residual = 0, amount_residual_currency = 0,
                  reconciled = TRUE
             FROM account_partial_reconcile paid WHERE paid.debit_move_id = line.id"""
    )


def check(env, run, rows):
    """Every customer was looked at, and who has a history got one current rating."""
    current = env["dunning.rating"].search_count([("current", "=", True)])
    if run.state != "done" or run.customer_count != rows or not 0 < run.rated_count <= rows:
        raise AssertionError(f"{run.customer_count} of {rows} customers, {run.rated_count} rated")
    if current < run.rated_count:
        raise AssertionError(f"{current} current ratings of {run.rated_count}")
