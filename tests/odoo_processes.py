"""Odoo processes for tests, born of one that has loaded Odoo already: none loads it anew.

``Stem`` starts that one, which runs this file: it imports Odoo, builds the registry of a database
and waits. It is nobody's child, for Odoo's own tests end all children of their process after each
class. For each request it forks a process with connections of its own, which runs a script as
``odoo shell`` does, on whatever copy of the template it is told, and which may be killed at any
moment. In a database that got modules or fields of its own since, the process builds the registry
anew.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 1 << 20
WORD = 8  # bytes of each number that a process's keeper tells
# What a registry is made of, besides code.
SHAPE = """
    SELECT array(SELECT name || latest_version FROM ir_module_module
                  WHERE state = 'installed' ORDER BY name),
           array(SELECT model || '.' || name FROM ir_model_fields
                  WHERE state = 'manual' ORDER BY model, name)
"""


class Stem:
    """The process that all others of a test run are forked from."""

    def __init__(self, database: str) -> None:
        """Start it; it may take requests at once, and answers when it has loaded Odoo."""
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            subprocess.run(
                [sys.executable, "-m", "tests.odoo_processes", str(theirs.fileno()), database],
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                check=True,
            )

    def start(self, database: str, script: str, variables: dict[str, str]) -> "Process":
        """A process that runs a script, with ``env``, on a database."""
        request = {
            "database": database,
            "script": script,
            "variables": {**os.environ, **variables},
        }
        read, write = zip(os.pipe(), os.pipe(), strict=True)
        keeper, theirs = socket.socketpair()
        with theirs:
            told = [*write, theirs.fileno()]
            socket.send_fds(self.channel, [json.dumps(request).encode()], told)
        for end in write:
            os.close(end)
        return Process(keeper, *read)

    def close(self) -> None:
        """End it; processes that it made live on."""
        self.channel.shutdown(socket.SHUT_WR)
        self.channel.recv(1)  # nothing, once it has ended
        self.channel.close()


class Process:
    """One forked process, with what tests use of ``subprocess.Popen``."""

    def __init__(self, keeper: socket.socket, output: int, errors: int) -> None:
        self._keeper = keeper
        self.stdout = os.fdopen(output, encoding="utf-8")
        self.stderr = os.fdopen(errors, encoding="utf-8")
        self.returncode: int | None = None
        self.pid = self._told()

    def _told(self) -> int:
        word = self._keeper.recv(WORD, socket.MSG_WAITALL)
        if len(word) < WORD:
            raise RuntimeError("The process that others are forked from has ended.")
        return int.from_bytes(word, sys.byteorder, signed=True)

    def poll(self) -> int | None:
        """The exit code, minus the signal's number after a signal; None as long as it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end.

        :return: the exit code
        :raise subprocess.TimeoutExpired: when it does not come in time
        """
        if self.returncode is None:
            if not select.select([self._keeper], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            self.returncode = self._told()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end.

        :return: the rest of the output, and of the errors
        :raise subprocess.TimeoutExpired: when it does not come in time
        """
        pool = ThreadPoolExecutor(2)
        try:
            rests = [pool.submit(pipe.read) for pipe in (self.stdout, self.stderr)]
            self.wait(timeout)
            output, errors = (rest.result(timeout) for rest in rests)
        except TooLate as late:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout) from late
        finally:
            pool.shutdown(wait=False)
        return output, errors

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it with all that it started, unless it has ended, and close what we hold of it."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.wait()
        for held in (self._keeper, self.stdout, self.stderr):
            held.close()


# ------------------------------------------------------------ in the stem


def serve(channel: socket.socket, database: str) -> None:
    """Load Odoo, then fork a process for each request, until nobody is left to ask."""
    registry, shape = _load(database)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which closes the channel
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    gc.collect()
    gc.freeze()  # what is shared with all processes stays shared
    while True:
        request, descriptors, *_rest = socket.recv_fds(channel, MOST_BYTES, 3)
        if not request:
            return
        if not os.fork():
            channel.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(registry, shape, json.loads(request), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _load(database: str):
    """What ``odoo shell`` does before it runs a script.

    :return: the registry, and the shape of its database
    """
    from odoo.cli import server as cli_server
    from odoo.modules.registry import Registry
    from odoo.service import server
    from odoo.sql_db import close_all
    from odoo.tools import config

    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    cli_server.report_configuration()
    server.start(preload=[], stop=True)
    registry = Registry(database)
    shape = _shape(registry)
    close_all()  # a connection must not be shared
    return registry, shape


def _shape(registry) -> tuple:
    with registry.cursor() as cr:
        cr.execute(SHAPE)
        return cr.fetchone()


def _keep(registry, shape, request: dict, output: int, errors: int, told: int) -> None:
    """Be the keeper of a new process: its parent, who tells its number and how it ended."""
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(told)
            code = _run(registry, shape, request, output, errors)
        finally:
            os._exit(code)
    with contextlib.suppress(OSError):  # the child was quicker
        os.setpgid(child, child)
    os.close(output)
    os.close(errors)  # the pipes end with the child
    with contextlib.suppress(OSError):  # nobody listens any more
        os.write(told, child.to_bytes(WORD, sys.byteorder))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(told, code.to_bytes(WORD, sys.byteorder, signed=True))
    os._exit(0)


def _run(registry, shape, request: dict, output: int, errors: int) -> int:
    """Be the new process.

    :return: its exit code
    """
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for pipe, standard in ((output, 1), (errors, 2)):
        os.dup2(pipe, standard)
        os.close(pipe)
    os.environ.clear()
    os.environ.update(request["variables"])
    code = 0
    try:
        _shell(_moved(registry, shape, request["database"]), request["script"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _moved(registry, shape, database: str):
    """The registry of another database: this one, if the two have one shape."""
    from odoo import sql_db
    from odoo.modules.registry import Registry
    from odoo.tools import config

    threading.current_thread().dbname = database
    config["db_name"] = [database]
    registry.db_name = database
    registry._db = sql_db.db_connect(database)
    Registry.registries.clear()
    Registry.registries[database] = registry
    if _shape(registry) != shape:
        return Registry.new(database)
    registry.setup_signaling()
    registry.clear_all_caches()
    registry.cache_invalidated.clear()  # nobody else's were
    return registry


def _shell(registry, script: str) -> None:
    """Run a script as ``odoo shell`` does when it reads from a pipe."""
    import odoo
    from odoo.api import SUPERUSER_ID, Environment

    with registry.cursor() as cr:
        context = Environment(cr, SUPERUSER_ID, {})["res.users"].context_get()
        env = Environment(cr, SUPERUSER_ID, context)
        names = {"__name__": "__main__", "odoo": odoo, "env": env, "self": env.user}
        cr.rollback()
        exec(script, names)
        cr.rollback()


if __name__ == "__main__":
    if os.fork():
        os._exit(0)
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
