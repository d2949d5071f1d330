"""Odoo itself: Debian's package unpacked into a private folder, or a checkout of one's own."""

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import stamps, system_packages
from .console import run_logged, step
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
STABLE, UNSTABLE = "bookworm", "unstable"
KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
# Left out of the package; every page logs an error without it.
STUBS = ("mail/static/lib/selfie_segmentation/selfie_segmentation.js",)
STAMP = "odoo"


def library() -> Path:
    """The folder that Python must search to find the ``odoo`` package."""
    return odoo_home() or ODOO_PRIVATE / "usr" / "lib" / "python3" / "dist-packages"


def addons_paths() -> list[Path]:
    """Odoo's own addons folders."""
    home = odoo_home()
    return [home / "addons"] if home else [library() / "odoo" / "addons"]


def ensure() -> None:
    """Make Odoo available, once.

    :raise DevError: when the checkout is not 19.0, or the package cannot be had
    """
    if home := odoo_home():
        check_version(home)
        return
    inputs = stamps.fingerprint(PACKAGE, LINKED_STABLE, LINKED_UNSTABLE, STUBS)
    if stamps.is_done(STAMP, inputs) and library().exists():
        return
    stamps.clear(STAMP)
    with step("fetching Odoo 19 (about 130 MB)"):
        debs = _download()
    with step("unpacking Odoo 19"):
        _unpack(debs)
    check_version(library())
    stamps.mark(STAMP, inputs)
    shutil.rmtree(DEV / "apt", ignore_errors=True)


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
    info = library() / f"odoo-{ODOO_SERIES}.egg-info" / "PKG-INFO"
    lines = re.findall(r"^Requires-Dist: (.+)$", info.read_text(encoding="utf-8"), re.MULTILINE)
    return [line for line in lines if "extra ==" not in line]


def _setup_requires(setup: Path) -> list[str]:
    """``install_requires`` of a checkout's setup.py, read without running it."""
    for node in ast.walk(ast.parse(setup.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            return list(ast.literal_eval(node.value))
    raise DevError(f"{setup} lists no install_requires: is ODOO_HOME a checkout of odoo/odoo?")


def _site() -> str:
    """The Debian mirror this machine already uses."""
    if not shutil.which("apt-get"):
        raise DevError(
            f"This is not a Debian system: check out odoo/odoo, branch {ODOO_SERIES},"
            f" and run the same command with ODOO_HOME=/path/to/it."
        )
    site = _read_site()
    if site is None:
        system_packages.apt_get(["update"], ["(package lists)"])
        site = _read_site()
    if site is None:
        raise DevError(
            "No Debian mirror is configured on this machine: check out odoo/odoo, branch"
            f" {ODOO_SERIES}, and run the same command with ODOO_HOME=/path/to/it."
        )
    return site


def _read_site() -> str | None:
    query = ["apt-get", "indextargets", "--format", "$(SITE) $(ORIGIN)", "Created-By: Packages"]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    for line in answer.splitlines():
        site, _, origin = line.partition(" ")
        if origin.strip() == "Debian" and not site.rstrip("/").endswith("-security"):
            return site
    return None


def _apt_options(folder: Path) -> list[str]:
    """Options that keep apt away from the system's own lists, cache and sources."""
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    keyring = next((path for path in KEYRINGS if os.path.exists(path)), None)
    signed = f" [signed-by={keyring}]" if keyring else ""
    site = _site()
    sources = folder / "sources.list"
    sources.write_text(
        "".join(f"deb{signed} {site} {suite} main\n" for suite in (STABLE, UNSTABLE))
    )
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "Acquire::Retries": 3,
        "APT::Update::Error-Mode": "any",  # no network is an error, not a warning
        # The version is pinned and signatures are checked: an old list is as good as a new one.
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Languages": "none",
    }
    return [word for name, value in options.items() if value for word in ("-o", f"{name}={value}")]


def _download() -> list[Path]:
    """Fetch the packages below ``.dev/apt`` without touching the system's apt."""
    folder = DEV / "apt"
    shutil.rmtree(folder, ignore_errors=True)
    options = _apt_options(folder)
    debs = folder / "debs"
    debs.mkdir()
    run_logged(["apt-get", "-q", *options, "update"], "odoo-update", "Odoo's package list")
    names = [PACKAGE, *(f"{name}/{STABLE}" for name in LINKED_STABLE)]
    names += [f"{name}/{UNSTABLE}" for name in LINKED_UNSTABLE]
    command = ["apt-get", "-q", *options, "download", *names]
    run_logged(command, "odoo-download", "Odoo 19", cwd=debs)
    return sorted(debs.glob("*.deb"))


def _unpack(debs: list[Path]) -> None:
    """Unpack beside the final place and rename, so that a half-unpacked Odoo is never used."""
    fresh = DEV / "odoo.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for deb in debs:
        run_logged(["dpkg", "-x", str(deb), str(fresh)], "odoo-unpack", "Unpacking Odoo 19")
    addons = fresh / "usr" / "lib" / "python3" / "dist-packages" / "odoo" / "addons"
    for name in STUBS:
        (addons / name).parent.mkdir(parents=True, exist_ok=True)
        (addons / name).touch()
    shutil.rmtree(ODOO_PRIVATE, ignore_errors=True)
    fresh.rename(ODOO_PRIVATE)
