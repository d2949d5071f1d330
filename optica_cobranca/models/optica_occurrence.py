from datetime import date
from functools import cache

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

from .optica_occurrence_type import KINDS

# An id is source id × ID_SLOTS + slot, so that rows of several tables never share one.
ID_SLOTS = 16


class OpticaOccurrence(models.Model):
    """What happens with customers on which day: one calendar over the records themselves.

    Nothing is stored, so nothing is ever stale: a paid installment is gone at once. PostgreSQL
    pushes the calendar's dates into the query of every kind, where an index answers them
    (``optica_occurrence_branches.py``). "Today" is the reader's.
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
    handled_note = fields.Text(related="mark_id.note")
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

    @api.depends("kind", "partner_name", "age", "amount", "installment_number", "installment_count")
    def _compute_display_name(self):
        money = cache(lambda amount, currency: formatLang(self.env, amount, currency_obj=currency))
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
        """Open the contract of an installment, the promise, or the customer of a birthday."""
        self.ensure_one()
        if self.res_model == "dunning.promise":
            return self.env["dunning.promise"].browse(self.res_id)._get_records_action()
        if self.res_model == "account.move":
            return self.env["account.move.line"].browse(self.source_id).action_open_installment()
        return self.action_open_customer()

    def action_send_message(self):
        """Write to the customers of these occurrences, each of them once."""
        return self.partner_id._action_send_message()
