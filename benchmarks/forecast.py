"""A forecast of several days over a large portfolio.

``./dev bench forecast [--rows 100000] [--days 10]``: builds the portfolio, looks ahead (nobody
reminded yet), then really runs the ladder of the first day and compares it with the forecast.
"""

import argparse
from datetime import date

from odoo.tools import SQL

from benchmarks import harness, ledger

DAY = date(2026, 6, 15)


def main(argv):
    parser = argparse.ArgumentParser(prog="bench forecast", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="open installments to build")
    parser.add_argument("--days", type=int, default=10, help="days to look ahead")
    parser.add_argument("--explain", action="store_true", help="also say why others get nothing")
    options = parser.parse_args(argv)
    with harness.odoo_environment() as env:
        ledger.message_policy(env)
        ledger.build(env, options.rows, DAY)
        harness.reset_peak()
        start_mb = harness.peak_mb()
        with harness.measured() as work:
            forecast = look_ahead(env, options)
        foreseen = notices(env, "dunning_forecast_line", SQL("forecast_id = %s", forecast.id))
        lines = forecast.notice_count
        with harness.measured() as run:
            env["dunning.run"]._run_day(env.company, DAY)
        if notices(env, "dunning_notice", SQL("TRUE")) != foreseen:
            raise AssertionError("The run of the first day is not what the forecast said")
        return harness.report(
            "forecast",
            options.rows,
            work,
            days=options.days,
            notices=lines,
            seconds_a_day=work.seconds / options.days,
            run_of_one_day_seconds=run.seconds,
            peak_above_start_mb=work.peak_mb - start_mb,
        )


def look_ahead(env, options):
    """The forecast as the background does it: a range of customers a transaction."""
    forecast = env["dunning.forecast"].create({"days": options.days, "explain": options.explain})
    # The portfolio is late as of a day of its own, not of the day on which this is measured.
    today = type(env["res.company"])._today
    type(env["res.company"])._today = lambda company: DAY
    try:
        forecast._begin()
        while forecast.ranges:
            forecast._work_out_next()
            env.cr.commit()
    finally:
        type(env["res.company"])._today = today
    return forecast


def notices(env, table, condition):
    """Count and fingerprint of the first day's notices, ids aside."""
    env.cr.execute(
        SQL(
            """SELECT count(*), sum(hashtext(concat_ws(',', partner_id, level_id, amount_total,
                                                       installment_count))::bigint)
                 FROM %s WHERE date = %s AND %s""",
            SQL.identifier(table),
            DAY,
            condition,
        )
    )
    return env.cr.fetchone()
