"""Two real transactions and one drawer: nothing received is left out of a closing."""

import pytest

PREPARE = """
from decimal import Decimal
from odoo import Command, fields
from odoo.addons.optica_cobranca.tools.receiving.receiving_order import Method, ReceivingOrder
root = env
user = env["res.users"].search([("login", "=", "drawer.ana")], limit=1)
if user:
    env = env(user=user.id, su=False)
company = env.company
"""
BUILD = f"""{PREPARE}
company._create_counter_methods()
env["res.users"].create({{
    "name": "Ana", "login": "drawer.ana", "company_id": company.id,
    "company_ids": [Command.set(company.ids)],
    "group_ids": [Command.set(env.ref("optica_cobranca.group_cashier").ids)]}})
plan = env["crediario.plan"].create({{"name": "Plan"}})
customer = env["res.partner"].create({{"name": "Maria"}})
income = env["account.account"].search(
    [("company_ids", "in", company.ids), ("account_type", "=", "income")], limit=1)
general = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "general")], limit=1)
env["account.move"].create({{
    "move_type": "entry", "journal_id": general.id, "date": "2026-02-02",
    "partner_id": customer.id, "crediario_plan_id": plan.id, "installment_count": 2,
    "line_ids": [
        *(Command.create({{
            "account_id": customer.property_account_receivable_id.id, "partner_id": customer.id,
            "debit": 100.0, "date_maturity": "2099-03-02", "installment_number": number}})
          for number in (1, 2)),
        Command.create({{"account_id": income.id, "credit": 200.0}})]}}).action_post()
env.cr.commit()
"""
OPEN = f"""{PREPARE}
env["crediario.cash.day"]._open(company._usual_cash_journal(), 50.0)
env.cr.commit()
"""
WORK = f"""{PREPARE}
import os, time
import psycopg2
from odoo.exceptions import UserError
lines = env["account.move.line"].search(
    [("crediario_plan_id", "!=", False), ("parent_state", "=", "posted")], order="id")
day = env["crediario.cash.day"].search([("state", "=", "open")])
def receive(position):
    method = Method(company._usual_cash_journal(), Decimal("100.00"))
    order = ReceivingOrder(on=fields.Date.context_today(lines), methods=(method,))
    return env["crediario.receipt"]._receive(lines[position], order)
def repeated(work):
    # As Odoo does with every request that met another one.
    for _attempt in range(5):
        try:
            work()
            env.flush_all()
            env.cr.commit()
            return "done"
        except psycopg2.errors.SerializationFailure:
            env.cr.rollback()
            env.invalidate_all()
        except UserError as error:
            env.cr.rollback()
            return str(error)
"""
# Receives, tells so, and keeps its transaction open until the file is there.
RECEIVING = f"""{WORK}
receive(0)
env.flush_all()
print("holding", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
env.cr.commit()
"""
# Has read everything before the other one ends, and closes what it believes to be there.
CLOSING = f"""{WORK}
print(day.amount_expected, len(lines), flush=True)
open(os.environ["GO"], "w").close()
print(repeated(lambda: day._close(50.0)), flush=True)
print(repeated(lambda: day._close(150.0)), flush=True)
print(repeated(lambda: receive(1)), flush=True)
"""
LOOK = f"""{PREPARE}
for day in env["crediario.cash.day"].search([], order="id"):
    print(day.state, day.opening_amount, day.amount_received, day.closing_amount)
"""
KILLED = f"""{WORK}
receive(0)
env.flush_all()
print("holding", flush=True)
time.sleep(600)
"""
TWICE = f"""{PREPARE}
import os, time
day = env["crediario.cash.day"]._open(company._usual_cash_journal(), 50.0)
print("holding", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
env.cr.commit()
"""
SECOND = f"""{PREPARE}
import psycopg2
open(os.environ["GO"], "w").close() if (os := __import__("os")) else None
try:
    env["crediario.cash.day"]._open(company._usual_cash_journal(), 50.0)
    env.cr.commit()
    print("opened")
except psycopg2.Error as error:
    print(type(error).__name__)
"""


@pytest.fixture
def shop(clone_database, odoo_process):
    """A database with a cashier and two open installments; runs scripts in it."""
    name = clone_database("drawer")

    def run(script, **variables):
        return odoo_process(name, script, **variables)

    assert run(BUILD).wait(120) == 0
    return run


def told(process):
    output, _errors = process.communicate(timeout=120)
    return output.strip().splitlines()


def test_a_payment_in_another_window_is_part_of_the_closing(shop, tmp_path):
    """50.00 + 100.00: the closing with 50.00 sees the payment and is refused, 150.00 is right."""
    go = str(tmp_path / "go")
    assert shop(OPEN).wait(120) == 0
    receiving = shop(RECEIVING, GO=go)
    assert receiving.stdout.readline().strip() == "holding"
    before, refused, closed, received = told(shop(CLOSING, GO=go))
    assert receiving.wait(60) == 0
    assert before == "50.0 2"
    assert "should be there" in refused
    assert closed == received == "done"
    assert told(shop(LOOK)) == ["closed 50.0 100.0 150.0", "open 150.0 100.0 0.0"]


def test_a_cashier_killed_while_receiving_leaves_nothing_behind(shop):
    assert shop(OPEN).wait(120) == 0
    victim = shop(KILLED)
    assert victim.stdout.readline().strip() == "holding"
    victim.kill()
    victim.wait(60)
    assert told(shop(LOOK)) == ["open 50.0 0.0 0.0"]


def test_a_double_click_opens_one_day(shop, tmp_path):
    go = str(tmp_path / "go")
    first = shop(TWICE, GO=go)
    assert first.stdout.readline().strip() == "holding"
    [second] = told(shop(SECOND, GO=go))
    assert first.wait(60) == 0
    assert second in ("UniqueViolation", "SerializationFailure")
    assert told(shop(LOOK)) == ["open 50.0 0.0 0.0"]
