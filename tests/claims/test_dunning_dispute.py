"""Reasons for not paying: what each does to the ladder, whose task it is, how it ends."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user

from .test_dunning_promise import TODAY, PromiseCommon


class TestDispute(PromiseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reasons = {
            code: cls.env.ref(f"optica_cobranca.dispute_reason_{code}")
            for code in ("defect", "late_delivery", "wrong_charge", "lost_job", "illness", "forgot")
        }
        cls.collector = new_test_user(
            cls.env,
            "dispute.collector",
            groups="optica_cobranca.group_collector",
            company_id=cls.company.id,
        )
        cls.seller = new_test_user(
            cls.env,
            "dispute.seller",
            groups="optica_cobranca.group_seller",
            company_id=cls.company.id,
        )
        cls.company.dunning_user_id = cls.collector

    def dispute(self, code, on=TODAY, **values):
        with freeze_time(on):
            return self.env["dunning.dispute"]._register_dispute(
                values.pop("partner", self.customer), self.company, self.reasons[code], **values
            )

    def silent(self, day, partner=None):
        self.run_ladder(day)
        return not self.notices(day, partner)

    def test_a_defect_holds_until_it_is_resolved(self):
        dispute = self.dispute("defect", description="Hinge broke")
        self.assertEqual((dispute.state, dispute.amount, dispute.holds), ("open", 100.0, True))
        self.assertTrue(self.silent("2026-03-20"))
        self.assertTrue(self.silent("2026-05-20"))
        with freeze_time("2026-05-20"):
            with self.assertRaisesRegex(UserError, "how it ended"):
                dispute._close("resolved", " ")
            dispute._close("resolved", "New frame", "Check hinges")
        self.assertEqual((dispute.state, dispute.prevention), ("resolved", "Check hinges"))
        self.assertEqual(dispute.days_open, 61.0)
        self.assertFalse(dispute.activity_ids)
        self.assertFalse(self.silent("2026-05-21"))
        self.assertEqual(self.notices("2026-05-21").level_id, self.level(30))

    def test_reopening_holds_again(self):
        dispute = self.dispute("defect")
        with freeze_time(TODAY):
            dispute._close("rejected", "Broken by a fall")
        self.assertEqual(dispute.state, "rejected")
        dispute.action_reopen()
        self.assertEqual((dispute.state, dispute.resolved_at), ("open", False))
        self.assertTrue(self.silent("2026-03-20"))

    def test_a_lost_job_holds_for_a_week(self):
        """Heard on the 20th, seven days: silent until the 27th."""
        dispute = self.dispute("lost_job")
        self.assertEqual(str(dispute.hold_until), "2026-03-27")
        self.assertTrue(self.silent("2026-03-27"))
        self.assertFalse(self.silent("2026-03-28"))

    def test_forgetting_does_not_hold(self):
        template = self.env.ref("optica_cobranca.template_late_10")
        waiting = self.env["contact.message"]._enqueue(self.customer, template)
        dispute = self.dispute("forgot")
        self.assertFalse(dispute.activity_ids)
        self.assertEqual(waiting.state, "queued")
        self.assertFalse(self.silent("2026-03-20"))

    def test_queued_reminders_are_taken_back(self):
        template = self.env.ref("optica_cobranca.template_late_10")
        waiting = self.env["contact.message"]._enqueue(self.customer, template)
        self.dispute("defect")
        self.assertEqual((waiting.state, waiting.reason), ("cancelled", "disputed"))

    def test_installments_contracts_or_everything(self):
        other = self.make_installments(("2026-03-10", "50.00"), ("2026-03-11", "20.00"))
        self.dispute("defect", lines=other[0])
        self.run_ladder("2026-03-20")
        listed = self.notices("2026-03-20").line_ids.move_line_id
        self.assertEqual(listed, self.line | other[1])
        self.dispute("late_delivery", move=other.move_id, on="2026-03-21")
        self.run_ladder("2026-03-25")
        self.assertEqual(self.notices("2026-03-25").line_ids.move_line_id, self.line)
        self.dispute("wrong_charge", on="2026-03-26")
        self.assertTrue(self.silent("2026-04-09"))
        amounts = self.env["dunning.dispute"].search([], order="id").mapped("amount")
        self.assertEqual(amounts, [50.0, 70.0, 170.0])

    def test_heard_once(self):
        self.dispute("defect")
        with self.assertRaisesRegex(UserError, "open already"):
            self.dispute("defect")
        self.dispute("late_delivery")
        stranger = self.make_customer("Another")
        with self.assertRaisesRegex(UserError, "one customer"):
            self.dispute("wrong_charge", partner=stranger, lines=self.line)

    def test_whose_task(self):
        self.customer.user_id = self.seller
        defect = self.dispute("defect")
        self.assertEqual(defect.activity_ids.user_id, self.seller)
        self.assertEqual(str(defect.activity_ids.date_deadline), "2026-03-21")
        wrong = self.dispute("wrong_charge")
        self.assertEqual(wrong.activity_ids.user_id, self.collector)
        self.assertEqual(str(wrong.activity_ids.date_deadline), "2026-03-22")
        # Who left the shop gets no task; nor does a seller one about health.
        self.company.dunning_user_id = self.seller
        self.assertEqual(self.dispute("illness").activity_ids.user_id, self.env.user)
        self.collector.active = False
        self.company.dunning_user_id = self.collector
        self.assertEqual(self.dispute("lost_job").activity_ids.user_id, self.env.user)

    def test_health_is_named_nowhere(self):
        dispute = self.dispute("illness", description="Surgery in May")
        said = " ".join(self.customer.message_ids.mapped("body"))
        self.assertNotIn("Surgery", said)
        self.assertNotIn(self.reasons["illness"].name, said)
        self.assertIn("Told the collector", said)
        activity = dispute.activity_ids
        self.assertNotIn("Surgery", f"{activity.summary} {activity.note}")
        apology = self.env.ref("optica_cobranca.template_apology")
        with self.assertRaisesRegex(ValidationError, "health"):
            self.reasons["illness"].template_id = apology
        with self.assertRaisesRegex(ValidationError, "health"):
            self.reasons["illness"].responsible = "seller"

    def test_an_apology_is_about_the_service(self):
        reminder = self.env.ref("optica_cobranca.template_late_10")
        with self.assertRaisesRegex(ValidationError, "service"):
            self.reasons["defect"].template_id = reminder

    def test_the_badge_on_installments(self):
        other = self.make_installments(("2026-03-10", "50.00"), ("2026-03-11", "20.00"))
        lines = self.line | other
        self.assertEqual(lines.mapped("follow_up"), [False, False, False])
        self.promise(lines=self.line)
        self.dispute("defect", lines=other[1])
        lines.invalidate_recordset()
        self.assertEqual(lines.mapped("follow_up"), ["promised", False, "disputed"])
        self.assertEqual(self.line.promise_date, date(2026, 3, 27))
        for value, expected in (("promised", self.line), ("disputed", other[1]), (False, other[0])):
            domain = [("id", "in", lines.ids), ("follow_up", "=", value)]
            self.assertEqual(self.env["account.move.line"].search(domain), expected)
        self.night("2026-03-29")
        lines.invalidate_recordset()
        self.assertEqual(self.line.follow_up, "broken")
        self.assertFalse(self.line.promise_date)

    def test_what_the_customer_shows(self):
        self.promise(amount=50.0)
        self.dispute("defect")
        self.assertEqual((self.customer.promise_count, self.customer.dispute_count), (1, 1))
        self.assertIn("50", self.customer.promise_summary)
        self.assertIn("03/27/2026", self.customer.promise_summary)
        self.assertEqual(self.customer.dispute_summary, self.reasons["defect"].name)
        self.night("2026-03-29")
        self.assertEqual(self.customer.recent_broken_promise_count, 1)
        self.assertFalse(self.customer.promise_summary)


@freeze_time(TODAY)
class TestDialogs(PromiseCommon):
    def dialog(self, model, records=None, **context):
        if records is not None:
            context |= {"active_model": records._name, "active_ids": records.ids}
        return self.env[model].with_context(**context).create({})

    def test_promise_from_everywhere(self):
        self.run_ladder(TODAY)
        notice = self.notices(TODAY)
        for source in (self.customer, self.line, self.line.move_id, notice):
            with self.subTest(source._name):
                wizard = self.dialog("dunning.promise.wizard", source)
                self.assertEqual(wizard.partner_id, self.customer)
                self.assertEqual(wizard.move_line_ids, self.line)
                self.assertEqual(wizard.amount, 102.33)
                self.assertEqual(wizard.notice_id, notice if source == notice else notice.browse())
        wizard = self.dialog(
            "dunning.promise.wizard",
            default_partner_id=self.customer.id,
            default_notice_id=notice.id,
            default_move_line_ids=self.line.ids,
        )
        self.assertEqual((wizard.notice_id, wizard.move_line_ids), (notice, self.line))

    def test_quick_days_and_what_follows(self):
        """20 March 2026 is a Friday; the fifth business day of April is the 8th."""
        wizard = self.dialog("dunning.promise.wizard", self.customer)
        self.assertEqual(str(wizard.date), "2026-03-23")
        wizard.pick = "friday"
        self.assertEqual((str(wizard.date), str(wizard.deadline)), ("2026-03-27", "2026-03-28"))
        self.assertEqual(wizard.owed_then, 102.57)
        self.assertFalse(wizard.warning)
        wizard.pick = "payday"
        self.assertEqual(str(wizard.date), "2026-04-08")
        self.assertIn("04/04/2026 at the latest", wizard.warning)
        wizard.date = "2026-03-29"
        self.assertIn("no business day", wizard.warning)

    def test_registered_and_replaced(self):
        action = self.dialog("dunning.promise.wizard", self.customer).action_register()
        promise = self.env["dunning.promise"].browse(action["infos"]["promise_id"])
        self.assertEqual((promise.amount, str(promise.date)), (102.33, "2026-03-23"))
        wizard = self.dialog("dunning.promise.wizard", self.customer)
        self.assertIn("Takes the place of", wizard.warning)

    def test_one_customer_at_a_time(self):
        twin = self.make_customer("Ana")
        with self.assertRaisesRegex(UserError, "one customer"):
            self.dialog("dunning.promise.wizard", self.customer | twin)

    def test_one_reason_for_many(self):
        twin = self.make_customer("Ana")
        lines = self.line | self.make_installments(
            ("2026-03-10", "50.00"), ("2026-03-11", "20.00"), partner=twin
        )
        wizard = self.dialog("dunning.dispute.wizard", lines)
        self.assertEqual(wizard.partner_count, 2)
        wizard.reason_id = self.env.ref("optica_cobranca.dispute_reason_late_delivery")
        self.assertTrue(wizard.send_apology)
        self.assertIn("until it is closed", wizard.consequence)
        photo = self.env["ir.attachment"].create({"name": "a.png", "raw": b"x"})
        wizard.attachment_ids = photo
        action = wizard.action_register()
        disputes = self.env["dunning.dispute"].browse(action["infos"]["dispute_ids"])
        self.assertEqual(disputes.partner_id, self.customer | twin)
        self.assertEqual(disputes.mapped("amount"), [100.0, 70.0])
        self.assertEqual(
            set(disputes.attachment_ids.mapped(lambda one: (one.res_model, one.res_id))),
            {("dunning.dispute", disputes[0].id), ("dunning.dispute", disputes[1].id)},
        )
        apologies = self.env["contact.message"].search(
            [("partner_id", "in", disputes.partner_id.ids), ("purpose", "=", "service")]
        )
        self.assertEqual(len(apologies), 2)
        self.assertEqual(set(apologies.mapped("state")), {"queued"})

    def test_a_reason_about_a_contract(self):
        wizard = self.dialog("dunning.dispute.wizard", self.line.move_id)
        wizard.reason_id = self.env.ref("optica_cobranca.dispute_reason_illness")
        self.assertIn("Only collectors", wizard.consequence)
        self.assertFalse(wizard.send_apology)
        dispute = self.env["dunning.dispute"].browse(
            wizard.action_register()["infos"]["dispute_id"]
        )
        self.assertEqual((dispute.move_id, dispute.move_line_ids.ids), (self.line.move_id, []))

    def test_closing_many(self):
        reason = self.env.ref("optica_cobranca.dispute_reason_defect")
        dispute = self.env["dunning.dispute"]._register_dispute(self.customer, self.company, reason)
        action = dispute.action_resolve()
        wizard = self.env["dunning.dispute.close"].with_context(**action["context"]).create({})
        wizard.write({"resolution": "New frame", "prevention": "Check hinges"})
        wizard.action_close()
        self.assertEqual((dispute.state, dispute.resolution), ("resolved", "New frame"))

    def test_in_the_calendar(self):
        self.promise("2026-03-27", 50.0)
        [due] = self.env["optica.occurrence"].search(
            [("partner_id", "=", self.customer.id), ("kind", "=", "promise_due")]
        )
        self.assertEqual((due.date, due.amount), (date(2026, 3, 27), 50.0))
        self.assertIn("50", due.display_name)
        self.assertEqual(due.action_open_document()["res_model"], "dunning.promise")
