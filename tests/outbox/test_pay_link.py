"""Messages carry a private link: it opens the customer's page, and the log does not keep it."""

import re
from urllib.parse import urlsplit

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import NOON, OutboxCommon

PRIVATE = re.compile(r"/c/[A-Za-z0-9_-]{22}")


@tagged("standard", "post_install", "-at_install")
class TestPayLink(OutboxCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.template_with_link = self.make_template(
            "With link", "{{shop_name}}: {{customer_first_name}}, pay at {{pay_link}}"
        )

    def test_link_that_was_sent_opens_the_customers_page(self):
        message = self.send_one(template=self.template_with_link)
        (posted,) = self.server.messages()
        text = str(posted)
        (path,) = set(PRIVATE.findall(text))
        link = self.env["crediario.customer.link"].search(
            [("partner_id", "=", message.partner_id.id)]
        )
        self.assertEqual(len(link), 1)
        self.assertEqual(
            link.expires_at, fields.Datetime.add(fields.Datetime.to_datetime(NOON), days=7)
        )
        link.sudo().expires_at = "2100-01-01"
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        self.assertIn("Late", response.text)

    def test_log_keeps_no_way_in(self):
        message = self.send_one(template=self.template_with_link)
        self.assertFalse(PRIVATE.search(message.body))
        self.assertIn("/c/…", message.body)
        self.assertFalse(PRIVATE.search(str(message.parameters)))

    def test_preview_makes_no_link(self):
        before = self.env["crediario.customer.link"].search_count([])
        partner = self.make_late()
        preview = self.template_with_link._preview_for(partner)
        self.assertIn("/my/installments", preview["whatsapp"])
        self.assertEqual(self.env["crediario.customer.link"].search_count([]), before)

    def test_text_without_link_makes_none(self):
        before = self.env["crediario.customer.link"].search_count([])
        self.send_one()
        self.assertEqual(self.env["crediario.customer.link"].search_count([]), before)

    def test_contract_link_opens_the_contract(self):
        template = self.make_template(
            "Welcome", "Your contract: {{contract_link}}", purpose="service"
        )
        customer = self.make_customer("Ana", phone="+55 11 96000-0007")
        move = self.make_invoice(
            total="100.00", installments=2, first_due="2026-03-10", partner=customer
        )
        self.queue(move, template)
        self.dispatch()
        (posted,) = self.server.messages()
        (path,) = set(re.findall(r"/c/[A-Za-z0-9_-]{22}/contract/\d+", str(posted)))
        self.env["crediario.customer.link"].search([]).sudo().expires_at = "2100-01-01"
        response = self.url_open(urlsplit(path).path)
        self.assertEqual(response.status_code, 200)
        self.assertIn(move.contract_reference or move.name, response.text)

    def test_each_customer_gets_a_link_of_their_own(self):
        partners = self.make_late("Um", "+55 11 96000-0011") | self.make_late(
            "Dois", "+55 11 96000-0012"
        )
        self.queue(partners, self.template_with_link)
        self.dispatch()
        links = set(PRIVATE.findall(str(self.server.messages())))
        self.assertEqual(len(links), 2)
