"""Posting a crediário invoice of ten installments against Odoo's own with ten terms.

    ./dev bench posting [--invoices N]

Both are the same customer invoice of one line without taxes; the one is paid by a payment term of
ten lines, the other by a plan without charge in ten installments. They are created and posted in
turns, each in a clean cache, so that whatever slows the machine slows both. ``ratio_core`` is the
quotient of the medians of posting; ``ratio_create`` that of creating the drafts.
"""

import argparse
import statistics
import time
from collections.abc import Sequence

from odoo import Command, fields

from benchmarks import harness

DEFAULT_INVOICES = 60
WARM_UP = 4
INSTALLMENTS = 10


def main(argv: Sequence[str]) -> int:
    """Create and post ``--invoices`` invoices of each kind; milliseconds are medians."""
    parser = argparse.ArgumentParser(prog="posting", description=__doc__)
    parser.add_argument("--invoices", type=int, default=DEFAULT_INVOICES, help="of each kind")
    count = parser.parse_args(argv).invoices
    with harness.odoo_environment() as env:
        kinds = {"plain": _plain_values(env), "crediario": _crediario_values(env)}
        timings = {kind: ([], [], []) for kind in kinds}
        with harness.measured() as work:
            for number in range(WARM_UP + count):
                for kind, values in kinds.items():
                    timing = _create_and_post(env, values)
                    if number >= WARM_UP:
                        for series, value in zip(timings[kind], timing, strict=True):
                            series.append(value)
        medians = {
            kind: [statistics.median(series) for series in series_of_kind]
            for kind, series_of_kind in timings.items()
        }
    plain, crediario = medians["plain"], medians["crediario"]
    return harness.report(
        "posting",
        count,
        work,
        ratio_core=crediario[1] / plain[1],
        ratio_create=crediario[0] / plain[0],
        ratio_both=(crediario[0] + crediario[1]) / (plain[0] + plain[1]),
        post_ms=crediario[1] * 1000,
        core_post_ms=plain[1] * 1000,
        post_queries=crediario[2],
        core_post_queries=plain[2],
    )


def _create_and_post(env, values):
    """Seconds of creating, seconds of posting, queries of posting, of one invoice."""
    env.flush_all()
    env.invalidate_all()
    started = time.perf_counter()
    move = env["account.move"].create(values)
    env.flush_all()
    created = time.perf_counter() - started
    env.invalidate_all()
    with harness.measured() as posting:
        move.action_post()
        env.flush_all()
    lines = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
    if len(lines) != INSTALLMENTS or move.state != "posted":
        raise RuntimeError(f"{len(lines)} receivable lines, {move.state}")
    return created, posting.seconds, posting.queries


def _plain_values(env):
    term = env["account.payment.term"].create(
        {
            "name": "Ten months",
            "line_ids": [
                Command.create(
                    {
                        "value": "percent",
                        "value_amount": 100 / INSTALLMENTS,
                        "delay_type": "days_after",
                        "nb_days": 30 * number,
                    }
                )
                for number in range(1, INSTALLMENTS + 1)
            ],
        }
    )
    return {**_invoice_values(env), "invoice_payment_term_id": term.id}


def _crediario_values(env):
    plan = env["crediario.plan"].create(
        {"name": "Benchmark", "max_installments": INSTALLMENTS, "first_due_max_days": 45}
    )
    return {
        **_invoice_values(env),
        "crediario_plan_id": plan.id,
        "installment_count": INSTALLMENTS,
    }


def _invoice_values(env):
    partner = env["res.partner"].create({"name": "Customer"})
    product = env["product.product"].create({"name": "Glasses", "type": "consu"})
    return {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": fields.Date.today(),
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": product.id,
                    "quantity": 1,
                    "price_unit": 1055.8,
                    "tax_ids": [Command.clear()],
                }
            )
        ],
    }
