"""What tests of sending in real processes share: the provider, the workers, what they left."""

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
FAKE = ROOT / "tests" / "fakes" / "cloud_api_server.py"

# A Wednesday at noon in São Paulo; the hours are not what is tested.
CLOCK = """
from datetime import datetime
from odoo import fields
fields.Datetime.now = staticmethod(lambda *args: datetime(2026, 2, 11, 15, 0))
"""
DISPATCH = CLOCK + "print(dict(env['contact.message']._dispatch()))\n"
# Starts when a file appears, so that two workers begin together.
DISPATCH_TOGETHER = (
    "import os, time\nopen(%(ready)r, 'w').close()\n"
    "while not os.path.exists(%(go)r): time.sleep(0.01)\n\n" + DISPATCH
)


class Provider:
    """The stand-in as a process of its own."""

    def __init__(self, log: Path, latency: float, access_token: str = ""):
        self.log = log
        log.touch()
        command = [sys.executable, str(FAKE), "--latency", str(latency), "--log", str(log)]
        if access_token:
            command += ["--access-token", access_token]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[1]

    def taken(self) -> Counter:
        """How often each message was taken, by our reference."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return Counter(line["reference"] for line in map(json.loads, lines) if line["took_it"])

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def messages(database: str) -> dict[str, tuple[str, str | None, int | None]]:
    """(state, reason, claim key) of every message, by our reference."""
    connection = psycopg2.connect(dbname=database)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT uuid, state, reason, claim_key FROM contact_message")
        return {uuid: tuple(rest) for uuid, *rest in cursor.fetchall()}


def finished(process: subprocess.Popen) -> str:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def wait_until(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)
