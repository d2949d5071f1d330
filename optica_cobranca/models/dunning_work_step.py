from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain import gate, phone
from ..domain.errors import TemplateError


class DunningWork(models.AbstractModel):
    """Next steps of the level reached, taken from the card; the customer stays open."""

    _inherit = "dunning.work"

    # ------------------------------------------------------------- screen

    @api.model
    def take_step(self, partner_id, company_id, code):
        """Take the step ``code`` about the customer the current user works on.

        :return: ``text`` for the notification, ``action`` to open or None
        :raise UserError: when nothing can be done, with the reason
        """
        self._check_collector()
        work = self.with_company(self._allowed_company(company_id))
        partner = work.env["res.partner"].browse(partner_id)
        work._check_taken(partner)
        handler = work._step_handlers().get(code)
        if not handler:
            raise UserError(self.env._("There is no such step."))
        late = work._late_lines(partner)
        notice, _level = work._reached(partner, late)
        return {"text": "", "action": None, **handler(partner, late, notice._decided())}

    # ----------------------------------------------------------- handlers

    @api.model
    def _step_handlers(self):
        """code -> what the step does: (customer, late installments, notice) -> text or action."""
        return {
            "phone": self._step_phone,
            "letter": self._step_letter,
            "bureau": self._step_bureau,
            "agency": self._step_agency,
            "legal": self._step_legal,
        }

    def _step_phone(self, _partner, _late, notice):
        if not self._with_notice(notice)._step_phone():
            raise UserError(self.env._("A call to this customer is planned already."))
        return {"text": self.env._("Call planned for the next business day")}

    def _step_letter(self, _partner, _late, notice):
        if not self._with_notice(notice)._step_letter():
            raise UserError(self.env._("This customer has the letter of this notice already."))
        return {"text": self.env._("Letter waits to be printed")}

    def _step_bureau(self, _partner, late, notice):
        if not self.env["dunning.bureau.case"]._make_eligible(late, notice):
            raise UserError(
                self.env._(
                    "Nothing here can go to the credit bureau: paid, not late enough, or proposed "
                    "already."
                )
            )
        return {"text": self.env._("Proposed for the credit bureau: a manager decides")}

    def _step_agency(self, _partner, late, notice):
        if not self.env["dunning.handover"]._propose(late, notice):
            raise UserError(self.env._("Nothing here can be proposed: paid, or proposed already."))
        return {"text": self.env._("Proposed for the agency: a manager decides")}

    def _step_legal(self, partner, _late, _notice):
        return {"action": partner.action_dossier()}

    # ------------------------------------------------------------ helpers

    def _with_notice(self, notice):
        if not notice:
            raise UserError(
                self.env._(
                    "The ladder has not written to this customer about this debt yet, or the "
                    "notice waits for approval."
                )
            )
        return notice

    @api.model
    def _offered_steps(self, level):
        """The level's steps that this user may take."""
        manager = self.env.user.has_group("optica_cobranca.group_manager")
        return level.step_ids.filtered(lambda step: manager or step.code != "legal")

    @api.model
    def _chat_text(self, partner, level):
        """The text of the level for a chat that a person opens; empty unless the gate lets it go.

        A chat needs no gateway and no approved template; consent, hours, caps and what is on hold
        count as for every message. With sudo: templates and server actions are not the
        collectors' to read, what they would send is.
        """
        template = level.sudo().action_ids.contact_template_id[:1]
        if not template or not template._text_for("whatsapp"):
            return ""
        message = self.env["contact.message"].sudo()._draft(partner, template)
        facts = message._gather(fields.Datetime.now())
        values = facts.values[message.id]
        if not all(values.get(name) for name in template._placeholders_used("whatsapp")):
            return ""
        asked = message._gate_facts(facts, "whatsapp", None, facts.families.get(partner.id))
        asked = replace(asked, gateway_ready=True, gateway_ready_at=None, template_ready=True)
        if gate.decide(asked, facts.now).action != gate.Action.SEND:
            return ""
        try:
            return template._render_for("whatsapp", values)
        except TemplateError:
            return ""

    @api.model
    def _with_text(self, phones, text):
        """The numbers of :meth:`_phones`, their chats with ``text`` typed in."""
        return [
            {**number, "whatsapp": phone.wa_me_link(number["number"], text)}
            if number["whatsapp"] and text
            else number
            for number in phones
        ]
