"""Odoo itself: Debian's package unpacked into a private folder, or a checkout of one's own."""

import ast
import re
import shutil
from pathlib import Path

from . import debian_archive, stamps
from .console import step
from .errors import DevError
from .paths import DEV, ODOO_PRIVATE, ODOO_SERIES, odoo_home

PACKAGE = "odoo-19=19.0.0+dfsg-1"
# Odoo's package links to files of these packages; without them every page answers 500.
LINKED_STABLE = (
    "fonts-font-awesome",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)
LINKED_UNSTABLE = ("fonts-montserrat",)
UNSTABLE = "unstable"
ELSEWHERE = (
    f"check out odoo/odoo, branch {ODOO_SERIES}, and run the same command with"
    " ODOO_HOME=/path/to/it."
)
# Left out of the package; every page logs an error without it.
STUBS = ("mail/static/lib/selfie_segmentation/selfie_segmentation.js",)
STAMP = "odoo"


def packages() -> Path:
    """The folder that Python must search to find the ``odoo`` package."""
    return odoo_home() or ODOO_PRIVATE / "usr" / "lib" / "python3" / "dist-packages"


def addons_paths() -> list[Path]:
    """Odoo's own addons folders."""
    home = odoo_home()
    return [home / "addons"] if home else [packages() / "odoo" / "addons"]


def ensure() -> None:
    """Make Odoo available, once.

    :raise DevError: when the checkout is not 19.0, or the package cannot be had
    """
    if home := odoo_home():
        check_version(home)
        return
    inputs = stamps.fingerprint(PACKAGE, LINKED_STABLE, LINKED_UNSTABLE, STUBS)
    if stamps.is_done(STAMP, inputs) and packages().exists():
        return
    stamps.clear(STAMP)
    site, suite = debian_archive.mirror(ELSEWHERE)
    with step("fetching Odoo 19 (about 130 MB)"):
        archive = debian_archive.Archive("odoo", site, dict.fromkeys([suite, UNSTABLE]), "Odoo 19")
        debs = _download(archive, suite)
    with step("unpacking Odoo 19"):
        _unpack(archive, debs)
    check_version(packages())
    stamps.mark(STAMP, inputs)
    archive.remove()


def check_version(home: Path) -> None:
    """Refuse any Odoo but 19.0."""
    release = home / "odoo" / "release.py"
    if not release.exists():
        raise DevError(
            f"ODOO_HOME={home} holds no Odoo: name the top folder of a checkout of odoo/odoo,"
            f" branch {ODOO_SERIES}."
        )
    found = re.search(
        r"^version_info\s*=\s*\(\s*([^,]+),\s*(\d+)", release.read_text(), re.MULTILINE
    )
    series = f"{found[1].strip()}.{found[2]}".replace("'", "") if found else "unknown"
    if series != ODOO_SERIES:
        raise DevError(
            f"Wrong Odoo version: {home} is {series}, this addon needs {ODOO_SERIES};"
            f" check out branch {ODOO_SERIES}, or leave ODOO_HOME unset."
        )


def requirements() -> list[str]:
    """Names of the Python packages Odoo needs, read from Odoo itself."""
    home = odoo_home()
    if home:
        return _setup_requires(home / "setup.py")
    info = packages() / f"odoo-{ODOO_SERIES}.egg-info" / "PKG-INFO"
    lines = re.findall(r"^Requires-Dist: (.+)$", info.read_text(encoding="utf-8"), re.MULTILINE)
    return [line for line in lines if "extra ==" not in line]


def _setup_requires(setup: Path) -> list[str]:
    """``install_requires`` of a checkout's setup.py, read without running it."""
    for node in ast.walk(ast.parse(setup.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            return list(ast.literal_eval(node.value))
    raise DevError(f"{setup} lists no install_requires: is ODOO_HOME a checkout of odoo/odoo?")


def _download(archive: debian_archive.Archive, suite: str) -> list[Path]:
    """Fetch the package, and those it links to: of the machine's own release where they are."""
    names = [PACKAGE, *(f"{name}/{suite}" for name in LINKED_STABLE)]
    names += [f"{name}/{UNSTABLE}" for name in LINKED_UNSTABLE]
    return archive.download(names)


def _unpack(archive: debian_archive.Archive, debs: list[Path]) -> None:
    """Unpack beside the final place and rename, so that a half-unpacked Odoo is never used."""
    fresh = DEV / "odoo.new"
    archive.unpack(debs, fresh)
    addons = fresh / "usr" / "lib" / "python3" / "dist-packages" / "odoo" / "addons"
    for name in STUBS:
        (addons / name).parent.mkdir(parents=True, exist_ok=True)
        (addons / name).touch()
    shutil.rmtree(ODOO_PRIVATE, ignore_errors=True)
    fresh.rename(ODOO_PRIVATE)
