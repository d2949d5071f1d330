import re

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext, is_html_empty

from ...domain.messaging import fallback, message_text
from .contact_consent import PURPOSES
from .contact_gateway import CHANNELS
from .placeholder_values import (
    OF_CONTRACT,
    OF_DEBT,
    OF_PROMISE,
    OF_RECEIPT,
    PLACEHOLDERS,
    in_braces,
)

TEXT_OF_CHANNEL = {
    "whatsapp": "whatsapp_body",
    "sms": "sms_body",
    "email": "email_body",
    "voice": "voice_body",
}
TEXTS = ("whatsapp_body", "sms_body", "email_subject", "email_body", "voice_body")
# In which a provider charges a message, and Meta approves its text.
CATEGORIES = [
    ("utility", "Utility"),
    ("marketing", "Marketing"),
    ("service", "Service"),
]
# Meta calls marketing all that is not about the customer's own purchase: greetings, too.
CATEGORY_OF_PURPOSE = {"relationship": "marketing", "marketing": "marketing"}
# Every collection text says who writes (CDC art. 42-A): itself, or by the page it links to.
IDENTITY = (
    {"shop_identity"},
    {"shop_name", "shop_vat", "shop_address"},
    {"shop_name", "portal_link"},
    {"shop_name", "pay_link"},
)
# What would name the debt to whoever picks the telephone up.
UNSPEAKABLE = OF_DEBT | OF_PROMISE | OF_RECEIPT | OF_CONTRACT | {"portal_link", "pay_link"}


class ContactTemplate(models.Model):
    """A message for one intent, with a text for each channel."""

    _name = "contact.template"
    _description = "Message Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    code = fields.Char(help="A short name for use by other programs.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    purpose = fields.Selection(
        PURPOSES,
        required=True,
        default="collection",
        help="Decides what is checked before sending: collection keeps to hours and limits of "
        "frequency and stops when the debt is paid; marketing needs the customer's consent.",
    )
    category = fields.Selection(
        CATEGORIES,
        compute="_compute_category",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="What Meta approves the text as and charges it by. Utility: about the customer's own "
        "purchase, without any offer. Marketing: greetings and offers. Service: answers.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    channel_order = fields.Char(
        "Channels",
        required=True,
        default="whatsapp,sms",
        help="In which order channels are tried, separated by commas: whatsapp, sms. The next one "
        "is taken when a channel cannot be used for a customer.",
    )
    fallback_hours = fields.Integer(
        "Next Channel after (h)",
        default=24,
        help="When a message was sent and no delivery was reported for so many hours, the next "
        "channel takes over. 0: never. A customer who cannot be reached gets the next channel at "
        "once. Only gateways that report deliveries are waited for.",
    )
    whatsapp_body = fields.Text("WhatsApp Text")
    whatsapp_template_name = fields.Char(
        "WhatsApp Template",
        help="Name under which Meta approved this text. Without it the text can only be sent "
        "within 24 hours after the customer wrote.",
    )
    whatsapp_language = fields.Char("Language", default="pt_BR")
    whatsapp_parameters = fields.Char(
        "Parameters",
        compute="_compute_whatsapp_parameters",
        store=True,
        readonly=False,
        help="Placeholders in the order of the approved template's variables, separated by commas.",
    )
    sms_body = fields.Text("SMS Text")
    sms_length = fields.Integer("SMS Length", compute="_compute_sms_length")
    sms_parts = fields.Integer("SMS Parts", compute="_compute_sms_length")
    email_subject = fields.Char("Subject of the E-mail")
    email_body = fields.Html("E-mail Text", sanitize=True)

    _code_unique = models.UniqueIndex(
        "(code, coalesce(company_id, 0)) WHERE code IS NOT NULL AND active",
        "Another template of this company has the same code.",
    )

    _fallback_hours_valid = models.Constraint(
        "CHECK(fallback_hours BETWEEN 0 AND 168)",
        "The next channel takes over after 1 to 168 hours; 0 for never.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("purpose")
    def _compute_category(self):
        for template in self:
            template.category = CATEGORY_OF_PURPOSE.get(template.purpose, "utility")

    @api.depends("whatsapp_body")
    def _compute_whatsapp_parameters(self):
        """Follows the text as long as it names the same placeholders in whatever order."""
        for template in self:
            names = message_text.placeholders(template.whatsapp_body or "")
            if set(names) != set(template._parameter_names()):
                template.whatsapp_parameters = ",".join(names)

    @api.depends("sms_body")
    def _compute_sms_length(self):
        """Measured with values of usual length: customers' names and amounts differ."""
        for template in self:
            text = message_text.sms_ascii(template._sample_of(template.sms_body or ""))
            template.sms_length = len(text)
            template.sms_parts = message_text.sms_parts(text)

    # --------------------------------------------------------- constraints

    @api.constrains("channel_order")
    def _check_channel_order(self):
        known = dict(CHANNELS)
        for template in self:
            wrong = [channel for channel in template._channels() if channel not in known]
            if wrong or not template._channels():
                raise ValidationError(
                    self.env._(
                        "%(given)s is no list of channels. Write for example: whatsapp,sms",
                        given=template.channel_order,
                    )
                )

    @api.constrains(
        "whatsapp_body",
        "whatsapp_template_name",
        "sms_body",
        "email_subject",
        "email_body",
        "voice_body",
        "whatsapp_parameters",
        "purpose",
    )
    def _check_texts(self):
        for template in self:
            if not any(template[name] for name in TEXT_OF_CHANNEL.values()):
                raise ValidationError(self.env._("Write a text for at least one channel."))
            for name in TEXTS:
                if template[name]:
                    template._check_text(name, str(template[name]))
            template._check_parameters()

    def _check_text(self, name, text):
        """A text for one channel, before it is the field's value or afterwards.

        :raise ValidationError: the first thing that is wrong with it
        """
        label = self._field_label(name)
        self._check_placeholders(label, text)
        self._check_length(label, name, text)
        if self.purpose != "collection":
            return
        if name == "voice_body":
            self._check_no_threat(label, text)
            self._check_spoken(label, text)
        else:
            self._check_lawful(label, text)

    def _check_placeholders(self, label, text):
        problems = message_text.check(text, PLACEHOLDERS)
        if problems:
            raise ValidationError(
                self.env._(
                    "%(label)s: %(wrong)s cannot be filled in. These can: %(allowed)s.",
                    label=label,
                    wrong=", ".join(problem.value for problem in problems),
                    allowed=", ".join(in_braces(name) for name in PLACEHOLDERS),
                )
            )

    def _check_lawful(self, label, text):
        found = self.env["contact.forbidden.expression"]._found_in(text)
        if found:
            raise ValidationError(
                self.env._(
                    "%(label)s: collection must not threaten or shame (CDC art. 42). Take out: "
                    "%(found)s.",
                    label=label,
                    found=", ".join(found),
                )
            )
        named = set(message_text.placeholders(text))
        if label != self._field_label("email_subject") and not any(
            needed <= named for needed in IDENTITY
        ):
            raise ValidationError(
                self.env._(
                    "%(label)s: a collection text must say who writes (CDC art. 42-A). Add "
                    "{{shop_identity}}, or {{shop_name}} with {{pay_link}}.",
                    label=label,
                )
            )

    def _check_parameters(self):
        wrong = [name for name in self._parameter_names() if name not in PLACEHOLDERS]
        if wrong:
            raise ValidationError(
                self.env._(
                    "WhatsApp parameters: %(wrong)s cannot be filled in. These can: %(allowed)s.",
                    wrong=", ".join(wrong),
                    allowed=", ".join(PLACEHOLDERS),
                )
            )

    # ------------------------------------------------------------- actions

    def action_preview(self):
        """See the texts as a real customer would get them; nothing is sent."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview"),
            "res_model": "contact.template.preview",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_template_id": self.id},
        }

    # ------------------------------------------------------------ business

    def _channels(self):
        """Names of the channels in the order they are tried."""
        self.ensure_one()
        return [name.strip() for name in (self.channel_order or "").split(",") if name.strip()]

    def _channels_after(self, channel):
        """The channels with a text that may still take over from this one, in order."""
        left = fallback.next_channels(self._channels(), channel)
        return tuple(name for name in left if self._text_for(name))

    def _parameter_names(self):
        """Placeholders of the approved WhatsApp template, in order."""
        self.ensure_one()
        return [name for name in re.split(r"[,\s]+", self.whatsapp_parameters or "") if name]

    def _text_for(self, channel):
        """The unrendered text for a channel, empty when there is none."""
        self.ensure_one()
        text = self[TEXT_OF_CHANNEL[channel]] or "" if channel in TEXT_OF_CHANNEL else ""
        return "" if channel == "email" and is_html_empty(text) else text

    def _placeholders_used(self, channel):
        """Names that must be filled in to send over a channel."""
        self.ensure_one()
        names = set(message_text.placeholders(self._text_for(channel)))
        if channel == "whatsapp":
            names |= set(self._parameter_names())
        if channel == "email":
            names |= set(message_text.placeholders(self.email_subject or ""))
        return names

    def _render_for(self, channel, values):
        """Rendered text for a channel.

        :param values: dict of all placeholders, texts
        :raise TemplateError: a placeholder is unknown or has no value
        """
        self.ensure_one()
        if channel == "email":
            # A customer's name must not become a piece of the e-mail's HTML.
            safe = {name: value and str(escape(value)) for name, value in values.items()}
            return Markup(message_text.render(str(self.email_body), safe))
        text = message_text.render(self._text_for(channel), values)
        return message_text.sms_ascii(text) if channel == "sms" else text

    # ------------------------------------------------------------- helpers

    def _field_label(self, name):
        return self._fields[name]._description_string(self.env)

    # -------------------------------- What is particular to e-mails and to calls

    voice_body = fields.Text(
        "Voice Script",
        help="Read out by the provider, twice. Anybody may pick up the telephone: a collection "
        "script says who calls and for whom, never why. During a call of Twilio 1 sends the page "
        "with the installments over WhatsApp and 9 stops calls.",
    )
    channel_names = fields.Char("Channels in Order", compute="_compute_channel_names")

    @api.depends("channel_order")
    @api.depends_context("lang")
    def _compute_channel_names(self):
        names = dict(
            self.env["contact.gateway"]._fields["channel"]._description_selection(self.env)
        )
        for template in self:
            known = [names[channel] for channel in template._channels() if channel in names]
            template.channel_names = " → ".join(known)

    def _check_spoken(self, label, text):
        """Whoever picks up hears who calls, and nothing of a debt."""
        named = message_text.placeholders(text)
        told = [in_braces(name) for name in named if name in UNSPEAKABLE]
        if told:
            raise ValidationError(
                self.env._(
                    "%(label)s: anybody may pick up the telephone, and a debt is named to "
                    "nobody but the debtor (CDC art. 42). Take out: %(told)s.",
                    label=label,
                    told=", ".join(told),
                )
            )
        if not {"shop_name", "shop_identity"} & set(named):
            raise ValidationError(
                self.env._("%(label)s: say who calls. Add {{shop_name}}.", label=label)
            )

    @api.constrains("email_body", "email_subject")
    def _check_subject(self):
        for template in self:
            if not is_html_empty(template.email_body) and not template.email_subject:
                raise ValidationError(self.env._("An e-mail needs a subject."))

    def _render_subject(self, values):
        """Subject of the e-mail, on one line."""
        self.ensure_one()
        return " ".join(message_text.render(self.email_subject or "", values).split())

    def _check_no_threat(self, label, text):
        found = self.env["contact.forbidden.expression"]._found_in(html2plaintext(text))
        if found:
            raise ValidationError(
                self.env._(
                    "%(label)s: collection must not threaten or shame (CDC art. 42). Take out: "
                    "%(found)s.",
                    label=label,
                    found=", ".join(found),
                )
            )
