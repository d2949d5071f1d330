from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..domain import phone
from .notification import notification

# What was missed is still to do for so many days; kinds that are not here until it is handled.
LOOK_BACK = {"birthday": 3, "prescription_expired": 30}
# Messages queued by one click.
MAX_AT_ONCE = 500
OF_DEPENDANT = "birthday_dependant"


class OpticaOccurrence(models.Model):
    """What is to do on a day, and sending the message of a kind to all of it."""

    _inherit = "optica.occurrence"

    # ------------------------------------------------------------ business

    @api.model
    def _todo_domain(self, kind, today):
        """What of a kind is to do on ``today``: due within its lead days, or missed before."""
        lead_days = self.env["optica.occurrence.type"]._settings()[kind].lead_days
        domain = (
            Domain("kind", "=", kind)
            & Domain("is_handled", "=", False)
            & Domain("date", "<=", today + timedelta(days=lead_days))
        )
        if kind in LOOK_BACK:
            domain &= Domain("date", ">=", today - timedelta(days=LOOK_BACK[kind]))
        return domain

    def _send_by_kind(self, author=None):
        """Queue the message of each occurrence's kind, and mark it as handled.

        Marked first, so that two people, or a person and a job, never write twice about the same.

        :return: the new messages
        :raise UserError: a kind has no message
        """
        messages = self.env["contact.message"]
        for template, occurrences in self.grouped(lambda each: each._template()).items():
            if not template:
                raise UserError(self._without_message(occurrences[0].kind))
            mine = occurrences._mark_handled("sent").mapped("source_id")
            for model, records in occurrences._sources(mine).items():
                messages |= self.env["contact.message"]._enqueue(
                    self.env[model].browse(records), template, author=author
                )
        return messages

    # ------------------------------------------------------------- helpers

    def _template(self):
        """The message of this occurrence; of a child's birthday the guardian gets another text."""
        self.ensure_one()
        kind = self.env["optica.occurrence.type"]._of_kind(self.kind)
        company = self.company_id or self.env.company
        if self.kind == "birthday" and self.partner_id.payer_id:
            return kind._template_for(company, code=OF_DEPENDANT)
        return kind._template_for(company)

    def _sources(self, source_ids):
        """``{model: ids}`` of the records these occurrences come from, among ``source_ids``."""
        wanted = self.filtered(lambda occurrence: occurrence.source_id in set(source_ids))
        return {
            model: group.mapped("source_id")
            for model, group in wanted.grouped("source_model").items()
        }

    @api.model
    def _without_message(self, kind):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "“%(kind)s” has no message yet. Choose one in Configuration > Kinds of Occurrences.",
            kind=labels[kind],
        )

    # ------------------------------------------------------------- actions

    def action_send_by_kind(self):
        """Send the message of the kind to all that are chosen, and mark them as handled."""
        self.check_access("read")
        todo = self.filtered(lambda occurrence: not occurrence.is_handled)[:MAX_AT_ONCE]
        if not todo:
            raise UserError(self.env._("All of this was handled already."))
        messages = todo._send_by_kind(author=self.env.user)
        return notification(
            self.env._(
                "%(count)s messages queued; they leave within the permitted hours, to "
                "customers who agreed.",
                count=len(messages),
            )
        )

    def action_whatsapp(self):
        """Open a chat with the customer in the user's own WhatsApp."""
        self.ensure_one()
        links = self.contact_links()
        if not links["whatsapp"]:
            raise UserError(self.env._("There is no telephone number that WhatsApp could call."))
        return {"type": "ir.actions.act_url", "url": links["whatsapp"], "target": "new"}

    def contact_links(self):
        """Where a click calls or writes: ``tel`` and ``whatsapp``, False without a number."""
        self.ensure_one()
        self.check_access("read")
        number = phone.to_e164(self.phone) if self.phone else None
        return {
            "tel": f"tel:{number}" if number else False,
            "whatsapp": f"https://wa.me/{number.lstrip('+')}" if number else False,
        }
