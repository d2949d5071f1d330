from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .crediario_agreement_own import CUSTOMER
from .customer_proof import NOTE_LENGTH

# A customer's request rests the ladder, so that they come one at a time and not every day.
REQUEST_PAUSE_DAYS = 15


class CrediarioAgreement(models.Model):
    """What a customer asks for beyond the self-service limits, and the shop's answer to it."""

    _inherit = "crediario.agreement"

    offered_at = fields.Datetime(
        string="Offered to the Customer On",
        readonly=True,
        copy=False,
        help="Since then the customer may accept it on their page.",
    )

    # ------------------------------------------------------------- actions

    def action_offer(self):
        """Put the proposal on the customer's page, and open the message that tells of it."""
        self.ensure_one()
        self._check_state("draft", "approved")
        self._check_acceptable()
        self._offer()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("optica_cobranca.action_contact_send"),
            "context": {
                "active_model": self._name,
                "active_ids": self.ids,
                "default_template_id": self.env.ref(
                    "optica_cobranca.template_agreement_offer", raise_if_not_found=False
                ).id,
            },
        }

    def action_approve(self):
        """What the customer asked for and a manager approves, the customer may accept."""
        result = super().action_approve()
        self.filtered(lambda agreement: agreement.origin in CUSTOMER)._offer()
        return result

    def action_back_to_proposal(self):
        """While its terms change, the customer cannot accept it."""
        result = super().action_back_to_proposal()
        self.sudo().offered_at = False
        return result

    def action_update(self):
        """Brought up to date it is another proposal, to be offered anew."""
        result = super().action_update()
        self.sudo().offered_at = False
        return result

    # ------------------------------------------------------------ business

    @api.model
    def _ask(self, service, choice, note, proof):
        """The customer proposes what is beyond the limits; a manager decides.

        :return: the agreement, to be approved
        :raises UserError: nothing can be asked for, or it was asked for already
        """
        self._lock_for_customer(service.lines)
        if not service.offers.may_ask:
            raise UserError(" ".join(self._refusal_texts(service)))
        self._check_not_asked_lately(service)
        answer = self._work_out(service, choice)
        agreement = self._create_own(service, answer, proof)
        agreement.write({"state": "to_approve", "note": (note or "").strip()[:NOTE_LENGTH]})
        person = service.company._person_in_charge(service.partner)
        agreement.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("The customer asks for an agreement"),
            note=self.env._("Approve it, change its terms and offer them, or cancel it."),
            date_deadline=service.today,
            user_id=person.id,
        )
        agreement._log_outcome(
            self.env._("The customer asked for agreement %(name)s.", name=agreement.name)
        )
        return agreement

    def _accept_offer(self, digest, proof):
        """The customer accepts what the shop offers.

        With sudo: that it is the customer's own is the caller's matter.
        :raises UserError: it is not offered any more, has expired, or was shown otherwise
        """
        agreement = self.sudo().with_context(tz=self.sudo().company_id.contact_timezone)
        self._lock_for_customer(agreement.line_ids.move_line_id)
        agreement.invalidate_recordset(["state", "offered_at"])
        agreement._check_offered()
        down_until = agreement._offer_pay_until()
        terms = agreement._terms_of_offer(down_until)
        self._check_shown(terms, digest)
        self.env["crediario.acceptance"]._record(agreement, terms, proof)
        agreement._accept(down_until)
        agreement.activity_ids.unlink()
        agreement._log_outcome(
            self.env._("The customer accepted agreement %(name)s.", name=agreement.name)
        )

    def _is_offered(self):
        """Whether the customer may accept it today."""
        today = fields.Date.context_today(self)
        return bool(
            self.state == "approved"
            and self.offered_at
            and today <= self.valid_until
            and today <= self.first_due_date
        )

    def _offer_pay_until(self):
        """Last day for the down payment of an offer accepted today; None where there is none."""
        if not self.down_payment:
            return None
        return self._down_payment_until(fields.Date.context_today(self))

    @api.model
    def _awaited_of(self, partner, companies):
        """What awaits the customer's answer or down payment; one or none, with sudo."""
        found = self.sudo().search_fetch(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", companies.ids),
                ("state", "in", ("approved", "waiting")),
            ],
            ["state", "offered_at", "valid_until", "first_due_date"],
            order="state desc, id",
        )
        return found.filtered(lambda own: own.state == "waiting" or own._is_offered())[:1]

    # ------------------------------------------------------------- helpers

    def _down_payment_due(self):
        """The day that is shown for the down payment: as booked, else by who agrees to it."""
        booked = self._down_payment_line()
        if booked:
            return booked.date_maturity
        return self._down_payment_until(self.date) if self.origin in CUSTOMER else self.date

    def _down_payment_until(self, day):
        """The last day for the down payment that customers have who agree on ``day``."""
        days = self.company_id.sudo().self_service_down_days
        return min(day + timedelta(days=days), self.first_due_date)

    def _offer(self):
        """With sudo: decisions are written by their buttons only."""
        for agreement in self.sudo():
            values = {"state": "approved", "offered_at": fields.Datetime.now()}
            if agreement.state == "draft":
                values["approved_by_id"] = self.env.uid
            agreement.write(values)

    def _check_offered(self):
        if not self._is_offered():
            raise UserError(
                self.env._("This offer is not open any more. Ask the shop for a new one.")
            )

    @api.model
    def _check_not_asked_lately(self, service):
        since = service.today - timedelta(days=REQUEST_PAUSE_DAYS)
        asked = self.sudo().search(
            [
                ("partner_id", "=", service.partner.id),
                ("company_id", "=", service.company.id),
                ("origin", "in", CUSTOMER),
                ("move_id", "=", False),
                ("date", ">", since),
            ],
            limit=1,
        )
        if asked:
            raise UserError(
                self.env._(
                    "You asked for an agreement on %(day)s already. Talk to the shop about it.",
                    day=format_date(self.env, asked.date),
                )
            )
