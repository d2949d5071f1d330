"""Pix with real processes: two workers at once, kill -9 between bank and ledger, webhook beside
polling. The bank is a stand-in in a process of its own; whatever happens, each Pix is booked once.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg2
import pytest

from odoo.addons.optica_cobranca.domain.shop.pix_reference import txid_for

FAKE = Path(__file__).parent.parent / "fakes" / "pix_server.py"
COUNT = 60
# Real contracts whose installments are paid by static reference: the bank has one Pix for each.
BUILD = """
from datetime import date
from odoo import Command
company = env.company
plan = env["crediario.plan"].create({"name": "Plan"})
income = env["account.account"].search(
    [("company_ids", "in", company.ids), ("account_type", "=", "income")], limit=1)
journals = env["account.journal"]
general = journals.search([("company_id", "=", company.id), ("type", "=", "general")], limit=1)
bank = journals.search([("company_id", "=", company.id), ("type", "=", "bank")], limit=1)
env["pix.account"].search([]).state = "disabled"
customers = env["res.partner"].create([{"name": "C %%s" %% k} for k in range(%(count)d)])
account = env["pix.account"].create({
    "name": "Bank", "profile": "other", "key": "pix@otica.example", "journal_id": bank.id,
    "client_id": "client-of-the-tests", "client_secret": "secret-of-the-tests",
    "base_url": %(url)r + "/pix/v2", "token_url": %(url)r + "/oauth/token", "state": "live"})
moves = env["account.move"].create([{
    "move_type": "entry", "journal_id": general.id, "date": date.today(),
    "partner_id": customer.id, "crediario_plan_id": plan.id, "installment_count": 1,
    "line_ids": [
        Command.create({
            "account_id": customer.property_account_receivable_id.id, "partner_id": customer.id,
            "debit": 100.0, "date_maturity": date.today(), "installment_number": 1}),
        Command.create({"account_id": income.id, "credit": 100.0})]}
    for customer in customers])
moves.action_post()
env.cr.commit()
print(",".join(map(str, moves.ids)), account.id)
"""
# Starts when a file appears, so that workers begin together.
TOGETHER = """
import os, time
open(%(ready)r, "w").close()
while not os.path.exists(%(go)r): time.sleep(0.01)
"""
POLL_AND_BOOK = """
env["pix.payment"]._cron_poll()
env["pix.payment"]._cron_payments()
"""
# What the webhook's controller does with the ids, then the job.
ANNOUNCE_AND_BOOK = """
from odoo.service.model import retrying
ids = %(ids)r
account = env["pix.account"].search([("state", "=", "live")])
retrying(lambda: env["pix.payment"]._announce(account, set(ids)), env)
env.cr.commit()
env["pix.payment"]._cron_payments()
"""


class Bank:
    """The stand-in as a process of its own."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, str(FAKE)], stdout=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().split()[1]

    def play(self, what: str, **body):
        request = urllib.request.Request(
            f"{self.url}/stand-in/{what}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def bank():
    started = Bank()
    yield started
    started.close()


def finished(process: subprocess.Popen) -> str:
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return output


def rows(database: str, query: str):
    connection = psycopg2.connect(dbname=database)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def settled(database: str) -> int:
    [(count,)] = rows(database, "SELECT count(*) FROM pix_payment WHERE state = 'settled'")
    return count


def wait_until(condition, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def assert_all_booked_once(database: str, count: int) -> None:
    """Each Pix is one row, one receipt, one entry; every installment is closed to the cent."""
    assert rows(
        database,
        """SELECT count(*), count(DISTINCT end_to_end_id), count(DISTINCT receipt_id)
             FROM pix_payment WHERE state = 'settled'""",
    ) == [(count, count, count)]
    assert rows(
        database,
        """SELECT count(*), sum(amount), max(abs(amount_residual)) FROM (
               SELECT line.id, line.amount_residual, sum(paid.amount) AS amount
                 FROM account_move_line line
                 JOIN account_partial_reconcile paid ON paid.debit_move_id = line.id
                WHERE line.crediario_plan_id IS NOT NULL
             GROUP BY line.id) found""",
    ) == [(count, count * 100, 0)]
    [(payments, money)] = rows(
        database, "SELECT count(*), sum(amount) FROM account_payment WHERE memo LIKE '%E0000%'"
    )
    assert (payments, money) == (count, count * 100)


def prepared(odoo_process, database: str, bank: Bank, count: int) -> list[str]:
    """A shop with ``count`` customers who have all just paid; the ids of their Pix."""
    told = finished(odoo_process(database, BUILD % {"url": bank.url, "count": count}))
    moves = told.split()[-2].split(",")
    return [
        bank.play("pay", txid=txid_for(int(move), 1), amount="100.00")["endToEndId"]
        for move in moves
    ]


def test_webhook_and_polling_at_the_same_moment(clone_database, odoo_process, bank, tmp_path):
    """Four workers, two told by the bank and two that asked it: each Pix is booked once."""
    database = clone_database("pix_two")
    ids = prepared(odoo_process, database, bank, COUNT)
    go = tmp_path / "go"
    workers, ready = [], []
    for number, work in enumerate((POLL_AND_BOOK, ANNOUNCE_AND_BOOK % {"ids": ids}) * 2):
        ready.append(tmp_path / f"ready{number}")
        start = TOGETHER % {"ready": str(ready[-1]), "go": str(go)}
        workers.append(odoo_process(database, start + work))
    wait_until(lambda: all(file.exists() for file in ready))
    go.touch()
    outcomes = [worker.communicate(timeout=300) for worker in workers]
    # A worker that met another one may give up its turn; the next minute does the rest.
    assert any(worker.returncode == 0 for worker in workers), outcomes
    finished(odoo_process(database, POLL_AND_BOOK))
    assert_all_booked_once(database, COUNT)


def test_killed_between_bank_and_ledger(clone_database, odoo_process, bank):
    """kill -9 again and again while Pix are read and booked: nothing lost, nothing twice."""
    database = clone_database("pix_killed")
    prepared(odoo_process, database, bank, COUNT)
    kills = 0
    for number in range(3):
        before = settled(database)
        worker = odoo_process(database, POLL_AND_BOOK)
        # The first dies before anything is booked, the others in the middle of it.
        wait_until(
            lambda before=before, number=number, worker=worker: (
                worker.poll() is not None
                or (rows(database, "SELECT count(*) FROM pix_payment") != [(0,)] and number == 0)
                or (number > 0 and settled(database) > before)
            )
        )
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            kills += 1
        worker.communicate()
    assert kills == 3
    assert settled(database) < COUNT, "the kills had nothing to hit"
    bank.play("forget")  # and the token ends, too
    finished(odoo_process(database, POLL_AND_BOOK))
    assert_all_booked_once(database, COUNT)


# Money of nobody known, of which 80.00 shall go back.
GIVE_BACK = """
env["pix.payment"]._cron_poll()
env["pix.payment"]._cron_payments()
pix = env["pix.payment"].search([("state", "=", "suspense")])
env["pix.refund"].create({"pix_payment_id": pix.id, "amount": 80.0})
env.cr.commit()
"""
REFUND = 'env["pix.refund"]._cron_refunds()'
BOOKLET = """
from datetime import date
account = env["pix.account"].search([("state", "=", "live")])
lines = env["account.move.line"].search([("installment_number", ">", 0)])
lines.partner_id.vat = "123.456.789-09"
env["pix.charge"]._charges_for_booklet(lines, date.today(), account)
env.cr.commit()
"""
CHARGES = 'env["pix.charge"]._cron_charges()'
# What the customer's page does.
ASK_FOR_CODE = """
from datetime import date
line = env["account.move.line"].search([("installment_number", ">", 0)])
env["pix.charge"]._charge_for(line, date.today())
env.cr.commit()
"""
SILENT = {"kind": "silence", "latency": 60.0}


def killed_while_the_bank_thinks(odoo_process, database, bank, work, is_done):
    """A worker whose bank has done it, and never gets to know."""
    worker = odoo_process(database, work)
    wait_until(lambda: is_done(bank.play("look")) or worker.poll() is not None)
    assert worker.poll() is None, worker.communicate()
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()


def written(database: str, statement: str) -> None:
    """By somebody else, at once."""
    connect = contextlib.closing(psycopg2.connect(dbname=database))
    with connect as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)


def later(database: str, table: str) -> None:
    """What was leased by somebody who died is free again."""
    written(database, f"UPDATE {table} SET next_try_at = NULL")


def test_refund_killed_after_the_bank_has_done_it(clone_database, odoo_process, bank):
    """kill -9 between the bank and our row: looked up, booked once, asked for once."""
    database = clone_database("pix_refund_killed")
    finished(odoo_process(database, BUILD % {"url": bank.url, "count": 1}))
    bank.play("pay", txid="", amount="100.00")
    finished(odoo_process(database, GIVE_BACK))
    bank.play("on", method="PUT", part="/devolucao/", **SILENT)
    killed_while_the_bank_thinks(odoo_process, database, bank, REFUND, lambda seen: seen["refunds"])
    assert rows(database, "SELECT state FROM pix_refund") == [("unsure",)]
    for _minute in range(2):
        later(database, "pix_refund")
        finished(odoo_process(database, REFUND))
    seen = bank.play("look")
    assert [each["valor"] for each in seen["refunds"].values()] == ["80.00"]
    assert sum(asked.startswith("PUT") and "devolucao" in asked for asked in seen["asked"]) == 1
    assert rows(database, "SELECT state, amount FROM pix_refund") == [("done", 80)]
    assert rows(
        database,
        "SELECT count(*), sum(amount) FROM account_payment WHERE payment_type = 'outbound'",
    ) == [(1, 80)]


def test_refund_whose_row_changes_while_the_bank_thinks(clone_database, odoo_process, bank):
    """Whoever writes to it meanwhile does not wait, and it is looked up, not asked for again."""
    database = clone_database("pix_refund_race")
    finished(odoo_process(database, BUILD % {"url": bank.url, "count": 1}))
    bank.play("pay", txid="", amount="100.00")
    finished(odoo_process(database, GIVE_BACK))
    bank.play("on", method="PUT", part="/devolucao/", kind="silence", latency=5.0)
    worker = odoo_process(database, REFUND)
    wait_until(lambda: bank.play("look")["refunds"] or worker.poll() is not None)
    written(database, "SET lock_timeout = '1s'; UPDATE pix_refund SET reason = 'Glasses came back'")
    finished(worker)
    for _minute in range(2):
        later(database, "pix_refund")
        finished(odoo_process(database, REFUND))
    asked = bank.play("look")["asked"]
    assert sum(each.startswith("PUT") and "devolucao" in each for each in asked) == 1
    assert rows(database, "SELECT state, amount, reason FROM pix_refund") == [
        ("done", 80, "Glasses came back")
    ]


def test_nobody_waits_behind_a_pix_that_is_being_read(clone_database, odoo_process, bank):
    """The bank's next call about it writes to its row at once."""
    database = clone_database("pix_read_race")
    [pix] = prepared(odoo_process, database, bank, 1)
    bank.play("on", method="GET", part=f"/pix/{pix}", kind="silence", latency=5.0)
    worker = odoo_process(database, ANNOUNCE_AND_BOOK % {"ids": [pix]})
    asks = f"/pix/{pix}"
    wait_until(
        lambda: (
            any(asks in asked for asked in bank.play("look")["asked"]) or worker.poll() is not None
        )
    )
    written(database, "SET lock_timeout = '1s'; UPDATE pix_payment SET tries = 0")
    finished(worker)
    later(database, "pix_payment")
    finished(odoo_process(database, 'env["pix.payment"]._cron_payments()'))
    assert_all_booked_once(database, 1)


def test_batch_killed_after_the_bank_has_made_it(clone_database, odoo_process, bank):
    """Every code that can be paid at the bank is one that we know, and there is one for each."""
    database = clone_database("pix_batch_killed")
    finished(odoo_process(database, BUILD % {"url": bank.url, "count": 3}))
    finished(odoo_process(database, BOOKLET))
    bank.play("on", method="PUT", part="/lotecobv/", **SILENT)
    killed_while_the_bank_thinks(
        odoo_process, database, bank, CHARGES, lambda seen: len(seen["charges"]) > 0
    )
    later(database, "pix_charge")
    finished(odoo_process(database, CHARGES))
    ours = rows(database, "SELECT txid FROM pix_charge WHERE state = 'active' ORDER BY txid")
    payable = bank.play("look")["charges"]
    assert len(ours) > 0
    assert [txid for (txid,) in ours] == sorted(
        txid for txid, each in payable.items() if each["status"] == "ATIVA"
    )


def test_code_killed_after_the_bank_has_made_it(clone_database, odoo_process, bank):
    """A code that no row tells of is withdrawn; nobody waits for the bank behind a lock."""
    database = clone_database("pix_code_killed")
    finished(odoo_process(database, BUILD % {"url": bank.url, "count": 1}))
    bank.play("on", method="PUT", part="/cob/", **SILENT)
    killed_while_the_bank_thinks(
        odoo_process, database, bank, ASK_FOR_CODE, lambda seen: len(seen["charges"]) > 0
    )
    assert rows(database, "SELECT count(*) FROM pix_charge WHERE kind <> 'static'") == [(0,)]
    connection = psycopg2.connect(dbname=database)
    with contextlib.closing(connection), connection, connection.cursor() as cursor:
        cursor.execute("UPDATE pix_attempt SET asked_at = asked_at - interval '11 minutes'")
    bank.play("on", method="PATCH", part="/cob/", **SILENT)
    worker = odoo_process(database, CHARGES)
    wait_until(
        lambda: (
            any(asked.startswith("PATCH") for asked in bank.play("look")["asked"])
            or worker.poll() is not None
        )
    )
    assert worker.poll() is None, worker.communicate()
    # A cashier who receives the installment writes to its charge meanwhile.
    locked = "SELECT count(*) FROM (SELECT 1 FROM pix_charge FOR UPDATE NOWAIT) found"
    assert rows(database, locked) == [(1,)]
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    later(database, "pix_charge")
    finished(odoo_process(database, CHARGES))
    assert rows(database, "SELECT state FROM pix_charge") == [("cancelled",)]
    [charge] = bank.play("look")["charges"].values()
    assert charge["status"] == "REMOVIDA_PELO_USUARIO_RECEBEDOR"
    assert rows(database, "SELECT count(*) FROM pix_attempt") == [(0,)]
