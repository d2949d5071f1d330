"""Builders of service orders."""

from odoo import Command

from tests.common import CollectionCommon


class ServiceOrderCommon(CollectionCommon):
    """A lab, the templates “ready” and “late” of the tests' own, no gateway that could send."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lab = cls.make_customer("Lab Visão", is_company=True, is_optica_lab=True)
        cls.env["contact.gateway"].search([]).write({"state": "disabled"})
        # The shop's own text goes before the one that comes with the addon.
        cls.ready_template = cls.env["contact.template"].create(
            {
                "company_id": cls.company.id,
                "name": "Ready",
                "code": "order_ready",
                "purpose": "service",
                "channel_order": "whatsapp",
                "whatsapp_body": "{{customer_first_name}}, your glasses are ready.",
                "whatsapp_template_name": "ready",
            }
        )

    @classmethod
    def make_order(cls, **values):
        """An order of a pair of lenses, promised for 24 March 2026, with its lab."""
        defaults = {
            "partner_id": cls.customer.id,
            "company_id": cls.company.id,
            "lab_id": cls.lab.id,
            "promised_date": "2026-03-24",
            "line_ids": [Command.create({"kind": "lens", "name": "Single vision 1.5"})],
        }
        return cls.env["optica.service.order"].create({**defaults, **values})

    def deliver(self, order, name="Maria da Silva"):
        wizard = self.env["optica.service.step"].browse(order.action_deliver()["res_id"])
        wizard.write({"accepted_by": name, "accepted": True})
        wizard.action_apply()

    def messages(self, order):
        return self.env["contact.message"].search(
            [("res_model", "=", order._name), ("res_id", "=", order.id)]
        )
