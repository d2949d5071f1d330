from odoo import api, fields, models


class BirthdayReport(models.AbstractModel):
    """Birthdays on paper, month by month, for who prefers a list beside the telephone."""

    _name = "report.optica_cobranca.report_birthdays"
    _description = "Birthdays by Month"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        partners = self.env["res.partner"].browse(docids)
        partners.check_access("read")
        known = partners.filtered("birth_month_day").sorted(
            lambda partner: (partner.birth_month_day, partner.name or "")
        )
        months = dict(partners._fields["birth_month"]._description_selection(self.env))
        return {
            "doc_ids": docids,
            "doc_model": partners._name,
            "shop": self._shop(self.env.company),
            "today": fields.Date.context_today(self),
            "months": [
                {"name": months[month], "partners": group}
                for month, group in known.grouped("birth_month").items()
            ],
        }
