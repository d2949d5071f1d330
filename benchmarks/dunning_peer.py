"""The same reminders by ``account_credit_control`` 19.0, for ``bench dunning --peer``.

Its published package is unpacked outside the product and installed in a copy of the benchmark's
database, in a process of its own: nothing here imports it, and no trace of it is left.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from datetime import date
from pathlib import Path

from odoo.tools import config

from devtools import database

PACKAGE = "odoo-addon-account-credit-control==19.0.*"
LATE = (1, 5, 10, 15, 25, 30)
# Lines it makes communications of at once: as many as Odoo's list hands to an action
# (``web.active_ids_limit``), which is how its users do it. What a line costs it grows with them.
PORTION = 20_000

SCRIPT = """
import json, time
import odoo.sql_db
accounts = env["account.account"].search([("account_type", "=", "asset_receivable")])
template = env["mail.template"].create(
    {"name": "Reminder", "model_id": env["ir.model"]._get_id("credit.control.communication")}
)
policy = env["credit.control.policy"].create({
    "name": "Benchmark", "company_id": env.company.id, "account_ids": [(6, 0, accounts.ids)],
    "apply_max_policy_level": True,
    "level_ids": [(0, 0, {
        "name": str(days), "level": place, "computation_mode": "net_days", "delay_days": days,
        "email_template_id": template.id, "channel": "email", "custom_text": "Reminder",
        "custom_mail_text": "Reminder",
    }) for place, days in enumerate(LATE, start=1)],
})
partners = env["account.move.line"]._read_group(
    [("crediario_plan_id", "!=", False), ("parent_state", "=", "posted")], ["partner_id"],
    order="partner_id", limit=CUSTOMERS,
)
env["res.partner"].union(*(partner for (partner,) in partners)).write(
    {"credit_policy_id": policy.id}
)
run = env["credit.control.run"].create({"date": DAY, "policy_ids": [(6, 0, policy.ids)]})
env.cr.commit()
from benchmarks.dunning import cpu_seconds
before = cpu_seconds(env)
queries, started = odoo.sql_db.sql_counter, time.perf_counter()
run.generate_credit_lines()
lines = run.line_ids
run.set_to_ready_lines()
written = time.perf_counter() - started
lines = lines.sorted(lambda line: line.partner_id.id)
communications = 0
for first in range(0, len(lines), PORTION):
    portion = lines[first:first + PORTION]
    made = env["credit.control.communication"]._generate_comm_from_credit_lines(portion)
    communications += len(made)
    env.cr.commit()
print(json.dumps({
    "lines": len(lines), "communications": communications, "lines_seconds": written,
    "seconds": time.perf_counter() - started, "queries": odoo.sql_db.sql_counter - queries,
    "cpu_seconds": cpu_seconds(env) - before,
}))
"""


def measure(source: str, package: str, day: date, customers: int | None) -> dict:
    """Lines and communications of ``day`` by the other module, on a copy of ``source``.

    ``customers``: only of the first so many (the others follow no policy of it), None for all;
    what one installment costs it grows with their number, and fewer of them flatter it.
    ``package``: its wheel, or "" to let pip fetch it. Nobody may be connected to ``source``.
    Returns lines (installments reminded), communications, seconds, queries and
    ``cpu_seconds``.
    """
    name = f"{source}_peer"
    with tempfile.TemporaryDirectory() as folder:
        addons = _unpack(package, Path(folder))
        database.clone(source, name)
        try:
            _odoo(["server", "-i", "account_credit_control", "--stop-after-init"], name, addons)
            given = f"DAY, LATE, CUSTOMERS = {day.isoformat()!r}, {LATE!r}, {customers}"
            script = f"{given}\nPORTION = {PORTION}\n{SCRIPT}"
            output = _odoo(["shell"], name, addons, script)
        finally:
            database.drop(name)
    return json.loads(output.strip().splitlines()[-1])


def _unpack(package: str, folder: Path) -> Path:
    """The addons folder of the package."""
    if not package:
        fetch = ["download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
        subprocess.run([sys.executable, "-m", "pip", *fetch], check=True)
        package = str(next(folder.glob("*.whl")))
    with zipfile.ZipFile(package) as wheel:
        wheel.extractall(folder)
    return folder / "odoo" / "addons"


def _odoo(arguments, name, addons, script=None) -> str:
    path = ",".join([*config["addons_path"], str(addons)])
    command = [
        *(sys.executable, "-m", "odoo", *arguments, "-d", name, "--no-http"),
        *(f"--addons-path={path}", "--log-level=error"),
    ]
    answer = subprocess.run(
        command, input=script, capture_output=True, text=True, env=os.environ, check=False
    )
    if answer.returncode:
        raise RuntimeError(f"The other module failed:\n{answer.stderr[-3000:]}")
    return answer.stdout
