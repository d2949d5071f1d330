"""Two managers, two processes, the same notices at the same moment."""

import pytest

from devtools import database
from tests.faults.test_dunning_workers import PREPARE, finish

BUILD = f"""{PREPARE}
policy = ledger.message_policy(env)
policy.level_ids.needs_approval = True
# Whoever belongs to a segment would follow its ladder instead.
(env["dunning.policy"].search([]) - policy).active = False
ledger.build(env, 600, DAY)
Run._run_day(env.company, DAY)
manager = env["res.users"].create({{
    "name": "Second", "login": "second",
    "group_ids": [(4, env.ref("optica_cobranca.group_manager").id)]}})
env.cr.commit()
"""
# As the web client calls it: Odoo tries again when another transaction came first.
APPROVE = """
import os, time
from odoo.service.model import retrying
from odoo.exceptions import UserError
waiting = env["dunning.notice"].search([("state", "=", "waiting")])
env.cr.rollback()
manager = env["res.users"].search([("login", "=", os.environ["LOGIN"])])
env = env(user=manager, su=False)
print("ready", len(waiting), flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.005)
try:
    retrying(waiting.with_env(env).action_approve, env)
    env.cr.commit()
    print("approved", flush=True)
except UserError as error:
    print("nothing", flush=True)
"""


@pytest.fixture
def waiting(clone_database, odoo_process):
    name = clone_database("approval")
    finish(odoo_process(name, BUILD))
    return name


def test_each_customer_hears_once(waiting, odoo_process, tmp_path):
    count = int(database.psql("SELECT count(*) FROM dunning_notice", waiting)[0])
    assert count > 40
    go = tmp_path / "go"
    managers = [
        odoo_process(waiting, APPROVE, GO=str(go), LOGIN=login) for login in ("admin", "second")
    ]
    for manager in managers:
        assert manager.stdout.readline() == f"ready {count}\n"
    go.touch()
    said = sorted(finish(manager).split()[-1] for manager in managers)
    assert said == ["approved", "nothing"]
    assert database.psql("SELECT DISTINCT state FROM dunning_notice", waiting) == ["done"]
    assert database.psql("SELECT count(*) FROM contact_message", waiting) == [str(count)]
    assert database.psql("SELECT count(DISTINCT notice_id) FROM contact_message", waiting) == [
        str(count)
    ]
