from datetime import date

from odoo import fields, models
from odoo.tools import SQL

from ..domain.birthdays import LEAP_BIRTHDAY, leap_birthdays
from .optica_occurrence import ID_SLOTS

# A birthday takes one of four slots of an id by its year, an installment slot 4, a promise slot 5;
# later kinds take their own.
BIRTHDAY_YEARS = 4
INSTALLMENT_SLOT = 4
PROMISE_SLOT = 5

COLUMNS = {
    "id": SQL("bigint"),
    "source_id": SQL("integer"),
    "kind": SQL("varchar"),
    "color": SQL("integer"),
    "date": SQL("date"),
    "partner_id": SQL("integer"),
    "partner_name": SQL("varchar"),
    "phone": SQL("varchar"),
    "company_id": SQL("integer"),
    "user_id": SQL("integer"),
    "res_model": SQL("varchar"),
    "res_id": SQL("integer"),
    "currency_id": SQL("integer"),
    "amount": SQL("numeric"),
    "days_late": SQL("integer"),
    "installment_number": SQL("integer"),
    "installment_count": SQL("integer"),
    "age": SQL("integer"),
}


class OpticaOccurrence(models.Model):
    """Where occurrences come from: each kind is one ``_branch_…`` method, one SELECT of a union."""

    _inherit = "optica.occurrence"

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(self._branches(fields.Date.context_today(self)))

    def _branches(self, today: date) -> list[SQL]:
        """One SELECT for each kind of occurrence; a new kind is one more of them."""
        return [
            self._branch_birthday(today),
            self._branch_installment_due(today),
            self._branch_installment_overdue(today),
            self._branch_promise_due(),
        ]

    def _branch_birthday(self, today: date) -> SQL:
        """Birthdays of last year, this one and the next two.

        The days are generated and looked up in the index of birthdays, so that the calendar's
        dates cut the days and not the customers.
        """
        first, last = date(today.year - 1, 1, 1), date(today.year + BIRTHDAY_YEARS - 2, 12, 31)
        columns = {
            "id": SQL(
                "partner.id::bigint * %s + date_part('year', day.date)::int %% %s",
                ID_SLOTS,
                BIRTHDAY_YEARS,
            ),
            "source_id": SQL("partner.id"),
            "kind": SQL("'birthday'"),
            "color": SQL("11"),
            "date": SQL("day.date"),
            "partner_id": SQL("partner.id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("partner.phone"),
            "company_id": SQL("partner.company_id"),
            "user_id": SQL("partner.user_id"),
            "res_model": SQL("'res.partner'"),
            "res_id": SQL("partner.id"),
            "currency_id": SQL("%s", self.env.company.currency_id.id),
            "age": SQL("(date_part('year', day.date) - date_part('year', partner.birthdate))::int"),
        }
        return self._select(
            columns,
            SQL(
                """
                  FROM (%s) day
                  JOIN res_partner partner ON partner.birth_month_day = day.month_day
                 WHERE partner.birth_month_day > 0 AND partner.active
                   AND partner.birthdate < day.date
                """,
                self._days(first, last),
            ),
        )

    @staticmethod
    def _days(first: date, last: date) -> SQL:
        """Each day with its month × 100 + day; a 28 February stands for a missing 29th as well."""
        return SQL(
            """
            SELECT %(first)s::date + n AS date,
                   (date_part('month', %(first)s::date + n) * 100
                    + date_part('day', %(first)s::date + n))::int AS month_day
              FROM generate_series(0, %(count)s) n
             UNION ALL
            SELECT kept, %(leap)s FROM unnest(%(leap_days)s::date[]) kept
            """,
            first=first,
            count=(last - first).days,
            leap=LEAP_BIRTHDAY,
            leap_days=leap_birthdays(range(first.year, last.year + 1)),
        )

    def _branch_installment_due(self, today: date) -> SQL:
        return self._branch_installment(
            "installment_due", 4, SQL("NULL"), SQL("line.date_maturity >= %s", today)
        )

    def _branch_installment_overdue(self, today: date) -> SQL:
        days_late = SQL("%s::date - line.date_maturity", today)
        late = SQL("line.date_maturity < %s", today)
        return self._branch_installment("installment_overdue", 1, days_late, late)

    def _branch_installment(self, kind: str, color: int, days_late: SQL, condition: SQL) -> SQL:
        """Open installments on their due date."""
        columns = {
            "id": SQL("line.id::bigint * %s + %s", ID_SLOTS, INSTALLMENT_SLOT),
            "source_id": SQL("line.id"),
            "kind": SQL("%s", kind),
            "color": SQL("%s", color),
            "date": SQL("line.date_maturity"),
            "partner_id": SQL("line.partner_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("partner.phone"),
            "company_id": SQL("line.company_id"),
            "user_id": SQL("COALESCE(move.invoice_user_id, partner.user_id)"),
            "res_model": SQL("'account.move'"),
            "res_id": SQL("line.move_id"),
            "currency_id": SQL("line.company_currency_id"),
            "amount": SQL("line.amount_residual"),
            "days_late": days_late,
            "installment_number": SQL("line.installment_number"),
            "installment_count": SQL("move.installment_count"),
        }
        return self._select(
            columns,
            SQL(
                """
                  FROM account_move_line line
             LEFT JOIN account_move move ON move.id = line.move_id
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.crediario_plan_id IS NOT NULL AND line.parent_state = 'posted'
                   AND line.amount_residual > 0 AND %s
                """,
                condition,
            ),
        )

    def _branch_promise_due(self) -> SQL:
        """Open promises on the promised day."""
        columns = {
            "id": SQL("promise.id::bigint * %s + %s", ID_SLOTS, PROMISE_SLOT),
            "source_id": SQL("promise.id"),
            "kind": SQL("'promise_due'"),
            "color": SQL("3"),
            "date": SQL("promise.date"),
            "partner_id": SQL("promise.partner_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("partner.phone"),
            "company_id": SQL("promise.company_id"),
            "user_id": SQL("promise.user_id"),
            "res_model": SQL("'dunning.promise'"),
            "res_id": SQL("promise.id"),
            "currency_id": SQL("company.currency_id"),
            "amount": SQL("promise.amount"),
        }
        return self._select(
            columns,
            SQL(
                """
                  FROM dunning_promise promise
                  JOIN res_partner partner ON partner.id = promise.partner_id
                  JOIN res_company company ON company.id = promise.company_id
                 WHERE promise.state = 'open'
                """
            ),
        )

    @staticmethod
    def _select(columns: dict[str, SQL], tail: SQL) -> SQL:
        """A branch with every column, in order and typed; what a kind does not have is NULL.

        PostgreSQL pushes conditions into the branches of a union only when their types agree.
        """
        terms = (
            SQL(
                "CAST(%s AS %s) AS %s",
                columns.get(name, SQL("NULL")),
                sql_type,
                SQL.identifier(name),
            )
            for name, sql_type in COLUMNS.items()
        )
        return SQL("SELECT %s %s", SQL(", ").join(terms), tail)
