from odoo import api, fields, models
from odoo.exceptions import UserError

READY_TEMPLATE = "order_ready"
LATE_TEMPLATE = "delivery_late"
ACTIVITY = "optica_cobranca.activity_service_order_late"
BATCH = 200
GROUP = "optica_cobranca.group_prescription"


class OpticaServiceOrder(models.Model):
    """Who hears of a service order: the customer when it is ready, the shop when it is late."""

    _inherit = "optica.service.order"

    message_ready_id = fields.Many2one(
        "contact.message", string="Message “Ready”", readonly=True, copy=False, ondelete="set null"
    )
    message_ready_state = fields.Selection(
        related="message_ready_id.state", string="State of the Message"
    )

    # ------------------------------------------------------------- actions

    def action_tell_ready(self):
        """Write once more to customers whose glasses wait for them."""
        self.check_access("write")
        for order in self.filtered(lambda order: order.state == "ready"):
            order._tell_ready(again=True)

    def action_apologize(self):
        """Choose and check the message to the customers of late glasses, the apology proposed."""
        action = self.partner_id._action_send_message()
        template = self._template(LATE_TEMPLATE)
        if template:
            action["context"] = {
                **(action.get("context") or {}),
                "default_template_id": template.id,
            }
        return action

    # ------------------------------------------------------------ business

    def _tell_ready(self, again=False):
        """Queue the message “glasses ready”, once for each time that they become ready.

        The gate decides when it leaves. With sudo: who may mark glasses as ready may not write
        to the outbox otherwise.
        """
        self.ensure_one()
        template = self._template(READY_TEMPLATE)
        if not template or not (again or self.company_id.sudo().service_order_message):
            return
        message = self.message_ready_id.sudo()
        if message.state in ("queued", "sending"):
            return
        queued = self.env["contact.message"]._enqueue(self, template, author=self.env.user)
        self.sudo().message_ready_id = queued[:1]

    def _withdraw_messages(self):
        """What still waits to be said of the glasses is not true any more.

        With sudo, as in :meth:`_tell_ready`. What a worker is sending at this moment stays.
        """
        self.ensure_one()
        waiting = (
            self.env["contact.message"]
            .sudo()
            .search(
                [
                    (
                        "partner_id",
                        "in",
                        (self.partner_id + self.partner_id._contact_recipient()).ids,
                    ),
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("state", "=", "queued"),
                ]
            )
        )
        for message in waiting.try_lock_for_update():
            message._resolve("cancelled", {"reason": "cancelled_by_user", "by_hand": False})

    @api.model
    def _template(self, code):
        templates = self.env["contact.template"].sudo()
        company = self.company_id[:1] or self.env.company
        return templates.search(
            [("code", "=", code), ("company_id", "in", (False, company.id))],
            order="company_id, id",
            limit=1,
        )

    def _close_late_activities(self):
        self.sudo().activity_unlink([ACTIVITY])

    @api.model
    def _cron_late(self):
        """A task for the responsible of each order that is late since yesterday or longer.

        One for an order, until it goes on; in batches that commit.
        """
        today = fields.Date.context_today(self)
        kind = self.env.ref(ACTIVITY)
        domain = [
            ("is_late", "=", True),
            ("activity_ids", "not any", [("activity_type_id", "=", kind.id)]),
        ]
        left = self.search_count(domain)
        self.env["ir.cron"]._commit_progress(remaining=left)
        last = 0
        while orders := self.search(
            [*domain, ("id", ">", last)], limit=BATCH, order="id"
        ).try_lock_for_update(allow_referencing=True):
            last = orders[-1].id
            for order in orders:
                order.activity_schedule(
                    ACTIVITY,
                    today,
                    user_id=(order.user_id or order.create_uid).id,
                    note=order.env._("Ask the lab for a new date and tell the customer."),
                )
            if not self.env["ir.cron"]._commit_progress(len(orders)):
                return

    # ---- The prescription the glasses are made by: everybody sees its expiry, few its values

    prescription_id = fields.Many2one(
        "optica.prescription",
        compute="_compute_prescription_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('patient_id', '=', patient_id)]",
    )
    prescription_expiry_date = fields.Date(
        related="prescription_id.expiry_date", string="Prescription Expires On"
    )
    prescription_state = fields.Selection(
        related="prescription_id.state", string="State of the Prescription"
    )

    @api.depends("patient_id")
    def _compute_prescription_id(self):
        """Proposes the patient's prescription of glasses that counts today, while it is to send."""
        drafts = self.filtered(lambda order: order.state == "draft")
        found = drafts._current_prescriptions()
        for order in self:
            is_theirs = order.prescription_id.patient_id == order.patient_id
            if order in drafts and not (order.prescription_id and is_theirs):
                key = order.patient_id._origin.id, order.company_id.id
                order.prescription_id = found.get(key, order.prescription_id.browse())
            else:
                order.prescription_id = order.prescription_id

    def _current_prescriptions(self):
        """``{(patient id, company id): prescription}`` for the patients of these orders."""
        found = self.env["optica.prescription"].search(
            [
                ("patient_id", "in", self.patient_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("kind", "=", "glasses"),
                ("state", "=", "current"),
            ],
            order="exam_date, id",
        )
        return {(row.patient_id.id, row.company_id.id): row for row in found}

    def _prescription_rows(self):
        """The values as the lab needs them, for those who may see them; the reading is logged."""
        self.ensure_one()
        prescription = self.prescription_id
        if not prescription or not self.env.user.has_group(GROUP):
            return []
        rows = prescription._paper_rows()
        prescription._log_access("printed")
        return rows

    # -------------- Warranty: glasses made a second time, why, and at whose cost

    origin_id = fields.Many2one(
        "optica.service.order",
        string="Remake Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    remake_ids = fields.One2many("optica.service.order", "origin_id", string="Remakes")
    remake_count = fields.Integer(compute="_compute_remake_count")
    is_remake = fields.Float(
        string="Remakes (share)",
        compute="_compute_is_remake",
        store=True,
        aggregator="avg",
        help="1 for a remake under warranty: the average is the share of remakes.",
    )
    remake_reason = fields.Char(readonly=True, copy=False)
    cost_borne_by = fields.Selection(
        [("shop", "Shop"), ("lab", "Lab"), ("customer", "Customer")], copy=False, tracking=True
    )
    remake_cost = fields.Monetary(
        copy=False, groups="optica_cobranca.group_manager", help="What the remake cost the shop."
    )

    @api.depends("remake_ids")
    def _compute_remake_count(self):
        for order in self:
            order.remake_count = len(order.remake_ids)

    @api.depends("origin_id")
    def _compute_is_remake(self):
        for order in self:
            order.is_remake = float(bool(order.origin_id))

    def action_open_remakes(self):
        """Open what was made again under warranty."""
        return self.remake_ids._get_records_action(name=self.env._("Remakes"))

    def action_open_origin(self):
        """Open the order that this one makes again."""
        return self.origin_id._get_records_action()

    def _remake(self, reason, cost_borne_by, promised_date):
        """A new order for the same glasses, linked to this one, at the counter.

        :raise UserError: when there is nothing to make again yet
        """
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("ready", "delivered"):
            raise UserError(self.env._("Only glasses that were finished are made again."))
        [remake] = self.copy({"promised_date": promised_date})
        remake.sudo().write(
            {"origin_id": self.id, "remake_reason": reason, "cost_borne_by": cost_borne_by}
        )
        self.message_post(
            body=self.env._(
                "Made again under warranty as %(number)s: %(reason)s",
                number=remake.name,
                reason=reason,
            )
        )
        return remake
