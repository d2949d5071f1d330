"""Debian packages the environment needs: PostgreSQL, PDF tools, a browser."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .console import run_logged, step
from .errors import NO_RIGHTS, RIGHTS, DevError, explain
from .paths import LOGS, PRINTER

# Without any, pages and papers show boxes for letters.
FONTS = ("fontconfig-config", "fonts-dejavu-core")
PDF_PRINTER = "wkhtmltopdf"
BROWSER_NAMES = ("chromium", "google-chrome", "chromium-browser")


def postgres_bin() -> Path | None:
    """The folder of the newest PostgreSQL server on this machine (13 or later)."""
    candidates = sorted(
        (int(path.parent.parent.name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parent.parent.name.isdigit()
    )
    if candidates and candidates[-1][0] >= 13:
        return candidates[-1][1]
    found = shutil.which("initdb")
    beside = Path(found).resolve().parent if found else None
    return beside if beside and (beside / "pg_ctl").exists() else None


def _has_venv() -> bool:
    check = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0


def missing(*, browser: bool) -> list[str]:
    """Names of the Debian packages this machine lacks."""
    names = []
    if postgres_bin() is None:
        names.append("postgresql")
    if not _has_venv():
        names.append("python3-venv")
    if not (shutil.which(PDF_PRINTER) or (PRINTER / "bin" / PDF_PRINTER).exists()):
        names.append(PDF_PRINTER)
    if not Path("/etc/fonts/fonts.conf").exists():
        names += FONTS
    if browser and not any(shutil.which(name) for name in BROWSER_NAMES):
        names.append("chromium")
    if browser and not shutil.which("pdftotext"):
        names.append("poppler-utils")
    return names


def is_offered(name: str) -> bool:
    """Whether this machine's own suites hold a package, as far as their lists know."""
    query = ["apt-cache", "policy", name]
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=False, env=env)
    except FileNotFoundError:
        return True  # no Debian: apt_get says so
    return bool(re.search(r"^\s*Candidate: (?!\(none\))\S", answer.stdout, re.MULTILINE))


def ensure(*, browser: bool) -> None:
    """Install what is missing; a printer that the machine's suites lack is fetched elsewhere.

    :param browser: also what only the tests need (a browser, a PDF reader)
    :raise DevError: when there is no apt, no right to install, no network or no disk
    """
    names = missing(browser=browser)
    if not names:
        return
    with step(f"installing system packages: {', '.join(names)}"):
        # Lists of which a part (somebody's own source) is out of reach may do all the same.
        lists = apt_get(["update"], names)
        wanted = [name for name in names if name != PDF_PRINTER or is_offered(name)]
        try:
            _repair(wanted)
            apt_get(["install", "-y", "--no-install-recommends", *wanted], wanted)
        except DevError as error:
            raise DevError(explain(lists, "System packages") or str(error)) from error
    still = [name for name in missing(browser=browser) if name in wanted]
    if still:
        raise DevError(
            f"{', '.join(still)} still missing after installing:"
            f" put the package's programs on the PATH and run the same command again."
        )


def _repair(packages: list[str]) -> None:
    """Finish what an interrupted installation left half done; nothing to do is nothing done."""
    command = [*_as_root(packages), "dpkg", "--configure", "-a"]
    run_logged(command, "dpkg-configure", "Finishing an interrupted installation")


def apt_get(arguments: list[str], packages: list[str]) -> str:
    """Run apt-get with the rights it needs, never ask a question, and return what it says.

    :raise DevError: when there is no apt, or it fails
    """
    if not shutil.which("apt-get"):
        raise DevError(
            f"This is not a Debian system: install {', '.join(packages)} by your system's own"
            f" means and run the same command again."
        )
    command = [*_as_root(packages), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    command += ["-o", "DPkg::Lock::Timeout=300", *arguments]
    try:
        return run_logged(command, f"apt-{arguments[0]}", "System packages")
    except DevError as error:
        output = (LOGS / f"apt-{arguments[0]}.log").read_text(encoding="utf-8", errors="replace")
        if RIGHTS.search(output):
            raise DevError(NO_RIGHTS.format(packages=" ".join(packages))) from error
        raise


def _as_root(packages: list[str]) -> list[str]:
    """The words that give a command root's rights."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        raise DevError(NO_RIGHTS.format(packages=" ".join(packages)))
    # Ask for the password once, in front of the person; never inside a pipe.
    if sys.stdin.isatty():
        subprocess.run(["sudo", "-v"], check=False)
    return ["sudo", "-n"]
