"""The demo shop's database."""

from . import database, scripts, stamps, templates
from .console import step
from .errors import DevError
from .paths import ADDON_NAME

NAME = "optica_demo"
LANGUAGES = ("pt_BR", "en_US")


def _fingerprint() -> str:
    return stamps.fingerprint(NAME, templates.addon_fingerprint())


def ensure(*, fresh: bool = False) -> None:
    """Create the database once; afterwards update the addon in it when its files changed.

    :param fresh: create it anew; its dates are relative to the day it was made
    """
    inputs = _fingerprint()
    with templates.locked(NAME):
        if fresh or not database.exists(NAME):
            _create()
        elif not stamps.is_done(NAME, inputs):
            stamps.clear(NAME)
            with step(f"updating {ADDON_NAME} in the demo database"):
                database.update(NAME, [ADDON_NAME])
        stamps.mark(NAME, inputs)


def ensure_named(name: str) -> None:
    """The demo shop's database, made when it is missing, or another one that must be there.

    :raise DevError: there is none of this name
    """
    if name == NAME:
        ensure()
    elif not database.exists(name):
        raise DevError(f"There is no database “{name}”; `./dev psql -l` lists them.")


def open_at(address: str, name: str = NAME) -> None:
    """Let links of messages and styles of papers lead to where the shop is served now.

    Odoo does so by itself only when an administrator logs in. Not while Odoo runs on it.
    """
    quoted = address.replace("'", "''")
    database.psql(
        f"UPDATE ir_config_parameter SET value = '{quoted}' WHERE key = 'web.base.url'", name
    )


def _create() -> None:
    """Build under a temporary name, so that Ctrl-C leaves no half a shop behind."""
    temporary = f"{NAME}_new"
    depends = templates.manifest()["depends"]
    with step("creating the demo database (once, about a minute)"):
        database.create(temporary, depends, languages=LANGUAGES)
        database.run_script(temporary, scripts.read("demo_company"))
    with step(f"installing {ADDON_NAME} with the demo shop"):
        database.install(temporary, [ADDON_NAME], demo=True)
        database.run_script(temporary, scripts.read("demo_finish"))
        database.keep_files_inside(temporary)
        database.rename(temporary, NAME)


def users() -> list[tuple[str, str]]:
    """Login and name of everyone who can log in with the login as password."""
    sql = (
        "SELECT u.login || '|' || p.name FROM res_users u JOIN res_partner p ON p.id = u.partner_id"
        " WHERE u.active AND u.login NOT IN ('__system__', 'public', 'portaltemplate', 'default')"
        " ORDER BY u.id"
    )
    return [
        (login, name) for login, _, name in (row.partition("|") for row in database.psql(sql, NAME))
    ]


def menus() -> list[str]:
    """The name of the addon's app as the demo users see it, and those of its menus in order."""
    language = LANGUAGES[0]
    sql = (
        f"SELECT COALESCE(menu.name->>'{language}', menu.name->>'en_US')"
        " FROM ir_model_data data"
        " JOIN ir_ui_menu app ON app.id = data.res_id AND app.parent_id IS NULL"
        " JOIN ir_ui_menu menu ON menu.id = app.id OR menu.parent_id = app.id"
        f" WHERE data.model = 'ir.ui.menu' AND data.module = '{ADDON_NAME}'"
        " ORDER BY menu.parent_id NULLS FIRST, menu.sequence, menu.id"
    )
    return database.psql(sql, NAME)
