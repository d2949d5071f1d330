"""Two screens accept an offer at the same moment: one agreement, booked once."""

import pytest

PREPARE = """
import os, time
from datetime import date
from decimal import Decimal
from odoo import Command
from odoo.exceptions import UserError
from odoo.addons.optica_cobranca.domain.agreement.self_service import Choice
from odoo.addons.optica_cobranca.models.agreement.crediario_acceptance import text_digest
from odoo.addons.optica_cobranca.tools.receiving.customer_proof import CustomerProof
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
company = env.company
customer = env["res.partner"].search([("name", "=", "Maria of the race")], limit=1)
Agreement = env["crediario.agreement"]
def wait_for(name):
    while not os.path.exists(os.environ[name]):
        time.sleep(0.02)
def agree():
    service = Agreement._self_service_of(customer, company)
    choice = service.offers.answers[0].choice
    answer = Agreement._work_out(service, choice)
    digest = text_digest(Agreement._terms_of_answer(service, answer))
    return Agreement._agree(service, choice, digest, CustomerProof("link", "127.0.0.1"))
"""
BUILD = f"""{PREPARE}
from datetime import timedelta
company.write({{"self_service": True, "self_service_down_percent": 0, "self_service_min_parts": 2,
    "self_service_months": 0}})
plan = env["crediario.plan"].create({{"name": "Plan"}})
customer = env["res.partner"].create({{"name": "Maria of the race"}})
income = env["account.account"].search(
    [("company_ids", "in", company.ids), ("account_type", "=", "income")], limit=1)
general = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "general")], limit=1)
due = date.today() - timedelta(days=40)
move = env["account.move"].create({{
    "move_type": "entry", "journal_id": general.id, "date": due, "partner_id": customer.id,
    "crediario_plan_id": plan.id, "installment_count": 1,
    "line_ids": [
        Command.create({{
            "account_id": customer.property_account_receivable_id.id, "partner_id": customer.id,
            "debit": 300.0, "date_maturity": due, "installment_number": 1}}),
        Command.create({{"account_id": income.id, "credit": 300.0}})]}})
move.action_post()
env.cr.commit()
"""
# Agrees, tells so, and keeps its transaction open until the file is there.
SLOW = f"""{PREPARE}
agree()
env.cr.flush()
print("agreed", flush=True)
wait_for("GO")
env.cr.commit()
"""
QUICK = f"""{PREPARE}
try:
    agree()
    print("agreed", flush=True)
    env.cr.commit()
except UserError as refusal:
    print("refused", flush=True)
"""
# As Odoo does with every request: again from the start after a conflict.
STARTED_BEFORE = f"""{PREPARE}
for attempt in range(5):
    try:
        service = Agreement._self_service_of(customer, company)
        if not attempt:
            print("looking", flush=True)
            wait_for("GO")
        if not service.offers.answers:
            print(*service.offers.refusals, flush=True)
            break
        agree()
        env.cr.commit()
        print("agreed", flush=True)
        break
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        env.cr.rollback()
        env.invalidate_all()
"""
LOOK = f"""{PREPARE}
found = Agreement.search([("partner_id", "=", customer.id)])
entries = env["account.move"].search([("agreement_id", "in", found.ids)])
owed = env["account.move.line"].search(
    [("partner_id", "=", customer.id), ("crediario_plan_id", "!=", False),
     ("parent_state", "=", "posted")])
print(len(found), len(entries), found.state, len(found.acceptance_ids), len(owed))
"""


@pytest.fixture
def built(clone_database, odoo_process):
    name = clone_database("agreements")
    assert odoo_process(name, BUILD).wait(120) == 0
    return name


def look(odoo_process, name):
    seen, _errors = odoo_process(name, LOOK).communicate(timeout=120)
    return seen.split()


def test_the_second_one_is_told_to_look_again(built, odoo_process, tmp_path):
    go = tmp_path / "go"
    slow = odoo_process(built, SLOW, GO=str(go))
    assert slow.stdout.readline().strip() == "agreed"
    quick = odoo_process(built, QUICK)
    assert quick.stdout.readline().strip() == "refused"
    go.touch()
    assert slow.wait(120) == quick.wait(120) == 0
    assert look(odoo_process, built) == ["1", "1", "open", "1", "3"]


def test_who_looked_before_finds_the_agreement(built, odoo_process, tmp_path):
    go = tmp_path / "go"
    late = odoo_process(built, STARTED_BEFORE, GO=str(go))
    assert late.stdout.readline().strip() == "looking"
    quick = odoo_process(built, QUICK)
    assert quick.stdout.readline().strip() == "agreed"
    assert quick.wait(120) == 0
    go.touch()
    answer, _errors = late.communicate(timeout=120)
    assert "agreed" not in answer
    assert look(odoo_process, built) == ["1", "1", "open", "1", "3"]
