"""Every hold of the ladder also stops the message that is queued when the hold comes."""

from datetime import date

from freezegun import freeze_time

from odoo import Command

from odoo.addons.optica_cobranca.domain.ladder.ladder import HoldReason
from odoo.addons.optica_cobranca.tools.ladder.dunning_query import REASON_OF_RANK, customers_in

from tests.messaging.common import NOON, TODAY, OutboxCommon


class TestHolds(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dunning_policy_id = cls.env.ref("optica_cobranca.policy_default")
        cls.level = cls.env.ref("optica_cobranca.level_default_late_10")
        cls.plan.dunning_policy_id = cls.company.dunning_policy_id

    # ---------------------------------------------- one builder for each reason

    def settled(self, line):
        """Paid, and not on the bank statement yet."""
        line.move_id.payment_state = "in_payment"

    def excluded(self, line):
        line.partner_id.sudo().dunning_excluded = True

    def time_barred(self, line):
        """Due five years and a day ago."""
        line.sudo().date_maturity = "2021-02-10"

    def agency(self, line):
        agency = self.env["dunning.agency"].create({"name": "Recupera"})
        handover = self.env["dunning.handover"]._propose(line)
        handover._hand_over(agency)

    def dispute(self, line):
        reason = self.env["dunning.dispute.reason"].search([("holds", "=", True)], limit=1)
        self.env["dunning.dispute"]._register_dispute(
            line.partner_id, self.company, reason, lines=line
        )

    def agreement(self, line):
        self.env["crediario.agreement"].browse(line.action_propose_agreement()["res_id"]).write(
            {"installment_count": 2, "first_due_date": "2026-03-10"}
        )

    def promise(self, line):
        self.env["dunning.promise"]._register_promise(
            line.partner_id, self.company, date(2026, 2, 13), None
        )

    def paused_customer(self, line):
        self.pause(partner_id=line.partner_id.id)

    def paused_contract(self, line):
        """As Odoo's own button "Block Payment" does it."""
        line.move_id.payment_state = "blocked"

    def paused_installment(self, line):
        """Odoo's own mark on the journal item."""
        line.no_followup = True

    def delivery(self, line):
        """The glasses went back to the lab after the notice was written."""
        self.level.only_delivered = True
        self.env["optica.service.order"].create(
            {
                "partner_id": line.partner_id.id,
                "company_id": self.company.id,
                "lab_id": self.make_customer("Lab", is_company=True).id,
                "promised_date": "2026-03-24",
                "move_id": line.move_id.id,
                "line_ids": [Command.create({"kind": "lens", "name": "Single vision"})],
            }
        )

    # ------------------------------------------------------------------ tests

    def pause(self, **values):
        self.env["dunning.hold"].create(
            {
                "company_id": self.company.id,
                "reason": "Asked for time",
                "date_from": "2026-01-01",
                **values,
            }
        )

    def notified(self, number):
        """A customer with one installment, 11 days late, and the message of its notice."""
        partner = self.make_customer(f"C{number}", phone=f"+55 11 96000-{1000 + number}")
        invoice = self.make_invoice("100.00", 1, "2026-01-31", partner=partner)
        notice = self.make_notice(partner, level=self.level)
        return invoice.installment_ids, self.queue(notice)

    def reason_at_the_ladder(self, line):
        evaluation = self.env["dunning.evaluation"]
        rules = evaluation._ladder_rules(self.company, date(2026, 2, 11))
        rows = evaluation._decide(rules, customers_in(line.partner_id.ids))
        (hold,) = (row["hold"] for row in rows if row["line_id"] == line.id)
        return None if hold is None else REASON_OF_RANK[hold]

    def test_nothing_holds(self):
        line, message = self.notified(0)
        self.assertIsNone(self.reason_at_the_ladder(line))
        self.dispatch()
        self.assertEqual(message.state, "sent")

    def test_each_of_them(self):
        for number, reason in enumerate(HoldReason, 1):
            with self.subTest(reason), self.cr.savepoint() as point:
                line, message = self.notified(number)
                with freeze_time(NOON):
                    getattr(self, reason.value)(line)
                    self.env.flush_all()
                    if message.state == "queued":  # what cancels at once, cancels at once
                        self.assertEqual(self.reason_at_the_ladder(line), reason)
                        (verdict,) = message._decide(message._gather(message.scheduled_at))
                        found = (verdict.action, verdict.reason)
                    else:
                        found = (message.state, message.reason)
                self.assertIn(
                    found,
                    {
                        ("cancel", "held"),
                        ("cancelled", "held"),
                        ("cancelled", "promised"),
                        ("cancelled", "disputed"),
                    },
                )
                point.rollback()

    def test_two_pauses_that_only_the_outbox_missed(self):
        """Blocked for payment and marked: the message that waits is cancelled by the dispatcher."""
        for number, hold in ((50, self.paused_contract), (51, self.paused_installment)):
            line, message = self.notified(number)
            hold(line)
            self.dispatch()
            self.assertEqual((message.state, message.reason), ("cancelled", "held"))
        self.assertEqual(self.server.messages(), [])

    def test_the_work_list_reads_the_same(self):
        self.assertEqual(str(TODAY), "2026-02-11")
        with freeze_time(NOON):
            for number, reason in ((60, "paused_contract"), (61, "paused_installment"), (62, None)):
                line, _message = self.notified(number)
                if reason:
                    getattr(self, reason)(line)
                self.env.flush_all()
                rows = self.env["dunning.work"].load({"query": line.partner_id.name})["rows"]
                found = [row for row in rows if row["partner_id"] == line.partner_id.id]
                self.assertEqual(len(found), 1 if reason is None else 0, reason)
