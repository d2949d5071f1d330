"""From a sandbox to a promise: connect, preview, send, delivered, answered, promised, stopped."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user

from tests.messaging.test_replies import WRITTEN, RepliesCommon


class TestInboxTour(RepliesCommon, HttpCase):
    """The clock is the real one, because the browser has its own."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.thread"].search([]).unlink()
        cls.manager = new_test_user(
            cls.env,
            "gerente_caixa_de_entrada",
            "optica_cobranca.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )

    def setUp(self):
        super().setUp()
        due = datetime.now(ZoneInfo("America/Sao_Paulo")).date() - timedelta(days=20)
        self.ana = self.make_late("Ana Prado", phone="+55 11 96123-1010", due=str(due))

    def tour(self, record, name):
        self.start_tour(
            f"/odoo/m-{record._name}/{record.id}",
            f"optica_cobranca_inbox_{name}",
            login=self.manager.login,
            timeout=120,
        )
        self.env.invalidate_all()

    def leave(self, message):
        """Dispatch now, or at the next permitted moment when it is night or Sunday."""
        self.dispatch(at=fields.Datetime.now())
        if message.state == "queued":
            self.dispatch(at=message.scheduled_at)
        self.env["contact.event"].sudo()._play_sandbox(message.gateway_id)
        self.env.invalidate_all()

    def test_from_sandbox_to_promise(self):
        self.gateway.state = "disabled"
        sandbox = self.make_gateway(name="Sandbox", provider="sandbox", state="disabled")
        self.tour(sandbox, "connect")
        self.assertEqual(sandbox.state, "live")
        self.tour(self.template, "preview")
        self.tour(self.ana, "send")
        message = self.env["contact.message"].search([("partner_id", "=", self.ana.id)])
        self.assertEqual(message.template_id, self.template)
        self.leave(message)
        self.assertEqual((message.state, message.gateway_id), ("read", sandbox))
        another = self.make_template("Another", "Hello {{customer_name}}. {{shop_identity}}.")
        waiting = self.env["contact.message"]._enqueue(self.ana, another)
        self.tour(message, "answer")
        self.assertEqual((waiting.state, waiting.reason), ("cancelled", "replied"))
        promise = self.env["dunning.promise"].search([("partner_id", "=", self.ana.id)])
        self.assertEqual((promise.state, promise.date.weekday()), ("open", 4))
        thread = self.env["contact.thread"].search([("partner_id", "=", self.ana.id)])
        self.assertEqual((thread.state, thread.user_id), ("closed", self.manager))
        answer = self.env["contact.message"].search([("answered_event_id", "!=", False)])
        self.assertEqual((answer.body, answer.purpose), ("Combinado, obrigada!", "service"))

    def test_many_with_the_keyboard(self):
        """The latest words stand first: Clara's, Bia's, Ana's."""
        people = {"Ana": "5511961231010", "Bia": "5511961231011", "Clara": "5511961231012"}
        for minute, (name, number) in enumerate(people.items()):
            if name != "Ana":
                self.make_late(name, phone=f"+{number}")
            self.write_in(f"Oi, {name}", sender=number, at=WRITTEN + 60 * minute)
        self.start_tour(
            "/odoo/optica-inbox",
            "optica_cobranca_inbox_many",
            login=self.manager.login,
            timeout=120,
        )
        self.env.invalidate_all()
        threads = self.env["contact.thread"].search([])
        states = {thread.partner_id.name: thread.state for thread in threads}
        self.assertEqual(states, {"Ana Prado": "open", "Bia": "closed", "Clara": "open"})
