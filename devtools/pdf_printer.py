"""``wkhtmltopdf``, by which Odoo prints: the system's, or an older Debian's in a private folder.

Debian 13 has it no more (docs/decisions/0009-the-printer-of-debian-12.md). The last release
that had it serves: its program with its libraries, unpacked below ``.dev/`` as Odoo is.
"""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from . import debian_archive, stamps
from .console import step
from .errors import DevError
from .paths import DEV, PRINTER
from .system_packages import PDF_PRINTER as PACKAGE

SUITE = "bookworm"
STAMP = "printer"
ELSEWHERE = f"install {PACKAGE} 0.12.6 by your system's own means and run the same command again."
# Of what it depends on: its libraries, but for the system's own C library and for drivers of
# graphics cards, which nothing needs that draws on paper.
WANTED = re.compile(rf"{PACKAGE}$|lib(?!c6$|llvm|gl1-mesa|z3-)")
LAUNCHER = """#!/bin/sh
# Debian {suite}'s {package} with the libraries it was made for.
export LD_LIBRARY_PATH={libraries}
export QT_PLUGIN_PATH={plugins}
export QT_QPA_PLATFORM=offscreen
exec {program} "$@"
"""


def ensure() -> None:
    """Unpack it, once, where the system has none.

    :raise DevError: when it cannot be had
    """
    inputs = stamps.fingerprint(SUITE, LAUNCHER, WANTED.pattern)
    private = (PRINTER / "bin" / PACKAGE).exists()
    if stamps.is_done(STAMP, inputs) if private else shutil.which(PACKAGE):
        return
    stamps.clear(STAMP)
    site, _suite = debian_archive.mirror(ELSEWHERE)
    with step(f"fetching {PACKAGE} of Debian {SUITE} (about 60 MB)"):
        archive = debian_archive.Archive(STAMP, site, [SUITE], PACKAGE)
        debs = archive.download([name for name in archive.needs(PACKAGE) if WANTED.match(name)])
    with step(f"unpacking {PACKAGE}"):
        fresh = DEV / f"{PRINTER.name}.new"
        archive.unpack(debs, fresh)
        shutil.rmtree(PRINTER, ignore_errors=True)
        fresh.rename(PRINTER)
        write_launcher(PRINTER)
        archive.remove()
    _try_out()
    stamps.mark(STAMP, inputs)


def write_launcher(home: Path) -> None:
    """The program on the PATH: starts the one that was unpacked with its own libraries."""
    tops = (home / "lib", home / "usr" / "lib")
    folders = [folder for top in tops for folder in [*sorted(top.glob("*-linux-*")), top]]
    libraries = [folder for folder in folders if folder.is_dir()]
    plugins = next(iter(sorted(home.glob("usr/lib/*/qt5/plugins"))), home)
    launcher = home / "bin" / PACKAGE
    launcher.parent.mkdir(exist_ok=True)
    launcher.write_text(
        LAUNCHER.format(
            suite=SUITE,
            package=PACKAGE,
            libraries=shlex.quote(":".join(map(str, libraries))),
            plugins=shlex.quote(str(plugins)),
            program=shlex.quote(str(home / "usr" / "bin" / PACKAGE)),
        )
    )
    launcher.chmod(0o755)


def _try_out() -> None:
    """It starts at all.

    :raise DevError: with its last words
    """
    command = [str(PRINTER / "bin" / PACKAGE), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        words = (answer.stderr.strip().splitlines() or ["no output"])[-1]
        raise DevError(f"{PACKAGE} of Debian {SUITE} does not start here ({words}): {ELSEWHERE}")
