from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# What was said and what was decided: written by the actions only.
FACTS = frozenset(
    {
        "company_id",
        "partner_id",
        "move_id",
        "move_line_ids",
        "notice_id",
        "reason_id",
        "description",
        "origin",
        "state",
        "amount",
        "user_id",
        "seller_id",
        "team_id",
        "opened_at",
        "resolved_at",
        "resolution",
        "closed_by_id",
    }
)


class DunningDispute(models.Model):
    """A customer's reason for not paying: heard, worked on, closed, and counted.

    About installments, else a contract, else everything the customer owes. The only way in is
    ``_register_dispute``; health is never named outside of the record itself.
    """

    _name = "dunning.dispute"
    _description = "Dispute"
    _inherit = [
        "optica.evidence.original",
        "collection.record",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "opened_at desc, id desc"
    _rec_names_search = ["partner_id", "reason_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    phone = fields.Char(related="partner_id.phone")
    move_id = fields.Many2one(
        "account.move",
        string="Contract",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    move_line_ids = fields.Many2many(
        "account.move.line",
        "dunning_dispute_line_rel",
        "dispute_id",
        "move_line_id",
        string="Installments",
        readonly=True,
        check_company=True,
        help="Empty: the whole contract, or all the customer owes.",
    )
    notice_id = fields.Many2one("dunning.notice", readonly=True, ondelete="set null")
    reason_id = fields.Many2one(
        "dunning.dispute.reason",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    shop_fault = fields.Boolean(related="reason_id.shop_fault", store=True)
    is_health = fields.Boolean(related="reason_id.is_health", store=True)
    description = fields.Text(
        readonly=True,
        help="What the customer said. Write nothing about health that is not needed.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", "dunning_dispute_attachment_rel", string="Photos and Files"
    )
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved"), ("rejected", "Not Accepted")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
    )
    holds = fields.Boolean(
        string="Holds the Ladder", help="No reminder about what is disputed while it is open."
    )
    hold_until = fields.Date(
        help="Last day on which the ladder rests. Empty: until the dispute is closed."
    )
    amount = fields.Monetary(
        string="Disputed Amount",
        readonly=True,
        help="What was left to pay of it when the reason was heard, late charges not counted.",
    )
    user_id = fields.Many2one("res.users", string="Taken By", required=True, readonly=True)
    seller_id = fields.Many2one("res.users", string="Salesperson", readonly=True, index=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    responsible_id = fields.Many2one("res.users", tracking=True, domain="[('share', '=', False)]")
    opened_at = fields.Datetime(string="Opened On", required=True, readonly=True)
    resolved_at = fields.Datetime(string="Closed On", readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True)
    resolution = fields.Text(readonly=True, help="How it ended, in words the customer may hear.")
    prevention = fields.Char(
        string="What Prevents It Next Time",
        help="One sentence: what the shop changes so that this does not happen again.",
    )
    days_open = fields.Float(
        string="Days to Close",
        compute="_compute_days_open",
        store=True,
        aggregator="avg",
        digits=(16, 1),
    )

    _evidence_fields = (
        "reason_id",
        "description",
        "amount",
        "user_id",
        "opened_at",
        "origin",
        "state",
        "resolution",
        "resolved_at",
        "closed_by_id",
    )

    _open = models.Index("(company_id) WHERE state = 'open'")

    # ------------------------------------------------------------- compute

    @api.depends("opened_at", "resolved_at")
    def _compute_days_open(self):
        for dispute in self:
            passed = dispute.resolved_at and dispute.resolved_at - dispute.opened_at
            dispute.days_open = passed.total_seconds() / 86400 if passed else 0.0

    @api.depends("partner_id", "reason_id")
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = self.env._(
                "%(customer)s: %(reason)s",
                customer=dispute.partner_id.name or "",
                reason=dispute.reason_id.name or "",
            )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """What was said stays as it was; decisions are made by their buttons."""
        if not self.env.su and FACTS & vals.keys():
            raise UserError(
                self.env._("Use the buttons to close or reopen a dispute; the facts of it stay.")
            )
        if "attachment_ids" not in vals:
            return super().write(vals)
        rest = {name: vals[name] for name in vals if name != "attachment_ids"}
        for dispute in self:
            added = dispute._files_added(vals["attachment_ids"])
            commands = [fields.Command.link(file.id) for file in dispute._own_files(added)]
            super(DunningDispute, dispute).write({**rest, "attachment_ids": commands})
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A dispute is part of the customer's history: close it."))

    # ------------------------------------------------------------- actions

    def action_resolve(self):
        """Ask how it was resolved."""
        return self._action_close("resolved")

    def action_reject(self):
        """Ask why the reason is not accepted."""
        return self._action_close("rejected")

    def action_reopen(self):
        """Undo the closing: the ladder rests again as long as the reason says."""
        self._check_collector()
        closed = self.filtered(lambda dispute: dispute.state != "open")
        closed.sudo().write({"state": "open", "resolved_at": False, "closed_by_id": False})
        for dispute in closed:
            dispute._stop_messages()
            dispute._log_customer(self.env._("The reason for not paying is open again."))

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    def action_open_installments(self):
        """Open the installments that this is about."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {**action, "domain": self._installments_domain(), "context": {}}

    # ------------------------------------------------------------- helpers

    def _action_close(self, state):
        self._check_collector()
        if any(dispute.state != "open" for dispute in self):
            raise UserError(self.env._("Only open disputes can be closed."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_dunning_dispute_close"
        )
        return {
            **action,
            "context": {"default_dispute_ids": self.ids, "default_state": state},
        }

    def _installments_domain(self):
        """Domain of account.move.line: what the disputes are about."""
        domains = []
        for dispute in self:
            if dispute.move_line_ids:
                domains.append([("id", "in", dispute.move_line_ids.ids)])
            elif dispute.move_id:
                domains.append([("move_id", "=", dispute.move_id.id)])
            else:
                domains.append(
                    [
                        ("partner_id", "=", dispute.partner_id.id),
                        ("company_id", "=", dispute.company_id.id),
                    ]
                )
        return list(
            fields.Domain("crediario_plan_id", "!=", False)
            & fields.Domain("parent_state", "=", "posted")
            & fields.Domain.OR(domains)
        )

    def _files_added(self, commands):
        """The files that these commands put with the dispute; none may take one out."""
        kept = self.sudo().attachment_ids.ids
        wanted, files = set(), self.env["ir.attachment"]
        for command, number, *values in commands:
            if command == fields.Command.SET and set(kept) <= set(values[0]):
                wanted |= set(values[0])
            elif command == fields.Command.LINK:
                wanted.add(number)
            elif command == fields.Command.CREATE:
                files |= files.create({**values[0], "res_model": self._name, "res_id": self.id})
            else:
                raise UserError(self.env._("Files of a dispute stay with it. Add what is new."))
        files |= files.browse(sorted(wanted - set(kept)))
        files.check_access("read")
        return files

    def _own_files(self, files):
        """These files as the dispute's own, which stay as they are from now on.

        What was put up for this very dispute becomes its own; any other file that the user may
        read stays where it belongs, and the dispute gets a copy.

        With sudo: they are fixed for whoever added them, too.
        """
        own = self.env["ir.attachment"].sudo()
        here = {"res_model": self._name, "res_id": self.id}
        for file in files.sudo():
            fresh = file.res_model in (self._name, "dunning.dispute.wizard", False) and (
                not file.res_id or file.res_id == self.id
            )
            mine = fresh and file.create_uid.id == self.env.uid and not file.optica_evidence
            if mine or (fresh and self.env.su):
                file.write(here)
                own |= file
            else:
                own |= file.copy(here)
        own._keep_as_evidence()
        return own

    @api.model
    def _check_collector(self):
        self._check_role("collector", allow_system=True)
        self.check_access("read")

    # ------- How a reason gets registered, what follows from it, and how it ends

    @api.model
    def _register_dispute(
        self, partner, company, reason, description="", lines=None, move=None, notice=None
    ):
        """Note why ``partner`` does not pay; what the reason says happens at once.

        :param lines: installments it is about; else the contract ``move``; else everything
        :return: the dispute
        :raise UserError: when the same reason is open already, for another's installments,
            without the right to.
        """
        self._check_collector()
        partner = partner.commercial_partner_id
        partner.check_access("read")
        lines = lines or self.env["account.move.line"]
        move = move or (lines.move_id if len(lines.move_id) == 1 else self.env["account.move"])
        self._check_subject(partner, company, lines, move)
        # With sudo: nobody has the right to create disputes, this method is the one way.
        dispute = self.sudo().create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "move_id": move.id,
                "move_line_ids": [fields.Command.set(lines.ids)],
                "notice_id": notice.id if notice else False,
                "reason_id": reason.id,
                "description": (description or "").strip() or False,
                "user_id": self.env.uid,
                "opened_at": fields.Datetime.now(),
                "holds": reason.holds,
                "hold_until": self._hold_until(reason),
                "amount": self._disputed_amount(partner, company, lines, move),
                **self._sale_of(partner, lines, move),
            }
        )
        dispute._check_only_one()
        dispute._assign()
        dispute._stop_messages()
        dispute._log_opened()
        return dispute.sudo(self.env.su)

    def _close(self, state, resolution, prevention=None):
        """End disputes; the ladder goes on with its next level.

        :param state: ``resolved`` or ``rejected``
        :raise UserError: without words for it
        """
        self._check_collector()
        if not (resolution or "").strip():
            raise UserError(self.env._("Write how it ended: whoever is asked next will need it."))
        still_open = self.filtered(lambda dispute: dispute.state == "open")
        # With sudo: decisions are written by their buttons only.
        still_open.sudo().write(
            {
                "state": state,
                "resolution": resolution.strip(),
                "resolved_at": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
                **({"prevention": prevention.strip()} if prevention else {}),
            }
        )
        # Whoever closes it has done what there was to do, whosever task it was.
        still_open.sudo().activity_ids.action_feedback()
        for dispute in still_open:
            dispute._log_customer(self.env._("The reason for not paying is settled."))

    @api.model
    def _check_subject(self, partner, company, lines, move):
        moves = lines.move_id | move
        strangers = (
            any(line.partner_id.commercial_partner_id != partner for line in lines.sudo())
            or any(one.commercial_partner_id != partner for one in moves.sudo())
            or any(one.company_id != company for one in moves.sudo())
        )
        if strangers:
            raise UserError(
                self.env._(
                    "A dispute is about one customer's contracts in one company. Choose those of "
                    "%(customer)s.",
                    customer=partner.display_name,
                )
            )
        if any(not line.crediario_plan_id for line in lines) or (move and not move.installment_ids):
            raise UserError(
                self.env._("Choose installments, or a contract that is paid in installments.")
            )

    def _check_only_one(self):
        """The same reason about the same thing is heard once, however often it is clicked."""
        same = self.search(
            [
                ("id", "!=", self.id),
                ("state", "=", "open"),
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("reason_id", "=", self.reason_id.id),
                ("move_id", "=", self.move_id.id),
            ]
        )
        if any(other.move_line_ids == self.move_line_ids for other in same):
            raise UserError(
                self.env._(
                    "“%(reason)s” of %(customer)s is open already. Add what is new to that one.",
                    reason=self.reason_id.name,
                    customer=self.partner_id.display_name,
                )
            )

    @api.model
    def _hold_until(self, reason):
        if not reason.holds or not reason.hold_days:
            return False
        return fields.Date.context_today(self) + timedelta(days=reason.hold_days)

    @api.model
    def _disputed_amount(self, partner, company, lines, move):
        """Open principal of what is disputed, BRL.

        With sudo: the figure is the same for every reader.
        """
        installments = (lines or move.installment_ids).sudo()
        if not installments:
            installments = partner.with_company(company)._open_installments()
        return sum(installments.mapped("amount_residual"))

    @api.model
    def _sale_of(self, partner, lines, move):
        """Who sold it, for the report of reasons: of the contract, else of the customer's last."""
        contract = (move or lines.move_id[:1]).sudo()
        seller = contract.invoice_user_id or partner.user_id
        return {"seller_id": seller.id, "team_id": contract.team_id.id}

    def _assign(self):
        """The activity of the reason, for whoever it names."""
        reason = self.reason_id
        user = self._responsible_user()
        self.responsible_id = user
        if reason.activity_type_id:
            self.activity_schedule(
                activity_type_id=reason.activity_type_id.id,
                summary=reason.activity_summary or "",
                date_deadline=fields.Date.context_today(self)
                + timedelta(days=reason.activity_days),
                user_id=user.id,
            )

    def _responsible_user(self):
        """Who works on it; whoever took it where nobody else is named or may see it.

        A customer who says it on their page is nobody who could work on it.
        """
        reason = self.reason_id
        in_charge = self.company_id.dunning_user_id
        wanted = {
            "seller": self.seller_id or in_charge,
            "collector": in_charge,
            "user": reason.responsible_user_id,
        }[reason.responsible]
        group = "collector" if reason.is_health else "seller"
        may_see = (
            wanted.active
            and self.company_id in wanted.company_ids
            and wanted.has_group(f"optica_cobranca.group_{group}")
        )
        found = wanted if may_see else self.user_id
        if found.active and not found.share:
            return found
        return self.company_id._person_in_charge(self.partner_id, "optica_cobranca.group_collector")

    def _stop_messages(self):
        """What waits to be sent is taken back, unless the ladder goes on in spite of the reason."""
        if self.holds:
            self.env["contact.message"].sudo()._cancel_collection(self.partner_id, "disputed")

    def _log_opened(self):
        if self.is_health:
            self._log_customer(self.env._("Told the collector why payment is late."))
        else:
            self._log_customer(
                self.env._("Reason for not paying: %(reason)s.", reason=self.reason_id.name)
            )

    def _log_customer(self, body):
        """A line in the customer's history, and in the notice's; never what was said."""
        for record in filter(None, (self.partner_id, self.notice_id)):
            record._tell_collection(self.company_id, body, self.partner_id)
