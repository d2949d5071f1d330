"""What is sent by itself when something happens in the shop: promises, payments, new contracts.

The usual debt: 100.00 due on 31 January 2026, a Saturday, so charged from Monday 2 February. On
the 11th, 9 days: fine 2.00, interest 0.30.
"""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError

from tests.messaging.common import OutboxCommon

MORNING = "2026-02-12 09:00:00"


class TestPromises(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch.object(cls.env.registry["dunning.promise"], "_commit_batch", lambda *args: None)
        )

    def setUp(self):
        super().setUp()
        self.partner = self.make_late()
        self.reminder = self.env.ref("optica_cobranca.template_promise_reminder")
        self.broken = self.env.ref("optica_cobranca.template_promise_broken")

    def promise(self, day="2026-02-13", on="2026-02-11"):
        with freeze_time(f"{on} 15:00:00"):
            return self.env["dunning.promise"]._register_promise(
                self.partner, self.company, date.fromisoformat(day), None
            )

    def night(self, at=MORNING):
        with freeze_time(at):
            self.env["dunning.promise"]._cron_promises()
        self.env.flush_all()

    def messages(self, template):
        return self.env["contact.message"].search([("template_id", "=", template.id)])

    def test_reminder_the_day_before_in_spite_of_the_promises_own_hold(self):
        promise = self.promise()
        self.night()
        self.night()
        message = self.messages(self.reminder)
        self.assertEqual((message.res_model, message.res_id), ("dunning.promise", promise.id))
        self.dispatch("2026-02-12 15:00:00")
        self.assertEqual((message.state, message.reason), ("sent", False))
        self.assertIn("R$ 102,30 até 13/02/2026", message.body)

    def test_no_reminder_on_the_day_of_the_promise_nor_when_switched_off(self):
        self.promise(day="2026-02-12")
        self.night("2026-02-11 09:00:00")
        self.assertFalse(self.messages(self.reminder))
        self.company.contact_on_promise_due = False
        self.promise(day="2026-02-13")
        self.night()
        self.assertFalse(self.messages(self.reminder))

    def test_paid_before_the_reminder_left(self):
        self.promise()
        self.night()
        line = self.env["account.move.line"].search(
            [("partner_id", "=", self.partner.id), ("crediario_plan_id", "!=", False)]
        )
        self.pay(line, on="2026-02-12")
        self.dispatch("2026-02-12 15:00:00")
        self.assertEqual(self.messages(self.reminder).reason, "paid")

    def test_another_pause_silences_the_reminder(self):
        self.promise()
        self.night()
        self.env["dunning.hold"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner.id,
                "reason": "Bereaved",
                "date_from": "2026-02-01",
            }
        )
        self.dispatch("2026-02-12 15:00:00")
        self.assertEqual(self.messages(self.reminder).reason, "held")

    def test_cancelled_promise_is_not_reminded(self):
        promise = self.promise()
        self.night()
        promise._cancel()
        self.dispatch("2026-02-12 15:00:00")
        self.assertEqual(self.messages(self.reminder).reason, "held")

    def test_broken_once(self):
        # Promised for Friday 13th with a day of tolerance; the 16th to 18th are Carnival.
        self.promise()
        self.night("2026-02-20 09:00:00")
        self.night("2026-02-21 09:00:00")
        message = self.messages(self.broken)
        self.assertEqual(len(message), 1)
        self.dispatch("2026-02-20 15:00:00")
        self.assertEqual((message.state, message.reason), ("sent", False))
        self.assertIn("Faltam R$ 102,30", message.body)


class TestSales(OutboxCommon):
    def test_thanks_when_the_shop_wants_them(self):
        partner = self.make_late()
        line = self.env["account.move.line"].search(
            [("partner_id", "=", partner.id), ("crediario_plan_id", "!=", False)]
        )
        values = {
            "company_id": self.company.id,
            "partner_id": partner.id,
            "date": "2026-02-11",
            "user_id": self.user.id,
            "line_ids": [(0, 0, {"move_line_id": line.id, "principal": 100, "amount": 100})],
        }
        template = self.env.ref("optica_cobranca.template_thanks_for_payment")
        made = [("template_id", "=", template.id)]
        with freeze_time("2026-02-11 15:00:00"):
            self.env["crediario.receipt"].sudo().create({**values, "name": "REC/1"})
            self.assertFalse(self.env["contact.message"].search(made))
            self.company.contact_on_payment = True
            self.env["crediario.receipt"].sudo().create({**values, "name": "REC/2"})
            self.env["crediario.receipt"].sudo().create(
                {**values, "name": "REC/OLD", "date": "2026-02-01"}
            )
        message = self.env["contact.message"].search(made)
        self.dispatch()
        self.assertEqual(message.state, "sent")
        self.assertIn("R$ 100,00 em 11/02/2026", message.body)

    def test_welcome_with_the_page_of_the_contract(self):
        self.company.contact_on_contract = True
        partner = self.make_customer("Nova Cliente", phone="+55 11 96000-0009")
        with freeze_time("2026-02-11 15:00:00"):
            move = self.make_invoice(
                partner=partner, installments=2, first_due="2026-03-10", sold="2026-02-11"
            )
            message = self.env["contact.message"].search([("partner_id", "=", partner.id)])
            self.assertEqual((message.res_model, message.res_id), ("account.move", move.id))
        self.dispatch()
        self.assertEqual((message.state, message.reason), ("sent", False))
        # The secret part of the private address went to the customer and stays with nobody else.
        self.assertIn(f"/oc/…/contract/{move.id}", message.body)

    def test_a_company_may_write_its_own(self):
        own = self.make_template(
            "Ours", "Thanks!", purpose="service", code="thanks_for_payment",
            company_id=self.company.id,
        )  # fmt: skip
        self.company.contact_on_payment = True
        self.assertEqual(self.company._automatic_template("thanks_for_payment"), own)
        own.active = False
        self.assertEqual(
            self.company._automatic_template("thanks_for_payment"),
            self.env.ref("optica_cobranca.template_thanks_for_payment"),
        )

    def test_managers_choose(self):
        self.env.user.group_ids += self.env.ref("optica_cobranca.group_manager")
        wizard = self.env["contact.automatic"].create({})
        self.assertTrue(wizard.contact_on_promise_due)
        self.assertFalse(wizard.contact_on_payment)
        wizard.contact_on_payment = True
        wizard.action_save()
        self.assertTrue(self.company.contact_on_payment)

    def test_others_do_not(self):
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "seller.of.messages",
                "group_ids": [(6, 0, self.env.ref("optica_cobranca.group_seller").ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.env["contact.automatic"].with_user(seller).create({}).action_save()
