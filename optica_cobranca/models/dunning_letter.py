from odoo import api, fields, models
from odoo.exceptions import UserError

UNPOSTED = ("to_print", "printed")
# Without these no postman finds anybody.
NEEDED = ("street", "city", "zip")


class DunningLetter(models.Model):
    """A letter to a late customer: printed in batches, posted, delivered or come back.

    Users have no right to write: printing, posting and its fate are methods.
    """

    _name = "dunning.letter"
    _description = "Letter to a Customer"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["partner_id", "tracking_code"]
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
        self.env["dunning.export"]._check_group("collector")
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

    def _cancel_unposted(self):
        self.filtered(lambda letter: letter.state in UNPOSTED).write({"state": "cancelled"})

    # ------------------------------------------------------------- helpers

    def _for_collector(self):
        """These letters with the right to write them, for a collector who may read them.

        The one place where buttons gain it: users have none, so that a letter's history is what
        happened to it.
        """
        self.env["dunning.export"]._check_group("collector")
        self.check_access("read")
        return self.sudo()

    def _need_state(self, states, message):
        if any(letter.state not in states for letter in self):
            raise UserError(message)

    def _tell_customer_page(self, what):
        self.partner_id.message_post(
            body=f"{what}: {self.display_name}"
            + (f" ({self.tracking_code})" if self.tracking_code else "")
        )

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
