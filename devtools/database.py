"""Databases: templates, clones, and what decides that one must be made anew."""

import re
import subprocess
from collections.abc import Iterable, Sequence

from .console import run_logged
from .environment import variables
from .errors import DevError, explain
from .paths import LOGS, ODOO_CONF, PYTHON

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
COUNTRY = "BR"
# What the pages of the back office, the portal and the reports load.
BUNDLES = (
    ("web.assets_web", "css"),
    ("web.assets_web", "js"),
    ("web.assets_tests", "js"),
    ("web.assets_frontend", "css"),
    ("web.assets_frontend_lazy", "js"),
    ("web.assets_frontend_minimal", "js"),
    ("web.report_assets_common", "css"),
)


def psql(sql: str, database: str = "postgres") -> list[str]:
    """Run SQL and return the lines of its answer.

    :raise DevError: with PostgreSQL's own words when it refuses
    """
    command = ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]
    answer = subprocess.run(command, capture_output=True, text=True, env=variables(), check=False)
    if answer.returncode:
        reason = explain(answer.stderr, "") or f"The database refused: {answer.stderr.strip()}"
        raise DevError(reason)
    return answer.stdout.split("\n")[:-1]


def exists(name: str) -> bool:
    """Whether a database exists."""
    return bool(psql(f"SELECT 1 FROM pg_database WHERE datname = '{checked(name)}'"))


def checked(name: str) -> str:
    """A database name that is safe to put into a statement."""
    if not NAME.fullmatch(name):
        raise DevError(f"“{name}” is no database name: use small letters, digits and underscores.")
    return name


def drop(name: str) -> None:
    """Drop a database with everyone connected to it."""
    psql(f'DROP DATABASE IF EXISTS "{checked(name)}" WITH (FORCE)')


def clone(template: str, name: str) -> None:
    """Copy a database; the templates keep their attachments inside, so this copies all of it."""
    drop(name)
    psql(f'CREATE DATABASE "{checked(name)}" TEMPLATE "{checked(template)}" STRATEGY FILE_COPY')


def rename(old: str, new: str) -> None:
    """Give a finished database its final name, in place of any earlier one."""
    drop(new)
    psql(f'ALTER DATABASE "{checked(old)}" RENAME TO "{checked(new)}"')


def odoo(arguments: Iterable[str], log: str, what: str) -> str:
    """Run one command of Odoo's own command line to its end.

    :raise DevError: when it fails or logs an error
    """
    command = [str(PYTHON), "-m", "odoo", *arguments]
    output = run_logged(command, log, what, env=variables())
    if errors := re.findall(r"^\S+ \S+ \d+ (?:ERROR|CRITICAL) .*$", output, re.MULTILINE):
        raise DevError(f"{what} logged an error: {errors[0]}")
    return output


def create(name: str, modules: Iterable[str], *, languages: Sequence[str]) -> None:
    """A new database of a Brazilian company with modules installed.

    The country is set before any module so that the Brazilian chart of accounts is loaded.

    :param languages: codes; the first is the language of the company and its users
    """
    drop(name)
    flags = [
        "--country",
        COUNTRY,
        "--language",
        languages[0],
        "--username",
        "admin",
        "--password",
        "admin",
    ]
    conf = ["-c", str(ODOO_CONF)]
    odoo(["db", *conf, "init", *flags, name], f"{name}-init", f"Creating {name}")
    load = ["i18n", "loadlang", *conf, "-d", name, "-l", *languages]
    odoo(load, f"{name}-languages", f"Loading languages into {name}")
    install(name, modules)


def install(name: str, modules: Iterable[str], *, demo: bool = False) -> None:
    """Install modules into a database, with their demo data if wanted."""
    _change(name, ["-i", ",".join(modules), *(["--with-demo"] if demo else [])])


def update(name: str, modules: Iterable[str]) -> None:
    """Update modules in a database."""
    _change(name, ["-u", ",".join(modules)])


def _change(name: str, flags: list[str]) -> None:
    odoo(["server", "-d", name, *flags, "--stop-after-init", "--no-http"], name, f"Building {name}")


def keep_files_inside(name: str) -> None:
    """Move attachments from the file store into the database, so that a clone is complete.

    The bundles of styles and scripts are made as well: each test that opens a page or prints
    would make them anew, since what a test writes is rolled back.
    """
    script = (
        "env['ir.config_parameter'].set_param('ir_attachment.location', 'db')\n"
        "env['ir.attachment'].force_storage()\n"
        f"for bundle, kind in {BUNDLES}:\n"
        "    make = {kind: True, 'css' if kind == 'js' else 'js': False}\n"
        "    getattr(env['ir.qweb']._get_asset_bundle(bundle, **make), kind)()\n"
        "env.cr.commit()\n"
    )
    run_script(name, script)


def run_script(name: str, script: str, **extra: str) -> str:
    """Run Python in Odoo's shell on a database and return what it printed.

    :param script: finds ``env``, and commits for itself
    :param extra: environment variables for the script
    """
    command = [str(PYTHON), "-m", "odoo", "shell", "-d", name, "--no-http", "--log-level=warn"]
    env = {**variables(), **extra}
    answer = subprocess.run(
        command, input=script, capture_output=True, text=True, env=env, check=False
    )
    if answer.returncode:
        LOGS.mkdir(parents=True, exist_ok=True)
        (LOGS / "script.log").write_text(answer.stderr, encoding="utf-8")
        reason = answer.stderr.strip().splitlines()[-1:] or ["no message"]
        raise DevError(f"{reason[0]} (database {name}, details in {LOGS / 'script.log'})")
    return answer.stdout


def run_logged_script(name: str, script: str) -> str:
    """Run Python in Odoo's shell on a database, to its end, and return the log of it.

    :param script: finds ``env``, and commits for itself
    :raise DevError: when it fails
    """
    command = [str(PYTHON), "-m", "odoo", "shell", "-d", name, "--no-http", "--log-level=info"]
    answer = subprocess.run(
        command, input=script, capture_output=True, text=True, env=variables(), check=False
    )
    if answer.returncode:
        raise DevError(f"The script failed on {name}: {answer.stderr.strip()[-2000:]}")
    return answer.stderr
