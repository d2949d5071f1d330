import io

from PIL import Image, ImageOps, UnidentifiedImageError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .customer_proof import NOTE_LENGTH, ORIGINS

PHOTO_BYTES = 8 * 1024 * 1024
PHOTOS = 3
# What phones send; Odoo keeps other decoders of pictures switched off.
PHOTO_FORMATS = ("JPEG", "PNG")
# Enough to see a scratch on a lens; a phone's picture shrinks to some hundred kilobytes.
PHOTO_SIDE = 1920
PHOTO_MOST_PIXELS = 50_000_000
PHOTO_QUALITY = 80


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
        :raises UserError: for what is no picture, too large or too many, and when the same reason
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

    # ------------------------------------------------------------- helpers

    def _responsible_user(self):
        """A customer who says it is nobody who could work on it."""
        found = super()._responsible_user()
        if found.active and not found.share:
            return found
        return self.company_id._person_in_charge(self.partner_id, "optica_cobranca.group_collector")

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
        except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
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


def redrawn(content):
    """A picture as a JPEG of moderate size, bytes: nothing but its dots is kept.

    :raises ValueError: for another format or far too many dots
    :raises OSError: for what cannot be decoded
    """
    with Image.open(io.BytesIO(content), formats=PHOTO_FORMATS) as picture:
        if picture.width * picture.height > PHOTO_MOST_PIXELS:
            raise ValueError("too many pixels")
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    file = io.BytesIO()
    upright.save(file, "JPEG", quality=PHOTO_QUALITY)
    return file.getvalue()
