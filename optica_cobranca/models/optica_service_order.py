from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain import service_order as rules
from ..domain.service_order import OPEN_STATES, OrderState

SEQUENCE = "optica.service.order"
DIGITS = 6
# What follows from the state, changed by its steps alone.
BY_STEPS = {"sent_date", "ready_date", "delivered_date", "accepted_by", "accepted_signature"}


class OpticaServiceOrder(models.Model):
    """A service order (O.S.): glasses on their way from the counter to the lab and the customer.

    The rules of its steps are in ``domain/service_order.py``, what a step does in
    ``optica_service_order_steps.py``.
    """

    _name = "optica.service.order"
    _description = "Service Order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "promised_date, id"
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
                **{name: value for name, value in vals.items() if name not in BY_STEPS},
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
        if BY_STEPS & vals.keys() and not self.env.su:
            raise UserError(self.env._("These dates follow from the steps of the order."))
        if "state" not in vals or self.env.su:
            return super().write(vals)
        others = {name: value for name, value in vals.items() if name != "state"}
        if others:
            super().write(others)
        self._step(vals["state"])
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
