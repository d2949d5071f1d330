"""From the page of today to the calendar: a birthday handled, glasses dragged to another day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from tests.optics.service_common import ServiceOrderCommon


class TestCalendarTour(ServiceOrderCommon, HttpCase):
    """The clock is the real one, because the browser has its own."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "vendedora_calendario",
            "optica_cobranca.group_seller",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )
        cls.today = datetime.now(ZoneInfo(cls.seller.tz)).date()
        cls.ana = cls.make_customer(
            "Ana Prado",
            birth_day=cls.today.day,
            birth_month=f"{cls.today.month:02d}",
            phone="+55 11 96123-4567",
        )
        cls.promised = cls.today + relativedelta(months=1, day=10)
        cls.order = cls.make_order(
            partner_id=cls.make_customer("Bruno Reis").id, promised_date=cls.promised
        )

    def test_from_today_to_the_calendar(self):
        self.start_tour(
            "/odoo/optica-today", "optica_cobranca_calendar", login=self.seller.login, timeout=120
        )
        mark = self.env["optica.occurrence.mark"].search([("partner_id", "=", self.ana.id)])
        self.assertEqual(
            (mark.kind, mark.date, mark.user_id, mark.result, mark.note),
            ("birthday", self.today, self.seller, "spoke", "Very happy"),
        )
        self.env.invalidate_all()
        # Where exactly the mouse lets go depends on the browser; the models' tests have the day.
        self.assertNotEqual(self.order.promised_date, self.promised)
        self.assertEqual(self.order.promised_date.month, self.promised.month)
