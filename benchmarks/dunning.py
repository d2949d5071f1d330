"""The daily run over a large portfolio, against bare SQL that writes the same rows.

``./dev bench dunning [--rows 100000]``: builds the portfolio, runs the ladder of one day (nobody
reminded yet) with notices, lines and outbox rows, empties these tables, and lets plain SQL select,
group and insert the same rows into the same tables, with every key and index in place.

``--moving 30``: instead, a normal day, without bare SQL. Everybody has been reminded up to now, but
for the one installment in 30 that came to its level last. Customers owe ten installments each, due
on the same day of ten months; six in ten are late with none, two with one, one with two and one
with six. What advances lies where the calendar puts it, one or two installments of a customer, and
the notice lists all that is late. ``--half-late``: the same day with half of all installments late.

``--workers 4``: then also 2, 3 and 4 processes on one run. ``--peer [WHEEL]``: then also the module
``account_credit_control`` on the same rows, lines and communications. ``ratio_peer`` compares
seconds per installment reminded. ``--peer-customers N``: of so many customers only, which is
quicker and flatters it: its seconds per installment grow with their number.

``cpu_seconds`` is what this process and its database server worked: on a busy machine it says more
than the clock does.
"""

import argparse
import os
from datetime import date
from pathlib import Path

import odoo.sql_db
from odoo.tools import SQL

from benchmarks import dunning_peer, dunning_workers, harness, ledger

DAY = date(2026, 6, 15)
TABLES = ("dunning_notice", "dunning_notice_line", "contact_message")


def main(argv):
    options = arguments(argv)
    with harness.odoo_environment() as env:
        ledger.message_policy(env)
        usual = options.moving and not options.half_late
        late = ledger.TENTH_LATE if usual else ledger.HALF_LATE
        ledger.build(env, options.rows, DAY, late)
    if options.moving:
        figures, best, run = normal_day(options)
    else:
        figures, best, run = first_day(options)
    for workers in range(2, options.workers + 1):
        figures[f"workers_{workers}_seconds"] = shared(options, workers, run)
    if options.peer is not None:
        odoo.sql_db.close_all()
        peer = dunning_peer.measure(
            harness.database_name(), options.peer, DAY, options.peer_customers
        )
        print(f"account_credit_control: {peer}", flush=True)
        each = peer["lines"] / run["advanced"]
        figures["ratio_peer"] = peer["seconds"] / best.seconds / each
        figures["ratio_peer_cpu"] = peer["cpu_seconds"] / run["cpu_seconds"] / each
    return harness.report("dunning", options.rows, best, **figures, **run)


def arguments(argv):
    parser = argparse.ArgumentParser(prog="bench dunning", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="open installments to build")
    parser.add_argument("--repeat", type=int, default=3, help="times to measure; the best counts")
    parser.add_argument("--moving", type=int, help="only one installment in so many advances")
    parser.add_argument("--half-late", action="store_true", help="half is late on that day, too")
    parser.add_argument("--workers", type=int, default=1, help="most processes to share a run")
    parser.add_argument("--peer", nargs="?", const="", help="compare; its wheel, else pip's")
    parser.add_argument(
        "--peer-customers", type=int, help="how many customers it reminds; all without it"
    )
    return parser.parse_args(argv)


def first_day(options):
    """Nobody has been reminded yet: the run and bare SQL in turns; the best of each counts."""
    with harness.odoo_environment() as env:
        harness.reset_peak()
        start_mb = harness.peak_mb()
        runs, bares = [], []
        for _time in range(options.repeat):
            run, work = measure_run(env)
            written = fingerprint(env)
            save(env)
            before = cpu_seconds(env)
            with harness.measured() as bare:
                write_by_sql(env, run["run"])
            bares.append((bare.seconds, cpu_seconds(env) - before))
            compare(written, fingerprint(env))
            empty(env)
            runs.append((work, run))
            print(f"run {work.seconds:.2f} s, bare SQL {bare.seconds:.2f} s", flush=True)
    best, run = fastest(runs)
    least_cpu = min(run["cpu_seconds"] for _work, run in runs)
    figures = {
        "ratio_sql": best.seconds / min(seconds for seconds, _cpu in bares),
        "ratio_sql_cpu": least_cpu / min(cpu for _seconds, cpu in bares),
        "peak_above_start_mb": best.peak_mb - start_mb,
    }
    return figures, best, run


def fastest(runs):
    """Of pairs (measurement, counts) the one that took the least time."""
    return min(runs, key=lambda pair: pair[0].seconds)


def normal_day(options):
    """The others have been reminded of their level before; the best run counts."""
    with harness.odoo_environment() as env:
        prepare(env, options)
        harness.reset_peak()
        start_mb = harness.peak_mb()
        runs = []
        for attempt in range(options.repeat):
            if attempt:
                prepare(env, options)
            run, work = measure_run(env)
            runs.append((work, run))
            print(f"run {work.seconds:.2f} s, cpu {run['cpu_seconds']:.2f} s", flush=True)
    best, run = fastest(runs)
    return {"peak_above_start_mb": best.peak_mb - start_mb}, best, run


def prepare(env, options):
    """The tables as they are before the day's run."""
    empty(env)
    if options.moving:
        ledger.remind(env, options.rows // options.moving, DAY)


def shared(options, workers, expected):
    """Seconds that so many processes take together, all they wrote being what one would."""
    with harness.odoo_environment() as env:
        prepare(env, options)
    seconds, batches = dunning_workers.share(workers)
    with harness.odoo_environment() as env:
        run = env["dunning.run"].search([], order="id desc", limit=1)
        if run.notice_count != expected["notices"] or sum(batches) != len(run.batch_ids):
            raise AssertionError(f"{workers} workers wrote {run.notice_count} notices: {batches}")
        empty(env)
    print(f"{workers} workers: {seconds:.2f} s, batches {batches}", flush=True)
    return seconds


def measure_run(env):
    """One run of the day, as the cron does it; what it counted and what it cost."""
    before = cpu_seconds(env)
    with harness.measured() as work:
        run = env["dunning.run"]._run_day(env.company, DAY)
    counts = {
        "run": run.id,
        "notices": run.notice_count,
        "lines": run.line_count,
        "advanced": run.advanced_count,
        "batches": len(run.batch_ids),
        "cpu_seconds": cpu_seconds(env) - before,
    }
    return counts, work


def cpu_seconds(env):
    """Seconds that this process and its database server have worked so far."""
    env.cr.execute("SELECT pg_backend_pid()")
    server = Path(f"/proc/{env.cr.fetchone()[0]}/stat").read_text(encoding="utf-8")
    # After the command's name in parentheses: state, ten numbers, then user and system time.
    ticks = sum(map(int, server.rpartition(")")[2].split()[11:13]))
    own = os.times()
    return own.user + own.system + ticks / os.sysconf("SC_CLK_TCK")


def fingerprint(env):
    """What was written, ids aside: rows by table, and customers, levels and installments."""
    counts = {}
    for table in TABLES:
        env.cr.execute(SQL("SELECT count(*) FROM %s", SQL.identifier(table)))
        counts[table] = env.cr.fetchone()[0]
    env.cr.execute(
        """SELECT sum(hashtext(concat_ws(',', n.partner_id, n.level_id, l.move_line_id, l.level_id,
                                         l.advanced, l.days_late))::bigint)
             FROM dunning_notice n JOIN dunning_notice_line l ON l.notice_id = n.id"""
    )
    return {**counts, "content": env.cr.fetchone()[0]}


def compare(written, expected):
    if written != expected:
        raise AssertionError(f"The run wrote {written}, bare SQL {expected}")


def save(env):
    """Keep what bare SQL shall write as outbox, then empty the tables, as they were before."""
    env.cr.execute("DROP TABLE IF EXISTS saved_message")
    env.cr.execute("CREATE TEMP TABLE saved_message AS SELECT * FROM contact_message")
    env.cr.execute("ANALYZE saved_message")
    empty(env)


def empty(env):
    """The tables of the ladder and the outbox without a row."""
    env.cr.execute(
        SQL("TRUNCATE %s CASCADE", SQL(", ").join(SQL.identifier(table) for table in TABLES))
    )
    env.cr.commit()


def write_by_sql(env, run_id):
    """Select, group and insert the same rows with nothing around it."""
    select_due(env)
    insert_notices(env, run_id)
    insert_lines(env)
    insert_messages(env)
    env.cr.commit()


def select_due(env):
    """The late and soon due installments with their level, in a temporary table."""
    levels = [
        (level.id, level.offset_days)
        for level in env.company.dunning_policy_id.level_ids.sorted("offset_days")
    ]
    bounds = [*(offset for _id, offset in levels[1:]), 1827]
    ranges = SQL(", ").join(
        SQL("(%s, %s, %s)", level_id, offset, min(bound, 0) if offset < 0 else bound)
        for (level_id, offset), bound in zip(levels, bounds, strict=True)
    )
    env.cr.execute("SET LOCAL jit = off")
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE due ON COMMIT DROP AS
            SELECT l.id, l.partner_id, l.date_maturity, %(day)s::date - l.date_maturity AS days,
                   l.amount_residual, l.installment_number, m.name, v.level_id, v.level_offset
              FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
              JOIN (VALUES %(ranges)s) AS v (level_id, level_offset, before)
                ON %(day)s::date - l.date_maturity >= v.level_offset
               AND %(day)s::date - l.date_maturity < v.before
             WHERE l.company_id = %(company)s AND l.crediario_plan_id IS NOT NULL
               AND l.parent_state = 'posted' AND l.amount_residual > 0
               AND l.date_maturity <= %(day)s::date + 5
            """,
            day=DAY,
            ranges=ranges,
            company=env.company.id,
        )
    )


def insert_notices(env, run_id):
    env.cr.execute(
        SQL(
            """
            INSERT INTO dunning_notice (
                run_id, company_id, partner_id, date, level_id,
                level_offset, state, installment_count, oldest_due_date, amount_residual,
                amount_fine, amount_interest, amount_total,
                create_date, write_date)
            SELECT %s, %s, partner_id, %s,
                   (array_agg(level_id ORDER BY level_offset DESC))[1],
                   max(level_offset), 'done', count(*), min(date_maturity), sum(amount_residual),
                   sum(round(amount_residual * 0.02, 2)),
                   sum(round(amount_residual * GREATEST(days, 0) / 3000, 2)),
                   sum(amount_residual), now(), now()
              FROM due GROUP BY partner_id
            """,
            run_id,
            env.company.id,
            DAY,
        )
    )


def insert_lines(env):
    env.cr.execute(
        """
        INSERT INTO dunning_notice_line (
            notice_id, move_line_id, contract, installment_number, level_id, level_offset, advanced,
            due_date, days_late, residual, fine, interest, total)
        SELECT n.id, d.id, d.name, d.installment_number, d.level_id, d.level_offset, TRUE,
               d.date_maturity, GREATEST(d.days, 0), d.amount_residual,
               round(d.amount_residual * 0.02, 2),
               round(d.amount_residual * GREATEST(d.days, 0) / 3000, 2), d.amount_residual
          FROM due d JOIN dunning_notice n USING (partner_id)
        """
    )


def insert_messages(env):
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_name = 'contact_message'
              AND column_name NOT IN ('id', 'notice_id', 'res_id')"""
    )
    columns = [name for (name,) in env.cr.fetchall()]
    env.cr.execute(
        SQL(
            """INSERT INTO contact_message (notice_id, res_id, %s)
               SELECT n.id, n.id, %s FROM saved_message s
                 JOIN dunning_notice n ON n.partner_id = s.partner_id""",
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(SQL.identifier("s", name) for name in columns),
        )
    )
