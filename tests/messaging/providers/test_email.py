"""E-mail: through Odoo's own queue, confirmed by its own result and by what comes back."""

import itertools
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.mail.models.mail_mail import MailMail

from tests.messaging.common import OutboxCommon

BODY = "<p>Hello {{customer_first_name}}: {{amount_today}}. {{shop_identity}}.</p>"


class TestEmail(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.gateway.state = "disabled"
        self.company.email = "otica@loja.example"
        self.mail_gateway = self.make_gateway(name="E-mail", channel="email", provider="odoo_mail")
        self.mail_template = self.make_template(
            "Mail",
            False,
            channel_order="email",
            email_subject="{{shop_name}}: your installment",
            email_body=BODY,
        )
        self.letters = []
        self.trouble = None

        def delivered(server, message, *args, **kwargs):
            if self.trouble:
                raise self.trouble
            self.letters.append(message)
            return message["Message-Id"]

        self.startPatcher(patch.object(IrMail_Server, "send_email", delivered))
        self.startPatcher(patch.object(IrMail_Server, "_disable_send", lambda server: False))
        self.startPatcher(
            patch.object(IrMail_Server, "_connect__", lambda server, *args, **kwargs: None)
        )

    def late(self, **values):
        return self.make_late(**{"email": "Maria@Example.com", **values})

    def post(self, partner=None):
        """Dispatch, then let Odoo's queue of e-mails run."""
        message = self.send_one(partner or self.late(), self.mail_template)
        mails = self.env["mail.mail"].search([("contact_message_id", "=", message.id)])
        mails.send()
        return message

    def test_sent_and_confirmed_by_the_mail_itself(self):
        message = self.send_one(self.late(), self.mail_template)
        self.assertEqual((message.state, message.channel), ("sending", "email"))
        self.assertEqual(message.address, "maria@example.com")
        self.assertEqual(self.letters, [])
        self.env["mail.mail"].search([("contact_message_id", "=", message.id)]).send()
        self.assertEqual(message.state, "sent")
        (letter,) = self.letters
        self.assertEqual(message.provider_id, letter["Message-Id"])
        self.assertEqual(letter["Subject"], "Otica Teste: your installment")
        self.assertIn("maria@example.com", letter["To"])
        self.assertIn("otica@loja.example", letter["From"])
        text = letter.get_body(("plain",)).get_content()
        # 100 + 2 % fine + 1 % a month of interest for nine days.
        self.assertIn("R$ 102,30", text)
        self.assertIn("Otica Teste", text)

    def test_a_way_to_stop_it_by_one_click(self):
        message = self.post()
        (letter,) = self.letters
        url = message._stop_link()
        self.assertEqual(
            "".join(letter["List-Unsubscribe"].split()),
            f"<{url}>,<mailto:otica@loja.example?subject=SAIR>",
        )
        self.assertEqual(letter["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertIn(url, letter.get_body(("html",)).get_content())

    def test_names_are_no_html(self):
        self.post(self.late(name="<b>Ana</b> & Bia"))
        html = self.letters[0].get_body(("html",)).get_content()
        self.assertNotIn("<b>Ana", html)
        self.assertIn("&lt;b&gt;Ana&lt;/b&gt;", html)

    def test_without_an_address(self):
        message = self.send_one(self.late(email=False), self.mail_template)
        self.assertEqual((message.state, message.reason), ("cancelled", "no_address"))

    def test_with_what_is_no_address(self):
        message = self.send_one(self.late(email="maria at home"), self.mail_template)
        self.assertEqual((message.state, message.reason), ("cancelled", "invalid_number"))

    def test_on_odoos_list_of_those_who_want_none(self):
        self.env["mail.blacklist"]._add("maria@example.com")
        message = self.send_one(self.late(), self.mail_template)
        self.assertEqual((message.state, message.reason), ("cancelled", "opted_out"))

    def test_next_channel_without_an_address(self):
        self.gateway.state = "live"
        template = self.make_template(
            "Both",
            "Hi {{customer_first_name}}. {{shop_identity}}",
            channel_order="email,whatsapp",
            email_subject="Hi",
            email_body=BODY,
        )
        message = self.send_one(self.late(email=False), template)
        self.assertEqual((message.state, message.channel), ("sent", "whatsapp"))

    def test_test_mode_knows_addresses(self):
        self.mail_gateway.write({"state": "test", "test_numbers": "Boss@loja.example"})
        message = self.send_one(self.late(), self.mail_template)
        self.assertEqual((message.state, message.reason), ("queued", "gateway_off"))
        boss = self.late(name="Boss", email="boss@loja.example", phone="+55 11 96000-0009")
        self.assertEqual(self.send_one(boss, self.mail_template).state, "sending")

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_refused_address(self):
        self.trouble = AssertionError(IrMail_Server.NO_VALID_RECIPIENT)
        message = self.post()
        self.assertEqual((message.state, message.reason), ("failed", "unreachable"))
        self.assertFalse(self.mail_gateway.paused_until)

    @mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.optica_cobranca")
    def test_no_server_stops_the_gateway(self):
        message = self.send_one(self.late(), self.mail_template)
        mail = self.env["mail.mail"].search([("contact_message_id", "=", message.id)])
        refused = ConnectionRefusedError("no mail server")

        def unreachable(server, *args, **kwargs):
            raise refused

        with patch.object(IrMail_Server, "_connect__", unreachable):
            mail.send()
        self.assertEqual((message.state, message.reason), ("failed", "gateway_off"))
        self.assertTrue(self.mail_gateway.paused_until)

    def test_comes_back(self):
        message = self.post()
        bounce = {
            "bounced_email": "maria@example.com",
            "bounced_partner": self.env["res.partner"],
            "bounced_msg_ids": [message.provider_id],
            "bounced_message": self.env["mail.message"],
            "email_from": "MAILER-DAEMON@example.com",
            "to": "bounce@loja.example",
            "message_id": "<bounce@example.com>",
            "subject": "Undelivered Mail Returned to Sender",
            "body": "",
        }
        for _twice in range(2):
            self.env["mail.thread"]._routing_handle_bounce(None, dict(bounce))
        self.assertEqual((message.state, message.reason), ("failed", "unreachable"))
        self.assertEqual(message.error_code, "mail_bounce")

    def test_a_strangers_bounce_changes_nothing(self):
        message = self.post()
        self.env["mail.thread"]._routing_handle_bounce(
            None,
            {
                "bounced_email": False,
                "bounced_partner": self.env["res.partner"],
                "bounced_msg_ids": ["<other@example.com>"],
                "bounced_message": self.env["mail.message"],
                "email_from": "x@example.com",
                "to": "bounce@loja.example",
                "message_id": "<b@example.com>",
            },
        )
        self.assertEqual(message.state, "sent")

    def test_sent_by_odoos_job_alone(self):
        """Two that send the same queue would send twice: the dispatcher only wakes the job."""
        with patch.object(MailMail, "send") as send:
            self.send_one(self.late(), self.mail_template)
        send.assert_not_called()
        job = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)]))

    def test_an_email_needs_a_subject(self):
        with self.assertRaises(ValidationError):
            self.make_template("No subject", False, channel_order="email", email_body=BODY)


class TestAnswerByEmail(OutboxCommon):
    """What a customer answers by e-mail counts as his word, as on WhatsApp.

    Anybody writes an address into *From*. Doors by which an e-mail comes onto a customer's page,
    and by what it is believed:
        an answer to a message of the outbox, to a message written on the page, to one that somebody
        else got; no answer at all (an alias, a job that fetches for the page); references that were
        made up; another's address; calls by a user, in the customer's name; the page of a notice.
    What a mere *From* does: it stands in the inbox, marked; a wish for silence counts. It stops no
    reminders, allows nothing, and is no word of the customer.
    """

    def setUp(self):
        super().setUp()
        self.company.email = "otica@loja.example"
        self.ana = self.make_late("Ana", phone="+55 11 96000-2001", email="ana@example.com")
        self.queued = self.queue(self.ana, at="2026-02-12 15:00:00")
        self.numbers = itertools.count()
        self.asked = self.our_mail(self.ana)

    def our_mail(self, partner, to=None):
        """A message that somebody of the shop wrote to ``to`` on a customer's page."""
        return partner.message_post(
            body="Sua parcela", partner_ids=(to or partner).ids, message_type="comment"
        )

    def answer(self, author):
        self.receive(sender=author.email, words="Pago na sexta.")

    def thread(self):
        return self.env["contact.thread"].search([("partner_id", "=", self.ana.id)])

    def test_stops_the_queue_and_waits_in_the_inbox(self):
        self.answer(self.ana)
        self.assertEqual((self.queued.state, self.queued.reason), ("cancelled", "replied"))
        thread = self.thread()
        self.assertEqual(
            (thread.state, thread.unread_count, thread.last_text, thread.channel),
            ("open", 1, "Pago na sexta.", "email"),
        )
        self.assertFalse(thread.inbox_open()["can_answer"])
        thread.with_user(self.user).action_close()
        self.answer(self.ana)
        self.assertEqual((thread.state, thread.unread_count), ("open", 1))

    def test_opens_no_day_of_free_words_on_whatsapp(self):
        thread = self.env["contact.thread"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.ana.id,
                "channel": "whatsapp",
                "gateway_id": self.gateway.id,
                "state": "closed",
                "last_at": "2026-02-01 15:00:00",
                "last_inbound_at": "2026-02-01 15:00:00",
            }
        )
        self.answer(self.ana)
        self.assertEqual(self.thread(), thread)
        self.assertEqual((thread.state, thread.channel), ("open", "whatsapp"))
        self.assertEqual(str(thread.last_inbound_at), "2026-02-01 15:00:00")

    def test_words_of_others_on_the_customer_change_nothing(self):
        self.answer(self.make_customer("Rui", email="rui@example.com"))
        self.assertEqual(self.queued.state, "queued")
        self.assertFalse(self.thread())

    def receive(
        self,
        *headers,
        partner=None,
        sender=None,
        answers=True,
        subject="Re: parcela",
        words="Estou fora do escritorio ate segunda.",
        user=None,
    ):
        """What Odoo's mail gateway does with an e-mail of the customer about herself.

        :param answers: the ``mail.message`` in its references, or any id; True: what we asked
        """
        partner = partner or self.ana
        answered = self.asked if answers is True else answers
        reference = getattr(answered, "message_id", answered)
        raw = "\r\n".join(
            [
                f"From: Ana <{sender or self.ana.email}>",
                "To: otica@loja.example",
                f"Subject: {subject}",
                f"Message-Id: <{next(self.numbers)}@example.com>",
                *([f"In-Reply-To: {reference}"] if reference else []),
                *headers,
                "",
                words,
            ]
        )
        gateway = self.env["mail.thread"].with_user(user or self.env.user)
        gateway.message_process(partner._name, raw, thread_id=partner.id)
        self.env.invalidate_all()

    def test_through_the_mail_gateway(self):
        self.receive()
        self.assertEqual((self.queued.state, self.queued.reason), ("cancelled", "replied"))
        self.assertEqual(self.thread().unread_count, 1)
        self.assertFalse(self.mails().optica_sender_unproven)

    def mails(self):
        return self.env["mail.message"].search(
            [("model", "in", ("res.partner", "dunning.notice")), ("message_type", "=", "email")],
            order="id",
        )

    def ledger(self):
        rows = self.env["contact.consent"].search([("partner_id", "=", self.ana.id)])
        return rows.mapped(lambda row: (row.channel, row.decision))

    def test_an_answer_to_the_outbox_proves_who_writes(self):
        mail = self.env["mail.mail"].create(
            {
                "contact_message_id": self.queue(self.ana).id,
                "body_html": "Parcela",
                "email_to": self.ana.email,
                "model": "res.partner",
                "res_id": self.ana.id,
            }
        )
        self.receive(answers=mail.mail_message_id)
        self.assertEqual(self.queued.state, "cancelled")
        self.assertFalse(self.mails()[-1:].optica_sender_unproven)

    def test_a_mere_from_is_no_word_of_the_customer(self):
        bia = self.make_late("Bia", phone="+55 11 96000-2002", email="bia@example.com")
        doors = {
            "no references": False,
            "made up": "<guessed@example.com>",
            "somebody else got it": self.our_mail(self.ana, to=bia),
            "she wrote it herself": self.ana.message_post(
                body="Oi", message_type="email", author_id=self.ana.id
            ),
        }
        for name, answered in doors.items():
            with self.subTest(name):
                before = self.thread().unread_count
                self.receive(answers=answered)
                self.assertTrue(self.mails()[-1:].optica_sender_unproven)
                self.assertEqual(self.queued.state, "queued")
                self.assertEqual(self.thread().unread_count, before + 1)
                last = self.thread().inbox_open()["entries"][-1]
                self.assertEqual(last["note"], "Sender not proven")

    def test_a_mere_from_asks_for_silence_and_for_nothing_else(self):
        self.receive(answers=False, subject="SAIR", words="")
        self.assertEqual(self.ledger(), [("email", "opt_out")])
        self.receive(answers=False, subject="VOLTAR", words="quero voltar a receber mensagens")
        self.assertEqual(self.ledger(), [("email", "opt_out")])
        self.receive(subject="Re: parcela", words="quero voltar a receber mensagens")
        self.assertIn(("email", "opt_in"), self.ledger())

    def test_anothers_address_is_not_the_customers(self):
        self.receive(sender="other@example.com")
        self.assertEqual(self.queued.state, "queued")
        self.assertFalse(self.thread())
        self.assertTrue(self.mails()[-1:].optica_sender_unproven)

    def test_a_user_writes_no_email_in_the_customers_name(self):
        """By a call: neither words nor consent of the customer come of it."""
        collector = self.env["res.users"].create(
            {
                "name": "Forger",
                "login": "forger",
                "group_ids": self.env.ref("optica_cobranca.group_collector").ids,
            }
        )
        forged = {
            "body": "SAIR",
            "subject": "SAIR",
            "message_type": "email",
            "author_id": self.ana.id,
            "email_from": self.ana.email,
            "parent_id": self.asked.id,
        }
        page = self.ana.with_user(collector)
        with self.assertRaises(AccessError), self.cr.savepoint():
            page.message_post(**forged, optica_sender_unproven=False)
        page.message_post(**forged)
        self.assertEqual((self.queued.state, self.ledger()), ("queued", []))
        self.assertFalse(self.thread())
        self.assertTrue(self.mails()[-1:].optica_sender_unproven)
        # What delivers e-mails can be called by anybody, with whatever references.
        self.receive(user=collector)
        self.assertEqual(self.queued.state, "queued")
        self.assertTrue(self.mails()[-1:].optica_sender_unproven)

    def test_on_the_page_of_a_notice(self):
        notice = self.make_notice(self.ana)
        self.receive(partner=notice, answers=False)
        self.assertEqual(self.queued.state, "queued")
        sent = notice.message_post(body="Aviso", partner_ids=self.ana.ids, message_type="comment")
        self.receive(partner=notice, answers=sent)
        self.assertEqual((self.queued.state, self.queued.reason), ("cancelled", "replied"))

    def test_out_of_office_is_no_answer(self):
        for header in ("Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: bulk"):
            with self.subTest(header):
                self.receive(header)
                self.assertEqual(self.queued.state, "queued")
                self.assertFalse(self.thread())
        # It stays to be read where it arrived, by its name.
        self.assertEqual(
            self.ana.message_ids.filtered("email_from").mapped("message_type")[:3],
            ["out_of_office"] * 3,
        )

    def test_out_of_office_to_a_notice_is_no_answer(self):
        notice = self.make_notice(self.ana)
        self.receive("Auto-Submitted: auto-replied", partner=notice)
        self.assertEqual(self.queued.state, "queued")
        self.assertFalse(self.thread())
