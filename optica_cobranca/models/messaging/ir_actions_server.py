from odoo import api, fields, models


class IrActionsServer(models.Model):
    """The server action "Send Contact Message", for ladders, buttons and automation rules."""

    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[("contact_message", "Send Contact Message"), ("webhook",)],
        ondelete={"contact_message": "cascade"},
    )
    contact_template_id = fields.Many2one(
        "contact.template",
        "Message Template",
        compute="_compute_contact_template_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        help="The text; through which channel it leaves is decided for each customer.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("state")
    def _compute_contact_template_id(self):
        self.filtered(lambda action: action.state != "contact_message").contact_template_id = False

    @api.depends("state")
    def _compute_available_model_ids(self):
        ours = self.filtered(lambda action: action.state == "contact_message")
        if ours:
            ours.available_model_ids = self._models_with_customer()
        return super(IrActionsServer, self - ours)._compute_available_model_ids()

    def _name_depends(self):
        return [*super()._name_depends(), "contact_template_id"]

    def _generate_action_name(self):
        self.ensure_one()
        if self.state == "contact_message" and self.contact_template_id:
            return self.env._("Send message %(template)s", template=self.contact_template_id.name)
        return super()._generate_action_name()

    @api.model
    def _warning_depends(self):
        return [*super()._warning_depends(), "contact_template_id"]

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        if self.state != "contact_message":
            return warnings
        if self.model_id and not self._has_customer(self.model_id.model):
            warnings.append(
                self.env._(
                    "%(model)s has no customer to write to: choose customers, invoices, orders, "
                    "notices or another model with a customer.",
                    model=self.model_id.name,
                )
            )
        if not self.contact_template_id:
            warnings.append(self.env._("Choose the template of the message."))
        return warnings

    # ------------------------------------------------------------ business

    def _run_action_contact_message_multi(self, eval_context=None):
        """Queue one message for each record's customer; the dispatcher sends it."""
        if self._is_recompute():
            return False
        records = eval_context.get("records") or eval_context.get("record")
        if records:
            self.env["contact.message"]._enqueue(records, self.contact_template_id)
        return False

    # ------------------------------------------------------------- helpers

    @api.model
    def _models_with_customer(self):
        names = [name for name in self.env.registry if self._has_customer(name)]
        allowed = self.env["ir.model.access"]._get_allowed_models()
        return self.env["ir.model"].search([("model", "in", list(set(names) & set(allowed)))])

    @api.model
    def _has_customer(self, model_name):
        model = self.env.get(model_name)
        if model is None or model._transient or model._abstract:
            return False
        field = model._fields.get("partner_id")
        return model_name == "res.partner" or (
            field is not None and field.type == "many2one" and field.comodel_name == "res.partner"
        )
