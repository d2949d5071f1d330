"""Promises on a ladder: who is silent until when, kept and broken by payments and by the night.

The usual debt on 20 March 2026 (a Friday; 2% fine, 1% a month): 100.00 due on Tuesday 10 March,
10 days: fine 2.00, interest 0.33 → 102.33; on the 27th, 17 days: 0.57 → 102.57.
"""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError

from ..ladder.dunning_common import DunningCommon
from ..receiving.receiving_common import ReceivingCommon

TODAY = "2026-03-20"


class PromiseCommon(DunningCommon, ReceivingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch.object(cls.env.registry["dunning.promise"], "_commit_batch", lambda *args: None)
        )
        cls.line = cls.make_installments(("2026-03-10", "100.00"))

    def promise(self, day="2026-03-27", amount=None, on=TODAY, **values):
        """A promise of the customer, registered on a day."""
        with freeze_time(on):
            return self.env["dunning.promise"]._register_promise(
                values.pop("partner", self.customer),
                values.pop("company", self.company),
                date.fromisoformat(day),
                amount,
                **values,
            )

    def paid(self, *methods, on, lines=None, today=None, **values):
        """Receive at the cashier, and commit as far as promises are concerned."""
        with freeze_time(today or on):
            receipt = self.receive(lines or self.line, *methods, on=on, **values)
            self.env.cr.flush()
        return receipt

    def night(self, day):
        with freeze_time(f"{day} 09:00:00"):
            self.env["dunning.promise"]._cron_promises()
        self.env.cr.flush()


class TestPromise(PromiseCommon):
    def test_all_that_is_late_with_charges(self):
        promise = self.promise()
        self.assertEqual((promise.amount, promise.move_line_ids), (102.33, self.line))
        self.assertEqual((promise.state, str(promise.deadline)), ("open", "2026-03-28"))
        self.assertEqual(promise.user_id, self.env.user)

    def test_limits(self):
        self.company.promise_max_days = 7
        with self.assertRaisesRegex(UserError, "03/27/2026 at the latest"):
            self.promise("2026-03-28")
        self.plan.promise_max_days = 10
        self.promise("2026-03-30")
        with self.assertRaisesRegex(UserError, "past"):
            self.promise("2026-03-19")
        with self.assertRaisesRegex(UserError, "102.57"):
            self.promise("2026-03-27", 102.58)
        other = self.make_installments(
            ("2026-03-10", "50.00"), partner=self.make_customer("Another")
        )
        with self.assertRaisesRegex(UserError, "one customer"):
            self.promise("2026-03-27", lines=other)
        with self.assertRaisesRegex(UserError, "nothing to promise"):
            self.promise("2026-03-27", partner=self.make_customer("Owes nothing"))

    def test_a_new_promise_replaces_the_open_one_within_the_first_limit(self):
        first = self.promise("2026-03-27")
        second = self.promise("2026-03-31", 50.0, on="2026-03-27")
        self.assertEqual((first.state, first.replaced_by_id), ("cancelled", second))
        # 15 days from 20 March, not from the 27th
        with self.assertRaisesRegex(UserError, "04/04/2026 at the latest"):
            self.promise("2026-04-05", on="2026-03-30")
        with freeze_time("2026-03-30"), self.assertRaisesRegex(UserError, "newer promise"):
            first.action_reopen()
        with freeze_time("2026-03-30"):
            second.action_cancel()
            first.action_reopen()
        self.assertEqual((first.state, second.state), ("broken", "cancelled"))

    def test_the_ladder_is_silent_until_the_tolerance_and_goes_on(self):
        """Due 10 March: level +10 is due on the promise's day, +15 on the 25th."""
        self.promise("2026-03-27")
        for day in ("2026-03-20", "2026-03-25", "2026-03-28"):
            self.run_ladder(day)
            self.assertFalse(self.notices(day))
        self.run_ladder("2026-03-29")
        self.assertEqual(self.notices("2026-03-29").level_id, self.level(15))

    def test_a_kept_promise_releases_the_rest_at_once(self):
        """60.00 of 102.33 promised and paid on the 23rd: +15 leaves on its own day, the 25th."""
        promise = self.promise("2026-03-27", 60.0)
        self.paid(("cash", "60.00"), on="2026-03-23")
        self.assertEqual(promise.state, "kept")
        self.run_ladder("2026-03-25")
        self.assertEqual(self.notices("2026-03-25").level_id, self.level(15))

    def test_other_installments_are_not_silenced(self):
        other = self.make_installments(("2026-03-21", "50.00"))
        self.promise("2026-03-27")
        self.run_ladder("2026-03-22")
        notice = self.notices("2026-03-22")
        self.assertEqual(notice.line_ids.move_line_id, other)

    def test_kept_at_once_by_the_cashier(self):
        promise = self.promise()
        self.paid(("cash", "50.00"), on="2026-03-24")
        self.assertEqual((promise.state, promise.paid_amount), ("open", 50.0))
        # 50.00 paid 1... interest 0.47 and fine first: principal left 52.47 on the 24th
        left = self.line._amounts_today(date(2026, 3, 27))[self.line.id].total
        self.paid(("cash", str(left)), on="2026-03-27")
        self.assertEqual(promise.state, "kept")
        self.assertEqual(str(promise.closed_on), "2026-03-27")
        self.assertIn("kept", self.customer.message_ids[0].body)

    def test_broken_at_night_and_a_task_for_the_collector(self):
        promise = self.promise()
        self.night("2026-03-28")
        self.assertEqual(promise.state, "open")
        self.night("2026-03-29")
        self.assertEqual((promise.state, str(promise.closed_on)), ("broken", "2026-03-29"))
        self.assertEqual(promise.activity_ids.user_id, self.env.user)
        self.assertIn("broken", self.customer.message_ids[0].body)

    def test_a_payment_entered_late_counts_by_its_date(self):
        """The statement of the 27th is imported on the 30th, after the night."""
        promise = self.promise()
        self.night("2026-03-29")
        self.assertEqual(promise.state, "broken")
        self.paid(("bank", "102.57"), on="2026-03-27", today="2026-03-30")
        self.assertEqual(promise.state, "kept")
        self.assertFalse(promise.activity_ids)

    def test_a_payment_after_the_deadline_does_not_mend_it(self):
        promise = self.promise()
        self.night("2026-03-29")
        self.paid(("bank", "102.67"), on="2026-03-30")
        self.assertEqual((promise.state, promise.paid_amount), ("broken", 0.0))

    def test_an_undone_receipt_opens_it_again(self):
        promise = self.promise()
        receipt = self.paid(("cash", "102.33"), on=TODAY)
        self.assertEqual(promise.state, "kept")
        with freeze_time("2026-03-24"):
            receipt._cancel("Wrong customer")
            self.env.cr.flush()
        self.assertEqual((promise.state, promise.paid_amount), ("open", 0.0))
        self.night("2026-03-29")
        self.assertEqual(promise.state, "broken")

    def test_what_was_paid_before_does_not_count(self):
        """100.00 less 40.00 paid on the 12th, interest 0.07 and fine 2.00 first."""
        self.paid(("cash", "40.00"), on="2026-03-12")
        promise = self.promise(amount=30.0)
        self.night("2026-03-29")
        self.assertEqual((promise.state, promise.paid_amount), ("broken", 0.0))

    def test_waived_charges_keep_it(self):
        promise = self.promise()
        self.paid(
            ("cash", "100.00"),
            on="2026-03-27",
            waive={self.line: ("2.00", "0.57")},
            reason="Good customer",
        )
        self.assertEqual((promise.state, promise.paid_amount), ("kept", 100.0))

    def test_odoos_own_wizard_counts(self):
        promise = self.promise()
        with freeze_time("2026-03-27"):
            self.pay(self.line, on="2026-03-27")
            self.env.cr.flush()
        self.assertEqual((promise.state, promise.paid_amount), ("kept", 102.57))

    def test_a_promise_about_nothing_any_more(self):
        move = self.make_invoice(total="90.00", installments=1, first_due="2026-03-10")
        line = move.installment_ids
        promise = self.promise(lines=line)
        with freeze_time("2026-03-24"):
            refund = move._reverse_moves([{"invoice_date": "2026-03-24"}], cancel=True)
            self.assertEqual(refund.state, "posted")
            self.env.cr.flush()
        self.assertFalse(line.amount_residual)
        self.assertEqual((promise.state, promise.cancelled_by_id.id), ("cancelled", False))

    def test_customers_are_merged(self):
        promise = self.promise()
        twin = self.make_customer("Maria S.")
        other = self.make_installments(("2026-03-10", "50.00"), partner=twin)
        second = self.promise(partner=twin)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | twin).ids, twin)
        self.env.invalidate_all()
        self.assertEqual((promise | second).partner_id, twin)
        self.paid(("cash", "51.29"), on="2026-03-27", lines=other)
        self.assertEqual((promise.state, second.state), ("open", "kept"))

    def test_queued_reminders_are_taken_back(self):
        template = self.env.ref("optica_cobranca.template_late_10")
        service = self.env.ref("optica_cobranca.template_thanks_for_payment")
        contact = self.make_customer("Son", parent_id=self.customer.id)
        messages = self.env["contact.message"]
        waiting = messages._enqueue(self.customer | contact, template)
        thanks = messages._enqueue(self.customer, service)
        self.promise()
        self.assertEqual(set(waiting.mapped("state")), {"cancelled"})
        self.assertEqual(set(waiting.mapped("reason")), {"promised"})
        self.assertEqual(thanks.state, "queued")

    def test_without_promises_a_payment_costs_one_query(self):
        self.env.cr.flush()
        with freeze_time(TODAY):
            self.receive(self.line, ("cash", "50.00"), on=TODAY)
            self.env.flush_all()
            with self.assertQueryCount(1):
                self.env.cr.flush()


class TestJobLanguage(PromiseCommon):
    def test_nightly_job_speaks_the_language_of_the_shop(self):
        """Nobody is logged in at night: tasks and history are Portuguese in a Brazilian shop."""
        self.env["res.lang"]._activate_lang("pt_BR")
        self.env.company.partner_id.lang = "pt_BR"
        promise = self.promise()
        job = self.env.ref("optica_cobranca.ir_cron_promises")
        with freeze_time("2026-03-29 09:00:00"), self.enter_registry_test_mode():
            self.assertIs(job.method_direct_trigger(), True)
        self.env.invalidate_all()
        self.assertEqual(promise.state, "broken")
        self.assertEqual(promise.activity_ids.summary, "Promessa quebrada: perguntar o que houve")
