"""How many statuses a second one HTTP worker of Odoo takes in, from the socket to the row.

``./dev bench webhook [--rows 5000] [--per-post 50]``: an Odoo server in a process of its own, a
gateway of WhatsApp's Cloud API with messages that were sent, and a client that posts what Meta
would post about them: ``sent``, ``delivered`` and ``read``, signed, in disorder, one status in five
told twice. Of half of the messages the provider's answer was lost: only our reference tells whose
status it is. Every message must end in the state that its best status tells and every status be
stored once, or the benchmark fails. Fewer than 300 a second fail it, too.

Then calls with 1,000 messages of customers each, which are stored and heeded later: the median of
the answers is 250 ms at most.

The client asks for a connection that is kept; Odoo's threaded server closes it after each call,
which therefore costs a connection. ``queries``, ``peak_mb`` (since its start) and
``cpu_ms_per_status`` are the server's own.
"""

import argparse
import contextlib
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import requests

from odoo.tools import SQL

from tests.fakes.cloud_api_webhooks import (
    PHONE_NUMBER_ID,
    envelope,
    messages_value,
    signed_webhook,
    status,
)

from . import harness, outbox_maker

SECRET = "secret"
STATES = ("sent", "delivered", "read")
# A message has two statuses on average, and a quarter as many repetitions.
STATUSES_PER_MESSAGE = 2.5
LEAST_PER_SECOND = 300
# A call with as many messages of customers as Meta bundles is answered in this time at most.
INBOUND_A_CALL = 1000
MOST_INBOUND_MS = 250
READY_SECONDS = 120
# The server's log ends a request's line with its queries, their seconds and all other seconds.
REQUEST_LINE = re.compile(r'"POST \S+ HTTP/1\.[01]" 200 - (\d+) [\d.]+ [\d.]+')


def main(argv):
    options = argparse.ArgumentParser(prog="webhook", description=__doc__)
    options.add_argument("--rows", type=int, default=5_000, help="statuses to post")
    options.add_argument("--per-post", type=int, default=50, help="statuses in one call")
    options.add_argument("--inbound", type=int, default=9, help="calls full of customers' messages")
    given = options.parse_args(argv)
    with harness.odoo_environment() as env:
        gateway = _make_gateway(env)
        path = f"/optica_cobranca/webhook/{gateway.uuid}"
        messages = _make_messages(env, gateway, int(given.rows / STATUSES_PER_MESSAGE))
    expected = {uuid: STATES[number % 3] for number, uuid in enumerate(messages)}
    statuses = _statuses(expected, given.rows)
    bodies = [
        signed_webhook(
            envelope(messages_value(statuses=statuses[start : start + given.per_post])), SECRET
        )
        for start in range(0, len(statuses), given.per_post)
    ]
    with tempfile.TemporaryDirectory() as room, odoo_server(Path(room) / "log") as (url, server):
        work, cpu, slowest = _post_all(url + path, bodies, server)
        work.queries = _queries(Path(room) / "log", len(bodies))
        inbound = [_inbound(number) for number in range(given.inbound)]
        answered = sorted(_post_each(url + path, inbound))
    stored = len({(line["id"], line["status"]) for line in statuses})
    if not _is_right(expected, stored):
        return 1
    per_second = len(statuses) / work.seconds
    print(f"{stored} events stored, {len(statuses) - stored} duplicates ignored")
    harness.report(
        "webhook",
        len(statuses),
        work,
        per_second=per_second,
        p95_ms=slowest * 1000,
        cpu_ms_per_status=cpu / len(statuses) * 1000,
        messages=len(expected),
        stored=stored,
        inbound_a_call=INBOUND_A_CALL,
        inbound_median_ms=answered[len(answered) // 2] * 1000 if answered else 0,
        duplicates=len(statuses) - stored,
        per_post=given.per_post,
        load=os.getloadavg()[0],
    )
    if per_second < LEAST_PER_SECOND:
        print(f"Fewer than {LEAST_PER_SECOND} statuses a second.", file=sys.stderr)
        return 1
    if answered and answered[len(answered) // 2] * 1000 > MOST_INBOUND_MS:
        print(f"Calls with messages take more than {MOST_INBOUND_MS} ms.", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def odoo_server(log):
    """One HTTP worker on the scratch database: gives its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "odoo", "server", "-d", harness.database_name()]
    command += ["--http-interface", "127.0.0.1", "--http-port", str(port)]
    command += ["--max-cron-threads", "0", "--logfile", str(log), harness.QUIET]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process, log)
        yield url, process
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(url, process, log):
    """Wait for a first page, so that registry and routes are loaded."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{url}/web/login", timeout=READY_SECONDS).ok:
                return
        time.sleep(0.2)
    last = log.read_text(encoding="utf-8")[-2000:] if log.exists() else "it said nothing"
    raise RuntimeError(f"Odoo does not answer: {last}")


def _post_all(url, bodies, server):
    """Post one body after the other on a kept connection.

    :return: the measurement, seconds of the server's CPU, and the 95th percentile of a call
    """
    calls = []
    with requests.Session() as session, harness.measured() as work:
        before = _cpu_seconds(server.pid)
        for body, headers in bodies:
            began = time.perf_counter()
            answer = session.post(url, data=body, headers=headers, timeout=60)
            answer.raise_for_status()
            calls.append(time.perf_counter() - began)
        cpu = _cpu_seconds(server.pid) - before
    work.peak_mb = harness.peak_mb(server.pid)
    return work, cpu, harness.percentile(calls, 0.95)


def _inbound(number):
    """A signed call with messages of customers, many of them from the same ones."""
    messages = [
        {
            "id": f"wamid.in.{number}.{count}",
            "from": f"55119{70_000_000 + count % 300}",
            "timestamp": str(1_764_590_400 + count),
            "type": "text",
            "text": {"body": f"Bom dia, pago na sexta {count}"},
        }
        for count in range(INBOUND_A_CALL)
    ]
    return signed_webhook(envelope(messages_value(messages=messages)), SECRET)


def _post_each(url, bodies):
    """Seconds that each call was waited for."""
    with requests.Session() as session:
        for body, headers in bodies:
            began = time.perf_counter()
            session.post(url, data=body, headers=headers, timeout=60).raise_for_status()
            yield time.perf_counter() - began


def _cpu_seconds(pid):
    """User's and system's seconds of a process, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _queries(log, calls):
    """The queries of all calls, by the server's log."""
    found = REQUEST_LINE.findall(log.read_text(encoding="utf-8"))
    if len(found) != calls:
        raise RuntimeError(f"The log tells of {len(found)} calls, not of {calls}.")
    return sum(map(int, found))


def _is_right(expected, stored):
    """Whether messages and events are what the posted statuses make of them; says what is not."""
    with harness.odoo_environment() as env:
        found = dict(env.execute_query(SQL("SELECT uuid, state FROM contact_message")))
        ((events, linked),) = env.execute_query(
            SQL("SELECT count(*), count(message_id) FROM contact_event WHERE kind = 'status'")
        )
    wrong = Counter(
        (state, found.get(uuid)) for uuid, state in expected.items() if found.get(uuid) != state
    )
    if wrong:
        print(f"Messages in a wrong state (expected, found): {dict(wrong)}", file=sys.stderr)
    if (events, linked) != (stored, stored):
        print(f"{events} events, {linked} of them matched; not {stored}.", file=sys.stderr)
    return not wrong and (events, linked) == (stored, stored)


def _statuses(expected, count):
    """So many statuses about the messages, repetitions among them, in any order."""
    chance = random.Random(count)
    news = [
        _status(uuid, number, state)
        for number, (uuid, last) in enumerate(expected.items())
        for state in STATES[: STATES.index(last) + 1]
    ]
    news += chance.choices(news, k=count - len(news))
    chance.shuffle(news)
    return news


def _status(uuid, number, state):
    return status(
        f"wamid.{uuid}",
        state,
        reference=uuid,
        at=1_764_590_400 + number % 600 + STATES.index(state),
        recipient=f"55119{80_000_000 + number}",
    )


def _make_gateway(env):
    return env["contact.gateway"].create(
        {
            "name": "Measured",
            "provider": "whatsapp_cloud",
            "state": "live",
            "phone_number_id": PHONE_NUMBER_ID,
            "access_token": "token",
            "app_secret": SECRET,
        }
    )


def _make_messages(env, gateway, count):
    """So many messages that left, of half of them no answer is known: their references."""
    customers = outbox_maker.make_customers(env, count)
    env["contact.message"]._enqueue(customers, outbox_maker.make_greeting(env))
    env.flush_all()
    rows = env.execute_query(
        SQL(
            """UPDATE contact_message
                  SET gateway_id = %s, channel = 'whatsapp', attempts = 1,
                      state = CASE WHEN id %% 2 = 0 THEN 'sent' ELSE 'uncertain' END,
                      reason = CASE WHEN id %% 2 = 1 THEN 'no_answer' END,
                      provider_id = CASE WHEN id %% 2 = 0 THEN 'wamid.' || uuid END
            RETURNING id, uuid""",
            gateway.id,
        )
    )
    env.cr.execute("ANALYZE contact_message")
    env.invalidate_all()
    return [uuid for _id, uuid in sorted(rows)]
