from odoo import api, models


class DunningNotice(models.Model):
    """What is promised needs no decision before the promise has passed."""

    _inherit = "dunning.notice"

    @api.model
    def _promised_lines(self, lines, day=None):
        # With sudo: what is promised counts for whoever decides, whatever he may read.
        promises = (
            self.env["dunning.promise"]
            .sudo()
            .search([("state", "=", "open"), ("move_line_ids", "in", lines.ids)])
        )
        valid = promises.filtered(
            lambda promise: promise.deadline >= (day or promise.company_id._today())
        )
        return super()._promised_lines(lines, day) | valid.move_line_ids
