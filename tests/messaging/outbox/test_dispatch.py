"""The dispatcher against a real local server: what each answer of the provider leads to."""

from freezegun import freeze_time

from tests.fakes.cloud_api_behaviour import (
    answer,
    drop_after,
    garbage,
    half_body,
    refuse,
    reset,
    silence,
    without_id,
)
from tests.messaging.common import NOON, OutboxCommon

NUMBER = "+5511960000001"


class TestAnswers(OutboxCommon):
    def one(self, *behaviours, **options):
        self.server.script(NUMBER, *behaviours)
        return self.send_one(**options)

    def check(self, message, state, reason=False):
        self.assertEqual((message.state, message.reason), (state, reason))

    def test_accepted(self):
        message = self.send_one()
        self.check(message, "sent")
        self.assertTrue(message.provider_id.startswith("wamid."))
        self.assertEqual(message.wa_id, "5511960000001")
        self.assertEqual(str(message.sent_at), NOON)
        self.assertEqual(message.attempts, 1)
        self.assertFalse(message.claim_key)

    def test_nothing_due(self):
        self.assertEqual(self.dispatch()["claimed"], 0)

    def test_cron(self):
        message = self.queue(self.make_late())
        cron = self.env.ref("optica_cobranca.cron_dispatch_messages")
        self.assertTrue(cron.active)
        self.env.flush_all()
        with freeze_time(NOON), self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.check(message, "sent")

    def test_time_is_up(self):
        message = self.queue(self.make_late())
        self.assertEqual(self.dispatch(until=0.0)["claimed"], 0)
        self.check(message, "queued")

    def test_scheduled_for_later(self):
        message = self.queue(self.make_late(), scheduled_at="2026-02-11 16:00:00")
        self.dispatch()
        self.check(message, "queued")
        self.dispatch(at="2026-02-11 16:00:00")
        self.check(message, "sent")

    def test_limit(self):
        partners = [self.make_late(f"P{n}", phone=f"+55 11 96000-10{n:02d}") for n in range(5)]
        messages = self.queue(self.env["res.partner"].union(*partners))
        self.assertEqual(self.dispatch(limit=2)["claimed"], 2)
        self.assertEqual(sorted(messages.mapped("state")), ["queued"] * 3 + ["sent"] * 2)

    def test_more_than_one_batch(self):
        self.patch_batch(3)
        partners = [self.make_late(f"P{n}", phone=f"+55 11 96000-10{n:02d}") for n in range(8)]
        messages = self.queue(self.env["res.partner"].union(*partners))
        counts = self.dispatch()
        self.assertEqual((counts["claimed"], counts["accepted"]), (8, 8))
        self.assertEqual(set(messages.mapped("state")), {"sent"})
        self.assertEqual({self.server.taken(message.uuid) for message in messages}, {1})

    def patch_batch(self, size):
        from odoo.addons.optica_cobranca.models.messaging import contact_message_deliver

        self.patch(contact_message_deliver, "BATCH", size)

    # ---------------------------------------------------------- passing trouble

    def test_trouble_is_retried_with_growing_delays(self):
        message = self.one(refuse(131016, 500))
        self.check(message, "queued", "retry")
        first = (message.scheduled_at - message.claimed_at).total_seconds()
        self.assertTrue(30 <= first <= 60, first)
        self.assertEqual(message.error_code, "131016")
        self.dispatch(at="2026-02-11 15:02:00")
        second = (message.scheduled_at - message.claimed_at).total_seconds()
        self.assertTrue(120 <= second <= 240, second)
        self.assertEqual(message.attempts, 2)

    def test_retry_succeeds(self):
        self.server.script(NUMBER, refuse(130429, 429), answer_ok())
        message = self.send_one()
        self.dispatch(at="2026-02-11 15:02:00")
        self.check(message, "sent")
        self.assertFalse(message.error_code)
        self.assertEqual(self.server.taken(message.uuid), 1)

    def test_gives_up_after_five_tries(self):
        message = self.one(refuse(131016, 500))
        for hour in range(16, 21):
            self.dispatch(at=f"2026-02-11 {hour}:30:00")
        self.check(message, "failed", "gave_up")
        self.assertEqual(message.attempts, 5)
        self.assertEqual(len(self.server.messages()), 5)

    def test_provider_says_how_long_to_wait(self):
        message = self.one(refuse(130429, 429, retry_after="600"))
        self.assertEqual(str(message.scheduled_at), "2026-02-11 15:10:00")

    def test_server_that_is_not_there(self):
        self.server.shutdown()
        self.server.server_close()
        message = self.send_one()
        self.check(message, "queued", "retry")

    def test_kept_connection_that_was_dropped(self):
        self.server.script(NUMBER, drop_after())
        message = self.send_one()
        self.check(message, "sent")
        other = self.send_one(self.make_late("Next", phone="+55 11 96000-0002"))
        self.check(other, "sent")

    # ------------------------------------------------------------ fate unknown

    def test_answers_that_prove_nothing(self):
        for number, behaviour in enumerate((reset(), garbage(), without_id(), half_body())):
            with self.subTest(behaviour=behaviour.kind):
                phone = f"+551196000020{number}"
                self.server.script(phone, behaviour)
                message = self.send_one(self.make_late(f"P{number}", phone=phone))
                self.check(message, "uncertain", "no_answer")
                self.assertEqual(self.server.taken(message.uuid), 1)
                self.dispatch(at="2026-02-13 15:00:00")
                self.check(message, "uncertain", "no_answer")
                self.assertEqual(self.server.taken(message.uuid), 1, "never sent again by itself")

    def test_silence(self):
        self.gateway.read_timeout = 0.3
        message = self.one(silence(2.0))
        self.check(message, "uncertain", "no_answer")
        self.assertEqual(message.error_code, "read_timeout")

    def test_person_decides_about_an_uncertain_message(self):
        message = self.one(reset())
        message.with_user(self.user).action_mark_sent()
        self.check(message, "sent")
        self.assertEqual(message.resolved_by_id, self.user)

    def test_person_sends_an_uncertain_message_again(self):
        message = self.one(reset(), answer_ok())
        with freeze_time("2026-02-12 15:00:00"):
            message.with_user(self.user).action_send_again()
        self.dispatch(at="2026-02-12 15:00:00")
        self.check(message, "sent")
        self.assertEqual(self.server.taken(message.uuid), 2)

    # ------------------------------------------------------------- refusals

    def test_refusals_that_time_does_not_cure(self):
        cases = {
            131026: "unreachable",
            131049: "spared",
            131047: "template",
            132001: "template",
            100: "provider",
        }
        for number, (code, reason) in enumerate(cases.items()):
            with self.subTest(code=code):
                phone = f"+551196000030{number}"
                self.server.script(phone, refuse(code, details="Why it is so"))
                message = self.send_one(self.make_late(f"P{number}", phone=phone))
                self.check(message, "failed", reason)
                self.assertEqual(message.error_code, str(code))
                self.assertTrue(message.failed_at)

    def test_refused_token_pauses_the_gateway_and_tells_the_managers(self):
        message = self.one(refuse(190, 401))
        self.check(message, "queued", "gateway_off")
        self.assertEqual(message.attempts, 0, "the try does not count")
        self.assertEqual(str(self.gateway.paused_until), "2026-02-12 03:00:00")
        self.assertIn("access token", self.gateway.last_error)
        self.assertNotIn(self.gateway.sudo().access_token, self.gateway.last_error)
        activities = self.gateway.activity_ids
        self.assertIn(self.user, activities.user_id)
        self.assertEqual(len(activities), len(activities.user_id), "one for each manager")

        self.dispatch(at="2026-02-11 17:00:00")
        self.assertEqual(len(self.server.messages()), 1, "nothing is tried while it is paused")
        self.check(message, "queued", "gateway_off")

        self.server.script(NUMBER, answer_ok())
        self.gateway.with_user(self.user).action_resume()
        self.assertFalse(self.gateway.activity_ids)
        self.dispatch(at="2026-02-12 15:00:00")
        self.check(message, "sent")

    def test_stopped_account_holds_back_what_was_not_yet_sent(self):
        self.gateway.pool_size = 1
        self.server.enqueue(refuse(131048))
        partners = [self.make_late(f"P{n}", phone=f"+55 11 96000-10{n:02d}") for n in range(4)]
        messages = self.queue(self.env["res.partner"].union(*partners))
        self.dispatch()
        self.assertEqual(len(self.server.messages()), 1)
        self.assertEqual(set(messages.mapped("state")), {"queued"})
        self.assertEqual(set(messages.mapped("reason")), {"gateway_off"})
        self.assertEqual(str(self.gateway.paused_until), "2026-02-11 16:00:00")

    def test_other_company_goes_on(self):
        other = self.env["res.company"].create(
            {"name": "Other", "country_id": self.env.ref("base.br").id, "phone": "(11) 3333-5555"}
        )
        gateway = self.make_gateway(name="Other", company_id=other.id, phone_number_id="777")
        template = self.make_template("Hi", "Hi {{customer_first_name}}!", purpose="service")
        theirs = self.queue(
            self.make_customer("Ana", phone="+55 11 96000-0003", company_id=other.id), template
        )
        self.server.script(NUMBER, refuse(190, 401))
        ours = self.queue(self.make_late())
        self.dispatch()
        self.check(ours, "queued", "gateway_off")
        self.check(theirs, "sent")
        self.assertEqual(theirs.gateway_id, gateway)
        (theirs_posted,) = [m for m in self.server.messages() if m.reference == theirs.uuid]
        self.assertIn("/777/messages", theirs_posted.path)

    def test_answer_of_a_client_that_breaks(self):
        from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import WhatsAppCloud

        def broken(*_args):
            raise RuntimeError("a defect")

        self.patch(WhatsAppCloud, "send", broken)
        with self.assertLogs("odoo.addons.optica_cobranca.clients.gateway_sender", "ERROR"):
            message = self.send_one()
        self.check(message, "uncertain", "no_answer")

    def test_results_are_written_one_by_one_when_one_cannot_be(self):
        partners = [self.make_late(f"P{n}", phone=f"+55 11 96000-10{n:02d}") for n in range(3)]
        messages = self.queue(self.env["res.partner"].union(*partners))
        model = type(self.env["contact.message"])
        original = model._after_answer

        def broken(message, row, result, now):
            if row["id"] == messages[1].id:
                raise ZeroDivisionError
            return original(message, row, result, now)

        self.patch(model, "_after_answer", broken)
        with self.assertLogs(
            "odoo.addons.optica_cobranca.models.messaging.contact_message_record", "ERROR"
        ):
            self.dispatch()
        self.assertEqual(messages.mapped("state"), ["sent", "sending", "sent"])

        # Its worker is gone by now: what it left is uncertain, and never sent again.
        self.patch(model, "_after_answer", original)
        self.assertEqual(self.dispatch()["interrupted"], 1)
        self.check(messages[1], "uncertain", "interrupted")


class TestQueue(OutboxCommon):
    """Into the queue, and what happens to it before it is due."""

    def test_notices_in_one_statement_and_only_once(self):
        partners = [self.make_late(f"P{n}", phone=f"+55 11 96000-10{n:02d}") for n in range(4)]
        notices = self.env["dunning.notice"].union(*map(self.make_notice, partners))
        outbox = self.env["contact.message"]
        first = outbox._enqueue_for_notices(notices[:3], self.template)
        with self.assertQueryCount(20):
            again = outbox._enqueue_for_notices(notices, self.template)
        self.assertEqual((len(first), len(again)), (3, 1))
        self.assertEqual(again.notice_id, notices[3])
        self.assertEqual(again.partner_id, notices[3].partner_id)
        self.assertEqual(len(set((first | again).mapped("uuid"))), 4)
        self.assertEqual(notices.contact_message_ids, first | again)

    def test_number_of_queries_does_not_grow_with_the_batch(self):
        def queries_for(count, start):
            partners = [
                self.make_late(f"P{n}", phone=f"+55 11 9600{n:05d}"[:19])
                for n in range(start, start + count)
            ]
            messages = self.queue(self.env["res.partner"].union(*partners))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            messages._decide(messages._gather(messages[0].scheduled_at))
            return self.env.cr.sql_log_count - before

        queries_for(1, 100)
        self.assertEqual(queries_for(2, 200), queries_for(12, 300))

    def test_people_may_cancel_what_waits_and_nothing_else(self):
        message = self.queue(self.make_late())
        message.with_user(self.user).action_cancel()
        self.assertEqual((message.state, message.reason), ("cancelled", "cancelled_by_user"))
        self.dispatch()
        self.assertEqual(self.server.messages(), [])

    def test_template_of_another_company_is_not_used(self):
        other = self.env["res.company"].create({"name": "Other"})
        template = self.make_template("Theirs", "Hi! {{shop_identity}}.", company_id=other.id)
        partner = self.make_late()
        self.assertFalse(self.queue(self.make_notice(partner), template))


def answer_ok():
    """The regular answer."""
    return answer(200, None)
