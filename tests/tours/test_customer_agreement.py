"""A late customer accepts an agreement by the link of a message, on the screen of a telephone."""

from datetime import date, timedelta

from tests.portal.self_service_common import SelfServiceCommon
from tests.tours.paying_customer import PaysByPhone


class TestCustomerAgreementTour(PaysByPhone, SelfServiceCommon):
    def test_accept_an_agreement(self):
        """The down payment, a fifth of what is owed, is paid by a confirmed Pix on the page."""
        today = date.today()
        late, _next = self.make_installments(
            (str(today - timedelta(days=45)), "250.00"), (str(today + timedelta(days=20)), "50.00")
        )
        pix = self.pay_in_tour("optica_cobranca_customer_agreement")
        agreement = self.agreement()
        self.assertEqual((pix.state, pix.amount), ("settled", agreement.down_payment))
        self.assertEqual((agreement.state, agreement.installment_count), ("open", 3))
        self.assertFalse(late.amount_residual)
        self.assertTrue(agreement.acceptance_ids.user_agent)
