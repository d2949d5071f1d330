from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...clients.http.untrusted_picture import PictureError, TooManyDots, redrawn
from ...tools.receiving.customer_proof import ANSWER_SHOWN, CUSTOMER, NOTE_LENGTH, ORIGINS

PHOTO_BYTES = 8 * 1024 * 1024
PHOTOS = 3
# Of one customer in an hour, those that were refused included: four times what a form takes.
PHOTOS_AN_HOUR = 4 * PHOTOS


class DunningDispute(models.Model):
    """A reason that the customer gives on their page, with photos."""

    _inherit = "dunning.dispute"

    origin = fields.Selection(
        ORIGINS, string="Said by", default="shop", required=True, readonly=True
    )

    # ------------------------------------------------------------ business

    @api.model
    def _dispute_by_customer(self, partner, lines, reason, note, photos, proof):
        """The customer says why ``lines`` are not paid.

        :param photos: contents of the pictures, bytes each
        With sudo: that they are the customer's own is the caller's matter.
        :raise UserError: for what is no picture, too large or too many, and when the same reason
            is open already
        """
        pictures = [self._checked_photo(photo) for photo in self._few(photos)]
        company = lines.company_id
        register = self.sudo().with_company(company).with_context(tz=company.contact_timezone)
        try:
            dispute = register._register_dispute(
                partner.sudo().with_env(register.env),
                company.with_env(register.env),
                reason.with_env(register.env),
                description=(note or "")[:NOTE_LENGTH],
                lines=lines.with_env(register.env),
            )
        except UserError as error:
            if register._is_open_already(partner, reason):
                raise UserError(
                    self.env._("You told the shop so already; it is looking into it.")
                ) from error
            raise
        attachments = register.env["ir.attachment"].create(
            [
                {
                    "name": self.env._("Photo %(number)s.jpg", number=number),
                    "raw": picture,
                    "mimetype": "image/jpeg",
                    "res_model": self._name,
                    "res_id": dispute.id,
                    "public": False,
                }
                for number, picture in enumerate(pictures, start=1)
            ]
        )
        dispute.write(
            {
                "origin": proof.origin,
                "attachment_ids": [Command.set(attachments.ids)],
            }
        )
        return dispute

    @api.model
    def _told_of(self, partner, companies):
        """What the customer told the shop: open, or answered lately; with sudo."""
        since = fields.Datetime.now() - ANSWER_SHOWN
        return self.sudo().search_fetch(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", companies.ids),
                ("origin", "in", CUSTOMER),
                "|",
                ("state", "=", "open"),
                ("resolved_at", ">=", since),
            ],
            ["state", "opened_at", "company_id", "reason_id", "resolution"],
            order="id desc",
        )

    def _told_on(self):
        """The day in the shop's time zone."""
        self.ensure_one()
        local = self.with_context(tz=self.company_id.contact_timezone)
        return fields.Datetime.context_timestamp(local, self.opened_at).date()

    # ------------------------------------------------------------- helpers

    @api.model
    def _few(self, photos):
        if len(photos) > PHOTOS:
            raise UserError(self.env._("Send up to %(count)s photos.", count=PHOTOS))
        return photos

    @api.model
    def _checked_photo(self, content):
        """The picture as a JPEG of moderate size, without the place where it was taken.

        Drawn anew: whatever else hides in the file does not get stored.
        """
        if len(content) > PHOTO_BYTES:
            raise UserError(
                self.env._(
                    "A photo may have up to %(size)s MB. Take a smaller one.",
                    size=PHOTO_BYTES // 1024 // 1024,
                )
            )
        try:
            return redrawn(content)
        except TooManyDots as error:
            raise UserError(
                self.env._(
                    "This photo is too large to be opened: up to 12 megapixels. Take a smaller one."
                )
            ) from error
        except PictureError as error:
            raise UserError(
                self.env._("This is no photo that can be read. Send a JPEG or PNG picture.")
            ) from error

    @api.model
    def _is_open_already(self, partner, reason):
        return bool(
            self.search_count(
                [
                    ("partner_id", "=", partner.commercial_partner_id.id),
                    ("reason_id", "=", reason.id),
                    ("state", "=", "open"),
                ],
                limit=1,
            )
        )
