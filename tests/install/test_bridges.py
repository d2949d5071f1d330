"""Bridges to Odoo's own apps: promotions and the point of sale, each in a database with its app."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import database

SCREEN = Path(__file__).with_name("counter_screen.py")

SETUP = """
import json
from odoo import Command
from odoo.exceptions import UserError
company = env["res.company"].search([("chart_template", "=", "br")])[:1]
env = env(
    user=env.ref("base.user_admin").id,
    context={**env.context, "allowed_company_ids": company.ids})
plan = env["crediario.plan"].create({
    "name": "Linear", "max_installments": 12, "min_installment_value": 10.0,
    "first_due_min_days": 0, "first_due_max_days": 60, "method": "linear", "monthly_rate": 1.0})
free = env["crediario.plan"].create({
    "name": "Free", "max_installments": 12, "min_installment_value": 10.0,
    "first_due_min_days": 0, "first_due_max_days": 60})
customer = env["res.partner"].create({"name": "Maria da Silva"})
glasses = env["product.product"].create({
    "name": "Glasses", "type": "service", "list_price": 400.0,
    "invoice_policy": "order", "taxes_id": [Command.clear()]})
"""

PROMOTION = """
installed = env["ir.module.module"]._get("optica_cobranca_loyalty").state
def sale():
    order = env["sale.order"].create({
        "partner_id": customer.id, "crediario_plan_id": plan.id, "installment_count": 3,
        "order_line": [Command.create({"product_id": glasses.id, "price_unit": 400.0})]})
    return order
def program(kind, **rule):
    return env["loyalty.program"].create({
        "name": kind, "program_type": "promotion", "trigger": "auto", "applies_on": "current",
        "rule_ids": [Command.create({"minimum_amount": 0, **rule})],
        "reward_ids": [Command.create({
            "reward_type": "discount", "discount": 10, "discount_mode": "percent",
            "discount_applicability": kind})]})
seen = {"installed": installed}
for kind in ("order", "cheapest", "specific"):
    promotion = program(kind)
    order = sale()
    order._update_programs_and_rewards()
    claimable = order._get_claimable_rewards()
    for coupon, rewards in claimable.items():
        order._apply_program_reward(rewards[:1], coupon)
    order._update_programs_and_rewards()
    charge = order.order_line.filtered("is_finance_charge")
    seen[kind] = [round(float(order._crediario_cash_total()), 2), charge.price_unit,
                  round(order.amount_total, 2)]
    promotion.active = False
promotion = program("order", minimum_amount=405)
order = sale()
order._update_programs_and_rewards()
seen["below_the_least_amount"] = len(order._get_claimable_rewards())
promotion.active = False
card = env["loyalty.program"].create({
    "name": "Gift", "program_type": "gift_card", "applies_on": "future", "trigger": "auto",
    "rule_ids": [Command.create({"reward_point_amount": 1, "reward_point_mode": "money"})],
    "reward_ids": [Command.create({
        "reward_type": "discount", "discount": 1, "discount_mode": "per_point",
        "discount_applicability": "order", "required_points": 1})]})
coupon = env["loyalty.card"].create({"program_id": card.id, "points": 1000.0})
order = sale()
order._apply_program_reward(card.reward_ids, coupon)
seen["gift_card"] = [round(order.amount_total, 2), len(
    order.order_line.filtered("is_finance_charge"))]
print("SEEN " + json.dumps(seen))
"""

POINT_OF_SALE = """
from odoo import fields
today = fields.Date.context_today(env["pos.order"])
first_due = str(fields.Date.add(today, days=30))
drawer = env["account.journal"].create({"name": "Drawer", "type": "cash", "code": "DRWT"})
methods = env["pos.payment.method"]
later = methods.create({"name": "Crediario", "split_transactions": True})
money = methods.create({"name": "Money", "journal_id": drawer.id})
config = env["pos.config"].create(
    {"name": "Counter", "payment_method_ids": [Command.set((later | money).ids)]})
config.open_ui()
session = config.current_session_id
def order(paid=0.0, terms=False, partner=customer, total=400.0):
    lines = [(later, total - paid)] + ([(money, paid)] if paid else [])
    return {
        "uuid": str(fields.Datetime.now()) + str(paid) + str(terms), "state": "paid",
        "session_id": session.id, "partner_id": partner.id, "company_id": company.id,
        "user_id": env.uid, "amount_total": total, "amount_tax": 0.0, "amount_paid": total,
        "amount_return": 0.0, "to_invoice": False, "crediario_terms": terms,
        "fiscal_position_id": False, "pricelist_id": config.pricelist_id.id,
        "lines": [Command.create({
            "product_id": glasses.id, "qty": 1, "price_unit": total, "price_subtotal": total,
            "price_subtotal_incl": total, "discount": 0, "tax_ids": [], "uuid": str(total)
            + str(paid) + str(terms)})],
        "payment_ids": [Command.create({
            "amount": amount, "payment_method_id": method.id,
            "payment_date": str(fields.Datetime.now())}) for method, amount in lines]}
def refused(**values):
    try:
        with env.cr.savepoint():
            env["pos.order"].with_context(generate_pdf=False).sync_from_ui([order(**values)])
    except Exception as error:
        return str(error)
    return ""
def sold(**values):
    result = env["pos.order"].with_context(generate_pdf=False).sync_from_ui([order(**values)])
    record = env["pos.order"].browse(result["pos.order"][0]["id"])
    move = record.account_move
    return {
        "plan": move.crediario_plan_id.name, "total": round(move.amount_total, 2),
        "schedule": [
            [line.installment_number, round(line.balance, 2), round(line.amount_residual, 2)]
            for line in move.installment_ids.sorted("installment_number")]}
strict = env["crediario.plan"].create({
    "name": "Strict", "max_installments": 2, "requires_tax_number": True,
    "first_due_min_days": 0, "first_due_max_days": 60})
seen = {
    "installed": env["ir.module.module"]._get("optica_cobranca_pos").state,
    "without_terms": refused(),
    "unreadable": refused(terms="1/x"),
    "too_many": refused(terms=f"{free.id}/99/{first_due}"),
    "bad_date": refused(terms=f"{free.id}/4/{fields.Date.add(today, days=400)}"),
    "no_cpf": refused(terms=f"{strict.id}/2/{first_due}"),
    "free": sold(terms=f"{free.id}/4/{first_due}"),
    "part_paid": sold(paid=100.0, terms=f"{free.id}/3/{first_due}"),
    "charged": sold(terms=f"{plan.id}/4/{first_due}"),
}
choices = env["pos.order"].crediario_choices(config.id, customer.id, 400.0, 400.0)
mine = [offer for offer in choices["offers"] if offer["key"].startswith(f"{plan.id}/")]
seen["offers"] = [len(mine), mine[3]["label"], mine[3]["description"], mine[3]["dates"][30]["key"]]
seen["due"] = first_due
seen["strict_offered"] = any(
    offer["key"].startswith(f"{strict.id}/") for offer in choices["offers"])
print("SEEN " + json.dumps(seen))
"""


def seen(process):
    output, errors = process.communicate(timeout=400)
    assert process.returncode == 0, errors[-3000:]
    lines = [line for line in output.splitlines() if line.startswith("SEEN ")]
    return json.loads(lines[-1].removeprefix("SEEN "))


@pytest.mark.timeout(1200)
def test_promotions_discount_goods_alone(clone_database, odoo_process):
    """400.00 in 3 at 1% linear: 10% off is 40.00, and 3% of 360.00 are 10.80."""
    name = clone_database("promotion")
    database.install(name, ["sale_loyalty"])
    shown = seen(odoo_process(name, SETUP + PROMOTION))
    assert shown["installed"] == "installed"
    for kind in ("order", "cheapest", "specific"):
        assert shown[kind] == [360.0, 10.8, 370.8], kind
    # 400.00 of goods and 12.00 for the credit do not reach a least amount of 405.00.
    assert shown["below_the_least_amount"] == 0
    # A gift card of 1,000.00 pays 400.00 of glasses: nothing is left to finance.
    assert shown["gift_card"] == [0.0, 0]


@pytest.mark.timeout(1200)
def test_a_sale_on_account_is_a_contract(clone_database, odoo_process):
    name = clone_database("counter")
    database.install(name, ["point_of_sale"])
    shown = seen(odoo_process(name, SETUP + POINT_OF_SALE))
    assert shown["installed"] == "installed"
    for refusal in ("without_terms", "unreadable"):
        assert (
            "choose the plan, the number of installments and the first due date" in (shown[refusal])
        )
    assert "allows from 1 to 12 installments; 99 were asked for" in shown["too_many"]
    assert "The first due date must be one that plan Free allows" in shown["bad_date"]
    assert "Before Maria da Silva buys on credit, enter in the contact: CPF." in shown["no_cpf"]
    # 400.00 in 4 without charge
    assert shown["free"] == {
        "plan": "Free",
        "total": 400.0,
        "schedule": [[number, 100.0, 100.0] for number in (1, 2, 3, 4)],
    }
    # 100.00 in cash: the down payment, paid; 300.00 in 3
    assert shown["part_paid"] == {
        "plan": "Free",
        "total": 400.0,
        "schedule": [[0, 100.0, 0.0]] + [[number, 100.0, 100.0] for number in (1, 2, 3)],
    }
    # 400.00 at 1% linear in 4: 16.00 for the credit, 104.00 each
    assert shown["charged"] == {
        "plan": "Linear",
        "total": 416.0,
        "schedule": [[number, 104.0, 104.0] for number in (1, 2, 3, 4)],
    }
    count, label, description, day = shown["offers"]
    assert count == 12
    assert label.replace("\u00a0", " ") == "4 × R$ 104.00"
    assert description.replace("\u00a0", " ") == "Linear · total R$ 416.00"
    assert day == shown["due"]
    assert not shown["strict_offered"]
    drive_the_screen(name)


def drive_the_screen(name):
    """The same at the screen, by a pytest of its own on the database with the point of sale."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["--odoo-database", name, "--odoo-http", str(SCREEN)]
    without = {"OPTICA_DEV_WORK", "OPTICA_DEV_WORKER"}
    variables = {key: value for key, value in os.environ.items() if key not in without}
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**variables, "OPTICA_DEV_DATABASE": name},
    )
    assert run.returncode == 0, run.stdout[-5000:]
    assert "1 passed" in run.stdout
