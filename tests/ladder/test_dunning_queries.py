"""How many queries a batch of the ladder takes: the same for few and for many customers."""

from odoo import Command

from tests.ladder.dunning_common import DunningCommon


class TestDunningQueries(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        action = cls.env["ir.actions.server"].create(
            {
                "name": "Message",
                "model_id": cls.env["ir.model"]._get_id("dunning.notice"),
                "state": "contact_message",
                "contact_template_id": cls.env.ref("optica_cobranca.template_late_1").id,
            }
        )
        # No other level: whoever was reminded is not reminded again.
        cls.company.dunning_policy_id = policy = cls.make_policy("One level", 1)
        policy.level_ids.action_ids = [Command.link(action.id)]

    def queries(self, day, customers, due):
        """Queries of the run of a day on which so many customers come to the level +1."""
        for number in range(customers):
            partner = self.make_customer(f"{due} {number}", phone="+55 11 96123-4567")
            self.make_installments((due, "100.00"), (due, "50.00"), partner=partner)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        run = self.run_ladder(day)
        self.assertEqual((run.notice_count, run.line_count), (customers, 2 * customers))
        return self.cr.sql_log_count - before

    def test_they_do_not_depend_on_the_rows_of_a_batch(self):
        """Each notice with its lines and its message, 3 customers or 60."""
        policy = self.company.dunning_policy_id
        self.queries("2026-03-11", 2, "2026-03-10")  # what is looked up once a process
        few = self.queries("2026-04-11", 3, "2026-04-10")
        many = self.queries("2026-05-12", 60, "2026-05-11")
        messages = self.env["contact.message"].search([("notice_id.policy_id", "=", policy.id)])
        self.assertEqual(len(messages), 2 + 3 + 60)
        self.assertEqual(few, many)
