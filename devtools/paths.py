"""Where things live. Everything the tooling makes is below ``.dev/``."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
ADDON_NAME = "optica_cobranca"
ADDON = ROOT / ADDON_NAME
# Beside it: addons that join it to one of Odoo's own apps and install themselves with that.
BRIDGES = sorted(path.parent.name for path in ROOT.glob(f"{ADDON_NAME}_*/__manifest__.py"))
STAMPS = DEV / "stamps"
LOGS = DEV / "logs"
VENV = DEV / "venv"
PYTHON = VENV / "bin" / "python"
ODOO_PRIVATE = DEV / "odoo"
PRINTER = DEV / "printer"
ODOO_CONF = DEV / "odoo.conf"
DATA_DIR = DEV / "data"

ODOO_SERIES = "19.0"


def odoo_home() -> Path | None:
    """The checkout chosen by ``ODOO_HOME``, or None when the Debian package is used."""
    value = os.environ.get("ODOO_HOME", "").strip()
    return Path(value).expanduser().resolve() if value else None
