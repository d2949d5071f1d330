import io
from base64 import b64encode

from PIL import Image
from reportlab.graphics.barcode.code128 import Code128

from odoo import api, models

# Dots of the narrowest bar and height of the bars: sharp at 300 dpi on a lab's own printer too.
BAR_DOTS = 4
BAR_HEIGHT = 120


class ServiceOrderReport(models.AbstractModel):
    """The O.S. on one A4 page cut in three: customer, shop, lab."""

    _name = "report.optica_cobranca.report_service_order"
    _description = "Service Order on Paper"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        orders = self.env["optica.service.order"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "optica.service.order",
            "papers": [self._paper(order) for order in orders],
        }

    def _paper(self, order):
        return {
            "order": order,
            "lang": self._language(order.partner_id),
            "shop": self._shop(order.company_id),
            "customer": self._person(order.partner_id),
            "barcode": self._bars(order.name),
            "eyes": order._prescription_rows(),
        }

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
