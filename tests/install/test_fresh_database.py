"""A shop's first hour: a fresh Brazilian database, and the addon as its first app, in one go."""

import json
import os

import pytest

from devtools import database
from tests.conftest import drop_database

# A whole installation of Odoo.
pytestmark = pytest.mark.timeout(1800)

LOOK = """
import json
from odoo import Command

page = env(user=env.ref("base.user_admin").id)["optica.today"]
missing = [step["key"] for step in page.missing()]
company = env.company.with_context(lang="pt_BR")
accounts = {
    name: company[f"{name}_account_id"]
    for name in ("finance_charge", "late_fine", "late_interest", "settlement_discount")
}
plan = env["crediario.plan"].create({
    "name": "Linear", "max_installments": 4, "min_installment_value": 10.0,
    "first_due_min_days": 0, "first_due_max_days": 60, "method": "linear", "monthly_rate": 1.0})
sale = env["account.move"].create({
    "move_type": "out_invoice", "partner_id": env["res.partner"].create({"name": "Maria"}).id,
    "crediario_plan_id": plan.id, "installment_count": 4,
    "invoice_line_ids": [Command.create(
        {"name": "Glasses", "quantity": 1, "price_unit": 400.0, "tax_ids": [Command.clear()]})]})
sale.action_post()
goods, charge = sale.invoice_line_ids.sorted("is_finance_charge")
inbound = env["account.payment.method.line"].search([("payment_type", "=", "inbound")])
print("SEEN " + json.dumps({
    "chart": company.chart_template,
    "names": {name: account.name for name, account in accounts.items()},
    "groups": {name: account.code.rpartition(".")[0] for name, account in accounts.items()},
    "number": len({account.id for account in accounts.values()}),
    "charge": charge.price_unit,
    "charge_is_apart": charge.account_id == accounts["finance_charge"] != goods.account_id,
    "cards": sorted(inbound.filtered("crediario_card").mapped("crediario_card")),
    "drawers": env["account.journal"].search_count([("type", "=", "cash")]),
    "missing": missing,
}))
"""


@pytest.fixture(scope="module")
def fresh():
    """What there is when ``odoo db init --country BR`` was followed by the addon alone."""
    name = f"{os.environ['OPTICA_DEV_DATABASE']}_fresh"
    try:
        database.create(name, ["optica_cobranca"], languages=["pt_BR"])
        output = database.run_script(name, LOOK)
        (line,) = [line for line in output.splitlines() if line.startswith("SEEN ")]
        yield json.loads(line[5:])
    finally:
        drop_database(name)


def test_accounts_are_there_with_the_chart(fresh):
    """Four, in Portuguese, among financial income and expense; none of them twice."""
    assert fresh["chart"] == "br"
    assert fresh["names"] == {
        "finance_charge": "Encargos do crediário",
        "late_fine": "Multas do crediário",
        "late_interest": "Juros de mora do crediário",
        "settlement_discount": "Abatimentos por quitação antecipada",
    }
    income, expense = "3.01.01.05.01", "3.01.01.09.01"
    assert fresh["groups"] == {
        "finance_charge": income,
        "late_fine": income,
        "late_interest": income,
        "settlement_discount": expense,
    }
    assert fresh["number"] == 4


def test_the_first_sale_books_the_price_of_its_credit_apart(fresh):
    """400.00 at 1 % a month, linear, in four parts: 16.00 for the credit."""
    assert fresh["charge"] == 16.0
    assert fresh["charge_is_apart"]


def test_cash_and_cards_are_taken_from_the_first_minute(fresh):
    assert fresh["drawers"] == 1
    assert fresh["cards"] == ["credit", "debit"]


def test_nothing_says_that_all_is_well(fresh):
    assert fresh["missing"] == ["gateway", "contract"]
