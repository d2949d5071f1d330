"""Notices that wait: approved and refused in bulk, undone, expired, and what managers hear."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from tests.ladder.test_dunning_notice import ACTIONS_LOG, DAY, NoticeCase

# 12:00 and, three hours and a half before midnight, 20:30 in São Paulo.
NOON = "2026-03-20 15:00:00"
EVENING = "2026-03-20 23:30:00"
AFTER_MIDNIGHT = "2026-03-21 03:30:00"


class ApprovalCase(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level(10).needs_approval = True
        cls.template = cls.env["contact.template"].search([("purpose", "=", "collection")], limit=1)
        cls.make_action(state="contact_message", contact_template_id=cls.template.id)
        cls.run_ladder(DAY)
        cls.waiting = cls.notices(DAY)

    def of(self, partner):
        return self.waiting.filtered(lambda notice: notice.partner_id == partner)

    def messages(self, notices):
        return self.env["contact.message"].search([("notice_id", "in", notices.ids)])

    def log(self, notice):
        return " ".join(str(body) for body in notice.message_ids.mapped("body"))


class TestDecision(ApprovalCase):
    def test_five_hundred_at_once(self):
        """The statements do not grow with the number of notices; each gets one message."""
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(500)])
        model = self.waiting[0]
        line = model.line_ids
        many = (
            self.env["dunning.notice"]
            .sudo()
            .create(
                [
                    {
                        "company_id": model.company_id.id,
                        "currency_id": model.currency_id.id,
                        "partner_id": partner.id,
                        "date": DAY,
                        "policy_id": model.policy_id.id,
                        "level_id": model.level_id.id,
                        "state": "waiting",
                        "line_ids": [
                            Command.create(
                                {
                                    "move_line_id": line.move_line_id.id,
                                    "due_date": line.due_date,
                                    "advanced": True,
                                }
                            )
                        ],
                    }
                    for partner in partners
                ]
            )
        )
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        many = many.with_env(self.env)
        result = many.action_approve()
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(set(many.mapped("state")), {"done"})
        self.assertEqual(len(self.messages(many)), 500)
        self.assertEqual(result["params"]["message"], "500 approved.")
        self.assertIn("Approved", self.log(many[499]))
        self.assertLess(queries, 200, "statements over sets, not one for each notice")

    def test_more_than_at_once_go_to_the_background(self):
        from unittest.mock import patch

        from odoo.addons.optica_cobranca.models.ladder import dunning_notice_decide

        with (
            patch.object(dunning_notice_decide, "AT_ONCE", 2),
            patch.object(dunning_notice_decide, "BATCH", 2),
        ):
            result = self.waiting.action_approve()
            self.assertIn("in the background", result["params"]["message"])
            self.assertEqual(set(self.waiting.mapped("state")), {"approved"})
            self.assertFalse(self.messages(self.waiting))
            self.pay(self.of(self.bia).line_ids.move_line_id, on=DAY)
            self.assertEqual(self.of(self.bia).state, "expired")
            cron = self.env.ref("optica_cobranca.ir_cron_dunning_approved")
            with self.enter_registry_test_mode():
                self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
        self.assertEqual(self.messages(self.waiting).partner_id, self.ana + self.caio)
        self.assertEqual(self.of(self.ana).state, "done")
        self.assertEqual(self.of(self.ana).decided_by_id, self.env.user)

    @mute_logger(ACTIONS_LOG)
    def test_who_failed_is_told(self):
        self.make_action(
            name="Picky",
            code="if record.partner_id.name == 'Bia':\n    raise UserError('No way')",
        )
        result = self.waiting.action_approve()
        self.assertEqual(result["params"]["type"], "warning")
        self.assertEqual(
            result["params"]["message"], "2 approved. 1 failed: see the filter Failed."
        )
        self.assertEqual(self.of(self.bia).state, "failed")
        self.assertEqual(self.of(self.ana).state, "done")

    def test_who_decided_and_when_stays_on_the_notice(self):
        manager = self.make_user("group_manager")
        with freeze_time(NOON):
            self.of(self.ana).with_user(manager).action_approve()
            self.of(self.bia).with_user(manager)._refuse("Came to the shop")
        for partner, text in ((self.ana, "Approved"), (self.bia, "Refused: Came to the shop")):
            notice = self.of(partner)
            self.assertEqual(notice.decided_by_id, manager)
            self.assertEqual(str(notice.decided_at), NOON)
            self.assertIn(text, self.log(notice))
            self.assertIn(manager.partner_id, notice.message_ids.author_id)

    def promise(self, partner, day="2026-03-24", lines=None):
        with freeze_time(NOON):
            return self.env["dunning.promise"]._register_promise(
                partner, self.company, date.fromisoformat(day), lines=lines
            )

    def test_a_promise_holds_the_notice_back(self):
        """Ana promised until the 24th, a day of tolerance: from the 26th a manager decides."""
        ana = self.of(self.ana)
        promise = self.promise(self.ana)
        with freeze_time(NOON):
            with self.assertRaisesRegex(UserError, "promised to pay"):
                ana.action_approve()
            result = self.waiting.action_approve()
        self.assertEqual((ana.state, self.of(self.bia).state), ("waiting", "done"))
        self.assertIn("1 go on waiting", result["params"]["message"])
        with freeze_time("2026-03-26 12:00:00"):
            promise._evaluate()
            self.assertEqual(promise.state, "broken")
            ana.action_approve()
        self.assertEqual(ana.state, "done")

    def test_a_notice_that_waits_for_a_promise_does_not_grow_old(self):
        self.level(10).approval_days = 3
        self.promise(self.ana, day="2026-03-27")
        self.waiting._expire_old(self.company, date(2026, 3, 24))
        self.assertEqual((self.of(self.ana).state, self.of(self.bia).state), ("waiting", "expired"))

    def test_the_second_decision_finds_nothing(self):
        self.waiting.action_approve()
        with self.assertRaisesRegex(UserError, "None of these"):
            self.waiting.action_approve()
        wizard = self.env["dunning.refuse"].create(
            {"notice_ids": [Command.set(self.waiting.ids)], "reason": "Late"}
        )
        with self.assertRaisesRegex(UserError, "None of these"):
            wizard.action_refuse()
        self.assertEqual(set(self.waiting.mapped("state")), {"done"})
        self.assertEqual(len(self.messages(self.waiting)), 3)

    def test_collectors_and_other_companies_may_not(self):
        collector = self.make_user("group_collector")
        for method in ("action_approve", "action_refuse", "action_undo_refusal"):
            with self.assertRaises(UserError):
                getattr(self.waiting.with_user(collector), method)()
        with self.assertRaises(UserError):
            self.waiting.with_user(collector)._refuse("No")
        stranger = self.make_user("group_manager")
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        with self.assertRaises(AccessError):
            self.waiting.with_user(stranger).action_approve()
        self.assertEqual(set(self.waiting.mapped("state")), {"waiting"})

    def test_refusal_undone_on_its_day_only(self):
        with freeze_time(NOON):
            self.waiting._refuse("Mistake")
        with freeze_time(EVENING):
            self.env.invalidate_all()
            self.assertTrue(self.of(self.ana).can_undo_refusal)
            self.of(self.ana).action_undo_refusal()
        self.assertEqual(
            (self.of(self.ana).state, self.of(self.ana).reason, self.of(self.ana).decided_by_id),
            ("waiting", False, self.env["res.users"]),
        )
        self.assertIn("Refusal undone", self.log(self.of(self.ana)))
        with freeze_time(AFTER_MIDNIGHT):
            self.env.invalidate_all()
            self.assertFalse(self.of(self.bia).can_undo_refusal)
            with self.assertRaisesRegex(UserError, "its own day"):
                self.of(self.bia).action_undo_refusal()
        self.of(self.ana).action_approve()
        self.assertEqual(self.messages(self.waiting).partner_id, self.ana)


class TestExpiry(ApprovalCase):
    def nightly(self, at):
        with freeze_time(at), self.enter_registry_test_mode():
            self.env.ref("optica_cobranca.ir_cron_dunning_waiting").method_direct_trigger()
        self.env.invalidate_all()

    def test_paid_in_full_expires_at_once(self):
        line = self.of(self.ana).line_ids.move_line_id
        self.pay(line, amount="50.00", on=DAY)
        self.assertEqual(self.of(self.ana).state, "waiting", "half of it is still owed")
        self.pay(line, on=DAY)
        self.assertEqual(
            (self.of(self.ana).state, self.of(self.ana).expired_because), ("expired", "settled")
        )
        self.assertIn("Expired", self.log(self.of(self.ana)))
        self.assertEqual(self.of(self.bia).state, "waiting")

    def test_what_advanced_counts_not_what_is_merely_listed(self):
        """Dora's notice is for the older installment; paying it leaves nothing of the level."""
        dora = self.make_customer("Dora")
        lines = self.make_installments(
            ("2026-03-10", "100.00"), ("2026-03-16", "100.00"), partner=dora
        )
        self.run_ladder("2026-03-19")
        self.run_ladder(DAY)
        notice = self.notices(DAY, dora)
        self.assertEqual(notice.line_ids.mapped("advanced"), [True, False])
        self.pay(lines[0], on=DAY)
        self.assertEqual(notice.state, "expired")

    def test_cancelled_or_moved_expires_in_the_night(self):
        self.of(self.ana).line_ids.move_line_id.move_id.button_draft()
        self.extend(self.of(self.bia).line_ids.move_line_id, "2026-04-20")
        self.nightly("2026-03-21 10:30:00")
        self.assertEqual(
            self.waiting.mapped(lambda n: (n.partner_id.name, n.state)),
            self.waiting.mapped(
                lambda n: (n.partner_id.name, "waiting" if n.partner_id == self.caio else "expired")
            ),
        )

    def test_nobody_decided_in_time(self):
        self.level(10).approval_days = 3
        with freeze_time("2026-03-23 15:00:00"):
            self.env.invalidate_all()
            self.assertEqual(self.of(self.ana).days_waiting, 3)
            self.assertEqual(str(self.of(self.ana).expires_on), "2026-03-23")
        self.nightly("2026-03-23 10:30:00")
        self.assertEqual(set(self.waiting.mapped("state")), {"waiting"}, "the third day still")
        self.nightly("2026-03-24 10:30:00")
        self.assertEqual(set(self.waiting.mapped("expired_because")), {"age"})
        self.run_ladder("2026-03-25")
        self.assertEqual(self.notices("2026-03-25").level_id, self.level(15), "the ladder goes on")

    def test_zero_days_wait_for_ever(self):
        self.nightly("2027-03-20 10:30:00")
        self.assertEqual(set(self.waiting.mapped("state")), {"waiting"})

    def test_managers_hear_once_a_day_how_many_wait(self):
        manager = self.make_user("group_manager")
        collector = self.make_user("group_collector")
        self.nightly("2026-03-20 10:30:00")
        self.nightly("2026-03-20 18:30:00")
        heard = self.env["mail.message"].search(
            [("subject", "=", "Notices waiting for your approval: 3")]
        )
        self.assertEqual(len(heard), 1)
        self.assertIn(manager.partner_id, heard.partner_ids)
        self.assertNotIn(collector.partner_id, heard.partner_ids)
        self.assertIn("306.99", heard.body)  # three times 102.33
        self.of(self.ana).action_approve()
        self.nightly("2026-03-21 10:30:00")
        self.assertTrue(
            self.env["mail.message"].search(
                [("subject", "=", "Notices waiting for your approval: 2")]
            )
        )
        (self.waiting - self.of(self.ana)).action_approve()
        before = self.env["mail.message"].search_count([("subject", "like", "waiting for your")])
        self.nightly("2026-03-22 10:30:00")
        after = self.env["mail.message"].search_count([("subject", "like", "waiting for your")])
        self.assertEqual(before, after, "nothing waits, nobody is told")


class TestChanges(ApprovalCase):
    @freeze_time(NOON)
    def test_what_changed_since(self):
        """Ana paid a part, Bia was paused, Caio's due date moved."""
        self.pay(self.of(self.ana).line_ids.move_line_id, amount="52.33", on=DAY)
        self.hold(partner_id=self.bia.id)
        self.extend(self.of(self.caio).line_ids.move_line_id, "2026-03-30")
        self.env.invalidate_all()
        ana, bia, caio = (self.of(partner) for partner in (self.ana, self.bia, self.caio))
        # 52.33 settle 0.33 of interest, 2.00 of fine and 50.00 of principal.
        self.assertEqual((ana.amount_total, ana.total_today, ana.paid_since), (102.33, 50.0, 50.0))
        self.assertIn("50.00", ana.changes)
        self.assertEqual((bia.total_today, bia.paid_since), (102.33, 0.0))
        self.assertEqual(bia.changes, "Customer paused")
        self.assertIn("now due", caio.changes)
        collector = self.make_user("group_collector")
        self.assertEqual(ana.with_user(collector).total_today, 50.0)
