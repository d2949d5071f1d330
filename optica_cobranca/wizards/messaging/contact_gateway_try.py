import io
from uuid import uuid4

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, formataddr

from ...clients.base import (
    ACCEPTED,
    DOCUMENT,
    TEMPLATE,
    TEXT,
    UNCERTAIN,
    ClientError,
    OutgoingFile,
    OutgoingMessage,
)
from ...clients.provider import ODOO
from ...domain.shop import phone


class ContactGatewayTry(models.TransientModel):
    """Send one message to one's own number and read the provider's answer."""

    _name = "contact.gateway.try"
    _description = "Send to Myself"

    gateway_id = fields.Many2one("contact.gateway", required=True, readonly=True)
    channel = fields.Selection(related="gateway_id.channel")
    number = fields.Char("My Number", default=lambda self: self.env.user.partner_id.phone)
    email = fields.Char("My E-mail", default=lambda self: self.env.user.partner_id.email)
    template_id = fields.Many2one(
        "contact.template",
        help="Empty: a short free text. WhatsApp delivers free text only within 24 hours after "
        "this number wrote to the shop.",
    )
    answer = fields.Text(readonly=True)

    def action_send(self):
        """Send now, past the outbox: this is no message to a customer."""
        self.ensure_one()
        self.gateway_id._check_role("manager")
        self.answer = self._answer_to(self._my_address())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send to Myself"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _my_address(self):
        if self.channel == "email":
            address = email_normalize(self.email or "")
            if not address:
                raise UserError(self.env._("%s is no e-mail address.", self.email or ""))
            return address
        area_code = self.gateway_id.company_id._contact_area_code()
        number = phone.to_e164(self.number, area_code) if self.number else None
        if not number:
            raise UserError(
                self.env._("%s is no phone number. Write it with the area code.", self.number or "")
            )
        return number

    def _answer_to(self, number):
        gateway = self.gateway_id
        if gateway.leaves == ODOO:
            mail = self.channel == "email"
            return self._answer_to_mail(number) if mail else self._answer_to_sms(number)
        try:
            client = gateway._client_factory()()
            if not client.is_automatic:
                return client.link(self._message(number))
            result = client.send(self._message(number))
            client.close()
        except ClientError as error:
            return gateway._client_error_text(error)
        if result.status == ACCEPTED:
            return self.env._("The provider accepted it. Its reference: %s", result.provider_id)
        if result.status == UNCERTAIN:
            return self.env._("No answer came (%s). Look at the phone: it may arrive.", result.code)
        return gateway._failure_text(result.failure, result.code, result.detail)

    def _answer_to_mail(self, address):
        message, gateway = self._message(address), self.gateway_id
        sender = gateway.sender or gateway.company_id.email
        mail = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": message.subject or gateway.name,
                    "body_html": message.text,
                    "email_to": address,
                    "email_from": formataddr((gateway.company_id.name, sender))
                    if sender
                    else False,
                    "auto_delete": False,
                }
            )
        )
        mail.send()
        if mail.state == "sent":
            return self.env._("The mail server took it.")
        return self.env._("The e-mail did not leave: %s", mail.failure_reason or mail.state)

    def _answer_to_sms(self, number):
        sms = (
            self.env["sms.sms"]
            .sudo()
            .create({"number": number, "body": self._message(number).text})
        )
        sms.with_company(self.gateway_id.company_id).send(unlink_sent=False)
        if sms.state in ("process", "pending", "sent"):
            return self.env._("Odoo SMS accepted it.")
        failure = dict(sms._fields["failure_type"]._description_selection(self.env)).get(
            sms.failure_type
        )
        return self.env._("Odoo SMS did not take it: %s", failure or sms.failure_type)

    def _message(self, number):
        template = self.template_id
        if not template:
            text = self.env._("Test of %s: this message was sent from Odoo.", self.gateway_id.name)
            return OutgoingMessage(reference=uuid4().hex, to=number, kind=TEXT, text=text)
        values = self.env["contact.placeholder.values"]._samples()
        approved = self.gateway_id.channel == "whatsapp" and template.whatsapp_template_name
        message = OutgoingMessage(
            reference=uuid4().hex,
            to=number,
            subject=template._render_subject(values),
            value_names=tuple(template._parameter_names() if approved else ()),
            kind=TEMPLATE if approved else TEXT,
            text=template._render_for(self.gateway_id.channel, values),
            template_name=template.whatsapp_template_name or "",
            language=template.whatsapp_language or "pt_BR",
            parameters=tuple(values[name] for name in template._parameter_names())
            if approved
            else (),
        )
        if approved and self.gateway_id.provider == "whatsapp_cloud":
            return template._filled_in(
                message, self.gateway_id._twin_of(template), values, self._sample_file()
            )
        return message

    def _sample_file(self):
        """A page in place of the slip or receipt that a customer would get."""
        if not self.template_id.document_source:
            return None
        page = io.BytesIO()
        paper = canvas.Canvas(page, pagesize=A4)
        paper.drawString(72, 760, self.gateway_id.company_id.name or "")
        paper.drawString(72, 736, self.env._("Sample: here the customer finds his document."))
        paper.save()
        return OutgoingFile(DOCUMENT, self.env._("Sample.pdf"), content=page.getvalue())
