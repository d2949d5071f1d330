"""Several real processes with real commits on one run of the ladder, and processes that die."""

import contextlib
import json
import os
import signal
import time

import psycopg2
import pytest

from devtools import database
from tests.conftest import drop_database

INSTALLMENTS = 1200

# Small batches, so that there is something to share and somewhere to be interrupted.
PREPARE = """
import datetime
from benchmarks import ledger
from odoo.addons.optica_cobranca.models.ladder import dunning_evaluation
dunning_evaluation.BATCH_SIZE = 40
DAY = datetime.date(2026, 6, 15)
Run, Batch = env["dunning.run"], type(env["dunning.run.batch"])
"""
BUILD = f"""{PREPARE}
ledger.message_policy(env)
ledger.build(env, {INSTALLMENTS}, DAY)
env.cr.commit()
"""
RUN = f"""{PREPARE}
Run._run_day(env.company, DAY)
"""
# Waits until all are ready, then takes its time within each batch, and tells what it did.
WORK = f"""{PREPARE}
import os, time
process, done = Batch._process, 0
def slowly(batch):
    global done
    process(batch)
    time.sleep(0.05)
    done += 1
Batch._process = slowly
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.01)
Run._run_day(env.company, DAY)
print(done, flush=True)
"""
RUN_TELLING_RETRIES = f"""{PREPARE}
import logging
logging.getLogger("odoo.addons.optica_cobranca.tools.shop.lost_races").setLevel(logging.INFO)
Run._run_day(env.company, DAY)
"""
# Writes the batch's rows, tells so, and hangs there before the commit from the third batch on.
HANG = f"""{PREPARE}
import time
process, seen = Batch._process, []
def and_hang(batch):
    process(batch)
    seen.append(batch.id)
    if len(seen) == 3:
        env.flush_all()
        print("hanging", flush=True)
        time.sleep(600)
Batch._process = and_hang
Run._run_day(env.company, DAY)
"""


@pytest.fixture
def portfolio(clone_database, odoo_process):
    """A database with open installments, and copies of it on demand."""
    base = clone_database("ladder")
    finish(odoo_process(base, BUILD))
    made = []

    def copy(purpose):
        name = f"{base}_{purpose}"
        database.clone(base, name)
        made.append(name)
        return name

    yield copy
    for name in made:
        drop_database(name)


def finish(process, timeout=120):
    """The output of a process that must end well."""
    output, errors = process.communicate(timeout=timeout)
    assert process.returncode == 0, errors
    return output


def end_state(name):
    """What the ladder left: notices with their lines, messages, and how the runs ended."""
    notices = database.psql(
        """SELECT json_agg(row_to_json(n) ORDER BY n.partner_id) FROM (
               SELECT partner_id, date, level_id, state, amount_total,
                      (SELECT json_agg(json_build_array(move_line_id, level_id, advanced, total)
                                       ORDER BY move_line_id)
                         FROM dunning_notice_line l WHERE l.notice_id = dunning_notice.id) AS lines,
                      (SELECT count(*) FROM contact_message m WHERE m.notice_id = dunning_notice.id
                      ) AS messages
                 FROM dunning_notice) AS n""",
        name,
    )
    runs = database.psql("SELECT state, notice_count, advanced_count FROM dunning_run", name)
    return json.loads(notices[0]), runs


def test_workers_share_one_run_without_doubles(portfolio, odoo_process, tmp_path):
    """Two, three and four of them; each does something, and all that one alone would do."""
    alone = portfolio("alone")
    finish(odoo_process(alone, RUN))
    expected = end_state(alone)
    assert len(expected[0]) > 100
    assert all(notice["messages"] == 1 for notice in expected[0])
    for count in (2, 3, 4):
        shared, go = portfolio(f"shared{count}"), tmp_path / f"go{count}"
        workers = [odoo_process(shared, WORK, GO=str(go)) for _worker in range(count)]
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        go.touch()
        batches = [int(finish(worker).split()[-1]) for worker in workers]
        assert min(batches) >= 1, f"a worker did nothing: {batches}"
        assert end_state(shared) == expected
        made = database.psql("SELECT count(*) FROM dunning_run_batch", shared)
        assert made == [str(sum(batches))]


def test_a_killed_run_started_again_ends_where_one_run_would_have(portfolio, odoo_process):
    undisturbed, killed = portfolio("undisturbed"), portfolio("killed")
    finish(odoo_process(undisturbed, RUN))
    victim = odoo_process(killed, HANG)
    assert "hanging" in victim.stdout.readline()
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    half_way, runs = end_state(killed)
    whole, _runs = end_state(undisturbed)
    assert 0 < len(half_way) < len(whole)
    assert runs[0].startswith("running")
    finish(odoo_process(killed, RUN))
    assert end_state(killed) == end_state(undisturbed)


def test_a_second_run_of_the_day_writes_nothing(portfolio, odoo_process):
    name = portfolio("twice")
    finish(odoo_process(name, RUN))
    notices, _runs = end_state(name)
    finish(odoo_process(name, RUN))
    again, runs = end_state(name)
    assert again == notices
    assert runs[1] == "done|0|0"


def test_conflicts_with_other_transactions_are_retried(portfolio, odoo_process):
    """A deadlock in a batch and a serialization failure at the end, both PostgreSQL's own."""
    undisturbed, disturbed = portfolio("calm"), portfolio("stormy")
    finish(odoo_process(undisturbed, RUN))
    expected = end_state(undisturbed)
    first, second = [notice["partner_id"] for notice in expected[0][:2]]
    # The run looks for a deadlock first and is the one that PostgreSQL ends; we never look.
    database.psql(f"ALTER DATABASE {disturbed} SET deadlock_timeout = '3s'", disturbed)
    with transaction(disturbed) as other, transaction(disturbed) as slow:
        other.execute("SET deadlock_timeout = '10min'")
        other.execute("SELECT FROM res_partner WHERE id = %s FOR UPDATE", [second])
        run = odoo_process(disturbed, RUN_TELLING_RETRIES)
        # It has the first customer and waits for the second: now the first is asked for.
        until_somebody_waits(disturbed, "level_range (policy_id")
        other.execute("SELECT FROM res_partner WHERE id = %s FOR UPDATE", [first])
        slow.execute("UPDATE dunning_run SET error = NULL")
        other.connection.commit()
        # All batches are done; the end of the run waits for the row that we changed.
        until_somebody_waits(disturbed, "FROM dunning_run WHERE")
        slow.connection.commit()
        _output, log = run.communicate(timeout=120)
    assert run.returncode == 0, log
    assert log.count("conflict with another worker, try 1: deadlock detected") == 1, log
    assert log.count("conflict with another worker, try 1: could not serialize access") == 1, log
    assert end_state(disturbed) == expected


@contextlib.contextmanager
def transaction(name):
    """A cursor of a connection of its own, outside of Odoo."""
    with contextlib.closing(psycopg2.connect(dbname=name)) as connection:
        yield connection.cursor()


def until_somebody_waits(name, query):
    """Return once a connection of this database waits for a lock within such a query."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        f" AND datname = '{name}' AND position('{query}' IN query) > 0"
    )
    end = time.monotonic() + 60
    while database.psql(waiting, name) == ["0"]:
        assert time.monotonic() < end, f"nobody waits in {query}"
        time.sleep(0.02)
