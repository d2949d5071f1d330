"""The demo shop: loads on a Brazilian chart, shows every situation, and is collected once a day."""

import json

import pytest

OPEN = """
env["res.company"].search([("chart_template", "=", "br")])[:1].partner_id.vat = False
env["optica.demo.shop"]._open()
env.cr.commit()
"""

LOOK = """
import json
from collections import Counter
from odoo import fields
shop = env["optica.demo.shop"].with_context(tz="America/Sao_Paulo")
today = fields.Date.context_today(shop)
Line = env["account.move.line"]
lines = Line.search([("crediario_plan_id", "!=", False), ("parent_state", "=", "posted")])
due = lines.filtered(lambda line: line.amount_residual > 0)
moves = lines.move_id
ledger = Line.search([("parent_state", "=", "posted")])
print("SEEN " + json.dumps({
    "contracts": len(moves),
    "customers": len(lines.partner_id),
    "sold": len(moves.filtered(lambda move: move.move_type == "out_invoice")),
    "late": sorted({(today - line.date_maturity).days for line in due}),
    "part_paid": bool(due.filtered(lambda line: 0 < line.amount_residual < line.balance)),
    "paid_off": len([move for move in moves if not move.installment_ids & due]),
    "late_for_one": max(Counter(
        line.partner_id.id for line in due if line.date_maturity < today).values()),
    "no_phone": len(due.partner_id.filtered(lambda partner: not partner.phone)),
    "states": len(lines.partner_id.state_id),
    "opted_out": env["contact.consent"].search_count([("decision", "=", "opt_out")]),
    "holds": sorted(env["dunning.hold"].search([]).mapped("kind")),
    "debit": round(sum(ledger.mapped("debit")), 2),
    "credit": round(sum(ledger.mapped("credit")), 2),
    "birthdays_today": env["res.partner"].search_count(
        [("birth_month_day", "=", today.month * 100 + today.day)]),
    "messages": dict(Counter(env["contact.message"].search([]).mapped("state"))),
    "rated": sorted(set(env["dunning.rating"].search([("current", "=", True)]).mapped("letter"))),
    "promises": sorted(
        (promise.state, (promise.date - today).days)
        for promise in env["dunning.promise"].search([])),
    "disputes": sorted(
        (dispute.state, dispute.reason_id.code) for dispute in env["dunning.dispute"].search([])),
    "with_agency": sorted(env["dunning.handover"].search([]).mapped("state")),
    "bureau": sorted(set(env["dunning.bureau.case"].search([]).mapped("state"))),
    "letters": env["dunning.letter"].search_count([("state", "=", "to_print")]),
    "calls": sorted(env["dunning.call"].search([]).mapped("result")),
    "tasks": env["mail.activity"].search([]).mapped("summary"),
    "waiting": env["dunning.notice"].search_count([("state", "=", "waiting")]),
    "logins": env["res.users"].search([("login", "in", (
        "vendedora", "caixa", "cobradora", "gerente", "cliente"))]).mapped("login"),
}))
"""

COLLECT = """
import json
for _time in range(2):
    result = env["dunning.run"].collect_now()
    print("SEEN " + json.dumps(result["notices"]))
"""

PAY = """
import json
notice = env["dunning.notice"].search([("level_id.offset_days", "=", -5)], limit=1)
line = env["account.move.line"].search([
    ("partner_id", "=", notice.partner_id.id), ("crediario_plan_id", "!=", False),
    ("amount_residual", ">", 0)], order="date_maturity", limit=1)
env["account.payment.register"].with_context(
    active_model="account.move.line", active_ids=line.ids).create({})._create_payments()
env.cr.commit()
tomorrow = env["dunning.run"]._foresee(line.date_maturity)[0]
env["dunning.run"].collect_now(date=line.date_maturity)
later = env["dunning.notice"].search(
    [("partner_id", "=", notice.partner_id.id), ("date", "=", line.date_maturity)])
print("SEEN " + json.dumps(line.id in later.line_ids.move_line_id.ids))
"""


def seen(process):
    """What a script in an Odoo process of its own printed, as data."""
    output, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors[-3000:]
    return [json.loads(line[5:]) for line in output.splitlines() if line.startswith("SEEN ")]


@pytest.fixture
def demo(clone_database, odoo_process):
    """A database with the demo shop, and how to run a script in it."""
    name = clone_database("demo_shop")
    seen(odoo_process(name, OPEN))
    return lambda script: seen(odoo_process(name, script))


def test_every_situation_is_there_and_late_customers_are_reminded_once(demo):
    [shop] = demo(LOOK)
    assert 55 <= shop["contracts"] <= 65 and shop["sold"] == 12
    assert shop["customers"] == 40 and shop["states"] >= 15
    assert {-5, -1, 0, 1, 5, 10, 15, 25, 30} <= set(shop["late"]) and max(shop["late"]) > 90
    assert shop["part_paid"] and shop["paid_off"] >= 5 and shop["late_for_one"] >= 3
    assert shop["no_phone"] == 1 and shop["opted_out"] == 1
    assert shop["holds"] == ["contract", "customer"]
    assert shop["debit"] == shop["credit"]
    assert shop["birthdays_today"] >= 2
    assert sorted(shop["logins"]) == ["caixa", "cliente", "cobradora", "gerente", "vendedora"]
    assert shop["messages"]["read"] >= 5
    assert {"failed", "uncertain", "cancelled", "queued"} <= set(shop["messages"])
    assert {"A", "B", "C", "D"} <= set(shop["rated"])
    assert shop["promises"] == [["broken", -5], ["kept", -3], ["open", 0], ["open", 5]]
    assert shop["disputes"] == [
        ["open", "defect"],
        ["open", "late_delivery"],
        ["rejected", "wrong_charge"],
    ]
    assert shop["with_agency"] == ["draft", "handed_over"]
    assert shop["bureau"] == ["eligible", "waiting"]
    assert shop["letters"] >= 3 and shop["calls"] == ["no_answer", "promise"]
    assert "Promessa quebrada: perguntar o que houve" in shop["tasks"]
    assert shop["waiting"] == 3

    first, second = demo(COLLECT)
    assert len(first) >= 10, "levels of the ladders for good, usual, new and late customers"
    assert sum(count for _level, count in first) >= 15
    assert second == []

    [reminded] = demo(PAY)
    assert reminded is False, "what is paid is in no notice"


def test_without_brazilian_chart_nothing_happens(clone_database, odoo_process):
    name = clone_database("demo_nowhere")
    script = """
import json
env["res.company"].search([]).write({"chart_template": False})
env["optica.demo.shop"]._open()
print("SEEN " + json.dumps(env["sale.order"].search_count([])))
"""
    assert seen(odoo_process(name, script)) == [0]
