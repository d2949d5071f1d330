"""Two people import the same portfolio at the same moment: every installment is booked once."""

import json

IMPORT = """
import base64
from odoo.service.model import retrying
from tests.portfolio.portfolio_builders import csv_bytes, row

def run(numbers):
    rows = [row(f"V-{contract}", number) for contract in range(1, 31) for number in numbers]
    wizard = env["crediario.portfolio.import"].create(
        {"file": base64.b64encode(csv_bytes(*rows)), "date": "2026-03-01"})
    wizard.action_import()
"""

FIRST = IMPORT + "run([1, 2])\nenv.cr.commit()\n"

# As over HTTP: a request that fails on another's rows is repeated on what those rows are now.
AGAIN = (
    IMPORT
    + """
import time
from odoo.exceptions import UserError
retrying_until = time.monotonic() + 120
while True:
    try:
        retrying(lambda: run([1, 2, 3]), env)
        break
    except UserError:
        env.cr.rollback()
        assert time.monotonic() < retrying_until
        time.sleep(0.2)
"""
)

LOOK = """
import json
rows = env["account.move.line"]._read_group(
    [("crediario_plan_id", "!=", False)], ["move_id.contract_reference", "installment_number"],
    ["__count"])
print("SEEN " + json.dumps(rows))
"""


def test_two_imports_at_once_book_every_installment_once(clone_database, odoo_process):
    name = clone_database("two_imports")
    assert odoo_process(name, FIRST).wait(120) == 0
    both = [odoo_process(name, AGAIN) for _import in range(2)]
    for process in both:
        _output, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors[-3000:]
    output, errors = odoo_process(name, LOOK).communicate(timeout=60)
    [line] = [line for line in output.splitlines() if line.startswith("SEEN ")]
    booked = {(contract, number): count for contract, number, count in json.loads(line[5:])}
    assert len(booked) == 90, errors[-3000:]
    assert set(booked.values()) == {1}
