"""Consent: rows are only added, Odoo's blacklists say the same, the customer decides by link."""

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from tests.messaging.common import NOON, OutboxCommon

OFFER = "Hello {{customer_first_name}}! {{stop_link}}"


class TestLedger(OutboxCommon):
    def decisions(self, partner):
        rows = partner.contact_consent_ids.sorted("id")
        return [(row.purpose, row.channel, row.decision, row.source) for row in rows]

    def listed(self, partner):
        """Whether the number and the address are on Odoo's own lists."""
        number = partner._contact_number()
        return (
            bool(self.env["phone.blacklist"].search([("number", "=", number)])),
            bool(self.env["mail.blacklist"].search([("email", "=", partner.email)])),
        )

    def make_reachable(self):
        return self.make_customer("Ana", phone="+55 11 96000-0003", email="ana@example.com")

    def opt(self, partner, decision, **values):
        return self.env["contact.consent"].create(
            {"partner_id": partner.id, "decision": decision, **values}
        )

    def test_what_was_said_is_neither_changed_nor_deleted(self):
        row = self.opt(self.make_reachable(), "opt_out")
        with self.assertRaisesRegex(UserError, "not changed"):
            row.decision = "opt_in"
        with self.assertRaisesRegex(UserError, "not deleted"):
            row.unlink()

    def test_a_channel_given_up_is_on_odoos_list(self):
        partner = self.make_reachable()
        self.opt(partner, "opt_out", channel="sms")
        self.assertEqual(self.listed(partner), (True, False))
        self.opt(partner, "opt_out", channel="email")
        self.assertEqual(self.listed(partner), (True, True))
        self.assertEqual(len(self.decisions(partner)), 2, "the lists do not answer with rows")

    def test_who_comes_back_leaves_odoos_list(self):
        partner = self.make_reachable()
        self.opt(partner, "opt_out")
        self.assertEqual(self.listed(partner), (True, True))
        self.opt(partner, "opt_in", channel="email", purpose="service")
        self.assertEqual(self.listed(partner), (True, False))

    def test_no_offers_is_no_reason_for_odoos_list(self):
        partner = self.make_reachable()
        self.opt(partner, "opt_out", purpose="marketing")
        self.assertEqual(self.listed(partner), (False, False))

    def test_odoos_phone_list_is_in_the_ledger(self):
        partner = self.make_reachable()
        row = self.env["phone.blacklist"].add("+5511960000003")
        self.assertEqual(self.decisions(partner), [("all", "sms", "opt_out", "blacklist")])
        row.action_archive()
        self.assertEqual(
            self.decisions(partner)[1:],
            [
                ("collection", "sms", "opt_in", "blacklist"),
                ("service", "sms", "opt_in", "blacklist"),
            ],
        )

    def test_odoos_mail_list_is_in_the_ledger(self):
        partner = self.make_reachable()
        self.env["mail.blacklist"]._add("Ana@Example.com")
        self.assertEqual(self.decisions(partner), [("all", "email", "opt_out", "blacklist")])
        self.env["mail.blacklist"]._remove("ana@example.com")
        self.assertEqual(len(self.decisions(partner)), 3)

    def test_a_plain_user_of_odoo_edits_the_lists(self):
        partner = self.make_reachable()
        user = new_test_user(self.env, "mailer", groups="base.group_system")
        self.env["mail.blacklist"].with_user(user)._add("ana@example.com")
        self.assertEqual(self.decisions(partner), [("all", "email", "opt_out", "blacklist")])


class TestStopLinkModel(OutboxCommon):
    def sent_offer(self):
        template = self.make_template("Offer", OFFER, purpose="relationship")
        partner = self.make_customer("Ana", phone="+55 11 96000-0003")
        return self.send_one(partner, template, at=NOON)

    def test_the_link_is_in_the_text_and_leads_back(self):
        message = self.sent_offer()
        link = message._stop_link()
        self.assertEqual(message.state, "sent")
        self.assertIn(link, message.body)
        token = link.rsplit("/", 1)[1]
        self.assertEqual(self.env["contact.message"]._find_by_stop_token(token), message)

    def test_forged_links_find_nothing(self):
        message = self.sent_offer()
        find = self.env["contact.message"]._find_by_stop_token
        number, signature = message._stop_token().split("-")
        other = f"{int(number, 16) + 1:x}-{signature}"
        for token in (
            other,
            f"{number}-{'0' * 32}",
            number,
            "",
            "x" * 200,
            f"{number}-{signature}0",
        ):
            with self.subTest(token=token):
                self.assertFalse(find(token))

    def test_no_more_offers_keeps_collection(self):
        message = self.sent_offer()
        self.assertTrue(message._apply_stop_choice("offers"))
        late = self.make_late()
        self.assertEqual(self.send_one(late).state, "sent")
        self.assertEqual(message._stop_choices(), {"account": True, "offers": False})

    def test_nothing_more_and_undo(self):
        message = self.sent_offer()
        message._apply_stop_choice("all")
        row = message.partner_id.contact_consent_ids
        self.assertEqual(
            (row.purpose, row.channel, row.decision, row.source, row.message_id),
            ("all", "whatsapp", "opt_out", "link", message),
        )
        message._apply_stop_choice("none")
        self.assertEqual(message._stop_choices(), {"account": True, "offers": False})

    def test_an_unknown_choice_records_nothing(self):
        message = self.sent_offer()
        self.assertFalse(message._apply_stop_choice("everything"))
        self.assertFalse(message.partner_id.contact_consent_ids)
