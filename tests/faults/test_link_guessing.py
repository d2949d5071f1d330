"""Guesses at private links that several server processes answer: they count together."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from odoo.addons.optica_cobranca.models.messaging.crediario_customer_link import (
    MISSES_ALLOWED,
    WINDOW,
)

AT_ONCE = 24
ISSUE = """
customer = env["res.partner"].create({"name": "Maria"})
owner = (customer.id, env.company.id)
print("token", env["crediario.customer.link"]._issue([owner])[owner])
env.cr.commit()
"""
OPENER = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor()
)


@pytest.fixture
def servers(clone_database, odoo_process):
    """Two servers on one database: their addresses, and the token of a valid link."""
    database = clone_database("guesses")
    output, errors = odoo_process(database, ISSUE).communicate(timeout=120)
    token = output.split()[-1]
    assert len(token) == 22, errors
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server(database)) for _ in range(2)], token


@contextlib.contextmanager
def server(database):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "odoo", "server", "-d", database, "--log-level=critical"]
    command += ["--http-interface", "127.0.0.1", "--http-port", str(port)]
    command += ["--max-cron-threads", "0", "--db-filter", f"^{database}$"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 120
        while status_of(f"{url}/web/login") != 200:
            assert process.poll() is None, "the server stopped"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def status_of(url):
    try:
        with OPENER.open(url, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None


def test_guesses_at_several_processes_stop_together(servers):
    """Guessing at both at once gets what one could guess, and those that were under way."""
    addresses, token = servers
    window = WINDOW.total_seconds()
    if window - time.time() % window < 60:
        time.sleep(window - time.time() % window)  # not over the end of a window
    assert [status_of(f"{url}/oc/{token}") for url in addresses] == [200, 200]
    guesses = [f"{addresses[n % 2]}/oc/{n:022d}" for n in range(4 * MISSES_ALLOWED)]
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as guesser:
        answers = list(guesser.map(status_of, guesses))
    assert set(answers) == {404, 429}, answers
    assert MISSES_ALLOWED <= answers.count(404) < MISSES_ALLOWED + AT_ONCE, answers.count(404)
    assert time.monotonic() - began < 30, "a guesser holds up the servers"
    assert [status_of(f"{url}/oc/{'x' * 22}") for url in addresses] == [429, 429]
    # Whoever shares the guesser's address opens a good link all the same.
    assert [status_of(f"{url}/oc/{token}") for url in addresses] == [200, 200]
