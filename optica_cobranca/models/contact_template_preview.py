from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import fields, models

from ..domain import gate, message_text
from ..domain.errors import TemplateError


class ContactTemplate(models.Model):
    """How a template would come out for a real record, and whether it would leave."""

    _inherit = "contact.template"

    def _preview_for(self, record):
        """Texts and fate of a message that is not made.

        :param record: one ``res.partner`` or one record with a customer
        :return: dict of ``whatsapp``, ``sms``, ``email``, ``voice``, ``subject`` (rendered texts),
            ``sms_length``, ``sms_parts``, ``missing`` (placeholders without a value) and ``fate``
            (a sentence)
        """
        self.ensure_one()
        message = self.env["contact.message"].sudo()._draft(record, self)
        if not message.partner_id:
            return {"fate": self.env._("This record has no customer.")}
        facts = message._gather(fields.Datetime.now())
        values = facts.values[message.id]
        missing = sorted(
            name
            for channel in self._channels()
            for name in self._placeholders_used(channel)
            if not values.get(name)
        )
        shown = {name: value or f"[{name}]" for name, value in values.items()}
        sms = self._render_or_say("sms", shown)
        return {
            "whatsapp": self._render_or_say("whatsapp", shown),
            "sms": sms,
            "email": self._render_or_say("email", shown),
            "voice": self._render_or_say("voice", shown),
            "subject": self._render_subject(shown) if self._text_for("email") else "",
            "sms_length": len(sms),
            "sms_parts": message_text.sms_parts(sms),
            "missing": ", ".join(dict.fromkeys(missing)),
            "fate": self._fate_of(message._decide(facts)[0]),
        }

    def _render_or_say(self, channel, values):
        if not self._text_for(channel):
            return ""
        try:
            return self._render_for(channel, values)
        except TemplateError as error:
            return str(error)

    def _fate_of(self, verdict):
        """What would happen, as a sentence."""
        messages = self.env["contact.message"]
        reason = dict(messages._fields["reason"]._description_selection(self.env)).get(
            verdict.reason
        )
        if verdict.action == gate.Action.SEND:
            channel = dict(messages._fields["channel"]._description_selection(self.env))
            return self.env._(
                "Would leave now by %(channel)s to %(number)s.",
                channel=channel[verdict.channel],
                number=verdict.outgoing.to,
            )
        if verdict.action == gate.Action.POSTPONE:
            # The shop's clock, whoever looks: the one that its hours of messages are set in.
            zone = ZoneInfo(verdict.message.company_id.contact_timezone)
            when = verdict.until.replace(tzinfo=timezone.utc).astimezone(zone)
            return self.env._(
                "Would wait until %(when)s (%(reason)s).",
                when=f"{when:%d/%m/%Y %H:%M}",
                reason=reason,
            )
        return self.env._("Would not leave: %s.", reason)
