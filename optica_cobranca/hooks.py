from odoo.tools import SQL


def post_init_hook(env):
    """Give the companies that already keep books the accounts and ways of paying they miss."""
    env["res.company"].search([])._create_crediario_accounts()
    env["res.company"].search([])._create_counter_methods()


def uninstall_hook(env):
    """Take our accounts along that nothing was booked to; the others belong to the books."""
    env["res.company"].search([])._forget_crediario_accounts()
    _let_go(env)


def _let_go(env):
    """Nothing holds rows of our tables any more: all of these tables go with the addon.

    Odoo deletes what was shipped first, and would log an error for each template or ladder that
    a message or a notice refers to, before it drops the tables of all of them.
    """
    rows = env.execute_query(
        SQL(
            """
            SELECT DISTINCT source.relname, rule.conname
              FROM pg_constraint rule
              JOIN pg_class source ON source.oid = rule.conrelid
              JOIN pg_class target ON target.oid = rule.confrelid
             WHERE rule.contype = 'f' AND target.relname = ANY(%s)
               AND target.relnamespace = current_schema::regnamespace
            """,
            _own_tables(env),
        )
    )
    for table, rule in rows:
        statement = "ALTER TABLE %s DROP CONSTRAINT %s"
        env.cr.execute(SQL(statement, SQL.identifier(table), SQL.identifier(rule)))


def _own_tables(env):
    """Tables of the models that the addon made."""
    env.cr.execute(
        SQL(
            """
            SELECT m.model FROM ir_model m
              JOIN ir_model_data d ON d.model = 'ir.model' AND d.res_id = m.id
          GROUP BY m.model HAVING array_agg(d.module) = ARRAY['optica_cobranca']::varchar[]
            """
        )
    )
    models = (env.get(name) for (name,) in env.cr.fetchall())
    return [model._table for model in models if model is not None and model._auto]
