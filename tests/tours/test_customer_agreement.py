"""A late customer accepts an agreement by the link of a message, on the screen of a telephone."""

from datetime import date, timedelta

from tests.portal.self_service_common import SelfServiceCommon


class TestCustomerAgreementTour(SelfServiceCommon):
    """The clock is the real one, because the browser has its own."""

    browser_size = "390x844"
    touch_enabled = True

    def test_accept_an_agreement(self):
        self.take_pix()
        today = date.today()
        late, _next = self.make_installments(
            (str(today - timedelta(days=45)), "250.00"), (str(today + timedelta(days=20)), "50.00")
        )
        self.start_tour(
            f"/c/{self.issue()}", "optica_cobranca_customer_agreement", login=None, timeout=120
        )
        agreement = self.agreement()
        self.assertEqual((agreement.state, agreement.installment_count), ("waiting", 3))
        self.assertFalse(late.amount_residual)
        self.assertTrue(agreement.acceptance_ids.user_agent)
