"""What follows from each result of a call, what is recorded of it, and how it is taken back."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError

from .work_common import NOW, WorkCommon

NUMBER = "+55 11 96123-4567"


class ResultCommon(WorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 10 days late on 20 March: fine 2.00, interest 0.33.
        cls.maria = cls.make_late("Maria", "2026-03-10", "100.00")

    def undo(self, call, user=None, at=NOW):
        with freeze_time(at):
            card = self.work(user).undo(call.id)
        self.env.invalidate_all()
        return card

    def todo(self, partner=None):
        """Open activities on the customer."""
        return self.env["mail.activity"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", (partner or self.maria).id)]
        )


class TestResults(ResultCommon):
    def test_what_is_recorded_of_every_contact(self):
        self.run_ladder("2026-03-20")
        notice = self.notices("2026-03-20", self.maria)
        card = self.open_card(self.maria, at="2026-03-20 13:00:00")
        call, done = self.record(
            self.maria,
            "refuses",
            at="2026-03-20 13:04:30",
            opened_at=card["opened_at"],
            note="Too expensive",
            call_again_at="2026-03-25 12:00:00",
        )
        self.assertEqual((call.partner_id, call.company_id), (self.maria, self.company))
        self.assertEqual((call.user_id, call.minutes), (self.ana, 4.5))
        self.assertEqual((call.notice_id, call.level_id), (notice, self.level(10)))
        self.assertEqual((call.amount_late, call.days_late), (102.33, 10))
        self.assertEqual((call.phone, call.note, call.reached), (NUMBER, "Too expensive", True))
        self.assertEqual(done["text"], "Maria: Refuses to Pay")

    def test_a_promise_of_everything(self):
        call, _done = self.record(self.maria, "promise", date="2026-03-27", note="After pay day")
        promise = call.promise_id
        self.assertEqual((promise.partner_id, promise.amount), (self.maria, 102.33))
        self.assertEqual((str(promise.date), promise.note), ("2026-03-27", "After pay day"))
        self.assertEqual(call.amount_promised, 102.33)
        with self.at():
            day = self.work().load({})["day"]
        self.assertEqual((day["done"], day["reached"]), (1, 1))
        self.assertIn("102.33", day["promised"])

    def test_a_promise_of_a_part(self):
        call, _done = self.record(self.maria, "promise", date="2026-03-27", amount=50)
        self.assertEqual((call.promise_id.amount, call.amount_promised), (50.0, 50.0))

    def test_a_refused_promise_leaves_the_customer_open(self):
        with self.assertRaisesRegex(UserError, "Choose the day"):
            self.record(self.maria, "promise")
        with self.assertRaisesRegex(UserError, "at the latest"):
            self.record(self.maria, "promise", date="2027-03-27")
        self.assertFalse(self.env["dunning.call"].search([("partner_id", "=", self.maria.id)]))

    def test_a_dispute_with_its_words(self):
        reason = self.env.ref("optica_cobranca.dispute_reason_defect")
        call, _done = self.record(
            self.maria, "dispute", reason_id=reason.id, note="Lens is cracked"
        )
        dispute = call.dispute_id
        self.assertEqual((dispute.reason_id, dispute.state), (reason, "open"))
        self.assertEqual((dispute.description, call.note), ("Lens is cracked", "Lens is cracked"))
        with self.assertRaisesRegex(UserError, "complains about"):
            self.record(self.make_late("Rui", "2026-03-10", "10.00"), "dispute")

    def test_what_is_said_about_health_stays_on_the_dispute(self):
        reason = self.env["dunning.dispute.reason"].create({"name": "Illness", "is_health": True})
        call, _done = self.record(self.maria, "dispute", reason_id=reason.id, note="Operation")
        self.assertEqual(call.dispute_id.description, "Operation")
        self.assertFalse(call.note)
        (shown,) = self.open_card(self.maria)["disputes"]
        self.assertEqual(shown["text"], "Illness")

    def test_an_agreement_opens_its_proposal(self):
        call, done = self.record(self.maria, "agreement")
        agreement = call.agreement_id
        self.assertEqual((agreement.partner_id, agreement.state), (self.maria, "draft"))
        self.assertEqual(agreement.line_ids.move_line_id.partner_id, self.maria)
        self.assertEqual(
            (done["action"]["res_model"], done["action"]["res_id"]),
            ("crediario.agreement", agreement.id),
        )
        # Called again, the same proposal is gone on with.
        again, _done = self.record(self.maria, "agreement")
        self.assertEqual(again.agreement_id, agreement)

    def test_pays_now_opens_the_cashier_with_what_is_late(self):
        self.make_installments(("2026-04-10", "70.00"), partner=self.maria)
        _call, done = self.record(self.maria, "paid")
        with freeze_time(NOW):
            cashier = self.env["crediario.cashier"].browse(done["action"]["res_id"])
            chosen = cashier.line_ids.filtered("selected")
        self.assertEqual(chosen.mapped("principal"), [100.0])

    def test_says_paid_asks_somebody_to_look_for_it(self):
        call, _done = self.record(
            self.maria, "says_paid", call_again_at="2026-03-24 12:00:00", note="By Pix"
        )
        activity = self.todo()
        self.assertEqual(activity, call.activity_id)
        self.assertEqual((str(activity.date_deadline), activity.user_id), ("2026-03-24", self.ana))

    def test_a_rest_has_an_end(self):
        for moment in (False, "2026-03-20 13:00:00", "2026-05-20 13:00:01"):
            with self.subTest(moment=moment), self.assertRaisesRegex(UserError, "next 60 days"):
                self.record(self.maria, "no_answer", call_again_at=moment)

    def test_a_wrong_number_is_not_used_any_more(self):
        self.env["contact.consent"].sudo().create(
            {
                "partner_id": self.maria.id,
                "purpose": "marketing",
                "decision": "opt_in",
                "date": "2026-01-05 12:00:00",
            }
        )
        template = self.env["contact.template"].search([("purpose", "=", "collection")], limit=1)
        message = self.env["contact.message"]._enqueue(self.maria, template)
        call, _done = self.record(self.maria, "wrong_number")
        self.assertEqual((self.maria.phone, self.maria.wrong_phone), (False, NUMBER))
        self.assertEqual((message.state, message.reason), ("cancelled", "invalid_number"))
        latest = self.env["contact.consent"]._latest_decisions(self.maria.ids)
        for channel in ("whatsapp", "sms", "voice"):
            self.assertEqual(latest(self.maria.id, "marketing", channel), "opt_out")
        # What was allowed by letter or e-mail was not allowed to the number.
        self.assertEqual(latest(self.maria.id, "marketing", "email"), "opt_in")
        self.assertEqual((self.todo(), call.phone), (call.activity_id, NUMBER))
        self.assertEqual(self.counts(), {"no_phone": 1})

    def test_of_several_numbers_the_one_that_is_wrong(self):
        son = self.make_customer("Son", phone="+55 11 96000-0009", parent_id=self.maria.id)
        numbers = [phone["contact_id"] for phone in self.open_card(self.maria)["phones"]]
        self.assertEqual(numbers, [self.maria.id, son.id])
        self.record(self.maria, "wrong_number", contact_id=son.id)
        self.assertEqual((self.maria.phone, son.phone), (NUMBER, False))
        stranger = self.make_customer("Stranger", phone="+55 11 96000-0001")
        with self.assertRaisesRegex(UserError, "which number"):
            self.record(self.maria, "wrong_number", contact_id=stranger.id)

    def test_an_unknown_result(self):
        with self.assertRaisesRegex(UserError, "no such result"):
            self.record(self.maria, "hung_up")


class TestUndo(ResultCommon):
    def test_the_customer_is_open_again_and_the_contact_stays_on_record(self):
        call, _done = self.record(self.maria, "no_answer", call_again_at="2026-03-23 12:00:00")
        self.assertEqual(self.counts(), {"later": 1})
        card = self.undo(call)
        self.assertEqual((card["name"], card["locked_by"]), ("Maria", ""))
        self.assertTrue(call.undone_at)
        self.assertEqual(self.counts(), {"todo": 1})
        self.assertEqual([entry["undone"] for entry in card["timeline"]], [True])

    def test_a_promise_and_what_it_replaced(self):
        first, _done = self.record(self.maria, "promise", date="2026-03-25")
        second, _done = self.record(self.maria, "promise", date="2026-03-27")
        self.assertEqual(first.promise_id.state, "cancelled")
        self.undo(second)
        self.assertEqual(second.promise_id.state, "cancelled")
        self.assertEqual(first.promise_id.state, "open")

    def test_a_dispute_ends(self):
        reason = self.env.ref("optica_cobranca.dispute_reason_defect")
        call, _done = self.record(self.maria, "dispute", reason_id=reason.id)
        self.undo(call)
        self.assertEqual(call.dispute_id.state, "rejected")
        self.assertEqual(self.counts(), {"todo": 1})

    def test_a_proposal_made_by_the_click_ends_and_an_older_one_stays(self):
        with freeze_time("2026-03-20 12:00:00"):
            call, _done = self.record(self.maria, "agreement", at="2026-03-20 12:00:00")
            self.undo(call, at="2026-03-20 12:00:00")
        self.assertEqual(call.agreement_id.state, "cancelled")

    def test_a_number_is_used_again_with_its_consent(self):
        self.env["contact.consent"].sudo().create(
            {
                "partner_id": self.maria.id,
                "purpose": "marketing",
                "decision": "opt_in",
                "date": "2026-01-05 12:00:00",
            }
        )
        call, _done = self.record(self.maria, "wrong_number")
        self.undo(call)
        self.assertEqual((self.maria.phone, self.maria.wrong_phone), (NUMBER, False))
        latest = self.env["contact.consent"]._latest_decisions(self.maria.ids)
        self.assertEqual(latest(self.maria.id, "marketing", "whatsapp"), "opt_in")
        self.assertIsNone(latest(self.maria.id, "service", "whatsapp"))
        self.assertFalse(self.todo())

    def test_a_number_entered_meanwhile_stays(self):
        call, _done = self.record(self.maria, "wrong_number")
        self.maria.phone = "+55 11 96000-0007"
        self.undo(call)
        self.assertEqual(self.maria.phone, "+55 11 96000-0007")

    def test_only_ones_own_last_result_of_today(self):
        rui = self.make_late("Rui", "2026-03-10", "10.00")
        first, _done = self.record(self.maria, "no_answer", call_again_at="2026-03-23 12:00:00")
        last, _done = self.record(
            rui, "no_answer", at="2026-03-20 13:10:00", call_again_at="2026-03-23 12:00:00"
        )
        for user, call, at in (
            (self.ana, first, NOW),
            (self.bia, last, NOW),
            (self.ana, last, "2026-03-21 13:10:00"),
        ):
            with (
                self.subTest(user=user.name, at=at),
                self.assertRaisesRegex(UserError, "last result"),
            ):
                self.undo(call, user, at=at)
        self.undo(last, at="2026-03-20 13:11:00")
        self.undo(first, at="2026-03-20 13:12:00")


class TestWarnings(ResultCommon):
    def warnings(self, at=NOW, partner=None):
        return " ".join(self.open_card(partner or self.maria, at=at)["warnings"])

    def test_nothing_speaks_against_calling_on_a_friday_morning(self):
        self.assertEqual(self.warnings(), "")

    def test_outside_the_hours_of_the_customer(self):
        # 17:30 in São Paulo is 15:30 in Acre, and 18:30 is 16:30 there: still permitted.
        acre = self.make_late(
            "Acre", "2026-03-10", "10.00", state_id=self.env.ref("base.state_br_ac").id
        )
        self.assertIn("it is 18:30 where", self.warnings("2026-03-20 21:30:00"))
        self.assertIn("09:00", self.warnings("2026-03-20 21:30:00"))
        self.assertEqual(self.warnings("2026-03-20 21:30:00", acre), "")
        self.assertIn("it is 06:30 where", self.warnings("2026-03-20 11:30:00", acre))

    def test_one_call_a_day_and_three_at_a_level(self):
        self.run_ladder("2026-03-20")
        later = {"call_again_at": "2026-03-31 12:00:00"}
        self.record(self.maria, "no_answer", at="2026-03-20 13:00:00", **later)
        self.assertIn("called this customer today", self.warnings("2026-03-20 14:00:00"))
        self.assertEqual(self.warnings("2026-03-23 14:00:00"), "")
        self.record(self.maria, "no_answer", at="2026-03-23 14:00:00", **later)
        self.record(self.maria, "no_answer", at="2026-03-24 14:00:00", **later)
        text = self.warnings("2026-03-25 14:00:00")
        self.assertIn("at this level", text)
        self.assertIn("last seven days", text)
        # A week after the second of them two contacts are left in it; the level is the same.
        text = self.warnings("2026-03-30 14:00:01")
        self.assertIn("at this level", text)
        self.assertNotIn("last seven days", text)


class TestRecords(ResultCommon):
    def test_a_contact_stays_as_it_is(self):
        call, _done = self.record(self.maria, "no_answer", call_again_at="2026-03-23 12:00:00")
        with freeze_time(NOW):
            call.with_user(self.ana).note = "Rang for a minute"
            for user in (self.ana, self.bia, self.env.user):
                for values in ({"result": "promise"}, {"undone_at": NOW}, {"user_id": user.id}):
                    with self.assertRaises(UserError):
                        call.with_user(user).write(values)
            with self.assertRaisesRegex(UserError, "by its author"):
                call.with_user(self.bia).note = "Mine"
            with self.assertRaises(AccessError):
                call.with_user(self.ana).unlink()
        with freeze_time("2026-03-21 13:00:00"), self.assertRaisesRegex(UserError, "same day"):
            call.with_user(self.ana).note = "A day later"
        self.assertEqual(call.note, "Rang for a minute")

    def test_the_customer_counts_contacts(self):
        call, _done = self.record(self.maria, "no_answer", call_again_at="2026-03-23 12:00:00")
        self.assertEqual(self.maria.dunning_call_count, 1)
        action = self.maria.action_view_dunning_calls()
        self.assertEqual(self.env["dunning.call"].search(action["domain"]), call)

    def test_report_by_collector_and_promise(self):
        call, _done = self.record(self.maria, "promise", date="2026-03-27")
        groups = self.env["dunning.call"]._read_group(
            [("id", "=", call.id)], ["user_id", "promise_state"], ["amount_promised:sum"]
        )
        self.assertEqual(groups, [(self.ana, "open", 102.33)])


class TestLevel(ResultCommon):
    def test_the_level_reached_with_its_script_and_next_steps(self):
        step = self.env["dunning.step"].search([("code", "=", "agreement")])
        self.level(10).write({"note": "Offer help", "tone": "firm", "step_ids": [(6, 0, step.ids)]})
        self.run_ladder("2026-03-20")
        level = self.open_card(self.maria)["level"]
        self.assertEqual(level["notice_id"], self.notices("2026-03-20", self.maria).id)
        self.assertEqual(
            (level["timing"], level["script"], level["colour"]),
            ("10 days after", "Offer help", "warning"),
        )
        self.assertEqual([step["code"] for step in level["steps"]], ["agreement"])
