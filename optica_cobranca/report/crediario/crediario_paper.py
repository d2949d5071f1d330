import io
from base64 import b64encode

from PIL import Image
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget

from odoo import api, models

from ...domain.shop import tax_number

# Dots of a module: a code of 35 mm is sharp on a printer of 300 dpi and above.
QR_DOTS = 8
# Modules left white around the code; the paper around it is white too.
QR_BORDER = 2
# Dots of the narrowest bar and height of the bars: sharp at 300 dpi on a lab's own printer too.
BAR_DOTS = 4
BAR_HEIGHT = 120


class CrediarioPaper(models.AbstractModel):
    """What every printed document of the shop shares: who it comes from, in which language."""

    _name = "crediario.paper"
    _description = "Printed Documents of Store Credit"

    @api.model
    def _language(self, partner):
        """The customer's language; the reader's where the customer has none."""
        return partner.lang or self.env.lang or self.env.user.lang

    @api.model
    def _no_fiscal_document(self):
        """What a paper says that is none, in the reader's language."""
        return self.env._("Not a fiscal document")

    @api.model
    def _shop(self, company):
        """Who collects: name, tax id, address, ways of contact (CDC art. 42-A and 54-B)."""
        company = company.sudo()
        return {
            "name": company.name,
            "vat": company._contact_vat_label() if company.vat else "",
            "address": company._contact_address(),
            "zip": company.zip or "",
            "phone": company.phone or "",
            "email": company.email or "",
            "city": company.city or "",
        }

    @api.model
    def _person(self, partner):
        """The customer as a document names them: CPF, address, ways of contact."""
        partner = partner.sudo().commercial_partner_id
        city = "/".join(filter(None, (partner.city, partner.state_id.code)))
        return {
            "name": partner.name,
            "vat": tax_number.labelled(partner.vat) if partner.vat else "",
            "address": ", ".join(
                filter(None, (partner.street, partner.street2, city, partner.zip))
            ),
            "phone": partner.phone or "",
            "email": partner.email or "",
        }

    @api.model
    def _qr_image(self, text):
        """A QR code as a data URI, so that the PDF needs no request to the server.

        By the same library as core's barcodes, drawn here: whole dots a module stay sharp in
        print, and no drawing backend has to be installed.
        """
        widget = QrCodeWidget(text, barLevel="M")
        widget.qr.make()
        modules = widget.qr.modules
        size = len(modules) + 2 * QR_BORDER
        image = Image.new("1", (size, size), 1)
        for y, row in enumerate(modules, start=QR_BORDER):
            for x, is_dark in enumerate(row, start=QR_BORDER):
                if is_dark:
                    image.putpixel((x, y), 0)
        content = io.BytesIO()
        image.resize((size * QR_DOTS, size * QR_DOTS)).save(content, "PNG")
        return "data:image/png;base64," + b64encode(content.getvalue()).decode()

    @api.model
    def _bars(self, text):
        """Code 128 as a data URI, drawn here: no request to the server, no drawing backend."""
        code = Code128(text)
        code.validate()
        code.encode()
        code.decompose()
        # Upper case is a bar, lower case a gap; A is one module wide, B two …
        modules = [
            letter.isupper()
            for letter in code.decomposed
            for _module in range(ord(letter.lower()) - ord("a") + 1)
        ]
        image = Image.new("1", (len(modules), 1), 1)
        image.putdata([0 if is_bar else 1 for is_bar in modules])
        content = io.BytesIO()
        image.resize((len(modules) * BAR_DOTS, BAR_HEIGHT)).save(content, "PNG")
        return "data:image/png;base64," + b64encode(content.getvalue()).decode()

    @api.model
    def _printed_lines(self, text, width):
        """``text`` cut for a narrow column, never beside a space: what is copied stays whole."""
        lines = []
        while len(text) > width:
            end = width
            while end > 1 and " " in text[end - 1 : end + 1]:
                end -= 1
            lines.append(text[:end])
            text = text[end:]
        return [*lines, text]
