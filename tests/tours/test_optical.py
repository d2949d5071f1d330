"""From paper to customer in a browser: prescription by keyboard, order, ready, delivered."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

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
        cls.make_customer("Lab Visão", is_company=True, is_optica_lab=True)
        cls.env["optica.prescriber"].create(
            {
                "name": "Dra. Lia Costa",
                "registration": "123456",
                "state_id": cls.env.ref("base.state_br_sp").id,
            }
        )

    def test_prescription_order_ready_delivered(self):
        self.start_tour(
            "/odoo/optica-prescriptions",
            "optica_cobranca_optical",
            login=self.seller.login,
            timeout=120,
        )
        prescription = self.child.prescription_ids.with_user(self.seller)
        # Typed: OD -2.00 +1.00 90, OE plano; addition 2.00 in both.
        self.assertEqual(
            (prescription.od_sphere, prescription.od_cylinder, prescription.od_axis),
            ("-1.00", "-1.00", "180"),
        )
        self.assertEqual((prescription.os_sphere, prescription.os_cylinder), ("0.00", False))
        self.assertEqual(
            (prescription.od_near_sphere, prescription.os_near_sphere), ("1.00", "2.00")
        )
        self.assertEqual((prescription.od_prism, prescription.od_base), ("2.00", "out"))
        self.assertEqual(prescription.entered_by_id, self.seller)
        order = prescription.service_order_ids
        self.assertEqual((order.partner_id, order.patient_id), (self.guardian, self.child))
        self.assertEqual((order.state, order.delivered_date), ("delivered", date.today()))
        self.assertEqual(order.accepted_by, "Ana Prado")
        message = order.message_ready_id
        self.assertEqual(message.partner_id, self.guardian)
        self.assertEqual(message.template_id.code, "order_ready")


class TestBirthdayTour(CollectionCommon, HttpCase):
    """From the page of today to all greetings at once; the day is the real one."""

    browser_size = "1366x900"

    def test_all_greetings_at_once(self):
        seller = new_test_user(
            self.env,
            "vendedora_aniversarios",
            "optica_cobranca.group_seller",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            tz="America/Sao_Paulo",
        )
        today = datetime.now(ZoneInfo("America/Sao_Paulo")).date()
        born = today - relativedelta(years=40)
        friends = [
            self.make_customer(name, birthdate=born, phone="+55 11 96123-4567")
            for name in ("Ana Prado", "Bruno Reis")
        ]
        # A child's greeting goes to the guardian.
        self.make_customer("Pedro Prado", birthdate=born, payer_id=friends[0].id, kinship="child")
        self.start_tour(
            "/odoo/optica-today", "optica_cobranca_birthdays", login=seller.login, timeout=120
        )
        messages = self.env["contact.message"].search(
            [("template_id.code", "in", ("birthday", "birthday_dependant"))]
        )
        greeted = sorted((row.partner_id.name, row.template_id.code) for row in messages)
        self.assertEqual(
            greeted,
            [
                ("Ana Prado", "birthday"),
                ("Ana Prado", "birthday_dependant"),
                ("Bruno Reis", "birthday"),
            ],
        )
        self.assertEqual(messages.author_id, seller)
        sendings = self.env["optica.campaign.sending"].search([("kind", "=", "birthday")])
        self.assertEqual(sendings.message_id, messages)
