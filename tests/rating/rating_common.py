"""Base of the tests of the rating: customers with a history, no commits."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.optica_cobranca.tools.ladder.dunning_query import customers_in

from tests.common import CollectionCommon

DAY = date(2026, 6, 9)


class RatingCommon(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ratings = cls.env["dunning.rating"]
        run_class = cls.env.registry["dunning.rating.run"]
        # A run commits after each range; here everything is rolled back at the end.
        cls.startClassPatcher(patch.object(run_class, "_commit", lambda self: None))

    @classmethod
    def facts(cls, partner, day=DAY):
        return cls.ratings._facts(cls.company, day, customers_in(partner.ids))[partner.id]

    @classmethod
    def rate(cls, partner, day=DAY):
        cls.ratings._rate(cls.company, day, customers_in(partner.ids))
        return cls.current(partner)

    @classmethod
    def current(cls, partner):
        return cls.ratings.search([("partner_id", "=", partner.id), ("current", "=", True)])

    @classmethod
    def make_good(cls, name="Good", count=4, start="2026-01-10"):
        """A customer who paid ``count`` monthly installments of 100.00 on their due dates."""
        partner = cls.make_customer(name)
        first = date.fromisoformat(start)
        dues = [first + timedelta(days=30 * number) for number in range(count)]
        for line in cls.make_installments(*[(str(d), "100.00") for d in dues], partner=partner):
            cls.pay(line, on=line.date_maturity)
        return partner
