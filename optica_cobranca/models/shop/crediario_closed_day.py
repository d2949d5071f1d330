from odoo import api, fields, models

from ...domain.shop.local_holidays import usual_closed_days


class CrediarioClosedDay(models.Model):
    """A day without business in the shop that no law of the country or state makes one.

    Holidays of the town, Carnival, Corpus Christi, the shop's own. What falls due on such a day
    may be paid on the next business day (Código Civil art. 132 § 1, Lei 7.089/1983), and nobody is
    written to.
    """

    _name = "crediario.closed.day"
    _inherit = "optica.day.rule"
    _description = "Closed Day of the Shop"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Business days are cached."""
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        """Business days are cached."""
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        """Business days are cached."""
        self.env.registry.clear_cache()
        return super().unlink()

    # ------------------------------------------------------------- actions

    def action_propose(self):
        """Add the days on which shops of the company's town usually close and that are missing.

        They are a proposal: whoever presses the button looks through them.

        :return: a notification that names what was added, after which the list is read again
        """
        added = self._propose(self.env.company)
        message = (
            self.env._("Added: %(days)s. Look through them.", days=", ".join(added.mapped("name")))
            if added
            else self.env._("The usual days are all there already.")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if added else "info",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------ business

    @api.model
    def _propose(self, company):
        """Create the usual closed days of a company's town; archived ones stay as they are."""
        known = self.with_context(active_test=False).search([("company_id", "=", company.id)])
        taken = {day._essence() for day in known}
        wanted = [
            values
            for values in usual_closed_days(company.city, company.state_id.code)
            if self.new(values)._essence() not in taken
        ]
        return self.create([{**values, "company_id": company.id} for values in wanted])

    def _essence(self):
        """What tells one day from another, whatever it is called."""
        if self.rule == "easter":
            return ("easter", self.easter_days)
        if self.rule == "weekday":
            return ("weekday", self.month, self.nth, self.day_of_week)
        if self.yearly:
            return ("yearly", self.date.month, self.date.day)
        return ("once", self.date)
