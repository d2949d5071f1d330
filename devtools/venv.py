"""The virtual environment with Odoo's requirements and the tools of the project."""

import shutil
import subprocess
import sys
from pathlib import Path

from . import odoo_source, stamps
from .console import run_logged, step
from .errors import DevError
from .paths import ODOO_SERIES, PYTHON, VENV, odoo_home

STAMP = "venv"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
# Built from source it needs PostgreSQL's headers; devtools/requirements.txt brings the binary.
REPLACED = ("psycopg2",)


def ensure() -> None:
    """Create the environment when it is missing or its inputs changed.

    :raise DevError: when the packages cannot be downloaded or installed
    """
    names = [name for name in odoo_source.requirements() if not name.startswith(REPLACED)]
    inputs = stamps.fingerprint(
        names, REQUIREMENTS.read_text(), sys.version_info[:2], str(odoo_source.packages())
    )
    if stamps.is_done(STAMP, inputs) and PYTHON.exists():
        return
    stamps.clear(STAMP)
    # Linked from elsewhere it serves others as well: packages are added, nothing is thrown away.
    if not (VENV.is_symlink() and PYTHON.exists()):
        with step("creating the Python environment"):
            shutil.rmtree(VENV, ignore_errors=True)
            run_logged([sys.executable, "-m", "venv", str(VENV)], "venv", "The Python environment")
    with step("installing Python packages"):
        flags = ["--no-input", "--prefer-binary", "--retries", "2"]
        command = [str(PYTHON), "-m", "pip", "install", *flags, "-r", str(REQUIREMENTS), *names]
        run_logged(command, "pip", "Python packages")
    link_odoo(VENV)
    stamps.mark(STAMP, inputs)


def site_packages(environment: Path) -> Path:
    """Where an environment keeps its packages."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    command = [str(environment / "bin" / "python"), "-c", ask]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise DevError(f"{environment} is broken: run `./dev clean` and the same command again.")
    return Path(answer.stdout.strip())


def link_odoo(environment: Path) -> None:
    """Make ``import odoo`` work in an environment, and pip see ``odoo 19.0``."""
    folders = [odoo_source.packages().resolve()]  # a linked folder may be gone before its target
    if odoo_home():
        folders.append(_packaging_record(environment))
    lines = "".join(f"{folder}\n" for folder in folders)
    (site_packages(environment) / "odoo-private.pth").write_text(lines, encoding="utf-8")


def _packaging_record(environment: Path) -> Path:
    """A checkout carries no packaging record; pip needs one to know that Odoo is there."""
    folder = environment / "odoo-record"
    info = folder / f"odoo-{ODOO_SERIES}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: odoo\nVersion: {ODOO_SERIES}\n")
    (info / "INSTALLER").write_text("devtools\n")
    (info / "RECORD").write_text("")
    return folder
