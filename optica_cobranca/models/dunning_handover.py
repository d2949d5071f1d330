from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain.agency import recovery
from ..domain.money import exact

WITH_AGENCY = ("handed_over", "partly")


class DunningHandover(models.Model):
    """Late installments of one customer that an agency collects instead of the shop.

    Users have no right to write; each step is a method with its check.
    """

    _name = "dunning.handover"
    _description = "Hand-over to an Agency"
    _inherit = ["collection.record", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["partner_id"]
    _mail_post_access = "read"

    agency_id = fields.Many2one(
        "dunning.agency", readonly=True, ondelete="restrict", tracking=True, index=True
    )
    notice_id = fields.Many2one(
        "dunning.notice", string="Proposed by", readonly=True, ondelete="restrict"
    )
    line_ids = fields.One2many(
        "dunning.handover.line", "handover_id", string="Debts", readonly=True
    )
    state = fields.Selection(
        [
            ("draft", "Proposed"),
            ("handed_over", "With the Agency"),
            ("partly", "Paid in Part"),
            ("recovered", "Recovered"),
            ("returned", "Taken Back"),
            ("cancelled", "Not Handed Over"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    amount = fields.Monetary(
        string="Handed Over",
        compute="_compute_amount",
        store=True,
        help="Principal and late charges on the day of the hand-over.",
    )
    commission_percent = fields.Float(
        string="Commission (%)", digits=(16, 2), readonly=True, help="As agreed on that day."
    )
    amount_recovered = fields.Monetary(
        string="Paid Since", readonly=True, help="Principal and charges paid since the hand-over."
    )
    commission = fields.Monetary(readonly=True, help="On what was paid since the hand-over.")
    last_payment_on = fields.Date(string="Last Payment", readonly=True)
    approved_by_id = fields.Many2one("res.users", readonly=True, tracking=True)
    handed_over_on = fields.Date(readonly=True, tracking=True)
    returned_on = fields.Date(string="Taken Back On", readonly=True, tracking=True)
    reason = fields.Char(readonly=True, tracking=True)
    export_id = fields.Many2one("dunning.export", string="File", readonly=True, ondelete="restrict")

    _approved = models.Constraint(
        "CHECK(state IN ('draft', 'cancelled') OR (approved_by_id IS NOT NULL"
        " AND agency_id IS NOT NULL AND handed_over_on IS NOT NULL))",
        "Nothing goes to an agency without a manager's approval.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("partner_id", "agency_id")
    def _compute_display_name(self):
        for handover in self:
            names = (handover.partner_id.name, handover.agency_id.name)
            handover.display_name = " → ".join(filter(None, names))

    @api.depends("line_ids.total")
    def _compute_amount(self):
        for handover in self:
            handover.amount = sum(handover.line_ids.mapped("total"))

    # ---------------------------------------------------------------- CRUD

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Hand-overs stay on record: take them back instead."))

    # ------------------------------------------------------------- actions

    def action_hand_over(self):
        """Choose the agency and hand over."""
        return self._open_wizard("hand_over")

    def action_take_back(self):
        """Ask for the reason and take back."""
        return self._open_wizard("take_back")

    def action_download(self):
        """Save the agency's file once more."""
        self.ensure_one()
        return self.export_id.action_download()

    # ------------------------------------------------------------ business

    @api.model
    def _propose(self, lines, notice=None):
        """One proposal for each customer and company of these late installments.

        Left out is what is paid, not late, or proposed already.
        """
        self.env["dunning.export"]._check_group("collector")
        today = fields.Date.context_today(self)
        late = lines.sudo().filtered(
            lambda line: (
                line.crediario_plan_id
                and line.parent_state == "posted"
                and line.amount_residual > 0
                and line.date_maturity < today
            )
        )
        taken = self.env["dunning.handover.line"].sudo()
        late -= taken.search([("move_line_id", "in", late.ids), ("live", "=", True)]).move_line_id
        handovers = self.browse()
        for (company, partner), debts in late.grouped(
            lambda line: (line.company_id, line.partner_id.commercial_partner_id)
        ).items():
            handovers |= self.sudo().create(
                {
                    "company_id": company.id,
                    "partner_id": partner.id,
                    "notice_id": notice.id if notice else False,
                    "line_ids": [
                        fields.Command.create(values) for values in debts._handover_values(today)
                    ],
                }
            )
        return handovers.with_env(self.env)

    def _hand_over(self, agency):
        """A manager hands these proposals to ``agency``: amounts of today, file, ladder stops.

        :return: the file, one for each company
        """
        today = fields.Date.context_today(self)
        drafts = self._for("manager").filtered(lambda handover: handover.state == "draft")
        for draft in drafts:
            draft._refresh(today)
        drafts = drafts.filtered("line_ids")
        if not drafts:
            raise UserError(self.env._("Nothing to hand over: paid, or with an agency already."))
        exports = self.env["dunning.export"]
        for company, handovers in drafts.grouped("company_id").items():
            export = handovers._export(agency, company, today)
            handovers.write(
                {
                    "state": "handed_over",
                    "agency_id": agency.id,
                    "commission_percent": agency.commission_percent,
                    "approved_by_id": self.env.uid,
                    "handed_over_on": today,
                    "export_id": export.id,
                }
            )
            exports |= export
        self.env["contact.message"].sudo()._cancel_queued(
            drafts.partner_id, ("collection",), "held"
        )
        return exports

    def _take_back(self, reason):
        """End the agency's work: the shop's ladder goes on with the next level."""
        today = fields.Date.context_today(self)
        handovers = self._for("manager")
        handovers._review()
        for handover in handovers:
            if handover.state == "draft":
                handover.write({"state": "cancelled", "reason": reason})
            elif handover.state in WITH_AGENCY:
                handover.write({"state": "returned", "returned_on": today, "reason": reason})

    @api.model
    def _cron_review(self):
        """Nightly: what customers paid of what an agency has."""
        self.search([("state", "in", WITH_AGENCY)])._review()

    def _review(self):
        """Count what was paid since the hand-over, with its commission; idempotent."""
        living = self.sudo().filtered(lambda handover: handover.state in WITH_AGENCY)
        histories = living.line_ids.move_line_id._installment_payments()
        for handover in living:
            payments = [
                payment
                for line in handover.line_ids.move_line_id
                for payment in histories[line.id].later
            ]
            got = recovery(payments, handover.handed_over_on, exact(handover.commission_percent))
            is_open = any(line.amount_open > 0 for line in handover.line_ids)
            handover.write(
                {
                    "amount_recovered": float(got.paid),
                    "commission": float(got.commission),
                    "last_payment_on": got.last_on or False,
                    "state": "partly" if is_open and got.paid else handover._still(is_open),
                }
            )

    # ------------------------------------------------------------- helpers

    def _still(self, is_open):
        return "handed_over" if is_open else "recovered"

    def _for(self, group):
        """These with the right to write them, for a user of ``group`` who may read them."""
        self.env["dunning.export"]._check_group(group)
        self.check_access("read")
        return self.sudo()

    def _refresh(self, day):
        """The amounts of ``day``; what was paid meanwhile leaves the proposal."""
        lines = self.line_ids.move_line_id.filtered(lambda line: line.amount_residual > 0)
        self.line_ids.unlink()
        self.write(
            {"line_ids": [fields.Command.create(vals) for vals in lines._handover_values(day)]}
        )
        if not lines:
            self.write({"state": "cancelled", "reason": self.env._("Paid before the hand-over.")})

    def _open_wizard(self, mode):
        names = {
            "hand_over": self.env._("Hand Over to an Agency"),
            "take_back": self.env._("Take Back from the Agency"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": names[mode],
            "res_model": "dunning.handover.decision",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_handover_ids": self.ids, "default_mode": mode},
        }
