"""Ways into the outbox: the server action and the wizard."""

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_actions import ServerActionWithWarningsError

from tests.messaging.common import OutboxCommon


class TestServerAction(OutboxCommon):
    def make_action(self, model, template=None):
        return self.env["ir.actions.server"].create(
            {
                "name": "Write to them",
                "model_id": self.env["ir.model"]._get_id(model),
                "state": "contact_message",
                "contact_template_id": (template or self.template).id,
            }
        )

    def run_on(self, records):
        action = self.make_action(records._name)
        action.with_context(active_model=records._name, active_ids=records.ids).run()
        return self.env["contact.message"].search([("res_model", "=", records._name)])

    def test_on_customers(self):
        partners = self.make_late("A") | self.make_late("B", phone="+55 11 96000-0002")
        self.assertEqual(self.run_on(partners).partner_id, partners)

    def test_on_contracts_writes_about_that_contract(self):
        partner = self.make_late()
        (line,) = self.make_installments(("2026-02-05", "40.00"), partner=partner)
        message = self.run_on(line.move_id)
        self.env.flush_all()
        self.assertEqual(message._installment_ids(), {message.id: line.ids})

    def test_on_notices(self):
        notice = self.make_notice(self.make_late())
        self.assertEqual(self.run_on(notice).notice_id, notice)

    def test_on_orders(self):
        order = self.make_sale(partner=self.make_late())
        self.assertEqual(self.run_on(order).partner_id, order.partner_id)

    def test_model_without_a_customer(self):
        action = self.make_action("res.country")
        self.assertIn("has no customer", action.warning)
        countries = self.env["res.country"].search([], limit=1)
        with self.assertRaises(ServerActionWithWarningsError):
            action.with_context(active_model="res.country", active_ids=countries.ids).run()

    def test_models_to_choose_from(self):
        action = self.make_action("res.partner")
        names = set(action.available_model_ids.mapped("model"))
        self.assertLessEqual({"res.partner", "dunning.notice", "account.move", "sale.order"}, names)
        self.assertNotIn("res.country", names)

    def test_name_and_other_kinds(self):
        action = self.make_action("res.partner")
        action.name = action._generate_action_name()
        self.assertEqual(action.name, "Send message Late")
        action.state = "object_write"
        self.assertFalse(action.contact_template_id)

    def test_template_in_use_is_kept(self):
        self.make_action("res.partner")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.template.unlink()
            self.env.flush_all()


class TestSendWizard(OutboxCommon):
    def open_on(self, records):
        return (
            self.env["contact.send"]
            .with_user(self.user)
            .with_context(active_model=records._name, active_ids=records.ids)
            .create({"template_id": self.template.id})
        )

    def test_on_customers(self):
        partners = self.make_late("A") | self.make_late("B", phone=False)
        wizard = self.open_on(partners)
        self.assertEqual((wizard.customer_count, wizard.without_number_count), (2, 1))
        self.assertIn("Hello A", wizard.whatsapp_preview)
        action = wizard.action_send()
        messages = self.env["contact.message"].search(action["domain"])
        self.assertEqual(messages.partner_id, partners)
        self.assertEqual(messages.author_id, self.user)

    def test_on_installments_once_for_each_customer(self):
        partner = self.make_customer("Two", phone="+55 11 96000-0002")
        lines = self.make_installments(
            ("2026-01-30", "100.00"), ("2026-02-10", "50.00"), partner=partner
        )
        wizard = self.open_on(lines)
        messages = self.env["contact.message"].search(wizard.action_send()["domain"])
        self.assertEqual(len(messages), 1)

    def test_notice_that_has_it_already(self):
        notice = self.make_notice(self.make_late())
        self.open_on(notice).action_send()
        with self.assertRaisesRegex(UserError, "Nothing was queued"):
            self.open_on(notice).action_send()

    def test_without_records(self):
        with self.assertRaisesRegex(UserError, "Choose the customers first"):
            self.env["contact.send"].create({"template_id": self.template.id})
