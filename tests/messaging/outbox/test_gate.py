"""Whether a message leaves, on real records: each reason of the gate."""

from tests.messaging.common import TODAY, OutboxCommon


class TestGate(OutboxCommon):
    def check(self, message, state, reason=False):
        self.assertEqual((message.state, message.reason), (state, reason))

    def test_leaves_when_everything_is_right(self):
        message = self.send_one()
        self.check(message, "sent")
        self.assertEqual(message.address, "+5511960000001")
        self.assertEqual(message.gateway_id, self.gateway)
        self.assertEqual(self.server.taken(message.uuid), 1)

    def test_text_is_of_the_day_of_sending(self):
        # Due Sat 31 Jan, so charged from Mon 2 Feb: 9 days. Fine 2.00, interest 100 x 1 %/30 x 9.
        message = self.send_one()
        self.assertIn("installment 1 of 1 of R$ 102,30, due since 31/01", message.body)
        self.assertIn(": R$ 102,30.", message.body)
        sent = self.server.messages()[0].body["template"]
        self.assertEqual(sent["name"], "approved")
        texts = [item["text"] for item in sent["components"][0]["parameters"]]
        self.assertEqual(texts[0], "Late")
        self.assertEqual(texts[2], "R$ 102,30")

    def test_paid_meanwhile(self):
        partner = self.make_late()
        message = self.queue(self.make_notice(partner))
        line = message.notice_id.line_ids.move_line_id
        self.pay(line, on=TODAY)
        self.assertEqual(line.amount_residual, 0)
        self.dispatch()
        self.check(message, "cancelled", "paid")
        self.assertEqual(self.server.messages(), [])

    def test_one_of_two_paid_is_left_out_of_the_text(self):
        partner = self.make_customer("Two Late", phone="+55 11 96000-0002")
        first, _second = self.make_installments(
            ("2026-01-30", "100.00"), ("2026-02-10", "50.00"), partner=partner
        )
        message = self.queue(self.make_notice(partner))
        self.pay(first, on=TODAY)
        self.dispatch()
        self.check(message, "sent")
        self.assertNotIn("1/2", message.body)
        self.assertIn("installment 2 of 2 of R$ 51,02, due since 10/02", message.body)

    def test_held_customer(self):
        partner = self.make_late()
        message = self.queue(self.make_notice(partner))
        self.env["dunning.hold"].create(
            {
                "company_id": self.company.id,
                "partner_id": partner.id,
                "reason": "Asked for time",
                "date_from": "2026-02-01",
            }
        )
        self.dispatch()
        self.check(message, "cancelled", "held")

    def test_pause_of_one_installment_silences_that_one_only(self):
        partner = self.make_customer("Two Late", phone="+55 11 96000-0002")
        first, _second = self.make_installments(
            ("2026-01-30", "100.00"), ("2026-02-10", "50.00"), partner=partner
        )
        message = self.queue(self.make_notice(partner))
        self.env["dunning.hold"].create(
            {
                "company_id": self.company.id,
                "move_line_id": first.id,
                "reason": "Promised",
                "date_from": "2026-02-01",
            }
        )
        self.dispatch()
        self.check(message, "sent")
        self.assertNotIn("1/2", message.body)

    def test_excluded_customer(self):
        partner = self.make_late(dunning_excluded=True, dunning_choice_reason="Owner")
        message = self.send_one(partner)
        self.check(message, "cancelled", "held")

    def test_newer_notice_takes_the_place_of_an_older_one(self):
        partner = self.make_late()
        old = self.queue(self.make_notice(partner, day="2026-02-10"))
        new = self.queue(self.make_notice(partner, day="2026-02-11"))
        self.dispatch()
        self.check(old, "cancelled", "superseded")
        self.check(new, "sent")

    def test_same_message_twice_from_an_automation(self):
        template = self.make_template(
            "Greeting", "Happy day, {{customer_first_name}}!", purpose="relationship"
        )
        partner = self.make_customer("Ana", phone="+55 11 96000-0003")
        first, second = self.queue(partner, template), self.queue(partner, template)
        self.dispatch()
        self.check(first, "sent")
        self.check(second, "cancelled", "duplicate")

    def test_person_may_repeat_a_message(self):
        template = self.make_template(
            "Greeting", "Happy day, {{customer_first_name}}!", purpose="relationship"
        )
        partner = self.make_customer("Ana", phone="+55 11 96000-0003")
        self.queue(partner, template)
        again = self.queue(partner, template, author=self.user)
        self.dispatch()
        self.check(again, "sent")

    def test_no_number(self):
        self.check(self.send_one(self.make_late(phone=False)), "cancelled", "no_address")

    def test_number_that_is_none(self):
        self.check(self.send_one(self.make_late(phone="11 9612")), "cancelled", "invalid_number")

    def test_number_without_area_code_takes_the_shops(self):
        message = self.send_one(self.make_late(phone="9612-3456"))
        self.assertEqual(message.address, "+5511996123456")

    def test_gateway_switched_off(self):
        self.gateway.state = "disabled"
        message = self.send_one()
        self.check(message, "queued", "gateway_off")
        self.assertEqual(str(message.scheduled_at), "2026-02-11 16:00:00")

    def test_test_gateway_reaches_test_numbers_only(self):
        self.gateway.write({"state": "test", "test_numbers": "(11) 96000-0001\n(11) 96000-0009"})
        inside = self.queue(self.make_late("In", phone="+55 11 96000-0009"))
        outside = self.queue(self.make_late("Out", phone="+55 11 96000-0008"))
        self.dispatch()
        self.check(inside, "sent")
        self.check(outside, "queued", "gateway_off")

    def test_text_with_a_hole_does_not_leave(self):
        template = self.make_template("Next", "Until {{next_due_date}}! {{shop_identity}}.")
        message = self.send_one(self.make_late(), template)
        self.check(message, "cancelled", "template")

    def test_free_text_needs_that_the_customer_wrote(self):
        partner = self.make_late()
        template = self.make_template("Free", TEXT_FREE, whatsapp_template_name=False)
        self.check(self.send_one(partner, template), "cancelled", "template")
        self.env["contact.event"].create(
            {
                "gateway_id": self.gateway.id,
                "key": "wamid.x:inbound",
                "kind": "inbound",
                "partner_id": partner.id,
                "occurred_at": "2026-02-11 10:00:00",
            }
        )
        message = self.send_one(partner, template)
        self.check(message, "sent")
        self.assertEqual(self.server.messages()[-1].body["type"], "text")

    def test_one_bad_message_does_not_stop_the_others(self):
        good = self.queue(self.make_late("Good", phone="+55 11 96000-0005"))
        bad = self.queue(self.make_late("Bad", phone="+55 11 96000-0006"))
        original = type(self.env["contact.message"])._gate_facts

        def broken(message, *args):
            if message.id == bad.id:
                raise ZeroDivisionError("a defect")
            return original(message, *args)

        self.patch(type(self.env["contact.message"]), "_gate_facts", broken)
        with self.assertLogs(
            "odoo.addons.optica_cobranca.models.messaging.contact_message_decide", "ERROR"
        ):
            self.dispatch()
        self.check(good, "sent")
        self.check(bad, "failed", "error")
        self.assertIn("a defect", bad.error_detail)


TEXT_FREE = "Hello {{customer_first_name}}. {{shop_identity}}."


class TestConsent(OutboxCommon):
    def consent(self, partner, decision, **values):
        return (
            self.env["contact.consent"]
            .sudo()
            .create({"partner_id": partner.id, "decision": decision, **values})
        )

    def test_opt_out_of_everything(self):
        partner = self.make_late()
        message = self.queue(partner)
        self.consent(partner, "opt_out")
        self.assertEqual((message.state, message.reason), ("cancelled", "opted_out"))

    def test_opt_out_of_the_channel_moves_to_the_next_one(self):
        partner = self.make_late()
        self.consent(partner, "opt_out", channel="whatsapp")
        message = self.send_one(partner)
        self.assertEqual((message.state, message.reason), ("cancelled", "opted_out"))

    def test_latest_word_counts(self):
        partner = self.make_late()
        self.consent(partner, "opt_out", date="2026-01-01 10:00:00")
        self.consent(partner, "opt_in", channel="whatsapp", date="2026-01-02 10:00:00")
        self.assertEqual(self.send_one(partner).state, "sent")

    def test_opt_out_of_marketing_leaves_collection_on(self):
        partner = self.make_late()
        self.consent(partner, "opt_out", purpose="marketing")
        self.assertEqual(self.send_one(partner).state, "sent")

    def test_marketing_needs_a_yes(self):
        template = self.make_template(
            "Offer", "Hello {{customer_first_name}}!", purpose="marketing"
        )
        partner = self.make_customer("Ana", phone="+55 11 96000-0003")
        message = self.send_one(partner, template)
        self.assertEqual((message.state, message.reason), ("cancelled", "no_consent"))
        self.consent(partner, "opt_in", purpose="marketing")
        self.assertEqual(self.send_one(partner, template).state, "sent")
