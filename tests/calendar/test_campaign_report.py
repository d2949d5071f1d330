"""What campaigns brought: sent, delivered, read, answered, came back, bought."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields

from tests.calendar.campaign_common import CampaignCommon

SENT = datetime(2026, 2, 11, 12, 0)


class TestCampaignReport(CampaignCommon):
    def setUp(self):
        super().setUp()
        self.automatic("birthday")
        self.customers = [
            self.born(name=f"Cliente {n}", phone=f"+55 11 96000-000{n}") for n in range(1, 5)
        ]
        self.job()
        self.dispatch("2026-02-11 12:00:00")

    def row(self, number):
        return self.env["optica.campaign.report"].search(
            [("partner_id", "=", self.customers[number - 1].id)]
        )

    def buys(self, number, amount, on):
        sale = self.make_sale(amount, installments=1, partner=self.customers[number - 1])
        sale.action_confirm()
        sale.date_order = on
        self.env.flush_all()

    def test_each_step_of_a_message(self):
        messages = {message.partner_id: message for message in self.messages()}
        first, second, third, _fourth = (messages[customer] for customer in self.customers)
        first.write({"state": "read", "delivered_at": SENT, "read_at": SENT})
        second.write({"state": "delivered", "delivered_at": SENT})
        third.write({"state": "failed", "sent_at": False, "failed_at": SENT})
        self.env.flush_all()
        steps = [
            (row.messages, row.sent, row.delivered, row.seen)
            for row in (self.row(number) for number in range(1, 5))
        ]
        self.assertEqual(steps, [(1, 1, 1, 1), (1, 1, 1, 0), (1, 0, 0, 0), (1, 1, 0, 0)])
        [(rate, sent)] = self.env["optica.campaign.report"]._read_group(
            [], [], ["delivered_rate:avg", "sent:sum"]
        )
        # 2 of 3, not the mean of four rows.
        self.assertEqual((round(float(rate), 1), sent), (66.7, 3))

    def test_sales_within_sixty_days(self):
        self.buys(1, "500.00", SENT + timedelta(days=59))
        self.buys(2, "300.00", SENT + timedelta(days=61))
        self.buys(3, "200.00", SENT - timedelta(hours=1))
        found = [(row.returned, row.bought, row.amount) for row in map(self.row, (1, 2, 3))]
        self.assertEqual(found, [(1, 1, 500.0), (0, 0, 0.0), (0, 0, 0.0)])

    def test_an_invoice_counts_once_with_its_sale(self):
        customer = self.customers[0]
        with freeze_time("2026-03-01 15:00:00"):
            self.make_invoice("400.00", 1, "2026-04-01", "2026-03-01", partner=customer)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET create_date = '2026-03-01 15:00' WHERE partner_id = %s",
            [customer.id],
        )
        self.assertEqual((self.row(1).bought, self.row(1).amount), (1, 400.0))
        sale = self.make_sale("600.00", installments=1, partner=self.customers[1])
        sale.action_confirm()
        sale.date_order = SENT + timedelta(days=5)
        sale._create_invoices().action_post()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET create_date = '2026-02-16 15:00' WHERE partner_id = %s",
            [self.customers[1].id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.row(2).amount, 600.0)

    def test_a_prescription_is_a_visit(self):
        self.prescribe(self.customers[0], "2027-02-20", exam="2026-02-01")
        self.env.flush_all()
        self.env.cr.execute("UPDATE optica_prescription SET create_date = '2026-02-21 15:00'")
        self.env.invalidate_all()
        self.assertEqual((self.row(1).returned, self.row(1).bought), (1, 0))

    def test_a_sale_counts_for_the_last_message_before_it(self):
        """Greeted on the 11th, surveyed on the 20th, bought on the 25th."""
        customer = self.customers[0]
        self.automatic("survey")
        self.company.service_order_message = False
        order = self.glasses(customer)
        self.deliver(order, "2026-02-15")
        self.job("2026-02-20 11:00:00")
        self.dispatch("2026-02-20 12:00:00")
        self.buys(1, "500.00", datetime(2026, 2, 25, 15, 0))
        amounts = {row.kind: row.amount for row in self.row(1)}
        self.assertEqual(amounts, {"birthday": 0.0, "survey": 500.0})

    def test_answers_within_three_days(self):
        for number, hours in ((1, 71), (2, 73)):
            self.env["contact.event"].create(
                {
                    "gateway_id": self.gateway.id,
                    "key": f"answer-{number}",
                    "kind": "inbound",
                    "state": "text",
                    "partner_id": self.customers[number - 1].id,
                    "occurred_at": fields.Datetime.to_string(SENT + timedelta(hours=hours)),
                    "text": "Obrigado!",
                }
            )
        self.env.flush_all()
        self.assertEqual([self.row(1).answered, self.row(2).answered], [1, 0])
