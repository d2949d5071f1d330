"""A large portfolio of open installments, written by SQL as copies of one real contract."""

from datetime import date

from odoo import Command
from odoo.api import Environment
from odoo.tools import SQL

INSTALLMENTS = 10
LEVELS = (-5, -1, 1, 5, 10, 15, 25, 30)


def build(env: Environment, rows: int, day: date) -> None:
    """Write ``rows`` open installments, ten a customer, half of them late on ``day``.

    The number of late installments runs from none to all ten over the customers, and their days
    late are spread evenly. Everything else is copied from a contract that the ORM posted.
    """
    customers = rows // INSTALLMENTS
    move = _contract(env, day)
    env.flush_all()
    _copy_contract(env, move, customers, day)
    env.invalidate_all()
    # The contract that was copied is no part of the portfolio.
    move.button_draft()
    env.cr.commit()
    env.cr.execute("ANALYZE")


def _copy_contract(env, move, customers, day):
    """Copies of the contract, each of a customer of its own, with due dates around ``day``."""
    partners = _copy(
        env,
        "res_partner",
        SQL("t.id = %s", move.partner_id.id),
        customers,
        {"name": SQL("'Customer ' || g"), "complete_name": SQL("'Customer ' || g")},
    )
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id > %s", [partners])
    moves = _copy(
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
    _copy(
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
                        + 30 * (t.installment_number - (g %% 11)::int) END""",
                day,
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


def _copy(env, table, template, copies, changed):
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
    """Let everybody have been reminded the day before ``day``, but for about ``rows`` installments.

    Those are all that are in reach of so many customers, spread evenly over the portfolio; they
    reach a new level on ``day``. Each other customer has one notice, with a line for each
    installment at the level it has reached.
    """
    _choose_reminded(env, rows, day)
    company = env.company
    env.cr.execute(
        SQL(
            """
            INSERT INTO dunning_notice (company_id, currency_id, partner_id, date, policy_id,
                                        level_id, level_offset, state)
            SELECT %s, %s, partner_id, %s::date - 1, %s,
                   (array_agg(level_id ORDER BY level_offset DESC))[1], max(level_offset), 'done'
              FROM reminded GROUP BY partner_id
            """,
            company.id,
            company.currency_id.id,
            day,
            company.dunning_policy_id.id,
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


def _choose_reminded(env, rows, day):
    """Temporary table of the installments that have reached the level of ``day``."""
    levels = env.company.dunning_policy_id.level_ids.sorted("offset_days")
    offsets = levels.mapped("offset_days")
    env.cr.execute(
        SQL(
            """
            CREATE TEMP TABLE reminded ON COMMIT DROP AS
            SELECT l.*
              FROM (SELECT l.id, l.partner_id, l.date_maturity, l.amount_residual, v.level_id,
                           v.level_offset, count(*) OVER () AS many,
                           dense_rank() OVER (ORDER BY l.partner_id) AS place
                      FROM account_move_line l
                      JOIN unnest(%(ids)s::int[], %(offsets)s::int[], %(bounds)s::int[])
                           AS v (level_id, level_offset, bound)
                        ON %(day)s::date - l.date_maturity >= v.level_offset
                       AND %(day)s::date - l.date_maturity < v.bound
                     WHERE l.crediario_plan_id IS NOT NULL AND l.parent_state = 'posted'
                       AND l.company_id = %(company)s) AS l
             WHERE l.place * %(rows)s::bigint / l.many = (l.place - 1) * %(rows)s / l.many
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
