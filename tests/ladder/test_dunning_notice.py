"""What happens on a notice: the level's server actions, approval, refusal, failures."""

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from tests.ladder.dunning_common import DunningCommon

DAY = "2026-03-20"
ACTIONS_LOG = "odoo.addons.optica_cobranca.models.ladder.dunning_notice"


class NoticeCase(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana, cls.bia, cls.caio = (cls.make_customer(name) for name in ("Ana", "Bia", "Caio"))
        for partner in (cls.ana, cls.bia, cls.caio):
            cls.make_installments(("2026-03-10", "100.00"), partner=partner)

    @classmethod
    def make_action(cls, offset=10, **values):
        """A server action on notices, added to the level of ``offset``."""
        action = cls.env["ir.actions.server"].create(
            {
                "name": "Test action",
                "model_id": cls.env["ir.model"]._get_id("dunning.notice"),
                "state": "code",
                **values,
            }
        )
        cls.level(offset).action_ids = [Command.link(action.id)]
        return action

    def make_user(self, group):
        return self.env["res.users"].create(
            {
                "name": group,
                "login": f"test_{group}",
                "email": f"{group}@example.com",
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set(self.env.ref(f"optica_cobranca.{group}").ids)],
            }
        )


class TestActions(NoticeCase):
    def test_activity_for_the_collector_in_charge(self):
        collector = self.make_user("group_collector")
        self.company.dunning_user_id = collector
        salesperson = self.make_user("group_seller")
        self.bia.user_id = salesperson
        self.make_action(
            state="next_activity",
            activity_type_id=self.env.ref("mail.mail_activity_data_call").id,
            activity_summary="Call",
            activity_user_type="generic",
            activity_user_field_name="user_id",
        )
        self.run_ladder(DAY)
        for partner, user in [
            (self.ana, collector),
            (self.bia, salesperson),
            (self.caio, collector),
        ]:
            activity = self.notices(DAY, partner).activity_ids
            self.assertEqual((activity.summary, activity.user_id), ("Call", user))

    def test_message_by_the_shop_s_own_action(self):
        template = self.env["contact.template"].search([("purpose", "=", "collection")], limit=1)
        self.make_action(state="contact_message", contact_template_id=template.id)
        self.run_ladder(DAY)
        messages = self.env["contact.message"].search([("notice_id", "in", self.notices(DAY).ids)])
        self.assertEqual(messages.partner_id, self.ana + self.bia + self.caio)
        self.assertEqual(set(messages.mapped("state")), {"queued"})
        self.run_ladder(DAY)
        self.assertEqual(self.env["contact.message"].search_count([("id", "in", messages.ids)]), 3)

    def test_core_sms_and_email_actions_reach_the_customer(self):
        model = self.env["ir.model"]._get_id("dunning.notice")
        self.ana.write({"phone": "+5511961234567", "email": "ana@example.com"})
        sms = self.env["sms.template"].create(
            {"name": "SMS", "model_id": model, "body": "Olá {{ object.partner_id.name }}"}
        )
        mail = self.env["mail.template"].create(
            {
                "name": "Mail",
                "model_id": model,
                "subject": "Parcela",
                "partner_to": "{{ object.partner_id.id }}",
                "body_html": "<p>Total <t t-out='object.amount_total'/></p>",
            }
        )
        self.make_action(state="sms", sms_template_id=sms.id, sms_method="sms")
        self.make_action(state="mail_post", template_id=mail.id, mail_post_method="email")
        self.run_ladder(DAY)
        self.assertFalse(self.notices(DAY, self.ana).reason)
        sent = self.env["sms.sms"].search([("partner_id", "=", self.ana.id)])
        self.assertEqual((sent.body, sent.number), ("Olá Ana", "+5511961234567"))
        mails = self.env["mail.mail"].search([("recipient_ids", "in", self.ana.ids)])
        self.assertIn("102.33", mails.body_html)  # 2% of 100.00, and 10 days at 1% a month

    def test_code_runs_for_each_record_alone(self):
        self.make_action(code="record.message_post(body='Seen %s' % len(records))")
        self.run_ladder(DAY)
        for partner in (self.ana, self.bia, self.caio):
            self.assertIn("Seen 1", self.notices(DAY, partner).message_ids[:1].body)

    @mute_logger(ACTIONS_LOG)
    def test_one_failing_customer_does_not_stop_the_others(self):
        self.make_action(
            name="Picky",
            code="record.message_post(body='done')\n"
            "if record.partner_id.name == 'Bia':\n    raise UserError('No way')",
        )
        run = self.run_ladder(DAY)
        bad = self.notices(DAY, self.bia)
        self.assertEqual(bad.state, "failed")
        self.assertEqual(bad.reason, "Picky: No way")
        self.assertFalse([m for m in bad.message_ids if "done" in m.body], "what it did is undone")
        for partner in (self.ana, self.caio):
            notice = self.notices(DAY, partner)
            self.assertEqual(notice.state, "done")
            self.assertIn("done", notice.message_ids[:1].body)
        self.assertEqual((run.state, run.failure_count, run.notice_count), ("done", 1, 3))

    @mute_logger(ACTIONS_LOG)
    def test_only_what_failed_is_tried_again(self):
        self.make_action(name="Fine", code="record.message_post(body='fine')")
        action = self.make_action(name="Broken", code="raise UserError('Broken')")
        self.run_ladder(DAY)
        notice = self.notices(DAY, self.ana)
        self.assertEqual((notice.state, notice.failed_action_ids), ("failed", action))
        action.code = "record.message_post(body='repaired')"
        notice.action_retry()
        self.assertEqual((notice.state, notice.reason), ("done", False))
        bodies = "".join(notice.message_ids.mapped("body"))
        self.assertEqual((bodies.count("fine"), bodies.count("repaired")), (1, 1))


class TestApproval(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level(10).needs_approval = True
        cls.make_action(code="record.message_post(body='approved and sent')")
        cls.run_ladder(DAY)
        cls.waiting = cls.notices(DAY)

    def sent(self, notices):
        return notices.filtered(lambda n: any("approved and sent" in m.body for m in n.message_ids))

    def test_nothing_happens_before_approval(self):
        self.assertEqual(set(self.waiting.mapped("state")), {"waiting"})
        self.assertFalse(self.sent(self.waiting))

    def test_approve_many_at_once(self):
        chosen = self.waiting.filtered(lambda notice: notice.partner_id != self.caio)
        chosen.action_approve()
        self.assertEqual(set(chosen.mapped("state")), {"done"})
        self.assertEqual(self.sent(self.waiting), chosen)
        self.assertEqual(chosen.decided_by_id, self.env.user)

    def test_paid_meanwhile_is_closed_not_sent(self):
        notice = self.waiting.filtered(lambda notice: notice.partner_id == self.ana)
        self.pay(notice.line_ids.move_line_id, on=DAY)
        self.waiting.action_approve()
        self.assertEqual(notice.state, "expired")
        self.assertEqual(self.sent(self.waiting), self.waiting - notice)

    def test_refuse_with_reason_and_the_level_counts_as_reached(self):
        action = self.waiting.action_refuse()
        wizard = (
            self.env["dunning.refuse"]
            .with_context(**action["context"])
            .create({"reason": "Spoke to them"})
        )
        wizard.action_refuse()
        self.assertEqual(set(self.waiting.mapped("state")), {"refused"})
        self.assertEqual(set(self.waiting.mapped("reason")), {"Spoke to them"})
        self.run_ladder("2026-03-21")
        self.assertFalse(self.notices("2026-03-21"))
        self.run_ladder("2026-03-25")
        self.assertEqual(self.notices("2026-03-25").level_id, self.level(15))
        with self.assertRaises(UserError):
            self.waiting.action_approve()

    def test_only_a_manager_decides(self):
        collector = self.make_user("group_collector")
        for method in ("action_approve", "action_refuse", "action_retry"):
            with self.assertRaises(UserError):
                getattr(self.waiting.with_user(collector), method)()
        with self.assertRaises(UserError):
            self.env["dunning.run"].with_user(collector).action_run_now()
        manager = self.make_user("group_manager")
        self.waiting.with_user(manager).action_approve()
        self.assertEqual(self.sent(self.waiting), self.waiting)

    def test_users_cannot_edit_notices(self):
        manager = self.make_user("group_manager")
        for values in ({"state": "done"}, {"reason": "x"}):
            with self.assertRaises(AccessError):
                self.waiting.with_user(manager).write(values)
        with self.assertRaises(AccessError):
            self.waiting.with_user(manager).unlink()
        with self.assertRaises(UserError):
            self.waiting.line_ids.with_user(manager).write({"contract": "x"})

    def test_collectors_write_in_the_chatter_and_plan_calls(self):
        collector = self.make_user("group_collector")
        notice = self.waiting[0].with_user(collector)
        notice.message_post(body="Called, will pay on Friday")
        notice.activity_schedule("mail.mail_activity_data_call", user_id=collector.id)
        self.assertEqual(notice.activity_ids.user_id, collector)


class TestPolicy(DunningCommon):
    def test_default_ladder(self):
        """The shipped ladder: days, what needs approval, and an action at each level."""
        policy = self.env.ref("optica_cobranca.policy_default")
        self.assertEqual(policy.level_ids.mapped("offset_days"), [-5, -1, 1, 5, 10, 15, 25, 30])
        self.assertTrue(all(level.action_ids for level in policy.level_ids))
        self.assertEqual(self.level(30, policy), policy.level_ids.filtered("needs_approval"))
        self.assertEqual(self.level(5, policy).action_ids.state, "next_activity")
        self.assertFalse([a.warning for a in policy.level_ids.action_ids if a.warning])

    def test_a_new_company_follows_the_default_ladder(self):
        company = self.env["res.company"].create({"name": "Second shop"})
        self.assertEqual(company.dunning_policy_id, self.env.ref("optica_cobranca.policy_default"))

    def test_timeline_escapes_names(self):
        self.level(1).name = "<b>First</b> contact"
        self.assertIn("&lt;b&gt;First", self.policy.timeline)
        self.assertIn("+30", self.policy.timeline)

    @mute_logger("odoo.sql_db")
    def test_two_levels_on_one_day_are_refused(self):
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.policy.level_ids = [Command.create({"name": "Twice", "offset_days": 1})]
            self.env.flush_all()

    def test_merging_customers_keeps_their_history(self):
        ana, twin = self.make_customer("Ana"), self.make_customer("Ana (again)")
        first = self.make_installments(("2026-03-10", "100.00"), partner=ana)
        second = self.make_installments(("2026-03-10", "50.00"), partner=twin)
        self.run_ladder(DAY)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((ana + twin).ids, ana)
        self.env.invalidate_all()
        notices = self.notices(DAY, ana)
        self.assertEqual(notices.mapped("merged"), [True, False])
        self.assertEqual((first + second).dunning_level_id, self.level(10))
        self.run_ladder("2026-03-21")
        self.assertFalse(self.notices("2026-03-21"), "nobody is reminded of the level twice")
