"""How fast a customer's pages come, from the socket to the last byte, in a large ledger.

``./dev bench portal [--rows 1000000] [--installments 500] [--calls 60]``: an Odoo server in a
process of its own, a ledger of so many open installments, and one customer who has so many of them
in contracts of ten. The customer opens the list, one contract, the choice of what to pay, the
review of paying everything and the request of another date, by login and by private link, in turns.
``p95_ms`` is the 95th percentile over all calls, and that of each page stands beside it; more than
150 ms, or more than 20 queries for a page, fails the benchmark.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import requests

from odoo.fields import Command
from odoo.tools import SQL

from . import harness, ledger
from .webhook import odoo_server

LOGIN = "portal-benchmark"
MOST_MS = 150
MOST_QUERIES = 20
WARM_UP = 3
# The server's log ends a request's line with its queries, their seconds and all other seconds.
REQUEST_LINE = re.compile(r'"GET (\S+) HTTP/1\.[01]" 200 - (\d+) [\d.]+ [\d.]+')


def main(argv: Sequence[str]) -> int:
    """Measure; fails when a page is slower or asks more than it may."""
    options = argparse.ArgumentParser(prog="portal", description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000, help="open installments in all")
    options.add_argument("--installments", type=int, default=500, help="of the customer")
    options.add_argument("--calls", type=int, default=60, help="of each page")
    given = options.parse_args(argv)
    with harness.odoo_environment() as env:
        ledger.build(env, given.rows, date.today(), ledger.TENTH_LATE)
        customer, contract = _make_customer(env, given.installments)
        links = env["crediario.customer.link"]
        [token] = links._issue([(customer.id, env.company.id)]).values()
        pages = _pages(contract.id, links._find_by_token(token).id)
    with tempfile.TemporaryDirectory() as room, odoo_server(Path(room) / "log") as (url, server):
        calls, work = _get_all(url, pages, token, given.calls)
        work.peak_mb = harness.peak_mb(server.pid)
        queries = _queries(Path(room) / "log", pages)
    work.queries = sum(sum(of_page) for of_page in queries.values())
    all_calls = [seconds for of_page in calls.values() for seconds in of_page]
    p95 = harness.percentile(all_calls, 0.95) * 1000
    figures = {f"p95_{name}_ms": harness.percentile(c, 0.95) * 1000 for name, c in calls.items()}
    most = {f"queries_{name}": max(of_page[WARM_UP:]) for name, of_page in queries.items()}
    harness.report(
        "portal", given.rows, work, p95_ms=p95, **figures, **most, load=os.getloadavg()[0]
    )
    slow = [name for name, value in figures.items() if value > MOST_MS]
    asking = [name for name, count in most.items() if count > MOST_QUERIES]
    for name in (*slow, *asking):
        print(f"{name} is above {MOST_MS} ms or {MOST_QUERIES} queries.", file=sys.stderr)
    return 1 if slow or asking else 0


def _pages(contract_id, link_id):
    """Path by the name of the figure."""
    roots = {"login": "/my/crediario", "link": f"/oc/p/{link_id}"}
    paths = {
        "list": "",
        "contract": f"/contract/{contract_id}",
        "choice": "/choose",
        "review": "/pay?what=all",
        "extension": "/extend",
    }
    return {
        f"{kind}_{name}": root + path
        for kind, root in roots.items()
        for name, path in paths.items()
    }


def _get_all(url, pages, token, count):
    """Each page so many times, in turns, after some that warm the caches.

    :return: seconds by page, and the measurement
    """
    calls = defaultdict(list)
    with requests.Session() as session:
        _log_in(session, url)
        session.get(f"{url}/oc/{token}", timeout=60).raise_for_status()
        for _ in range(WARM_UP):
            for path in pages.values():
                session.get(url + path, timeout=60).raise_for_status()
        with harness.measured() as work:
            for _ in range(count):
                for name, path in pages.items():
                    began = time.perf_counter()
                    answer = session.get(url + path, timeout=60, allow_redirects=False)
                    calls[name].append(time.perf_counter() - began)
                    if answer.status_code != requests.codes.ok:
                        raise RuntimeError(f"{path} answers {answer.status_code}.")
    return calls, work


def _log_in(session, url):
    form = session.get(f"{url}/web/login", timeout=60).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
    session.post(
        f"{url}/web/login",
        data={"csrf_token": token, "login": LOGIN, "password": LOGIN},
        timeout=60,
    ).raise_for_status()


def _queries(log, pages):
    """Queries of every call of each page, by the server's log."""
    found = defaultdict(list)
    names = {path: name for name, path in pages.items()}
    for path, count in REQUEST_LINE.findall(log.read_text(encoding="utf-8")):
        if path in names:
            found[names[path]].append(int(count))
    return found


def _make_customer(env, installments):
    """One customer of the ledger takes over the contracts of others, and gets a login.

    :return: the customer and the first contract
    """
    contracts = env["account.move"].search(
        [("name", "like", "BENCH/")], limit=installments // ledger.INSTALLMENTS, order="id"
    )
    customer = contracts[0].partner_id
    for table, column in (("account_move", "id"), ("account_move_line", "move_id")):
        env.cr.execute(
            SQL(
                "UPDATE %s SET partner_id = %s WHERE %s = ANY(%s)",
                SQL.identifier(table),
                customer.id,
                SQL.identifier(column),
                contracts.ids,
            )
        )
    env.cr.execute(
        SQL(
            "UPDATE account_move SET commercial_partner_id = %s WHERE id = ANY(%s)",
            customer.id,
            contracts.ids,
        )
    )
    env.invalidate_all()
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": "Customer of the benchmark",
            "login": LOGIN,
            "password": LOGIN,
            "partner_id": customer.id,
            "company_id": env.company.id,
            "company_ids": [Command.set(env.company.ids)],
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
    )
    return customer, contracts[0]
