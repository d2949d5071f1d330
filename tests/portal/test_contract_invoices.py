"""Odoo's own pages of invoices do not contradict the pages of installments."""

from freezegun import freeze_time

from odoo import Command

from .customer_common import NOON, CustomerPagesCommon


@freeze_time(NOON)
class TestContractInvoices(CustomerPagesCommon):
    """A contract of three: one is late (15 days on 100.00: 2.00 + 0.50), two are ahead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
        cls.contract = cls.make_invoice(
            total="300.00", installments=3, first_due="2026-03-02", sold="2026-02-02"
        )
        cls.maria = cls.make_portal_user(cls.customer, "maria_portal")

    def setUp(self):
        super().setUp()
        self.authenticate(self.maria.login, self.maria.login)

    def rows(self, path):
        page = self.get(path)
        return {
            int(link.split("/my/invoices/")[1].split("?")[0]): " ".join(
                row.text_content().replace("\xa0", " ").split()
            )
            for row in page.xpath("//tbody/tr")
            for link in row.xpath(".//td[1]/a/@href")
        }

    def make_plain_invoice(self, due):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-02-02",
                "invoice_date_due": due,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Case", "price_unit": 40.0, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        move.action_post()
        return move

    def test_late_by_its_late_installment(self):
        row = self.rows("/my/invoices")[self.contract.id]
        self.assertIn("03/02/2026", row, "the next due date, not the last one")
        self.assertIn("102.50", row)
        self.assertIn("overdue", row)
        self.assertIn(self.contract.id, self.rows("/my/invoices?filterby=overdue_invoices"))

    def test_not_late_before_a_due_date_counts(self):
        """Due on Sunday, looked at on Monday: nothing is late."""
        with freeze_time("2026-03-02 15:00"):
            self.assertNotIn(self.contract.id, self.rows("/my/invoices?filterby=overdue_invoices"))
            row = self.rows("/my/invoices")[self.contract.id]
        self.assertNotIn("overdue", row)
        self.assertIn("100.00", row)

    def test_paid_up_to_today_is_not_late(self):
        self.pay(self.contract.installment_ids.sorted("date_maturity")[0], on="2026-03-17")
        self.assertNotIn(self.contract.id, self.rows("/my/invoices?filterby=overdue_invoices"))
        self.assertIn("04/02/2026", self.rows("/my/invoices")[self.contract.id])

    def test_paid_on_its_own_page_only(self):
        """Odoo's button would pay 100.00, or the whole, and leave the charges."""
        page = self.get("/my/invoices")
        self.assertTrue(page.xpath(f"//td/a[@href='/my/crediario/contract/{self.contract.id}']"))
        self.assertFalse(page.xpath("//a[contains(@href, 'portal_pay')]"))
        invoice = self.get(self.contract.get_portal_url())
        self.assertTrue(invoice.xpath(f"//a[@href='/my/crediario/contract/{self.contract.id}']"))
        self.assertFalse(invoice.xpath("//*[@data-bs-target='#pay_with']"))
        self.assertFalse(invoice.xpath("//*[@id='portal_pay']"))
        self.assertIn("102.50", self.text(invoice, "//*[@name='installment_amount']"))

    def test_pay_overdue_leads_to_the_installments(self):
        response = self.url_open("/my/invoices/overdue", allow_redirects=False)
        self.assertTrue(response.headers["Location"].endswith("/my/crediario"))

    def test_other_overdue_invoices_are_paid_as_ever(self):
        plain = self.make_plain_invoice("2026-03-01")
        self.assertEqual(
            set(self.rows("/my/invoices?filterby=overdue_invoices")), {plain.id, self.contract.id}
        )
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["overdue_invoice_count"]}
        )
        self.assertEqual(counters, {"overdue_invoice_count": 1})
        page = self.get("/my/invoices/overdue")
        self.assertIn("40.00", self.text(page))
        self.assertNotIn("340.00", self.text(page))
