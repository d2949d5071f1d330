"""From paper to customer in a browser: prescription by keyboard, order, ready, delivered."""

from datetime import date

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from tests.common import CollectionCommon


class TestOpticalTour(CollectionCommon, HttpCase):
    """The clock is the real one, because the browser has its own."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "vendedora_receitas",
            "optica_cobranca.group_prescription",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )
        cls.guardian = cls.make_customer("Ana Prado", phone="+55 11 96123-4567")
        cls.child = cls.make_customer(
            "Pedro Prado", payer_id=cls.guardian.id, kinship="child", birthdate="2016-05-02"
        )
        cls.make_customer("Lab Visão", is_company=True)
        cls.env["optica.prescriber"].create(
            {
                "name": "Dra. Lia Costa",
                "registration": "123456",
                "state_id": cls.env.ref("base.state_br_sp").id,
            }
        )

    def test_prescription_order_ready_delivered(self):
        self.start_tour(
            "/odoo/prescriptions", "optica_cobranca_optical", login=self.seller.login, timeout=120
        )
        prescription = self.child.prescription_ids
        # Typed: OD -2.00 +1.00 90, OE plano; addition 2.00 in both.
        self.assertEqual(
            (prescription.od_sphere, prescription.od_cylinder, prescription.od_axis),
            ("-1.00", "-1.00", "180"),
        )
        self.assertEqual((prescription.os_sphere, prescription.os_cylinder), ("0.00", False))
        self.assertEqual(
            (prescription.od_near_sphere, prescription.os_near_sphere), ("1.00", "2.00")
        )
        self.assertEqual(prescription.entered_by_id, self.seller)
        order = prescription.service_order_ids
        self.assertEqual((order.partner_id, order.patient_id), (self.guardian, self.child))
        self.assertEqual((order.state, order.delivered_date), ("delivered", date.today()))
        self.assertEqual(order.accepted_by, "Ana Prado")
        message = order.message_ready_id
        self.assertEqual(message.partner_id, self.guardian)
        self.assertEqual(message.template_id.code, "order_ready")
