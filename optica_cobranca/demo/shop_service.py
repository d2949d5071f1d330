from datetime import timedelta

from odoo import models

from .people import PEOPLE

# customer | days from today to the promise | state
GLASSES = (
    ("Rafael", 6, "draft"),
    ("Beatriz", 5, "at_lab"),
    ("Daniela", -2, "at_lab"),
    ("Nelson", -1, "draft"),
    ("Vinícius", 1, "ready"),
    ("Sandra", -3, "delivered"),
    ("Alberto", -20, "delivered"),
)
LABS = ("Laboratório Visão Digital", "Surfaçagem Paulista")
SENT_DAYS_BEFORE = 8
READY_DAYS_BEFORE = 1


class DemoShop(models.AbstractModel):
    """Glasses of the demo shop on their way: in every state, one late at the lab."""

    _inherit = "optica.demo.shop"

    def _make_glasses(self, seller, today):
        labs = self.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "is_optica_lab": True, "city": "São Paulo"}
                for name in LABS
            ]
        )
        customers = {
            person.name.split()[0]: customer
            for person, customer in zip(PEOPLE, self._customers(), strict=True)
        }
        orders = self.env["optica.service.order"]
        for number, (first_name, days, state) in enumerate(GLASSES):
            sale = self.env["sale.order"].search(
                [
                    ("partner_id", "=", customers[first_name].id),
                    ("company_id", "=", self.env.company.id),
                    ("state", "=", "sale"),
                ],
                limit=1,
            )
            promised = today + timedelta(days=days)
            order = orders.create(
                {
                    **orders._from_sale(sale, sale.order_line._service_lines()),
                    "user_id": seller.id,
                    "lab_id": labs[number % len(labs)].id,
                    "date": promised - timedelta(days=SENT_DAYS_BEFORE + 1),
                    "promised_date": promised,
                }
            )
            self._bring(order, state, min(promised, today))

    def _bring(self, order, state, day):
        """Take the steps up to ``state``, in the days before ``day``."""
        if state == "draft":
            return
        order._go_to("at_lab", day=day - timedelta(days=SENT_DAYS_BEFORE))
        if state == "at_lab":
            return
        order._go_to("ready", day=day - timedelta(days=READY_DAYS_BEFORE))
        if state == "delivered":
            order._go_to("delivered", day=day, accepted_by=order.partner_id.name)
