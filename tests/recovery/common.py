"""Base of the tests of what comes after reminders: late customers, notices, staff."""

import base64
import csv
import io

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import new_test_user

from tests.common import CollectionCommon

# A Wednesday. Installments of 100.00, due on Saturday 10 January 2026 (Monday 12 counts):
# 58 days late by charges: fine 2.00, interest 100 x 1% / 30 x 58 = 1.93, together 103.93.
TODAY = "2026-03-11"
DUE = "2026-01-10"


class RecoveryCommon(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "name": "Otica Boa Vista",
                "vat": "11.222.333/0001-81",
                "street": "Rua Boa Vista, 254",
                "city": "São Paulo",
                "zip": "01014-000",
                "phone": "(11) 3333-4444",
            }
        )
        cls.customer.write(
            {
                "vat": "123.456.789-09",
                "street": "Rua das Flores, 10",
                "street2": "Centro",
                "city": "São Paulo",
                "zip": "01310-100",
                "lang": "en_US",
            }
        )
        cls.collector, cls.manager, cls.seller = (
            new_test_user(
                cls.env,
                f"recovery.{name}",
                groups=f"optica_cobranca.group_{name}",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for name in ("collector", "manager", "seller")
        )
        cls.company.dunning_user_id = cls.collector

    @classmethod
    def debt(cls, *dues, partner=None):
        """Late installments of 100.00 each."""
        dues = dues or (DUE,)
        return cls.make_installments(*((due, "100.00") for due in dues), partner=partner)

    @classmethod
    def notice(cls, lines, day=TODAY, offset=30):
        """A notice about these installments of one customer, as the ladder writes it."""
        level = cls.env["dunning.level"].search([("offset_days", "=", offset)], limit=1)
        return (
            cls.env["dunning.notice"]
            .sudo()
            .create(
                {
                    "company_id": cls.company.id,
                    "currency_id": cls.company.currency_id.id,
                    "partner_id": lines.partner_id.id,
                    "date": day,
                    "policy_id": level.policy_id.id,
                    "level_id": level.id,
                    "level_offset": offset,
                    "installment_count": len(lines),
                    "oldest_due_date": min(lines.mapped("date_maturity")),
                    "amount_total": sum(lines.mapped("amount_residual")),
                    "state": "done",
                    "line_ids": [
                        Command.create(
                            {
                                "move_line_id": line.id,
                                "level_id": level.id,
                                "level_offset": offset,
                                "advanced": True,
                                "due_date": line.date_maturity,
                                "residual": line.amount_residual,
                            }
                        )
                        for line in lines
                    ],
                }
            )
        )

    @classmethod
    def eligible(cls, lines, on=TODAY):
        with freeze_time(on):
            return cls.env["dunning.bureau.case"].with_user(cls.collector)._make_eligible(lines)

    @classmethod
    def waiting(cls, lines, proof_on="2026-03-02"):
        """A case approved and told about on Friday 27 February, received on ``proof_on``."""
        case = cls.eligible(lines, on="2026-02-26")
        with freeze_time("2026-02-26"):
            case.with_user(cls.manager)._approve("No answer")
        case.sudo()._notice_sent("registered", fields.Date.to_date("2026-02-27"))
        case.sudo()._prove(fields.Date.to_date(proof_on), "AA123456789BR")
        return case

    @classmethod
    def registered(cls, lines):
        """A case registered on Friday 13 March, the first day it may be."""
        case = cls.waiting(lines)
        with freeze_time("2026-03-13"):
            case.with_user(cls.manager).action_register()
        return case

    @classmethod
    def review(cls, cases, on):
        cases.sudo()._review(fields.Date.to_date(on))

    def exports(self, kind):
        return self.env["dunning.export"].search([("kind", "=", kind)])

    @staticmethod
    def rows(export):
        """The rows of a CSV file handed over, as dictionaries."""
        text = base64.b64decode(export.content).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
