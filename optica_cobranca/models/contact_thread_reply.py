import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from .contact_thread import TEXT_SHOWN, WRITTEN_CHANNELS

SLIP_TEMPLATE = "slip_on_request"
SLIP_REPORT = "optica_cobranca.action_report_carne"
MAX_FOUND = 8
# Steps by what they need the right to.
STEPS = {
    "promise": ("dunning.promise.wizard", "create"),
    "slip": ("contact.thread", "read"),
    "paid": ("crediario.cashier", "create"),
    "agreement": ("crediario.agreement", "create"),
    "complaint": ("dunning.dispute.wizard", "create"),
    "pause": ("dunning.hold.wizard", "create"),
    "wrong_person": ("dunning.call", "read"),
}


class ContactMessage(models.Model):
    """Messages as the inbox shows them."""

    _inherit = "contact.message"

    can_play_answer = fields.Boolean(compute="_compute_can_play_answer")

    @api.depends("gateway_id", "state")
    def _compute_can_play_answer(self):
        for message in self:
            gateway = message.gateway_id.sudo()
            message.can_play_answer = (
                gateway.provider == "sandbox"
                and gateway.channel in WRITTEN_CHANNELS
                and message.state in ("sent", "delivered", "read", "uncertain")
            )

    def _plain_body(self):
        self.ensure_one()
        return html2plaintext(self.body or "") if self.channel == "email" else self.body or ""


class ContactThread(models.Model):
    """Answers, and the steps that an answer of the customer asks for."""

    _inherit = "contact.thread"

    # ------------------------------------------------------------- answers

    def inbox_reply(self, text, file_id=None):
        """Answer in free words, within the 24 hours; the conversation becomes the answerer's."""
        self.ensure_one()
        self.check_access("read")
        if not self.partner_id:
            raise UserError(self.env._("Say first which customer this is."))
        file = self._draft_file(file_id)
        self.env["contact.message"]._enqueue_reply(
            self.partner_id, self.gateway_id, text, file or None
        )
        file.unlink()
        self._answered(text or self.env._("(file)"))

    def inbox_templates(self):
        """Templates that may be sent to this customer, service first."""
        self.ensure_one()
        self.check_access("read")
        templates = self.env["contact.template"].search(
            [("company_id", "in", (self.company_id.id, False)), ("channel_order", "!=", "voice")]
        )
        purposes = dict(templates._fields["purpose"]._description_selection(self.env))
        ordered = templates.sorted(lambda template: (template.purpose != "service", template.name))
        return [
            {
                "id": template.id,
                "name": template.name,
                "purpose": purposes[template.purpose],
                "code": template.code or "",
            }
            for template in ordered
        ]

    def inbox_preview(self, template_id):
        """How a template would come out for this customer, and whether it would leave."""
        template = self._template(template_id)
        shown = template._preview_for(self.partner_id)
        text = shown.get("whatsapp") or shown.get("sms") or html2plaintext(shown.get("email") or "")
        return {"text": text, "missing": shown.get("missing", ""), "fate": shown["fate"]}

    def inbox_send_template(self, template_id):
        """Queue the template for the customer; the gate decides when it leaves."""
        template = self._template(template_id)
        outbox = self.env["contact.message"].with_company(self.company_id)
        outbox._enqueue(self.partner_id, template, author=self.env.user)
        self._answered(template.name)

    def inbox_attach(self, name, content):
        """Keep a file until it is sent.

        :param content: base64
        """
        self.ensure_one()
        self.check_access("read")
        return self._keep_file(name, base64.b64decode(content))

    def inbox_detach(self, file_id):
        """The file shall not be sent after all."""
        self.check_access("read")
        self._draft_file(file_id).unlink()

    # --------------------------------------------------------------- steps

    def _steps(self):
        """The steps that the current user has the right to take."""
        if not self.partner_id:
            return []
        return [step for step, (model, right) in STEPS.items() if self._may(model, right)]

    @api.model
    def _may(self, model, right):
        return self.env[model].has_access(right)

    def inbox_step(self, step, day=None):
        """What the screen does for a step: an action to open, or a draft to be looked at.

        :param day: the promised day, ``yyyy-mm-dd``
        """
        self.ensure_one()
        self.check_access("read")
        if step not in self._steps():
            raise UserError(self.env._("You may not do this."))
        thread = self.with_company(self.company_id)
        return getattr(thread, f"_step_{step}")(day)

    def _step_promise(self, day):
        context = {"default_partner_id": self.partner_id.id}
        if day and fields.Date.to_date(day) >= fields.Date.context_today(self):
            context |= {"default_pick": False, "default_date": day}
        return {"action": self._dialog("dunning_promise_wizard", context)}

    def _step_complaint(self, _day):
        context = {"default_partner_id": self.partner_id.id}
        events = self.sudo().event_ids.sorted("occurred_at")
        context["default_description"] = events[-1:].text or ""
        return {"action": self._dialog("dunning_dispute_wizard", context)}

    def _step_pause(self, _day):
        ids = self.partner_id.ids
        context = {"active_model": "res.partner", "active_ids": ids, "active_id": ids[0]}
        return {"action": self._dialog("dunning_hold_wizard", context)}

    def _step_paid(self, _day):
        """The cashier with what is late ticked, else with the next installment."""
        return {"action": self._open_lines().action_receive()}

    def _step_agreement(self, _day):
        """An open agreement is continued, else one is proposed on what is late."""
        return {
            "action": self.env["dunning.work"]._follow_agreement(self.partner_id, {}, {})["action"]
        }

    def _step_wrong_person(self, _day):
        """The number is taken out of use; somebody is asked to find the right one."""
        event = self.sudo().event_ids.sorted("occurred_at")[-1:]
        numbered = self._family().filtered("phone")
        wrote = self.env["res.partner"].sudo()._contact_find_by_number(event.wa_id) & numbered
        contact = (wrote or numbered)[:1]
        if not contact:
            raise UserError(self.env._("%s has no number any more.", self.name))
        values = {"contact_id": contact.id, "note": event.text or ""}
        self.env["dunning.work"]._follow_wrong_number(self.partner_id, values, {})
        self._change({"state": "closed", "unread_count": 0})
        return {"done": self.env._("%s is not used any more.", event.wa_id or "")}

    def _step_slip(self, _day):
        """The slip with its Pix as a draft: text and PDF within the 24 hours, else the template."""
        lines = self._open_lines()
        template = self.env["contact.template"].search(
            [("code", "=", SLIP_TEMPLATE), ("company_id", "in", (self.company_id.id, False))],
            order="company_id",
            limit=1,
        )
        if not self._is_window_open():
            return {"template_id": template.id}
        text = template._preview_for(self.partner_id)["whatsapp"] if template else ""
        if self.channel != "whatsapp":
            return {"text": text}
        report = self.env.ref(SLIP_REPORT).sudo()
        content, _kind = report._render_qweb_pdf(report.report_name, lines.ids)
        return {"text": text, "file": self._keep_file(self.env._("Slip.pdf"), content)}

    def _open_lines(self):
        """What is late of the customer, else the next installment."""
        lines = self.partner_id._open_installments()
        late = lines.filtered(lambda line: line.installment_state == "overdue")
        if not lines:
            raise UserError(self.env._("%s owes nothing.", self.name))
        return (late or lines[:1]).with_env(self.env)

    # ------------------------------------------------------------ strangers

    @api.model
    def inbox_find_customers(self, text):
        """Customers by name, CPF or number, to say who wrote."""
        found = self.env["res.partner"].search(self._customers_matching(text), limit=MAX_FOUND)
        return [
            {"id": partner.id, "name": partner.display_name, "phone": partner.phone or ""}
            for partner in found
        ]

    def inbox_link(self, partner_id):
        """Say which customer writes here; the next words are recognised by themselves.

        :return: id of the conversation his words are in now
        """
        self.ensure_one()
        self.check_access("read")
        if self.partner_id:
            raise UserError(self.env._("It is known already who writes here."))
        partner = self.env["res.partner"].browse(partner_id)
        partner.check_access("write")
        events = self.sudo().event_ids
        number = events.filtered("wa_id")[:1].wa_id
        if number and not partner.phone:
            partner.phone = f"+{number}"
        company = self.company_id
        # Sellers have no right to events; which are meant was checked with the conversation.
        events.assign_to(partner.sudo())
        house = partner.commercial_partner_id
        return self.search([("company_id", "=", company.id), ("partner_id", "=", house.id)]).id

    def inbox_new_customer(self, name):
        """Make a customer of somebody who is not known yet."""
        self.ensure_one()
        partner = self.env["res.partner"].create({"name": name.strip() or self.sender_name})
        return self.inbox_link(partner.id)

    # ------------------------------------------------------------- helpers

    def _answered(self, text):
        self._change(
            {
                "state": "answered",
                "unread_count": 0,
                "user_id": self.user_id.id or self.env.uid,
                "last_at": fields.Datetime.now(),
                "last_text": " ".join(text.split())[:TEXT_SHOWN],
            }
        )

    def _template(self, template_id):
        self.ensure_one()
        self.check_access("read")
        if not self.partner_id:
            raise UserError(self.env._("Say first which customer this is."))
        template = self.env["contact.template"].with_company(self.company_id).browse(template_id)
        template.check_access("read")
        return template

    @api.model
    def _dialog(self, name, context):
        action = self.env["ir.actions.actions"]._for_xml_id(f"optica_cobranca.action_{name}")
        return {**action, "context": context, "target": "new"}

    def _keep_file(self, name, content):
        """With sudo: nobody may write conversations; the file is seen by who reads this one."""
        file = (
            self.env["ir.attachment"]
            .sudo()
            .create({"name": name, "raw": content, "res_model": self._name, "res_id": self.id})
        )
        return {"id": file.id, "name": file.name}

    def _draft_file(self, file_id):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("id", "=", file_id or 0),
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                ]
            )
        )
