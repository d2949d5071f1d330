from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from ..domain.birthdays import LEAP_BIRTHDAY, leap_birthdays

# An id is source id × ID_SLOTS + slot, so that rows of several tables never share one. A birthday
# takes one of four slots by its year, an installment slot 4; later kinds take their own.
ID_SLOTS = 16
BIRTHDAY_YEARS = 4
INSTALLMENT_SLOT = 4

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
    """What happens with customers on which day: one calendar over the records themselves.

    Nothing is stored, so nothing is ever stale: a paid installment is gone at once. Each kind is
    one ``_branch_…`` method; PostgreSQL pushes the calendar's dates into every branch, where an
    index answers them. "Today" is the reader's.
    """

    _name = "optica.occurrence"
    _description = "Occurrence"
    _auto = False
    _order = "date, id"
    _rec_names_search = ["partner_name"]
    _depends = {
        "res.partner": [
            "active",
            "birth_month_day",
            "birthdate",
            "company_id",
            "complete_name",
            "phone",
            "user_id",
        ],
        "account.move": ["installment_count", "invoice_user_id"],
        "account.move.line": [
            "amount_residual",
            "company_id",
            "crediario_plan_id",
            "date_maturity",
            "installment_number",
            "move_id",
            "parent_state",
            "partner_id",
        ],
    }

    kind = fields.Selection(
        [
            ("birthday", "Birthday"),
            ("installment_due", "Installment Due"),
            ("installment_overdue", "Installment Late"),
        ],
        readonly=True,
    )
    color = fields.Integer(readonly=True)
    date = fields.Date(readonly=True)
    source_id = fields.Integer(
        readonly=True, help="The id of the record that the occurrence is about."
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    partner_name = fields.Char(string="Customer's Name", readonly=True)
    phone = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document", model_field="res_model", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        readonly=True, help="What is left to pay of the installment, late charges not counted."
    )
    days_late = fields.Integer(readonly=True, aggregator="max")
    installment_number = fields.Integer(readonly=True, aggregator=None)
    installment_count = fields.Integer(readonly=True, aggregator=None)
    age = fields.Integer(readonly=True, aggregator=None, help="The age that the customer reaches.")

    # ------------------------------------------------------------- compute

    @api.depends("kind", "partner_name", "age", "amount", "installment_number", "installment_count")
    def _compute_display_name(self):
        for occurrence in self:
            occurrence.display_name = occurrence._title()

    def _title(self):
        """One line that says who and what, short enough for a day of the month."""
        name = self.partner_name or ""
        if self.kind == "birthday":
            return f"{name} ({self.age})" if self.age else name
        part = (
            f"{self.installment_number}/{self.installment_count}" if self.installment_number else ""
        )
        money = formatLang(self.env, self.amount, currency_obj=self.currency_id)
        return " · ".join(text for text in (name, part, money) if text)

    # -------------------------------------------------------------- search

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(self._branches(fields.Date.context_today(self)))

    def _branches(self, today: date) -> list[SQL]:
        """One SELECT for each kind of occurrence; a new kind is one more of them."""
        return [
            self._branch_birthday(today),
            self._branch_installment_due(today),
            self._branch_installment_overdue(today),
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
                 WHERE partner.birth_month_day > 0 AND partner.active AND partner.birthdate < day.date
                """,
                self._days(first, last),
            ),
        )

    @staticmethod
    def _days(first: date, last: date) -> SQL:
        """Each day with its month × 100 + day; 28 February stands for the 29th as well when there is none."""
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

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Ids are made up, so a search for them is also one for the records they stand for."""
        domain = Domain(domain).map_conditions(self._with_source_ids)
        return super()._search(domain, *args, **kwargs)

    @staticmethod
    def _with_source_ids(condition):
        ids = condition.value
        if (
            condition.field_expr != "id"
            or condition.operator != "in"
            or not hasattr(ids, "__iter__")
        ):
            return condition
        return condition & Domain(
            "source_id", "in", sorted({id_ // ID_SLOTS for id_ in ids if id_})
        )

    def exists(self):
        found = (
            self.sudo().with_context(active_test=False).search([("id", "in", self.ids)], order="id")
        )
        return self.browse(id_ for id_ in self.ids if id_ in set(found.ids))

    @api.model
    def get_unusual_days(self, date_from, date_to=None):
        """Days between two instants (UTC, as text) on which the shop's city rests, for the calendar."""
        calendar = self.env.company._business_calendar()
        first = fields.Date.to_date(date_from[:10])
        last = fields.Date.to_date((date_to or date_from)[:10])
        days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
        return {fields.Date.to_string(day): not calendar.is_business_day(day) for day in days}

    # ------------------------------------------------------------- actions

    def action_open_customer(self):
        """Open the customer whom the occurrence is about."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_open_document(self):
        """Open the contract of an installment, or the customer of a birthday."""
        self.ensure_one()
        if self.res_model == "account.move":
            return self.env["account.move.line"].browse(self.source_id).action_open_installment()
        return self.action_open_customer()

    def action_send_message(self):
        """Write to the customers of these occurrences, each of them once."""
        return self.partner_id._action_send_message()
