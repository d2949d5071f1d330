"""What customers wrote, with real processes: workers killed while they heed it, and two at once.

Each message is heeded once and in its order, whoever dies.
"""

import contextlib
import os
import signal

import psycopg2

from tests.faults.sending_common import CLOCK, finished, wait_until

CUSTOMERS, MESSAGES = 30, 600
BUILD = (
    CLOCK
    + f"""
from datetime import timezone
from odoo.addons.optica_cobranca.clients.base import InboundMessage, WebhookBatch
gateway = env["contact.gateway"].create({{
    "name": "Written to", "provider": "sandbox", "state": "test", "channel": "whatsapp"}})
env["res.partner"].create([
    {{"name": "Customer %s" % n, "phone": "+55119%08d" % (80000000 + n)}}
    for n in range({CUSTOMERS})])
env.cr.commit()
items = tuple(
    InboundMessage("in.%d" % n, "55119%08d" % (80000000 + n % {CUSTOMERS}), None,
        text="word %04d" % n,
        received_at=datetime(2026, 2, 11, 14, n // 60, n % 60, tzinfo=timezone.utc))
    for n in range({MESSAGES}))
for call in (items[:400], items[300:], items[:50]):
    env["contact.event"]._accept(gateway, WebhookBatch(inbound=call))
    env.cr.commit()
"""
)
HEED = CLOCK + "print('heeded', env['contact.event'].sudo()._receive_waiting(10**6))\n"
TOGETHER = (
    "import os, time\nopen(%(ready)r, 'w').close()\n"
    "while not os.path.exists(%(go)r): time.sleep(0.01)\n\n" + HEED
)


def rows(database, query):
    connection = psycopg2.connect(dbname=database)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def waiting(database):
    [(count,)] = rows(database, "SELECT count(*) FROM contact_event WHERE waiting IS NOT NULL")
    return count


def assert_each_once_in_order(database):
    """On its customer's record: as many notes as messages, the first written first."""
    told = rows(
        database,
        """SELECT message.res_id, substring(message.body FROM 'word (\\d{4})')
             FROM mail_message message JOIN res_partner partner ON partner.id = message.res_id
            WHERE message.model = 'res.partner' AND message.body LIKE '%word %'
         ORDER BY message.id""",
    )
    by_customer = {}
    for partner, number in told:
        by_customer.setdefault(partner, []).append(int(number))
    assert len(by_customer) == CUSTOMERS
    for numbers in by_customer.values():
        assert numbers == list(range(numbers[0], MESSAGES, CUSTOMERS)), numbers
    [(unread,)] = rows(database, "SELECT sum(unread_count) FROM contact_thread")
    assert unread == MESSAGES


def test_killed_workers_lose_and_repeat_nothing(clone_database, odoo_process):
    database = clone_database("heeded")
    finished(odoo_process(database, BUILD))
    assert waiting(database) == MESSAGES
    kills = 0
    while waiting(database):
        before = waiting(database)
        worker = odoo_process(database, HEED)
        if kills < 3:
            wait_until(lambda before=before: waiting(database) < before - 60)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.communicate()
            kills += 1
        else:
            finished(worker)
    assert kills == 3
    assert_each_once_in_order(database)


def test_two_workers_at_once(clone_database, odoo_process, tmp_path):
    database = clone_database("both")
    finished(odoo_process(database, BUILD))
    go, ready = tmp_path / "go", [tmp_path / "ready1", tmp_path / "ready2"]
    workers = [
        odoo_process(database, TOGETHER % {"ready": str(file), "go": str(go)}) for file in ready
    ]
    wait_until(lambda: all(file.exists() for file in ready))
    go.touch()
    for worker in workers:
        finished(worker)
    finished(odoo_process(database, HEED))
    assert waiting(database) == 0
    assert_each_once_in_order(database)
