"""The tests' browser, started patiently.

Odoo skips a test whose browser needs more than ten seconds to start; a busy machine needs more,
and a skipped test proves nothing. Here a browser has minutes, one that ends is started again, and
one that never starts fails the test.
"""

import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from odoo.tests import common

PATIENCE = 120.0
PAUSE = 0.1
STARTS = 3


class PatientBrowser(common.ChromeBrowser):
    """Odoo's browser with more time at each step of its start."""

    def __init__(self, *args, **kwargs):
        before = signal.getsignal(signal.SIGXCPU)
        reasons = []
        for _start in range(STARTS):
            try:
                super().__init__(*args, **kwargs)
                return
            except unittest.SkipTest as reason:
                reasons.append(str(reason))
                signal.signal(signal.SIGXCPU, before)
        raise AssertionError(f"The browser did not start: {'; '.join(reasons)}")

    def _spawn_chrome(self, cmd):
        """Start the program; wait until it says its port, or ends.

        :return: (process, port)
        """
        log = Path(self.user_data_dir, "err.log")
        with log.open("wb") as errors:
            process = subprocess.Popen(cmd, stderr=errors, preexec_fn=common._preexec)  # noqa: PLW1509 (as Odoo: it lifts a limit of memory)
        port = Path(self.user_data_dir, "DevToolsActivePort")
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            lines = port.read_text().splitlines() if port.exists() else []
            if len(lines) > 1:
                return process, int(lines[0])
            time.sleep(PAUSE)
        process.kill()
        process.wait()
        words = log.read_text(errors="replace").strip().splitlines()[-1:]
        shutil.rmtree(self.user_data_dir, ignore_errors=True)
        raise unittest.SkipTest(f"no port, exit code {process.returncode} {words}")

    def _json_command(self, command, timeout=PATIENCE):
        return super()._json_command(command, timeout)

    def _websocket_request(self, method, *, params=None, timeout=PATIENCE):
        return super()._websocket_request(method, params=params, timeout=timeout)

    def _wait_ready(self, ready_code=None, timeout=PATIENCE):
        return super()._wait_ready(ready_code, timeout)


def be_patient() -> None:
    """Give Odoo's own test classes the patient browser."""
    common.ChromeBrowser = PatientBrowser
