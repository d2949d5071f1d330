"""A late installment is paid by the link of a message, on the screen of a telephone."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.http import request

from odoo.addons.optica_cobranca.controllers.customer_access import CustomerAccess

from tests.portal.customer_common import CustomerPagesCommon


class TestCustomerLinkTour(CustomerPagesCommon):
    """The clock is the real one, because the browser has its own."""

    browser_size = "390x844"
    touch_enabled = True

    def test_pay_a_late_installment(self):
        """15 days late on 105.58, due on no holiday: 2.11 + 0.53; the bank tells it at once."""
        self.take_pix()
        today = date.today()
        due = today - timedelta(days=15)
        # Charges count from the next business day: grace and fine are what is tested elsewhere.
        self.plan.write({"fine_percent": 2.0, "late_interest_percent": 1.0})
        self.patch(type(self.company), "_business_calendar", lambda company: EveryDay())
        late, _next = self.make_installments(
            (str(due), "105.58"), (str(today + timedelta(days=20)), "105.58")
        )
        chosen = CustomerAccess.chosen

        def paid_while_waiting(access, name="installment"):
            lines = chosen(access, name)
            if lines and request.httprequest.path.endswith("/pay/state"):
                access.env["account.payment.register"].with_context(
                    active_model="account.move.line", active_ids=lines.ids
                ).create({"payment_date": today})._create_payments()
            return chosen(access, name)

        with patch.object(CustomerAccess, "chosen", paid_while_waiting):
            self.start_tour(
                f"/c/{self.issue()}", "optica_cobranca_customer_link", login=None, timeout=120
            )
        self.assertFalse(late.amount_residual)


class EveryDay:
    """A calendar on which every day is one of business."""

    @staticmethod
    def next_business_day(day):
        return day
