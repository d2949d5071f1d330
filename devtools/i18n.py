"""``./dev i18n``: the terms of the code, and the Portuguese file brought up to date."""

import subprocess
from collections.abc import Sequence

from . import database, environment, postgres, templates
from .console import say, step
from .errors import DevError
from .paths import ADDON, ADDON_NAME, DEV, ODOO_CONF, PYTHON, ROOT

LANGUAGE = "pt_BR"


def main(arguments: Sequence[str]) -> int:
    """Export the terms, merge them into pt_BR.po, and fail when one has no translation."""
    if arguments:
        raise DevError("`./dev i18n` takes no arguments.")
    environment.ensure()
    exported = DEV / f"{ADDON_NAME}.pot"
    with postgres.running():
        template = templates.ensure()
        with step("exporting the terms"), templates.scratch("i18n", template) as name:
            command = ["i18n", "export", "-c", str(ODOO_CONF), "-d", name, "-o"]
            exported.unlink(missing_ok=True)
            database.odoo([*command, str(exported), ADDON_NAME], "i18n", "Exporting the terms")
    merge = [str(PYTHON), "-m", "devtools.i18n_merge", str(exported), str(ADDON / "i18n"), LANGUAGE]
    code = subprocess.run(merge, cwd=ROOT, check=False).returncode
    if code == 0:
        say(f"{LANGUAGE} is complete.")
    return code
