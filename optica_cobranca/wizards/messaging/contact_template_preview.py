from odoo import api, fields, models


class ContactTemplatePreview(models.TransientModel):
    """See a template as a real customer would get it."""

    _name = "contact.template.preview"
    _description = "Message Preview"

    template_id = fields.Many2one("contact.template", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, default=lambda self: self._default_partner_id()
    )
    whatsapp_preview = fields.Text("WhatsApp", compute="_compute_preview")
    sms_preview = fields.Text("SMS", compute="_compute_preview")
    email_subject_preview = fields.Char("Subject", compute="_compute_preview")
    email_preview = fields.Html("E-mail", compute="_compute_preview")
    voice_preview = fields.Text("Voice", compute="_compute_preview")
    sms_length = fields.Integer("Characters", compute="_compute_preview")
    sms_parts = fields.Integer("Parts", compute="_compute_preview")
    missing = fields.Char("Without a value", compute="_compute_preview")
    fate = fields.Char("What would happen", compute="_compute_preview")

    @api.model
    def _default_partner_id(self):
        """Somebody who is late, so that every placeholder has something to say."""
        late = self.env["account.move.line"].search(
            [
                ("crediario_plan_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("amount_residual", ">", 0),
                ("date_maturity", "<", fields.Date.context_today(self)),
                ("company_id", "=", self.env.company.id),
            ],
            limit=1,
        )
        return late.partner_id or self.env.user.partner_id

    @api.depends("template_id", "partner_id")
    def _compute_preview(self):
        for wizard in self:
            shown = wizard.partner_id and wizard.template_id._preview_for(wizard.partner_id) or {}
            wizard.whatsapp_preview = shown.get("whatsapp")
            wizard.sms_preview = shown.get("sms")
            wizard.email_subject_preview = shown.get("subject")
            wizard.email_preview = shown.get("email")
            wizard.voice_preview = shown.get("voice")
            wizard.sms_length = shown.get("sms_length")
            wizard.sms_parts = shown.get("sms_parts")
            wizard.missing = shown.get("missing")
            wizard.fate = shown.get("fate")
