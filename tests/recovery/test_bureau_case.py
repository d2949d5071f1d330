"""The way of a debt to the credit bureau and back, with days counted by hand."""

from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from tests.recovery.common import RecoveryCommon


class TestBureauCase(RecoveryCommon):
    def test_the_whole_way(self):
        """Approved, told on 27 February, received on 2 March: registered from Friday 13 March.

        Ten whole days after 2 March end on Thursday 12. Paid on Friday 20: out by Friday 27.
        """
        line = self.debt()
        case = self.eligible(line, on="2026-02-26")
        self.assertEqual((case.state, case.amount, case.todo), ("eligible", 100.0, "approve"))
        with freeze_time("2026-02-26"):
            case.with_user(self.manager)._approve("No answer to three notices")
            self.assertEqual((case.state, case.approved_by_id), ("approved", self.manager))
            self.assertEqual(case.todo, "notify")
        case.sudo()._notice_sent("registered", date(2026, 2, 27))
        self.assertEqual((case.state, case.todo), ("notice_sent", "prove"))
        case.sudo()._prove(date(2026, 3, 2), "AA123456789BR")
        self.assertEqual(case.may_register_on, date(2026, 3, 13))
        manager = case.with_user(self.manager)
        with freeze_time("2026-03-12"):
            self.assertEqual(case._todo_on(date(2026, 3, 12)), "wait")
            with self.assertRaises(UserError):
                manager.action_register()
        with freeze_time("2026-03-13"):
            manager.action_register()
        self.assertEqual((case.state, case.registered_on), ("registered", date(2026, 3, 13)))
        [row] = self.rows(self.exports("bureau_register"))
        self.assertEqual(
            (row["operacao"], row["cpf_cnpj"], row["valor"], row["vencimento"]),
            ("I", "12345678909", "100.00", "2026-01-10"),
        )
        with freeze_time("2026-03-20"):
            self.pay(line, on="2026-03-20")
        self.review(case, "2026-03-21")
        self.assertEqual(case.state, "removal_due")
        self.assertEqual((case.removal_cause, case.removal_deadline), ("paid", date(2026, 3, 27)))
        [alarm] = case.activity_ids
        self.assertEqual((alarm.user_id, alarm.date_deadline), (self.collector, date(2026, 3, 21)))
        with freeze_time("2026-03-23"):
            manager.action_export_removals()
            manager._removed(date(2026, 3, 23), "PROT-1")
        self.assertEqual((case.state, case.removed_on), ("removed", date(2026, 3, 23)))
        self.assertFalse(case.activity_ids)
        [row] = self.rows(self.exports("bureau_remove"))
        self.assertEqual((row["operacao"], row["motivo_baixa"]), ("E", "Paid"))

    def registered_and_paid(self):
        """Registered on 13 March, paid on Friday the 20th, found out on the 21st."""
        line = self.debt()
        case = self.waiting(line)
        with freeze_time("2026-03-13"):
            case.with_user(self.manager).action_register()
        with freeze_time("2026-03-20"):
            receipt = self.pay(line, on="2026-03-20")
        self.review(case, "2026-03-21")
        self.assertEqual((case.state, len(case.activity_ids)), ("removal_due", 1))
        return case, receipt, line

    def undo_payment(self, line):
        line.matched_credit_ids.unlink()

    def test_a_payment_that_is_undone_leaves_the_registration_as_it_was(self):
        case, _receipt, line = self.registered_and_paid()
        self.undo_payment(line)
        self.review(case, "2026-03-22")
        self.assertEqual(case.state, "registered")
        self.assertEqual((case.removal_cause, case.removal_deadline), (False, False))
        self.assertFalse(case.activity_ids)
        self.review(case, "2026-03-22")
        self.assertEqual(case.state, "registered")

    def test_what_the_bureau_was_told_to_remove_is_removed(self):
        case, _receipt, line = self.registered_and_paid()
        with freeze_time("2026-03-21"):
            case.with_user(self.manager).action_export_removals()
        self.undo_payment(line)
        self.review(case, "2026-03-22")
        self.assertEqual((case.state, case.removal_cause), ("removal_due", "paid"))

    def test_reviewing_twice_changes_nothing(self):
        line = self.debt()
        case = self.registered(line)
        self.pay(line, on="2026-03-20")
        self.review(case, "2026-03-21")
        before = case.read()[0]
        self.review(case, "2026-03-25")
        self.assertEqual(case.read()[0], before)

    def test_part_payment_stops_then_goes_on_with_the_rest(self):
        """40.00 of principal paid: what was told is not true any more; a manager decides."""
        lines = self.debt("2026-01-10", "2026-01-15")
        case = self.waiting(lines)
        self.pay(lines[0], on="2026-03-10")
        self.review(case, "2026-03-11")
        self.assertEqual((case.state, case.stop_cause), ("waiting", "part_payment"))
        self.assertEqual(case.todo, "decide")
        with freeze_time("2026-03-16"), self.assertRaises(UserError):
            case.with_user(self.manager).action_register()
        with freeze_time("2026-03-16"):
            case.with_user(self.manager).action_update_amounts()
            self.assertEqual((case.stop_cause, case.amount, len(case.line_ids)), (False, 100.0, 1))
            case.with_user(self.manager).action_register()
        [row] = self.rows(self.exports("bureau_register"))
        self.assertEqual((row["valor"], row["vencimento"]), ("100.00", "2026-01-15"))

    def test_one_of_two_paid_after_registration(self):
        """What stands in the register is not true any more: out by Friday 27 March."""
        lines = self.debt("2026-01-10", "2026-01-15")
        case = self.registered(lines)
        self.pay(lines[0], on="2026-03-20")
        self.review(case, "2026-03-20")
        self.assertEqual(
            (case.state, case.removal_cause, case.removal_deadline),
            ("removal_due", "part_payment", date(2026, 3, 27)),
        )

    def test_paid_before_registration_ends_it(self):
        line = self.debt()
        case = self.waiting(line)
        self.pay(line, on="2026-03-10")
        with freeze_time("2026-03-13"), self.assertRaises(UserError):
            case.with_user(self.manager).action_register()
        self.review(case, "2026-03-13")
        self.assertEqual((case.state, case.stop_cause), ("cancelled", "paid"))
        self.assertFalse(self.exports("bureau_register"))

    def test_dispute_stops_and_removes(self):
        """Opened on Monday 16 March while registered: out by Monday 23."""
        waiting, registered = (
            self.waiting(self.debt()),
            self.registered(self.debt(partner=self.make_customer("Ana", vat="987.654.321-00"))),
        )
        reason = self.env["dunning.dispute.reason"].search([("is_health", "=", False)], limit=1)
        with freeze_time("2026-03-16 15:00:00"):
            for case in waiting, registered:
                self.env["dunning.dispute"]._register_dispute(
                    case.partner_id, self.company, reason, "Frame broke"
                )
        self.review(waiting | registered, "2026-03-16")
        self.assertEqual((waiting.state, waiting.stop_cause), ("waiting", "dispute"))
        self.assertEqual(
            (registered.state, registered.removal_cause, registered.removal_deadline),
            ("removal_due", "dispute", date(2026, 3, 23)),
        )

    def test_negotiation_stops_but_keeps_the_register(self):
        waiting, registered = (
            self.waiting(self.debt()),
            self.registered(self.debt(partner=self.make_customer("Ana", vat="987.654.321-00"))),
        )
        with freeze_time("2026-03-13"):  # a proposal is valid for seven days: until the 20th
            for case in waiting, registered:
                self.env["crediario.agreement"].create(
                    {"partner_id": case.partner_id.id, "plan_id": self.plan.id}
                )
        self.review(waiting | registered, "2026-03-16")
        self.assertEqual((waiting.state, waiting.stop_cause), ("waiting", "agreement"))
        self.assertEqual(registered.state, "registered")
        self.review(waiting, "2026-03-21")
        self.assertFalse(waiting.stop_cause)

    def test_five_years(self):
        """Due on 12 March 2021: asked for on Thursday 5 March 2026, out by the 12th."""
        line = self.debt("2021-03-12")
        case = self.eligible(line, on="2026-01-20")
        case.sudo().write(
            {
                "state": "registered",
                "approved_by_id": self.manager.id,
                "notice_on": "2026-01-21",
                "proof_on": "2026-01-22",
                "registered_on": "2026-02-10",
            }
        )
        self.review(case, "2026-03-04")
        self.assertEqual(case.state, "registered")
        self.review(case, "2026-03-05")
        self.assertEqual(
            (case.state, case.removal_cause, case.removal_deadline),
            ("removal_due", "time_limit", date(2026, 3, 12)),
        )
        self.assertFalse(self.eligible(self.debt("2021-03-12"), on="2026-03-05"))

    def test_extended_due_date(self):
        line = self.debt()
        case = self.waiting(line)
        line.sudo().date_maturity = "2026-04-10"
        self.review(case, "2026-03-11")
        self.assertEqual((case.state, case.stop_cause), ("waiting", "not_due"))

    def test_who_is_not_eligible(self):
        """29 days late, not late, paid, or in a case already; 30 days is late enough."""
        lines = self.debt("2026-02-10", "2026-02-09", "2026-04-10", "2026-01-10", "2026-01-11")
        self.pay(lines[4], on="2026-03-01")
        case = self.eligible(lines, on="2026-03-11")
        self.assertEqual(case.line_ids.move_line_id, lines[1] | lines[3])
        self.assertFalse(self.eligible(lines, on="2026-03-11"))

    def test_giving_up(self):
        waiting, registered = (
            self.waiting(self.debt()),
            self.registered(self.debt(partner=self.make_customer("Ana", vat="987.654.321-00"))),
        )
        with freeze_time("2026-03-16"):
            (waiting | registered).with_user(self.manager)._cancel("Settled out of court")
        self.assertEqual(waiting.state, "cancelled")
        self.assertEqual(
            (registered.state, registered.removal_deadline), ("removal_due", date(2026, 3, 23))
        )

    def test_alarm_is_found(self):
        line = self.debt()
        case = self.registered(line)
        self.pay(line, on="2026-03-20")
        self.review(case, "2026-03-21")
        cases = self.env["dunning.bureau.case"]
        with freeze_time("2026-03-25 12:00:00"):
            self.assertNotIn(case, cases.search([("is_alarm", "=", True)]))
        with freeze_time("2026-03-26 12:00:00"):
            cases.invalidate_model()
            self.assertIn(case, cases.search([("is_alarm", "=", True)]))
            self.assertIn(case, cases.search([("todo", "=", "remove")]))

    # ------------------------------------------------------ never by itself

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_registering_without_approval(self):
        case = self.eligible(self.debt())
        for values in (
            {"state": "registered"},
            {"state": "registered", "registered_on": "2026-03-11"},
            {
                "state": "registered",
                "registered_on": "2026-03-11",
                "notice_on": "2026-03-01",
                "proof_on": "2026-03-02",
            },
            {
                "state": "registered",
                "registered_on": "2026-03-11",
                "approved_by_id": self.manager.id,
            },
        ):
            with (
                self.subTest(values),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                case.sudo().write(values)
                case.env.flush_all()
        self.env.invalidate_all()

    def test_the_ladder_only_proposes(self):
        """Level, review and time make eligible cases and nothing more."""
        line = self.debt()
        notice = self.notice(line)
        with freeze_time("2026-03-11"):
            notice._run_action(self.env.ref("optica_cobranca.action_server_bureau"))
        self.assertEqual(notice.state, "done")
        case = self.env["dunning.bureau.case"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(case.state, "eligible")
        with freeze_time("2026-09-01"):
            self.env["dunning.bureau.case"]._cron_review()
            with self.assertRaises(UserError):
                case.with_user(self.manager).action_register()
        self.assertEqual(case.state, "eligible")

    # ------------------------------------------------------------- rights

    def test_rights(self):
        case = self.eligible(self.debt())
        own = case.with_user(self.collector)
        exports = self.env["dunning.export"].with_user(self.manager)
        file = exports._store("bureau_register", "b.csv", b"1", self.company, self.customer)
        for step in (
            lambda: own._approve("x"),
            lambda: own._refuse("x"),
            lambda: own._cancel("x"),
            own.action_register,
            own.action_export_removals,
            lambda: own.write({"state": "approved"}),
            lambda: own.create({"partner_id": self.customer.id, "company_id": self.company.id}),
            lambda: case.with_user(self.manager).write({"approved_by_id": self.manager.id}),
            lambda: case.with_user(self.seller).read(["state"]),
            lambda: file.with_user(self.collector).read(["name"]),
            lambda: file.with_user(self.seller).read(["name"]),
            lambda: (
                self.env["dunning.bureau.case"].with_user(self.seller)._make_eligible(self.debt())
            ),
        ):
            with self.assertRaises(AccessError):
                step()
        self.assertFalse(file.with_user(self.collector).search([("id", "=", file.id)]))
        with self.assertRaises(UserError):
            case.sudo().unlink()

    def test_other_companies_see_nothing(self):
        case = self.eligible(self.debt())
        other = self.env["res.company"].create({"name": "Other shop"})
        self.manager.write({"company_ids": [(4, other.id)], "company_id": other.id})
        self.manager.write({"company_ids": [(3, self.company.id)]})
        with self.assertRaises(AccessError):
            case.with_user(self.manager).read(["state"])
