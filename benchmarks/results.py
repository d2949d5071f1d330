"""How long the screens about messages take to load over a million of them.

``./dev bench results [--rows 1000000] [--threads 20000]``: a year of messages to late customers,
one in twenty answered; conversations for the inbox. Timed, each in a
transaction of its own and with an empty cache, as a browser's call is: the page of results for each
period, the pivot's day by template, refusals, the first page of messages, and the inbox: first
page, a later one, a search of a name and of what somebody said. The slowest call decides: more
than 500 ms fails. The first counting of the whole year, a nightly job, is told as well.
"""

import argparse
import statistics
import sys
import time
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from . import harness, outbox_maker

MOST_MS = 500
CALLS = 5
PERIODS = ("week", "month", "quarter", "year")


def main(argv):
    options = argparse.ArgumentParser(prog="results", description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000, help="messages of a year")
    options.add_argument("--threads", type=int, default=20_000, help="conversations")
    given = options.parse_args(argv)
    with harness.odoo_environment() as env:
        _build(env, given)
    with harness.odoo_environment() as env:
        began = time.perf_counter()
        report, today = env["contact.report"].sudo(), fields.Date.today()
        report._rebuild(env.company, today - timedelta(days=380), today + timedelta(days=1))
        print(f"first counting: {time.perf_counter() - began:.1f} s", flush=True)
    _vacuum()
    with harness.measured() as work:
        timed = {name: _time(call) for name, call in _screens().items()}
    for name, milliseconds in timed.items():
        print(f"{name}: {milliseconds:.0f} ms", flush=True)
    slowest = max(timed.values())
    harness.report(
        "results", given.rows, work, p95_ms=slowest, threads=given.threads, calls=CALLS * len(timed)
    )
    if slowest > MOST_MS:
        print(f"Slower than {MOST_MS} ms: {max(timed, key=timed.get)}", file=sys.stderr)
        return 1
    return 0


def _screens():
    """Each screen's call, by its name."""
    inbox = {"state": "open", "share": "all"}
    screens = {
        f"results, {period}": lambda env, period=period: env["contact.report"].load(period)
        for period in PERIODS
    }
    return screens | {
        "pivot, day by template": lambda env: env["contact.report"].formatted_read_group(
            [], ["day:month", "template_id"], ["sent:sum", "paid:sum", "amount_paid:sum"]
        ),
        "refusals": lambda env: env["contact.refusal"].web_search_read(
            [], {"date": {}, "reason": {}, "count": {}}, limit=80
        ),
        "messages, first page": lambda env: env["contact.message"].web_search_read(
            [],
            {"partner_id": {"fields": {"display_name": {}}}, "state": {}, "sent_at": {}},
            limit=80,
            count_limit=10001,
        ),
        "inbox, first page": lambda env: env["contact.thread"].inbox_load(inbox),
        "inbox, all, page 100": lambda env: env["contact.thread"].inbox_load(
            {**inbox, "state": "all"}, 4000
        ),
        "inbox, mine and unread": lambda env: env["contact.thread"].inbox_load(
            {"state": "all", "share": "mine", "unread": True}
        ),
        "inbox, search of a name": lambda env: env["contact.thread"].inbox_load(
            {**inbox, "search": "Fictício 777"}
        ),
        "inbox, search of words": lambda env: env["contact.thread"].inbox_load(
            {**inbox, "search": "comprovante 4321"}
        ),
    }


def _time(call):
    """Median milliseconds of a screen's call by a manager; the first one warms the database."""
    taken = []
    for _number in range(CALLS + 1):
        with harness.odoo_environment() as env:
            reader = env(user=env.ref("base.user_admin").id)
            began = time.perf_counter()
            call(reader)
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[1:])


def _vacuum():
    """What the database does by itself at night."""
    with harness.registry().cursor() as cursor:
        cursor.connection.rollback()
        cursor.connection.autocommit = True
        for table in ("contact_message", "contact_event", "contact_report", "contact_thread"):
            cursor.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))


def _build(env, given):
    company, plan = outbox_maker.make_company(env, fields.Date.today())
    admin = env.ref("base.user_admin")
    admin.group_ids |= env.ref("optica_cobranca.group_manager")
    gateway = env["contact.gateway"].create(
        {
            "name": "Measured",
            "company_id": company.id,
            "provider": "sandbox",
            "channel": "whatsapp",
            "state": "live",
        }
    )
    customers = outbox_maker.make_customers(env, given.threads)
    outbox_maker.make_late_contracts(
        env, plan, customers[: min(2000, given.threads)], fields.Date.today()
    )
    env.flush_all()
    _insert_messages(env, given.rows, gateway, customers)
    _insert_conversations(env, gateway, customers)
    _insert_deliveries(env, gateway)
    _insert_refusals(env)
    env.cr.execute("ANALYZE contact_message, contact_event, contact_thread, contact_refusal")


def _insert_messages(env, rows, gateway, customers):
    templates = env["contact.template"].search([("purpose", "=", "collection")], limit=12)
    env.cr.execute(
        SQL(
            """
            INSERT INTO contact_message
                   (uuid, company_id, partner_id, purpose, template_id, channel, gateway_id, state,
                    reason, scheduled_at, sent_at, delivered_at, read_at, failed_at, cost, body,
                    address, by_hand, attempts, create_date, write_date)
            SELECT 'bench' || n, %(company)s, customer, 'collection', template,
                   (ARRAY['whatsapp', 'whatsapp', 'sms', 'email'])[1 + n %% 4], %(gateway)s,
                   CASE WHEN n %% 23 = 0 THEN 'failed' WHEN n %% 17 = 0 THEN 'cancelled'
                        WHEN n %% 3 = 0 THEN 'delivered' ELSE 'read' END,
                   CASE WHEN n %% 23 = 0 THEN 'unreachable' WHEN n %% 17 = 0 THEN 'paid' END,
                   at, CASE WHEN n %% 23 <> 0 AND n %% 17 <> 0 THEN at END,
                   CASE WHEN n %% 23 <> 0 AND n %% 17 <> 0 THEN at + interval '3 seconds' END,
                   CASE WHEN n %% 23 <> 0 AND n %% 17 <> 0 AND n %% 3 <> 0
                        THEN at + interval '2 hours' END,
                   CASE WHEN n %% 23 = 0 THEN at END, 0.04, 'Olá!', '+5511980000000', false, 1,
                   at, at
              FROM (SELECT n, (%(customers)s::int[])[1 + (n * 7919::bigint) %% %(people)s]
                                  AS customer,
                           (%(templates)s::int[])[1 + n %% %(kinds)s] AS template,
                           date_trunc('day', now() AT TIME ZONE 'UTC')
                               - (n %% 365) * interval '1 day'
                               + (12 + n %% 9) * interval '1 hour'
                               + (n %% 3599) * interval '1 second' AS at
                      FROM generate_series(1, %(rows)s) n) made
            """,
            company=env.company.id,
            gateway=gateway.id,
            customers=customers.ids,
            people=len(customers),
            templates=templates.ids,
            kinds=len(templates),
            rows=rows,
        )
    )


def _insert_conversations(env, gateway, customers):
    """A conversation for each customer, and the words of one message in twenty's answer."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO contact_thread
                   (company_id, partner_id, channel, gateway_id, state, unread_count, user_id,
                    last_at, last_inbound_at, last_text, create_date, write_date)
            SELECT %(company)s, customer, 'whatsapp', %(gateway)s,
                   (ARRAY['open', 'answered', 'closed'])[1 + n %% 3], (n %% 5 = 0)::int,
                   CASE WHEN n %% 4 = 0 THEN %(admin)s END,
                   now() AT TIME ZONE 'UTC' - n * interval '20 minutes',
                   now() AT TIME ZONE 'UTC' - n * interval '20 minutes', 'Vou pagar sexta',
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM unnest(%(customers)s) WITH ORDINALITY AS row (customer, n)
            """,
            company=env.company.id,
            gateway=gateway.id,
            admin=env.ref("base.user_admin").id,
            customers=customers.ids,
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO contact_event
                   (gateway_id, company_id, key, kind, partner_id, thread_id, occurred_at, text,
                    create_date, write_date)
            SELECT %(gateway)s, m.company_id, 'answer' || m.id, 'inbound', m.partner_id, t.id,
                   m.sent_at + interval '3 hours', 'Segue o comprovante ' || m.id, m.sent_at,
                   m.sent_at
              FROM contact_message m
              JOIN contact_thread t ON t.partner_id = m.partner_id
             WHERE m.sent_at IS NOT NULL AND m.id %% 20 = 0
            """,
            gateway=gateway.id,
        )
    )


def _insert_deliveries(env, gateway):
    """What the provider reported, the bulk of all events: of one message in three."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO contact_event
                   (gateway_id, company_id, key, kind, state, message_id, occurred_at, create_date,
                    write_date)
            SELECT %(gateway)s, company_id, 'delivered' || id, 'status', 'delivered', id, sent_at,
                   sent_at, sent_at
              FROM contact_message WHERE sent_at IS NOT NULL AND id %% 3 = 0
            """,
            gateway=gateway.id,
        )
    )


def _insert_refusals(env):
    template = env["contact.template"].search([("purpose", "=", "collection")], limit=1)
    env.cr.execute(
        SQL(
            """
            INSERT INTO contact_refusal
                   (date, company_id, purpose, template_id, channel, reason, outcome, count)
            SELECT CURRENT_DATE - n, %(company)s, 'collection', %(template)s, 'whatsapp', reason,
                   'cancelled', 1 + n %% 40
              FROM generate_series(0, 364) n,
                   unnest(ARRAY['paid', 'cap', 'window', 'held', 'opted_out']) reason
            """,
            company=env.company.id,
            template=template.id,
        )
    )
