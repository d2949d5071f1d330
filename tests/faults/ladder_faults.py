"""What goes wrong during a run of the ladder, played with real commits, processes and kills.

``play(env)`` runs in Odoo's shell on a database of its own and writes one JSON object: for each
scenario what the ladder left, and what an undisturbed run leaves from the same start.
"""

import datetime
import json
import os
import random
import signal
import sys

from freezegun import freeze_time

import odoo.sql_db
from odoo.api import SUPERUSER_ID, Environment

DAY = datetime.date(2026, 6, 15)
INSTALLMENTS = 500
BATCH_SIZE = 40
KILLS = 6
LEVEL = 15  # days of the level that is tampered with

LEFT = """
    SELECT COALESCE(json_agg(row_to_json(n) ORDER BY n.partner_id), '[]') FROM (
        SELECT partner_id, date, level_offset, state, amount_total, merged,
               (SELECT json_agg(json_build_array(move_line_id, level_offset, advanced, total)
                                ORDER BY move_line_id)
                  FROM dunning_notice_line l WHERE l.notice_id = dunning_notice.id) AS lines,
               (SELECT count(*) FROM contact_message m WHERE m.notice_id = dunning_notice.id
               ) AS messages
          FROM dunning_notice) AS n
"""


class Shop:
    """One database of open installments, on which every scenario starts from nothing sent."""

    def __init__(self, env):
        from odoo.addons.optica_cobranca.models.ladder import dunning_evaluation

        from benchmarks import dunning, ledger

        dunning_evaluation.BATCH_SIZE = BATCH_SIZE
        ledger.message_policy(env)
        ledger.build(env, INSTALLMENTS, DAY)
        self.empty_tables = dunning.empty
        self.registry, self.company_id = env.registry, env.company.id
        env.cr.commit()
        env.cr.close()

    def work(self, function):
        """``function(env)`` in a transaction of its own; its answer."""
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            return function(env(context={"allowed_company_ids": [self.company_id]}))

    def child(self, function):
        """``function(env)`` in a process of its own; how it ended."""
        odoo.sql_db.close_all()  # a connection must not be shared
        pid = os.fork()
        if not pid:
            code = 1
            try:
                self.work(function)
                code = 0
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def run(self, env, day=DAY):
        env["dunning.run"]._run_day(env.company, day)

    def run_now(self, env):
        """The run of the company's own day at this moment, as the nightly job begins it."""
        self.run(env, env.company._today())

    def left(self):
        """What the ladder wrote, ids aside, and how its last run ended."""

        def read(env):
            env.cr.execute(LEFT)
            notices = env.cr.fetchone()[0]
            run = env["dunning.run"].search([], order="id desc", limit=1)
            return {"notices": notices, "state": run.state, "error": run.error}

        return self.work(read)

    def empty(self):
        def delete(env):
            self.empty_tables(env)
            env.cr.execute("DELETE FROM dunning_run")

        self.work(delete)

    def undisturbed(self):
        """What one run leaves from nothing sent, with the data as they are now."""
        self.empty()
        self.work(self.run)
        return self.left()

    def disturbed(self, disturb):
        """The run, with ``disturb(env)`` committed by another once a batch has been claimed."""
        self.empty()
        evaluation = self.registry["dunning.evaluation"]
        insert, pending = evaluation._insert_notices, [disturb]

        def interfere(model, *args, **kwargs):
            if pending:
                self.work(pending.pop())
            return insert(model, *args, **kwargs)

        evaluation._insert_notices = interfere
        try:
            self.work(self.run)
        finally:
            evaluation._insert_notices = insert
        first = self.left()
        self.work(self.run)
        return {"first": first["notices"], **self.left()}


def level(env):
    return env.company.dunning_policy_id.level_ids.filtered(
        lambda level: level.offset_days == LEVEL
    )


def killed(shop):
    """SIGKILL before or after any query, again and again, then a run that nobody disturbs."""
    shop.empty()
    rng, codes = random.Random(20260615), []
    for _kill in range(KILLS):
        at, before = rng.randint(5, 120), rng.random() < 0.5

        def die_on_the_way(env, at=at, before=before):
            execute, seen = odoo.sql_db.Cursor.execute, []

            def counting(cursor, *args, **kwargs):
                seen.append(1)
                if len(seen) == at and before:
                    os.kill(os.getpid(), signal.SIGKILL)
                execute(cursor, *args, **kwargs)
                if len(seen) == at:
                    os.kill(os.getpid(), signal.SIGKILL)

            odoo.sql_db.Cursor.execute = counting
            shop.run(env)

        codes.append(shop.child(die_on_the_way))
    half_way = shop.left()
    shop.work(shop.run)
    return {"codes": codes, "half_way": len(half_way["notices"]), **shop.left()}


def over_midnight(shop, zone, evening, morning):
    """Killed in its third batch in the evening, gone on with after midnight of the company's day.

    Instants are UTC. Compared is the level that each installment has reached, with that of a
    run of the new day alone: what the evening did not get to, the morning does.
    """
    shop.empty()
    # Follows the shop's state; none of Brazil's has moved its clock since 2019.
    shop.registry["res.company"]._compute_contact_timezone = lambda companies: companies.update(
        {"contact_timezone": zone}
    )

    def die_in_the_third_batch(env):
        batches = type(env["dunning.run.batch"])
        process, seen = batches._process, []

        def dying(batch):
            process(batch)
            seen.append(batch.id)
            if len(seen) == 3:
                env.flush_all()
                os.kill(os.getpid(), signal.SIGKILL)

        batches._process = dying
        shop.run_now(env)

    with freeze_time(evening):
        code = shop.child(die_in_the_third_batch)
    half_way = shop.work(reached)
    with freeze_time(morning):
        shop.work(shop.run_now)
        told = {"code": code, "half_way": half_way, **shop.work(reached)}
        shop.work(shop.run_now)
        told["again"] = shop.work(reached)
        shop.empty()
        shop.work(shop.run_now)
        told["expected"] = shop.work(reached)
    return told


def reached(env):
    """The level of each late installment, the days of the notices, and what was told twice."""
    env.cr.execute(
        "SELECT move_line_id, max(level_offset) FROM dunning_notice_line WHERE level_offset > 0"
        " GROUP BY move_line_id ORDER BY move_line_id"
    )
    levels = env.cr.fetchall()
    env.cr.execute("SELECT DISTINCT date FROM dunning_notice ORDER BY date")
    days = [str(day) for (day,) in env.cr.fetchall()]
    env.cr.execute(
        """SELECT (SELECT count(*) FROM (SELECT FROM dunning_notice_line WHERE advanced
                    GROUP BY move_line_id, level_offset HAVING count(*) > 1) AS level)
                + (SELECT count(*) FROM (SELECT FROM dunning_notice
                    GROUP BY partner_id, date HAVING count(*) > 1) AS notice)"""
    )
    return {"levels": levels, "days": days, "twice": env.cr.fetchone()[0]}


def delete(env):
    """The second customer goes, contract and all."""
    env.cr.execute(
        "SELECT DISTINCT partner_id FROM account_move_line WHERE crediario_plan_id IS NOT NULL"
        " AND parent_state = 'posted' ORDER BY partner_id LIMIT 2"
    )
    partner = env["res.partner"].browse(env.cr.fetchall()[1][0])
    moves = env["account.move"].search([("partner_id", "=", partner.id)])
    moves.button_draft()
    moves.with_context(force_delete=True).unlink()
    partner.unlink()


def merge(env):
    """The second customer of the portfolio becomes the first."""
    env.cr.execute(
        "SELECT DISTINCT partner_id FROM account_move_line WHERE crediario_plan_id IS NOT NULL"
        " AND parent_state = 'posted' ORDER BY partner_id LIMIT 2"
    )
    into, gone = env["res.partner"].browse(row[0] for row in env.cr.fetchall())
    env["base.partner.merge.automatic.wizard"]._merge((into + gone).ids, into, extra_checks=False)


def cancel(env):
    """The contract of the first customer is cancelled."""
    line = env["account.move.line"].search(
        [("crediario_plan_id", "!=", False), ("parent_state", "=", "posted")],
        order="partner_id, id",
        limit=1,
    )
    line.move_id.button_draft()
    line.move_id.button_cancel()


def fate_of_cancelled(env):
    """What the gate says of the message about a contract that is cancelled by now."""
    env.cr.execute(
        """SELECT id FROM contact_message WHERE notice_id IN (
               SELECT n.notice_id FROM dunning_notice_line n
                 JOIN account_move_line l ON l.id = n.move_line_id
                WHERE l.parent_state = 'cancel')"""
    )
    message = env["contact.message"].browse(row[0] for row in env.cr.fetchall())
    message.ensure_one()
    message._dispatch()
    return [message.state, message.reason]


def play(env):
    """Every scenario, each compared with what an undisturbed run leaves afterwards."""
    shop = Shop(env)
    told = {"undisturbed": {"is": shop.undisturbed()}}
    told["killed"] = {"is": killed(shop), "expected": shop.undisturbed()}
    told["cancelled"] = {"is": shop.disturbed(cancel), "fate": shop.work(fate_of_cancelled)}
    for name, disturb in (
        ("deleted", delete),
        ("merged", merge),
        ("level changed", lambda env: level(env).write({"min_amount": 600.0})),
        ("level archived", lambda env: level(env).write({"active": False})),
    ):
        told[name] = {"is": shop.disturbed(disturb), "expected": shop.undisturbed()}
    shop.work(
        lambda env: (
            env["dunning.level"]
            .with_context(active_test=False)
            .search([("active", "=", False)])
            .write({"active": True, "min_amount": 0})
        )
    )
    shop.empty()
    told["level deleted"] = {
        "is": shop.disturbed(lambda env: level(env).unlink()),
        "expected": shop.undisturbed(),
    }
    told["month end"] = {
        "over": over_midnight(shop, "America/Sao_Paulo", "2026-07-01 02:30", "2026-07-01 03:30")
    }
    # In Santiago 6 September begins at one o'clock: midnight does not exist.
    told["lost hour"] = {
        "over": over_midnight(shop, "America/Santiago", "2026-09-06 03:59", "2026-09-06 04:01")
    }
    sys.stdout.write(json.dumps(told, default=str))
    sys.stdout.flush()
    os._exit(0)
