from odoo import fields, models


class ResPartner(models.Model):
    """Who a customer is to Meta, besides a telephone number."""

    _inherit = "res.partner"

    whatsapp_user_id = fields.Char(
        "WhatsApp User ID",
        copy=False,
        index="btree_not_null",
        groups="optica_cobranca.group_seller",
        help="Meta's id of a person who may hide the telephone number; learned when he writes.",
    )
    instagram_user_id = fields.Char(
        "Instagram User ID",
        copy=False,
        index="btree_not_null",
        groups="optica_cobranca.group_seller",
        help="Instagram's id of the person towards this shop; learned when he writes.",
    )


class ContactEvent(models.Model):
    """Recognises people who hide their number, and those who write on Instagram."""

    _inherit = "contact.event"

    sender_user_id = fields.Char("Sender's ID", readonly=True)

    def _receive(self, gateway, inbound):
        self.sender_user_id = inbound.sender_id
        super()._receive(gateway, inbound)
        if self.partner_id:
            self._remember_person(gateway)

    def _senders(self, gateway, inbound):
        found = super()._senders(gateway, inbound)
        if found or not inbound.sender_id:
            return found
        return (
            self.env["res.partner"]
            .sudo()
            .search([(_id_field(gateway), "=", inbound.sender_id)], order="id desc")
        )

    def assign_to(self, partner):
        """A person says whose words these are: they go to his record, the next ones by themselves.

        :param partner: one customer
        """
        self.check_access("read")
        partner.check_access("write")
        # Users cannot write events; whose words these are is what they may say.
        for event in self.sudo().filtered(lambda event: event.kind == "inbound"):
            twins = event | event._of_same_sender()
            for twin in twins.filtered(lambda twin: not twin.partner_id):
                twin.write({"partner_id": partner.id, "note": False})
                twin._move_file_to_partner()
            event.partner_id = partner
            event._remember_person(event.gateway_id)

    # ------------------------------------------------------------- helpers

    def _of_same_sender(self):
        self.ensure_one()
        if not self.sender_user_id:
            return self.browse()
        return self.search(
            [
                ("kind", "=", "inbound"),
                ("gateway_id", "=", self.gateway_id.id),
                ("sender_user_id", "=", self.sender_user_id),
            ]
        )

    def _remember_person(self, gateway):
        """Keep the id by which the person is recognised next time."""
        name = _id_field(gateway)
        if self.sender_user_id and self.partner_id.sudo()[name] != self.sender_user_id:
            self.partner_id.sudo()[name] = self.sender_user_id


def _id_field(gateway):
    return "instagram_user_id" if gateway.channel == "instagram" else "whatsapp_user_id"
