"""The calendar and the page of today over a large shop, by the calls that the web client makes.

    ./dev bench calendar [--rows N]

1,000,000 open installments (more than 300,000 of them in the six weeks that a month shows), 100,000
customers with birthdays, 50,000 prescriptions, 20,000 service orders and 5,000 marks, of a company
that the user, a collector, reads through record rules. Each call goes through Odoo's own dispatcher
and is answered as JSON, in a transaction of its own. ``seconds`` is one month; ``month_ms``,
``day_ms`` and ``today_ms`` are what 19 of 20 calls do not exceed, ``…_median_ms`` what half do not.
``month_mine_ms`` and ``today_mine_ms`` show only what the user is responsible for, a tenth of all;
``month_few_ms`` is the month of somebody with a handful of customers.
"""

import argparse
import contextlib
import json
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import odoo.sql_db
from odoo.api import SUPERUSER_ID, Environment
from odoo.service.model import call_kw
from odoo.tools import SQL

from benchmarks import harness, ledger

DEFAULT_ROWS = 1_000_000
PRESCRIPTIONS_A_ROW = 20
ORDERS_A_ROW = 50
MARKS = 5_000
# One contract in so many is the user's; of every tenth contract only the customer says whose it is.
SELLERS = 10
FEW = 5
CALLS = 20
# Due dates so close to each other that a month holds a third of all.
STEP = 10
NAMES = ["display_name", "date", "kind", "color", "user_id", "is_handled", "phone", "amount"]


def main(argv: Sequence[str]) -> int:
    """Build, measure and check that the month's counts are those of the tables."""
    parser = argparse.ArgumentParser(prog="calendar", description=__doc__)
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS, help="open installments")
    rows = parser.parse_args(argv).rows
    today = date.today()
    with harness.odoo_environment() as env:
        user = _build(env, rows, today)
        few = env["res.users"].search([("login", "=", "bench_calendar_few")]).id
    _vacuum()
    first = today - timedelta(days=7)
    month = (str(first), str(first + timedelta(days=41)), "month")
    day = (str(today), str(today), "day")
    calls: dict[str, tuple[str, str, list]] = {
        "month": ("optica.occurrence", "load_calendar", [[], *month, NAMES]),
        "day": ("optica.occurrence", "load_calendar", [[], *day, NAMES]),
        "today": ("optica.today", "load", [False]),
        "month_mine": ("optica.occurrence", "load_calendar", [_of(user), *month, NAMES]),
        "month_few": ("optica.occurrence", "load_calendar", [_of(few), *month, NAMES]),
        "today_mine": ("optica.today", "load", [True]),
    }
    for call in calls.values():
        _answer(user, *call)  # caches of the process
    with harness.measured() as work:
        shown = json.loads(_answer(user, *calls["month"]))
    figures = {}
    for name, call in calls.items():
        times = [_milliseconds(lambda call=call: _answer(user, *call)) for _n in range(CALLS)]
        figures[f"{name}_ms"] = harness.percentile(times, 0.95)
        figures[f"{name}_median_ms"] = harness.percentile(times, 0.5)
    counted = sum(chip["count"] for chip in shown["days"])
    _check(shown, month)
    _check(json.loads(_answer(user, *calls["month_mine"])), month, user)
    return harness.report("calendar", counted, work, **figures)


def _of(user: int) -> list:
    return [("user_id", "=", user)]


def _answer(user: int, model: str, method: str, args: list) -> str:
    with harness.registry().cursor() as cursor:
        env = Environment(cursor, user, {"tz": "America/Sao_Paulo", "lang": "pt_BR"})
        return json.dumps(call_kw(env[model], method, args, {}), default=str)


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _build(env, rows, today):
    """The shop; returns the id of a collector of it."""
    ledger.build(env, rows, today, ledger.TENTH_LATE, STEP)
    customers = rows // ledger.INSTALLMENTS
    env.cr.execute("SELECT max(id) FROM res_partner")
    before = env.cr.fetchone()[0] - customers
    user, few = (_collector(env, login) for login in ("bench_calendar", "bench_calendar_few"))
    with ledger.bulk_load(env, "res_partner", "account_move"):
        _birthdays(env, before)
        _responsible(env, before, user, few)
    _prescriptions(env, rows // PRESCRIPTIONS_A_ROW, before, today)
    _orders(env, rows // ORDERS_A_ROW, before, today)
    _marks(env, today)
    return user


def _collector(env, login):
    groups = env.ref("optica_cobranca.group_collector").ids
    user = env["res.users"].create(
        {"name": "Collector", "login": login, "group_ids": [(6, 0, groups)]}
    )
    return user.id


def _responsible(env, before, user, few):
    """The seller of each contract, or of its customer where the contract names none."""
    seller = SQL(
        "CASE WHEN known.id <= %s THEN %s WHEN known.id %% %s = 0 THEN %s ELSE %s END",
        before + FEW,
        few,
        SELLERS,
        user,
        SUPERUSER_ID,
    )
    env.cr.execute(
        SQL(
            "UPDATE res_partner known SET user_id = %s WHERE id > %s",
            seller,
            before,
        )
    )
    env.cr.execute(
        SQL(
            """UPDATE account_move SET invoice_user_id = known.user_id
                 FROM res_partner known
                WHERE known.id = partner_id AND known.id > %s AND known.id / %s %% %s <> 0""",
            before,
            SELLERS,
            SELLERS,
        )
    )


def _birthdays(env, before):
    """Every customer's, over all days of the year."""
    env.cr.execute(
        SQL(
            """
            UPDATE res_partner
               SET birthdate = born, birth_day = date_part('day', born),
                   birth_month = to_char(born, 'MM'),
                   birth_month_day = date_part('month', born) * 100 + date_part('day', born)
              FROM (SELECT id, DATE '1950-01-01' + (id * 7919) %% 20000 AS born
                      FROM res_partner WHERE id > %s) AS known
             WHERE known.id = res_partner.id
            """,
            before,
        )
    )


def _prescriptions(env, count, before, today):
    """One after the other over two years: a twentieth of them expires in a month."""
    patient = env["res.partner"].create({"name": "Patient"})
    one = env["optica.prescription"].create(
        {"patient_id": patient.id, "exam_date": today, "od_sphere": "-1.25"}
    )
    env.flush_all()
    expiry = SQL("%s::date - 300 + (g %% 660)::int", today)
    ledger.copy_rows(
        env,
        "optica_prescription",
        SQL("t.id = %s", one.id),
        count,
        {
            "name": SQL("'BENCH' || g"),
            "patient_id": SQL("%s + g", before),
            "exam_date": SQL("%s - 365", expiry),
            "expiry_date": expiry,
            "reminder_date": SQL("%s - 30", expiry),
        },
    )


def _orders(env, count, before, today):
    """Six in ten delivered, three on their way, one ready, some of these for more than a week."""
    customer = env["res.partner"].create({"name": "Customer of an order"})
    one = env["optica.service.order"].create(
        {"partner_id": customer.id, "promised_date": today, "line_ids": []}
    )
    env.flush_all()
    promised = SQL("%s::date - 20 + (g %% 60)::int", today)
    ledger.copy_rows(
        env,
        "optica_service_order",
        SQL("t.id = %s", one.id),
        count,
        {
            "name": SQL("'BENCH' || g"),
            "partner_id": SQL("%s + g", before),
            "patient_id": SQL("%s + g", before),
            "promised_date": promised,
            "ready_date": SQL("CASE WHEN g %% 10 > 2 THEN %s - 1 END", promised),
            "unfetched_date": SQL("CASE WHEN g %% 10 > 2 THEN %s + 6 END", promised),
            "state": SQL(
                "CASE WHEN g %% 10 < 3 THEN 'at_lab' WHEN g %% 10 = 3 THEN 'ready'"
                " ELSE 'delivered' END"
            ),
        },
    )


def _marks(env, today):
    """Late installments that somebody called about."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO optica_occurrence_mark (kind, source_model, source_id, date, partner_id,
                                                company_id, user_id, handled_at, result)
            SELECT 'installment_overdue', 'account.move.line', id, date_maturity, partner_id,
                   company_id, %s, now() AT TIME ZONE 'UTC', 'done'
              FROM account_move_line
             WHERE crediario_plan_id IS NOT NULL AND parent_state = 'posted'
               AND amount_residual > 0 AND date_maturity < %s LIMIT %s
            """,
            SUPERUSER_ID,
            today,
            MARKS,
        )
    )


def _vacuum():
    """What autovacuum does within minutes: indexes answer without the rows only after it."""
    with contextlib.closing(odoo.sql_db.db_connect(harness.database_name()).cursor()) as cursor:
        cursor.commit()
        cursor._cnx.autocommit = True
        cursor.execute("VACUUM ANALYZE")


def _check(shown, month, user=None):
    """What was counted as due and late is what the table of installments says.

    :param user: only what this one is responsible for
    """
    counted = sum(chip["count"] for chip in shown["days"] if chip["kind"].startswith("installment"))
    with harness.registry().cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM account_move_line line
                 JOIN account_move move ON move.id = line.move_id
                 JOIN res_partner partner ON partner.id = line.partner_id
                WHERE line.crediario_plan_id IS NOT NULL AND line.parent_state = 'posted'
                  AND line.amount_residual > 0 AND line.date_maturity BETWEEN %s AND %s
                  AND (%s IS NULL OR COALESCE(move.invoice_user_id, partner.user_id) = %s)""",
            [*month[:2], user, user],
        )
        (expected,) = cursor.fetchone()
    if counted != expected:
        raise RuntimeError(f"{counted} installments in the calendar, {expected} in the table.")
