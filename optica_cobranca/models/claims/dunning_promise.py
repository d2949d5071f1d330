from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...domain.claims.promise import check_promise, deadline
from ...domain.shop.errors import ErrorCode, PromiseError
from ...domain.shop.money import ZERO, cents
from ...tools.receiving.customer_proof import NOTE_LENGTH, ORIGINS


class DunningPromise(models.Model):
    """A customer said: I pay this much until that day. Never edited: registered, kept, broken.

    The only way in is ``_register_promise``; :mod:`.dunning_promise_evaluation` decides the rest.
    """

    _name = "dunning.promise"
    _description = "Promise to Pay"
    _inherit = [
        "optica.evidence.original",
        "collection.record",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _rec_names_search = ["partner_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    phone = fields.Char(related="partner_id.phone")
    date = fields.Date(string="Promised Day", required=True, readonly=True, tracking=True)
    tolerance_days = fields.Integer(
        string="Tolerance (Days)", readonly=True, help="As it was set when the promise was made."
    )
    deadline = fields.Date(
        compute="_compute_deadline",
        store=True,
        precompute=True,
        help="The promised day and the tolerance: until then reminders rest and a payment keeps "
        "the promise.",
    )
    amount = fields.Monetary(required=True, readonly=True, tracking=True)
    paid_amount = fields.Monetary(
        string="Paid So Far",
        readonly=True,
        help="Money that reached these installments since the promise, late charges included, "
        "by payments dated until the deadline.",
    )
    missing_amount = fields.Monetary(string="Missing", compute="_compute_missing_amount")
    move_line_ids = fields.Many2many(
        "account.move.line",
        "dunning_promise_line_rel",
        "promise_id",
        "move_line_id",
        string="Installments",
        readonly=True,
        check_company=True,
        help="What the promise is about; all that was late if nothing else was chosen.",
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Fulfilled"),
            ("broken", "Not Kept"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
    )
    notice_id = fields.Many2one("dunning.notice", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", string="Taken By", required=True, readonly=True)
    registered_at = fields.Datetime(string="Taken On", required=True, readonly=True)
    first_registered_on = fields.Date(
        readonly=True,
        help="The day of the first of a row of promises that replaced each other: the limit of "
        "days counts from it.",
    )
    note = fields.Text(readonly=True)
    closed_on = fields.Date(string="Decided On", readonly=True)
    replaced_by_id = fields.Many2one("dunning.promise", readonly=True, ondelete="set null")
    cancelled_by_id = fields.Many2one("res.users", readonly=True, tracking=True)
    # Whatever reconciliation or receipt line came later was paid since.
    last_partial_id = fields.Integer(readonly=True, export_string_translation=False)
    last_receipt_line_id = fields.Integer(readonly=True, export_string_translation=False)

    _evidence_fields = ("date", "tolerance_days", "amount", "note", "user_id", "registered_at")

    _holding = models.Index("(company_id, deadline) WHERE state = 'open'")
    _positive = models.Constraint("CHECK(amount > 0)", "Promise an amount above zero.")
    _tolerance = models.Constraint(
        "CHECK(tolerance_days >= 0)", "The tolerance of a promise cannot be negative."
    )

    # ------------------------------------------------------------- compute

    @api.depends("date", "tolerance_days")
    def _compute_deadline(self):
        for promise in self:
            promise.deadline = promise.date and deadline(promise.date, promise.tolerance_days)

    @api.depends("amount", "paid_amount")
    def _compute_missing_amount(self):
        for promise in self:
            promise.missing_amount = max(promise.amount - promise.paid_amount, 0.0)

    @api.depends("partner_id", "date", "amount")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s: %(amount)s until %(date)s",
                customer=promise.partner_id.name or "",
                amount=promise.currency_id._text(promise.amount),
                date=format_date(self.env, promise.date),
            )

    # ------------------------------------------------------------- actions

    def action_cancel(self):
        """Take promises back that were registered by mistake; broken ones only for managers."""
        self._check_collector()
        if any(promise.state == "cancelled" for promise in self):
            raise UserError(self.env._("This promise was cancelled already."))
        if any(promise.state != "open" for promise in self):
            self._check_role("manager", allow_system=True)
        self._cancel()

    def action_reopen(self):
        """Undo the cancellation: what became of the promise is found out again."""
        self._check_collector()
        cancelled = self.filtered(lambda promise: promise.state == "cancelled")
        if cancelled.replaced_by_id.filtered(lambda promise: promise.state != "cancelled"):
            raise UserError(
                self.env._("A newer promise took the place of this one. Cancel that one first.")
            )
        # With sudo: nobody has the right to edit promises, their actions are the one way.
        cancelled.sudo().write(
            {"state": "open", "cancelled_by_id": False, "replaced_by_id": False, "closed_on": False}
        )
        cancelled._evaluate()

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_open_installments(self):
        """Open the promised installments."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {**action, "domain": [("id", "in", self.move_line_ids.ids)], "context": {}}

    # ------------------------------------------------------------- helpers

    def _cancel(self, replaced_by=None):
        """With sudo: nobody has the right to edit promises, their actions are the one way."""
        self.sudo().write(
            {
                "state": "cancelled",
                "cancelled_by_id": self.env.uid,
                "closed_on": fields.Date.context_today(self),
                "replaced_by_id": replaced_by and replaced_by.id,
            }
        )

    @api.model
    def _check_collector(self):
        self._check_role("collector", allow_system=True)
        self.check_access("read")

    # ---- How a promise gets registered: within the limits, in place of an earlier one

    @api.model
    def _register_promise(
        self, partner, company, date, amount=None, lines=None, notice=None, note="", today=None
    ):
        """Note that ``partner`` pays ``amount`` until ``date``; reminders rest at once.

        An open promise about the same installments is replaced.

        :param amount: BRL; what settles the installments today if not given
        :param lines: the installments; all that are late if not given, else what is due until
            ``date``
        :param today: the day on which the customer said so, if not today
        :return: the promise
        :raise UserError: beyond the limit of the plan or the company, for more than is owed,
            for installments that are settled or another's, without the right to.
        """
        self._check_collector()
        partner = partner.commercial_partner_id
        partner.check_access("read")
        lines = self._promised_lines(partner, company, date, lines)
        # Two clicks at once: the second one is told so.
        self.env["crediario.receipt"]._lock(lines)
        replaced = self._open_promises(lines)
        today = today or fields.Date.context_today(self)
        amount = self._check_terms(company, date, amount, lines, replaced, today)
        # With sudo: nobody has the right to create promises, this method is the one way.
        promise = self.sudo().create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "date": date,
                "tolerance_days": company.sudo().promise_tolerance_days,
                "amount": float(amount),
                "move_line_ids": [fields.Command.set(lines.ids)],
                "notice_id": notice.id if notice else False,
                "note": (note or "").strip() or False,
                "user_id": self.env.uid,
                "registered_at": fields.Datetime.now(),
                "first_registered_on": self._first_day(replaced, today),
                **self._watermarks(),
            }
        )
        replaced._cancel(replaced_by=promise)
        self.env["contact.message"].sudo()._cancel_collection(partner, "promised")
        promise._log_registered(replaced)
        return promise.sudo(self.env.su)

    @api.model
    def _promised_lines(self, partner, company, date, lines):
        """What the promise is about: the lines asked for, else late ones, else those coming due.

        :raise UserError: when there is none, or one is settled or another customer's.
        """
        owed = partner.with_company(company)._open_installments()
        if lines is None or not lines:
            late = owed.filtered(lambda line: line.installment_state == "overdue")
            lines = late or owed.filtered(lambda line: line.date_maturity <= date)
        elif lines.sudo() - owed:
            raise UserError(
                self.env._(
                    "A promise is for open installments of one customer in one company. Choose "
                    "among those that %(customer)s still owes.",
                    customer=partner.display_name,
                )
            )
        if not lines:
            raise UserError(
                self.env._(
                    "%(customer)s owes nothing until that day: there is nothing to promise.",
                    customer=partner.display_name,
                )
            )
        return lines.with_env(self.env)._sorted_for_receiving()

    @api.model
    def _open_promises(self, lines):
        """Promises about any of these installments that are still open today.

        With sudo: who registers in one company need not see what else is promised.
        """
        found = self.sudo().search(
            [("state", "=", "open"), ("move_line_ids", "in", lines._origin.ids)]
        )
        found._evaluate()
        return found.filtered(lambda promise: promise.state == "open").sudo(self.env.su)

    @api.model
    def _first_day(self, replaced, today):
        """The day from which the limit counts."""
        return min(replaced.sudo().mapped("first_registered_on"), default=today)

    @api.model
    def _check_terms(self, company, date, amount, lines, replaced, today):
        """The amount (Decimal) that may be promised.

        With sudo: what an installment costs is the same for every reader.
        """
        if amount is None or not amount:
            amount = self._owed(lines, today)
        latest = lines.sudo().crediario_plan_id._latest_promise(
            company, self._first_day(replaced, today)
        )
        try:
            check_promise(
                date,
                cents(amount),
                on=today,
                latest=latest,
                owed=self._owed(lines, max(date, today)),
            )
        except PromiseError as error:
            raise UserError(self._refusal(error, company)) from error
        return cents(amount)

    @api.model
    def _owed(self, lines, day):
        """What settles these installments on a day (Decimal)."""
        amounts = lines.sudo()._amounts_today(day)
        return sum((amount.total for amount in amounts.values()), ZERO)

    @api.model
    def _refusal(self, error, company):
        """What the person can do about a promise that is not possible."""
        values, money = error.values, company.currency_id._text
        if error.code == ErrorCode.PROMISE_IN_PAST:
            return self.env._("That day is past. Choose today or a later day.")
        if error.code == ErrorCode.PROMISE_TOO_LATE:
            return self.env._(
                "A promise may be for %(latest)s at the latest. Choose an earlier day, move the "
                "due date, or propose an agreement.",
                latest=format_date(self.env, values["latest"]),
            )
        if error.code == ErrorCode.PROMISE_ABOVE_OWED:
            return self.env._(
                "%(amount)s are more than these installments cost on that day: %(owed)s. Correct "
                "the amount or choose more installments.",
                amount=money(float(values["amount"])),
                owed=money(float(values["owed"])),
            )
        return self.env._("Promise an amount above zero.")

    @api.model
    def _watermarks(self):
        """What was paid already, so that what comes later counts."""
        self.env.flush_all()
        [(partial, receipt_line)] = self.env.execute_query(
            SQL(
                """SELECT COALESCE((SELECT max(id) FROM account_partial_reconcile), 0),
                          COALESCE((SELECT max(id) FROM crediario_receipt_line), 0)"""
            )
        )
        return {"last_partial_id": partial, "last_receipt_line_id": receipt_line}

    def _log_registered(self, replaced):
        """A line in the customer's history, and in the notice's."""
        words = {
            "amount": self.currency_id._text(self.amount),
            "date": format_date(self.env, self.date),
        }
        body = self.env._("Promised to pay %(amount)s until %(date)s.", **words)
        if replaced:
            body = self.env._(
                "Promised to pay %(amount)s until %(date)s, in place of an earlier promise.",
                **words,
            )
        for record in filter(None, (self.partner_id, self.notice_id)):
            record._tell_collection(self.company_id, body, self.partner_id)

    # --------------------------- A promise that the customer gives on their page

    origin = fields.Selection(
        ORIGINS, string="Said by", default="shop", required=True, readonly=True
    )

    @api.model
    def _promise_by_customer(self, partner, lines, day, note, proof):
        """The customer promises to settle ``lines`` until ``day``.

        With sudo: that they are the customer's own is the caller's matter.
        :raise UserError: beyond the limit, or after too many broken promises
        """
        company = lines.company_id
        register = self.sudo().with_company(company).with_context(tz=company.contact_timezone)
        register._check_promises_kept(partner, company)
        register._check_not_promised(lines)
        promise = register._register_promise(
            partner.sudo().with_env(register.env),
            company.with_env(register.env),
            day,
            lines=lines.with_env(register.env),
            note=(note or "")[:NOTE_LENGTH],
        )
        promise.origin = proof.origin
        return promise

    @api.model
    def _under_way_of(self, partner, companies, today):
        """Promises of the customer whose day has not passed and that are not paid, with sudo.

        Whoever took them: the page tells what holds, by telephone or by link.
        """
        found = self.sudo().search_fetch(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", companies.ids),
                ("state", "=", "open"),
                ("deadline", ">=", today),
            ],
            ["date", "amount", "currency_id", "move_line_ids"],
            order="date, id",
        )
        return found.filtered(
            lambda promise: any(line.amount_residual > 0 for line in promise.move_line_ids)
        )

    @api.model
    def _latest_by_customer(self, lines):
        """The last day that a customer may promise about these installments."""
        company = lines.company_id.sudo()
        own = self.sudo().with_context(tz=company.contact_timezone)
        replaced = own._open_promises(lines.sudo())
        first = own._first_day(replaced, fields.Date.context_today(own))
        return lines.sudo().crediario_plan_id._latest_promise(company, first)

    @api.model
    def _check_not_promised(self, lines):
        """One promise at a time about an installment; its day is changed by the shop."""
        for promise in self._open_promises(lines)[:1]:
            raise UserError(
                self.env._(
                    "You promised to pay until %(date)s already. To change the day, call the shop.",
                    date=format_date(self.env, promise.date),
                )
            )

    @api.model
    def _check_promises_kept(self, partner, company):
        """After some promises in a row that were broken, the shop wants to be talked to."""
        most = company.sudo().self_service_broken_promises
        last = self.search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "=", company.id),
                ("state", "in", ("kept", "broken")),
            ],
            limit=most,
        )
        if most and len(last) == most and all(promise.state == "broken" for promise in last):
            raise UserError(
                self.env._("Earlier promises were not kept. Call the shop, or make an agreement.")
            )
