from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

MOVABLE = ("delivery_promised", "delivery_late", "promise_due")


class OpticaOccurrence(models.Model):
    """Dragging in the calendar: a delivery or a promise gets another day, after a question.

    All else stands where its record says: an installment is moved by an extension, with its reason.
    """

    _inherit = "optica.occurrence"

    # ------------------------------------------------------------- screen

    def question_of_move(self, day):
        """What is asked before the record is changed.

        :param day: the new day, as text
        :raise UserError: it may not be moved there
        """
        day = self._check_move(day)
        values = {
            "customer": self.partner_name or "",
            "old": format_date(self.env, self.date),
            "new": format_date(self.env, day, date_format="full"),
        }
        question = (
            self.env._(
                "Promise the glasses of %(customer)s for %(new)s instead of %(old)s?", **values
            )
            if self.kind != "promise_due"
            else self.env._(
                "%(customer)s promises to pay until %(new)s instead of %(old)s? The old promise is "
                "replaced by a new one.",
                **values,
            )
        )
        if self.env.company._business_calendar().is_business_day(day):
            return question
        return f"{question}\n{self.env._('On this day the shop does not work.')}"

    def move_to(self, day):
        """Change the record: the promised day of the glasses, or a new promise for the old one.

        :raise UserError: it may not be moved there, or what the rules of promises say
        """
        day = self._check_move(day)
        if self.kind == "promise_due":
            promise = self.env["dunning.promise"].browse(self.source_id)
            promise._register_promise(
                promise.partner_id,
                promise.company_id,
                day,
                promise.missing_amount,
                lines=promise.move_line_ids.filtered("amount_residual"),
                note=promise.note,
            )
        else:
            self.env["optica.service.order"].browse(self.source_id).promised_date = day
        self._forget()

    # ------------------------------------------------------------- helpers

    def _check_move(self, day):
        self.ensure_one()
        if self.kind not in MOVABLE:
            raise UserError(
                self.env._(
                    "This cannot be dragged to another day. Only deliveries that are promised and "
                    "promises to pay can."
                )
            )
        day = fields.Date.to_date(day)
        if not day or day < fields.Date.context_today(self):
            raise UserError(self.env._("Choose today or a later day."))
        return day
