"""The queue of messages sent by hand, in a browser: one key for each."""

from odoo.tests import HttpCase, new_test_user

from tests.messaging.common import OutboxCommon


class TestByHandTour(OutboxCommon, HttpCase):
    """The clock is the real one, because the browser has its own; services know no hours."""

    def test_one_key_for_each(self):
        self.gateway.provider = "by_hand"
        template = self.make_template("Ready", "Hi {{customer_first_name}}!", purpose="service")
        partners = self.env["res.partner"].create(
            [
                {"name": name, "phone": f"+55 11 96000-000{number}", "company_id": self.company.id}
                for number, name in enumerate(("Ana", "Bia", "Clara"), 1)
            ]
        )
        messages = self.env["contact.message"]._enqueue(partners, template)
        clerk = new_test_user(
            self.env,
            "clerk of the tour",
            "optica_cobranca.group_collector",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        # The permitted hours are the gate's own business: here they are always.
        for message in messages:
            message.write(
                {
                    "by_hand": True,
                    "gateway_id": self.gateway.id,
                    "address": message.partner_id._contact_number(),
                    "body": f"Hi {message.partner_id.name}!",
                }
            )
        outbox = type(self.env["contact.message"])
        self.patch(outbox, "_recheck_by_hand", lambda message: None)
        self.start_tour("/odoo/optica-send-by-hand", "optica_cobranca_by_hand", login=clerk.login)
        self.assertEqual(messages.mapped("state"), ["sent", "queued", "queued"])
        self.assertEqual(messages[0].resolved_by_id, clerk)
