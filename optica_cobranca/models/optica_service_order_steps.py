from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..domain.errors import ErrorCode, ServiceOrderError
from ..domain.service_order import OrderFacts, OrderState, check_step


class OpticaServiceOrder(models.Model):
    """The steps of a service order: each is checked, dated and written in the chatter."""

    _inherit = "optica.service.order"

    # ------------------------------------------------------------- actions

    def action_send_to_lab(self):
        """Ask for lab and promised date, then send; many at once."""
        return self._open_step("at_lab")

    def action_ready(self):
        """The glasses came from the lab, checked: tell the customer."""
        self._step("ready")

    def action_deliver(self):
        """Ask who takes the glasses and signs for them."""
        return self._open_step("delivered")

    def action_return_to_lab(self):
        """The lab did it wrong: ask what, and send it back."""
        return self._open_step("return")

    def action_remake(self):
        """A new order under warranty: ask why and who bears the cost."""
        return self._open_step("remake")

    def action_cancel(self):
        """The glasses are not wanted any more."""
        self._step("cancelled")

    def action_reopen(self):
        """What was cancelled starts again at the counter."""
        self._step("draft")

    def action_undo(self):
        """One step back: not delivered after all, not ready, not sent."""
        back = {"delivered": "ready", "ready": "at_lab", "at_lab": "draft", "cancelled": "draft"}
        for order in self:
            target = back.get(order.state, order.state)
            order._step("draft" if target == "at_lab" and not order.sent_date else target)

    def action_drop(self, state):
        """What dropping an order on a column of the kanban does.

        :return: the action of the wizard that asks for what is missing, or False when done
        """
        self.ensure_one()
        if state == "delivered" and self.state == "ready":
            return self.action_deliver()
        if state == "at_lab" and self.state == "ready":
            return self.action_return_to_lab()
        if state == "at_lab" and self.state == "draft":
            return self.action_send_to_lab()
        self._step(state)
        return False

    # ------------------------------------------------------------ business

    def _step(self, state, day=None, **values):
        """Take the orders to ``state``, with what belongs to it.

        With sudo for the writing alone: dates and states are closed to everybody but this.

        :param day: the day of the step; today if not given
        :param values: further values of the order (acceptance, lab …)
        :raises UserError: for the first order that may not go there
        """
        self.check_access("write")
        today = fields.Date.context_today(self)
        day = day or today
        for order in self:
            old = order.state
            order._check_step(state, today, values.get("accepted_by"))
            order.sudo().write({**order._values_of_step(state, day), **values, "state": state})
            order._after_step(old)

    def _check_step(self, state, today, accepted_by=None):
        facts = OrderFacts(
            state=OrderState(self.state),
            has_lab=bool(self.lab_id),
            promised=self.promised_date or None,
            delivered=self.delivered_date or None,
            accepted=bool(accepted_by),
            is_agreed=self._is_agreed(),
        )
        is_manager = self.env.user.has_group("optica_cobranca.group_manager")
        try:
            check_step(facts, OrderState(state), today, is_manager)
        except ServiceOrderError as error:
            raise UserError(
                self.env._(
                    "%(order)s: %(problem)s",
                    order=self.display_name,
                    problem=self._step_problem(error),
                )
            ) from error

    def _step_problem(self, error):
        labels = dict(self._fields["state"]._description_selection(self.env))
        texts = {
            ErrorCode.LAB_MISSING: self.env._("Choose the lab first."),
            ErrorCode.DELIVERY_DATE_MISSING: self.env._("Say for when the glasses are promised."),
            ErrorCode.NOT_ACCEPTED: self.env._(
                "Say who took the glasses: use the button “Deliver”."
            ),
            ErrorCode.SALE_NOT_CONFIRMED: self.env._(
                "Confirm the sale first: nothing is made or handed over without the customer's "
                "word."
            ),
            ErrorCode.MANAGER_ONLY: self.env._("Only a manager cancels what was delivered."),
            ErrorCode.UNDO_TOO_LATE: self.env._(
                "Delivered on %(date)s: after that day only a manager undoes it.",
                date=format_date(self.env, error.values.get("delivered")),
            ),
        }
        if error.code == ErrorCode.NO_SUCH_STEP:
            return self.env._(
                "from “%(old)s” there is no way to “%(new)s”.",
                old=labels[error.values["state"]],
                new=labels[error.values["target"]],
            )
        return texts[error.code]

    def _values_of_step(self, state, day):
        nobody = {"delivered_date": False, "accepted_by": False, "accepted_signature": False}
        return {
            "draft": {**nobody, "sent_date": False, "ready_date": False},
            "at_lab": {**nobody, "sent_date": self.sent_date or day, "ready_date": False},
            "ready": {**nobody, "ready_date": self.ready_date or day},
            "delivered": {"delivered_date": day},
            "cancelled": {},
        }[state]

    def _after_step(self, old):
        """Whoever follows the orders: the late ones' activities, the sale, the message."""
        self._close_late_activities()
        self._sync_delivered(old)
        if not {old, self.state} <= {"draft", "at_lab"}:
            self._withdraw_messages()
        if self.state == "ready" and old in ("draft", "at_lab"):
            self._tell_ready()

    # ------------------------------------------------------------- helpers

    def _open_step(self, step):
        wizard = self.env["optica.service.step"]._open(self, step)
        return wizard._action()

    def _sync_delivered(self, old):
        """The sale's lines count as delivered with the glasses, as by hand on the sale.

        With the last open order of a sale everything of it is with the customer. With sudo:
        delivering is the right that counts here, not the one over somebody else's sale.
        """
        sale = self.sudo().sale_order_id
        if not sale or "delivered" not in (old, self.state):
            return
        lines = self.sudo().line_ids.sale_line_id
        if self.state == "delivered" and not sale.service_order_ids.filtered(
            lambda order: order._is_open()
        ):
            lines = sale.order_line.filtered(lambda line: not line.display_type)
        for line in lines.filtered(lambda line: line.qty_delivered_method == "manual"):
            line.qty_delivered = line.product_uom_qty if self.state == "delivered" else 0.0
