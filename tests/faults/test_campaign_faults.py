"""Two at once on the same birthdays, and one is killed: nobody is greeted twice or forgotten.

Real processes, real commits. The clock stands still at 08:00 in São Paulo on a Wednesday.
"""

import json
import signal

CUSTOMERS = 90
PREPARE = """
import datetime, json, os, signal, time
from freezegun import freeze_time
from odoo.addons.optica_cobranca.models.calendar import optica_campaign_run
optica_campaign_run.BATCH = 10
freeze_time("2026-02-11 11:00:00", tick=True).start()
Run, Campaign = env["optica.campaign.run"], type(env["optica.campaign"])
"""
BUILD = f"""{PREPARE}
env["contact.gateway"].search([]).write({{"state": "disabled"}})
env["contact.gateway"].create(
    {{"name": "Try", "channel": "whatsapp", "provider": "sandbox", "state": "live"}})
env["res.partner"].create([
    {{"name": "Cliente %s" % n, "phone": "+55119%08d" % (80000000 + n),
      "birthdate": "1980-02-11"}} for n in range({CUSTOMERS})
])
env["optica.occurrence.type"].search([("kind", "=", "birthday")]).mode = "automatic"
env.cr.commit()
"""
# Begins when the file appears, and takes its time, so that both are at it together.
WORK = f"""{PREPARE}
send = Campaign._send
def slowly(self, *args):
    result = send(self, *args)
    time.sleep(0.05)
    return result
Campaign._send = slowly
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.01)
Run._cron_campaigns()
"""
# Somebody who sends the same greetings past the runs and their claims at the same moment.
RIVAL = f"""{PREPARE}
campaigns = env["optica.campaign"].with_company(env.company)
kind = env["optica.occurrence.type"]._of_kind("birthday")
day = datetime.date(2026, 2, 11)

def some():
    letters = campaigns._candidates("birthday", env.company, day, limit=10)
    campaigns._decide(letters, kind, env.company, day, datetime.datetime(2026, 2, 11, 11))
    campaigns._send(letters, "birthday", env.company, day)
    env.flush_all()
    time.sleep(0.05)
    return letters

print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.01)
while env["contact.message"]._persist(some):
    env.invalidate_all()
"""
# Dies in its third batch: messages and proofs are written, the marks and the commit are not.
DIE = f"""{PREPARE}
mark, seen = Campaign._mark, []
def and_die(self, sendings):
    seen.append(1)
    if len(seen) == 3:
        env.flush_all()
        os.kill(os.getpid(), signal.SIGKILL)
    return mark(self, sendings)
Campaign._mark = and_die
Run._cron_campaigns()
"""
LOOK = """
import json
messages = env["contact.message"].search([("template_id.code", "=", "birthday")])
print("SEEN " + json.dumps({
    "people": messages.partner_id.ids, "messages": len(messages),
    "sendings": env["optica.campaign.sending"].search_count([("message_id", "!=", False)]),
    "marks": env["optica.occurrence.mark"].search_count([]),
    "runs": [[run.state, run.queued] for run in env["optica.campaign.run"].search([])],
}))
"""


def finished(process):
    output, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors[-3000:]
    return output


def look(odoo_process, name):
    output = finished(odoo_process(name, LOOK))
    [line] = [line for line in output.splitlines() if line.startswith("SEEN ")]
    return json.loads(line[5:])


def test_two_at_once_and_one_killed(clone_database, odoo_process, tmp_path):
    name = clone_database("campaign")
    finished(odoo_process(name, BUILD))
    killed = odoo_process(name, DIE)
    killed.communicate(timeout=200)
    assert killed.returncode == -signal.SIGKILL
    left = look(odoo_process, name)
    # Two batches of ten were committed; of the third nothing is left, the run is open.
    assert (left["messages"], left["sendings"], left["marks"]) == (20, 20, 20)
    assert left["runs"] == [["open", 20]]

    go = tmp_path / "go"
    both = [odoo_process(name, script, GO=str(go)) for script in (WORK, RIVAL)]
    for process in both:
        while process.stdout.readline().strip() != "ready":
            assert process.poll() is None, process.stderr.read()[-3000:]
    go.touch()
    for process in both:
        finished(process)
    seen = look(odoo_process, name)
    assert seen["messages"] == len(set(seen["people"])) == CUSTOMERS
    assert (seen["sendings"], seen["marks"]) == (CUSTOMERS, CUSTOMERS)
    [[state, queued]] = seen["runs"]
    assert state == "done"
    assert 20 <= queued <= CUSTOMERS
