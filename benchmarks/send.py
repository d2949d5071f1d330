"""How many messages a second the dispatcher sends, through its own code and real HTTP.

Workers are processes of their own; so is the provider, the stand-in of the tests, which answers
after ``--latency`` seconds. What it received is counted: every message exactly once, or the
benchmark fails. The CPU time of a message is compared with that of a bare ``requests.post``.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import requests

from odoo import fields

from . import harness, outbox_maker

# A Wednesday at noon in São Paulo, no holiday: the hours are not what is measured.
NOW = datetime(2026, 11, 11, 15, 0)
BARE_POSTS = 320
WORKER = "import sys; from benchmarks.send import work; work(*sys.argv[1:])"


def main(argv):
    options = argparse.ArgumentParser(prog="send", description=__doc__)
    options.add_argument("--rows", type=int, default=10_000, help="messages to send")
    options.add_argument("--latency", type=float, default=0.3, help="seconds the provider takes")
    options.add_argument("--pool", type=int, default=32, help="simultaneous requests")
    options.add_argument("--rate", type=float, default=80.0, help="a gateway's limit a second")
    options.add_argument("--gateways", type=int, default=1, choices=(1, 2))
    options.add_argument("--workers", type=int, default=1)
    given = options.parse_args(argv)
    with stand_in(given.latency) as (url, received), clock(), tempfile.TemporaryDirectory() as room:
        with harness.odoo_environment() as env:
            _build(env, given, url)
        bare = _bare_cpu(url, given.pool)
        told = list(run_workers(given.workers, Path(room)))
        references = [json.loads(line)["reference"] for line in received.read_text().splitlines()]
        arrived = Counter(reference for reference in references if reference)
        print(f"{[work['counts'] for work in told]}; the provider received {len(arrived)} messages")
        if len(arrived) != given.rows or set(arrived.values()) != {1}:
            print("Not every message arrived exactly once.", file=sys.stderr)
            return 1
        seconds = max(work["ended"] for work in told) - min(work["began"] for work in told)
        cpu = sum(work["cpu"] for work in told) / given.rows
        total = harness.Measurement(
            seconds, sum(work["queries"] for work in told), max(work["peak_mb"] for work in told)
        )
        return harness.report(
            "send",
            given.rows,
            total,
            per_second=given.rows / seconds,
            cpu_ms_per_message=cpu * 1000,
            ratio_peer=cpu / bare,
            gateways=given.gateways,
            workers=given.workers,
            pool=given.pool,
        )


def clock():
    """Noon, whatever the time is."""
    return patch.object(fields.Datetime, "now", staticmethod(lambda *_args: NOW))


def run_workers(count, room):
    """Let so many processes empty the outbox together.

    :return: what each of them measured
    """
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(room), str(number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    while len(list(room.glob("ready*"))) < count and all(w.poll() is None for w in workers):
        time.sleep(0.05)
    (room / "go").touch()
    for worker in workers:
        output, _errors = worker.communicate()
        yield json.loads(output.splitlines()[-1])


def work(room, number):
    """In a process of its own: be ready, wait for the others, dispatch, tell."""
    with clock(), harness.odoo_environment() as env:
        outbox = env["contact.message"]
        outbox.search_count([])
        (Path(room) / f"ready{number}").touch()
        while not (Path(room) / "go").exists():
            time.sleep(0.01)
        began, cpu = time.time(), time.process_time()
        with harness.measured() as measured:
            counts = outbox._dispatch()
    told = {"counts": dict(counts), "began": began, "ended": began + measured.seconds}
    told |= {"cpu": time.process_time() - cpu, "queries": measured.queries}
    print(json.dumps({**told, "peak_mb": measured.peak_mb}), flush=True)


def _bare_cpu(url, pool):
    """Seconds of CPU that a bare ``requests.post`` takes, by as many threads."""
    payload = {"messaging_product": "whatsapp", "to": "5511980000000", "type": "text"}
    target = f"{url}/v25.0/bare/messages"

    def post(_number):
        return requests.post(target, json=payload, timeout=30).status_code

    with ThreadPoolExecutor(pool) as threads:
        began = time.process_time()
        list(threads.map(post, range(BARE_POSTS)))
        return (time.process_time() - began) / BARE_POSTS


def _build(env, given, url):
    _company, plan = outbox_maker.make_company(env, NOW.date())
    companies = env.company
    if given.gateways == 2:
        companies |= outbox_maker.make_branch(env)
    customers = outbox_maker.make_customers(env, given.rows)
    share = given.rows // len(companies)
    for number, company in enumerate(companies, start=1):
        env["contact.gateway"].create(
            {
                "name": f"Measured {number}",
                "company_id": company.id,
                "provider": "whatsapp_cloud",
                "state": "live",
                "base_url": url,
                "phone_number_id": f"123456789{number}",
                "access_token": "token",
                "app_secret": "secret",
                "pool_size": given.pool,
                "rate_per_second": given.rate,
            }
        )
    late = customers[:share] if len(companies) == 2 else customers
    outbox_maker.make_late_contracts(env, plan, late, NOW.date())
    env["contact.message"]._enqueue(late, env.ref("optica_cobranca.template_late_10"))
    others = customers - late
    if others:
        others.company_id = companies[-1]
        env["contact.message"]._enqueue(others, outbox_maker.make_greeting(env))


@contextlib.contextmanager
def stand_in(latency):
    """The provider as a process: gives its address and the file of what it received."""
    program = Path(__file__).resolve().parent.parent / "tests" / "fakes" / "cloud_api_server.py"
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "received.jsonl"
        process = subprocess.Popen(
            [sys.executable, str(program), "--latency", str(latency), "--log", str(log)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield process.stdout.readline().split()[1], log
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()
