"""Decisions on many cases at once, and notices that left elsewhere."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError

from tests.recovery.common import RecoveryCommon


class TestBureauWizard(RecoveryCommon):
    def wizard(self, cases, mode, user=None, **values):
        user = user or self.manager
        return (
            self.env["dunning.bureau.decision"]
            .with_user(user)
            .create({"mode": mode, "case_ids": cases.ids, **values})
        )

    def test_bulk_decision(self):
        cases = self.eligible(self.debt())
        cases |= self.eligible(self.debt(partner=self.make_customer("Ana")))
        with freeze_time("2026-03-11"):
            with self.assertRaises(UserError):
                self.wizard(cases, "decide").action_refuse()
            self.wizard(cases[1], "decide", reason="Will pay").action_refuse()
            self.wizard(cases[0], "decide", reason="No answer").action_approve()
        self.assertEqual(cases.mapped("state"), ["approved", "refused"])
        self.assertEqual(cases.mapped("reason"), ["No answer", "Will pay"])

    def test_proof_of_a_notice_that_left_elsewhere(self):
        case = self.eligible(self.debt())
        with freeze_time("2026-03-11"):
            self.wizard(case, "decide").action_approve()
        with freeze_time("2026-03-20"):
            with self.assertRaises(UserError):  # nothing proves it
                self.wizard(
                    case, "proof", self.collector, notice_on="2026-03-12", day="2026-03-16"
                ).action_prove()
            with self.assertRaises(UserError):  # received before it was sent
                self.wizard(
                    case,
                    "proof",
                    self.collector,
                    notice_on="2026-03-12",
                    day="2026-03-10",
                    reference="x",
                ).action_prove()
            with self.assertRaises(UserError):  # tomorrow
                self.wizard(
                    case,
                    "proof",
                    self.collector,
                    notice_on="2026-03-12",
                    day="2026-03-21",
                    reference="x",
                ).action_prove()
        case.invalidate_recordset()
        case.sudo().write({"state": "approved", "notice_on": False, "notice_channel": False})
        with freeze_time("2026-03-20"):
            self.wizard(
                case,
                "proof",
                self.collector,
                channel="bureau",
                notice_on="2026-03-12",
                day="2026-03-16",
                reference="Protocol 77",
            ).action_prove()
        self.assertEqual(
            (case.state, case.notice_channel, case.proof_reference, case.may_register_on),
            # ten days after Monday 16 March end on Thursday 26
            ("waiting", "bureau", "Protocol 77", date(2026, 3, 27)),
        )
