from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.service_order import OPEN_STATES
from .optica_occurrence import ID_SLOTS

SURVEY_SLOT = 12
# Nobody is asked how it was two weeks after the day on which he was to be asked.
SURVEY_DAYS = 14


class ResCompany(models.Model):
    """When customers are asked whether they are content."""

    _inherit = "res.company"

    survey_days = fields.Integer(
        string="Days Until the Survey",
        default=5,
        help="So many days after a delivery the calendar has the customer's satisfaction survey. "
        "Changes count for later deliveries.",
    )

    _survey_days = models.Constraint(
        "CHECK(survey_days >= 0)", "The survey comes on the day of the delivery or later."
    )


class OpticaServiceOrder(models.Model):
    """Delivered glasses have a day on which their owner is asked how they are."""

    _inherit = "optica.service.order"

    survey_date = fields.Date(compute="_compute_survey_date", store=True)

    _survey = models.Index("(survey_date) WHERE state = 'delivered'")

    @api.depends("delivered_date")
    def _compute_survey_date(self):
        """By the setting on the day of the delivery: a later change moves no survey."""
        for order in self:
            days = order.company_id.sudo().survey_days
            order.survey_date = order.delivered_date and order.delivered_date + timedelta(days)


class OpticaOccurrence(models.Model):
    """Satisfaction surveys, some days after the delivery."""

    _inherit = "optica.occurrence"
    _depends = {"optica.service.order": ["origin_id", "survey_date"]}

    def _branches(self, today: date) -> list[SQL]:
        return [*super()._branches(today), *self._branch_survey(today)]

    def _branch_survey(self, today: date) -> list[SQL]:
        """Of glasses that are being made again nobody is asked how they are."""
        columns = {
            "id": SQL("o.id::bigint * %s + %s", ID_SLOTS, SURVEY_SLOT),
            "source_id": SQL("o.id"),
            "source_model": SQL("'optica.service.order'"),
            "event_date": SQL("o.survey_date"),
            "partner_id": SQL("o.partner_id"),
            "partner_name": SQL("partner.complete_name"),
            "phone": SQL("partner.phone"),
            "company_id": SQL("o.company_id"),
            "user_id": SQL("o.user_id"),
            "res_model": SQL("'optica.service.order'"),
            "res_id": SQL("o.id"),
            "currency_id": SQL("company.currency_id"),
        }
        return self._select(
            "survey",
            columns,
            SQL(
                """optica_service_order o
         LEFT JOIN res_partner partner ON partner.id = o.partner_id
         LEFT JOIN res_company company ON company.id = o.company_id"""
            ),
            SQL(
                """o.state = 'delivered' AND o.survey_date >= %s
               AND NOT EXISTS (SELECT FROM optica_service_order again
                                WHERE again.origin_id = o.id AND again.state = ANY(%s))""",
                today - timedelta(days=SURVEY_DAYS),
                [str(state) for state in OPEN_STATES],
            ),
        )
