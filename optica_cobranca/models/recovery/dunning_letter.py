from odoo import api, fields, models
from odoo.exceptions import UserError

UNPOSTED = ("to_print", "printed")
# Without these no postman finds anybody.
NEEDED = ("street", "city", "zip")
REPORT = "optica_cobranca.action_report_letter"


class DunningLetter(models.Model):
    """A letter to a late customer: printed in batches, posted, delivered or come back.

    Users have no right to write: printing, posting and its fate are methods.
    """

    _name = "dunning.letter"
    _description = "Letter to a Customer"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    # Those of one PDF in the order of its pages: envelopes, screen and list of codes agree.
    _order = "export_id desc, print_position, id desc"
    _rec_names_search = ["number", "partner_id", "tracking_code"]
    _mail_post_access = "read"

    notice_id = fields.Many2one(
        "dunning.notice", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    bureau_case_id = fields.Many2one(
        "dunning.bureau.case", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    kind = fields.Selection(
        [("statement", "Statement of what is late"), ("bureau", "Notice before the bureau")],
        required=True,
        readonly=True,
        default="statement",
    )
    state = fields.Selection(
        [
            ("to_print", "To Print"),
            ("printed", "Printed"),
            ("posted", "Posted"),
            ("delivered", "Delivered"),
            ("returned", "Returned"),
            ("cancelled", "Cancelled"),
        ],
        default="to_print",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    address = fields.Text(
        readonly=True,
        help="As printed on the letter; a later change of the customer's address "
        "does not change it.",
    )
    address_missing = fields.Boolean(
        compute="_compute_address_missing",
        search="_search_address_missing",
        help="Street, city or postcode is missing, or the last letter came back.",
    )
    amount = fields.Monetary(
        string="Total on the Letter", readonly=True, help="With late charges, on the day printed."
    )
    printed_at = fields.Datetime(string="Printed On", readonly=True)
    printed_by_id = fields.Many2one("res.users", readonly=True)
    print_count = fields.Integer(string="Times Printed", readonly=True)
    export_id = fields.Many2one(
        "dunning.export", string="Printed With", readonly=True, ondelete="restrict"
    )
    print_position = fields.Integer(
        string="Page", readonly=True, help="Where it lies in the pile that was printed, from 1."
    )
    number = fields.Char(
        compute="_compute_number",
        search="_search_number",
        help="Printed on the letter, as bars too: by it the tracking code finds its letter.",
    )
    posted_on = fields.Date(readonly=True, tracking=True)
    tracking_code = fields.Char(readonly=True, tracking=True, copy=False)
    delivered_on = fields.Date(readonly=True, tracking=True)
    returned_on = fields.Date(readonly=True, tracking=True)
    reason = fields.Char(readonly=True, help="Why it came back, or was cancelled.")

    _notice_once = models.UniqueIndex(
        "(notice_id) WHERE notice_id IS NOT NULL AND state <> 'cancelled'",
        "This notice has its letter already.",
    )
    _tracking_once = models.UniqueIndex(
        "(tracking_code) WHERE tracking_code IS NOT NULL",
        "This tracking code belongs to another letter.",
    )

    # ------------------------------------------------------------- compute

    def _compute_number(self):
        for letter in self:
            letter.number = f"{letter._origin.id:06d}" if letter._origin.id else ""

    def _search_number(self, operator, value):
        if operator not in ("in", "=", "ilike", "like", "=ilike"):
            return NotImplemented
        texts = value if operator == "in" else [value]
        ids = [int(text) for text in map(str, texts) if text.isdecimal() and len(text) < 10]
        return [("id", "in", ids)]

    @api.depends("partner_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for letter in self:
            letter.display_name = f"{letter.partner_id.name or ''}: {kinds.get(letter.kind, '')}"

    @api.depends(
        "partner_id.street", "partner_id.city", "partner_id.zip", "partner_id.letter_returned_on"
    )
    def _compute_address_missing(self):
        for letter in self:
            partner = letter.partner_id
            letter.address_missing = bool(partner.letter_returned_on) or not all(
                partner[name] for name in NEEDED
            )

    def _search_address_missing(self, operator, value):
        if operator != "in":
            return NotImplemented
        missing = fields.Domain("partner_id.letter_returned_on", "!=", False)
        for name in NEEDED:
            missing |= fields.Domain(f"partner_id.{name}", "in", (False, ""))
        return missing if True in value else ~missing

    # ---------------------------------------------------------------- CRUD

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Letters are part of the customer's history: cancel instead."))

    # ------------------------------------------------------------- actions

    def action_cancel(self):
        """Take letters that were not posted out of the queue."""
        letters = self._for_collector().filtered(lambda letter: letter.state in UNPOSTED)
        if not letters:
            raise UserError(self.env._("Letters that were posted cannot be cancelled any more."))
        letters._cancel_unposted()

    def action_post(self):
        """Open the dialog for the day of posting and the tracking codes."""
        return self._open_wizard("post")

    def action_deliver(self):
        """Open the dialog for the day of delivery."""
        return self._open_wizard("deliver")

    def action_return(self):
        """Open the dialog for letters that came back."""
        return self._open_wizard("return")

    # ------------------------------------------------------------ business

    @api.model
    def _make_for_notices(self, notices):
        """A letter to print for each of these notices that has none yet and is still owed."""
        self._check_role("collector", allow_system=True)
        done = self.sudo().search([("notice_id", "in", notices.ids), ("state", "!=", "cancelled")])
        waiting = notices.sudo() - done.notice_id
        waiting = waiting.filtered(lambda notice: notice._is_owed())
        return (
            self.sudo()
            .create(
                [
                    {
                        "company_id": notice.company_id.id,
                        "partner_id": notice.partner_id.id,
                        "notice_id": notice.id,
                    }
                    for notice in waiting
                ]
            )
            .with_env(self.env)
        )

    @api.model
    def _make_for_case(self, case):
        """The written notice before the bureau (CDC art. 43 §2), to be printed."""
        return self.create(
            {
                "company_id": case.company_id.id,
                "partner_id": case.partner_id.id,
                "bureau_case_id": case.id,
                "kind": "bureau",
            }
        )

    def _post(self, day, codes=None):
        """These letters left on ``day``; ``codes``: tracking code by letter."""
        self._need_state(("printed",), self.env._("Only printed letters can be posted."))
        for letter in self:
            letter.write(
                {
                    "state": "posted",
                    "posted_on": day,
                    "tracking_code": (codes or {}).get(letter) or False,
                }
            )
            letter._tell_customer_page(self.env._("Letter posted"))
            if letter.bureau_case_id:
                channel = "registered" if letter.tracking_code else "letter"
                letter.bureau_case_id._notice_sent(channel, day)

    def _deliver(self, day):
        """These letters reached their customers on ``day``."""
        self._need_state(("posted",), self.env._("Only posted letters are delivered."))
        for letter in self:
            letter.write({"state": "delivered", "delivered_on": day})
            letter.bureau_case_id._prove(day, letter.tracking_code or letter.display_name)

    def _return(self, day, reason):
        """These letters came back: the address is marked and somebody asks the customer."""
        self._need_state(("posted",), self.env._("Only posted letters come back."))
        for letter in self:
            letter.write({"state": "returned", "returned_on": day, "reason": reason})
            letter.bureau_case_id._notice_returned()
            letter.partner_id.letter_returned_on = day
            letter.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=letter.company_id._business_calendar().next_business_day(day),
                summary=self.env._("Ask for the right address"),
                note=reason or "",
                user_id=letter.company_id._recovery_user().id,
            )

    def _in_print_order(self):
        """As they lie in the pile: one PDF after the other, page after page."""
        return self.sorted(lambda letter: (letter.export_id.id, letter.print_position, letter.id))

    def _cancel_unposted(self):
        self.filtered(lambda letter: letter.state in UNPOSTED).write({"state": "cancelled"})

    # ------------------------------------------------------------- helpers

    def _for_collector(self):
        """These letters with the right to write them, for a collector who may read them.

        The one place where buttons gain it: users have none, so that a letter's history is what
        happened to it.
        """
        self._check_role("collector", allow_system=True)
        self.check_access("read")
        return self.sudo()

    def _need_state(self, states, message):
        if any(letter.state not in states for letter in self):
            raise UserError(message)

    def _tell_customer_page(self, what):
        code = f" ({self.tracking_code})" if self.tracking_code else ""
        self.partner_id._tell_collection(self.company_id, f"{what}: {self.display_name}{code}")

    def _open_wizard(self, mode):
        names = {
            "post": self.env._("Letters Posted"),
            "deliver": self.env._("Letters Delivered"),
            "return": self.env._("Letters Returned"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": names[mode],
            "res_model": "dunning.letter.fate",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_letter_ids": self.ids, "default_mode": mode},
        }

    # ---- One PDF for all letters that wait; they are printed when the PDF exists, not before

    def action_print(self):
        """Print the chosen letters that wait, in one PDF. What was paid is cancelled instead."""
        letters = self._for_collector().filtered(lambda letter: letter.state == "to_print")
        return letters._print_batch()

    def action_print_waiting(self):
        """Print every waiting letter of the companies at hand."""
        waiting = [("state", "=", "to_print"), ("company_id", "in", self.env.companies.ids)]
        return self.search(waiting).action_print()

    def action_print_again(self):
        """Print letters once more, on today's amounts; their state stays."""
        letters = self._for_collector()
        letters = letters.filtered(lambda letter: letter.state in ("printed", "posted"))
        if not letters:
            raise UserError(self.env._("Only letters that were printed can be printed again."))
        return letters._make_pdf()._open_or_download()

    def _print_batch(self):
        owed = self.filtered(lambda letter: letter._late_lines())
        (self - owed).write({"state": "cancelled", "reason": self.env._("Paid before printing.")})
        ready = owed.filtered(lambda letter: not letter.address_missing)
        if not ready:
            raise UserError(
                self.env._(
                    "Nothing to print: no letter waits, or the addresses are missing. "
                    "See “Address Missing”."
                )
            )
        exports = ready._make_pdf()
        ready.filtered(lambda letter: letter.state == "to_print").state = "printed"
        return exports._open_or_download()

    def _make_pdf(self):
        """The PDF of these letters, one for each company, kept; the letters know which it is.

        The address and the total are kept as they are printed.
        """
        exports = self.env["dunning.export"]
        today = fields.Date.context_today(self)
        for company, letters in self.grouped("company_id").items():
            ordered = letters.with_company(company).sorted(
                lambda letter: (letter.partner_id.zip or "", letter.id)
            )
            for letter in ordered:
                letter.address = "\n".join(letter._address_lines())
            content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(REPORT, ordered.ids)
            export = exports._store(
                "letters",
                f"cartas-{fields.Datetime.now():%Y%m%d-%H%M%S}.pdf",
                content,
                company,
                ordered.partner_id,
            )
            for position, letter in enumerate(ordered, start=1):
                letter.write(
                    {
                        "export_id": export.id,
                        "print_position": position,
                        "amount": letter._total_on(today),
                        "printed_at": fields.Datetime.now(),
                        "printed_by_id": self.env.uid,
                        "print_count": letter.print_count + 1,
                    }
                )
            exports |= export
        return exports

    def _late_lines(self):
        """What the letter is about: the case's debts, else all of the customer's late ones."""
        if self.bureau_case_id:
            lines = self.bureau_case_id.line_ids.move_line_id
            return lines.filtered(
                lambda line: line.parent_state == "posted" and line.amount_residual > 0
            )._sorted_for_receiving()
        lines = self.partner_id.with_company(self.company_id)._open_installments()
        today = fields.Date.context_today(self)
        return lines.filtered(lambda line: line.date_maturity < today)

    def _total_on(self, day):
        amounts = self._late_lines()._amounts_today(day)
        return float(sum(amount.total for amount in amounts.values()))

    def _address_lines(self):
        """The customer's address as the postman reads it, line by line."""
        partner = self.partner_id
        city = " - ".join(filter(None, (partner.city, partner.state_id.code)))
        lines = (partner.name, partner.street, partner.street2, f"{partner.zip or ''} {city}")
        return [line.strip() for line in lines if line and line.strip()]
