"""A payment and the nightly evaluation at the same time: whoever comes first, the end is the same.

100.00 promised for 27 March with one day of tolerance; the statement of the 27th is entered by
another process while the night of the 29th is on.
"""

import pytest

PREPARE = """
import os, time
from datetime import date
from decimal import Decimal
from odoo import Command
from odoo.addons.optica_cobranca.tools.receiving.receiving_order import Method, ReceivingOrder
company = env.company
promise = env["dunning.promise"].search([], limit=1)
def wait_for(name):
    while not os.path.exists(os.environ[name]):
        time.sleep(0.02)
def pay(amount):
    journal = env["account.journal"].search(
        [("company_id", "=", company.id), ("type", "=", "bank")], limit=1)
    order = ReceivingOrder(on=date(2026, 3, 27), methods=(Method(journal, Decimal(amount)),))
    return env["crediario.receipt"]._receive(promise.move_line_ids, order)
def night():
    env["dunning.promise"]._evaluate_open(company, date(2026, 3, 29))
"""
BUILD = f"""{PREPARE}
plan = env["crediario.plan"].create({{
    "name": "Plan", "fine_percent": 0, "late_interest_percent": 0}})
customer = env["res.partner"].create({{"name": "Maria"}})
income = env["account.account"].search(
    [("company_ids", "in", company.ids), ("account_type", "=", "income")], limit=1)
general = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "general")], limit=1)
move = env["account.move"].create({{
    "move_type": "entry", "journal_id": general.id, "date": "2026-02-02",
    "partner_id": customer.id, "crediario_plan_id": plan.id, "installment_count": 1,
    "line_ids": [
        Command.create({{
            "account_id": customer.property_account_receivable_id.id, "partner_id": customer.id,
            "debit": 100.0, "date_maturity": "2026-03-02", "installment_number": 1}}),
        Command.create({{"account_id": income.id, "credit": 100.0}})]}})
move.action_post()
env["dunning.promise"].create({{
    "partner_id": customer.id, "company_id": company.id, "date": "2026-03-27",
    "tolerance_days": 1, "amount": 100.0, "user_id": env.uid,
    "move_line_ids": [Command.set(move.installment_ids.ids)],
    "registered_at": "2026-03-20 12:00:00", "first_registered_on": "2026-03-20",
    **env["dunning.promise"]._watermarks()}})
env.cr.commit()
"""
# Pays, tells so, and keeps its transaction open until the file is there.
PAYMENT = f"""{PREPARE}
pay("100.00")
env.cr.flush()
print("paid", flush=True)
wait_for("GO")
env.cr.commit()
"""
NIGHT = f"""{PREPARE}
night()
print("over", flush=True)
"""
# The night has found the promise broken and not committed yet.
SLOW_NIGHT = f"""{PREPARE}
env["dunning.promise"]._claim(company, 0)._evaluate(date(2026, 3, 29))
env.flush_all()
print("evaluated", flush=True)
wait_for("GO")
env.cr.commit()
"""
# As Odoo does with every request: again from the start after a conflict.
RETRIED_PAYMENT = f"""{PREPARE}
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
for attempt in range(5):
    try:
        pay("100.00")
        print("paying", flush=True)
        env.cr.commit()
        break
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        env.cr.rollback()
        env.invalidate_all()
"""
LOOK = f"""{PREPARE}
print(promise.state, promise.paid_amount, len(promise.activity_ids))
"""


@pytest.fixture
def built(clone_database, odoo_process):
    name = clone_database("promise")
    assert odoo_process(name, BUILD).wait(120) == 0
    return name


def look(odoo_process, name):
    seen, _errors = odoo_process(name, LOOK).communicate(timeout=120)
    return seen.split()


def test_the_night_comes_while_a_payment_is_on(built, odoo_process, tmp_path):
    """The night leaves the promise to the payment; the next night finds it as it should be."""
    go = tmp_path / "go"
    payment = odoo_process(built, PAYMENT, GO=str(go))
    assert payment.stdout.readline().strip() == "paid"
    night = odoo_process(built, NIGHT)
    assert night.stdout.readline().strip() == "over"
    go.touch()
    assert payment.wait(120) == night.wait(120) == 0
    assert look(odoo_process, built) == ["kept", "100.0", "0"]
    assert odoo_process(built, NIGHT).wait(120) == 0
    assert look(odoo_process, built) == ["kept", "100.0", "0"]


def test_a_payment_comes_while_the_night_is_on(built, odoo_process, tmp_path):
    go = tmp_path / "go"
    night = odoo_process(built, SLOW_NIGHT, GO=str(go))
    assert night.stdout.readline().strip() == "evaluated"
    payment = odoo_process(built, RETRIED_PAYMENT)
    assert payment.stdout.readline().strip() == "paying"
    go.touch()
    assert night.wait(120) == payment.wait(120) == 0
    assert look(odoo_process, built) == ["kept", "100.0", "0"]


def test_one_after_the_other(built, odoo_process):
    assert odoo_process(built, NIGHT).wait(120) == 0
    assert look(odoo_process, built) == ["broken", "0.0", "1"]
    assert odoo_process(built, RETRIED_PAYMENT).wait(120) == 0
    assert look(odoo_process, built) == ["kept", "100.0", "0"]
