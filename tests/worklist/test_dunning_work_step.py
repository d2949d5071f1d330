"""Next steps, chats with the text of the level, and "Pays now" without a payment."""

from urllib.parse import unquote

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from ..receiving.receiving_common import ReceivingCommon
from .test_dunning_work_result import ResultCommon
from .work_common import NOW


class TestNextSteps(ResultCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_ladder("2026-03-20")
        cls.notice = cls.notices("2026-03-20", cls.maria)

    def step(self, code, user=None, partner=None):
        with freeze_time(NOW):
            partner = partner or self.maria
            self.work(user).take(partner.id, self.company.id)
            return self.work(user).take_step(partner.id, self.company.id, code)

    def test_a_letter_waits_to_be_printed(self):
        self.assertIn("printed", self.step("letter")["text"])
        [letter] = self.env["dunning.letter"].search([("partner_id", "=", self.maria.id)])
        self.assertEqual((letter.notice_id, letter.state), (self.notice, "to_print"))
        with self.assertRaisesRegex(UserError, "already"):
            self.step("letter")

    def test_proposals_for_agency_and_bureau(self):
        self.company.bureau_min_days_late = 10
        self.step("agency")
        self.step("bureau")
        domain = [("partner_id", "=", self.maria.id)]
        handover = self.env["dunning.handover"].search(domain)
        case = self.env["dunning.bureau.case"].search(domain)
        self.assertEqual((handover.state, case.state), ("draft", "eligible"))
        self.assertEqual((handover.notice_id, case.notice_id), (self.notice, self.notice))
        for code in ("agency", "bureau"):
            with self.assertRaisesRegex(UserError, "already"):
                self.step(code)

    def test_a_call_for_tomorrow(self):
        self.step("phone")
        self.assertEqual(str(self.notice._planned_calls().date_deadline), "2026-03-23")

    def test_without_a_notice_nothing_is_written(self):
        caio = self.make_late("Caio", "2026-03-18", "80.00")
        with self.assertRaisesRegex(UserError, "has not written"):
            self.step("letter", partner=caio)

    def test_only_who_has_the_customer_open(self):
        self.open_card(self.maria, user=self.bia)
        with freeze_time(NOW), self.assertRaisesRegex(UserError, "taken over"):
            self.work().take_step(self.maria.id, self.company.id, "letter")
        self.assertFalse(self.env["dunning.letter"].search([("partner_id", "=", self.maria.id)]))

    def test_the_dossier_is_offered_to_managers(self):
        self.level(10).step_ids = self.env["dunning.step"].search(
            [("code", "in", ("letter", "legal"))]
        )
        boss = self.make_collector("Boss", group="manager")
        for user, offered in ((self.ana, {"letter"}), (boss, {"letter", "legal"})):
            card = self.open_card(self.maria, user=user)
            self.assertEqual({step["code"] for step in card["level"]["steps"]}, offered)
            self.work(user).release(self.maria.id)

    def test_a_posted_letter_shows_among_the_contacts(self):
        self.step("letter")
        letter = self.env["dunning.letter"].search([("partner_id", "=", self.maria.id)])
        letter.sudo().write(
            {"state": "posted", "posted_on": "2026-03-20", "tracking_code": "AA1BR"}
        )
        keys = {entry["key"]: entry for entry in self.open_card(self.maria)["timeline"]}
        self.assertEqual(keys[f"letter-{letter.id}"]["text"], "AA1BR")


class TestChat(ResultCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["contact.template"].create(
            {
                "name": "Help",
                "purpose": "collection",
                "whatsapp_body": "Hello {{customer_first_name}}, {{overdue_total}} is late. "
                "{{shop_identity}}",
            }
        )
        cls.level(10).action_ids = [
            Command.create(
                {
                    "name": "Help",
                    "model_id": cls.env.ref("optica_cobranca.model_dunning_notice").id,
                    "state": "contact_message",
                    "contact_template_id": cls.template.id,
                }
            )
        ]
        cls.run_ladder("2026-03-20")
        # What the ladder has queued is not the subject here.
        cls.env["contact.message"].search([]).sudo().write({"state": "cancelled"})

    def chat(self, at=NOW):
        [number] = self.open_card(self.maria, at=at)["phones"]
        return unquote(number["whatsapp"])

    def test_the_text_of_the_level_is_typed_in(self):
        self.assertRegex(self.chat(), r"^https://wa.me/5511961234567\?text=Hello Maria, .*102")

    def test_at_night_the_chat_is_empty(self):
        self.assertEqual(self.chat("2026-03-21 01:30:00"), "https://wa.me/5511961234567")

    def test_who_asked_to_be_left_alone_gets_no_text(self):
        self.env["contact.consent"].create(
            {
                "partner_id": self.maria.id,
                "purpose": "collection",
                "channel": "whatsapp",
                "decision": "opt_out",
            }
        )
        self.assertEqual(self.chat(), "https://wa.me/5511961234567")


class TestPaysNow(ResultCommon, ReceivingCommon):
    def start(self, at="2026-03-20 13:10:00"):
        with freeze_time(at):
            unpaid = self.work().start()["unpaid"]
        self.env.invalidate_all()
        return unpaid

    def test_without_a_receipt_it_is_taken_back(self):
        call, _done = self.record(self.maria, "paid")
        unpaid = self.start()
        self.assertEqual(unpaid["partner_id"], self.maria.id)
        self.assertIn("Nothing was received from Maria", unpaid["text"])
        self.assertTrue(call.undone_at)
        self.assertFalse(self.start())

    def test_with_a_receipt_it_stays(self):
        call, done = self.record(self.maria, "paid")
        with freeze_time(NOW):
            line = self.maria._open_installments()
            self.receive(line, ("cash", "102.33"), on="2026-03-20")
            # Written by the database's own clock, which nothing freezes.
            receipt = self.env["crediario.receipt"].search([("partner_id", "=", self.maria.id)])
        self.env.cr.execute(
            "UPDATE crediario_receipt SET create_date = '2026-03-20 13:05:00' WHERE id = %s",
            [receipt.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.start())
        self.assertFalse(call.undone_at)
        self.assertTrue(done["action"])
