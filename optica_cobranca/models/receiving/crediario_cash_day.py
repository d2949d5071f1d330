from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...domain.receiving import cash_day
from ...domain.shop.errors import CashDayError, ErrorCode
from ...domain.shop.money import cents, exact

# Payments that are in the books.
COUNTED_STATES = ("in_process", "paid")


class CrediarioCashDay(models.Model):
    """One person's cash: counted at the opening, counted at the closing, never changed after.

    Whatever a cashier receives while it is open belongs to it, money of every method. Each change
    writes the row (``turn``), so that of two transactions at once the second one is repeated by
    Odoo and sees what the first one did: nothing is received into a day that was just closed, and
    nothing received is left out of a closing.
    """

    _name = "crediario.cash.day"
    _description = "Cash Day"
    _order = "opened_at desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Cashier", required=True, readonly=True, index=True, ondelete="restrict"
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Drawer",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
    )
    date = fields.Date(required=True, readonly=True, help="Day of the opening.")
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")], default="open", required=True, readonly=True
    )
    opened_at = fields.Datetime(string="Opened", required=True, readonly=True)
    opened_itself = fields.Boolean(
        string="Opened by Itself",
        readonly=True,
        help="By the first payment received, with what the last day left: nobody counted.",
    )
    closed_at = fields.Datetime(string="Closed", readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True)
    previous_id = fields.Many2one(
        "crediario.cash.day",
        string="Taken Over From",
        readonly=True,
        ondelete="restrict",
        help="The closed day whose money is in the drawer at the opening.",
    )
    opening_expected = fields.Monetary(
        string="Left by the Last Day", readonly=True, help="What was left in the drawer."
    )
    opening_amount = fields.Monetary(string="Counted at the Opening", readonly=True)
    opening_difference = fields.Monetary(compute="_compute_opening_difference", store=True)
    opening_note = fields.Char(readonly=True)
    movement_ids = fields.One2many("crediario.cash.movement", "day_id", readonly=True)
    method_ids = fields.One2many(
        "crediario.cash.method", "day_id", string="Received by Method", readonly=True
    )
    payment_ids = fields.One2many("account.payment", "crediario_cash_day_id", readonly=True)
    move_ids = fields.One2many(
        "account.move", "crediario_cash_day_id", string="Entries", readonly=True
    )

    amount_received = fields.Monetary(
        string="Cash Received", readonly=True, help="In this cash, less change given."
    )
    amount_supplied = fields.Monetary(string="Put In", readonly=True)
    amount_withdrawn = fields.Monetary(string="Taken Out", readonly=True)
    amount_given_back = fields.Monetary(
        string="Given Back", readonly=True, help="Receipts of closed days undone in this one."
    )
    amount_expected = fields.Monetary(string="Should Be There", readonly=True)
    amount_all_methods = fields.Monetary(string="Received in All", readonly=True)
    closing_amount = fields.Monetary(string="Counted at the Closing", readonly=True)
    closing_difference = fields.Monetary(string="Difference", readonly=True)
    closing_left = fields.Monetary(string="Left for the Next Day", readonly=True)
    closing_note = fields.Char(readonly=True)
    turn = fields.Integer(readonly=True, help="Written by every change of the day.")

    _one_open = models.UniqueIndex(
        "(user_id, journal_id) WHERE state = 'open'",
        "This person has opened this cash already. Go on there.",
    )
    _taken_over_once = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "Somebody else has taken this money over already. Open your cash again.",
    )
    _name_unique = models.Constraint(
        "UNIQUE(company_id, name)", "A cash day with this number exists already."
    )
    _nothing_negative = models.Constraint(
        "CHECK(opening_amount >= 0 AND closing_amount >= 0 AND closing_left >= 0)",
        "Money that was counted is never negative.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("opening_amount", "opening_expected")
    def _compute_opening_difference(self):
        for day in self:
            day.opening_difference = day.opening_amount - day.opening_expected

    @api.depends("name", "user_id", "date")
    def _compute_display_name(self):
        for day in self:
            day.display_name = f"{day.name} · {day.user_id.name}"

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """A closed day stays as it is, whoever asks.

        :raise UserError: for a closed day
        """
        if any(day.state == "closed" for day in self):
            raise UserError(
                self.env._(
                    "A closed cash day is not changed any more. Correct it in the cash of today."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A cash day is part of the books and is not deleted."))

    # ------------------------------------------------------------- actions

    @api.model
    def action_mine(self):
        """The user's open day, or the form that opens one."""
        day = self._open_days(self.env.user, self.env.company)[:1]
        if day:
            return day._action_show()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_crediario_cash_open"
        )

    def action_move(self):
        """Ask what is put in or taken out."""
        return self._dialog("crediario.cash.move", self.env._("Put In or Take Out"))

    def action_close(self):
        """Ask what was counted."""
        self.check_access("read")
        self.sudo()._recount()
        return self._dialog("crediario.cash.close", self.env._("Close the Cash"))

    def action_print(self):
        """The days on paper."""
        report = self.env.ref("optica_cobranca.action_report_crediario_cash_day")
        return report.report_action(self, config=False)

    def action_view_receipts(self):
        """The receipts of this day."""
        return self._receipts()._get_records_action(
            name=self.env._("Receipts"), views=[(False, "list"), (False, "form")]
        )

    def _receipts(self):
        """With sudo: who reads receipts need not read payments."""
        payments = self.sudo().payment_ids
        receipts = self.env["crediario.receipt"].sudo()
        return receipts.search([("payment_ids", "in", payments.ids)], order="id").sudo(False)

    def _dialog(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_day_id": self.id},
        }

    def _action_show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Cash"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------- opening

    @api.model
    def _open_days(self, user, company):
        """The open days of a person in a company, the latest first."""
        return self.search(
            [("user_id", "=", user.id), ("company_id", "=", company.id), ("state", "=", "open")]
        )

    @api.model
    def _to_take_over(self, user, journal):
        """The closed day whose money is in this person's drawer; empty if there is none.

        Their own last one, else the only one of this cash that nobody has taken over: a drawer
        that is shared goes from hand to hand. With sudo: it may be somebody else's.
        """
        free = self.sudo().search([("journal_id", "=", journal.id), ("state", "=", "closed")])
        taken = self.sudo().search([("previous_id", "in", free.ids)]).previous_id
        free -= taken
        own = free.filtered(lambda day: day.user_id == user)
        if own:
            return own[:1]
        busy = self.sudo().search_count(
            [("journal_id", "=", journal.id), ("state", "=", "open")], limit=1
        )
        return free if len(free) == 1 and not busy else self.browse()

    @api.model
    def _open(self, journal, amount=None, note="", previous=None):
        """Open the user's cash with what was counted (BRL); None: nobody counted.

        A difference from what the day before left is booked at once.

        :return: the day
        :raise UserError: not a cashier, no cash journal of this company, a negative amount, a
            difference without a note
        """
        self._check_role("cashier")
        if journal.type != "cash":
            raise UserError(self.env._("Choose a cash journal: only cash is counted."))
        journal.with_env(self.env).check_access("read")
        company = self.env.company
        previous = self._to_take_over(self.env.user, journal) if previous is None else previous
        expected = previous.closing_left
        counted = expected if amount is None else amount
        if counted < 0:
            raise UserError(self.env._("Enter what is in the drawer: zero or more."))
        difference = cents(counted) - cents(expected)
        # The first money of a drawer was brought there, it was not found.
        is_difference = bool(difference and previous)
        if is_difference and not (note or "").strip():
            raise UserError(
                self.env._(
                    "%(left)s were left in the drawer. Say why it is another amount now.",
                    left=company.currency_id._text(expected),
                )
            )
        # With sudo: nobody has the right to write cash days, these methods are the one way.
        day = self.sudo().create(
            {
                **self._opening_vals(journal, counted, note),
                "opened_itself": amount is None,
                "previous_id": previous.id,
                "opening_expected": expected,
            }
        )
        if is_difference:
            day._book_difference(difference, self.env._("Cash difference at the opening"))
        elif difference:
            day._book(difference, company.transfer_account_id, self.env._("First money of a cash"))
        return day.sudo(False)

    @api.model
    def _opening_vals(self, journal, counted, note):
        company = self.env.company
        return {
            "name": self._sequence(company).next_by_id(),
            "company_id": company.id,
            "user_id": self.env.uid,
            "journal_id": journal.id,
            "date": fields.Date.context_today(self),
            "opened_at": fields.Datetime.now(),
            "opening_amount": counted,
            "opening_note": (note or "").strip() or False,
            "amount_expected": counted,
        }

    @api.model
    def _day_for(self, company, journals):
        """The user's open day for money that comes in by these journals; empty for no person.

        The day of the cash among them, else any that is open, else a new one where the company
        lets days open by themselves. Payments that the system books (the bank's, a customer's on
        the website) belong to nobody's day.

        :raise UserError: the cashier has to count and open first
        """
        days = self.with_company(company)
        if not self._is_person():
            return days.browse()
        cash = journals.filtered(lambda journal: journal.type == "cash")[:1]
        mine = days._open_days(self.env.user, company)
        day = mine.filtered(lambda day: day.journal_id == cash) if cash else mine
        if day:
            return day[:1]
        journal = cash or company._usual_cash_journal()
        if not journal:
            return days.browse()
        if company.sudo().cash_day_opening == "count":
            raise UserError(
                self.env._(
                    "Open your cash first: count what is in the drawer under Collection, "
                    "Counter, My Cash."
                )
            )
        # With sudo off: opening asks for the rights of the person.
        return days.sudo(False)._open(journal.sudo(False))

    def _is_person(self):
        """Whether somebody of the counter is at work, and not the system for a customer."""
        user = self.env.user
        return (
            user != self.env.ref("base.user_root")
            and user._is_internal()
            and user.has_group("optica_cobranca.group_cashier")
        )

    # ------------------------------------------------------------ business

    def _take_in(self, payments):
        """These payments belong to this day from now on."""
        if not (self and payments):
            return
        self._check_open()
        payments.sudo().crediario_cash_day_id = self
        self.sudo()._recount()

    def _move(self, kind, amount, reason):
        """Put money in or take it out, with its entry.

        :param kind: see ``crediario.cash.movement``
        :return: the movement
        :raise UserError: not the user's own day, closed, no reason, more than there is
        """
        self.ensure_one()
        self._check_own()
        if not (reason or "").strip():
            raise UserError(self.env._("Say what the money is for."))
        day = self.sudo()
        day._recount()
        try:
            if kind == "supply":
                cash_day.check_amount(exact(amount))
            else:
                cash_day.check_out(day._drawer(), exact(amount))
        except CashDayError as error:
            raise UserError(self._refusal(error)) from error
        value = cents(amount) if kind == "supply" else -cents(amount)
        movement = day.movement_ids.create(
            {
                "day_id": day.id,
                "kind": kind,
                "amount": abs(float(value)),
                "reason": reason.strip(),
                "user_id": self.env.uid,
            }
        )
        movement.move_id = day._book(value, day._counterpart(kind), reason.strip())
        day._recount()
        return movement.sudo(False)

    def _give_back(self, payments):
        """Cash of a closed day goes back to the customers out of this one.

        Its entries are those of the payments themselves, which leave the books.

        :raise UserError: less should be in the drawer
        """
        self._check_open()
        day = self.sudo()
        day._recount()
        try:
            cash_day.check_out(day._drawer(), exact(sum(payments.mapped("amount"))))
        except CashDayError as error:
            raise UserError(self._refusal(error)) from error
        day.movement_ids.create(
            [
                {
                    "day_id": day.id,
                    "kind": "given_back",
                    "amount": payment.amount,
                    "reason": payment.memo or payment.name,
                    "user_id": self.env.uid,
                    "payment_id": payment.id,
                }
                for payment in payments
            ]
        )
        day._recount()

    def _close(self, counted, taken_out=0.0, note=""):
        """Count, book the difference, take money to the safe, and freeze the day.

        :raise UserError: not the user's own day and no manager, closed already, a difference
            without a note, more taken out than was counted
        """
        self.ensure_one()
        self._check_own()
        day = self.sudo()
        day._recount()
        try:
            closing = cash_day.close(day._drawer(), exact(counted), exact(taken_out))
        except CashDayError as error:
            raise UserError(self._refusal(error)) from error
        if closing.difference and not (note or "").strip():
            raise UserError(
                self.env._(
                    "%(expected)s should be there and %(counted)s were counted. Count again, or "
                    "say why.",
                    expected=day.currency_id._text(day.amount_expected),
                    counted=day.currency_id._text(counted),
                )
            )
        if closing.difference:
            day._book_difference(closing.difference, self.env._("Cash difference at the closing"))
        expected = day.amount_expected
        if taken_out:
            day._take_to_safe(taken_out)
        day.write(
            {
                "state": "closed",
                "closed_at": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
                "amount_expected": expected,
                "closing_amount": counted,
                "closing_difference": float(closing.difference),
                "closing_left": float(closing.left),
                "closing_note": (note or "").strip() or False,
            }
        )

    def _recount(self):
        """Work out the sums anew from payments and movements, and take the next turn."""
        for day in self.filtered(lambda day: day.state == "open"):
            by_method = day._by_method()
            movements = defaultdict(float)
            for movement in day.movement_ids:
                movements[movement.kind] += movement.amount
            day._write_methods(by_method)
            day.write(
                {
                    "turn": day.turn + 1,
                    "amount_received": sum(
                        amount
                        for (journal, _method), (amount, _count) in by_method.items()
                        if journal == day.journal_id
                    ),
                    "amount_all_methods": sum(amount for amount, _count in by_method.values()),
                    "amount_supplied": movements["supply"],
                    "amount_withdrawn": movements["withdrawal"] + movements["expense"],
                    "amount_given_back": movements["given_back"],
                }
            )
            day.amount_expected = float(day._drawer().expected)

    def _by_method(self):
        """{(journal, method line): (BRL, number of payments)} of what is in the books."""
        found = defaultdict(lambda: (0.0, 0))
        for payment in self.payment_ids:
            if payment.state in COUNTED_STATES:
                key = (payment.journal_id, payment.payment_method_line_id)
                amount, count = found[key]
                sign = 1 if payment.payment_type == "inbound" else -1
                found[key] = (amount + sign * payment.amount, count + 1)
        return found

    def _write_methods(self, by_method):
        rows = {(row.journal_id, row.payment_method_line_id): row for row in self.method_ids}
        for key, row in rows.items():
            if key not in by_method:
                row.unlink()
        for key, (amount, count) in by_method.items():
            values = {"amount": amount, "payment_count": count}
            if key in rows:
                rows[key].write(values)
            else:
                journal, method = key
                self.method_ids.create(
                    {
                        "day_id": self.id,
                        "journal_id": journal.id,
                        "payment_method_line_id": method.id,
                        **values,
                    }
                )

    def _drawer(self):
        """The cash in figures (domain terms)."""
        return cash_day.Drawer(
            cents(self.opening_amount),
            cents(self.amount_received),
            cents(self.amount_supplied),
            cents(self.amount_withdrawn),
            cents(self.amount_given_back),
        )

    # ------------------------------------------------------------- helpers

    def _check_own(self):
        """Cashiers their own day, managers everybody's."""
        self._check_role("cashier")
        self.check_access("read")
        if self.user_id != self.env.user and not self.env.user.has_group(
            "optica_cobranca.group_manager"
        ):
            raise AccessError(
                self.env._("This is the cash of %(name)s.", name=self.sudo().user_id.name)
            )
        self._check_open()

    def _check_open(self):
        """As the database knows it now: another window may have closed it."""
        self.ensure_one()
        self.env.cr.execute(
            SQL("SELECT state FROM crediario_cash_day WHERE id = %s FOR NO KEY UPDATE", self.id)
        )
        self.invalidate_recordset(["state"])
        if self.sudo().state != "open":
            raise UserError(
                self.env._("Cash day %(name)s is closed. Open a new one.", name=self.sudo().name)
            )

    @api.model
    def _refusal(self, error):
        money = self.env.company.currency_id._text
        if error.code == ErrorCode.NEGATIVE_CASH:
            return self.env._("Enter amounts of zero or more.")
        if error.code == ErrorCode.TAKEN_ABOVE_COUNTED:
            return self.env._(
                "%(counted)s were counted: take out this much at most.",
                counted=money(float(error.values["counted"])),
            )
        if error.code == ErrorCode.OUT_ABOVE_EXPECTED:
            return self.env._(
                "Only %(expected)s should be in the drawer: take out this much at most.",
                expected=money(float(error.values["expected"])),
            )
        return self.env._("Enter an amount of more than zero.")

    @api.model
    def _sequence(self, company):
        """What numbers this company's cash days, such as CX/2026/00001.

        With sudo: counting days needs no right to configure sequences.
        """
        Sequence = self.env["ir.sequence"].sudo()
        found = Sequence.search(
            [("code", "=", "crediario.cash.day"), ("company_id", "=", company.id)], limit=1
        )
        return found or Sequence.create(
            {
                "name": self.env._("Cash days"),
                "code": "crediario.cash.day",
                "company_id": company.id,
                "prefix": "CX/%(range_year)s/",
                "padding": 5,
                "use_date_range": True,
            }
        )
