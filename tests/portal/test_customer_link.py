"""A private link opens one customer's pages without a login, and nothing else."""

from datetime import timedelta

from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.tests import HttpCase

from tests.common import CollectionCommon

TODAY = "2026-03-17"  # a Tuesday


@freeze_time(f"{TODAY} 12:00")
class TestCustomerLink(CollectionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.links = cls.env["crediario.customer.link"]

    def issue(self, partner=None):
        owner = ((partner or self.customer).id, self.company.id)
        return self.links._issue([owner])[owner]

    def open(self, token, path=""):
        return self.url_open(f"/c/{token}{path}")

    def test_shows_what_is_open_and_who_asks_for_it(self):
        """15 days late on 105.58: fine 2.11, interest 0.53."""
        self.company.write({"street": "Rua das Flores, 120", "vat": "11.222.333/0001-81"})
        late, _coming = self.make_installments(("2026-03-02", "105.58"), ("2026-04-02", "105.58"))
        response = self.open(self.issue())
        page = html.fromstring(response.text)
        shown = page.xpath("//li/@data-installment")
        self.assertEqual(shown[0], str(late.id))
        self.assertEqual(len(shown), 2)
        text = page.text_content()
        for expected in ("108.22", "Hello, Maria!", "Rua das Flores, 120", self.company.vat):
            self.assertIn(expected, text)

    def test_unknown_expired_and_revoked_are_told_the_same(self):
        expired, revoked = self.issue(), self.issue()
        rows = self.links.search([("partner_id", "=", self.customer.id)], order="id")
        rows[1].action_revoke()
        answers = [self.open("A" * 22), self.open("x"), self.open(revoked)]
        with freeze_time(fields.Datetime.now() + timedelta(days=7)):
            answers.append(self.open(expired))
        self.assertEqual({answer.status_code for answer in answers}, {404})
        self.assertEqual(len({answer.text for answer in answers}), 1)
