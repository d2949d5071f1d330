from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningDisputeWizard(models.TransientModel):
    """Note why customers don't pay: one reason, for one customer or many at once."""

    _name = "dunning.dispute.wizard"
    _description = "Register a Reason for Not Paying"
    _inherit = ["dunning.entry"]

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    partner_count = fields.Integer(compute="_compute_partner_count")
    move_ids = fields.Many2many(
        "account.move",
        string="Contracts",
        domain="[('crediario_plan_id', '!=', False), ('state', '=', 'posted'),"
        " ('commercial_partner_id', 'in', partner_ids), ('company_id', '=', company_id)]",
        help="Empty: everything the customer owes.",
    )
    notice_ids = fields.Many2many("dunning.notice", string="Notices", readonly=True)
    reason_id = fields.Many2one("dunning.dispute.reason")
    advice = fields.Text(related="reason_id.note")
    consequence = fields.Text(compute="_compute_consequence")
    is_health = fields.Boolean(related="reason_id.is_health")
    template_id = fields.Many2one(related="reason_id.template_id")
    send_apology = fields.Boolean(
        compute="_compute_send_apology",
        store=True,
        readonly=False,
        precompute=True,
        help="By the usual ways and at permitted hours, as a message about the service.",
    )
    description = fields.Text(
        help="What the customer said. Write nothing about health that is not needed."
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Photos and Files")

    # ------------------------------------------------------------ defaults

    @api.model
    def default_get(self, fields_list):
        """The customers, contracts or installments chosen on the screen."""
        values = super().default_get(fields_list)
        records = self._chosen()
        if records is None:
            notice = self.env["dunning.notice"].browse(values.get("notice_id"))
            partner = self.env["res.partner"].browse(self.env.context.get("default_partner_id"))
            partners = (partner or notice.partner_id).commercial_partner_id
            company = notice.company_id or self.env.company
            values["notice_ids"] = [fields.Command.set(notice.ids)]
        else:
            partners, company = self._customers_of(records), self._company_of(records)
            target = {
                "account.move.line": "move_line_ids",
                "account.move": "move_ids",
                "dunning.notice": "notice_ids",
            }.get(records._name)
            if target:
                values[target] = [fields.Command.set(records.ids)]
        values.update(company_id=company.id, partner_ids=[fields.Command.set(partners.ids)])
        return values

    # ------------------------------------------------------------- compute

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.partner_ids)

    @api.depends("reason_id")
    def _compute_send_apology(self):
        for wizard in self:
            wizard.send_apology = bool(wizard.reason_id.template_id)

    @api.depends("reason_id")
    def _compute_consequence(self):
        for wizard in self:
            wizard.consequence = "\n".join(wizard._consequences()) if wizard.reason_id else False

    # ------------------------------------------------------------- actions

    def action_register(self):
        """Register the reason for each customer; whoever opened the dialog is told which."""
        self.ensure_one()
        if not self.reason_id:
            raise UserError(self.env._("Choose the reason that comes closest."))
        if not self.partner_ids:
            raise UserError(self.env._("Choose the customer."))
        disputes = self.env["dunning.dispute"]
        for subject in self._subjects():
            dispute = disputes._register_dispute(
                reason=self.reason_id, description=self.description, **subject
            )
            self._hand_over_files(dispute)
            disputes |= dispute
        if self.send_apology and self.template_id:
            self.env["contact.message"]._enqueue(disputes, self.template_id, author=self.env.user)
        return {
            "type": "ir.actions.act_window_close",
            "infos": {"dispute_id": disputes[:1].id, "dispute_ids": disputes.ids},
        }

    # ------------------------------------------------------------- helpers

    def _subjects(self):
        """What each dispute is about: installments by customer, else contracts, else customers."""
        notices = self.notice_ids.grouped("partner_id")
        if self.move_line_ids:
            by_customer = self.move_line_ids.grouped(
                lambda line: line.partner_id.commercial_partner_id
            )
            return [self._subject(partner, lines=lines) for partner, lines in by_customer.items()]
        if self.move_ids:
            return [self._subject(move.commercial_partner_id, move=move) for move in self.move_ids]
        return [
            self._subject(partner, notice=notices.get(partner, self.notice_id)[:1])
            for partner in self.partner_ids
        ]

    def _subject(self, partner, **about):
        return {"partner": partner, "company": self.company_id, "notice": self.notice_id, **about}

    def _hand_over_files(self, dispute):
        """Each dispute has its own copy of the files, readable by who may read the dispute."""
        files = self.attachment_ids
        if len(self.partner_ids) > 1 or len(self.move_ids) > 1:
            files = self.env["ir.attachment"].union(
                *(one.copy({"res_model": dispute._name, "res_id": dispute.id}) for one in files)
            )
        if files:
            dispute.attachment_ids = files

    def _consequences(self):
        reason = self.reason_id
        if not reason.holds:
            yield self.env._("Reminders go on.")
        elif reason.hold_days == 1:
            yield self.env._("Reminders rest for 1 day, or until it is closed.")
        elif reason.hold_days:
            yield self.env._(
                "Reminders rest for %(days)s days, or until it is closed.", days=reason.hold_days
            )
        else:
            yield self.env._("Reminders rest until it is closed.")
        if reason.activity_type_id:
            who = {
                "seller": self.env._("the customer's salesperson"),
                "collector": self.env._("the collector in charge"),
                "user": reason.responsible_user_id.name,
            }[reason.responsible]
            yield self.env._(
                "Task for %(who)s: %(task)s.",
                who=who,
                task=reason.activity_summary or reason.activity_type_id.name,
            )
        if reason.is_health:
            yield self.env._("Only collectors will see it, and no message mentions it.")
