import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...domain.shop import clock
from ..shop.res_company import timezone_of

COMPARED = {operator: SQL(operator) for operator in ("<", "<=", ">", ">=")}


class ContactMessage(models.Model):
    """When a message happened, in the words of the report: the shop's day, the customer's hour.

    Its instant is when it left; of one that did not leave, when it failed or was written.
    """

    _inherit = "contact.message"

    report_day = fields.Date(
        "Day", compute="_compute_report_day", search="_search_report_day", help="In the shop."
    )
    report_hour = fields.Char(
        "Hour",
        compute="_compute_report_day",
        search="_search_report_hour",
        help="Two digits, in the customer's own time.",
    )
    report_weekday = fields.Char(
        "Weekday",
        compute="_compute_report_day",
        search="_search_report_weekday",
        help="1 is Monday, 7 is Sunday.",
    )

    _happened = models.Index("(company_id, (COALESCE(sent_at, failed_at, create_date)))")

    # ------------------------------------------------------------- compute

    @api.depends("sent_at", "failed_at", "company_id", "partner_id")
    def _compute_report_day(self):
        for message in self:
            zone = message.company_id.contact_timezone
            instant = message.sent_at or message.failed_at or message.create_date
            instant = instant or fields.Datetime.now()
            local = clock.local(instant, zone)
            theirs = timezone_of(message.partner_id.state_id, zone)
            message.report_day = local.date()
            message.report_weekday = str(local.isoweekday())
            message.report_hour = f"{clock.local(instant, theirs):%H}"

    # -------------------------------------------------------------- search

    def _search_report_day(self, operator, value):
        """By instants, company by company, so that the index answers."""
        if operator == "in":
            days = [fields.Date.to_date(day) for day in value if day]
            spans = [(day, day + timedelta(days=1)) for day in days]
        elif operator in ("<", "<=", ">", ">="):
            day = fields.Date.to_date(value)
            edge = day + timedelta(days=operator in ("<=", ">"))
            spans = [(None, edge) if operator in ("<", "<=") else (edge, None)]
        else:
            return NotImplemented
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all; each has its zone
        return Domain.custom(
            to_sql=lambda model, alias, query: _any_of(
                self._sql_in_span(alias, company, *span) for company in companies for span in spans
            )
        )

    def _search_report_weekday(self, operator, value):
        return self._search_word(
            operator, value, lambda alias: SQL("to_char(%s, 'ID')", self._sql_local(alias))
        )

    def _search_report_hour(self, operator, value):
        return self._search_word(
            operator, value, lambda alias: SQL("to_char(%s, 'HH24')", self._sql_theirs(alias))
        )

    def _search_word(self, operator, value, expression):
        if operator == "in":
            compared = SQL("= ANY(%s)", [str(word) for word in value if word])
        elif operator in COMPARED:
            compared = SQL("%s %s", COMPARED[operator], value)
        else:
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("%s %s", expression(alias), compared)
        )

    # ------------------------------------------------------------- queries

    @api.model
    def _sql_instant(self, alias):
        """When a message happened, UTC, as the index has it."""
        columns = (SQL.identifier(alias, name) for name in ("sent_at", "failed_at", "create_date"))
        return SQL("COALESCE(%s, %s, %s)", *columns)

    @api.model
    def _sql_in_span(self, alias, company, first, end):
        """It happened in ``company`` from ``first`` until before ``end``, the shop's dates."""
        tests = [SQL("%s = %s", SQL.identifier(alias, "company_id"), company.id)]
        for day, operator in ((first, SQL(">=")), (end, SQL("<"))):
            if day:
                bound = company._start_of_day(day)
                tests.append(SQL("%s %s %s", self._sql_instant(alias), operator, bound))
        return SQL("(%s)", SQL(" AND ").join(tests))

    @api.model
    def _sql_local(self, alias):
        """The shop's date and time of it."""
        zone = self._sql_shop_zone(alias)
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", self._sql_instant(alias), zone)

    @api.model
    def _sql_theirs(self, alias):
        """The customer's date and time of it, by his state; without one, the shop's."""
        zones = self.env["res.country.state"].sudo().search([("country_id.code", "=", "BR")])
        return SQL(
            """(%s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(
                    (SELECT %s::jsonb ->> customer.state_id::text FROM res_partner customer
                      WHERE customer.id = %s), %s))""",
            self._sql_instant(alias),
            json.dumps({str(state.id): timezone_of(state, None) for state in zones}),
            SQL.identifier(alias, "partner_id"),
            self._sql_shop_zone(alias),
        )

    def _sql_shop_zone(self, alias):
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all; each has its zone
        zones = {str(company.id): company.contact_timezone for company in companies}
        return SQL(
            "(%s::jsonb ->> %s::text)", json.dumps(zones), SQL.identifier(alias, "company_id")
        )


class ContactEvent(models.Model):
    """Answers are counted by the time at which they came."""

    _inherit = "contact.event"

    _answers_by_time = models.Index("(company_id, occurred_at) WHERE kind = 'inbound'")


def _any_of(tests):
    return SQL("(%s)", SQL(" OR ").join(list(tests) or [SQL("FALSE")]))
