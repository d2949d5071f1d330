"""Who writes: another number or id than before, one of several numbers, a customer put away."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import parse_webhook
from odoo.addons.optica_cobranca.models.messaging.res_partner import SYSTEM_KEYS

from tests.fakes.cloud_api_webhooks import envelope, inbound_text, messages_value, status
from tests.messaging.test_replies import WRITTEN
from tests.messaging.test_wishes import DIGITS, STOP, WishesCommon


class TestIdentities(WishesCommon):
    OLD, NEW = DIGITS, "5521988887777"

    def changed(self, **values):
        return self.says("changed", kind="system", **values)

    def test_another_number(self):
        partner = self.make_late(phone="(11) 96000-0001 / (11) 3333-0000")
        self.says("Oi")
        with self.subTest("answers that wait go to the new number"):
            answer = self.reply(partner, "Olá")
            self.assertEqual(answer.address, f"+{self.OLD}")
        message = self.queue(partner)
        self.changed(new_sender=self.NEW)
        self.assertEqual(partner.phone, "+5521988887777 / (11) 3333-0000")
        self.assertEqual(answer.address, f"+{self.NEW}")
        self.assertIn("another number", partner.message_ids[0].preview)
        self.assertIn(
            "New number: ask the customer to confirm it", partner.activity_ids.mapped("summary")
        )
        self.dispatch()
        self.assertEqual((message.state, message.address), ("sent", f"+{self.NEW}"))
        self.says("SAIR", self.NEW)
        self.assertEqual(self.ledger(partner), STOP)

    def test_another_id(self):
        partner = self.make_late()
        self.says("Oi", sender_id="BR.OLD")
        answer = self.reply(partner, "Olá")
        answer.write({"address": False, "recipient": "BR.OLD"})
        self.changed(sender=None, sender_id="BR.OLD", new_sender_id="BR.NEW")
        self.assertEqual((partner.whatsapp_user_id, answer.recipient), ("BR.NEW", "BR.NEW"))
        self.says("SAIR", sender=None, sender_id="BR.NEW")
        self.assertEqual(self.ledger(partner), STOP)

    def test_a_stranger_who_changes(self):
        self.says("Oi", "5511977777777")
        thread = self.env["contact.thread"].search([("sender_key", "=", "5511977777777")])
        self.changed(sender="5511977777777", new_sender=self.NEW)
        self.says("Sou eu de novo", self.NEW)
        self.assertEqual((thread.sender_key, thread.unread_count), (self.NEW, 2))

    def test_the_other_number_of_a_customer_stays(self):
        partner = self.make_late(phone="(11) 3333-0000")
        self.changed(new_sender=self.NEW)
        self.assertEqual(partner.phone, "(11) 3333-0000")


class TestNumbers(WishesCommon):
    def assert_known(self, phone, sender, **values):
        with self.subTest(phone=phone, sender=sender):
            partner = self.make_late(phone=phone, **values)
            self.assertEqual(self.says("Oi", sender).partner_id, partner)
            partner.phone = False

    def test_second_number_and_numbers_without_area_code(self):
        self.assert_known("(11) 99999-0000 / (11) 3333-0000", "551133330000")
        self.assert_known("(11) 3333-0001 / 98888-0000", "5511988880000")
        self.assert_known("97777-0000", "5511977770000")
        self.assert_known("7777-0000", "551177770000")
        # Of another area code it is somebody else.
        partner = self.make_late(phone="96666-0000")
        self.assertFalse(self.says("Oi", "5521966660000").partner_id)
        self.assertEqual(self.says("Oi", "5511966660000").partner_id, partner)

    def test_argentina_and_mexico(self):
        self.assert_known("+54 9 11 2345-6789", "5491123456789")
        self.assert_known("+54 11 2345-6780", "5491123456780")
        self.assert_known("+52 1 55 1234 5678", "5215512345678")
        self.assert_known("+52 55 1234 5679", "5215512345679")

    def test_archived_customers_get_nothing_and_are_heard(self):
        partner = self.make_late()
        message = self.queue(partner)
        partner.active = False
        self.dispatch()
        self.assertEqual((message.state, message.reason), ("cancelled", "archived"))
        event = self.says("SAIR")
        self.assertEqual(event.partner_id, partner)
        self.assertEqual(self.ledger(partner), STOP)

    def test_an_address_we_wrote_to_is_known(self):
        partner = self.make_late()
        self.send_one(partner)
        partner.phone = "+55 11 96000-0009"
        self.assertEqual(self.says("Oi", "551160000001").partner_id, partner)

    def test_a_wrong_number_is_not_the_customers(self):
        partner = self.make_late()
        self.send_one(partner)
        partner._phone_is_wrong()
        self.assertFalse(self.says("Quem é?").partner_id)

    def test_index_is_used(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT id FROM res_partner"
            " WHERE string_to_array(contact_phone_keys, ' ') && ARRAY['551196000001']"
        )
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("contact_phone_keys", plan)


class TestSharedNumbers(WishesCommon):
    """A number that customers of several houses have is nobody's until somebody says whose it is.

    The doors to a customer's words: the record of the event, the conversation, the chatter, the
    file of their data (/my/data.json), the proof of a consent.
    """

    def setUp(self):
        super().setUp()
        self.mother = self.make_late("Mother")
        self.neighbour = self.make_late("Neighbour")

    def words_of(self, partner):
        """Everything that this customer is shown of what was written."""
        found = [str(partner._personal_data(self.company, fields.Date.today()))]
        found += partner.message_ids.mapped("body")
        found += partner.contact_consent_ids.mapped("proof")
        found += partner.activity_ids.mapped("note")
        return " ".join(filter(None, found))

    def test_what_a_stranger_wrote_is_shown_to_nobody_but_the_inbox(self):
        event = self.says("Segredo da mãe")
        self.assertFalse(event.partner_id)
        self.assertEqual(event.thread_id.last_text, "Segredo da mãe")
        self.assertFalse(event.thread_id.partner_id)
        for partner in (self.mother, self.neighbour):
            self.assertNotIn("Segredo", self.words_of(partner))

    def test_silence_counts_for_all_and_its_words_for_nobody(self):
        self.says("SAIR, segredo")
        for partner in (self.mother, self.neighbour):
            self.assertEqual(self.ledger(partner), STOP)
            self.assertNotIn("segredo", self.words_of(partner))

    def test_a_wish_to_hear_again_counts_when_it_is_known_whose(self):
        self.says("SAIR")
        event = self.says("quero receber mensagens de novo")
        self.assertEqual(self.ledger(self.mother), STOP)
        event.assign_to(self.mother)
        self.assertEqual({row[2] for row in self.ledger(self.mother)[1:]}, {"opt_in"})

    def test_a_clerk_says_whose_it_is(self):
        """From then on it is known; and another clerk may say otherwise."""
        event = self.says("Oi")
        event.assign_to(self.mother)
        self.assertEqual(self.says("De novo").partner_id, self.mother)
        self.assertEqual(event.thread_id.partner_id, self.mother)
        other = self.says("Sou a vizinha")
        other.assign_to(self.neighbour)
        self.assertEqual(self.says("Mais uma").partner_id, self.neighbour)
        self.assertFalse(self.mother.contact_confirmed_keys)

    def test_a_number_taken_off_a_customer_is_not_theirs_any_more(self):
        self.says("Oi").assign_to(self.mother)
        self.mother.phone = "+55 11 96000-0077"
        self.assertFalse(self.mother.contact_confirmed_keys)
        self.assertEqual(self.says("Quem?").partner_id, self.neighbour)

    def test_one_house_is_no_stranger(self):
        """Of the same family the conversation is one anyhow."""
        child = self.make_late("Child", parent_id=self.mother.id)
        self.neighbour.phone = False
        event = self.says("Oi")
        self.assertEqual(event.partner_id.commercial_partner_id, self.mother)
        self.assertIn(event.partner_id, self.mother | child)


class TestKeysOfTheSystem(WishesCommon):
    """The doors: write, create, import, list editing and RPC all pass write and create."""

    def test_nobody_types_them(self):
        partner = self.make_late()
        for group in ("seller", "collector", "manager"):
            user = new_test_user(
                self.env,
                f"types_keys_{group}",
                f"optica_cobranca.group_{group},base.group_partner_manager",
            )
            for name in SYSTEM_KEYS:
                with self.subTest(group=group, name=name):
                    with self.assertRaises(AccessError):
                        partner.with_user(user).write({name: "5511960000009"})
                    with self.assertRaises(AccessError):
                        self.env["res.partner"].with_user(user).create({"name": "X", name: "1"})
        self.assertEqual(partner.contact_phone_key, "551160000001")
        partner.phone = "+55 11 96000-0009"
        self.assertEqual(partner.contact_phone_key, "551160000009", "they follow the number")

    def test_every_stored_key_is_on_the_list(self):
        """What is made of a number or learned from a provider about who somebody is."""
        found = {
            name
            for name, field in self.env["res.partner"]._fields.items()
            if field.store
            and field._module == "optica_cobranca"
            and (name.endswith(("_key", "_keys")) or name.endswith("_user_id"))
            and field.type == "char"
        }
        self.assertEqual(found, set(SYSTEM_KEYS))

    def test_a_changed_number_is_tracked_whatever_the_call_asks_for(self):
        partner = self.make_late()
        seller = new_test_user(
            self.env, "quiet_seller", "optica_cobranca.group_seller,base.group_partner_manager"
        )
        quiet = partner.with_user(seller).with_context(tracking_disable=True, mail_notrack=True)
        self.env.flush_all()
        quiet.write({"phone": "+55 11 96000-0055"})
        self.env.cr.precommit.run()
        tracked = partner.message_ids.sudo().tracking_value_ids
        self.assertIn("+55 11 96000-0055", tracked.mapped("new_value_char"))


class TestChangedNumberAsMetaTellsIt(WishesCommon):
    def test_payload_of_the_specification(self):
        partner = self.make_late()
        system = {"body": "Maria changed", "wa_id": "5521988887777", "type": "user_changed_number"}
        message = {
            "from": DIGITS, "id": "wamid.SYS", "timestamp": str(WRITTEN), "type": "system",
            "system": system,
        }  # fmt: skip
        self.take_in(envelope(messages_value(messages=[message])))
        self.assertEqual(partner.phone, "+5521988887777")

    def test_status_without_a_number(self):
        """A delivery report may name nobody; the message is found all the same."""
        message = self.send_one()
        item = status(message.provider_id, "read", recipient=None)
        self.env["contact.event"]._take_in(
            self.gateway, parse_webhook(envelope(messages_value(statuses=[item])))
        )
        self.env.invalidate_all()
        self.assertEqual(message.state, "read")

    def test_words_in_published_shape(self):
        partner = self.make_late()
        self.take_in(inbound_text("wamid.1", "DESCADASTRO", sender=DIGITS, at=WRITTEN))
        self.assertEqual(self.ledger(partner), STOP)
