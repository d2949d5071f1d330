"""Base of the tests of what customers do themselves; figures are worked out from one debt.

The debt on 17 March 2026 (2% fine, 1% a month):
A 100.00 due 10 Feb, 35 days: fine 2.00, interest 1.17; B 105.58 due 2 March, 15 days: 2.11, 0.53;
C 50.00 due 10 April, not late. Late: principal 205.58, charges 5.81. The policy gives half of the
charges, 1.59 of A and 1.32 of B: net 208.48, a fifth of it down is 41.70, 166.78 are left.
"""

from lxml import html

from odoo import Command

from .customer_common import CustomerPagesCommon

POLICY = {
    "self_service": True,
    "self_service_scope": "late",
    "self_service_min_parts": 1,
    "self_service_max_parts": 4,
    "self_service_min_part": 50.0,
    "self_service_down_percent": 20.0,
    "self_service_down_days": 2,
    "self_service_first_min_days": 5,
    "self_service_first_max_days": 40,
    "self_service_months": 6,
    "self_service_min_debt": 100.0,
    "self_service_max_debt": 500.0,
}


class SelfServiceCommon(CustomerPagesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(POLICY)
        cls.company.agreement_step_ids = [
            Command.clear(),
            Command.create(
                {"min_days_late": 1, "percent_of_charges": 60, "own_percent_of_charges": 50}
            ),
        ]

    def debt(self):
        return self.make_installments(
            ("2026-02-10", "100.00"), ("2026-03-02", "105.58"), ("2026-04-10", "50.00")
        )

    def agreement(self, partner=None):
        """The latest agreement of the customer."""
        wanted = [("partner_id", "=", (partner or self.customer).id)]
        return self.env["crediario.agreement"].search(wanted, order="id desc", limit=1)

    def send(self, token, path, data=None, status=200, **options):
        """Post a form of the link's pages with the session's own proof, as a tree."""
        values = {"csrf_token": self.csrf(token), **(data or {})}
        response = self.url_open(f"{self.root(token)}{path}", data=values, **options)
        self.assertEqual(response.status_code, status, response.text[:500])
        return html.fromstring(response.text)

    def csrf(self, token):
        return self.by_link("/dispute", token).xpath("string(//input[@name='csrf_token']/@value)")

    def choose(self, token, parts, **choice):
        """The hidden fields of the form that agrees to a choice."""
        query = "&".join(f"{key}={value}" for key, value in {"parts": parts, **choice}.items())
        page = self.by_link(f"/agreement/figures?{query}", token)
        fields = page.xpath("//form[.//button[@name='accept']]//input[@type='hidden']")
        values = {field.get("name"): field.get("value") for field in fields}
        return {**values, "agreed": "1"}

    def accept(self, token, parts=3, **choice):
        """Agree as a customer does."""
        return self.send(token, "/agreement/accept", self.choose(token, parts, **choice))
