"""Writers of evidence never wait, and two jobs that seal at once make one chain.

A writer with an open transaction, a job that seals meanwhile, another writer, a second job while
the first has sealed and not committed: afterwards the chain is whole and everything is in it.
"""

import pytest

COMMON = """
import os, time
rows = env["optica.evidence"].sudo()
def wait_for(name):
    while not os.path.exists(os.environ[name]):
        time.sleep(0.02)
def say(count):
    partner = env["res.partner"].search([("name", "=", "Maria")], limit=1)
    env["contact.consent"].create(
        [{"partner_id": partner.id, "decision": "opt_in"}] * count)
"""
BUILD = f"""{COMMON}
env["res.partner"].create({{"name": "Maria"}})
say(3)
env.cr.commit()
"""
# Writes, tells so, and keeps its transaction open until the file is there.
SLOW_WRITER = f"""{COMMON}
say(2)
env.flush_all()
print("written", flush=True)
wait_for("GO")
env.cr.commit()
"""
WRITER = f"""{COMMON}
say(1)
env.cr.commit()
print("committed", flush=True)
"""
SLOW_SEAL = f"""{COMMON}
print(rows._seal(env.company), flush=True)
wait_for("GO")
env.cr.commit()
"""
SEAL = f"""{COMMON}
print(rows._seal(env.company), flush=True)
env.cr.commit()
"""
LOOK = f"""{COMMON}
found = rows._verify(env.company)
print(found["count"], found["waiting"], found["broken"], len(found["unrecorded"]))
"""


@pytest.fixture
def built(clone_database, odoo_process):
    name = clone_database("evidence")
    assert odoo_process(name, BUILD).wait(120) == 0
    return name


def told(process):
    return process.stdout.readline().strip()


def test_writers_and_two_sealing_jobs_at_once(built, odoo_process, tmp_path):
    written, sealed = tmp_path / "written", tmp_path / "sealed"
    slow = odoo_process(built, SLOW_WRITER, GO=str(written))
    assert told(slow) == "written"
    # The three of before; the open transaction is not waited for.
    first = odoo_process(built, SLOW_SEAL, GO=str(sealed))
    assert told(first) == "3"
    # Nobody who writes waits for the job, and a second job leaves the chain to the first.
    assert told(odoo_process(built, WRITER)) == "committed"
    second = odoo_process(built, SEAL)
    assert told(second) == "0"
    sealed.touch()
    written.touch()
    assert first.wait(120) == second.wait(120) == slow.wait(120) == 0
    assert told(odoo_process(built, SEAL)) == "3"
    assert told(odoo_process(built, LOOK)) == "6 0 None 0"
