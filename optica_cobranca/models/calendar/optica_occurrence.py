from datetime import date
from functools import cache

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...domain.crediario.birthdays import LEAP_BIRTHDAY, leap_birthdays
from .optica_occurrence_type import KINDS, KindSettings

# An id is source id × ID_SLOTS + slot, so that rows of several tables never share one.
ID_SLOTS = 16
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
# All that counting asks for as a rule, and all that a day's total of installments knows.
TOTALLED = frozenset(["kind", "date", "is_handled", "company_id"])


class OpticaOccurrence(models.Model):
    """What happens with customers on which day: one calendar over the records themselves.

    Nothing is stored, so nothing is ever stale: a paid installment is gone at once. PostgreSQL
    pushes the calendar's dates into the query of every kind, where an index answers them
    (``optica_occurrence_kinds.py``). "Today" is the reader's.
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
            "payer_id",
            "phone",
            "user_id",
        ],
        "dunning.promise": ["amount", "company_id", "date", "partner_id", "state", "user_id"],
        "optica.occurrence.mark": ["date", "kind", "source_id", "source_model", "undone_at"],
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

    kind = fields.Selection(KINDS, readonly=True)
    color = fields.Integer(readonly=True)
    date = fields.Date(readonly=True, help="Where it stands in the calendar.")
    event_date = fields.Date(
        string="Day of the Event",
        readonly=True,
        help="For a prescription about to expire its expiry date, for all else the same day.",
    )
    todo_date = fields.Date(
        string="To Do From", readonly=True, help="The date less the lead days of its kind."
    )
    source_model = fields.Char(readonly=True, export_string_translation=False)
    source_id = fields.Integer(
        readonly=True, help="The id of the record that the occurrence is about."
    )
    is_handled = fields.Boolean(string="Handled", readonly=True)
    mark_id = fields.Many2one("optica.occurrence.mark", readonly=True)
    handled_by_id = fields.Many2one(related="mark_id.user_id", string="Handled By")
    handled_at = fields.Datetime(related="mark_id.handled_at")
    handled_result = fields.Selection(related="mark_id.result")
    handled_note = fields.Text(compute="_compute_handled_note", string="Note")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    partner_name = fields.Char(string="Customer's Name", readonly=True)
    phone = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document", model_field="res_model", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        readonly=True,
        help="What is left to pay of the installment, late charges not counted, or the amount "
        "promised.",
    )
    days_late = fields.Integer(readonly=True, aggregator="max")
    installment_number = fields.Integer(readonly=True, aggregator=None)
    installment_count = fields.Integer(readonly=True, aggregator=None)
    age = fields.Integer(readonly=True, aggregator=None, help="The age that the customer reaches.")

    # ------------------------------------------------------------- compute

    @api.depends("mark_id.note")
    @api.depends_context("uid")
    def _compute_handled_note(self):
        """What was noted, to whom may read it: on debts the words of customers."""
        readable = self.mark_id._filtered_access("read")
        for occurrence in self:
            occurrence.handled_note = (occurrence.mark_id & readable).note

    @api.depends("kind", "partner_name", "age", "amount", "installment_number", "installment_count")
    def _compute_display_name(self):
        money = cache(lambda amount, currency: currency._text(amount))
        for occurrence in self:
            occurrence.display_name = occurrence._title(money)

    def _title(self, money):
        """One line that says who and what, short enough for a day of the month."""
        name = self.partner_name or ""
        if self.kind == "birthday":
            return f"{name} ({self.age})" if self.age else name
        part = (
            f"{self.installment_number}/{self.installment_count}" if self.installment_number else ""
        )
        amount = money(self.amount, self.currency_id) if self.amount else ""
        return " · ".join(text for text in (name, part, amount) if text)

    # -------------------------------------------------------------- search

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
        """Those of these rows that the view still shows: nothing is stored under their numbers."""
        found = (
            self.sudo().with_context(active_test=False).search([("id", "in", self.ids)], order="id")
        )
        return self.browse(id_ for id_ in self.ids if id_ in set(found.ids))

    @api.model
    def get_unusual_days(self, date_from, date_to=None):
        """Days between two instants (UTC, as text), each with whether the shop's city rests."""
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
        """Open what it is about: contract, promise, prescription, glasses, call, or customer."""
        self.ensure_one()
        opened = ("dunning.promise", "optica.prescription", "optica.service.order")
        is_activity = self.source_model == "mail.activity" and self.res_model != "res.partner"
        if self.res_model in opened or is_activity:
            return self.env[self.res_model].browse(self.res_id)._get_records_action()
        if self.res_model == "account.move":
            return self.env["account.move.line"].browse(self.source_id).action_open_installment()
        return self.action_open_customer()

    def action_send_message(self):
        """Write to the customers of these occurrences, each of them once."""
        return self.partner_id._action_send_message()

    # ---- Where occurrences come from: each kind is one or more SELECTs of a union

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        branches = [*self._branches(today), *self._branches_of_installments(today)]
        return SQL(" UNION ALL ").join(branches or [self._nothing()])

    def _branches(self, today: date) -> list[SQL]:
        """The SELECTs of the kinds that are shown.

        Installments, of which there are many times as many, are apart.
        """
        return [
            *self._branch_birthday(today),
            *self._branch_promise_due(),
            *self._branches_of_prescriptions(today),
            *self._branches_of_glasses(today),
            *self._branches_of_calls(today),
            *self._branch_survey(today),
        ]

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

    # -------------------- Counts and sums for the calendar and the page of today

    @api.model
    def _query_totals(self, domain, groupby, before=None):
        """Rows of ``groupby``, count and sum of amounts; through the reader's record rules.

        Only the columns that are needed are asked for, so that PostgreSQL leaves out joins and
        reads indexes instead of rows. Where nothing of a single installment is asked for, such as
        its customer, not even the marks are joined to every installment.

        :param before: a day; adds, in front of the count, how many are of earlier days
        """
        users, rest = self._split_responsible(domain)
        is_totalled = self._is_totalled(rest)
        query = self._search(rest if is_totalled else domain)
        alias = SQL.identifier(query.table)
        table, count = query.from_clause, SQL("1")
        if is_totalled:
            totals = self._totals(fields.Date.context_today(self), users)
            table = SQL("(%s) AS %s", totals, alias, to_flush=table.to_flush)
            count = SQL("%s.count", alias)
        columns = [self._field_to_sql(query.table, name, query) for name in groupby]
        figures = [
            SQL("sum(%s)::bigint", count),
            SQL("sum(%s)", self._field_to_sql(query.table, "amount", query)),
        ]
        if before:
            day = self._field_to_sql(query.table, "date", query)
            earlier = SQL("COALESCE(sum(%s) FILTER (WHERE %s < %s), 0)::bigint", count, day, before)
            figures.insert(0, earlier)
        return SQL(
            "SELECT %s FROM %s WHERE %s GROUP BY %s HAVING sum(%s) > 0",
            SQL(", ").join([*columns, *figures]),
            table,
            query.where_clause or SQL("TRUE"),
            SQL(", ").join(columns),
            count,
        )

    @api.model
    def _is_totalled(self, domain):
        """Whether the domain, and the reader's record rules, ask for nothing but totals know."""
        rules = Domain.TRUE if self.env.su else self.env["ir.rule"]._compute_domain(self._name)
        conditions = (Domain(domain) & rules).iter_conditions()
        return all(condition.field_expr in TOTALLED for condition in conditions)

    def _totals(self, today: date, users: list[int] | None = None) -> SQL:
        """Occurrences as rows of a kind and day with their ``count``.

        Each occurrence is a row of its own, but installments are one row for each day and company.

        :param users: only what these are responsible for
        """
        theirs = SQL("TRUE") if users is None else SQL("user_id = ANY(%s)", users)
        rows = [
            SQL(
                """SELECT kind, date, company_id, is_handled, CAST(1 AS bigint) AS count, amount
                     FROM (%s) AS occurrence WHERE %s""",
                branch,
                theirs,
            )
            for branch in self._branches(today) or [self._nothing()]
        ]
        shown = self.env["optica.occurrence.type"]._settings()
        for kind, days in self._days_of_installments(today).items():
            if kind in shown:
                theirs = self._of_responsible(kind, users)
                rows += [self._total_installments(kind, SQL("%s AND %s", days, theirs))]
                rows += [self._move_handled_installments(kind, days, users)]
        return SQL(" UNION ALL ").join(rows)

    @staticmethod
    def _total_installments(kind: str, condition: SQL) -> SQL:
        """All that are open, as if nobody had taken care of any."""
        return SQL(
            """
            SELECT CAST(%s AS varchar) AS kind, line.date_maturity AS date, line.company_id,
                   FALSE AS is_handled, count(*) AS count, sum(line.amount_residual) AS amount
              FROM account_move_line line
             WHERE %s AND %s
          GROUP BY line.date_maturity, line.company_id
            """,
            kind,
            OPEN_INSTALLMENT,
            condition,
        )

    def _move_handled_installments(self, kind: str, condition: SQL, users: list[int] | None) -> SQL:
        """Those that somebody took care of, from the total to do to the handled ones.

        They are few: whose each of them is may be looked up one by one.
        """
        columns = {"company_id": SQL("line.company_id"), "user_id": INSTALLMENT_USER}
        settings = self.env["optica.occurrence.type"]._settings()[kind]
        theirs = SQL("TRUE")
        if users is not None:
            theirs = SQL("%s = ANY(%s)", self._responsible(settings, columns), users)
        return SQL(
            """
            SELECT CAST(%(kind)s AS varchar) AS kind, line.date_maturity AS date, line.company_id,
                   side.is_handled, CAST(side.count AS bigint) AS count,
                   side.count * line.amount_residual AS amount
              FROM optica_occurrence_mark mark
              JOIN account_move_line line
                ON line.id = mark.source_id AND line.date_maturity = mark.date
         LEFT JOIN account_move move ON move.id = line.move_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
        CROSS JOIN (VALUES (FALSE, -1), (TRUE, 1)) AS side (is_handled, count)
             WHERE mark.kind = %(kind)s AND mark.source_model = 'account.move.line'
               AND mark.undone_at IS NULL AND %(open)s AND %(condition)s AND %(theirs)s
            """,
            kind=kind,
            open=OPEN_INSTALLMENT,
            condition=condition,
            theirs=theirs,
        )
