"""Base of the tests of the customer's pages: a private link, logins, pages read as HTML."""

from urllib.parse import urlsplit

from lxml import html

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from tests.common import CollectionCommon

TODAY = "2026-03-17"  # a Tuesday
NOON = f"{TODAY} 15:00"  # twelve in São Paulo
PIX_KEY = "7d9f0335-8dcc-4054-9bf9-0dbd61d36906"


class CustomerPagesCommon(CollectionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.links = cls.env["crediario.customer.link"]
        cls.customer.write({"vat": "123.456.789-09", "street": "Rua Secreta, 9"})
        cls.other_customer = cls.make_customer("João Pereira")
        cls.company.write({"city": "São Paulo", "street": "Rua das Flores, 120"})

    @classmethod
    def make_portal_user(cls, partner, login):
        return new_test_user(
            cls.env,
            login,
            "base.group_portal",
            partner_id=partner.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def take_pix(cls):
        """The shop takes Pix by a key; its bank tells nothing."""
        cls.company_data["default_journal_bank"].bank_account_id = cls.env[
            "res.partner.bank"
        ].create(
            {
                "acc_number": "12345-6",
                "partner_id": cls.company.partner_id.id,
                "proxy_type": "br_random",
                "proxy_value": PIX_KEY,
            }
        )

    def issue(self, partner=None):
        """A link's token."""
        owner = ((partner or self.customer).id, self.company.id)
        return self.links._issue([owner])[owner]

    def root(self, token):
        """Where the pages of a link are; this browser has its cookie from now on."""
        response = self.url_open(f"/oc/{token}", allow_redirects=False)
        self.assertEqual(response.status_code, 303, response.text[:500])
        return urlsplit(response.headers["Location"]).path

    def get(self, path, status=200):
        """A page, which answers with ``status``, as a tree."""
        response = self.url_open(path)
        self.assertEqual(response.status_code, status, response.text[:500])
        return html.fromstring(response.text)

    def by_link(self, path="", token=None, status=200):
        return self.get(f"/oc/{token or self.issue()}{path}", status)

    @staticmethod
    def text(page, xpath="/*"):
        """Text without the code of scripts, single spaces."""
        (node,) = page.xpath(xpath)
        for script in node.xpath(".//script | .//style"):
            script.text = ""
        return " ".join(node.text_content().replace("\xa0", " ").split())

    @staticmethod
    def shown(page):
        """Ids of the installments on a page, in order."""
        return [int(value) for value in page.xpath("//*[@data-installment]/@data-installment")]
