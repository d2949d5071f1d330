"""Calls as tasks, steps from notices, the dossier."""

import base64
import io
import zipfile
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError

from tests.crediario.test_paper import pages_of
from tests.recovery.common import RecoveryCommon


class TestCalls(RecoveryCommon):
    def planned(self, notice, on="2026-03-13 12:00:00"):
        with freeze_time(on):
            notice._run_action(self.env.ref("optica_cobranca.action_server_phone_call"))
        self.assertEqual(notice.state, "done")
        return notice.activity_ids

    def test_the_task(self):
        """Planned on Friday 13 March for the next business day, Monday 16."""
        notice = self.notice(self.debt(), offset=5)
        notice.level_id.note = "Ask about the glasses"
        call = self.planned(notice)
        self.assertEqual((call.user_id, call.date_deadline), (self.collector, date(2026, 3, 16)))
        for text in ("Maria da Silva", "96123-4567", "100.00", "Ask about the glasses"):
            self.assertIn(text, call.note)

    def test_gone_when_paid(self):
        lines = self.debt("2026-01-10", "2026-01-11")
        notice = self.notice(lines)
        self.planned(notice)
        self.pay(lines[0], on="2026-03-13")
        self.assertTrue(notice.activity_ids)
        self.pay(lines[1], on="2026-03-13")
        self.assertFalse(notice.activity_ids)
        self.assertIn("Paid before the call", notice.message_ids[0].body)

    def test_other_activities_of_the_shop_stay_as_they_are(self):
        notice = self.notice(self.debt())
        action = self.env["ir.actions.server"].create(
            {
                "name": "Look",
                "model_id": self.env["ir.model"]._get_id("dunning.notice"),
                "state": "next_activity",
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "activity_summary": "Look at it",
            }
        )
        notice._run_action(action)
        self.assertEqual(notice.activity_ids.summary, "Look at it")

    def test_paid_notices_get_no_call(self):
        line = self.debt()
        notice = self.notice(line)
        self.pay(line, on="2026-03-02")
        self.assertFalse(self.planned(notice))


class TestSteps(RecoveryCommon):
    def test_the_default_level_makes_letter_and_proposal(self):
        """The level of 30 days, once approved: a letter to print and a case to decide on."""
        level = self.env.ref("optica_cobranca.level_default_late_30")
        notice = self.notice(self.debt())
        with freeze_time("2026-03-11 12:00:00"):
            notice._run_level_actions(level)
        self.assertEqual(notice.state, "done", notice.reason)
        self.assertEqual(notice.letter_ids.state, "to_print")
        self.assertEqual((notice.letter_count, notice.bureau_case_count), (1, 1))

    def test_buttons_in_bulk(self):
        notices = self.notice(self.debt())
        notices |= self.notice(self.debt(partner=self.make_customer("Ana")))
        own = notices.with_user(self.collector)
        with freeze_time("2026-03-11 12:00:00"):
            for step in (own.action_step_letter, own.action_step_bureau, own.action_step_agency):
                step()
                with self.assertRaises(UserError):  # not twice
                    step()
            own.action_step_phone()
        for model in ("dunning.letter", "dunning.bureau.case", "dunning.handover"):
            self.assertEqual(self.env[model].search([]).partner_id, notices.partner_id, model)
        self.assertEqual(len(notices.activity_ids), 2)

    def test_nothing_leaves_before_the_approval(self):
        notice = self.notice(self.debt())
        notice.sudo().state = "waiting"
        own = notice.with_user(self.collector)
        with freeze_time("2026-03-11 12:00:00"):
            for step in (own.action_step_letter, own.action_step_bureau, own.action_step_agency):
                with self.assertRaises(UserError):
                    step()
        self.assertFalse(notice.letter_ids)

    def test_every_step_that_is_proposed_can_be_taken(self):
        """For many notices at once, or with one customer: the agreement, the dossier."""
        codes = set(
            self.env["dunning.step"].with_context(active_test=False).search([]).mapped("code")
        )
        self.assertEqual(codes, {*self.env["dunning.notice"]._step_takers(), "agreement", "legal"})

    def test_what_the_level_proposes(self):
        """Call and letter in one click; what was done is not done again."""
        notices = self.notice(self.debt())
        notices |= self.notice(self.debt(partner=self.make_customer("Ana")))
        steps = [self.env.ref(f"optica_cobranca.step_{name}").id for name in ("phone", "letter")]
        notices.level_id.step_ids = [(6, 0, steps)]
        own = notices.with_user(self.collector)
        with freeze_time("2026-03-11 12:00:00"):
            own.action_do_steps()
            self.assertEqual(len(notices.letter_ids), 2)
            self.assertEqual(len(notices.activity_ids), 2)
            with self.assertRaises(UserError):
                own.action_do_steps()
        notices.level_id.step_ids = self.env.ref("optica_cobranca.step_agreement")
        action = own[0].action_do_steps()
        self.assertEqual(action["res_model"], "crediario.agreement")


class TestDossier(RecoveryCommon):
    def test_everything_in_order(self):
        lines = self.debt("2026-01-10", "2026-02-09")
        self.pay(lines[0], on="2026-02-20")
        self.notice(lines[1])
        case = self.eligible(lines[1])
        health = self.env["dunning.dispute.reason"].search([("is_health", "=", True)], limit=1)
        with freeze_time("2026-03-12 12:00:00"):
            self.env["dunning.dispute"]._register_dispute(
                self.customer, self.company, health, "Surgery of the eye"
            )
        with freeze_time("2026-03-20 12:00:00"):
            self.customer.with_user(self.manager).with_context(
                force_report_rendering=True
            ).action_dossier()
        [export] = self.exports("dossier")
        self.assertEqual((export.user_id, export.partner_ids), (self.manager, self.customer))
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(export.content)))
        names = archive.namelist()
        self.assertEqual(names[0], "dossie.pdf")
        self.assertEqual(sum(name.startswith("partes/02-contrato") for name in names), 1)
        index = pages_of(archive.read("partes/00-indice.pdf"))
        whole = pages_of(archive.read("dossie.pdf"))
        self.assertGreater(len(whole), len(index) + 1)
        text = " ".join(index)
        events = archive.read("eventos.csv").decode("utf-8-sig")
        order = [text.index(word) for word in ("Contract", "Payment", "Notice")]
        self.assertEqual(order, sorted(order))
        for word in ("Surgery", health.name):
            self.assertNotIn(word, text + events)
        self.assertEqual(case.state, "eligible")

    def test_no_contract(self):
        with self.assertRaises(UserError):
            self.make_customer("Ana").with_user(self.manager).action_dossier()
