from collections.abc import Callable, Sequence
from contextlib import contextmanager

from odoo import models
from odoo.tools import SQL

from ...tools.ladder.dunning_query import LadderRules, Scope

# What the statements of the ladder write. Their temporary stand-ins have the same names, and a
# name without a schema means the temporary table to PostgreSQL, as long as there is one.
STAND_INS = ("dunning_notice", "dunning_notice_line")


class DunningRehearsal(models.AbstractModel):
    """The ladder of several days in a row without writing: the run's own statements, rehearsed.

    Within a rehearsal the tables of notices are temporary ones of the same form, filled with what
    the scope's customers have already been told; the notices of one day are there when the next is
    worked out, and all is gone at the end. The transaction is read-only meanwhile, so that the
    database itself refuses to write anywhere else. Nothing is locked: runs go on beside it.
    """

    _name = "dunning.rehearsal"
    _description = "Rehearsal of the Ladder"

    @contextmanager
    def _rehearsing(self, company, scope: Scope):
        """Stand-ins for ``scope``'s notices of ``company``; new notices have negative ids."""
        # What waits to be written must not end in a stand-in.
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False):
            for table in STAND_INS:
                self._make_stand_in(table)
            self._copy_past(company, scope)
            yield
            for table in reversed(STAND_INS):
                self.env.cr.execute(SQL("DROP TABLE pg_temp.%s", SQL.identifier(table)))

    def _play(
        self,
        company,
        days: Sequence[LadderRules],
        scope: Scope,
        before_day: Callable[[LadderRules], None] = lambda rules: None,
    ):
        """The run of each of ``days``, within :meth:`_rehearsing`; ``before_day`` may only read.

        Other than temporary tables nothing can be written meanwhile.
        """
        evaluation = self.env["dunning.evaluation"].with_company(company)
        header = {"run_id": None}
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False):
            # Until the end of the savepoint.
            self.env.cr.execute(SQL("SET TRANSACTION READ ONLY"))
            for rules in days:
                before_day(rules)
                evaluation._insert_notices(rules, scope, header)

    # ------------------------------------------------------------- helpers

    def _make_stand_in(self, table):
        """An empty temporary table like ``table``, keys and defaults included, ids below zero."""
        counter = f"rehearsed_{table}_id"
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE %(name)s (LIKE %(schema)s.%(name)s INCLUDING ALL)
                    ON COMMIT DROP;
                CREATE TEMPORARY SEQUENCE %(counter)s INCREMENT -1 OWNED BY pg_temp.%(name)s.id;
                ALTER TABLE pg_temp.%(name)s
                    ALTER COLUMN id SET DEFAULT nextval(%(counter_name)s::regclass)
                """,
                name=SQL.identifier(table),
                schema=self._schema(),
                counter=SQL.identifier(counter),
                counter_name=f"pg_temp.{counter}",
            )
        )

    def _copy_past(self, company, scope):
        """What the customers were told: their notices, and the lines that levels are read from."""
        schema = self._schema()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO pg_temp.dunning_notice
                SELECT * FROM %(schema)s.dunning_notice n
                 WHERE n.company_id = %(company)s AND %(of_customer)s;
                INSERT INTO pg_temp.dunning_notice_line
                SELECT n.* FROM account_move_line l
                  JOIN %(schema)s.dunning_notice_line n
                    ON n.move_line_id = l.id AND n.due_date = l.date_maturity
                 WHERE l.company_id = %(company)s AND l.crediario_plan_id IS NOT NULL
                   AND l.parent_state = 'posted' AND l.amount_residual > 0 AND %(of_line)s;
                ANALYZE pg_temp.dunning_notice, pg_temp.dunning_notice_line
                """,
                schema=schema,
                company=company.id,
                of_customer=scope(SQL("n.partner_id")),
                of_line=scope(SQL("l.partner_id")),
            )
        )

    def _schema(self):
        """Where the real tables are."""
        ((schema,),) = self.env.execute_query(
            SQL(
                """SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.oid = 'res_partner'::regclass"""
            )
        )
        return SQL.identifier(schema)
