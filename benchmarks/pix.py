"""Received Pix from the bank's answer to closed installments, entries and receipts.

``./dev bench pix [--rows 10000] [--workers 2]``: builds as many open installments, a charge of the
day for each, and the Pix that pay them; then so many processes store and book them together, as
the scheduler's workers do. Every Pix told twice, every sum checked at the end.
"""

import argparse
import subprocess
import sys
from datetime import date, datetime, time, timezone
from decimal import Decimal
from time import perf_counter

from odoo.fields import Command
from odoo.tools import SQL

from benchmarks import harness, ledger

# Today: what is older is no news, and the customer would not be thanked.
DAY = date.today()
PAID_AT = datetime.combine(DAY, time(15), timezone.utc)
CHUNK = 1000
COMMAND = "from benchmarks import pix; pix.work()"


def main(argv):
    parser = argparse.ArgumentParser(prog="bench pix", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000, help="Pix received")
    parser.add_argument("--workers", type=int, default=2, help="processes that book them")
    options = parser.parse_args(argv)
    with harness.odoo_environment() as env:
        ledger.build(env, options.rows, DAY)
        env.company.contact_on_payment = True
        account = make_account(env)
        lines = env["account.move.line"].search(
            [("crediario_plan_id", "!=", False), ("parent_state", "=", "posted")],
            order="id",
            limit=options.rows,
        )
        charge_all(env, lines, account)
        env.cr.commit()
        with harness.measured() as intake:
            for _time in range(2):
                take_in(env, account)
        env.cr.commit()
    with harness.measured() as work:
        seconds, queries = share(options.workers)
    with harness.odoo_environment() as env:
        check(env, options.rows)
    work.seconds, work.queries = seconds, queries
    return harness.report(
        "pix",
        options.rows,
        work,
        workers=options.workers,
        per_second=options.rows / seconds,
        per_second_a_worker=options.rows / seconds / options.workers,
        queries_a_pix=queries / options.rows,
        stored_per_second=2 * options.rows / intake.seconds,
    )


def make_account(env):
    """The sandbox: what is measured is our side."""
    journal = env["account.journal"].search(
        [("company_id", "=", env.company.id), ("type", "=", "bank")], limit=1
    )
    return env["pix.account"].create(
        {
            "name": "Bench",
            "profile": "sandbox",
            "state": "test",
            "key": "pix@otica.example",
            "journal_id": journal.id,
        }
    )


def charge_all(env, lines, account):
    """A charge over today's exact amount of each installment, as a bank would have it."""
    from odoo.addons.optica_cobranca.domain.pix.pix_txid import (
        dynamic_txid,  # once Odoo has started
    )

    Charge = env["pix.charge"]
    for start in range(0, len(lines), CHUNK):
        some = lines[start : start + CHUNK]
        parts = some._pix_parts(DAY)
        Charge.create(
            [
                {
                    **Charge._amount_vals(DAY, {line.id: parts[line.id]}),
                    "company_id": env.company.id,
                    "partner_id": line.partner_id.id,
                    "kind": "cob",
                    "state": "active",
                    "account_id": account.id,
                    "line_ids": [Command.set(line.ids)],
                    "line_key": line._pix_line_key(),
                    "txid": dynamic_txid(line.move_id.id, line.installment_number, line.id),
                }
                for line in some
            ]
        )
        env.cr.commit()
        env.invalidate_all()


def take_in(env, account):
    """The bank's pages, of a hundred Pix each."""
    from odoo.addons.optica_cobranca.clients.bank.pix_shapes import (
        PixAnswer,  # once Odoo has started
    )
    from odoo.addons.optica_cobranca.domain.pix.pix_received import Received

    env.cr.execute(
        SQL("SELECT txid, amount FROM pix_charge WHERE account_id = %s ORDER BY id", account.id)
    )
    answers = [
        PixAnswer(f"E{number:031d}", txid, Received(Decimal(str(amount))), PAID_AT)
        for number, (txid, amount) in enumerate(env.cr.fetchall())
    ]
    for start in range(0, len(answers), 100):
        env["pix.payment"]._take_in(account, answers[start : start + 100])
        env.cr.commit()


def share(workers):
    """Let so many processes book together: (seconds, queries of all)."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _worker in range(workers)
    ]
    for process in processes:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("A worker did not start.")
    started = perf_counter()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    queries = sum(int(process.stdout.readline()) for process in processes)
    seconds = perf_counter() - started
    for process in processes:
        process.communicate()
    return seconds, queries


def work():
    """What one process does; its standard input says when."""
    with harness.odoo_environment() as env:
        print("ready", flush=True)
        sys.stdin.readline()
        with harness.measured() as mine:
            env["pix.payment"]._book_waiting()
        print(mine.queries, flush=True)


def check(env, rows):
    """Each Pix booked once, for what it was, and nothing left of its installment."""
    expected = "SELECT count(*), sum(amount) FROM pix_charge WHERE account_id IS NOT NULL"
    env.cr.execute(expected)
    asked = env.cr.fetchone()
    for query in (
        "SELECT count(DISTINCT receipt_id), sum(amount) FROM pix_payment WHERE state = 'settled'",
        "SELECT count(*), sum(amount) FROM account_payment WHERE memo LIKE '%E0000%'",
        "SELECT count(DISTINCT move_line_id), sum(amount) FROM crediario_receipt_line",
    ):
        env.cr.execute(query)
        found = env.cr.fetchone()
        if found != asked or found[0] != rows:
            raise AssertionError(f"{query}: {found}, not {asked} of {rows}")
    env.cr.execute("SELECT count(DISTINCT res_id) FROM contact_message WHERE state = 'queued'")
    if env.cr.fetchone() != (rows,):
        raise AssertionError("Not every customer is thanked")
    env.cr.execute(
        """SELECT count(*) FROM account_move_line line
             JOIN pix_charge_line_rel rel ON rel.line_id = line.id WHERE amount_residual <> 0"""
    )
    if env.cr.fetchone() != (0,):
        raise AssertionError("Paid installments are still open")
