"""An update brings nothing back that the shop deleted, and says nothing of it."""

import json
import os
import re

import pytest

from devtools import database
from devtools.paths import LOGS
from tests.conftest import drop_database

# Whole installations of Odoo.
pytestmark = pytest.mark.timeout(1800)

# The shop throws away all that was shipped as a start, as far as nothing holds it.
DELETE = """
import json
shipped = env["ir.model.data"].search([
    ("module", "=", "optica_cobranca"), ("noupdate", "=", True),
    # Jobs, with their other halves, and kinds of documents come back: the program waits for them.
    ("model", "not in", ("ir.cron", "l10n_latam.document.type")),
    ("name", "not like", "%_ir_actions_server")])
names = sorted(f"{row.model},{row.complete_name}" for row in shipped)
waiting = [env[row.model].browse(row.res_id) for row in shipped]
while True:
    kept = []
    for record in waiting:
        try:
            with env.cr.savepoint():
                record.exists().unlink()
        except Exception as error:
            kept.append(record)
    if len(kept) == len(waiting):
        break
    waiting = kept
env.cr.commit()
left = env["ir.model.data"].search([("id", "in", shipped.ids)])
print("SEEN " + json.dumps({
    "shipped": names, "left": sorted(f"{row.model},{row.complete_name}" for row in left)}))
"""
LOOK = """
import json

shipped = env["ir.model.data"].search([
    ("module", "=", "optica_cobranca"), ("noupdate", "=", True),
    # Jobs, with their other halves, and kinds of documents come back: the program waits for them.
    ("model", "not in", ("ir.cron", "l10n_latam.document.type")),
    ("name", "not like", "%_ir_actions_server")])
print("SEEN " + json.dumps(sorted(f"{row.model},{row.complete_name}" for row in shipped)))
"""


def seen(name: str, script: str):
    output = database.run_script(name, script)
    (line,) = [line for line in output.splitlines() if line.startswith("SEEN ")]
    return json.loads(line[5:])


@pytest.fixture(scope="module")
def story():
    name = f"{os.environ['OPTICA_DEV_DATABASE']}_update"
    database.clone(os.environ["OPTICA_DEV_TEMPLATE"], name)
    try:
        told = seen(name, DELETE)
        database.update(name, ["optica_cobranca"])
        log = (LOGS / f"{name}.log").read_text(encoding="utf-8")
        yield {**told, "after": seen(name, LOOK), "log": log}
    finally:
        drop_database(name)


def test_the_shop_can_delete_nearly_all_of_it(story):
    models = {name.split(",")[0] for name in story["shipped"]}
    assert {"dunning.level", "contact.template", "crediario.plan"} <= models
    assert len(story["shipped"]) > 150
    assert story["left"] == []


def test_nothing_comes_back(story):
    assert story["after"] == story["left"]


def test_the_update_complains_of_nothing(story):
    pattern = r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*$"
    assert re.findall(pattern, story["log"], re.MULTILINE) == []
