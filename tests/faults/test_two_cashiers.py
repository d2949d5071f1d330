"""Two cashiers, two real transactions, one installment: one receives, the other is told so."""

import time

PREPARE = """
from datetime import date
from decimal import Decimal
from odoo import Command
from odoo.addons.optica_cobranca.tools.receiving.receiving_order import Method, ReceivingOrder
company = env.company
journal = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "bank")], limit=1)
line = env["account.move.line"].search(
    [("crediario_plan_id", "!=", False), ("parent_state", "=", "posted")], limit=1)
def receive():
    order = ReceivingOrder(on=date(2026, 3, 2), methods=(Method(journal, Decimal("100.00")),))
    return env["crediario.receipt"]._receive(line, order)
"""
BUILD = f"""{PREPARE}
plan = env["crediario.plan"].create({{"name": "Plan"}})
customer = env["res.partner"].create({{"name": "Maria"}})
income = env["account.account"].search(
    [("company_ids", "in", company.ids), ("account_type", "=", "income")], limit=1)
general = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "general")], limit=1)
env["account.move"].create({{
    "move_type": "entry", "journal_id": general.id, "date": "2026-02-02",
    "partner_id": customer.id, "crediario_plan_id": plan.id, "installment_count": 1,
    "line_ids": [
        Command.create({{
            "account_id": customer.property_account_receivable_id.id, "partner_id": customer.id,
            "debit": 100.0, "date_maturity": "2026-03-02", "installment_number": 1}}),
        Command.create({{"account_id": income.id, "credit": 100.0}})]}}).action_post()
env.cr.commit()
"""
# Receives, tells so, and keeps its transaction open until the file is there.
FIRST = f"""{PREPARE}
import os, time
receive()
env.flush_all()
print("holding", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
env.cr.commit()
"""
# Reads what is open, tries to receive it, and tries again once the first one is done.
SECOND = f"""{PREPARE}
import os, time
import psycopg2
from odoo.exceptions import UserError
def attempt():
    try:
        receive()
        return "received"
    except UserError as error:
        return str(error)
    except psycopg2.errors.SerializationFailure:
        env.cr.rollback()  # as Odoo does with every request that it repeats
        env.invalidate_all()
        return attempt()
print(line.amount_residual, attempt(), flush=True)
open(os.environ["GO"], "w").close()
time.sleep(2)
print(attempt(), flush=True)
"""
LOOK = f"""{PREPARE}
receipts = env["crediario.receipt"].search([])
print(len(receipts), line.amount_residual, sum(receipts.payment_ids.mapped("amount")))
"""


def test_one_receives_and_the_other_is_refused(clone_database, odoo_process, tmp_path):
    name, go = clone_database("cashiers"), str(tmp_path / "go")
    assert odoo_process(name, BUILD).wait(120) == 0
    first = odoo_process(name, FIRST, GO=go)
    assert first.stdout.readline().strip() == "holding"
    second = odoo_process(name, SECOND, GO=go)
    told, _errors = second.communicate(timeout=120)
    assert first.wait(60) == 0
    refused, paid = told.strip().splitlines()
    assert refused.startswith("100.0 Another cashier is receiving")
    assert "is paid already" in paid
    time.sleep(0.1)
    seen, _errors = odoo_process(name, LOOK).communicate(timeout=120)
    assert seen.split() == ["1", "0.0", "100.0"]
