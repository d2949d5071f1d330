from odoo import fields, models


class DunningNotice(models.Model):
    """The messages a notice led to."""

    _inherit = "dunning.notice"

    contact_message_ids = fields.One2many("contact.message", "notice_id", string="Messages Sent")
