from datetime import time

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...domain.messaging.contact_window import OUTER_SATURDAY, OUTER_WEEKDAY, Window
from ...domain.shop import phone, tax_number
from ...domain.shop.business_days import brazil_holidays
from ...domain.shop.clock import STATE_TIMEZONES
from ...domain.shop.errors import WindowError


def local_holidays(years, state_code):
    """National holidays and, when the state is one of Brazil's, the state's. A set of dates."""
    known = state_code if (state_code or "").strip().upper() in STATE_TIMEZONES else None
    return frozenset(brazil_holidays(years, known))


def _clock(hours):
    """9.5 is half past nine.

    :raise ValueError: not a time of the day
    """
    minutes = round(hours * 60)
    if minutes == 24 * 60:
        minutes -= 1
    return time(minutes // 60, minutes % 60)


def _hours_text(hours):
    return f"{hours[0]:%H:%M}-{hours[1]:%H:%M}"


# Messages that leave when something happens in the shop: the template's code, and the setting of
# the company that switches them on.
AUTOMATIC_MESSAGES = {
    "promise_reminder": "contact_on_promise_due",
    "promise_broken": "contact_on_promise_broken",
    "thanks_for_payment": "contact_on_payment",
    "contract_welcome": "contact_on_contract",
}


class ResCompany(models.Model):
    """When the shop may write to its customers, and how it introduces itself."""

    _inherit = "res.company"

    contact_weekday_start = fields.Float("Messages from", default=9.0)
    contact_weekday_end = fields.Float("Messages until", default=18.0)
    contact_saturday = fields.Boolean("Messages on Saturdays")
    contact_saturday_start = fields.Float("Saturdays from", default=9.0)
    contact_saturday_end = fields.Float("Saturdays until", default=13.0)

    # --------------------------------------------------------- constraints

    @api.constrains(
        "contact_weekday_start",
        "contact_weekday_end",
        "contact_saturday",
        "contact_saturday_start",
        "contact_saturday_end",
    )
    def _check_contact_window(self):
        for company in self:
            try:
                company._contact_window()
            except (WindowError, ValueError) as error:
                raise ValidationError(
                    self.env._(
                        "Messages may leave from Monday to Friday between %(weekday)s and on "
                        "Saturdays between %(saturday)s, and must stop after they start. "
                        "Choose hours inside these limits.",
                        weekday=_hours_text(OUTER_WEEKDAY),
                        saturday=_hours_text(OUTER_SATURDAY),
                    )
                ) from error

    # ------------------------------------------------------------ business

    def _contact_window(self) -> Window:
        """The permitted hours, local.

        :raise WindowError: outside the limits of the law
        """
        self.ensure_one()
        saturday = (_clock(self.contact_saturday_start), _clock(self.contact_saturday_end))
        return Window(
            weekday=(_clock(self.contact_weekday_start), _clock(self.contact_weekday_end)),
            saturday=saturday if self.contact_saturday else None,
        )

    def _contact_blocked_dates(self, years):
        """Days of silence the shop added, and those on which it is closed, in these years.

        :rtype: frozenset[datetime.date]
        """
        self.ensure_one()
        # Said outright: the dispatcher works with archived records, too, and these must not count.
        blocked = (
            self.env["contact.blocked.date"]
            .sudo()
            .search([("company_id", "in", (self.id, False)), ("active", "=", True)])
        )
        closed = self._closed_days(years.start, years.stop)
        return closed.union(day for date in blocked for day in date._days_in(years))

    def _contact_area_code(self):
        """Area code (DDD) for customers' numbers that were written down without one."""
        self.ensure_one()
        number = phone.to_e164(self.phone) if self.phone else None
        return number[3:5] if number and number.startswith("+55") else None

    def _contact_identity(self):
        """Name, tax id and address: what every collection text must show (CDC art. 42-A)."""
        self.ensure_one()
        parts = [self.name]
        if self.vat:
            parts.append(self._contact_vat_label())
        address = self._contact_address()
        if address:
            parts.append(address)
        return ", ".join(parts)

    def _contact_vat_label(self):
        """``CNPJ 12.345.678/0001-95`` or ``CPF 123.456.789-09``."""
        return tax_number.labelled(self.vat)

    def _contact_address(self):
        """The shop's address on one line."""
        partner = self.partner_id
        city = "/".join(filter(None, (partner.city, partner.state_id.code)))
        return ", ".join(filter(None, (partner.street, partner.street2, city)))

    # --------------------------------- Which messages are sent by themselves

    contact_on_promise_due = fields.Boolean(
        "Remind of a promise",
        default=True,
        help="The day before the promised one, while it is neither kept nor cancelled.",
    )
    contact_on_promise_broken = fields.Boolean(
        "Ask after a broken promise",
        default=True,
        help="Once, when the promised day and the tolerance have passed without the payment.",
    )
    contact_on_payment = fields.Boolean(
        "Thank for a payment", help="When the cashier has received an installment."
    )
    contact_on_contract = fields.Boolean(
        "Welcome a new contract",
        help="When a sale in installments is confirmed: with the page of the contract.",
    )

    def _automatic_template(self, code):
        """The template of an automatic message for this company; none: switched off, or archived.

        A template of the company's own goes before the general one.
        """
        self.ensure_one()
        templates = self.env["contact.template"].sudo()
        if not self[AUTOMATIC_MESSAGES[code]]:
            return templates
        found = templates.search(
            [("code", "=", code), ("company_id", "in", (self.id, False)), ("active", "=", True)]
        )
        return found.sorted(lambda template: not template.company_id)[:1]

    # --------------------------------------------------- How long a link is good

    customer_link_days = fields.Integer(
        string="Private Links Are Valid for (Days)",
        default=7,
        help="For how long the link in a message opens the customer's page without a login. "
        "Every message carries a new one.",
    )

    _customer_link_days_valid = models.Constraint(
        "CHECK(customer_link_days BETWEEN 1 AND 90)",
        "Private links are valid for 1 to 90 days.",
    )


class ContactBlockedDate(models.Model):
    """A day on which the shop sends nothing to anyone: Christmas Eve, Mothers' Day, Carnival."""

    _name = "contact.blocked.date"
    _inherit = "optica.day.rule"
    _description = "Day Without Messages"

    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
