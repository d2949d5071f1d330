"""Fills a scratch database with late customers and their queued notices, fast."""

from datetime import date, timedelta

from odoo import Command
from odoo.tools import SQL

PRICE = 105.58


def make_company(env, today: date):
    """The scratch company as a shop that may write on working days."""
    company = env.company
    company.write(
        {
            "name": "Ótica Medida",
            "phone": "(11) 3333-4444",
            "street": "Rua XV de Novembro, 100",
            "city": "Sorocaba",
            "state_id": env.ref("base.state_br_sp").id,
        }
    )
    company._create_crediario_accounts()
    plan = env["crediario.plan"].create({"name": "Measured", "company_id": company.id})
    return company, plan


def make_branch(env):
    """A second company, without debts, with a gateway of its own."""
    return env["res.company"].create(
        {
            "name": "Ótica Segunda",
            "phone": "(11) 3333-5555",
            "country_id": env.ref("base.br").id,
            "state_id": env.ref("base.state_br_sp").id,
        }
    )


def make_greeting(env):
    """A template about no debt."""
    return env["contact.template"].create(
        {
            "name": "Measured",
            "purpose": "service",
            "channel_order": "whatsapp",
            "whatsapp_body": "Olá, {{customer_first_name}}! {{shop_identity}}.",
            "whatsapp_template_name": "measured",
        }
    )


def make_customers(env, count: int):
    """Customers with numbers that exist nowhere, all different."""
    return env["res.partner"].create(
        [
            {
                "name": f"Cliente Fictício {number}",
                "phone": f"+55119{80_000_000 + number}",
                "country_id": env.ref("base.br").id,
                "state_id": env.ref("base.state_br_sp").id,
            }
            for number in range(count)
        ]
    )


def make_late_contracts(env, plan, customers, today: date):
    """One contract of three installments for each customer, one of them ten days late.

    The first is made by the ORM, the others are copies of its rows.
    """
    model = _make_contract(env, plan, customers[0], today)
    env.flush_all()
    _copy_rows(env, "account_move", model.ids, customers[1:].ids)
    env.cr.execute(
        SQL(
            """SELECT id, partner_id FROM account_move
                WHERE crediario_plan_id = %s AND id <> %s""",
            plan.id,
            model.id,
        )
    )
    copies = env.cr.fetchall()
    columns = _columns(env, "account_move_line", {"id", "move_id", "partner_id"})
    env.cr.execute(
        SQL(
            """INSERT INTO account_move_line (move_id, partner_id, %(columns)s)
               SELECT copy.move, copy.partner, %(columns)s FROM account_move_line line,
                      unnest(%(moves)s, %(partners)s) AS copy (move, partner)
                WHERE line.move_id = %(model)s""",
            columns=columns,
            moves=[move for move, _partner in copies],
            partners=[partner for _move, partner in copies],
            model=model.id,
        )
    )
    env.cr.execute("ANALYZE account_move_line, account_move, res_partner")
    env.invalidate_all()


def _make_contract(env, plan, customer, today):
    journal = env["account.journal"].search(
        [("company_id", "=", env.company.id), ("type", "=", "general")], limit=1
    )
    income = env["account.account"].search(
        [("company_ids", "in", env.company.ids), ("account_type", "=", "income")], limit=1
    )
    dues = [today - timedelta(days=10), today + timedelta(days=20), today + timedelta(days=50)]
    move = env["account.move"].create(
        {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": today - timedelta(days=40),
            "partner_id": customer.id,
            "crediario_plan_id": plan.id,
            "installment_count": len(dues),
            "line_ids": [
                *(
                    Command.create(
                        {
                            "partner_id": customer.id,
                            "account_id": customer.property_account_receivable_id.id,
                            "date_maturity": due,
                            "debit": PRICE,
                            "installment_number": number,
                        }
                    )
                    for number, due in enumerate(dues, start=1)
                ),
                Command.create({"account_id": income.id, "credit": PRICE * len(dues)}),
            ],
        }
    )
    move.action_post()
    return move


def _copy_rows(env, table, ids, partners):
    columns = _columns(
        env,
        table,
        {
            "id",
            "partner_id",
            "name",
            "contract_reference",
            "commercial_partner_id",
            "sequence_number",
        },
    )
    env.cr.execute(
        SQL(
            """INSERT INTO %(table)s (partner_id, commercial_partner_id, name, contract_reference,
                                      sequence_number, %(columns)s)
               SELECT partner, partner, 'BENCH/' || partner, 'BENCH/' || partner,
                      partner, %(columns)s
                 FROM %(table)s, unnest(%(partners)s) AS partner WHERE id = ANY(%(ids)s)""",
            table=SQL.identifier(table),
            columns=columns,
            partners=partners,
            ids=ids,
        )
    )


def _columns(env, table, left_out):
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_name = %s AND is_generated = 'NEVER'""",
        [table],
    )
    names = [name for (name,) in env.cr.fetchall() if name not in left_out]
    return SQL(", ").join(SQL.identifier(name) for name in names)
