"""A shop that worked with the first version updates: it owes, knows and can do what it did."""

import json
import lzma
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from devtools import database
from devtools.environment import variables
from devtools.paths import LOGS
from tests.conftest import drop_database

# A whole update of Odoo.
pytestmark = pytest.mark.timeout(1800)

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "upgrade"
BEFORE = json.loads((FOLDER / "first_version.json").read_text(encoding="utf-8"))

LOOK = f"""
import json
from datetime import date

Line = env["account.move.line"]
lines = Line.search([("crediario_plan_id", "!=", False), ("parent_state", "=", "posted")])
amounts = lines._amounts_today(date.fromisoformat("{BEFORE["on"]}"))
contracts = lines.move_id
env["optica.evidence"]._cron_seal()
chain = env["optica.evidence"]._verify(lines.company_id)
print("SEEN " + json.dumps({{
    "owed": {{str(key): [f"{{one.principal:.2f}}", f"{{one.fine:.2f}}", f"{{one.interest:.2f}}"]
             for key, one in amounts.items()}},
    "residual": {{str(line.id): f"{{line.amount_residual:.2f}}" for line in lines}},
    "counts": {{model: env[model].with_context(active_test=False).search_count([])
               for model in {sorted(BEFORE["counts"])!r}}},
    "without_terms": contracts.filtered(lambda one: not one.crediario_terms_id).mapped("name"),
    "chain": {{key: chain[key] for key in ("count", "unrecorded", "broken")}},
}}, default=str))
"""
# The day goes on: an old installment is paid at the counter, and the ladder runs.
GO_ON = """
import json
from datetime import date
from decimal import Decimal

from odoo.addons.optica_cobranca.tools.receiving.receiving_order import Method, ReceivingOrder

line = env["account.move.line"].search(
    [("crediario_plan_id", "!=", False), ("parent_state", "=", "posted"),
     ("amount_residual", ">", 0)], order="date_maturity, id", limit=1)
today = date.today()
total = line._amounts_today(today)[line.id].total
journal = env["account.journal"].search(
    [("type", "in", ("bank", "cash")), ("company_id", "=", line.company_id.id)], limit=1)
receipt = env["crediario.receipt"]._receive(
    line, ReceivingOrder(on=today, methods=(Method(journal, Decimal(total)),)))
run = env["dunning.run"].collect_now()
print("SEEN " + json.dumps({
    "receipt": receipt.state, "residual": line.amount_residual,
    "run": bool(run)}))
"""


def seen(name: str, script: str):
    output = database.run_script(name, script)
    (line,) = [line for line in output.splitlines() if line.startswith("SEEN ")]
    return json.loads(line[5:])


@pytest.fixture(scope="module")
def shop():
    """The database of before, updated."""
    name = f"{os.environ['OPTICA_DEV_DATABASE']}_upgrade"
    database.drop(name)
    database.psql(f'CREATE DATABASE "{name}"')
    dump = lzma.decompress((FOLDER / "first_version.sql.xz").read_bytes())
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", name]
    subprocess.run(command, input=dump, env=variables(), check=True, stdout=subprocess.DEVNULL)
    try:
        database.update(name, ["optica_cobranca"])
        yield name
    finally:
        drop_database(name)


@pytest.fixture(scope="module")
def after(shop):
    return seen(shop, LOOK)


def test_every_customer_owes_what_was_owed(after):
    assert len(BEFORE["owed"]) > 300
    assert sum(fine != "0.00" for _, fine, _ in BEFORE["owed"].values()) > 20
    assert after["owed"] == BEFORE["owed"]
    assert after["residual"] == BEFORE["residual"]


def test_nothing_is_lost(after):
    missing = Counter(BEFORE["counts"]) - Counter(after["counts"])
    assert not missing


def test_contracts_keep_the_terms_they_were_signed_with(after):
    assert after["without_terms"] == []


def test_what_was_kept_joins_the_chain_of_evidence(after):
    assert after["chain"]["count"] > 20
    assert after["chain"]["unrecorded"] == []
    assert after["chain"]["broken"] is None


def test_the_log_says_nothing_of_it(shop):
    log = (LOGS / f"{shop}.log").read_text(encoding="utf-8")
    loud = [line for line in log.splitlines() if " WARNING " in line or " ERROR " in line]
    assert loud == []


def test_the_day_goes_on(shop):
    assert seen(shop, GO_ON) == {"receipt": "posted", "residual": 0.0, "run": True}
