"""Installments paid by an online provider: charges are income, exactly these are settled."""

from datetime import date
from urllib.parse import urlsplit

from freezegun import freeze_time
from lxml import html

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import JsonRpcException

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

TODAY = "2026-03-17"
NOON = f"{TODAY} 15:00"


@tagged("standard", "post_install", "-at_install")
@freeze_time(NOON)
class TestOnlineInstallments(AccountPaymentCommon, HttpCase):
    """A contract of 105.58 due on 2 March (15 days late: 2.11 and 0.53) and again on 2 April."""

    @classmethod
    @AccountPaymentCommon.setup_country("br")
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company._create_crediario_accounts()
        cls.provider.state = "test"
        cls.provider.is_published = True
        cls.plan = cls.env["crediario.plan"].create(
            {
                "name": "Online plan",
                "fine_percent": 2.0,
                "late_interest_percent": 1.0,
                "min_installment_value": 0.01,
                "first_due_min_days": 0,
                "first_due_max_days": 60,
            }
        )
        cls.contract = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.partner.id,
                "currency_id": cls.company.currency_id.id,
                "invoice_date": "2026-02-02",
                "crediario_plan_id": cls.plan.id,
                "installment_count": 3,
                "first_due_date": "2026-03-02",
                "invoice_line_ids": [
                    (0, 0, {"name": "Glasses", "price_unit": 316.74, "tax_ids": [(5, 0, 0)]})
                ],
            }
        )
        cls.contract.action_post()
        cls.lines = cls.contract.installment_ids.sorted("installment_number")

    @classmethod
    def setup_independent_company(cls, **kwargs):
        """The template's own company, which has Brazil's chart already."""
        return cls.env.ref("base.main_company")

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref("optica_cobranca.group_manager")

    # ------------------------------------------------------------ helpers

    def token(self):
        owner = (self.partner.commercial_partner_id.id, self.company.id)
        return self.env["crediario.customer.link"]._issue([owner])[owner]

    def order(self, lines, token=None, **params):
        """The transaction that the provider's form makes; the answer of the route."""
        token = token or self.token()
        ids = "-".join(map(str, lines.ids))
        opened = self.url_open(f"/oc/{token}", allow_redirects=False)
        root = urlsplit(opened.headers.get("Location", "/oc/p/0")).path
        return self.make_jsonrpc_request(f"{root}/online/transaction/{ids}", self.form(**params))

    def form(self, **params):
        """What the form of a hostile browser sends."""
        return {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "token_id": None,
            "amount": 0.01,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": "https://evil.example/",
            "is_validation": False,
            "access_token": "",
            **params,
        }

    def log_in(self):
        """The customer's own login."""
        new_test_user(
            self.env,
            "online_portal",
            "base.group_portal",
            partner_id=self.partner.id,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.authenticate("online_portal", "online_portal")

    def page(self, path):
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200, response.text[:500])
        return html.fromstring(response.text)

    def transaction(self):
        return self.env["payment.transaction"].search([], order="id desc", limit=1)

    def residuals(self):
        return [f"{line.amount_residual:.2f}" for line in self.lines]

    def confirm(self, transaction):
        transaction._set_done()
        transaction._post_process()

    # -------------------------------------------------------------- money

    def test_late_installment_with_its_charges(self):
        """108.22: 105.58 leave the debt, 2.11 and 0.53 are income; confirmed two days later."""
        self.order(self.lines[0])
        transaction = self.transaction()
        self.assertEqual(transaction.amount, 108.22, "the amount in the form is nobody's business")
        self.assertTrue(transaction.landing_route.startswith("/oc/p/"))
        with freeze_time("2026-03-19 15:00"):
            self.confirm(transaction)
        self.assertEqual(self.residuals(), ["0.00", "105.58", "105.58"])
        receipt = self.lines[0].receipt_line_ids.receipt_id
        self.assertEqual(
            (receipt.amount_principal, receipt.amount_fine, receipt.amount_interest),
            (105.58, 2.11, 0.53),
        )
        accounts = self.company._receiving_accounts()
        items = transaction.payment_id.move_id.line_ids
        for kind, amount in (("fine", -2.11), ("interest", -0.53)):
            booked = items.filtered(lambda item, kind=kind: item.account_id == accounts[kind])
            self.assertEqual(sum(booked.mapped("balance")), amount)
        self.assertEqual(str(receipt.date), TODAY)

    def test_by_login_from_the_review_to_the_receipt(self):
        """The late one and the second: 108.22 + 105.58 = 213.80, of which 2.64 are charges."""
        self.log_in()
        ids = "-".join(map(str, self.lines[:2].ids))
        review = self.page(f"/my/crediario/pay?installment={ids}")
        (online,) = review.xpath("//a[@name='go_online']/@href")
        page = self.page(online)
        text = " ".join(page.text_content().replace("\xa0", " ").split())
        for expected in ("$ 213.80", "2.11 fine", "0.53 interest"):
            self.assertIn(expected, text)
        (form,) = page.xpath("//form[@id='o_payment_form']")
        self.assertEqual(
            form.get("data-transaction-route"), f"/my/crediario/online/transaction/{ids}"
        )
        self.make_jsonrpc_request(form.get("data-transaction-route"), self.form())
        transaction = self.transaction()
        self.assertEqual(transaction.amount, 213.80)
        self.assertEqual(transaction.partner_id, self.partner.commercial_partner_id)
        self.confirm(transaction)
        self.assertEqual(self.residuals(), ["0.00", "0.00", "105.58"])
        receipt = self.lines[0].receipt_line_ids.receipt_id
        self.assertEqual(
            (receipt.amount_principal, receipt.amount_fine, receipt.amount_interest),
            (211.16, 2.11, 0.53),
        )
        thanks = self.page(transaction.landing_route).text_content()
        self.assertIn("Paid, thank you!", thanks)
        self.assertIn(receipt.name, thanks)

    def test_by_link_the_page_names_the_charges(self):
        page = self.page(f"/oc/{self.token()}/online?installment={self.lines[0].id}")
        text = " ".join(page.text_content().replace("\xa0", " ").split())
        for expected in ("$ 108.22", "2.11 fine", "0.53 interest"):
            self.assertIn(expected, text)
        self.assertTrue(page.xpath("//address"), "CDC art. 42-A: who asks for money has an address")

    def test_exactly_the_chosen_ones(self):
        """The second and third are paid; the late first stays as it is."""
        self.order(self.lines[1:])
        self.confirm(self.transaction())
        self.assertEqual(self.residuals(), ["105.58", "0.00", "0.00"])

    def test_a_pending_one_does_not_block_the_others(self):
        token = self.token()
        self.order(self.lines[0], token)
        self.transaction()._set_pending()
        page = html.fromstring(
            self.url_open(f"/oc/{token}/online?installment={self.lines[0].id}").text
        )
        self.assertIn("being confirmed", page.text_content())
        self.assertFalse(page.xpath("//form[@id='o_payment_form']"))
        self.order(self.lines[1], token)
        self.confirm(self.transaction())
        self.assertEqual(self.residuals(), ["105.58", "0.00", "105.58"])
        self.assertFalse(self.contract.transaction_ids, "nothing pending stops core's own page")

    def test_paid_otherwise_meanwhile_is_the_customers_credit(self):
        self.order(self.lines[0])
        transaction = self.transaction()
        self.env["account.payment.register"].with_context(
            active_model="account.move.line", active_ids=self.lines[0].ids
        ).create({"payment_date": date(2026, 3, 17)})._create_payments()
        self.confirm(transaction)
        self.assertEqual(self.residuals(), ["0.00", "105.58", "105.58"])
        self.assertEqual(transaction.payment_id.amount, 108.22)
        activity = self.partner.commercial_partner_id.activity_ids
        self.assertIn("108.22", activity.note)

    def test_confirmed_twice_it_is_booked_once(self):
        self.order(self.lines[0])
        transaction = self.transaction()
        self.confirm(transaction)
        transaction._post_process()
        self.assertEqual(len(self.lines[0].receipt_line_ids), 1)

    # ------------------------------------------------------------- attacks

    def test_only_what_is_the_customers_and_offered(self):
        other = self.env["res.partner"].create({"name": "Other"})
        owner = (other.id, self.company.id)
        stranger = self.env["crediario.customer.link"]._issue([owner])[owner]
        before = self.transaction()
        self.provider.copy({"state": "disabled", "name": "Off"})
        off = self.env["payment.provider"].search([("name", "=", "Off")], limit=1)
        for params in (
            {"token": stranger},
            {"token": "guessed"},
            {"provider_id": off.id},
            {"flow": "token", "token_id": 1},
        ):
            with self.subTest(params), self.assertRaises(JsonRpcException):
                self.order(self.lines[0], **params)
        self.assertEqual(self.transaction(), before)
