"""The notice before the bureau as a message: what providers report moves the case by itself."""

import base64
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from tests.fakes.cloud_api_behaviour import refuse
from tests.messaging.common import NOON
from tests.messaging.fallback_common import NUMBER, FallbackCommon

# Wednesday 11 February. An installment of 100.00 due on Wednesday 10 December 2025.
DUE = "2025-12-10"
EVENING = "2026-02-11 20:00:00"
NEXT_WEEK = "2026-02-19 09:00:00"


class TestBureauNotice(FallbackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector, cls.manager, cls.seller = (
            new_test_user(cls.env, f"notice.{name}", groups=f"optica_cobranca.group_{name}")
            for name in ("collector", "manager", "seller")
        )
        cls.env.ref("optica_cobranca.template_bureau_notice").channel_order = "whatsapp,sms"

    def setUp(self):
        super().setUp()
        self.partner = self.make_late("Bureau Customer", phone=NUMBER, due=DUE)

    def approved(self, partner=None):
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", (partner or self.partner).id), ("crediario_plan_id", "!=", False)]
        )
        with freeze_time(NOON):
            case = self.env["dunning.bureau.case"].with_user(self.collector)._make_eligible(lines)
            case.with_user(self.manager)._approve("No answer")
        return case

    def told(self, case, at=NOON):
        """The case's message, sent."""
        with freeze_time(at):
            case.with_user(self.collector).action_send_message()
        self.dispatch(at=at)
        return case.notice_message_ids

    def night(self, at):
        self.run_job("dunning.bureau.case", "_cron_review", at=at)

    def test_delivered_is_the_proof(self):
        """Received on Wednesday 11: ten days end on Saturday 21, so on Monday 23; from the 24th."""
        case = self.approved()
        message = self.told(case)
        self.assertEqual((case.state, case.notice_channel), ("notice_sent", "message"))
        self.assertEqual((case.notice_on, case.proof_on), (date(2026, 2, 11), False))
        self.report(message, "delivered", at=EVENING)
        self.assertEqual((case.state, case.proof_on), ("waiting", date(2026, 2, 11)))
        self.assertEqual(case.may_register_on, date(2026, 2, 24))
        self.assertIn(message.provider_id, case.proof_reference)
        proof = base64.b64decode(case.with_context(bin_size=False).proof_file).decode()
        for part in (case.reference(), NUMBER, "art. 43", "10 dias", message.uuid):
            self.assertIn(part, proof)

    def test_read_alone_proves_it_too_and_repetitions_change_nothing(self):
        case = self.approved()
        message = self.told(case)
        self.report(message, "read", at=EVENING)
        before = case.read()[0]
        self.report(message, "delivered", at="2026-02-12 15:00:00")
        self.night("2026-02-13 09:00:00")
        self.assertEqual(case.read(before.keys())[0], before)
        self.assertEqual(case.state, "waiting")

    def test_it_speaks_of_the_debts_of_the_case_only(self):
        case = self.approved()
        self.make_installments(("2026-01-31", "50.00"), partner=self.partner)
        message = self.told(case)
        # 63 days after 10 December, 100.00: fine 2.00, interest 100 x 1% / 30 x 63 = 2.10.
        self.assertIn("R$ 104,10", message.body)
        self.assertNotIn("50,00", message.body)

    def test_the_next_channel_then_a_letter(self):
        """WhatsApp fails, the SMS is never reported: after seven days a letter."""
        self.server.script(NUMBER, refuse(131026))
        case = self.approved()
        first, second = self.told(case).sorted("id")
        self.assertEqual((first.channel, first.state), ("whatsapp", "failed"))
        self.assertEqual((second.channel, second.state), ("sms", "sent"))
        self.assertEqual((case.state, case.notice_on), ("notice_sent", date(2026, 2, 11)))
        self.night("2026-02-18 09:00:00")
        self.assertFalse(case.letter_ids)
        self.night(NEXT_WEEK)
        self.assertEqual((case.state, case.notice_on), ("approved", False))
        self.assertEqual((case.letter_ids.kind, case.letter_ids.state), ("bureau", "to_print"))
        case.letter_ids.with_user(self.collector).action_cancel()
        self.night("2026-02-20 09:00:00")
        self.assertEqual(len(case.letter_ids), 1, "one by itself, whatever becomes of it")

    def test_delivered_after_all(self):
        case = self.approved()
        message = self.told(case)
        case.notice_message_ids.sudo().fallback_at = False
        self.night(NEXT_WEEK)
        self.assertEqual(case.letter_ids.state, "to_print")
        self.report(message, "delivered", at="2026-02-20 15:00:00")
        self.assertEqual((case.state, case.proof_on), ("waiting", date(2026, 2, 20)))
        self.assertEqual(case.letter_ids.state, "cancelled")

    def test_nobody_to_write_to(self):
        case = self.approved()
        self.partner.phone = False
        message = self.told(case)
        self.assertEqual((message.state, message.reason), ("cancelled", "no_address"))
        self.assertEqual((case.state, case.letter_ids.state), ("approved", "to_print"))

    def test_a_person_or_a_promise_takes_it_back(self):
        case = self.approved()
        with freeze_time(NOON):
            case.with_user(self.collector).action_send_message()
            self.assertEqual(case.todo, "wait")
            case.notice_message_ids.with_user(self.collector).action_cancel()
            case.invalidate_recordset()
            self.assertEqual((case.state, case.todo), ("approved", "notify"))
        self.assertFalse(case.letter_ids)

    def test_giving_up_takes_the_message_back(self):
        case = self.approved()
        with freeze_time(NOON):
            case.with_user(self.collector).action_send_message()
            case.with_user(self.manager)._cancel("Paid in the shop")
        self.assertEqual(case.notice_message_ids.state, "cancelled")
        self.dispatch()
        self.assertFalse(self.server.requests)

    def test_not_twice_and_not_by_everybody(self):
        case = self.approved()
        with freeze_time(NOON):
            case.with_user(self.collector).action_send_message()
            for step in ("action_send_message", "action_send_letter"):
                with self.assertRaises(UserError):
                    getattr(case.with_user(self.collector), step)()
            with self.assertRaises(AccessError):
                case.with_user(self.seller).action_send_message()
