from odoo import api, fields, models

READY_TEMPLATE = "order_ready"
LATE_TEMPLATE = "delivery_late"
ACTIVITY = "optica_cobranca.activity_service_order_late"
BATCH = 200


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
