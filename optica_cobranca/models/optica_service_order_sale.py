from odoo import Command, api, fields, models


class OpticaServiceOrder(models.Model):
    """Glasses and their sale: made of its lines, following them while it is a quotation."""

    _inherit = "optica.service.order"

    sale_state = fields.Selection(related="sale_order_id.state", string="State of the Sale")

    # ------------------------------------------------------------ business

    @api.model
    def _from_sale(self, sale, lines):
        """The values of an order over these lines of a sale.

        On a quotation no day is promised yet: the shop's days count from the confirmation.
        """
        return {
            "company_id": sale.company_id.id,
            "partner_id": sale.partner_id.id,
            "sale_order_id": sale.id,
            "line_ids": [Command.create(line._service_line_vals()) for line in lines],
            **({} if sale.state == "sale" else {"promised_date": False}),
        }

    def _is_agreed(self):
        """Whether the customer ordered: there is no sale behind it, or a confirmed one."""
        self.ensure_one()
        sale = self.sudo().sale_order_id
        return not sale or sale.state == "sale"

    def _on_sale_confirmed(self):
        """Propose a day for what has none: the customer's word is there now."""
        for order in self.filtered(lambda o: o.state == "draft" and not o.promised_date):
            order.promised_date = order.with_company(order.company_id)._default_promised_date()

    def _on_sale_cancelled(self):
        """What the lab has not seen is cancelled; for the rest somebody has to decide."""
        self.filtered(lambda o: o.state == "draft")._step("cancelled")
        for order in self.filtered(lambda o: o.state in ("at_lab", "ready")):
            order._withdraw_messages()
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=(order.user_id or order.create_uid).id,
                summary=order.env._("Sale cancelled"),
                note=order.env._(
                    "The sale %(sale)s was cancelled while its glasses were on their way: agree "
                    "with lab and customer, then cancel this service order.",
                    sale=order.sale_order_id.name,
                ),
            )
