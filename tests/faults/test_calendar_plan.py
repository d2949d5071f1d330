"""How PostgreSQL answers calendar and page of today in a shop with 60,000 open installments."""

import json

PLAN = """
import datetime, json
from benchmarks import calendar as bench
from odoo.fields import Domain
from odoo.tools import SQL

today = datetime.date.today()
bench.ORDERS_A_ROW = 10
# Whether the server tidies a table up while it is filled decides how large it is, and so the plan.
env.cr.execute("SELECT format('%I', relname) FROM pg_class"
               " WHERE relkind = 'r' AND relnamespace = current_schema::regnamespace")
for (table,) in env.cr.fetchall():
    env.cr.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
user = bench._build(env, 60_000, today)
env.cr.commit()
env.cr._cnx.autocommit = True
env.cr.execute("VACUUM ANALYZE")
env.cr._cnx.autocommit = False
env = env(user=user)
first = today - datetime.timedelta(days=7)
month = Domain("date", ">=", first) & Domain("date", "<=", first + datetime.timedelta(days=41))
kinds = env["optica.occurrence.type"]._settings()
queries = {
    "month": env["optica.occurrence"]._query_by_day(month),
    "day": env["optica.occurrence"]._query_by_day(Domain("date", "=", today)),
    "today": env["optica.today"]._query_by_kind(kinds, today, False),
    "mine": env["optica.occurrence"]._query_by_day(month & Domain("user_id", "=", user)),
}
for name, query in queries.items():
    env.cr.execute(SQL("EXPLAIN (FORMAT JSON) %s", query))
    print(json.dumps([name, env.cr.fetchone()[0][0]["Plan"]]), flush=True)
"""
LARGE = {
    "account_move_line",
    "account_move",
    "res_partner",
    "optica_prescription",
    "optica_service_order",
}
DUE_DATES = "account_move_line_open_installments_by_due_date"


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def test_no_large_table_is_read_as_a_whole(clone_database, odoo_process):
    process = odoo_process(clone_database("plan"), PLAN)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    plans = dict(json.loads(line) for line in out.splitlines() if line.startswith("["))
    assert set(plans) == {"month", "day", "today", "mine"}
    for name, plan in plans.items():
        scans = [node for node in nodes(plan) if "Relation Name" in node]
        full = {node["Relation Name"] for node in scans if node["Node Type"] == "Seq Scan"}
        assert not LARGE & full, (name, sorted(LARGE & full))
        # Customers are found by their birthdays, or one by one for planned calls; nobody's name is
        # read to count installments.
        for node in scans:
            if node["Relation Name"] == "res_partner":
                condition = node.get("Index Cond") or node.get("Recheck Cond") or ""
                known = ("birth_month_day", "activity.res_id")
                # Those of one responsible, and, one by one, whose prescriptions and handled
                # installments are.
                known += ("user_id", "patient_id", "partner_id") if name == "mine" else ()
                assert any(column in condition for column in known), node
        # Installments are counted from their index, and only those that somebody took care of are
        # looked at one by one.
        by_day = [node for node in nodes(plan) if node.get("Index Name") == DUE_DATES]
        assert {node["Node Type"] for node in by_day} == {"Index Only Scan"}, name
        assert len(by_day) >= 2, name
