"""Posting a crediário invoice of ten installments against Odoo's own with ten terms.

    ./dev bench posting [--invoices N]

Both are the same customer invoice of one line without taxes; the one is paid by a payment term of
ten lines, the other by a plan without charge in ten installments. A round creates and posts one
of each in a clean cache, in turns first: whatever slows the machine slows both. The ratios are the
medians of the rounds' quotients: ``ratio_core`` of posting, ``ratio_cpu`` of posting in the
processor's time alone, ``ratio_create`` of creating the drafts, ``ratio_both`` of both.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from odoo import Command, fields

from benchmarks import harness

DEFAULT_INVOICES = 60
WARM_UP = 4
INSTALLMENTS = 10


@dataclass(frozen=True)
class Timing:
    """Seconds of creating and of posting one invoice, and the queries of posting."""

    create: float
    post: float
    post_cpu: float
    queries: int


def main(argv: Sequence[str]) -> int:
    """Create and post ``--invoices`` invoices of each kind; milliseconds are medians."""
    parser = argparse.ArgumentParser(prog="posting", description=__doc__)
    parser.add_argument("--invoices", type=int, default=DEFAULT_INVOICES, help="of each kind")
    count = parser.parse_args(argv).invoices
    with harness.odoo_environment() as env:
        kinds = {"plain": _plain_values(env), "crediario": _crediario_values(env)}
        rounds = []
        with harness.measured() as work:
            for number in range(WARM_UP + count):
                order = sorted(kinds, reverse=bool(number % 2))
                rounds.append({kind: _create_and_post(env, kinds[kind]) for kind in order})
    return harness.report("posting", count, work, **_figures(rounds[WARM_UP:]))


def _figures(rounds):
    """Ratios by round and medians of milliseconds and queries."""

    def ratio(cost):
        return statistics.median(cost(each["crediario"]) / cost(each["plain"]) for each in rounds)

    def median(kind, cost):
        return statistics.median(cost(each[kind]) for each in rounds)

    return {
        "ratio_core": ratio(lambda timing: timing.post),
        "ratio_cpu": ratio(lambda timing: timing.post_cpu),
        "ratio_create": ratio(lambda timing: timing.create),
        "ratio_both": ratio(lambda timing: timing.create + timing.post),
        "post_ms": median("crediario", lambda timing: timing.post * 1000),
        "core_post_ms": median("plain", lambda timing: timing.post * 1000),
        "post_queries": median("crediario", lambda timing: timing.queries),
        "core_post_queries": median("plain", lambda timing: timing.queries),
    }


def _create_and_post(env, values):
    """What one invoice cost."""
    env.flush_all()
    env.invalidate_all()
    started = time.perf_counter()
    move = env["account.move"].create(values)
    env.flush_all()
    created = time.perf_counter() - started
    env.invalidate_all()
    started_cpu = time.process_time()
    with harness.measured() as posting:
        move.action_post()
        env.flush_all()
    cpu = time.process_time() - started_cpu
    lines = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
    if len(lines) != INSTALLMENTS or move.state != "posted":
        raise RuntimeError(f"{len(lines)} receivable lines, {move.state}")
    return Timing(created, posting.seconds, cpu, posting.queries)


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
