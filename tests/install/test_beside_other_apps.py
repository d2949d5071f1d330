"""The addon beside the apps that shops have: installed before them and after them, it works.

Two databases without demo data are made, side by side, by real installations; in each the main
job is done by people with their roles, with real commits.
"""

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from devtools import database, templates
from devtools.paths import LOGS
from tests.conftest import drop_database

# Whole installations of Odoo.
pytestmark = pytest.mark.timeout(1800)

SCRIPT = """
import json
from tests.install.main_job import play
print("SEEN " + json.dumps(play(env)))
"""
# Addresses of pages, and fields that another addon defines on the same model.
NAMES = """
import json

ours = "odoo.addons.optica_cobranca."
depends = env["ir.module.module"].search([("name", "=", "optica_cobranca")])
needed = {"base", *(depends.upstream_dependencies(exclude_states=("",)) | depends).mapped("name")}
odoos = needed - {"optica_cobranca"}
routes = env["ir.http"].routing_map()
addresses, taken_over = {}, {}
for rule in routes.iter_rules():
    method = rule.endpoint.func
    is_ours = method.__module__.startswith(ours)
    addresses.setdefault(rule.rule, set()).add(is_ours)
    above = [cls for cls in type(method.__self__).mro() if method.__name__ in vars(cls)]
    if is_ours and any(not cls.__module__.startswith(ours) for cls in above):
        taken_over[rule.rule] = rule
# An app that inherits twice has the page once more, by Odoo's method: who asks must get ours.
served = routes.bind("localhost")
lost = [
    address for address, rule in taken_over.items() if not rule.arguments and not served.match(
        address, method=next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}), "GET")
    )[0].func.__module__.startswith(ours)
]
shared = sorted(
    [model._name, name, sorted(set(field._modules) - needed)]
    for model in env.registry.values() for name, field in model._fields.items()
    if "optica_cobranca" in field._modules and set(field._modules) - needed
    and not field.inherited  # seen through a record that has ours as its parent
    and not set(field._modules) & odoos  # Odoo's own, which ours and others change
)
print("SEEN " + json.dumps({
    "shared_addresses": [
        address for address, whose in addresses.items()
        if len(whose) > 1 and address not in taken_over],
    "taken_over": sorted(taken_over),
    "lost": lost,
    "own_addresses": sum(True in whose for whose in addresses.values()),
    "shared_fields": shared,
    "own_fields": sum(
        "optica_cobranca" in field._modules for field in env["account.move"]._fields.values()),
}))
"""
# 900.00 in three; 18 days late: fine 2 % = 6.00, interest 300 x 1 % x 18 / 30 = 1.80.
EXPECTED = {
    "delivered": 1.0,
    "in_stock": 4.0,
    "installments": [[1, "2026-02-05", 300.0], [2, "2026-03-05", 300.0], [3, "2026-04-05", 300.0]],
    "level": 15,
    "message": ["whatsapp", "read"],
    "asked": 307.8,
    "paid": 307.8,
    "residual": 0.0,
    "booked": {"fine": 6.0, "interest": 1.8},
    "notices_after_payment": 0,
}
ORDERS = ("after", "before")


def install(order: str) -> str:
    """A database with the addon installed after the other apps, or before them."""
    name = f"{os.environ['OPTICA_DEV_DATABASE']}_{order}"
    if order == "after":
        database.clone(templates.ensure_companions(), name)
        database.install(name, [templates.ADDON_NAME])
    else:
        database.clone(os.environ["OPTICA_DEV_TEMPLATE"], name)
        database.install(name, templates.COMPANIONS)
    return name


def tried(order: str) -> dict:
    """A shop: its ``database``, the ``names`` in it, and what came of the main ``job``.

    One process of its own tells both: with so many apps it takes long to start.
    """
    name = install(order)
    output = database.run_script(name, NAMES + SCRIPT)
    names, job = [line for line in output.splitlines() if line.startswith("SEEN ")]
    return {"database": name, "names": json.loads(names[5:]), "job": json.loads(job[5:])}


@pytest.fixture(scope="module")
def shops():
    """Shop by order of installation; both are made at once."""
    with ThreadPoolExecutor(len(ORDERS)) as pool:
        made = dict(zip(ORDERS, pool.map(tried, ORDERS), strict=True))
    yield made
    for shop in made.values():
        drop_database(shop["database"])


@pytest.mark.parametrize("order", ORDERS)
def test_the_main_job_is_done_beside_other_apps(shops, order):
    assert shops[order]["job"] == EXPECTED


@pytest.mark.parametrize("order", ORDERS)
def test_nothing_of_the_addon_is_shared_with_another_app(shops, order):
    names = shops[order]["names"]
    assert names["own_addresses"] > 40
    assert names["shared_addresses"] == []
    assert "/my/address/submit" in names["taken_over"]
    assert names["lost"] == []
    assert names["own_fields"] > 10
    assert names["shared_fields"] == []


@pytest.mark.parametrize("order", ORDERS)
def test_the_installation_warns_of_nothing_of_the_addon(shops, order):
    log = (LOGS / f"{shops[order]['database']}.log").read_text(encoding="utf-8")
    assert "Modules loaded" in log
    warned = re.findall(r"^\S+ \S+ \d+ WARNING .*$", log, re.MULTILINE)
    assert [line for line in warned if re.search(r"optica|crediario|dunning", line[80:])] == []
