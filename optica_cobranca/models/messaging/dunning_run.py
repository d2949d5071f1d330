from odoo import models


class DunningRun(models.Model):
    """The messages of a day that somebody runs by hand."""

    _inherit = "dunning.run"

    def _dispatch_messages(self, runs, since):
        """One pass of the dispatcher; the fate of these runs' messages and of what it sent."""
        Message = self.env["contact.message"].sudo()
        Message._dispatch()
        touched = [("write_date", ">=", since)]
        return Message._read_group(touched, ["channel", "state"], ["__count"])

    def _next_message(self):
        """When the next message leaves, where its shop is."""
        first = (
            self.env["contact.message"]
            .sudo()
            .search([("state", "=", "queued")], order="scheduled_at", limit=1)
        )
        return bool(first) and first.company_id._local(first.scheduled_at)
