import base64
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...clients.base import IMAGE, ButtonValue, OutgoingFile
from ...clients.media_kinds import media_problem
from ...domain.messaging import template_shape
from ...domain.messaging.template_shape import Difference, Filling, Shape, url_suffix
from .contact_gateway_template import SENDABLE, STATUSES
from .placeholder_values import PLACEHOLDERS


class ContactTemplate(models.Model):
    """The WhatsApp side of a template: which approved one it is, its header, file and button."""

    _inherit = "contact.template"

    whatsapp_template_id = fields.Many2one(
        "contact.gateway.template",
        "Template at Meta",
        compute="_compute_whatsapp_template_id",
        inverse="_inverse_whatsapp_template_id",
        help="Choose from the list that the gateway brought from Meta; or type name and language.",
    )
    whatsapp_status = fields.Selection(
        STATUSES, "Status at Meta", compute="_compute_whatsapp_status"
    )
    whatsapp_differences = fields.Text(compute="_compute_whatsapp_differences")
    whatsapp_header_parameter = fields.Char(
        "Header Variable",
        help="Placeholder for the variable in the template's text header, if it has one.",
    )
    whatsapp_header_image = fields.Image(
        "Header Picture", help="JPEG or PNG, for a template whose header is a picture."
    )
    document_source = fields.Selection(
        [
            ("slip", "Slips of the installments concerned"),
            ("carne", "Carnê of the contract"),
            ("receipt", "Receipt"),
            ("agreement", "Agreement"),
            ("statement", "Customer statement"),
        ],
        "Document",
        help="A PDF that goes in the header. It is printed when the message is about to leave, "
        "with the amounts of that day.",
    )
    whatsapp_button_parameter = fields.Char(
        "Button Variable",
        help="Placeholder for the end of the address behind the template's button, if it varies.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("whatsapp_template_name", "whatsapp_language", "company_id")
    @api.depends_context("allowed_company_ids")
    def _compute_whatsapp_template_id(self):
        for template in self:
            template.whatsapp_template_id = template._twin_at_meta()

    @api.depends("whatsapp_template_id")
    def _compute_whatsapp_status(self):
        for template in self:
            template.whatsapp_status = template.whatsapp_template_id.sudo().status

    def _inverse_whatsapp_template_id(self):
        for template in self.filtered("whatsapp_template_id"):
            template._take_name_of(template.whatsapp_template_id)

    @api.onchange("whatsapp_template_id")
    def _onchange_whatsapp_template_id(self):
        if self.whatsapp_template_id:
            self._take_name_of(self.whatsapp_template_id)

    @api.depends(
        "whatsapp_template_id",
        "whatsapp_parameters",
        "whatsapp_header_parameter",
        "whatsapp_header_image",
        "whatsapp_button_parameter",
        "document_source",
    )
    def _compute_whatsapp_differences(self):
        for template in self:
            template.whatsapp_differences = "\n".join(template._differences()) or False

    # --------------------------------------------------------- constraints

    @api.constrains(
        "whatsapp_template_name",
        "whatsapp_language",
        "whatsapp_parameters",
        "whatsapp_header_parameter",
        "whatsapp_header_image",
        "whatsapp_button_parameter",
        "document_source",
    )
    def _check_whatsapp_shape(self):
        """What Meta would refuse at nine in the morning is found when it is saved."""
        for template in self:
            given = (template.whatsapp_header_parameter, template.whatsapp_button_parameter)
            wrong = [name for name in given if name and name not in PLACEHOLDERS]
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(wrong)s cannot be filled in. These can: %(allowed)s.",
                        wrong=", ".join(wrong),
                        allowed=", ".join(PLACEHOLDERS),
                    )
                )
            picture = template._header_picture()
            if picture and (template.document_source or media_problem(picture)):
                raise ValidationError(
                    self.env._(
                        "The header is a JPEG or PNG of at most 5 MB, or a document: not both."
                    )
                )
            found = template._differences()
            if found:
                raise ValidationError("\n".join(found))

    # ------------------------------------------------------------ business

    def _placeholders_used(self, channel):
        names = super()._placeholders_used(channel)
        if channel != "whatsapp":
            return names
        more = (self.whatsapp_header_parameter, self.whatsapp_button_parameter)
        return names | {name for name in more if name}

    def _filling(self):
        """What messages of this template fill in, as domain object."""
        self.ensure_one()
        file = "document" if self.document_source else ""
        return Filling(
            body=len(self._parameter_names()),
            header=bool(self.whatsapp_header_parameter),
            file=file or ("image" if self.whatsapp_header_image else ""),
            button=bool(self.whatsapp_button_parameter),
        )

    def _fits(self, twin):
        """Would Meta take messages of this template for its own ``twin``?"""
        return not template_shape.differences(twin._shape(), self._filling())

    def _header_picture(self):
        """The picture of the header as a client sends it, or None."""
        self.ensure_one()
        if not self.whatsapp_header_image:
            return None
        return OutgoingFile(IMAGE, content=base64.b64decode(self.whatsapp_header_image))

    def _filled_in(self, outgoing, twin, values, document=None):
        """A message with header, file and button, and names where the template has names.

        :param outgoing: an :class:`OutgoingMessage` with the values of the text
        :param twin: the ``contact.gateway.template`` it goes by; none: trusted without its list
        :param values: dict of placeholders to texts
        :param document: the :class:`OutgoingFile` of a document header
        """
        self.ensure_one()
        shape = twin._shape() if twin else Shape()
        header = self.whatsapp_header_parameter
        return replace(
            outgoing,
            parameter_names=shape.body if shape.named and outgoing.parameters else None,
            header=" ".join(values[header].split()) if header else "",
            header_name=shape.header_variable if shape.named and header else None,
            file=self._header_picture() or document,
            buttons=self._button_values(shape, values),
        )

    # ------------------------------------------------------------- helpers

    def _button_values(self, shape, values):
        name = self.whatsapp_button_parameter
        if not name:
            return ()
        button = shape.buttons[0] if shape.buttons else None
        suffix = url_suffix(values[name], button.prefix if button else "")
        return (ButtonValue(button.index if button else 0, "url", suffix or "/"),)

    def _twin_at_meta(self):
        """The template of this name and language in an account that may send it.

        The best of several: it may be approved in one account and not in another.
        """
        self.ensure_one()
        if not self.whatsapp_template_name:
            return self.env["contact.gateway.template"]
        companies = self.company_id or self.env.companies
        # Whoever writes texts may not be allowed to see accounts; names and shapes are no secret.
        twins = (
            self.env["contact.gateway.template"]
            .sudo()
            .search(
                [
                    ("name", "=", self.whatsapp_template_name),
                    ("language", "=", self.whatsapp_language or "pt_BR"),
                    ("company_id", "in", companies.ids),
                ]
            )
            .sudo(self.env.su)
        )
        approved = twins.filtered(lambda twin: twin.sudo().status in SENDABLE)
        return (approved or twins)[:1]

    def _take_name_of(self, twin):
        self.whatsapp_template_name = twin.name
        self.whatsapp_language = twin.language

    def _differences(self):
        """How this template and the one at Meta disagree, in plain words."""
        self.ensure_one()
        twin = self._twin_at_meta().sudo()
        if not twin:
            return []
        shape = twin._shape()
        sentences = {
            Difference.BODY_COUNT: self.env._(
                "The template at Meta has %(wanted)s variables in its text, and %(given)s are "
                "filled in.",
                wanted=len(shape.body),
                given=len(self._parameter_names()),
            ),
            Difference.HEADER_MISSING: self.env._(
                "The header of the template at Meta has a variable: fill in Header Variable."
            ),
            Difference.HEADER_EXTRA: self.env._(
                "The header of the template at Meta has no variable: empty Header Variable."
            ),
            Difference.FILE_MISSING: self.env._(
                "The header of the template at Meta is a document: choose one."
            )
            if shape.header == "document"
            else self.env._("The header of the template at Meta is a picture: choose one."),
            Difference.FILE_EXTRA: self.env._(
                "The template at Meta has no header for a document or picture."
            ),
            Difference.BUTTON_MISSING: self.env._(
                "A button of the template at Meta has a variable address: fill in Button Variable."
            ),
            Difference.BUTTON_EXTRA: self.env._(
                "No button of the template at Meta has a variable address: empty Button Variable."
            ),
            Difference.UNSUPPORTED: self.env._(
                "The template at Meta has parts that cannot be filled in here: a video or place as "
                "header, or several buttons with variable addresses."
            ),
        }
        found = template_shape.differences(shape, self._filling())
        return [sentences[difference] for difference in found]
