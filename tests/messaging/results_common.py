"""Base of the tests of results: messages that left, answers and payments on given days."""

from datetime import timedelta

from odoo import fields

from tests.messaging.common import TEXT, OutboxCommon

# Wednesday noon in São Paulo
NOW = "2026-02-11 15:00:00"


class ResultsCommon(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_template = cls.make_template("Later", TEXT)
        cls.seat = cls.env["contact.gateway"].create(
            {
                "name": "Sandbox",
                "company_id": cls.company.id,
                "channel": "whatsapp",
                "provider": "sandbox",
            }
        )
        cls.env["contact.report"].search([]).unlink()

    def message(self, partner, local, arrived="delivered", template=None, **values):
        """A message that left at a local time of São Paulo and came as far as ``arrived``."""
        sent = self.local(local)
        late = sent + timedelta(minutes=5)
        reached = {"sent": 0, "delivered": 1, "read": 2}.get(arrived, 0)
        return self.env["contact.message"].create(
            {
                "company_id": self.company.id,
                "partner_id": partner.id,
                "purpose": "collection",
                "template_id": (template or self.template).id,
                "gateway_id": self.seat.id,
                "channel": "whatsapp",
                "state": arrived,
                "sent_at": sent,
                "delivered_at": late if reached >= 1 else False,
                "read_at": late if reached >= 2 else False,
                **values,
            }
        )

    def answer(self, partner, local, state="text"):
        return self.env["contact.event"].create(
            {
                "gateway_id": self.seat.id,
                "key": f"{partner.id}-{local}-{state}",
                "kind": "inbound",
                "state": state,
                "partner_id": partner.id,
                "occurred_at": self.local(local),
                "text": "Oi",
            }
        )

    def line_of(self, partner):
        return self.env["account.move.line"].search(
            [("partner_id", "=", partner.id), ("crediario_plan_id", "!=", False)], limit=1
        )

    def tally(self, first="2026-01-20", end="2026-02-20"):
        self.env["contact.report"]._rebuild(
            self.company, fields.Date.to_date(first), fields.Date.to_date(end)
        )

    def sums(self, *names, **conditions):
        """The sums (or rates) of the rows that meet the conditions."""
        domain = [("company_id", "=", self.company.id)]
        domain += [(key, "=", value) for key, value in conditions.items()]
        specs = [f"{name}:{'avg' if 'rate' in name or 'per' in name else 'sum'}" for name in names]
        [values] = self.env["contact.report"]._read_group(domain, [], specs)
        return [round(value, 4) if isinstance(value, float) else value or 0 for value in values]
