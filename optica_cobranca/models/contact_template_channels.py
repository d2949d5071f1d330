from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext, is_html_empty

from ..domain import message_text
from .contact_values import OF_CONTRACT, OF_DEBT, OF_PROMISE, OF_RECEIPT, in_braces

# What would name the debt to whoever picks the telephone up.
UNSPEAKABLE = OF_DEBT | OF_PROMISE | OF_RECEIPT | OF_CONTRACT | {"portal_link", "pay_link"}


class ContactTemplate(models.Model):
    """What is particular to e-mails and to calls."""

    _inherit = "contact.template"

    voice_body = fields.Text(
        "Voice Script",
        help="Read out by the provider, twice. Anybody may pick up the telephone: a collection "
        "script says who calls and for whom, never why. During a call of Twilio 1 sends the page "
        "with the installments over WhatsApp and 9 stops calls.",
    )
    channel_names = fields.Char("Channels in Order", compute="_compute_channel_names")

    # ------------------------------------------------------------- compute

    @api.depends("channel_order")
    @api.depends_context("lang")
    def _compute_channel_names(self):
        names = dict(
            self.env["contact.gateway"]._fields["channel"]._description_selection(self.env)
        )
        for template in self:
            known = [names[channel] for channel in template._channels() if channel in names]
            template.channel_names = " → ".join(known)

    # --------------------------------------------------------- constraints

    def _check_text(self, name, text):
        if name != "voice_body":
            return super()._check_text(name, text)
        label = self._field_label(name)
        self._check_placeholders(label, text)
        self._check_length(label, name, text)
        if self.purpose == "collection":
            self._check_no_threat(label, text)
            self._check_spoken(label, text)
        return None

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

    # ------------------------------------------------------------ business

    def _text_for(self, channel):
        text = super()._text_for(channel)
        return "" if channel == "email" and is_html_empty(text) else text

    def _placeholders_used(self, channel):
        names = super()._placeholders_used(channel)
        if channel == "email":
            names |= set(message_text.placeholders(self.email_subject or ""))
        return names

    def _render_for(self, channel, values):
        if channel != "email":
            return super()._render_for(channel, values)
        self.ensure_one()
        # A customer's name must not become a piece of the e-mail's HTML.
        safe = {name: value and str(escape(value)) for name, value in values.items()}
        return Markup(message_text.render(str(self.email_body), safe))

    def _render_subject(self, values):
        """Subject of the e-mail, on one line."""
        self.ensure_one()
        return " ".join(message_text.render(self.email_subject or "", values).split())

    # ------------------------------------------------------------- helpers

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
