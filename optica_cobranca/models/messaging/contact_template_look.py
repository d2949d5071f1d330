from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang, html2plaintext

from ...domain.messaging import gate, message_text
from ...domain.messaging.message_price import price_for, units
from ...domain.shop.errors import TemplateError
from ...domain.shop.words import moment_text
from .contact_template import TEXTS
from .placeholder_values import PLACEHOLDERS

# Of a body that Meta approves, and of the text in its header.
APPROVED_BODY = 1024
APPROVED_HEADER = 60
# What every provider of the channel takes.
LONGEST = {"whatsapp_body": 4096, "sms_body": 1000, "voice_body": 3000}


class ContactTemplate(models.Model):
    """How long a text comes out, what it costs and what is wrong with it, while it is written."""

    _inherit = "contact.template"

    header_sample = fields.Char(
        "Header",
        compute="_compute_header_sample",
        help="The header that Meta approved, with a value of usual length: at most 60 characters.",
    )
    cost_hint = fields.Char(
        "Cost",
        compute="_compute_cost_hint",
        groups="optica_cobranca.group_manager",
        help="For one message with values of usual length, by the table of prices of today.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("whatsapp_template_id", "whatsapp_header_parameter")
    def _compute_header_sample(self):
        samples = self.env["contact.placeholder.values"]._samples()
        for template in self:
            text = template.whatsapp_template_id.sudo()._header_text()
            value = samples.get(template.whatsapp_header_parameter, "")
            shown = message_text.fill_variable(text, value)
            template.header_sample = shown and self.env._(
                "%(text)s (%(count)s of %(most)s characters)",
                text=shown,
                count=len(shown),
                most=APPROVED_HEADER,
            )

    @api.depends("category", "channel_order", "sms_body", "company_id")
    def _compute_cost_hint(self):
        prices = self.env["contact.price"]._lines_in_use()
        names = dict(
            self.env["contact.message"]._fields["channel"]._description_selection(self.env)
        )
        for template in self:
            shown = [
                f"{names[channel]} {template._cost_text(channel, prices)}"
                for channel in template._channels()
                if channel in names
            ]
            template.cost_hint = " · ".join(shown)

    def _cost_text(self, channel, prices):
        company = self.company_id or self.env.company
        gateway = self.env["contact.gateway"]._usable(company).get((company.id, channel))
        price = price_for(
            prices,
            fields.Date.context_today(self),
            channel=channel,
            provider=gateway.provider if gateway else None,
            category=self.category or None,
            company=company.id,
        )
        if not price:
            return self.env._("no price known")
        text = message_text.sms_ascii(self._sample_of(self.sms_body or ""))
        amount = float(price.amount) * units(channel, text)
        if not amount:
            return self.env._("free")
        currency = self.env["res.currency"].browse(price.currency)
        shown = f"{currency.symbol} {formatLang(self.env, amount, digits=2 if amount >= 1 else 3)}"
        return self.env._("%s (estimate)", shown) if price.is_estimate else shown

    # --------------------------------------------------------- constraints

    def _check_length(self, label, name, text):
        longest = self._longest(name)
        length = len(self._sample_of(text))
        if longest and length > longest:
            raise ValidationError(
                self.env._(
                    "%(label)s: %(length)s characters with values of usual length; at most "
                    "%(longest)s are taken.",
                    label=label,
                    length=length,
                    longest=longest,
                )
            )

    # ------------------------------------------------------------- actions

    @api.model
    def placeholders(self):
        """Name in braces, meaning and example of every placeholder, for the form's list."""
        self.check_access("read")
        return self.env["contact.placeholder.values"]._described()

    @api.model
    def measure(self, name, text, purpose, is_approved=False):
        """What the form says below a text while it is typed; nothing is saved.

        :param name: the text's field
        :param is_approved: a template that Meta approved is named
        :return: dict of ``length`` and ``parts`` of SMS, ``seconds`` of speech, ``longest`` (0: no
            limit), and ``problems``: sentences
        """
        self.check_access("read")
        if name not in TEXTS:
            raise ValidationError(self.env._("This field holds no text of a message."))
        draft = self.new(
            {"purpose": purpose, "whatsapp_template_name": "approved" if is_approved else False}
        )
        sample = draft._sample_of(html2plaintext(text) if name == "email_body" else text)
        if name == "sms_body":
            sample = message_text.sms_ascii(sample)
        return {
            "length": len(sample),
            "parts": message_text.sms_parts(sample),
            "seconds": message_text.speaking_seconds(sample),
            "longest": draft._longest(name),
            "problems": draft._problems_of(name, text) if text else [],
        }

    # ------------------------------------------------------------- helpers

    def _problems_of(self, name, text):
        try:
            self._check_text(name, text)
        except ValidationError as error:
            return [error.args[0]]
        return []

    def _longest(self, name):
        """Most characters a text may come out as; 0: no limit."""
        if name == "whatsapp_body" and self.whatsapp_template_name:
            return APPROVED_BODY
        return LONGEST.get(name, 0)

    def _sample_of(self, text):
        """The text with values of usual length; as it is when something cannot be filled in."""
        if message_text.check(text, PLACEHOLDERS):
            return text
        samples = self.env["contact.placeholder.values"]._samples(self.company_id or None)
        return message_text.render(text, samples)

    # ---- How a template would come out for a real record, and whether it would leave

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
        customer = message.partner_id.sudo(False)
        if self.purpose == "collection" and not customer._words_of_collection_readable():
            return {"fate": self.env._("Only the people in charge of this customer read it.")}
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
            when = verdict.message.company_id._local(verdict.until)
            return self.env._(
                "Would wait until %(when)s (%(reason)s).",
                when=moment_text(when),
                reason=reason,
            )
        return self.env._("Would not leave: %s.", reason)
