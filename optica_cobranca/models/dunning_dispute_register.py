from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningDispute(models.Model):
    """How a reason gets registered, what follows from it, and how it ends."""

    _inherit = "dunning.dispute"

    # ------------------------------------------------------------ business

    @api.model
    def _register_dispute(
        self, partner, company, reason, description="", lines=None, move=None, notice=None
    ):
        """Note why ``partner`` does not pay; what the reason says happens at once.

        :param lines: installments it is about; else the contract ``move``; else everything
        :return: the dispute
        :raises UserError: when the same reason is open already, for another's installments,
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
        :raises UserError: without words for it
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

    # ------------------------------------------------------------- helpers

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
        """Who works on it; whoever took it where nobody else is named or may see it."""
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
        return wanted if may_see else self.user_id

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
            record.sudo()._message_log(body=body)
