"""Workers beside each other, and companies beside each other."""

from odoo.tools import SQL

from odoo.addons.optica_cobranca.models.messaging import contact_message_deliver

from tests.messaging.common import OutboxCommon


class TestLanes(OutboxCommon):
    def test_a_lost_race_leaves_no_error_in_the_log(self):
        """Two workers at one row are everyday life: repeated, not reported."""
        message = self.queue(self.make_late())
        self.env.flush_all()
        calls = []
        with (
            self.enter_registry_test_mode(),
            self.registry.cursor() as cursor,
            self.assertNoLogs("odoo.sql_db", "ERROR"),
        ):
            outbox = self.env(cr=cursor)["contact.message"].sudo()

            def work():
                calls.append(1)
                if len(calls) == 1:
                    outbox._run_racing(
                        SQL("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")
                    )
                return outbox._claim_once(7, 5, ())

            self.assertEqual(list(outbox._persist(work)), message.ids)
        self.assertEqual(len(calls), 2)

    def test_slow_provider_of_one_company_does_not_hold_up_another(self):
        """While one gateway crawls along its queue, the whole queue of the other is sent."""
        other = self.env["res.company"].create(
            {"name": "Other", "country_id": self.env.ref("base.br").id, "phone": "(11) 3333-5555"}
        )
        self.make_gateway(name="Other", company_id=other.id, phone_number_id="777")
        self.gateway.rate_per_second = 20.0
        template = self.make_template("Hi", "Hi {{customer_first_name}}!", purpose="service")
        slow, fast = (
            self.env["res.partner"].union(
                *(
                    self.make_customer(
                        f"P{number}",
                        phone=f"+55 11 96000-{start + number}",
                        company_id=company.id,
                    )
                    for number in range(40)
                )
            )
            for company, start in ((self.company, 1000), (other, 2000))
        )
        self.patch(contact_message_deliver, "BATCH", 8)
        slow = self.queue(slow, template)
        fast = self.queue(fast, template)
        self.dispatch()
        self.assertEqual(set((slow | fast).mapped("state")), {"sent"})
        order = [posted.reference for posted in self.server.messages()]
        last_fast = max(order.index(message.uuid) for message in fast)
        slow_before = {message.uuid for message in slow} & set(order[:last_fast])
        self.assertLess(len(slow_before), 30)
