"""The addon goes and comes back: what was booked stays, and nothing is complained of on the way."""

import json
import os
import re

import pytest

from devtools import database
from devtools.paths import LOGS
from tests.conftest import drop_database

# Whole installations of Odoo.
pytestmark = pytest.mark.timeout(1800)

ADDON = "optica_cobranca"
FIELDS = (
    "finance_charge_account_id",
    "late_fine_account_id",
    "late_interest_account_id",
    "settlement_discount_account_id",
)
USE = f"""
import json
from tests.install.main_job import play
play(env)
company = env.company
print("SEEN " + json.dumps({{
    "accounts": {{field: company[field].id for field in {FIELDS!r}}},
    "entries": env["account.move.line"].search_count([("parent_state", "=", "posted")]),
}}))
"""
UNINSTALL = """
env["ir.module.module"].search([("name", "=", "optica_cobranca")]).button_immediate_uninstall()
env.cr.commit()
"""
LEFT = """
import json

ledger = env["account.move.line"].search([("parent_state", "=", "posted")])
print("SEEN " + json.dumps({
    "entries": len(ledger),
    "unbalanced": round(sum(ledger.mapped("balance")), 2),
    "accounts": env["account.account"].search([("id", "in", %r)]).ids,
    "models": env["ir.model"].search_count([("model", "=like", "crediario.%%")]),
    "records": env["ir.model.data"].search_count([("module", "=", "optica_cobranca")]),
    "states": sorted(env["ir.actions.server"].search([("state", "=", "contact_message")]).ids),
    "tables": [name for (name,) in env.execute_query(SQL(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relname ~ %%s",
        "^(crediario|dunning|contact|optica|pix)_")) if name != "contact_us"],
}))
"""
FOUND = f"""
import json
print("SEEN " + json.dumps({{field: env.company[field].id for field in {FIELDS!r}}}))
"""


def seen(name: str, script: str) -> dict:
    output = database.run_script(name, "from odoo.tools import SQL\n" + script)
    (line,) = [line for line in output.splitlines() if line.startswith("SEEN ")]
    return json.loads(line[5:])


@pytest.fixture(scope="module")
def story():
    """What there was before the addon went, what was left, and what there is when it is back."""
    name = f"{os.environ['OPTICA_DEV_DATABASE']}_uninstall"
    database.clone(os.environ["OPTICA_DEV_TEMPLATE"], name)
    try:
        used = seen(name, USE)
        gone = database.run_logged_script(name, UNINSTALL)
        left = seen(name, LEFT % (list(used["accounts"].values()),))
        database.install(name, [ADDON])
        back = (LOGS / f"{name}.log").read_text(encoding="utf-8")
        yield {
            "used": used,
            "gone": gone,
            "left": left,
            "back": back,
            "found": seen(name, FOUND),
        }
    finally:
        drop_database(name)


def complaints(log: str) -> list[str]:
    """Lines of a log that are errors or warnings."""
    return re.findall(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*$", log, re.MULTILINE)


def test_going_is_no_error(story):
    assert "uninstall" in story["gone"].lower()
    assert complaints(story["gone"]) == []


def test_the_books_stay_whole(story):
    assert story["used"]["entries"] > 0
    assert story["left"]["entries"] == story["used"]["entries"]
    assert story["left"]["unbalanced"] == 0.0


def test_accounts_in_use_stay_and_the_others_go(story):
    accounts = story["used"]["accounts"]
    used = {accounts["late_fine_account_id"], accounts["late_interest_account_id"]}
    assert set(story["left"]["accounts"]) == used


def test_nothing_else_is_left(story):
    left = story["left"]
    assert left["models"] == left["records"] == 0
    assert left["states"] == left["tables"] == []


def test_it_comes_back_and_finds_its_accounts(story):
    assert complaints(story["back"]) == []
    accounts, found = story["used"]["accounts"], story["found"]
    for field in ("late_fine_account_id", "late_interest_account_id"):
        assert found[field] == accounts[field]
    assert all(found.values())
