from datetime import date

from odoo import fields, models
from odoo.tools import SQL

from ..domain.birthdays import LEAP_BIRTHDAY, leap_birthdays
from .optica_occurrence import ID_SLOTS
from .optica_occurrence_type import KindSettings

# A birthday takes one of four slots of an id by its year, an installment slot 4, a promise slot 5;
# later kinds take their own.
BIRTHDAY_YEARS = 4
INSTALLMENT_SLOT = 4
PROMISE_SLOT = 5

# Word for word the condition of the partial indexes.
OPEN_INSTALLMENT = SQL(
    "line.crediario_plan_id IS NOT NULL AND line.parent_state = 'posted'"
    " AND line.amount_residual > 0"
)
# Of whom an installment is: of the contract's seller, else of who takes care of the customer.
INSTALLMENT_USER = SQL("COALESCE(move.invoice_user_id, partner.user_id)")

COLUMNS = {
    "id": SQL("bigint"),
    "source_model": SQL("varchar"),
    "source_id": SQL("integer"),
    "kind": SQL("varchar"),
    "color": SQL("integer"),
    "date": SQL("date"),
    "event_date": SQL("date"),
    "todo_date": SQL("date"),
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
    "is_handled": SQL("boolean"),
    "mark_id": SQL("integer"),
}


class OpticaOccurrence(models.Model):
    """Where occurrences come from: each kind is one or more SELECTs of a union."""

    _inherit = "optica.occurrence"

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        branches = [*self._branches(today), *self._branches_of_installments(today)]
        return SQL(" UNION ALL ").join(branches or [self._nothing()])

    def _branches(self, today: date) -> list[SQL]:
        """The SELECTs of the kinds that are shown; a new kind adds its own.

        Installments, of which there are many times as many, are apart.
        """
        return [*self._branch_birthday(today), *self._branch_promise_due()]

    def _branches_of_installments(self, today: date) -> list[SQL]:
        return [*self._branch_installment_due(today), *self._branch_installment_overdue(today)]

    def _branch_birthday(self, today: date) -> list[SQL]:
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
            "source_model": SQL("'res.partner'"),
            "event_date": SQL("day.date"),
            "partner_id": SQL("partner.id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("COALESCE(partner.phone, payer.phone)"),
            "company_id": SQL("partner.company_id"),
            "user_id": SQL("partner.user_id"),
            "res_model": SQL("'res.partner'"),
            "res_id": SQL("partner.id"),
            "currency_id": SQL("%s", self.env.company.currency_id.id),
            "age": SQL("(date_part('year', day.date) - date_part('year', partner.birthdate))::int"),
        }
        return self._select(
            "birthday",
            columns,
            SQL(
                """(%s) day
              JOIN res_partner partner ON partner.birth_month_day = day.month_day
         LEFT JOIN res_partner payer ON payer.id = partner.payer_id""",
                self._days(first, last),
            ),
            SQL(
                """partner.birth_month_day > 0 AND partner.active
               AND (partner.birthdate IS NULL OR partner.birthdate < day.date)"""
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

    def _branch_installment_due(self, today: date) -> list[SQL]:
        condition = self._days_of_installments(today)["installment_due"]
        return self._branch_installment("installment_due", SQL("NULL"), condition)

    def _branch_installment_overdue(self, today: date) -> list[SQL]:
        days_late = SQL("%s::date - line.date_maturity", today)
        condition = self._days_of_installments(today)["installment_overdue"]
        return self._branch_installment("installment_overdue", days_late, condition)

    @staticmethod
    def _days_of_installments(today: date) -> dict[str, SQL]:
        """On which due dates an open installment is of which kind."""
        return {
            "installment_due": SQL("line.date_maturity >= %s", today),
            "installment_overdue": SQL("line.date_maturity < %s", today),
        }

    def _branch_installment(self, kind: str, days_late: SQL, condition: SQL) -> list[SQL]:
        """Open installments on their due date."""
        columns = {
            "id": SQL("line.id::bigint * %s + %s", ID_SLOTS, INSTALLMENT_SLOT),
            "source_id": SQL("line.id"),
            "source_model": SQL("'account.move.line'"),
            "event_date": SQL("line.date_maturity"),
            "partner_id": SQL("line.partner_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("partner.phone"),
            "company_id": SQL("line.company_id"),
            "user_id": INSTALLMENT_USER,
            "res_model": SQL("'account.move'"),
            "res_id": SQL("line.move_id"),
            "currency_id": SQL("line.company_currency_id"),
            "amount": SQL("line.amount_residual"),
            "days_late": days_late,
            "installment_number": SQL("line.installment_number"),
            "installment_count": SQL("move.installment_count"),
        }
        return self._select(
            kind,
            columns,
            SQL(
                """account_move_line line
         LEFT JOIN account_move move ON move.id = line.move_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id"""
            ),
            SQL("%s AND %s", OPEN_INSTALLMENT, condition),
        )

    def _branch_promise_due(self) -> list[SQL]:
        """Open promises on the promised day."""
        columns = {
            "id": SQL("promise.id::bigint * %s + %s", ID_SLOTS, PROMISE_SLOT),
            "source_id": SQL("promise.id"),
            "source_model": SQL("'dunning.promise'"),
            "event_date": SQL("promise.date"),
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
            "promise_due",
            columns,
            SQL(
                """dunning_promise promise
         LEFT JOIN res_partner partner ON partner.id = promise.partner_id
         LEFT JOIN res_company company ON company.id = promise.company_id"""
            ),
            SQL("promise.state = 'open'"),
        )

    # ------------------------------------------------------------- helpers

    def _select(self, kind: str, columns: dict[str, SQL], source: SQL, condition: SQL) -> list[SQL]:
        """The SELECT of a kind over the FROM list ``source``; none when the kind is switched off.

        The columns come in order and typed, what a kind does not have is NULL: PostgreSQL pushes
        conditions into the branches of a union only when their types agree. ``date`` is the
        event's own day unless the kind stands in the calendar on another one. The mark of who
        handled the occurrence is joined as ``mark``. Names, companies and contracts are joined by
        LEFT JOIN over primary keys: PostgreSQL leaves out those whose columns nobody asks for, so
        that the calendar's counts read the indexes of the sources alone.
        """
        settings = self.env["optica.occurrence.type"]._settings().get(kind)
        if not settings:
            return []
        event = columns["event_date"]
        columns = {
            "kind": SQL("%s", kind),
            "color": SQL("%s", settings.color),
            "date": event,
            # A day less nothing would hide the day from the index.
            "todo_date": SQL("%s - %s", event, settings.lead_days) if settings.lead_days else event,
            "is_handled": SQL("mark.id IS NOT NULL"),
            "mark_id": SQL("mark.id"),
            **columns,
            "user_id": self._responsible(settings, columns),
        }
        return [
            SQL(
                """
                SELECT %(terms)s FROM %(source)s
             LEFT JOIN optica_occurrence_mark mark
                    ON mark.kind = %(kind)s AND mark.source_model = %(model)s
                   AND mark.source_id = %(source_id)s AND mark.date = %(event)s
                   AND mark.undone_at IS NULL
                 WHERE %(condition)s
                """,
                terms=self._typed(columns),
                source=source,
                kind=kind,
                model=columns["source_model"],
                source_id=columns["source_id"],
                event=event,
                condition=condition,
            )
        ]

    def _responsible(self, settings: KindSettings, columns: dict[str, SQL]) -> SQL:
        """Who takes care of the kind in the record's company, else of the record itself.

        Records of no company, such as shared customers, count as of the reader's.
        """
        if not settings.user_ids:
            return columns["user_id"]
        companies, users = zip(*settings.user_ids, strict=True)
        return SQL(
            "COALESCE((%s::int[])[array_position(%s::int[], COALESCE(%s, %s))], %s)",
            list(users),
            list(companies),
            columns["company_id"],
            self.env.company.id,
            columns["user_id"],
        )

    def _nothing(self) -> SQL:
        """What is left when every kind is switched off: the columns, and no row."""
        return SQL("SELECT %s WHERE FALSE", self._typed({}))

    @staticmethod
    def _typed(columns: dict[str, SQL]) -> SQL:
        terms = (
            SQL(
                "CAST(%s AS %s) AS %s",
                columns.get(name, SQL("NULL")),
                sql_type,
                SQL.identifier(name),
            )
            for name, sql_type in COLUMNS.items()
        )
        return SQL(", ").join(terms)
