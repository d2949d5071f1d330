"""Forms of the customer's agreement in the hands of somebody who means ill."""

from freezegun import freeze_time

from tests.portal.customer_common import NOON
from tests.portal.self_service_common import SelfServiceCommon


@freeze_time(NOON)
class TestSelfServiceAttacks(SelfServiceCommon):
    def refused(self, token, form):
        """Sent, refused with a sentence, and nothing of it is left."""
        page = self.send(token, "/agreement/accept", form)
        self.assertTrue(page.xpath("//*[@name='problem' or @name='objections']"))
        self.assertFalse(self.agreement())
        self.assertFalse(self.env["crediario.acceptance"].search([]))

    def test_what_was_shown_is_what_counts(self):
        """Other parts, less down, another day with the proof of the first: all are refused."""
        lines = self.debt()
        token = self.issue()
        form = self.choose(token, 3)
        for change in (
            {"parts": "2"},
            {"down": "0.01"},
            {"down": "41.71"},
            {"first": "2026-04-20"},
            {"first": "2027-04-20"},
            {"parts": "99999999999"},
            {"parts": "-1"},
            {"down": "1e9"},
            {"down": "-5"},
            {"first": "tomorrow"},
            {"digest": ""},
            {"digest": "0" * 64},
            {"agreed": ""},
        ):
            with self.subTest(change):
                self.refused(token, {**form, **change})
        self.assertEqual(lines.mapped("amount_residual"), [100.0, 105.58, 50.0])

    def test_an_offer_of_yesterday_is_shown_anew(self):
        """One more day of interest is another text."""
        self.debt()
        token = self.issue()
        with freeze_time("2026-03-16 15:00"):
            form = self.choose(token, 3)
        form["first"] = "2026-04-16"
        self.refused(token, form)

    def test_a_payment_meanwhile_changes_the_terms(self):
        lines = self.debt()
        token = self.issue()
        form = self.choose(token, 3)
        self.pay(lines[0], on="2026-03-17")
        self.refused(token, form)

    def test_sent_twice_it_is_made_once(self):
        self.debt()
        token = self.issue()
        form = self.choose(token, 3)
        self.send(token, "/agreement/accept", form)
        page = self.send(token, "/agreement/accept", form)
        self.assertIn("have an agreement already", self.text(page, "//*[@name='problem']"))
        self.assertEqual(self.env["crediario.agreement"].search_count([]), 1)

    def test_switched_off_nothing_is_accepted(self):
        self.debt()
        token = self.issue()
        form = self.choose(token, 3)
        self.company.self_service = False
        self.send(token, "/agreement/accept", form)
        self.assertFalse(self.agreement())

    def test_forms_of_other_sites_are_refused(self):
        self.debt()
        token = self.issue()
        form = {**self.choose(token, 3), "csrf_token": "x"}
        for path in ("/agreement/accept", "/agreement/ask", "/promise", "/extend", "/dispute"):
            with self.subTest(path):
                response = self.url_open(f"{self.root(token)}{path}", data=form)
                self.assertEqual(response.status_code, 400)
        self.assertFalse(self.agreement())

    def test_another_customers_agreement_does_not_exist(self):
        self.debt()
        self.accept(self.issue())
        agreement = self.agreement()
        self.make_installments(("2026-02-10", "150.00"), partner=self.other_customer)
        stranger = self.issue(self.other_customer)
        digest = agreement.acceptance_ids.digest
        for path in ("accept", "cancel"):
            self.send(
                stranger,
                f"/agreement/{agreement.id}/{path}",
                {"digest": digest, "agreed": "1"},
                status=404,
            )
        joao = self.make_portal_user(self.other_customer, "joao_stranger")
        self.authenticate(joao.login, joao.login)
        for identifier in (agreement.id, agreement.id + 1000):
            response = self.url_open(f"/my/crediario/agreement/{identifier}.pdf")
            self.assertEqual(response.status_code, 404)
        self.assertEqual(agreement.state, "waiting")

    def test_a_get_changes_nothing(self):
        self.debt()
        token = self.issue()
        form = self.choose(token, 3)
        query = "&".join(f"{key}={value}" for key, value in form.items())
        response = self.url_open(f"/oc/{token}/agreement/accept?{query}")
        self.assertIn(response.status_code, (404, 405))
        self.assertFalse(self.agreement())
