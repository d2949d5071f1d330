from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...domain.optics import service_order as rules
from ...domain.optics.service_order import OPEN_STATES, OrderFacts, OrderState, check_transition
from ...domain.shop.errors import ErrorCode, ServiceOrderError

SEQUENCE = "optica.service.order"
DIGITS = 6
# What follows from the state, changed by its steps alone.
BY_TRANSITIONS = {"sent_date", "ready_date", "delivered_date", "accepted_by", "accepted_signature"}


class OpticaServiceOrder(models.Model):
    """A service order (O.S.): glasses on their way from the counter to the lab and the customer.

    The rules of its steps are in ``domain/optics/service_order.py``.
    """

    _name = "optica.service.order"
    _description = "Service Order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "promised_date, id"
    _given_defaults = frozenset(["partner_id", "patient_id", "prescription_id", "company_id"])
    _check_company_auto = True
    _rec_names_search = ["name", "partner_id", "patient_id"]

    name = fields.Char(string="O.S. No.", readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        help="Is told when the glasses are late.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        ondelete="restrict",
        help="Who pays, and who is written to when the glasses are ready.",
    )
    patient_id = fields.Many2one(
        "res.partner",
        compute="_compute_patient_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        help="Who wears the glasses, when it is not the customer: a child, a spouse.",
    )
    phone = fields.Char(related="partner_id.phone")
    sale_order_id = fields.Many2one(
        "sale.order",
        string="Sale",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="May still be a quotation: the order follows its lines and goes to the lab once the "
        "sale is confirmed.",
    )
    can_open_sale = fields.Boolean(compute="_compute_can_open_sale")
    move_id = fields.Many2one(
        "account.move",
        string="Contract",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('partner_id', '=', partner_id), ('crediario_plan_id', '!=', False)]",
        help="The sale in installments that these glasses belong to, when there is no sales order. "
        "Levels of the ladder may wait until the glasses are delivered.",
    )
    line_ids = fields.One2many("optica.service.order.line", "order_id", copy=True)
    own_frame = fields.Boolean(
        string="Customer's Own Frame", help="The customer leaves a frame of theirs with the shop."
    )
    own_frame_note = fields.Char(
        string="Condition of the Frame",
        help="Model and scratches as it was handed in; printed on the customer's part.",
    )
    lab_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        domain="[('is_optica_lab', '=', True)]",
        tracking=True,
        check_company=True,
        ondelete="restrict",
    )
    lab_reference = fields.Char(string="Lab's Number", copy=False)
    note = fields.Text(string="Notes for the Lab")
    state = fields.Selection(
        [
            ("draft", "To Send"),
            ("at_lab", "At the Lab"),
            ("ready", "Ready"),
            ("delivered", "Delivered"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    date = fields.Date(
        string="Ordered On", required=True, default=fields.Date.context_today, copy=False
    )
    promised_date = fields.Date(
        default=lambda self: self._default_promised_date(),
        copy=False,
        tracking=True,
        help="Empty on a quotation: proposed when the sale is confirmed.",
    )
    sent_date = fields.Date(string="Sent to Lab On", readonly=True, copy=False)
    ready_date = fields.Date(string="Ready On", readonly=True, copy=False)
    delivered_date = fields.Date(string="Delivered On", readonly=True, copy=False)
    accepted_by = fields.Char(
        readonly=True, copy=False, help="Who took the glasses and found them in order."
    )
    accepted_signature = fields.Binary(string="Signature", readonly=True, copy=False)
    accepted_note = fields.Char(string="Note of the Delivery", copy=False)
    lab_returns = fields.Integer(
        string="Sent Back", readonly=True, copy=False, help="How often the lab had to do it again."
    )
    is_late = fields.Boolean(compute="_compute_days_late", search="_search_is_late")
    days_late = fields.Integer(
        compute="_compute_days_late",
        help="Days since the promised one while the glasses are not ready.",
    )
    lab_days = fields.Integer(
        string="Days at the Lab", compute="_compute_punctuality", store=True, aggregator="avg"
    )
    delay_days = fields.Integer(
        string="Days of Delay",
        compute="_compute_punctuality",
        store=True,
        aggregator="avg",
        help="Days from the promised day until the glasses were ready; 0 when in time.",
    )
    late_share = fields.Float(
        string="Late (share)", compute="_compute_punctuality", store=True, aggregator="avg"
    )

    _name_unique = models.UniqueIndex("(company_id, name)", "This number exists already.")
    _open_promised = models.Index(
        "(promised_date) WHERE state IN ('draft', 'at_lab') AND promised_date IS NOT NULL"
    )
    _waiting = models.Index("(ready_date) WHERE state = 'ready'")

    # ------------------------------------------------------------ defaults

    def _default_promised_date(self):
        """The shop's usual days from today, on a day on which the shop works."""
        company = self.env.company
        day = fields.Date.context_today(self) + timedelta(days=company.sudo().service_order_days)
        return company._business_calendar().next_business_day(day)

    # ------------------------------------------------------------- compute

    @api.depends("partner_id")
    def _compute_patient_id(self):
        for order in self:
            order.patient_id = order.patient_id or order.partner_id

    @api.depends("sale_order_id.user_id")
    @api.depends_context("uid")
    def _compute_can_open_sale(self):
        """Some sellers see their own sales only, and everybody's service orders."""
        readable = self.sale_order_id._filtered_access("read")
        for order in self:
            order.can_open_sale = order.sale_order_id in readable if order.sale_order_id else False

    @api.depends("state", "promised_date")
    def _compute_days_late(self):
        today = fields.Date.context_today(self)
        for order in self:
            order.days_late = rules.days_late(OrderState(order.state), order.promised_date, today)
            order.is_late = bool(order.days_late)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", ("draft", "at_lab")) & Domain(
            "promised_date", "<", fields.Date.context_today(self)
        )
        return Domain.OR(late if wanted else ~late for wanted in value)

    @api.depends("promised_date", "sent_date", "ready_date")
    def _compute_punctuality(self):
        for order in self:
            delay = rules.delay(order.promised_date or None, order.ready_date or None)
            order.lab_days = rules.lab_days(order.sent_date or None, order.ready_date or None) or 0
            order.delay_days = delay or 0
            order.late_share = float(bool(delay))

    @api.depends("name", "partner_id", "patient_id")
    def _compute_display_name(self):
        for order in self:
            person = order.patient_id or order.partner_id
            order.display_name = " · ".join(filter(None, (order.name, person.name))) or order.env._(
                "New Service Order"
            )

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Each takes the next number of its shop; every order starts at the counter."""
        vals_list = [
            {
                **{name: value for name, value in vals.items() if name not in BY_TRANSITIONS},
                "state": "draft",
                "lab_returns": 0,
            }
            for vals in vals_list
        ]
        orders = super().create(vals_list)
        for order in orders:
            order.name = self._sequence_of(order.company_id).next_by_id()
        return orders

    def write(self, vals):
        """A state is only changed by its steps, also where it is dragged or imported."""
        if BY_TRANSITIONS & vals.keys() and not self.env.su:
            raise UserError(self.env._("These dates follow from the steps of the order."))
        if "state" not in vals or self.env.su:
            return super().write(vals)
        others = {name: value for name, value in vals.items() if name != "state"}
        if others:
            super().write(others)
        self._go_to(vals["state"])
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.filtered(lambda order: order.state not in ("draft", "cancelled")):
            raise UserError(self.env._("Cancel the service order instead of deleting it."))

    # ------------------------------------------------------------- actions

    def action_open_sale(self):
        """Open the sale that the glasses were ordered with."""
        self.ensure_one()
        return self.sale_order_id._get_records_action()

    @api.model
    def action_scan(self, code, mark_ready=False):
        """What a scanned number stands for.

        :param mark_ready: the glasses came from the lab: mark them as ready at once
        :return: dict with ``id``, ``name`` and ``state`` (label); an empty one if nothing matches
        """
        order = self.search([("name", "=ilike", (code or "").strip())], limit=1)
        if not order:
            return {}
        if mark_ready and order.state != "ready":
            order.action_ready()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {"id": order.id, "name": order.display_name, "state": states[order.state]}

    # ------------------------------------------------------------- helpers

    @api.model
    def _sequence_of(self, company):
        """The numbers of a shop; with sudo, since nobody at the counter edits sequences."""
        sequences = self.env["ir.sequence"].sudo()
        found = sequences.search(
            [("code", "=", SEQUENCE), ("company_id", "=", company.id)], limit=1
        )
        return found or sequences.create(
            {
                "name": self.env._("Service orders of %(company)s", company=company.name),
                "code": SEQUENCE,
                "company_id": company.id,
                "prefix": "OS",
                "padding": DIGITS,
            }
        )

    def _is_open(self):
        self.ensure_one()
        return self.state in OPEN_STATES

    # ---- The steps of a service order: each is checked, dated and written in the chatter

    def action_send_to_lab(self):
        """Ask for lab and promised date, then send; many at once."""
        return self._open_dialog("at_lab")

    def action_ready(self):
        """The glasses came from the lab, checked: tell the customer."""
        self._go_to("ready")

    def action_deliver(self):
        """Ask who takes the glasses and signs for them."""
        return self._open_dialog("delivered")

    def action_return_to_lab(self):
        """The lab did it wrong: ask what, and send it back."""
        return self._open_dialog("return")

    def action_remake(self):
        """A new order under warranty: ask why and who bears the cost."""
        return self._open_dialog("remake")

    def action_cancel(self):
        """The glasses are not wanted any more."""
        self._go_to("cancelled")

    def action_reopen(self):
        """What was cancelled starts again at the counter."""
        self._go_to("draft")

    def action_undo(self):
        """One step back: not delivered after all, not ready, not sent."""
        back = {"delivered": "ready", "ready": "at_lab", "at_lab": "draft", "cancelled": "draft"}
        for order in self:
            target = back.get(order.state, order.state)
            order._go_to("draft" if target == "at_lab" and not order.sent_date else target)

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
        self._go_to(state)
        return False

    def _go_to(self, state, day=None, **values):
        """Take the orders to ``state``, with what belongs to it.

        With sudo for the writing alone: dates and states are closed to everybody but this.

        :param day: the day of the step; today if not given
        :param values: further values of the order (acceptance, lab …)
        :raise UserError: for the first order that may not go there
        """
        self.check_access("write")
        today = fields.Date.context_today(self)
        day = day or today
        for order in self:
            old = order.state
            order._check_transition(state, today, values.get("accepted_by"))
            if state == "delivered":
                order._check_debt()
            order.sudo().write({**order._values_of_state(state, day), **values, "state": state})
            order._after_transition(old)

    def _check_transition(self, state, today, accepted_by=None):
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
            check_transition(facts, OrderState(state), today, is_manager)
        except ServiceOrderError as error:
            raise UserError(
                self.env._(
                    "%(order)s: %(problem)s",
                    order=self.display_name,
                    problem=self._transition_problem(error),
                )
            ) from error

    def _check_debt(self):
        """Where the shop wants it, glasses stay until what is due is paid.

        :raise UserError: something is unpaid, and neither setting nor role allows the delivery
        """
        if self.company_id.sudo().delivery_debt != "stop":
            return
        unpaid = self._unpaid_text()
        if unpaid and not self.env.user.has_group("optica_cobranca.group_manager"):
            raise UserError(
                self.env._(
                    "%(order)s: %(unpaid)s Receive it first, or ask a manager to deliver.",
                    order=self.display_name,
                    unpaid=unpaid,
                )
            )

    def _unpaid_text(self):
        """What is open of the sale's down payment and of the customer's late installments.

        With sudo: whoever hands over glasses must know, whoever's sale it is; figures alone leave.

        :return: sentences, "" when nothing is unpaid
        """
        self.ensure_one()
        order = self.sudo().with_company(self.company_id)
        today = fields.Date.context_today(self)
        currency = self.company_id.currency_id
        contracts = order.move_id | order.sale_order_id.invoice_ids.filtered("crediario_plan_id")
        down = contracts.filtered(lambda move: move.state == "posted").line_ids.filtered(
            lambda line: (
                line.account_type == "asset_receivable"
                and not line.installment_number
                and line.amount_residual > 0
            )
        )
        late = order.partner_id._open_installments().filtered(
            lambda line: line.date_maturity < today and line not in down
        )
        texts = []
        if down:
            amount = currency._text(sum(down.mapped("amount_residual")))
            texts.append(self.env._("The down payment of %(amount)s is not paid.", amount=amount))
        if late:
            owed = sum(amount.total for amount in late._amounts_today(today).values())
            amount = currency._text(owed)
            texts.append(
                self.env._("The customer has %(amount)s late, charges included.", amount=amount)
            )
        return " ".join(texts)

    def _usual_lab(self):
        """The lab to which the shop sent its latest glasses, proposed for the next ones."""
        latest = self.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("lab_id", "!=", False),
                ("lab_id.active", "=", True),
                ("sent_date", "!=", False),
            ],
            order="sent_date desc, id desc",
            limit=1,
        )
        return latest.lab_id

    def _lacks_prescription(self):
        """Those of these orders with lenses to make, and no prescription to make them by."""
        return self.filtered(
            lambda order: not order.prescription_id and "lens" in order.line_ids.mapped("kind")
        )

    def _transition_problem(self, error):
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
        if error.code == ErrorCode.NO_SUCH_TRANSITION:
            return self.env._(
                "from “%(old)s” there is no way to “%(new)s”.",
                old=labels[error.values["state"]],
                new=labels[error.values["target"]],
            )
        return texts[error.code]

    def _values_of_state(self, state, day):
        nobody = {"delivered_date": False, "accepted_by": False, "accepted_signature": False}
        return {
            "draft": {**nobody, "sent_date": False, "ready_date": False},
            "at_lab": {**nobody, "sent_date": self.sent_date or day, "ready_date": False},
            "ready": {**nobody, "ready_date": self.ready_date or day},
            "delivered": {"delivered_date": day},
            "cancelled": {},
        }[state]

    def _after_transition(self, old):
        """Whoever follows the orders: the late ones' activities, the sale, the message."""
        self._close_late_activities()
        self._sync_delivered(old)
        if not {old, self.state} <= {"draft", "at_lab"}:
            self._withdraw_messages()
        if self.state == "ready" and old in ("draft", "at_lab"):
            self._tell_ready()

    def _open_dialog(self, step):
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

    # ---- Glasses and their sale: made of its lines, following them while it is a quotation

    sale_state = fields.Selection(related="sale_order_id.state", string="State of the Sale")

    @api.model
    def _from_sale(self, sale, lines):
        """The values of an order over these lines of a sale.

        On a quotation no day is promised yet: the shop's days count from the confirmation.
        """
        return {
            "company_id": sale.company_id.id,
            "partner_id": sale.partner_id.id,
            "sale_order_id": sale.id,
            "line_ids": [Command.create(line._service_line_vals()) for line in lines],
            **({} if sale.state == "sale" else {"promised_date": False}),
        }

    def _is_agreed(self):
        """Whether the customer ordered: there is no sale behind it, or a confirmed one."""
        self.ensure_one()
        sale = self.sudo().sale_order_id
        return not sale or sale.state == "sale"

    def _on_sale_confirmed(self):
        """Propose a day for what has none: the customer's word is there now."""
        for order in self.filtered(lambda o: o.state == "draft" and not o.promised_date):
            order.promised_date = order.with_company(order.company_id)._default_promised_date()

    def _on_sale_cancelled(self):
        """What the lab has not seen is cancelled; for the rest somebody has to decide."""
        self.filtered(lambda o: o.state == "draft")._go_to("cancelled")
        for order in self.filtered(lambda o: o.state in ("at_lab", "ready")):
            order._withdraw_messages()
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=(order.user_id or order.create_uid).id,
                summary=order.env._("Sale cancelled"),
                note=order.env._(
                    "The sale %(sale)s was cancelled while its glasses were on their way: agree "
                    "with lab and customer, then cancel this service order.",
                    sale=order.sale_order_id.name,
                ),
            )
