"""What messages brought, worked out by hand for two templates."""

from freezegun import freeze_time

from odoo import Command

from tests.messaging.results_common import NOW, ResultsCommon


class TestResults(ResultsCommon):
    def two_templates(self):
        """Seven messages that left, one that did not; see the figures in the tests."""
        names = ("Ana", "Bia", "Caio", "Davi", "Eva", "Fabio", "Gil")
        people = {
            name: self.make_late(name, phone=f"+55 11 96000-01{index:02d}")
            for index, name in enumerate(names)
        }
        self.message(people["Ana"], "2026-02-02 10:00", "read")
        self.pay(self.line_of(people["Ana"]), "100.00", on="2026-02-05")  # third day after
        self.message(people["Bia"], "2026-02-02 11:00")
        self.answer(people["Bia"], "2026-02-03 09:00")
        self.pay(self.line_of(people["Bia"]), "100.00", on="2026-02-06")  # fourth day after
        later = self.other_template
        self.message(people["Caio"], "2026-02-02 10:30", template=later)
        self.message(people["Caio"], "2026-02-04 15:00", template=later)
        self.pay(self.line_of(people["Caio"]), "40.00", on="2026-02-04")
        self.message(people["Davi"], "2026-02-03 10:00", "failed", template=later)
        self.message(
            people["Eva"],
            "2026-02-03 10:00",
            "cancelled",
            sent_at=False,
            failed_at=self.local("2026-02-03 10:00"),
            reason="cap",
        )
        self.message(people["Fabio"], "2026-02-02 10:00", "sent")
        self.pay(self.line_of(people["Fabio"]), "100.00", on="2026-02-03").move_id.button_cancel()
        self.message(people["Gil"], "2026-02-02 10:00", "sent")
        self.forgive(people["Gil"], "2026-02-03")
        self.tally()
        return people

    def forgive(self, partner, day):
        """A journal entry takes the debt away: no money came."""
        line = self.line_of(partner)
        income = self.env["account.account"].search(
            [("company_ids", "in", self.company.ids), ("account_type", "=", "income")], limit=1
        )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": line.journal_id.id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "partner_id": partner.id,
                            "account_id": line.account_id.id,
                            "credit": 100.0,
                        }
                    ),
                    Command.create({"account_id": income.id, "debit": 100.0}),
                ],
            }
        )
        move.action_post()
        (line | move.line_ids.filtered(lambda each: each.account_id == line.account_id)).reconcile()

    def test_counts_and_rates_by_template(self):
        self.two_templates()
        # Ana, Bia, Fabio and Gil got it, Eva did not; Ana and Bia on their phones.
        self.assertEqual(
            self.sums(
                "messages",
                "sent",
                "delivered",
                "seen",
                "answered",
                "paid",
                "amount_paid",
                template_id=self.template.id,
            ),
            [5, 4, 2, 1, 1, 1, 100.0],
        )
        self.assertEqual(
            self.sums(
                "delivered_rate",
                "read_rate",
                "answered_rate",
                "paid_rate",
                template_id=self.template.id,
            ),
            [50.0, 25.0, 25.0, 25.0],
        )
        self.assertEqual(
            self.sums(
                "messages",
                "sent",
                "delivered",
                "paid",
                "amount_paid",
                template_id=self.other_template.id,
            ),
            [3, 3, 2, 1, 40.0],
        )
        # 2 of 7 all told: not the mean of 25.0 and 33.3
        self.assertEqual(self.sums("paid_rate", "delivered_rate"), [28.5714, 57.1429])

    def test_a_payment_belongs_to_the_last_message_only(self):
        self.two_templates()
        self.assertEqual(self.sums("paid", "amount_paid", hour="15"), [1, 40.0])
        self.assertEqual(self.sums("sent", "paid", "amount_paid", hour="10"), [5, 1, 100.0])

    def test_a_payment_of_the_same_day_entered_before_the_message(self):
        ana = self.make_late("Ana")
        self.message(ana, "2026-02-04 15:00")
        self.pay(self.line_of(ana), "30.00", on="2026-02-04")
        self.env.flush_all()
        partial = self.line_of(ana).matched_credit_ids
        for entered, paid in (("2026-02-04 17:59:00", 0), ("2026-02-04 18:01:00", 1)):
            self.env.cr.execute(
                "UPDATE account_partial_reconcile SET create_date = %s WHERE id = ANY(%s)",
                [entered, partial.ids],
            )
            self.env.cr.execute("UPDATE crediario_receipt_line SET create_date = %s", [entered])
            self.tally()
            self.assertEqual(self.sums("paid"), [paid], entered)

    def test_money_counts_for_its_day_where_the_books_were_closed(self):
        """Paid on 3 February, the day after the message; January and February are locked."""
        for name, day, sums in (("Ana", "2026-02-03", [1, 60.0]), ("Bia", "2026-02-01", [0, 0])):
            person = self.make_late(name, due="2026-03-31")
            self.message(person, "2026-02-02 10:00")
            self.company.fiscalyear_lock_date = "2026-02-28"
            with freeze_time("2026-03-10"):
                payment = self.env["account.payment"].create(
                    {
                        "payment_type": "inbound",
                        "partner_type": "customer",
                        "partner_id": person.id,
                        "amount": 60.0,
                        "date": day,
                        "journal_id": self.company_journal("bank").id,
                    }
                )
                payment.action_post()
                line = self.line_of(person)
                credit = payment.move_id.line_ids.filtered(
                    lambda item, line=line: item.account_id == line.account_id
                )
                (credit + line).reconcile()
            self.company.fiscalyear_lock_date = False
            self.assertGreater(str(payment.move_id.date), "2026-02-28")
            self.env["contact.report"].search([]).unlink()
            self.tally()
            self.assertEqual(self.sums("paid", "amount_paid"), sums, name)
            self.env["contact.message"].search([("partner_id", "=", person.id)]).write(
                {"state": "cancelled", "sent_at": False}
            )

    def company_journal(self, kind):
        return self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", kind)], limit=1
        )

    def test_messages_of_other_purposes_take_no_payment(self):
        ana = self.make_late("Ana")
        self.message(ana, "2026-02-02 10:00")
        self.message(ana, "2026-02-03 10:00", purpose="service")
        self.pay(self.line_of(ana), "100.00", on="2026-02-04")
        self.answer(ana, "2026-02-03 11:00")
        self.tally()
        self.assertEqual(
            self.sums("paid", "amount_paid", "answered", purpose="collection"), [1, 100.0, 0]
        )
        self.assertEqual(self.sums("paid", "asked", "answered", purpose="service"), [0, 0, 1])

    def test_late_charges_are_money_too(self):
        ana = self.make_late("Ana", due="2026-01-12")
        self.message(ana, "2026-02-10 10:00")
        # 30 days late on the 11th: 2.00 fine, 1.00 interest
        self.pay(self.line_of(ana), on="2026-02-11")
        self.tally()
        self.assertEqual(self.sums("amount_paid"), [103.0])

    def test_answers(self):
        ana = self.make_late("Ana")
        self.message(ana, "2026-02-02 10:00")
        for local, state, answered in (
            ("2026-02-02 09:59", "text", 0),
            ("2026-02-06 00:01", "text", 0),
            ("2026-02-03 10:00", "system", 0),
            ("2026-02-05 23:59", "text", 1),
            ("2026-02-03 10:01", "button", 1),
        ):
            self.answer(ana, local, state)
            self.tally()
            self.assertEqual(self.sums("answered"), [answered], local)

    def test_hours_are_the_customers_and_days_the_shops(self):
        manaus = self.make_late("Iara", state_id=self.env.ref("base.state_br_am").id)
        self.message(manaus, "2026-02-02 10:00")
        # 23:30 in São Paulo is the next day in UTC.
        self.message(self.make_late("Ana"), "2026-02-02 23:30")
        self.tally()
        found = self.env["contact.report"].search([("company_id", "=", self.company.id)])
        self.assertEqual(
            sorted((str(row.day), row.hour, row.weekday) for row in found),
            [("2026-02-02", "09", "1"), ("2026-02-02", "23", "1")],
        )

    def test_counting_again_changes_nothing_and_follows_what_is_undone(self):
        ana = self.make_late("Ana")
        self.message(ana, "2026-02-02 10:00")
        payment = self.pay(self.line_of(ana), "100.00", on="2026-02-03")
        self.tally()
        self.tally()
        self.assertEqual(self.sums("messages", "amount_paid"), [1, 100.0])
        payment.move_id.button_cancel()
        self.tally()
        self.assertEqual(self.sums("messages", "amount_paid"), [1, 0])

    def test_cost_of_what_was_received(self):
        ana = self.make_late("Ana")
        self.message(ana, "2026-02-02 10:00", cost=0.35)
        self.message(self.make_late("Bia"), "2026-02-02 11:00", cost=0.45)
        self.pay(self.line_of(ana), "50.00", on="2026-02-03")
        self.tally()
        self.assertEqual(self.sums("cost", "cost_per_paid"), [0.8, 0.016])

    def test_the_night_counts_everything_at_first(self):
        self.message(self.make_late("Ana"), "2025-06-02 10:00")
        self.message(self.make_late("Bia"), "2026-02-10 10:00")
        self.run_job("contact.report", "_cron_tally", NOW)
        self.assertEqual(self.sums("messages"), [2])
