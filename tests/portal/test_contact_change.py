"""A number or e-mail that a customer types on the portal counts when it is confirmed."""

import json
import re
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.clients.base import InboundMessage, WebhookBatch
from odoo.addons.optica_cobranca.models.messaging.contact_change import (
    MOST_A_DAY,
    MOST_CODES,
    MOST_GUESSES,
)

from .customer_common import NOON, CustomerPagesCommon

OLD, NEW = "+55 11 96123-4567", "+55 11 96999-0001"


@freeze_time(NOON)
class TestContactChange(CustomerPagesCommon):
    """The doors of the portal: the form of an address, a new address, the model itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.make_portal_user(cls.customer, "maria_changes")
        cls.customer.write({"email": "maria@loja.example", "city": "São Paulo", "zip": "01310-100"})
        cls.changes = cls.env["contact.change"].sudo()

    def setUp(self):
        super().setUp()
        # What left stays to be looked at.
        self.enterContext(
            patch.object(self.env.registry["mail.mail"], "unlink", lambda mails: True)
        )

    def as_customer(self):
        return self.customer.with_user(self.user).sudo()

    def waiting(self, kind="phone"):
        return self.changes.search(
            [("partner_id", "=", self.customer.id), ("kind", "=", kind), ("state", "=", "waiting")]
        )

    def mails_to(self, address):
        return self.env["mail.mail"].sudo().search([("email_to", "=", address)])

    # --------------------------------------------------------------- doors

    def test_what_is_typed_waits(self):
        self.as_customer().write({"phone": NEW, "city": "Campinas"})
        self.assertEqual((self.customer.phone, self.customer.city), (OLD, "Campinas"))
        change = self.waiting()
        self.assertEqual((change.old_value, change.new_value), (OLD, NEW))
        self.as_customer().write({"email": "other@loja.example"})
        self.assertEqual(self.customer.email, "maria@loja.example")
        self.assertEqual(self.waiting("email").new_value, "other@loja.example")

    def test_a_new_address_waits_too(self):
        """Another person's number on an address of one's own would make it one's own, too."""
        child = (
            self.env["res.partner"]
            .with_user(self.user)
            .sudo()
            .create({"name": "Delivery", "parent_id": self.customer.id, "phone": NEW})
        )
        self.assertFalse(child.phone)
        self.assertEqual(self.changes.search([("partner_id", "=", child.id)]).new_value, NEW)

    def test_the_form_of_odoo(self):
        self.authenticate(self.user.login, self.user.login)
        page = self.get(f"/my/address?partner_id={self.customer.id}")
        csrf = page.xpath("string(//input[@name='csrf_token']/@value)")
        answer = self.url_open(
            "/my/address/submit",
            data={
                "csrf_token": csrf,
                "partner_id": self.customer.id,
                "address_type": "billing",
                "name": self.customer.name,
                "email": "maria@loja.example",
                "phone": NEW,
                "street_name": "Rua Secreta",
                "street_number": "9",
                "street2": "Centro",
                "city_id": self.env.ref("l10n_br.city_br_001").id,
                "vat": "123.456.789-09",
                "l10n_latam_identification_type_id": self.env.ref("l10n_br.cpf").id,
                "zip": "01310-100",
                "country_id": self.env.ref("base.br").id,
                "state_id": self.env.ref("base.state_br_sp").id,
                "required_fields": "name",
            },
        )
        feedback = json.loads(answer.text)
        self.assertEqual(feedback.get("redirectUrl"), "/my/optica/confirm", answer.text)
        self.assertEqual(self.customer.phone, OLD)
        self.assertIn(NEW, self.text(self.get("/my/optica/confirm")))

    def test_the_same_number_written_otherwise_is_no_change(self):
        self.as_customer().write({"phone": "(11) 96123-4567", "email": "Maria@loja.example"})
        self.assertFalse(self.waiting() | self.waiting("email"))
        self.assertEqual(self.customer.phone, "(11) 96123-4567")

    def test_the_shops_people_change_at_once(self):
        self.customer.write({"phone": NEW})
        self.assertEqual(self.customer.phone, NEW)
        self.assertFalse(self.waiting())

    def test_another_customers_number_brings_nothing(self):
        """Who types another's number reads nothing of what the other writes."""
        self.other_customer.phone = NEW
        self.as_customer().write({"phone": NEW})
        gateway = self.env["contact.gateway"].create(
            {"name": "S", "provider": "sandbox", "company_id": self.company.id, "state": "test"}
        )
        item = InboundMessage("in-1", "5511969990001", None, text="Segredo do João")
        self.env["contact.event"].sudo()._take_in(gateway, WebhookBatch(inbound=(item,)))
        event = self.env["contact.event"].search([("key", "=", item.key)])
        self.assertEqual(event.partner_id, self.other_customer)
        told = str(self.customer._personal_data(self.company, fields.Date.today()))
        self.assertNotIn("Segredo", told)

    # ------------------------------------------------------------ confirming

    def test_the_old_contact_and_the_shop_are_told(self):
        self.as_customer().write({"phone": NEW})
        (mail,) = self.mails_to("maria@loja.example")
        self.assertIn("If it was not you", mail.body_html)
        self.assertNotIn("96999", mail.body_html)
        self.assertTrue(
            self.customer.activity_ids.filtered(lambda todo: "confirm it" in todo.summary)
        )

    def test_a_code_by_email(self):
        self.as_customer().write({"email": "new@loja.example"})
        change = self.waiting("email")
        self.assertTrue(change._send_code())
        (mail,) = self.mails_to("new@loja.example")
        (code,) = re.findall(r"\d{6}", mail.body_html)
        self.assertNotIn(code, str(change.sudo().read()))
        self.authenticate(self.user.login, self.user.login)
        page = self.get("/my/optica/confirm")
        csrf = page.xpath("string(//input[@name='csrf_token']/@value)")
        wrong = "000000" if code != "000000" else "111111"
        address = f"/my/optica/confirm/{change.id}"
        answer = self.url_open(address, data={"csrf_token": csrf, "code": wrong})
        self.assertIn("not the code", self.text(html.fromstring(answer.text)))
        self.assertEqual(self.customer.email, "maria@loja.example")
        self.url_open(address, data={"csrf_token": csrf, "code": code})
        self.assertEqual(self.customer.email, "new@loja.example")
        self.assertEqual((change.state, change.proven_by), ("confirmed", "code"))

    def test_a_code_by_sms_is_not_kept(self):
        """Nobody who reads what left by Odoo's SMS confirms a number with it."""
        self.as_customer().write({"phone": NEW})
        self.env["contact.gateway"].search([]).write({"state": "disabled"})
        self.env["contact.gateway"].create(
            {
                "name": "SMS",
                "channel": "sms",
                "provider": "odoo_sms",
                "company_id": self.company.id,
                "state": "live",
            }
        )
        texts = []
        for outcome, left in (("sent", True), ("error", False)):
            with self.subTest(outcome=outcome):

                def send(text, outcome=outcome, **_options):
                    texts.append(text.body)
                    text.state = outcome

                with patch.object(self.env.registry["sms.sms"], "send", send):
                    self.assertEqual(self.waiting()._send_code(), left)
                self.assertTrue(re.search(r"\d{6}", texts[-1]))
        kept = self.env["sms.sms"].search([("number", "=", "+5511969990001")])
        self.assertEqual(kept.mapped("body"), [False, False])
        self.assertEqual(kept.sorted("id").mapped("to_delete"), [False, True])

    def test_codes_are_guessed_few_times_and_sent_few_times(self):
        self.as_customer().write({"email": "new@loja.example"})
        change = self.waiting("email")
        change._send_code()
        code = re.findall(r"\d{6}", self.mails_to("new@loja.example").body_html)[0]
        wrong = "000000" if code != "000000" else "111111"
        for _guess in range(MOST_GUESSES):
            self.assertFalse(change._try_code(wrong))
        self.assertFalse(change._try_code(code), "too many guesses")
        for _code in range(MOST_CODES - 1):
            change._send_code()
        with self.assertRaisesRegex(Exception, "No more codes"):
            change._send_code()

    def test_a_code_is_good_for_half_an_hour(self):
        self.as_customer().write({"email": "new@loja.example"})
        change = self.waiting("email")
        change._send_code()
        code = re.findall(r"\d{6}", self.mails_to("new@loja.example").body_html)[0]
        with freeze_time(fields.Datetime.now() + timedelta(minutes=31)):
            self.assertFalse(change._try_code(code))
        self.assertTrue(change._try_code(code))

    def test_the_new_number_writes_the_word(self):
        """A WhatsApp message from the number itself; from another number the word is no proof."""
        self.as_customer().write({"phone": NEW})
        change = self.waiting()
        word = change.sudo().word
        gateway = self.env["contact.gateway"].create(
            {"name": "S", "provider": "sandbox", "company_id": self.company.id, "state": "test"}
        )
        for number, sender in enumerate(("5511955550000", "5511969990001")):
            item = InboundMessage(f"w-{number}", sender, None, text=f"My code is {word}")
            self.env["contact.event"].sudo()._take_in(gateway, WebhookBatch(inbound=(item,)))
            expected = (OLD, "waiting") if number == 0 else (NEW, "confirmed")
            self.assertEqual((self.customer.phone, change.state), expected)
        self.assertEqual(change.proven_by, "word")
        self.assertEqual(self.customer.contact_confirmed_keys, "551169990001")

    def test_a_clerk_decides(self):
        self.as_customer().write({"phone": NEW})
        seller = new_test_user(
            self.env, "decides", "optica_cobranca.group_seller,base.group_partner_manager"
        )
        with self.assertRaises(AccessError):
            self.waiting().with_user(self.user).action_confirm()
        with self.assertRaises(AccessError):
            self.waiting().with_user(seller).write({"state": "confirmed"})
        self.waiting().with_user(seller).action_refuse()
        self.assertEqual(self.customer.phone, OLD)
        self.as_customer().write({"phone": NEW})
        change = self.waiting()
        change.with_user(seller).action_confirm()
        self.assertEqual(self.customer.phone, NEW)
        self.assertEqual((change.proven_by, change.decided_by_id), ("clerk", seller))

    def test_the_last_one_typed_waits_and_not_too_many_in_a_day(self):
        for number in range(MOST_A_DAY):
            self.as_customer().write({"phone": f"+55 11 96999-010{number}"})
        self.assertEqual(self.waiting().new_value, f"+55 11 96999-010{MOST_A_DAY - 1}")
        with self.assertRaisesRegex(Exception, "many times today"):
            self.as_customer().write({"phone": NEW})

    def test_what_was_typed_is_told_with_all_that_is_kept(self):
        self.as_customer().write({"phone": NEW})
        self.changes.create(
            {
                "partner_id": self.other_customer.id,
                "company_id": self.company.id,
                "kind": "phone",
                "new_value": "+55 11 90000-0000",
            }
        )
        self.authenticate(self.user.login, self.user.login)
        told = self.url_open("/my/optica/data.json").json()
        (rows,) = [section["rows"] for section in told["sections"] if section["name"] == "contacts"]
        self.assertEqual(
            [(row["old_value"], row["new_value"], row["state"]) for row in rows],
            [(OLD, NEW, "To be confirmed")],
        )
        self.assertNotIn("word", rows[0])
        self.assertIn(NEW, self.text(self.get("/my/optica/data")))

    def test_another_customers_change_does_not_exist(self):
        self.as_customer().write({"phone": NEW})
        stranger = self.make_portal_user(self.other_customer, "joao_changes")
        self.authenticate(stranger.login, stranger.login)
        page = self.get("/my/optica/contact")
        csrf = page.xpath("string(//input[@name='csrf_token']/@value)")
        for path in ("", "/send", "/cancel"):
            answer = self.url_open(
                f"/my/optica/confirm/{self.waiting().id}{path}",
                data={"csrf_token": csrf, "code": "000000"},
            )
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.waiting().state, "waiting")
