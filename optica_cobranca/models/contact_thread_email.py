from odoo import api, models
from odoo.tools import html2plaintext

from ..domain.auto_reply import is_automatic
from .contact_thread import TEXT_SHOWN


class ContactThread(models.Model):
    """What customers answer by e-mail: an answer like any other."""

    _inherit = "contact.thread"

    @api.model
    def _hear_email(self, mail, partner, company):
        """Put an e-mail of a customer before the shop and stop what a reply stops.

        The 24 hours of WhatsApp are not touched: they begin with words on WhatsApp.

        :param mail: ``mail.message``; only the customer's own words, or those of his house, count
        """
        customer = partner.commercial_partner_id
        if not customer or mail.author_id.commercial_partner_id != customer:
            return
        # Whoever delivers e-mails is nobody in particular; what is written here has no other hands.
        threads = self.sudo()
        thread = threads.search(
            [("company_id", "=", company.id), ("partner_id", "=", customer.id)], limit=1
        )
        words = " ".join(html2plaintext(mail.body or "").split()) or mail.subject or ""
        values = {"state": "open", "last_at": mail.date, "last_text": words[:TEXT_SHOWN]}
        if thread:
            thread.write({**values, "unread_count": thread.unread_count + 1})
        else:
            threads.create(
                {
                    **values,
                    "company_id": company.id,
                    "partner_id": customer.id,
                    "channel": "email",
                    "unread_count": 1,
                }
            )
        self.env["contact.message"].sudo()._cancel_collection(customer, "replied")
        self._tell_screens(company)


class MailThread(models.AbstractModel):
    """What programs answer is no answer of the customer."""

    _inherit = "mail.thread"

    def _message_parse_post_process(self, message, message_dict, routes):
        """Call an automatic e-mail by Odoo's name for it, where answers are listened for."""
        values = super()._message_parse_post_process(message, message_dict, routes)
        listening = {"res.partner", "dunning.notice"}
        if listening.issuperset(model for model, *_rest in routes) and is_automatic(
            message.items()
        ):
            values["message_type"] = "out_of_office"
        return values


class ResPartner(models.Model):
    """Answers to our e-mails arrive on the customer."""

    _inherit = "res.partner"

    def _message_post_after_hook(self, message, msg_values):
        if message.message_type == "email" and len(self) == 1:
            self.env["contact.thread"]._hear_email(message, self, self._company_of_emails())
        return super()._message_post_after_hook(message, msg_values)

    def _company_of_emails(self):
        """The company that wrote to the customer last by e-mail; else his own, else the current."""
        last = (
            self.env["contact.message"]
            .sudo()
            .search(
                [("partner_id", "=", self.id), ("channel", "=", "email")], limit=1, order="id desc"
            )
        )
        return last.company_id or self.company_id or self.env.company


class DunningNotice(models.Model):
    """Answers to a notice that was sent from its own page arrive there."""

    _inherit = "dunning.notice"

    def _message_post_after_hook(self, message, msg_values):
        if message.message_type == "email" and len(self) == 1:
            self.env["contact.thread"]._hear_email(message, self.partner_id, self.company_id)
        return super()._message_post_after_hook(message, msg_values)
