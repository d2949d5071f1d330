from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...domain.claims.promise import deadline, quick_day


class DunningPromiseWizard(models.TransientModel):
    """Register a promise to pay: the day in one click, the amount proposed, what follows shown."""

    _name = "dunning.promise.wizard"
    _description = "Register a Promise to Pay"
    _inherit = ["dunning.entry"]

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        domain="[('has_overdue_installments', '=', True)]",
    )
    pick = fields.Selection(
        [
            ("tomorrow", "Tomorrow"),
            ("friday", "Friday"),
            ("payday", "Payday (5th Business Day)"),
            ("advance", "The 20th"),
        ],
        string="When",
        default="tomorrow",
    )
    date = fields.Date(
        string="Promised Day",
        required=True,
        compute="_compute_date",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(
        required=True,
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="What settles these installments today, unless the customer promises less.",
    )
    owed_then = fields.Monetary(
        string="Cost on That Day",
        compute="_compute_outlook",
        help="Principal, late fine and late interest of these installments on the promised day.",
    )
    deadline = fields.Date(string="Silent Until", compute="_compute_outlook")
    latest_date = fields.Date(compute="_compute_outlook")
    warning = fields.Text(compute="_compute_outlook")
    note = fields.Text()

    # ------------------------------------------------------------ defaults

    @api.model
    def default_get(self, fields_list):
        """One customer, and what is late of the chosen records."""
        values = super().default_get(fields_list)
        records = self._chosen()
        notice = self.env["dunning.notice"]
        if records is None:
            notice = notice.browse(values.get("notice_id"))
            partner = self.env["res.partner"].browse(values.get("partner_id")) or notice.partner_id
            company = notice.company_id or self.env.company
            lines = self._given_lines()
        else:
            partner = self._customers_of(records)
            if len(partner) != 1:
                raise UserError(self.env._("A promise is made by one customer: choose one."))
            company = self._company_of(records)
            notice = records[:1] if records._name == notice._name else notice
            lines = self._lines_of(records)
        partner = partner.commercial_partner_id
        values.update(partner_id=partner.id, company_id=company.id, notice_id=notice.id)
        lines = lines or self._late_lines(partner, company)
        values["move_line_ids"] = [fields.Command.set(lines.ids)]
        return values

    # ------------------------------------------------------------- compute

    @api.depends("pick", "company_id")
    def _compute_date(self):
        for wizard in self:
            if wizard.pick:
                company = wizard.company_id or self.env.company
                today = fields.Date.context_today(wizard)
                wizard.date = quick_day(wizard.pick, today, company._business_calendar())

    @api.depends("move_line_ids")
    def _compute_amount(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.amount = wizard._cost_on(today)

    @api.depends("date", "amount", "move_line_ids", "partner_id")
    def _compute_outlook(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            company, lines = wizard.company_id, wizard.move_line_ids._origin
            day = wizard.date or today
            replaced = self.env["dunning.promise"]._open_promises(lines)
            wizard.owed_then = wizard._cost_on(max(day, today))
            wizard.deadline = deadline(day, company.sudo().promise_tolerance_days)
            wizard.latest_date = lines.sudo().crediario_plan_id._latest_promise(
                company, replaced._first_day(replaced, today)
            )
            wizard.warning = "\n".join(wizard._warnings(replaced)) or False

    # ------------------------------------------------------------ onchange

    @api.onchange("date")
    def _onchange_date(self):
        """Another day than the quick one was typed."""
        if self.pick and self.date:
            today = fields.Date.context_today(self)
            quick = quick_day(self.pick, today, self.company_id._business_calendar())
            self.pick = self.pick if quick == self.date else False

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """What the chosen customer owes."""
        partner = self.partner_id.commercial_partner_id
        if self.move_line_ids.partner_id.commercial_partner_id != partner:
            self.move_line_ids = self._late_lines(partner, self.company_id)

    # ------------------------------------------------------------- actions

    def action_register(self):
        """Register the promise; whoever opened the dialog is told which."""
        self.ensure_one()
        promise = self.env["dunning.promise"]._register_promise(
            self.partner_id,
            self.company_id,
            self.date,
            self.amount,
            lines=self.move_line_ids,
            notice=self.notice_id,
            note=self.note,
        )
        return {"type": "ir.actions.act_window_close", "infos": {"promise_id": promise.id}}

    # ------------------------------------------------------------- helpers

    @api.model
    def _given_lines(self):
        ids = self.env.context.get("default_move_line_ids") or []
        if ids and isinstance(ids[0], (list, tuple)):
            ids = ids[0][2]
        return self.env["account.move.line"].browse(ids)

    @api.model
    def _lines_of(self, records):
        """Installments the promise is about: those chosen, or what is late of the contracts."""
        if records._name == "account.move.line":
            return records
        if records._name == "account.move":
            lines = self._open_among(records.installment_ids)
            late = lines.filtered(lambda line: line.installment_state == "overdue")
            return late or lines.sorted("date_maturity")[:1]
        return self.env["account.move.line"]

    @api.model
    def _late_lines(self, partner, company):
        """All that is late, else the next installment."""
        lines = partner.with_company(company)._open_installments() if partner else partner
        if not lines:
            return self.env["account.move.line"]
        late = lines.filtered(lambda line: line.installment_state == "overdue")
        return (late or lines[:1]).with_env(self.env)

    def _cost_on(self, day):
        lines = self.move_line_ids._origin
        return float(self.env["dunning.promise"]._owed(lines, day)) if lines else 0.0

    def _warnings(self, replaced):
        """What the person should know before registering."""
        today = fields.Date.context_today(self)
        if self.date and self.date > self.latest_date:
            yield self.env._(
                "A promise may be for %(latest)s at the latest. For more time move the due date or "
                "propose an agreement.",
                latest=format_date(self.env, self.latest_date),
            )
        elif self.date and self.date < today:
            yield self.env._("That day is past.")
        elif self.date and not self.company_id._business_calendar().is_business_day(self.date):
            yield self.env._("That day is no business day.")
        if replaced:
            yield self.env._(
                "Takes the place of: %(promises)s.",
                promises=", ".join(replaced.mapped("display_name")),
            )
        broken = self.env["dunning.promise"].search_count(
            [
                ("partner_id", "=", self.partner_id.commercial_partner_id.id),
                ("state", "=", "broken"),
                ("deadline", ">=", today - relativedelta(months=12)),
            ]
        )
        if broken:
            yield self.env._("Broken promises in the last 12 months: %s.", broken)
