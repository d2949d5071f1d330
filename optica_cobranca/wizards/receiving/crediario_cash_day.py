from odoo import api, fields, models


class CrediarioCashOpen(models.TransientModel):
    """Count what is in the drawer and begin the day."""

    _name = "crediario.cash.open"
    _description = "Open the Cash"

    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    journal_id = fields.Many2one(
        "account.journal",
        string="Drawer",
        required=True,
        check_company=True,
        domain="[('type', '=', 'cash')]",
        default=lambda self: self.env.company._usual_cash_journal(),
    )
    expected = fields.Monetary(string="Left by the Last Day", compute="_compute_expected")
    left_by = fields.Char(string="By", compute="_compute_expected")
    amount = fields.Monetary(
        string="Counted",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="All notes and coins in the drawer.",
    )
    is_other = fields.Boolean(compute="_compute_is_other")
    note = fields.Char(string="Why Another Amount")

    # ------------------------------------------------------------- compute

    @api.depends("journal_id")
    def _compute_expected(self):
        for wizard in self:
            day = wizard._previous()
            wizard.expected = day.closing_left
            wizard.left_by = day.display_name if day else False

    @api.depends("journal_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard._previous().closing_left

    @api.depends("amount", "expected", "left_by")
    def _compute_is_other(self):
        for wizard in self:
            wizard.is_other = bool(
                wizard.left_by
                and wizard.currency_id.compare_amounts(wizard.amount, wizard.expected)
            )

    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Open the Cash")

    # ------------------------------------------------------------- actions

    def action_open(self):
        """Open the day and show it."""
        self.ensure_one()
        day = self.env["crediario.cash.day"].with_company(self.company_id)
        return day._open(self.journal_id, self.amount, self.note)._action_show()

    # ------------------------------------------------------------- helpers

    def _previous(self):
        Day = self.env["crediario.cash.day"].with_company(self.company_id)
        journal = self.journal_id._origin or self.journal_id
        return Day._to_take_over(self.env.user, journal) if journal else Day.sudo()


class CrediarioCashMove(models.TransientModel):
    """Put money into the drawer or take some out."""

    _name = "crediario.cash.move"
    _description = "Put In or Take Out"

    day_id = fields.Many2one("crediario.cash.day", required=True, readonly=True)
    currency_id = fields.Many2one(related="day_id.currency_id")
    expected = fields.Monetary(related="day_id.amount_expected")
    kind = fields.Selection(
        [
            ("withdrawal", "To the safe or bank"),
            ("expense", "Pay an expense"),
            ("supply", "Put in"),
        ],
        string="What",
        default="withdrawal",
        required=True,
    )
    amount = fields.Monetary(required=True)
    reason = fields.Char(required=True)

    # ------------------------------------------------------------- actions

    def action_move(self):
        """Book it."""
        self.ensure_one()
        self.day_id._move(self.kind, self.amount, self.reason)
        return {"type": "ir.actions.act_window_close"}


class CrediarioCashClose(models.TransientModel):
    """Count what is in the drawer and end the day."""

    _name = "crediario.cash.close"
    _description = "Close the Cash"

    day_id = fields.Many2one("crediario.cash.day", required=True, readonly=True)
    currency_id = fields.Many2one(related="day_id.currency_id")
    expected = fields.Monetary(related="day_id.amount_expected")
    amount = fields.Monetary(string="Counted", help="All notes and coins in the drawer.")
    is_counted = fields.Boolean(string="I Have Counted")
    difference = fields.Monetary(compute="_compute_difference")
    taken_out = fields.Monetary(string="To the Safe or Bank", help="The rest stays in the drawer.")
    left = fields.Monetary(string="Stays in the Drawer", compute="_compute_difference")
    note = fields.Char(string="Why It Differs")

    # ------------------------------------------------------------- compute

    @api.depends("amount", "taken_out", "expected")
    def _compute_difference(self):
        for wizard in self:
            wizard.difference = wizard.amount - wizard.expected
            wizard.left = wizard.amount - wizard.taken_out

    # ------------------------------------------------------------- actions

    def action_close(self):
        """Close the day; its report is ready to print."""
        self.ensure_one()
        self.day_id._close(self.amount, self.taken_out, self.note)
        return {"type": "ir.actions.act_window_close"}
