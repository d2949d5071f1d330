from odoo import Command, api, fields, models
from odoo.exceptions import UserError

TWO = 2


class OpticaServiceStep(models.TransientModel):
    """Asks for what a step of service orders needs: lab and dates, a reason, a signature."""

    _name = "optica.service.step"
    _description = "Step of Service Orders"

    step = fields.Selection(
        [
            ("at_lab", "Send to Lab"),
            ("return", "Send Back to Lab"),
            ("delivered", "Deliver"),
            ("remake", "Make Again under Warranty"),
        ],
        required=True,
        readonly=True,
    )
    order_ids = fields.Many2many("optica.service.order", required=True, readonly=True)
    order_count = fields.Integer(compute="_compute_order_count")
    lab_id = fields.Many2one(
        "res.partner",
        domain="[('is_optica_lab', '=', True)]",
        help="Empty: each order goes to the lab that it names.",
    )
    warning = fields.Text(compute="_compute_warning")
    date = fields.Date(
        string="Sent On", default=fields.Date.context_today, help="The day they left for the lab."
    )
    promised_date = fields.Date(help="Empty: the day promised to the customer stays.")
    reason = fields.Char(help="What is wrong with the glasses.")
    cost_borne_by = fields.Selection(
        [("shop", "Shop"), ("lab", "Lab"), ("customer", "Customer")], default="lab"
    )
    accepted_by = fields.Char(string="Taken By")
    accepted = fields.Boolean(
        string="Received and in order",
        help="The person took the glasses, tried them on and found them in order.",
    )
    accepted_signature = fields.Binary(string="Signature")
    accepted_note = fields.Char(string="Note")

    # ------------------------------------------------------------- compute

    @api.depends("order_ids")
    def _compute_order_count(self):
        for wizard in self:
            wizard.order_count = len(wizard.order_ids)

    @api.depends("order_ids", "step")
    def _compute_warning(self):
        """What somebody should know before this step: it is said, not forbidden."""
        for wizard in self:
            lines = []
            if wizard.step == "at_lab":
                lines = [
                    self.env._(
                        "%(order)s has lenses and no prescription: the lab cannot make them "
                        "without.",
                        order=order.display_name,
                    )
                    for order in wizard.order_ids._lacks_prescription()
                ]
            elif wizard.step == "delivered":
                lines = [
                    f"{order.display_name}: {unpaid}"
                    for order in wizard.order_ids
                    if order.company_id.sudo().delivery_debt != "nothing"
                    and (unpaid := order._unpaid_text())
                ]
            wizard.warning = "\n".join(lines)

    def _compute_display_name(self):
        labels = dict(self._fields["step"]._description_selection(self.env))
        for wizard in self:
            wizard.display_name = labels[wizard.step]

    # ------------------------------------------------------------- actions

    def action_apply(self):
        """Take the step for every order, all or none of them."""
        self.ensure_one()
        apply = {
            "at_lab": self._apply_at_lab,
            "return": self._apply_return,
            "delivered": self._apply_delivered,
            "remake": self._apply_remake,
        }
        return apply[self.step]()

    # ------------------------------------------------------------ business

    @api.model
    def _open(self, orders, step):
        """A wizard over these orders, with what they agree on filled in."""
        orders.check_access("write")
        single = orders if len(orders) == 1 else orders.browse()
        return self.create(
            {
                "step": step,
                "order_ids": [Command.set(orders.ids)],
                "lab_id": (orders.lab_id or orders._usual_lab()).id
                if len(orders.lab_id) < TWO
                else False,
                "promised_date": step != "delivered"
                and (single._default_promised_date() if step == "remake" else single.promised_date),
                "accepted_by": single.partner_id.name if step == "delivered" else False,
            }
        )

    def _action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _apply_at_lab(self):
        """Lab and promise first, so that the rules see them."""
        for order in self.order_ids:
            order.write(
                {
                    "lab_id": (self.lab_id or order.lab_id).id,
                    "promised_date": self.promised_date or order.promised_date,
                }
            )
        self.order_ids._go_to("at_lab", day=self.date)

    def _apply_return(self):
        if not self.reason:
            raise UserError(self.env._("Write what is wrong with the glasses."))
        for order in self.order_ids:
            if self.promised_date:
                order.promised_date = self.promised_date
            order._go_to("at_lab", lab_returns=order.lab_returns + 1)
            order.message_post(
                body=self.env._("Sent back to the lab: %(reason)s", reason=self.reason)
            )

    def _apply_delivered(self):
        if not self.accepted and not self.accepted_signature:
            raise UserError(
                self.env._("Let the customer sign, or tick that the glasses were in order.")
            )
        if not (self.accepted_by or "").strip():
            raise UserError(self.env._("Write who took the glasses."))
        self.order_ids._go_to(
            "delivered",
            accepted_by=self.accepted_by.strip(),
            accepted_signature=self.accepted_signature,
            accepted_note=self.accepted_note,
        )

    def _apply_remake(self):
        if not self.reason:
            raise UserError(self.env._("Write what is wrong with the glasses."))
        remake = self.order_ids._remake(self.reason, self.cost_borne_by, self.promised_date)
        return remake._get_records_action()
