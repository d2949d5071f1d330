"""A large portfolio of open installments, written by SQL as copies of one real contract."""

import contextlib
from datetime import date

from odoo import Command
from odoo.api import Environment
from odoo.tools import SQL

INSTALLMENTS = 10
LEVELS = (-5, -1, 1, 5, 10, 15, 25, 30)

# How many installments are late, by customer, over and over.
HALF_LATE = tuple(range(INSTALLMENTS + 1))  # what a shop finds that never reminded anybody
TENTH_LATE = (0, 0, 1, 0, 0, 6, 0, 1, 0, 2)  # a shop that reminds: four customers in ten are late


def build(
    env: Environment,
    rows: int,
    day: date,
    late: tuple[int, ...] = HALF_LATE,
    step: int = 30,
) -> None:
    """Write ``rows`` open installments, ten a customer, due every ``step`` days.

    ``late``: how many of the customers' installments are late on ``day``, in turns; the day of the
    month on which a customer pays is spread evenly. Everything else is copied from a contract that
    the ORM posted.
    """
    customers = rows // INSTALLMENTS
    move = _contract(env, day)
    env.flush_all()
    with bulk_load(env, "res_partner", "account_move", "account_move_line"):
        _copy_contract(env, move, customers, day, late, step)
    env.invalidate_all()
    # The contract that was copied is no part of the portfolio.
    move.button_draft()
    env.cr.commit()
    env.cr.execute("ANALYZE")


@contextlib.contextmanager
def bulk_load(env, *tables):
    """Tables without their indexes and checks of references while a block fills them.

    What is written must be right. All indexes are made again at the end, from what is there, which
    is many times as fast as keeping twenty of them up to date row by row. Commits before, because
    a table with pending checks cannot change.
    """
    env.cr.commit()
    env.cr.execute("SET session_replication_role = replica")
    env.cr.execute(
        """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
             FROM pg_index i
            WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
              AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
        [list(tables)],
    )
    indexes = env.cr.fetchall()
    for name, _definition in indexes:
        env.cr.execute(f"DROP INDEX {name}")
    yield
    env.cr.execute("SET maintenance_work_mem = '256MB'")
    for _name, definition in indexes:
        env.cr.execute(definition)
    env.cr.execute("SET session_replication_role = DEFAULT")
    env.cr.execute("RESET maintenance_work_mem")
    env.cr.commit()


def _copy_contract(env, move, customers, day, late, step):
    """Copies of the contract, each of a customer of its own, with due dates around ``day``."""
    partners = copy_rows(
        env,
        "res_partner",
        SQL("t.id = %s", move.partner_id.id),
        customers,
        {"name": SQL("'Customer ' || g"), "complete_name": SQL("'Customer ' || g")},
    )
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id > %s", [partners])
    moves = copy_rows(
        env,
        "account_move",
        SQL("t.id = %s", move.id),
        customers,
        {
            "name": SQL("'BENCH/' || g"),
            "contract_reference": SQL("'BENCH/' || g"),
            "sequence_number": SQL("g"),
            "partner_id": SQL("%s + g", partners),
            "commercial_partner_id": SQL("%s + g", partners),
            "access_token": SQL("NULL"),
        },
    )
    copy_rows(
        env,
        "account_move_line",
        SQL("t.move_id = %s", move.id),
        customers,
        {
            "move_id": SQL("%s + g", moves),
            "move_name": SQL("'BENCH/' || g"),
            "partner_id": SQL("%s + g", partners),
            "date_maturity": SQL(
                """CASE WHEN t.crediario_plan_id IS NOT NULL THEN %s::date - 1 - (g %% 29)::int
                        + %s * (t.installment_number
                                - (%s::int[])[1 + g %% %s]) END""",
                day,
                step,
                list(late),
                len(late),
            ),
        },
    )


def _contract(env, day):
    """One posted entry of ten installments of 105.58."""
    company = env.company
    receivable = company.partner_id.property_account_receivable_id
    income = env["account.account"].search(
        [("company_ids", "in", company.ids), ("account_type", "=", "income")], limit=1
    )
    journal = env["account.journal"].search(
        [("company_id", "=", company.id), ("type", "=", "general")], limit=1
    )
    lines = [
        Command.create(
            {
                "account_id": receivable.id,
                "date_maturity": day,
                "debit": 105.58,
                "installment_number": number,
                "name": f"{number}/{INSTALLMENTS}",
            }
        )
        for number in range(1, INSTALLMENTS + 1)
    ]
    total = 105.58 * INSTALLMENTS
    lines.append(Command.create({"account_id": income.id, "credit": total, "name": "Opening"}))
    plan = env["crediario.plan"].create(
        {
            "name": "Benchmark",
            "max_installments": INSTALLMENTS,
            # Before any segment, whatever ladders there are.
            "dunning_policy_id": company.dunning_policy_id.id,
        }
    )
    partner = env["res.partner"].create({"name": "Template", "phone": "+55 11 96123-4567"})
    move = env["account.move"].create(
        {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": day,
            "partner_id": partner.id,
            "crediario_plan_id": plan.id,
            "installment_count": INSTALLMENTS,
            "line_ids": [Command.create({**line[2], "partner_id": partner.id}) for line in lines],
        }
    )
    move.action_post()
    return move


def copy_rows(env, table, template, copies, changed):
    """Insert ``copies`` copies of the template rows; returns the id before the first of them.

    :param changed: SQL by column, over the row ``t`` and the number ``g`` (1 to ``copies``)
    """
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_name = %s AND is_generated = 'NEVER' AND column_name <> 'id'""",
        [table],
    )
    columns = [name for (name,) in env.cr.fetchall()]
    env.cr.execute(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))
    before = env.cr.fetchone()[0]
    env.cr.execute(SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", table, before))
    env.cr.execute(
        SQL(
            """INSERT INTO %s (%s)
               SELECT %s FROM generate_series(1, %s) g, %s t WHERE %s ORDER BY g, t.id""",
            SQL.identifier(table),
            SQL(", ").join(SQL.identifier(name) for name in columns),
            SQL(", ").join(changed.get(name) or SQL.identifier("t", name) for name in columns),
            copies,
            SQL.identifier(table),
            template,
        )
    )
    return before


def remind(env: Environment, rows: int, day: date) -> None:
    """Let everybody have been reminded of the level of ``day``, but for ``rows`` installments.

    Those are the ones whose level began last, as if the last run had been so many days ago: one
    day's movement, or that of a weekend. Each customer who has been reminded has one notice, with a
    line for each installment at the level it had reached.
    """
    _choose_reminded(env, rows, day)
    company = env.company
    env.cr.execute(
        SQL(
            """
            INSERT INTO dunning_notice (company_id, partner_id, date, level_id, level_offset, state)
            SELECT %s, partner_id, %s::date - 7,
                   (array_agg(level_id ORDER BY level_offset DESC))[1], max(level_offset), 'done'
              FROM reminded GROUP BY partner_id
            """,
            company.id,
            day,
        )
    )
    env.cr.execute(
        """
        INSERT INTO dunning_notice_line (notice_id, move_line_id, due_date, level_id, level_offset,
                                         advanced, residual)
        SELECT n.id, r.id, r.date_maturity, r.level_id, r.level_offset, TRUE, r.amount_residual
          FROM reminded r JOIN dunning_notice n USING (partner_id)
        """
    )
    env.invalidate_all()
    env.cr.commit()
    env.cr.execute("ANALYZE dunning_notice, dunning_notice_line")
    env.cr.commit()


def _choose_reminded(env, rows, day):
    """Temporary table of the installments that have reached a level, and which.

    The ``rows`` whose level began last had reached the one before it; some had none before.
    """
    levels = env.company.dunning_policy_id.level_ids.sorted("offset_days")
    offsets = levels.mapped("offset_days")
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE reminded ON COMMIT DROP AS
            SELECT l.id, l.partner_id, l.date_maturity, l.amount_residual,
                   CASE WHEN l.place > %(rows)s THEN l.level_id ELSE l.earlier_id END AS level_id,
                   CASE WHEN l.place > %(rows)s THEN l.level_offset ELSE l.earlier_offset END
                        AS level_offset
              FROM (SELECT l.id, l.partner_id, l.date_maturity, l.amount_residual, v.*,
                           row_number() OVER (
                               ORDER BY %(day)s::date - l.date_maturity - v.level_offset,
                                        hashint4(l.id)) AS place
                      FROM account_move_line l
                      JOIN unnest(%(ids)s::int[], %(offsets)s::int[], %(bounds)s::int[],
                                  %(earlier_ids)s::int[], %(earlier_offsets)s::int[])
                           AS v (level_id, level_offset, bound, earlier_id, earlier_offset)
                        ON %(day)s::date - l.date_maturity >= v.level_offset
                       AND %(day)s::date - l.date_maturity < v.bound
                     WHERE l.crediario_plan_id IS NOT NULL AND l.parent_state = 'posted'
                       AND l.company_id = %(company)s) AS l
             WHERE l.place > %(rows)s OR l.earlier_id IS NOT NULL
          ORDER BY l.partner_id, l.id
            """,
            company=env.company.id,
            day=day,
            ids=levels.ids,
            offsets=offsets,
            # The last level before the due date ends before it.
            bounds=[
                min(bound, 0) if offset < 0 else bound
                for offset, bound in zip(offsets, [*offsets[1:], 1827], strict=True)
            ],
            earlier_ids=[None, *levels.ids[:-1]],
            earlier_offsets=[None, *offsets[:-1]],
            rows=rows,
        )
    )


def message_policy(env: Environment):
    """A ladder of the usual days whose levels queue one message each; the company follows it."""
    template = env["contact.template"].search([("purpose", "=", "collection")], limit=1)
    action = env["ir.actions.server"].create(
        {
            "name": "Benchmark message",
            "model_id": env["ir.model"]._get_id("dunning.notice"),
            "state": "contact_message",
            "contact_template_id": template.id,
        }
    )
    policy = env["dunning.policy"].create(
        {
            "name": "Benchmark",
            "level_ids": [
                Command.create(
                    {
                        "name": str(offset),
                        "offset_days": offset,
                        "action_ids": [Command.link(action.id)],
                    }
                )
                for offset in LEVELS
            ],
        }
    )
    env.company.dunning_policy_id = policy
    return policy
