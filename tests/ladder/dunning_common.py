"""Base of the tests of the ladder: one policy, explicit days, no commits."""

from unittest.mock import patch

from odoo import Command

from tests.common import CollectionCommon

LEVELS = (-5, -1, 1, 5, 10, 15, 25, 30)


class DunningCommon(CollectionCommon):
    """The company follows a ladder of the usual days whose levels have no actions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A run commits after each batch; here everything is rolled back at the end.
        run_class = cls.env.registry["dunning.run"]
        for name in ("_commit", "_rollback"):
            cls.startClassPatcher(patch.object(run_class, name, lambda self: None))
        # The ladders of the product take whoever they are for; these tests bring their own.
        cls.env["dunning.policy"].search([]).segment_domain = False
        cls.policy = cls.make_policy("Usual", *LEVELS)
        cls.company.dunning_policy_id = cls.policy

    @classmethod
    def make_policy(cls, name, *offsets, **values):
        """A policy with a level for each offset, named by its offset."""
        return cls.env["dunning.policy"].create(
            {
                "name": name,
                "level_ids": [
                    Command.create({"name": str(offset), "offset_days": offset})
                    for offset in offsets
                ],
                **values,
            }
        )

    @classmethod
    def level(cls, offset, policy=None):
        return (policy or cls.policy).level_ids.filtered(lambda level: level.offset_days == offset)

    @classmethod
    def run_ladder(cls, day, company=None):
        """Run the ladder for ``day``; returns the run (empty when nothing is in reach)."""
        cls.env.flush_all()
        day = cls.env["dunning.run"]._fields["date"].to_date(day)
        run = cls.env["dunning.run"]._run_day(company or cls.company, day)
        cls.env.invalidate_all()
        return run

    @classmethod
    def notices(cls, day, partner=None):
        return cls.env["dunning.notice"].search(
            [("date", "=", day), *([("partner_id", "=", partner.id)] if partner else [])]
        )

    @classmethod
    def extend(cls, line, due):
        """Move the due date of a posted installment, as an extension does."""
        line.sudo().date_maturity = due
        cls.env.flush_all()

    @classmethod
    def hold(cls, **values):
        defaults = {
            "company_id": cls.company.id,
            "reason": "Asked for time",
            "date_from": "2020-01-01",
        }
        return cls.env["dunning.hold"].create({**defaults, **values})
