"""How many messages a second one worker sends, through the real dispatcher and real HTTP.

The provider is the stand-in of the tests, a process of its own that answers after ``--latency``
seconds. What it received is counted: every message exactly once, or the benchmark fails.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from odoo import fields

from . import harness, outbox_maker

# A Wednesday at noon in São Paulo, no holiday: the hours are not what is measured.
NOW = datetime(2026, 11, 11, 15, 0)


def main(argv):
    options = argparse.ArgumentParser(prog="send", description=__doc__)
    options.add_argument("--rows", type=int, default=2000, help="messages to send")
    options.add_argument("--latency", type=float, default=0.1, help="seconds the provider takes")
    options.add_argument("--pool", type=int, default=32, help="simultaneous requests")
    options.add_argument("--rate", type=float, default=1000.0, help="the gateway's limit a second")
    given = options.parse_args(argv)
    with (
        patch.object(fields.Datetime, "now", staticmethod(lambda *_args: NOW)),
        stand_in(given.latency) as (url, received),
        harness.odoo_environment() as env,
    ):
        _build(env, given, url)
        env.cr.commit()
        with harness.measured() as work:
            counts = env["contact.message"]._dispatch()
        arrived = Counter(
            json.loads(line)["reference"] for line in received.read_text().splitlines()
        )
        print(f"{dict(counts)}; the provider received {len(arrived)} messages")
        if len(arrived) != given.rows or set(arrived.values()) != {1}:
            print("Not every message arrived exactly once.", file=sys.stderr)
            return 1
        return harness.report(
            "send", given.rows, work, per_second=given.rows / work.seconds, pool=given.pool
        )


def _build(env, given, url):
    _company, plan = outbox_maker.make_company(env, NOW.date())
    customers = outbox_maker.make_customers(env, given.rows)
    outbox_maker.make_late_contracts(env, plan, customers, NOW.date())
    env["contact.gateway"].create(
        {
            "name": "Measured",
            "provider": "whatsapp_cloud",
            "state": "live",
            "base_url": url,
            "phone_number_id": "1234567890",
            "access_token": "token",
            "app_secret": "secret",
            "pool_size": given.pool,
            "rate_per_second": given.rate,
        }
    )
    template = env.ref("optica_cobranca.template_late_10")
    env["contact.message"]._enqueue(customers, template)


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
