"""Opening a contact, a sale, an invoice and the list of installments, as the web client does it.

    ./dev bench screens

Each screen is opened by each role in two databases: one with the addon, and one with the same apps
without it, where the same people have the same rights of Odoo's own and the same contracts, paid
by a payment term. Told are the queries and the milliseconds of reading the records, again and
again in a process that has shown them before, and of asking for the view, which the web client
keeps. It fails when a contact takes more than 8 queries more than without the addon, or 12 with
200 installments.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

from lxml import etree

from odoo import Command, fields
from odoo.models import BaseModel
from odoo.tests import new_test_user

from benchmarks import harness
from devtools import templates

ROWS_INSIDE = 40  # of a list inside a form, unless it tells
ALWAYS = ("1", "True", "true")
ADDON = "optica_cobranca"
ROWS = 80  # of a list's page
PARTS = 40  # of a contract; five of them make 200 installments
TIMES = 5
AT_MOST = {"contact": 8, "contact_200": 12}  # queries more than without the addon


class Screen:
    """A view as one user gets it, and what the web client reads to show records with it.

    :param records: any records of the model, with the user's environment
    :param kind: ``form`` or ``list``
    :param view: external id; None for the model's usual view
    """

    def __init__(self, records: BaseModel, kind: str, view: str | None = None):
        self.records = records
        self.kind = kind
        self._view_id = records.env.ref(view).id if view else None
        self._models: dict = {}
        arch = self.load()
        self.specification = self._specification(records, arch)

    def load(self) -> etree._Element:
        """What the web client asks for once, and keeps: the view and what its fields are."""
        answer = self.records.get_views([(self._view_id, self.kind)], {"toolbar": True})
        self._models = answer["models"]
        return etree.fromstring(answer["views"][self.kind]["arch"])

    def show(self, leave_out: str = "") -> list[dict]:
        """Read the records as the web client does, each time they are opened.

        :param leave_out: the module whose fields are not asked for
        """
        wanted = self.specification
        if leave_out:
            wanted = _without(wanted, self.records, leave_out)
        return self.records.web_read(wanted)

    def fields_of(self, module: str = ADDON) -> frozenset[str]:
        """The fields on this screen that are there because of ``module``."""
        return (
            frozenset(self.specification)
            - _without(self.specification, self.records, module).keys()
        )

    def _specification(self, model: BaseModel, arch: etree._Element) -> dict:
        """The ``specification`` of ``web_read`` as the web client makes it of a view."""
        depth = arch.xpath("count(ancestor::field)")
        found: dict = {}
        for node in arch.xpath(f".//field[count(ancestor::field) = {depth}]"):
            told = self._field(model, node)
            if len(told) >= len(found.get(node.get("name"), {})):
                found[node.get("name")] = told
        return found

    def _field(self, model: BaseModel, node: etree._Element) -> dict:
        field = model._fields[node.get("name")]
        hidden = node.get("invisible") in ALWAYS or node.get("column_invisible") in ALWAYS
        if field.type in ("many2one", "reference"):
            return {"fields": {} if hidden else {"display_name": {}}}
        if field.type not in ("one2many", "many2many") or hidden:
            return {}
        line = model.env[field.comodel_name]
        if node.get("widget") == "many2many_tags":
            color = {"color": {}} if "color" in line._fields else {}
            return {"fields": {"display_name": {}, **color}}
        inside = self._inside(line, node)
        if inside is None:
            return {}
        return {
            "fields": self._specification(line, inside),
            "limit": int(inside.get("limit", ROWS_INSIDE)),
            **({"order": inside.get("default_order")} if inside.get("default_order") else {}),
        }

    def _inside(self, line: BaseModel, node: etree._Element) -> etree._Element | None:
        """The view of the rows: the first that is written inside the field, else the usual list."""
        kinds = [kind if kind != "tree" else "list" for kind in node.get("mode", "list").split(",")]
        for kind in kinds:
            found = node.find(kind)
            if found is not None:
                return found
        if node.get("widget"):
            return None
        usual = line.get_views([(None, kinds[0])])["views"][kinds[0]]["arch"]
        holder = etree.SubElement(node, "field")
        holder.append(etree.fromstring(usual))
        return None if not len(holder) else holder[0]


def _without(wanted: dict, model: BaseModel, module: str) -> dict:
    """A specification without the fields of a module, those of rows within rows included."""
    left = {}
    for name, told in wanted.items():
        field = model._fields[name]
        if field._modules[:1] == (module,):
            continue
        left[name] = told
        if told.get("fields") and field.relational:
            rows = _without(told["fields"], model.env[field.comodel_name], module)
            left[name] = {**told, "fields": rows}
    return left


def main(argv: list[str]) -> int:
    """Queries and milliseconds of each screen, by role, with the addon and without it."""
    argparse.ArgumentParser(prog="screens", description=main.__doc__).parse_args(argv)
    with_addon = _of_database(harness.database_name())
    with templates.scratch("bench", templates.DEPENDENCIES, "bare") as bare:
        without = _of_database(bare)
    print("screen, role: queries, ms of reading; queries, ms of the view: with (without the addon)")
    for key, (queries, ms, view_queries, view_ms) in with_addon.items():
        was = without[key]
        print(
            f"{key:<22}{queries:>4.0f} ({was[0]:.0f}), {ms:.1f} ms ({was[1]:.1f}); "
            f"{view_queries:.0f} ({was[2]:.0f}), {view_ms:.1f} ms ({was[3]:.1f})"
        )
    added = {key.replace(" ", "_"): row[0] - without[key][0] for key, row in with_addon.items()}
    work = harness.Measurement(
        sum(row[1] for row in with_addon.values()) / 1000,
        int(sum(row[0] for row in with_addon.values())),
        harness.peak_mb(),
    )
    too_many = {key for key, most in _limits(with_addon) if added[key.replace(" ", "_")] > most}
    if too_many:
        print(f"too many queries more than without the addon: {', '.join(sorted(too_many))}")
    return harness.report("screens", len(with_addon), work, **added) or int(bool(too_many))


def _limits(figures: dict) -> list[tuple[str, int]]:
    """What was measured and has a limit, and the limit."""
    screens = {key: key.partition(" ")[0] for key in figures}
    return [(key, AT_MOST[screen]) for key, screen in screens.items() if screen in AT_MOST]


def _of_database(name: str) -> dict[str, list[float]]:
    """The figures of one database, taken by a process of its own: a process has one registry."""
    script = "from benchmarks.screens import print_figures; print_figures()"
    env = {**os.environ, "OPTICA_DEV_DATABASE": name}
    answer = subprocess.run(
        [sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(answer.stdout.splitlines()[-1])


def print_figures() -> None:
    """One JSON object: the figures of this process's database."""
    print(json.dumps(_figures()), flush=True)


def _figures() -> dict[str, list[float]]:
    """``{"screen role": [queries, ms, queries of the view, ms of the view]}``."""
    found = {}
    with harness.odoo_environment() as env:
        shown = _records(env)
        for role, user in _users(env).items():
            for name, (records, kind, view) in shown.items():
                if ADDON not in env.registry._init_modules and name in ("invoice", "list"):
                    # Odoo's own sellers open neither.
                    user.group_ids |= env.ref("account.group_account_readonly")
                # By itself: what was made beside it is not read beside it.
                alone = records.browse(records.ids).with_user(user)
                screen = Screen(alone, kind, view)
                found[f"{name} {role}"] = [*_cost(env, screen.show), *_cost(env, screen.load)]
        env.cr.rollback()
    return found


def _cost(env, work) -> tuple[int, float]:
    """Queries and the median of milliseconds of what the process has done before."""
    times = []
    for _time in range(TIMES):
        env.flush_all()
        env.invalidate_all()
        with harness.measured() as cost:
            work()
        times.append(cost.seconds * 1000)
    return cost.queries, round(statistics.median(times), 2)


def _users(env) -> dict:
    """A user for each role; without the addon the same people with Odoo's own rights."""
    roles = {
        "seller": ("sales_team.group_sale_salesman_all_leads", "optica_cobranca.group_seller"),
        "collector": (
            "sales_team.group_sale_salesman_all_leads",
            "account.group_account_invoice",
            "optica_cobranca.group_collector",
        ),
        "manager": (
            "sales_team.group_sale_manager",
            "account.group_account_manager",
            "optica_cobranca.group_manager",
        ),
    }
    return {
        role: new_test_user(
            env,
            f"screens_{role}",
            ",".join(g for g in groups if env.ref(g, raise_if_not_found=False)),
        )
        for role, groups in roles.items()
    }


def _records(env) -> dict:
    """``{screen: (records, kind of view, view)}``; one customer has five contracts of 40 parts."""
    plan = _plan(env)
    partner, fresh = env["res.partner"].create(
        [
            {"name": "Maria da Silva", "phone": "+55 11 96123-4567"},
            {"name": "Ana Prado", "phone": "+55 11 96123-4568"},
        ]
    )
    product = env["product.product"].create({"name": "Glasses", "type": "service"})
    line = {"product_id": product.id, "price_unit": 4000.0, "tax_ids": [Command.clear()]}
    sale = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "order_line": [Command.create({**line, "product_uom_qty": 1})],
            **plan,
        }
    )
    today = fields.Date.context_today(sale)
    invoices = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": today,
                "invoice_line_ids": [Command.create({**line, "quantity": 1})],
                **(plan or {"invoice_payment_term_id": _term(env).id}),
            }
            for _contract in range(5)
        ]
    )
    invoices.action_post()
    parts = invoices.line_ids.filtered("date_maturity").sorted("date_maturity")[:ROWS]
    own = "optica_cobranca.view_installment_list"
    return {
        "contact": (fresh, "form", None),
        "contact_200": (partner, "form", None),
        "sale": (sale, "form", None),
        "invoice": (invoices[0], "form", None),
        "list": (parts, "list", own if plan else "account.view_move_line_tree"),
    }


def _term(env) -> BaseModel:
    """Odoo's own way to as many parts."""
    return env["account.payment.term"].create(
        {
            "name": f"{PARTS} parts",
            "line_ids": [
                Command.create(
                    {"value": "percent", "value_amount": 100 / PARTS, "nb_days": 30 * (number - 3)}
                )
                for number in range(PARTS)
            ],
        }
    )


def _plan(env) -> dict:
    """Values that make a sale one on credit; none without the addon."""
    if "crediario.plan" not in env:
        return {}
    plan = env["crediario.plan"].create(
        {"name": "Benchmark", "max_installments": PARTS, "min_installment_value": 1.0}
    )
    return {"crediario_plan_id": plan.id, "installment_count": PARTS}
