"""Template databases: the slow work is done once, every run gets a copy in a fraction of a second.

Two layers: one with everything the addon depends on, remade when Odoo or the
manifest's ``depends`` change; and one with the addon installed on a copy of it,
remade when a file changes that ends up in the database.
"""

import ast
import contextlib
import fcntl
import os
from collections.abc import Iterator

from . import database, odoo_source, stamps
from .console import step
from .errors import DevError
from .paths import ADDON, ADDON_NAME, DEV, ROOT

DEPENDENCIES = "optica_deps_template"
ADDON_INSTALLED = "optica_test_template"
COMPANIONS_INSTALLED = "optica_companions_template"
# What a shop is likely to have beside the addon, or to install later; with all they need in turn.
COMPANIONS = (
    "sale_stock",
    "point_of_sale",
    "purchase",
    "website_sale",
    "crm",
    "survey",
    "mass_mailing",
    "account_debit_note",
    "sale_loyalty",
    "delivery",
    "l10n_br_sales",
    "payment_demo",
    "payment_mercado_pago",
    "hr",
    "project",
)
LANGUAGES = ("en_US", "pt_BR")
# Code that runs but leaves nothing in the database.
NOT_IN_DATABASE = ("domain", "clients", "controllers", "static", "demo")


def manifest() -> dict:
    """The addon's manifest.

    :raise DevError: when there is none, or it cannot be read
    """
    try:
        return ast.literal_eval((ADDON / "__manifest__.py").read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise DevError(f"The manifest of {ADDON_NAME} cannot be read: {error}.") from error


def addon_fingerprint() -> str:
    """A hash over the files of the addon that end up in the database."""
    paths = [path for path in ADDON.iterdir() if path.name not in NOT_IN_DATABASE]
    return stamps.fingerprint_files(paths, ROOT)


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Two commands started together must not build the same template twice."""
    with (DEV / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure() -> str:
    """Bring the template with the addon up to date and return its name."""
    with locked(ADDON_INSTALLED):
        dependencies = _ensure_dependencies()
        inputs = stamps.fingerprint(dependencies, addon_fingerprint())
        if not (stamps.is_done(ADDON_INSTALLED, inputs) and database.exists(ADDON_INSTALLED)):
            stamps.clear(ADDON_INSTALLED)
            with step(f"installing {ADDON_NAME} into the template database"):
                _build(ADDON_INSTALLED, from_template=DEPENDENCIES, modules=[ADDON_NAME])
            stamps.mark(ADDON_INSTALLED, inputs)
    return ADDON_INSTALLED


def ensure_companions() -> str:
    """Bring the template with Odoo's other apps, without the addon, up to date; return its name."""
    with locked(COMPANIONS_INSTALLED), locked(ADDON_INSTALLED):
        inputs = stamps.fingerprint(_ensure_dependencies(), sorted(COMPANIONS))
        current = stamps.is_done(COMPANIONS_INSTALLED, inputs)
        if not (current and database.exists(COMPANIONS_INSTALLED)):
            stamps.clear(COMPANIONS_INSTALLED)
            with step("installing other apps of Odoo into a template database (once)"):
                temporary = f"{COMPANIONS_INSTALLED}_new"
                database.clone(DEPENDENCIES, temporary)
                database.install(temporary, COMPANIONS)
                database.rename(temporary, COMPANIONS_INSTALLED)
            stamps.mark(COMPANIONS_INSTALLED, inputs)
    return COMPANIONS_INSTALLED


def _ensure_dependencies() -> str:
    """Bring the lower template up to date and return the fingerprint of what it was made from."""
    depends = sorted(manifest()["depends"])
    inputs = stamps.fingerprint(
        depends, LANGUAGES, str(odoo_source.packages()), stamps.read("odoo")
    )
    if stamps.is_done(DEPENDENCIES, inputs) and database.exists(DEPENDENCIES):
        return inputs
    stamps.clear(DEPENDENCIES)
    with step("creating the template database (once, about a minute)"):
        _build(DEPENDENCIES, from_template=None, modules=depends)
    stamps.mark(DEPENDENCIES, inputs)
    return inputs


def _build(name: str, *, from_template: str | None, modules: list[str]) -> None:
    """Build under a temporary name, so that a half-built template is never copied."""
    temporary = f"{name}_new"
    if from_template:
        database.clone(from_template, temporary)
        database.install(temporary, modules)
    else:
        database.create(temporary, modules, languages=LANGUAGES)
    database.keep_files_inside(temporary)
    database.rename(temporary, name)


@contextlib.contextmanager
def scratch(purpose: str, template: str, part: str = "") -> Iterator[str]:
    """A copy of a template for the length of a block, with every copy derived from it.

    :param part: tells apart several copies of one command
    """
    drop_abandoned(purpose)
    name = f"optica_{purpose}_{os.getpid()}{part and '_'}{part}"
    database.clone(template, name)
    try:
        yield name
    finally:
        for derived in _named_like(name):
            database.drop(derived)


def drop_abandoned(purpose: str) -> None:
    """Drop the copies of commands that were killed before they could."""
    for name in _named_like(f"optica_{purpose}"):
        pid = name.removeprefix(f"optica_{purpose}_").split("_")[0]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            database.drop(name)


def _named_like(name: str) -> list[str]:
    """Databases of this name and those derived from it; 12 is not the beginning of 123."""
    names = database.psql("SELECT datname FROM pg_database")
    return [found for found in names if found == name or found.startswith(f"{name}_")]
