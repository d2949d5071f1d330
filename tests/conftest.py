"""What every test shares: strictness, the pure mode, databases and processes of its own.

Tests that need real commits or several processes take these fixtures::

    def test_two_workers(clone_database, odoo_process):
        name = clone_database("workers")      # a fresh copy with the addon installed
        first = odoo_process(name, "env['dunning.run'].collect_now()")
        second = odoo_process(name, "env['dunning.run'].collect_now()")
        assert first.wait(60) == second.wait(60) == 0

A copy and a process live until the end of the test that asked for them. ``./dev
test`` tells the suite its surroundings by environment variables:

``OPTICA_DEV_DATABASE``  the database of this run, of which pytest-odoo has the registry
``OPTICA_DEV_TEMPLATE``  the template with the addon installed; nobody may be connected to it
``OPTICA_DEV_STRICT``    set: a skipped test fails the run
``ODOO_RC``, ``PG*``     how Odoo and PostgreSQL's own programs find the server
"""

import contextlib
import os
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devtools import database
from tests import odoo_processes

ROOT = Path(__file__).resolve().parent.parent
ADDON = ROOT / "optica_cobranca"


def pytest_configure(config: pytest.Config) -> None:
    """Without pytest-odoo, let ``domain`` and ``clients`` be imported without Odoo's ORM.

    The name ``odoo.addons.optica_cobranca`` then stands for the bare folder, so a pure
    test that reaches for anything above its room fails at the import.
    """
    if config.pluginmanager.hasplugin("odoo"):
        return
    package = types.ModuleType("odoo.addons.optica_cobranca")
    package.__path__ = [str(ADDON)]
    sys.modules["odoo.addons.optica_cobranca"] = package


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests in the browser give it time to start; those without Odoo load nothing of it."""
    if "odoo.tests.common" in sys.modules:
        from tests import browser, clock

        browser.be_patient()
        clock.freeze_quickly()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test proves nothing, so it fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("OPTICA_DEV_STRICT") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a run without failures fails."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not (os.environ.get("OPTICA_DEV_STRICT") and skipped):
        return
    terminalreporter.section("skipped tests fail the run")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.line(f"{report.nodeid}: {reason}")


@pytest.fixture
def clone_database() -> Iterator[Callable[[str], str]]:
    """Make databases for this test alone: call it with a short name, get the database's name."""
    made: list[str] = []

    def make(purpose: str) -> str:
        name = f"{os.environ['OPTICA_DEV_DATABASE']}_{purpose}"
        database.clone(os.environ["OPTICA_DEV_TEMPLATE"], name)
        made.append(name)
        return name

    yield make
    for name in made:
        drop_database(name)


def drop_database(name: str) -> None:
    """Drop a database, this process's own connections to it included."""
    if "odoo.sql_db" in sys.modules:
        sys.modules["odoo.sql_db"].close_db(name)
        sys.modules["odoo.modules.registry"].Registry.delete(name)
    database.drop(name)


@pytest.fixture(scope="session")
def stem() -> Iterator[odoo_processes.Stem]:
    """The process that those of ``odoo_process`` are forked from."""
    started = odoo_processes.Stem(os.environ["OPTICA_DEV_DATABASE"])
    yield started
    started.close()


@pytest.fixture
def odoo_process(stem: odoo_processes.Stem) -> Iterator[Callable[..., odoo_processes.Process]]:
    """Run Python in Odoo's shell in a process of its own, which a test may kill.

    Call it with a database name and the script (``env`` is there, ``env.cr.commit()``
    commits); get what is like a ``subprocess.Popen`` with text pipes, whose exit code is 1 when
    the script raised. Further keywords become environment variables of the process.
    """
    with contextlib.ExitStack() as ended:

        def start(name: str, script: str, **variables: str) -> odoo_processes.Process:
            process = stem.start(name, script, variables)
            ended.callback(process.close)
            return process

        yield start
