from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class OpticaPrescriptionBook(models.TransientModel):
    """The record book of prescriptions of a period (Decreto 24.492/1934), to be printed."""

    _name = "optica.prescription.book"
    _description = "Record Book of Prescriptions"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="Entered From", required=True, default=lambda self: self._first()
    )
    date_to = fields.Date(
        string="Until", required=True, default=lambda self: self._first(1) - timedelta(days=1)
    )
    prescription_count = fields.Integer(
        string="Prescriptions", compute="_compute_prescription_count"
    )

    _dates = models.Constraint("CHECK(date_to >= date_from)", "The period ends before it starts.")

    # ------------------------------------------------------------ defaults

    @api.model
    def _first(self, months=0):
        """The first day of this month, or of one after it."""
        day = fields.Date.context_today(self).replace(day=1)
        return fields.Date.add(day, months=months)

    # ------------------------------------------------------------- compute

    @api.depends("company_id", "date_from", "date_to")
    def _compute_prescription_count(self):
        for book in self:
            book.prescription_count = len(book._prescriptions())

    # ------------------------------------------------------------- actions

    def action_print(self):
        """The PDF of the period."""
        self.ensure_one()
        if not self.prescription_count:
            raise UserError(self.env._("No prescription was entered in this period."))
        return self.env.ref("optica_cobranca.action_report_prescription_book").report_action(self)

    # ------------------------------------------------------------ business

    def _prescriptions(self):
        """The prescriptions of the period by their number in the book, archived ones as well."""
        self.ensure_one()
        if not (self.date_from and self.date_to):
            return self.env["optica.prescription"]
        return (
            self.env["optica.prescription"]
            .with_context(active_test=False)
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("entered_on", ">=", self.date_from),
                    ("entered_on", "<=", self.date_to),
                ],
                order="name, id",
            )
        )
