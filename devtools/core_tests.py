"""``./dev core-tests``: does Odoo's own suite say the same with this addon as without it?"""

import argparse
import contextlib
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from . import environment, odoo_source, postgres, processes, templates
from .console import say, step
from .errors import DevError
from .paths import DEV, PYTHON, ROOT

FOLDER = DEV / "core_tests"
# What this addon extends; of account, the files about invoices, terms, payments and portal.
MODULES = (
    "account_payment",
    "payment",
    "phone_validation",
    "portal",
    "sale",
    "sale_management",
    "sms",
)
ACCOUNT = (
    "early_payment_discount",
    "account_journal_dashboard",
    "account_move_duplicate",
    "account_move_entry",
    "account_move_out_invoice",
    "account_move_out_refund",
    "account_move_payments_widget",
    "account_move_reconcile",
    "account_move_send",
    "account_partner",
    "account_payment",
    "account_payment_items",
    "account_payment_register",
    "audit_trail",
    "company_branch",
    "download_docs",
    "payment_term",
    "portal_attachment",
    "portal_invoice",
    "res_partner_merge",
    "tour",
)
DEFAULT = (*MODULES, *(f"account/test_{name}.py" for name in ACCOUNT))


def main(arguments: Sequence[str]) -> int:
    """Run Odoo's own tests on a database with the addon and on one without, and compare."""
    parser = argparse.ArgumentParser(prog="./dev core-tests", description=main.__doc__)
    parser.add_argument(
        "tests",
        nargs="*",
        metavar="MODULE[/FILE]",
        help="modules, or files such as account/test_portal_invoice.py (default: what is extended)",
    )
    parser.add_argument(
        "-k", metavar="NAME", help="only tests of which the name fits, as in pytest"
    )
    options = parser.parse_args(arguments)
    environment.ensure(browser=True)
    targets = [str(_target(name)) for name in options.tests or DEFAULT]
    FOLDER.mkdir(parents=True, exist_ok=True)
    narrow = ["-k", options.k] if options.k else []
    with postgres.running():
        installed = templates.ensure()
        with (
            templates.scratch("core", templates.DEPENDENCIES, "without") as without,
            templates.scratch("core", installed, "with") as with_addon,
        ):
            runs = {"without": without, "with": with_addon}
            with step("running Odoo's tests without and with the addon"):
                _run(runs, [*narrow, *targets])
    return _compare(outcomes(FOLDER / "without.xml"), outcomes(FOLDER / "with.xml"))


def _target(name: str) -> Path:
    """The path of a module's tests, or of one of its files.

    :raise DevError: when Odoo has no such tests
    """
    module, _, file = name.partition("/")
    for folder in odoo_source.addons_paths():
        path = Path(folder) / module / "tests" / file
        if path.exists():
            return path
    raise DevError(f"Odoo has no tests “{name}”: name a module, or account/test_payment_term.py.")


def _run(databases: dict[str, str], arguments: Sequence[str]) -> None:
    """Run both side by side; the reports are beside the logs."""
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(_pytest(*run, arguments)) for run in databases.items()]
        for process in started:
            process.wait()


def _pytest(
    name: str, database: str, arguments: Sequence[str]
) -> contextlib.AbstractContextManager[subprocess.Popen]:
    report = FOLDER / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [str(PYTHON), "-m", "pytest", "-c", str(ROOT / "pyproject.toml")]
    command += ["-p", "devtools.pytest_core", "-p", "no:cacheprovider"]
    command += ["--odoo-database", database, "--odoo-http", f"--junitxml={report}", *arguments]
    return processes.child(
        command,
        env={**environment.variables(), "PYTHONPATH": str(ROOT)},
        log=FOLDER / f"{name}.log",
        pid_file=FOLDER / f"{name}.pid",
    )


def outcomes(report: Path) -> dict[str, str]:
    """``passed``, ``skipped`` or the first words of the failure, of each test in a JUnit report.

    :raise DevError: when pytest ended before it wrote one
    """
    if not report.exists():
        raise DevError(f"Odoo's tests did not end: see {report.with_suffix('.log')}.")
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        bad = [child for child in case if child.tag in {"failure", "error"}]
        if bad:
            found[name] = "failed: " + (bad[0].get("message") or "").partition("\n")[0]
        elif name not in found:
            found[name] = "skipped" if case.find("skipped") is not None else "passed"
    return found


def differences(without: dict[str, str], with_addon: dict[str, str]) -> list[tuple[str, str, str]]:
    """Tests that do not end alike: name, how without the addon, how with it."""
    names = sorted(without.keys() | with_addon.keys())
    pairs = [(name, without.get(name, "absent"), with_addon.get(name, "absent")) for name in names]
    return [pair for pair in pairs if pair[1].partition(":")[0] != pair[2].partition(":")[0]]


def _compare(without: dict[str, str], with_addon: dict[str, str]) -> int:
    """Print what differs; return 0 when nothing does."""
    different = differences(without, with_addon)
    for name, before, after in different:
        say(f"{name}\n    without: {before}\n    with:    {after}")
    alike = [name for name, how in without.items() if how.startswith("failed")]
    say(f"{len(without)} of Odoo's tests; {len(alike)} fail without the addon as well.")
    say(f"{len(different)} differ with the addon.")
    return int(bool(different))
