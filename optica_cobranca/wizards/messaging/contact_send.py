from odoo import api, fields, models
from odoo.exceptions import UserError


class ContactSend(models.TransientModel):
    """Send a message by template to the customers of the chosen records."""

    _name = "contact.send"
    _description = "Send Message"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    customer_count = fields.Integer("Customers", compute="_compute_customers")
    without_number_count = fields.Integer(compute="_compute_customers")
    template_id = fields.Many2one("contact.template", required=True)
    scheduled_at = fields.Datetime(
        "Not before", help="Empty: as soon as the permitted hours allow it."
    )
    sample_partner_id = fields.Many2one("res.partner", "Shown for", compute="_compute_customers")
    whatsapp_preview = fields.Text("WhatsApp", compute="_compute_preview")
    sms_preview = fields.Text("SMS", compute="_compute_preview")
    sms_parts = fields.Integer("SMS Parts", compute="_compute_preview")
    missing = fields.Char("Without a value", compute="_compute_preview")
    fate = fields.Char("What happens", compute="_compute_preview")

    @api.model
    def default_get(self, fields):
        """Take the records the action was opened on."""
        values = super().default_get(fields)
        context = self.env.context
        model = values.get("res_model") or context.get("active_model")
        ids = values.get("res_ids") or context.get("active_ids") or [context.get("active_id")]
        if not model or model == self._name or not any(ids):
            raise UserError(self.env._("Choose the customers first."))
        return {**values, "res_model": model, "res_ids": ids}

    # ------------------------------------------------------------- compute

    @api.depends("res_model", "res_ids")
    def _compute_customers(self):
        for wizard in self:
            partners = wizard._partners()
            wizard.customer_count = len(partners)
            wizard.without_number_count = len(partners.filtered(lambda partner: not partner.phone))
            wizard.sample_partner_id = partners[:1]

    @api.depends("template_id", "res_model", "res_ids")
    def _compute_preview(self):
        for wizard in self:
            shown = {}
            record = wizard._records()[:1]
            if wizard.template_id and record:
                shown = wizard.template_id._preview_for(record)
            wizard.whatsapp_preview = shown.get("whatsapp")
            wizard.sms_preview = shown.get("sms")
            wizard.sms_parts = shown.get("sms_parts")
            wizard.missing = shown.get("missing")
            wizard.fate = shown.get("fate")

    # ------------------------------------------------------------- actions

    def action_send(self):
        """Queue the messages; they leave within the permitted hours."""
        self.ensure_one()
        messages = self.env["contact.message"]._enqueue(
            self._records(), self.template_id, self.scheduled_at, author=self.env.user
        )
        if not messages:
            raise UserError(
                self.env._(
                    "Nothing was queued: these records have no customer of this company, or have "
                    "this message already."
                )
            )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "optica_cobranca.action_contact_message"
        )
        return {**action, "domain": [("id", "in", messages.ids)], "context": {}}

    # ------------------------------------------------------------- helpers

    def _records(self):
        """What is written to: notices as they are, all else once for each customer."""
        self.ensure_one()
        model = self.env.get(self.res_model)
        if model is None or not (model._name == "res.partner" or "partner_id" in model._fields):
            raise UserError(self.env._("Choose the customers first."))
        records = model.browse(self.res_ids or []).exists()
        records.check_access("read")
        if records._name in ("dunning.notice", "account.move", "sale.order"):
            return records
        return records if records._name == "res.partner" else records.partner_id

    def _partners(self):
        records = self._records()
        return records if records._name == "res.partner" else records.partner_id
