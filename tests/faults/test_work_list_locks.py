"""Two collectors in two processes reach for the same customers, with real commits."""

PREPARE = """
import datetime
from odoo import Command
company = env.company
user = env["res.users"].search([("login", "=", "NAME")])
work = env["dunning.work"].with_user(user).with_context(allowed_company_ids=company.ids)
"""
BUILD = """
import datetime
from odoo import Command
company = env.company
group = env.ref("optica_cobranca.group_collector")
for login in ("ana", "bia"):
    env["res.users"].create({"name": login, "login": login, "group_ids": [Command.set(group.ids)]})
plan = env["crediario.plan"].create({"name": "Plan"})
income = env["account.account"].search(
    [("company_ids", "in", company.ids), ("account_type", "=", "income")], limit=1)
general = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "general")], limit=1)
due = str(datetime.date.today() - datetime.timedelta(days=20))
for name, amount in (("First", 200.0), ("Second", 100.0)):
    customer = env["res.partner"].create({"name": name, "phone": "+55 11 96123-4567"})
    env["account.move"].create({
        "move_type": "entry", "journal_id": general.id, "date": due, "partner_id": customer.id,
        "crediario_plan_id": plan.id, "installment_count": 1,
        "line_ids": [
            Command.create({
                "account_id": customer.property_account_receivable_id.id,
                "partner_id": customer.id, "debit": amount, "date_maturity": due,
                "installment_number": 1}),
            Command.create({"account_id": income.id, "credit": amount})]}).action_post()
env.cr.commit()
"""
# Takes the first customer, tells so, and keeps its transaction open until the file is there.
HOLD = """
import os, time
print(work.take_next({})["name"], flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
env.cr.commit()
"""
# Does not wait for the one above: the first customer counts as taken.
PASS_BY = """
first = env["res.partner"].search([("name", "=", "First")])
print(work.take_next({})["name"], bool(work.take(first.id, company.id)["locked_by"]), flush=True)
env.cr.rollback()
open(__import__("os").environ["GO"], "w").close()
"""
# Its transaction began before the colleague's ended: refused once, then it sees who has it.
LATE = """
import os, time
import psycopg2
env.cr.execute("SELECT count(*) FROM dunning_work_lock")
print("began", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
time.sleep(1)
first = env["res.partner"].search([("name", "=", "First")])
try:
    print("taken", work.take(first.id, company.id)["locked_by"], flush=True)
except psycopg2.errors.SerializationFailure:
    env.cr.rollback()  # as Odoo does with every request that it repeats
    env.invalidate_all()
    print("refused", work.take(first.id, company.id)["locked_by"], flush=True)
"""
LOOK = """
env.cr.execute("SELECT u.login FROM dunning_work_lock k JOIN res_users u ON u.id = k.user_id")
print(env.cr.fetchall())
"""


def script(login, body):
    return PREPARE.replace("NAME", login) + body


def test_a_customer_who_is_being_taken_is_passed_by(clone_database, odoo_process, tmp_path):
    name, go = clone_database("work"), str(tmp_path / "go")
    assert odoo_process(name, BUILD).wait(120) == 0
    first = odoo_process(name, script("ana", HOLD), GO=go)
    assert first.stdout.readline().strip() == "First"
    late = odoo_process(name, script("bia", LATE), GO=go)
    assert late.stdout.readline().strip() == "began"
    passing = odoo_process(name, script("bia", PASS_BY), GO=go)
    told, _errors = passing.communicate(timeout=120)
    assert told.split() == ["Second", "True"]
    assert first.wait(60) == 0
    told, _errors = late.communicate(timeout=120)
    assert told.split() == ["refused", "ana"]
    seen, _errors = odoo_process(name, LOOK).communicate(timeout=120)
    assert seen.strip() == "[('ana',)]"


def test_nobody_else_is_shut_out_when_a_process_dies(clone_database, odoo_process, tmp_path):
    name, go = clone_database("died"), str(tmp_path / "go")
    assert odoo_process(name, BUILD).wait(120) == 0
    victim = odoo_process(name, script("ana", HOLD), GO=go)
    assert victim.stdout.readline().strip() == "First"
    victim.kill()
    victim.wait()
    take = script("bia", 'print(work.take_next({})["name"])\n')
    told, _errors = odoo_process(name, take).communicate(timeout=120)
    assert told.strip() == "First"
