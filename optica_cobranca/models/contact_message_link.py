from odoo import models

from .crediario_customer_link import without_tokens


class ContactMessage(models.Model):
    """The log keeps what was written, but not the way into the customer's pages."""

    _inherit = "contact.message"

    def _verdict_row(self, verdict, key, now):
        """A message sent by hand still needs its link; it loses it when it is sent."""
        row = super()._verdict_row(verdict, key, now)
        if row["state"] == "sending":
            row["body"] = without_tokens(row["body"])
            row["parameters"] = [without_tokens(text) for text in row["parameters"] or ()]
        return row

    def action_mark_sent(self):
        done = super().action_mark_sent()
        for message in self.sudo():
            body = without_tokens(message.body)
            if message.body and message.body != body:
                message.body = body
        return done
