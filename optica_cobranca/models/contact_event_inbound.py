from markupsafe import Markup

from odoo import models

from ..domain.opt_out import is_opt_out


class ContactEvent(models.Model):
    """What customers write to the shop."""

    _inherit = "contact.event"

    def _receive_all(self, gateway, new):
        """Bring new inbound messages to their customers and stop what a reply stops."""
        for event_id, inbound in new:
            self.browse(event_id)._receive(gateway, inbound)

    def _receive(self, gateway, inbound):
        self.ensure_one()
        candidates = self._senders(gateway, inbound)
        partner = candidates[:1]
        if not partner:
            self.note = self.env._("No customer has this number.")
            return
        self.partner_id = partner
        if len(candidates) > 1:
            self.note = self.env._(
                "%(count)s customers have this number: %(names)s. Taken for the newest.",
                count=len(candidates),
                names=", ".join(candidates.mapped("display_name")),
            )
        if not inbound.is_reply:
            return
        self._post_to_chatter(partner, gateway, inbound)
        if is_opt_out(inbound.text):
            self._opt_out(candidates, gateway, inbound)
        # Whoever of them wrote: none of those who share the number is pressed any further.
        self.env["contact.message"]._cancel_queued(candidates, ["collection"], "replied")

    def _senders(self, gateway, inbound):
        """Who may have written: whom the answered message went to, else all with the number.

        :return: partners, the likeliest first
        """
        if inbound.context_id:
            answered = self.env["contact.message"].search(
                [("provider_id", "=", inbound.context_id), ("gateway_id", "=", gateway.id)], limit=1
            )
            if answered:
                return answered.partner_id
        return self.env["res.partner"].sudo()._contact_find_by_number(inbound.sender)

    def _post_to_chatter(self, partner, gateway, inbound):
        """The customer's words as a note: it is no e-mail to followers outside of the shop."""
        words = inbound.text or self.env._("(%s without text)", inbound.kind)
        partner.message_post(
            body=Markup("<p><b>%s</b></p><p>%s</p>") % (gateway._label("channel"), words),
            author_id=partner.id,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )

    def _opt_out(self, partners, gateway, inbound):
        self.env["contact.consent"].sudo().create(
            [
                {
                    "partner_id": partner.id,
                    "purpose": "all",
                    "channel": gateway.channel,
                    "decision": "opt_out",
                    "source": "reply",
                    "proof": f"{inbound.text} ({inbound.provider_id})",
                }
                for partner in partners
            ]
        )
