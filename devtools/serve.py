"""``./dev run``: the demo shop in a browser, until Ctrl-C."""

import argparse
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from . import demo, environment, postgres, processes
from .console import say, step
from .errors import DevError
from .paths import DEV, LOGS, PYTHON

PID_FILE = DEV / "run.pid"
LOG = LOGS / "odoo.log"
READY_SECONDS = 90
WELCOME = """
  Ótica Boa Vista is open:  {address}
{logins}

  What to look at: the app “{app}”, with {menus}.
  `./dev collect`, in another terminal, runs the daily job now and prints what it did.
  Odoo's log: {log}
  Ctrl-C stops Odoo and its database.
"""


def main(arguments: Sequence[str]) -> int:
    """Set everything up, serve the demo shop, and stop everything at the end."""
    parser = argparse.ArgumentParser(prog="./dev run", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8069, help="where to listen (default: 8069)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--fresh", action="store_true", help="build the demo shop anew first")
    options = parser.parse_args(arguments)
    processes.check_port(options.host, options.port)
    environment.ensure()
    with postgres.running():
        demo.ensure(fresh=options.fresh)
        demo.open_at(_address(options.host, options.port))
        processes.check_port(options.host, options.port)
        command = [str(PYTHON), "-m", "odoo", "server", "-d", demo.NAME]
        command += ["--db-filter", f"^{demo.NAME}$"]
        command += ["--http-interface", options.host, "--http-port", str(options.port)]
        command += ["--max-cron-threads", "2", "--no-database-list"]
        started = processes.child(command, env=environment.variables(), log=LOG, pid_file=PID_FILE)
        try:
            with started as server:
                _wait_until_ready(server, options.port)
                say(_welcome(options.host, options.port))
                return _watch(server)
        except KeyboardInterrupt:
            say("Stopped Odoo; stopping its database.")
            return 0


def _address(host: str, port: int) -> str:
    """Where a browser on this machine finds the shop."""
    return f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}"


def _welcome(host: str, port: int) -> str:
    """Where the shop is and what is to be seen in it."""
    logins = [f"    {f'{login} / {login}':<26} {name}" for login, name in demo.users()]
    app, *menus = demo.menus()
    return WELCOME.format(
        address=_address(host, port),
        logins="\n".join(logins),
        app=app,
        menus=", ".join(menus),
        log=LOG,
    )


def _wait_until_ready(server: subprocess.Popen, port: int) -> None:
    """Wait for the first healthy answer.

    :raise DevError: when Odoo ends or stays silent
    """
    deadline = time.monotonic() + READY_SECONDS
    with step("starting Odoo"):
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise DevError(f"Odoo does not start: its last words are in {LOG}.")
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/web/login", timeout=READY_SECONDS
                ) as page:
                    if page.status == 200:
                        return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
    raise DevError(f"Odoo does not answer after {READY_SECONDS} seconds: see {LOG}.")


def _watch(server: subprocess.Popen) -> int:
    code = server.wait()
    raise DevError(f"Odoo ended by itself (exit code {code}): its last words are in {LOG}.")
