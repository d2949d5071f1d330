"""Pauses and everything else that keeps the ladder silent."""

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from tests.ladder.dunning_common import DunningCommon

DAY = "2026-03-20"


class TestHold(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late, cls.very_late = cls.make_installments(
            ("2026-03-10", "100.00"), ("2026-02-18", "200.00")
        )
        cls.other_contract = cls.make_installments(("2026-03-09", "300.00"))

    def run_day(self):
        run = self.run_ladder(DAY)
        return run, self.notices(DAY)

    def test_a_pause_that_is_being_typed_holds_nothing(self):
        typed = self.env["dunning.hold"].new(
            {"partner_id": self.customer.id, "date_from": DAY, "reason": "Typing"}
        )
        self.assertFalse(typed.state)
        with freeze_time(DAY):
            self.assertEqual(self.hold(partner_id=self.customer.id).state, "holding")

    def test_pausing_one_installment_silences_that_one_only(self):
        self.hold(move_line_id=self.very_late.id)
        run, notice = self.run_day()
        self.assertEqual(notice.line_ids.move_line_id, self.late + self.other_contract)
        self.assertEqual(notice.level_id, self.level(10))
        self.assertEqual(run.counts["holds"], {"paused_installment": 1})

    def test_pausing_a_contract_silences_its_installments(self):
        self.hold(move_id=self.late.move_id.id)
        run, notice = self.run_day()
        self.assertEqual(notice.line_ids.move_line_id, self.other_contract)
        self.assertEqual(run.counts["holds"], {"paused_contract": 2})

    def test_pausing_a_customer_silences_everything(self):
        contact = self.make_customer("Her son", parent_id=self.customer.id)
        hold = self.hold(partner_id=contact.id)
        self.assertEqual(
            hold.partner_id, self.customer, "installments are the commercial partner's"
        )
        run, notice = self.run_day()
        self.assertFalse(notice)
        self.assertEqual(run.counts["holds"], {"paused_customer": 3})
        self.assertEqual(run.refusal_count, 3)

    def test_the_last_day_of_a_pause_is_silent_and_the_next_is_not(self):
        self.hold(partner_id=self.customer.id, date_until=DAY)
        self.assertFalse(self.run_day()[1])
        self.run_ladder("2026-03-21")
        self.assertTrue(self.notices("2026-03-21"))

    def test_a_pause_of_the_future_does_not_count_yet(self):
        self.hold(partner_id=self.customer.id, date_from="2026-03-21")
        self.assertTrue(self.run_day()[1])

    def test_a_resumed_pause_does_not_count(self):
        hold = self.hold(partner_id=self.customer.id)
        hold.action_resume()
        self.assertEqual(hold.resumed_by_id, self.env.user)
        self.assertEqual(hold.state, "resumed")
        self.assertTrue(self.run_day()[1])

    def test_the_most_lasting_reason_is_reported(self):
        self.customer.sudo().dunning_excluded = True
        self.hold(partner_id=self.customer.id)
        run, notice = self.run_day()
        self.assertFalse(notice)
        self.assertEqual(run.counts["holds"], {"excluded": 3})

    def test_a_contract_blocked_in_accounting_is_silent(self):
        invoice = self.make_invoice(
            "90.00", 1, first_due="2026-03-10", partner=self.make_customer("Rui")
        )
        invoice.action_toggle_block_payment()
        run, notices = self.run_day()
        self.assertNotIn(invoice.partner_id, notices.partner_id)
        self.assertEqual(run.counts["holds"], {"paused_contract": 1})

    def test_what_a_held_installment_missed_is_made_up_for_later(self):
        self.hold(move_line_id=self.very_late.id, date_until="2026-03-22")
        self.run_day()
        self.run_ladder("2026-03-23")
        self.assertEqual(self.notices("2026-03-23").level_id, self.level(30))

    @mute_logger("odoo.sql_db")
    def test_a_pause_is_for_exactly_one_thing_and_ends_after_it_starts(self):
        for values in (
            {"partner_id": self.customer.id, "move_id": self.late.move_id.id},
            {},
            {"partner_id": self.customer.id, "date_until": "2019-01-01"},
        ):
            with self.assertRaises(CheckViolation), self.cr.savepoint():
                self.hold(**values)
                self.env.flush_all()

    def test_only_installments_can_be_paused(self):
        income_line = self.late.move_id.line_ids - self.late - self.very_late
        with self.assertRaises(ValidationError):
            self.hold(move_line_id=income_line.id)

    def test_searches(self):
        hold = self.hold(move_line_id=self.late.id)
        self.assertEqual(hold.customer_id, self.customer)
        Hold = self.env["dunning.hold"]
        self.assertEqual(
            Hold.search([("customer_id", "=", self.customer.id), ("state", "=", "holding")]), hold
        )
        self.assertFalse(Hold.search([("state", "in", ["over", "future"]), ("id", "=", hold.id)]))


class TestHoldWizard(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = cls.make_installments(("2026-03-10", "100.00"), ("2026-04-10", "200.00"))

    def wizard(self, records, **values):
        Wizard = self.env["dunning.hold.wizard"].with_context(
            active_model=records._name, active_ids=records.ids, active_id=records[:1].id
        )
        form = Form(Wizard)
        for name, value in values.items():
            form[name] = value
        return form.save()

    def test_pause_from_each_place(self):
        self.run_ladder("2026-03-20")
        for records, column, expected in [
            (self.customer, "partner_id", self.customer),
            (self.lines.move_id, "move_id", self.lines.move_id),
            (self.lines, "move_line_id", self.lines),
            (self.notices("2026-03-20"), "partner_id", self.customer),
        ]:
            with self.subTest(model=records._name):
                before = self.env["dunning.hold"].search([])
                self.wizard(records, reason="In hospital", date_until="2026-12-31").action_pause()
                holds = self.env["dunning.hold"].search([]) - before
                self.assertEqual(holds[column], expected)
                self.assertEqual(set(holds.mapped("reason")), {"In hospital"})
                self.assertEqual(holds.user_id, self.env.user)

    def test_resume(self):
        self.hold(partner_id=self.customer.id)
        wizard = self.wizard(self.customer)
        self.assertEqual(len(wizard.hold_ids), 1)
        wizard.action_resume()
        self.assertFalse(self.env["dunning.hold"].search([("partner_id", "=", self.customer.id)]))

    def test_a_reason_is_required(self):
        with self.assertRaisesRegex(UserError, "why"):
            self.wizard(self.customer).action_pause()

    def test_a_seller_cannot_pause(self):
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "seller_hold",
                "group_ids": [self.env.ref("optica_cobranca.group_seller").id],
            }
        )
        self.assertFalse(self.env["dunning.hold"].with_user(seller).has_access("create"))
        self.assertTrue(self.env["dunning.hold"].with_user(seller).has_access("read"))
