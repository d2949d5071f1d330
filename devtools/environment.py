"""The whole environment in order, and the variables programs need inside it."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from . import odoo_source, pdf_printer, postgres, system_packages, venv
from .errors import NO_DISK, DevError
from .paths import DATA_DIR, DEV, ODOO_CONF, PRINTER, ROOT, VENV, odoo_home

MINIMUM_FREE_BYTES = 3 * 1024**3


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together must not set up the same thing twice."""
    with (DEV / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(*, browser: bool = False) -> None:
    """Bring everything into being that is not there yet; each step is skipped once done.

    :param browser: also what the tests need: a browser and a PDF reader
    """
    DEV.mkdir(exist_ok=True)
    if home := odoo_home():
        odoo_source.check_version(home)
    with _one_at_a_time():
        if not VENV.exists() and shutil.disk_usage(DEV).free < MINIMUM_FREE_BYTES:
            raise DevError(NO_DISK)
        system_packages.ensure(browser=browser)
        pdf_printer.ensure()
        odoo_source.ensure()
        venv.ensure()
        postgres.ensure()
        write_odoo_conf()


def write_odoo_conf() -> None:
    """Odoo's configuration file: where the database, the addons and the files are."""
    addons = ",".join(str(path) for path in [*odoo_source.addons_paths(), ROOT])
    content = (
        "[options]\n"
        f"addons_path = {addons}\n"
        f"data_dir = {DATA_DIR}\n"
        f"db_host = {postgres.socket_dir()}\n"
        f"db_port = {postgres.PORT}\n"
        f"db_user = {postgres.USER}\n"
        "admin_passwd = admin\n"
        "http_interface = 127.0.0.1\n"
        "max_cron_threads = 0\n"
    )
    if not ODOO_CONF.exists() or ODOO_CONF.read_text() != content:
        ODOO_CONF.write_text(content)


def _printer() -> list[Path]:
    """The folder of the private PDF printer, if there is one."""
    return [PRINTER / "bin"] if PRINTER.exists() else []


def variables() -> dict[str, str]:
    """The environment variables of every program run inside the environment."""
    return {
        **os.environ,
        **postgres.environment(),
        "ODOO_RC": str(ODOO_CONF),
        "PATH": os.pathsep.join(map(str, [VENV / "bin", *_printer(), os.environ.get("PATH", "")])),
        "VIRTUAL_ENV": str(VENV),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
