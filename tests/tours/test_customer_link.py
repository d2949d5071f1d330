"""A late installment is paid by the link of a message, on the screen of a telephone."""

from datetime import date, timedelta

from odoo import Command, fields

from tests.tours.paying_customer import PaysByPhone


class TestCustomerLinkTour(PaysByPhone):
    def test_pay_a_late_installment(self):
        """15 days late on 105.58, due on no holiday: 2.11 + 0.53 = 108.22 by confirmed Pix."""
        today = date.today()
        # Charges count from the next business day: grace and fine are what is tested elsewhere.
        self.plan.write({"fine_percent": 2.0, "late_interest_percent": 1.0})
        self.patch(type(self.company), "_business_calendar", lambda company: EveryDay())
        late, _next = self.make_installments(
            (str(today - timedelta(days=15)), "105.58"), (str(today + timedelta(days=20)), "105.58")
        )
        reminder = self.remind_of(late, today)
        self.assertEqual(reminder.state, "queued")
        pix = self.pay_in_tour(
            "optica_cobranca_customer_link", "108.22", original="105.58", multa="2.11", juros="0.53"
        )
        self.assertEqual(
            (pix.state, pix.verdict, pix.charge_id.state), ("settled", "exact", "paid")
        )
        self.assertEqual(
            self.totals(pix.receipt_id), ("105.58", "2.11", "0.53", "0.00", "0.00", "108.22")
        )
        self.assertEqual(self.residuals(late), ["0.00"])
        self.assertEqual((reminder.state, reminder.reason), ("cancelled", "paid"))

    def remind_of(self, late, today):
        """The ladder's message about an installment, waiting to leave."""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Message",
                "model_id": self.env["ir.model"]._get_id("dunning.notice"),
                "state": "contact_message",
                "contact_template_id": self.env["contact.template"]
                .search([("purpose", "=", "collection")], limit=1)
                .id,
            }
        )
        self.company.dunning_policy_id = self.env["dunning.policy"].create(
            {
                "name": "One level",
                "level_ids": [
                    Command.create(
                        {"name": "15", "offset_days": 15, "action_ids": [Command.link(action.id)]}
                    )
                ],
            }
        )
        self.env.flush_all()
        with self.registry.cursor() as cursor:
            run = self.env(cr=cursor, su=True)["dunning.run"]
            run._run_day(run.env["res.company"].browse(self.company.id), today)
        self.env.invalidate_all()
        message = self.env["contact.message"].search(
            [("notice_id.line_ids.move_line_id", "=", late.id)]
        )
        # On a weekend it would wait for Monday.
        message.sudo().scheduled_at = fields.Datetime.now()
        return message


class EveryDay:
    """A calendar on which every day is one of business."""

    @staticmethod
    def next_business_day(day):
        return day
