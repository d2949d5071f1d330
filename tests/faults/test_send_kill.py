"""Workers that are killed, and two at once: real processes, real commits, a real local provider.

The provider writes down what it took before it answers, so that a message taken twice cannot hide.
"""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter

import psycopg2
import pytest

from tests.faults.sending_common import (
    CLOCK,
    DISPATCH,
    DISPATCH_TOGETHER,
    Provider,
    finished,
    messages,
    wait_until,
)

BUILD = """
env["contact.gateway"].search([]).write({"state": "disabled"})
env["contact.gateway"].create({
    "name": "Killed", "provider": "whatsapp_cloud", "state": "live", "base_url": %(url)r,
    "phone_number_id": "1234567890", "access_token": "token", "app_secret": "secret",
    "pool_size": 8, "rate_per_second": 80.0,
})
template = env["contact.template"].create({
    "name": "Hi", "purpose": "service", "channel_order": "whatsapp",
    "whatsapp_body": "Hi {{customer_first_name}}!", "whatsapp_template_name": "hi",
})
customers = env["res.partner"].create([
    {"name": "Customer %%s" %% number, "phone": "+55119%%08d" %% (80000000 + number)}
    for number in range(%(count)d)
])
env["contact.message"]._enqueue(customers, template)
env.cr.commit()
"""
# Loads the registry once and brings up one worker after the other, until one ends by itself. No
# connection is open when a worker is born: each makes its own.
SUPERVISE = (
    CLOCK
    + """
import os, traceback
from odoo import SUPERUSER_ID, api, sql_db
registry = env.registry
env.cr.close()
sql_db.close_all()

def work():
    with registry.cursor() as cursor:
        api.Environment(cursor, SUPERUSER_ID, {})["contact.message"]._dispatch()

ended = False
while not ended:
    pid = os.fork()
    if not pid:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(pid, flush=True)
    _pid, status = os.waitpid(pid, 0)
    ended = os.WIFEXITED(status)

os._exit(os.waitstatus_to_exitcode(status))
"""
)


@pytest.fixture
def provider(tmp_path):
    started = Provider(tmp_path / "received.jsonl", latency=0.05)
    yield started
    started.close()


def connections(database: str) -> int:
    """How many there are, ours excepted: a dead worker's server process may still be at work."""
    connection = psycopg2.connect(dbname=database)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                  AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
        )
        return cursor.fetchone()[0]


class Reaper:
    """Kills the supervisor's workers and sees what each of them left behind."""

    def __init__(self, database: str, supervisor: subprocess.Popen, provider: Provider):
        self.database, self.supervisor, self.provider = database, supervisor, provider

    def kill(self, delay: float, *, on_the_way: bool) -> set[str]:
        """Kill -9 the next worker.

        :param delay: seconds of its life; with ``on_the_way`` those since its first message
        :return: references of the messages that it had marked as leaving, result unknown
        """
        size = self.provider.log.stat().st_size
        pid = int(self.supervisor.stdout.readline())
        if on_the_way:
            wait_until(lambda: self.provider.log.stat().st_size > size)
        time.sleep(delay)
        # The next worker is not born before the dead one's rows were read.
        os.kill(self.supervisor.pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not connections(self.database))
        left = {uuid for uuid, row in messages(self.database).items() if row[0] == "sending"}
        os.kill(self.supervisor.pid, signal.SIGCONT)
        return left


def test_killed_twenty_times_while_sending(clone_database, odoo_process, provider):
    """Nothing is lost, nothing is sent twice, every uncertain one was left by a kill."""
    count, kills = 2000, 20
    database = clone_database("killed")
    finished(odoo_process(database, CLOCK + BUILD % {"url": provider.url, "count": count}))
    chance = random.Random(20260211)
    supervisor = odoo_process(database, SUPERVISE)
    reaper = Reaper(database, supervisor, provider)
    # By turns at any moment of a worker's life and with messages on their way. A kill leaves at
    # most 3 batches of 32 uncertain: waiting for their turn, on their way, answered and not yet
    # written. At 80 a second fewer than 700 are sent in all these seconds.
    left_by_the_dead = [
        reaper.kill(chance.uniform(0.0, (0.6, 1.0)[number % 2]), on_the_way=bool(number % 2))
        for number in range(kills)
    ]
    assert len([left for left in left_by_the_dead if left]) >= kills // 4, left_by_the_dead
    assert max(map(len, left_by_the_dead)) <= 96
    still_waiting = [row for row in messages(database).values() if row[0] == "queued"]
    assert still_waiting, "the last kills had nothing to hit"
    finished(supervisor)

    taken, rows = provider.taken(), messages(database)
    assert len(rows) == count
    assert set(taken.values()) == {1}, "sent twice"
    uncertain = {uuid for uuid, row in rows.items() if row[0] == "uncertain"}
    sent = {uuid for uuid, row in rows.items() if row[0] == "sent"}
    assert uncertain | sent == set(rows), Counter(row[0] for row in rows.values())
    assert sent <= set(taken), "lost"
    # What a dead worker had begun is shown to a person; nobody else's message is.
    assert uncertain == set().union(*left_by_the_dead)
    assert {rows[uuid][1:] for uuid in uncertain} == {("interrupted", None)}


def test_uncertain_ones_become_certain_by_the_providers_own_report(
    clone_database, odoo_process, provider
):
    """After a kill the provider's statuses, which carry our reference, settle what was open."""
    database = clone_database("settled")
    finished(odoo_process(database, CLOCK + BUILD % {"url": provider.url, "count": 60}))
    worker = odoo_process(database, DISPATCH)
    wait_until(lambda: len(provider.taken()) >= 5)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    report = CLOCK + (
        "import json\n"
        "from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook\n"
        "gateway = env['contact.gateway'].search([('name', '=', 'Killed')])\n"
        f"lines = map(json.loads, open({str(provider.log)!r}))\n"
        "statuses = [{'id': line['provider_id'], 'status': 'delivered', 'timestamp': '1',\n"
        "    'biz_opaque_callback_data': line['reference']} for line in lines]\n"
        "payload = {'object': 'whatsapp_business_account', 'entry': [{'id': '1', 'changes': [\n"
        "    {'field': 'messages', 'value': {'statuses': statuses}}]}]}\n"
        "env['contact.event']._take_in(gateway, parse_webhook(payload))\n"
        "env.cr.commit()\n"
        "env['contact.message']._dispatch()\n"
    )
    taken_before = set(provider.taken())
    finished(odoo_process(database, report))
    rows = messages(database)
    assert set(provider.taken().values()) == {1}
    assert {rows[uuid][0] for uuid in taken_before} == {"delivered"}
    # What stayed uncertain was marked as leaving and never arrived there.
    for uuid, (state, _reason, _key) in rows.items():
        if state == "uncertain":
            assert uuid not in taken_before


def test_two_workers_share_the_queue(clone_database, odoo_process, provider, tmp_path):
    count = 200
    database = clone_database("two")
    finished(odoo_process(database, CLOCK + BUILD % {"url": provider.url, "count": count}))
    go, ready = tmp_path / "go", [tmp_path / "ready1", tmp_path / "ready2"]
    workers = [
        odoo_process(database, DISPATCH_TOGETHER % {"ready": str(file), "go": str(go)})
        for file in ready
    ]
    wait_until(lambda: all(file.exists() for file in ready))
    go.touch()
    outputs = [finished(worker) for worker in workers]
    assert set(provider.taken().values()) == {1}
    assert len(provider.taken()) == count
    assert Counter(state for state, _reason, _key in messages(database).values()) == {"sent": count}
    assert all("'accepted'" in output for output in outputs), outputs


def test_live_worker_is_not_taken_for_dead(clone_database, odoo_process, tmp_path):
    """While one worker waits for slow answers, another must not call its messages uncertain."""
    slow = Provider(tmp_path / "slow.jsonl", latency=3.0)
    try:
        database = clone_database("alive")
        finished(odoo_process(database, CLOCK + BUILD % {"url": slow.url, "count": 8}))
        first = odoo_process(database, DISPATCH)
        wait_until(lambda: any(row[0] == "sending" for row in messages(database).values()))
        second = odoo_process(database, DISPATCH)
        finished(second)
        assert "uncertain" not in {row[0] for row in messages(database).values()}
        finished(first)
        assert {row[0] for row in messages(database).values()} == {"sent"}
        assert set(slow.taken().values()) == {1}
    finally:
        slow.close()
