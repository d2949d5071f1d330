"""The customer decides what the shop may send: by a link, and in the portal."""

from odoo.tests import HttpCase, new_test_user, tagged

from tests.messaging.common import OutboxCommon


@tagged("standard", "post_install", "-at_install")
class TestStopPage(OutboxCommon, HttpCase):
    def setUp(self):
        super().setUp()
        partner = self.make_customer("Ana <b>Bold</b>", phone="+55 11 96000-0003")
        template = self.make_template("Offer", "Hi. {{stop_link}}", purpose="relationship")
        self.message = self.send_one(partner, template)
        self.path = f"/optica/stop/{self.message._stop_token()}"

    def rows(self):
        return self.env["contact.consent"].search([("partner_id", "=", self.message.partner_id.id)])

    def post(self, path, **data):
        return self.url_open(path, data=data or {"x": "1"})

    def test_looking_changes_nothing_and_tells_nothing_of_the_customer(self):
        response = self.url_open(self.path)
        self.assertEqual(response.status_code, 200)
        self.assertIn("Otica Teste", response.text)
        self.assertNotIn("Ana", response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertIn("noindex", response.headers["X-Robots-Tag"])
        self.assertFalse(self.rows())

    def test_one_click_of_a_mail_program_stops_everything(self):
        response = self.post(self.path, **{"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.rows().mapped("decision"), ["opt_out"])
        self.post(self.path, **{"List-Unsubscribe": "One-Click"})
        self.assertEqual(len(self.rows()), 1, "a second click says nothing new")

    def test_undo(self):
        self.post(self.path, choice="all")
        response = self.post(self.path, choice="none")
        self.assertIn("hear from the shop again", response.text)
        self.assertEqual(self.message._stop_choices()["account"], True)

    def test_guessed_links(self):
        head, signature = self.path.rsplit("-", 1)
        for path in (f"{head}-{signature[::-1]}", "/optica/stop/1-2", "/optica/stop/x"):
            self.assertEqual(self.url_open(path).status_code, 404)
            self.assertEqual(self.post(path, choice="all").status_code, 404)
        self.assertFalse(self.rows())

    def test_an_invented_choice(self):
        self.assertEqual(self.post(self.path, choice="<script>").status_code, 400)
        self.assertFalse(self.rows())


@tagged("standard", "post_install", "-at_install")
class TestPortalPreferences(OutboxCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.customer = self.make_customer(
            "Ana", phone="+55 11 96000-0003", email="ana@example.com"
        )
        new_test_user(
            self.env,
            "portal.ana",
            groups="base.group_portal",
            partner_id=self.customer.id,
            password="portal.ana",
        )
        self.authenticate("portal.ana", "portal.ana")

    def save(self, **ticks):
        token = (
            self.url_open("/my/optica/contact")
            .text.split('name="csrf_token" value="')[1]
            .split('"')[0]
        )
        return self.url_open("/my/optica/contact", data={"csrf_token": token, **ticks})

    def test_choices_are_saved_and_shown(self):
        response = self.save(account_whatsapp="on", offers_whatsapp="on", account_email="on")
        self.assertIn("Saved", response.text)
        wishes = self.env["contact.consent"]._wishes(self.customer)
        self.assertEqual(
            {cell for cell, allowed in wishes.items() if allowed},
            {("account", "whatsapp"), ("offers", "whatsapp"), ("account", "email")},
        )
        self.assertEqual(set(self.customer.contact_consent_ids.mapped("source")), {"portal"})

    def test_without_the_token_of_the_form_nothing_is_saved(self):
        response = self.url_open("/my/optica/contact", data={"account_whatsapp": "on"})
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.customer.contact_consent_ids)

    def test_strangers_are_asked_to_log_in(self):
        self.logout()
        self.assertIn("/web/login", self.url_open("/my/optica/contact").url)
