"""The customer's page: own installments with the amount of today, and nothing of anyone else's."""

from freezegun import freeze_time
from lxml import html

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user

from tests.common import CollectionCommon

TODAY = "2026-03-17"  # a Tuesday
URL = "/my/crediario"


@freeze_time(f"{TODAY} 12:00")  # nine in the morning in São Paulo
class TestPortalInstallments(CollectionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer = cls.make_customer("João Pereira")
        cls.maria = cls.make_portal_user(cls.customer, "maria_portal")
        cls.joao = cls.make_portal_user(cls.other_customer, "joao_portal")

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

    def open(self, user, path=URL):
        self.authenticate(user.login, user.login)
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200, response.text[:500])
        return html.fromstring(response.text)

    def shown(self, page, section=None):
        """Ids of the installments on a page, or in one of its sections, in order."""
        scope = f"//section[@id='installments_{section}']" if section else ""
        return [int(value) for value in page.xpath(f"{scope}//li/@data-installment")]

    def text(self, page, xpath):
        return " ".join(page.xpath(f"string({xpath})").replace("\xa0", " ").split())

    # --------------------------------------------------------------- content

    def test_sections_and_itemised_amounts(self):
        """15 days late on 105.58: fine 2.11, interest 0.53; 108.22 with both."""
        lines = self.make_installments(
            ("2026-02-02", "105.58"),
            ("2026-03-02", "105.58"),
            (TODAY, "50.00"),
            ("2026-04-02", "105.58"),
        )
        self.pay(lines[0], on="2026-02-02")
        page = self.open(self.maria)
        self.assertEqual(self.shown(page, "now"), [lines[1].id, lines[2].id])
        self.assertEqual(self.shown(page, "coming"), [lines[3].id])
        self.assertEqual(self.shown(page, "paid"), [lines[0].id])
        late = self.text(page, f"//li[@data-installment='{lines[1].id}']")
        for expected in (
            "108.22",
            "105.58 installment",
            "2.11 fine",
            "0.53 interest",
            "15 days late",
            "2/4",
        ):
            self.assertIn(expected, late)
        self.assertIn("158.22", self.text(page, "//*[@name='total_today']"))

    def test_due_on_a_sunday_is_not_late_on_monday(self):
        (line,) = self.make_installments(("2026-03-15", "100.00"))
        with freeze_time("2026-03-16 12:00"):
            page = self.open(self.maria)
        row = self.text(page, f"//li[@data-installment='{line.id}']")
        self.assertIn("Pay today without charges", row)
        self.assertNotIn("late", row)

    def test_nothing_bought_in_installments(self):
        page = self.open(self.maria)
        self.assertTrue(page.xpath("//div[contains(@class, 'o_optica_portal_no_installments')]"))
        self.assertFalse(self.shown(page))

    def test_everything_paid(self):
        (line,) = self.make_installments(("2026-03-02", "10.00"))
        self.pay(line, on="2026-03-02")
        page = self.open(self.maria)
        self.assertIn("Everything is paid", page.text_content())
        self.assertEqual(self.shown(page, "paid"), [line.id])

    def test_creditor_is_named(self):
        """Consumer Code, art. 42-A: name, address and CNPJ of whoever asks for money."""
        self.company.write(
            {"street": "Rua das Flores, 120", "city": "São Paulo", "vat": "11.222.333/0001-81"}
        )
        self.make_installments(("2026-03-02", "10.00"))
        content = self.open(self.maria).text_content()
        for expected in (self.company.name, "Rua das Flores, 120", "CNPJ 11.222.333/0001-81"):
            self.assertIn(expected, content)

    def test_pages_are_sorted_and_totals_cover_all_of_them(self):
        dues = [(f"2026-{month:02d}-02", "10.00") for month in range(4, 13)]
        dues += [(f"{2027 + n // 12}-{n % 12 + 1:02d}-02", "10.00") for n in range(31)]
        lines = self.make_installments(*dues)
        first, second = self.open(self.maria), self.open(self.maria, f"{URL}/page/2")
        self.assertEqual(self.shown(first), lines[:30].ids)
        self.assertEqual(self.shown(second), lines[30:].ids)
        self.assertIn("400.00", self.text(first, "//div[contains(@class, 'card-footer')]"))

    def test_paid_page(self):
        lines = self.make_installments(
            ("2026-01-05", "10.00"), ("2026-02-02", "10.00"), ("2026-05-02", "10.00")
        )
        for line in lines[:2]:
            self.pay(line, on=line.date_maturity)
        page = self.open(self.maria, f"{URL}?status=paid")
        self.assertEqual(self.shown(page), [lines[1].id, lines[0].id])

    def test_contract_is_linked_and_leads_to_the_invoice(self):
        move = self.make_invoice(total="100.00", installments=2, first_due="2026-04-10", sold=TODAY)
        page = self.open(self.maria)
        (link,) = set(page.xpath(f"//section//a[contains(@href, '/contract/{move.id}')]/@href"))
        contract = self.open(self.maria, link)
        (link,) = contract.xpath(f"//a[contains(@href, '/my/invoices/{move.id}')]/@href")
        self.assertEqual(self.url_open(link).status_code, 200)

    def test_home_card_and_alert(self):
        self.make_installments(("2026-03-02", "10.00"), ("2026-04-02", "10.00"))
        self.assertTrue(self.open(self.maria, "/my").xpath(f"//a[@href='{URL}']"))
        counters = self.make_jsonrpc_request(
            "/my/counters",
            {"counters": ["optica_installment_count", "optica_late_installment_count"]},
        )
        self.assertEqual(
            counters, {"optica_installment_count": 2, "optica_late_installment_count": 1}
        )

    def test_never_kept_by_a_browser_or_proxy(self):
        self.authenticate(self.maria.login, self.maria.login)
        self.assertEqual(self.url_open(URL).headers["Cache-Control"], "no-store")

    def test_strange_addresses(self):
        self.make_installments(("2026-04-02", "10.00"))
        for path in (f"{URL}/page/99", f"{URL}/page/0", f"{URL}?status=%27%22<b>", f"{URL}?page=x"):
            self.open(self.maria, path)

    def test_queries_do_not_grow_with_the_installments(self):
        self.make_installments(*((f"2026-{month:02d}-02", "10.00") for month in range(1, 4)))
        few = self.count_queries()
        self.make_installments(*((f"2026-{month:02d}-03", "10.00") for month in range(1, 13)))
        self.assertLessEqual(self.count_queries(), few + 1)

    def count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.env["account.move.line"].with_user(self.maria)
        before = self.env.cr.sql_log_count
        found = lines.search(lines._portal_installments_domain(self.customer))
        found._portal_values(fields.Date.to_date(TODAY))
        return self.env.cr.sql_log_count - before

    # ------------------------------------------------------------- isolation

    def test_login_is_needed(self):
        response = self.url_open(URL, allow_redirects=False)
        self.assertIn("/web/login", response.headers["Location"])

    def test_two_customers_see_their_own_only(self):
        mine = self.make_installments(("2026-03-02", "11.11"), ("2026-04-02", "11.11"))
        theirs = self.make_installments(
            ("2026-03-02", "77.77"), ("2026-04-02", "77.77"), partner=self.other_customer
        )
        for user, own, foreign in ((self.maria, mine, "77.77"), (self.joao, theirs, "11.11")):
            for path in (URL, f"{URL}?status=paid", f"{URL}?partner_id={self.other_customer.id}"):
                page = self.open(user, path)
                self.assertLessEqual(set(self.shown(page)), set(own.ids))
                self.assertNotIn(foreign, page.text_content())
            self.assertEqual(self.shown(self.open(user)), own.ids)

    def test_record_rules_hold_without_the_controller(self):
        mine = self.make_installments(("2026-04-02", "11.11"))
        theirs = self.make_installments(("2026-04-02", "77.77"), partner=self.other_customer)
        lines = self.env["account.move.line"].with_user(self.maria)
        self.assertEqual(
            lines.search([("crediario_plan_id", "!=", False)]), mine.with_user(self.maria)
        )
        with self.assertRaises(AccessError):
            lines.browse(theirs.ids)._portal_values(theirs.date_maturity)
        with self.assertRaises(AccessError):
            lines.browse(mine.ids).write({"date_maturity": "2030-01-01"})
        opening = (mine.move_id.line_ids - mine).with_user(self.maria)
        with self.assertRaises(AccessError):
            opening.read(["balance"])

    def test_draft_and_cancelled_contracts_do_not_show(self):
        self.make_invoice(
            total="100.00", installments=2, first_due="2026-04-10", sold=TODAY, post=False
        )
        posted = self.make_invoice(
            total="100.00", installments=2, first_due="2026-04-10", sold=TODAY
        )
        posted.button_draft()
        posted.sudo().button_cancel()
        self.assertFalse(self.shown(self.open(self.maria)))

    def test_contact_of_a_company_sees_what_the_company_owes(self):
        company = self.make_customer("Lentes Ltda", is_company=True)
        contact = self.make_customer("Contato", parent_id=company.id)
        lines = self.make_installments(("2026-04-02", "10.00"), partner=company)
        user = self.make_portal_user(contact, "contact_portal")
        self.assertEqual(self.shown(self.open(user)), lines.ids)

    def test_other_company(self):
        """A portal user of one company does not see what another company is owed."""
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        plan = self.make_plan(name="Other", company_id=other.id)
        foreign = self.make_installments(("2026-04-02", "77.77"), company=other, plan=plan)
        own = self.make_installments(("2026-04-02", "11.11"))
        page = self.open(self.maria)
        self.assertEqual(self.shown(page), own.ids)
        self.assertNotIn(foreign.id, self.shown(page))

    def test_html_in_names_stays_text(self):
        lines = self.make_installments(("2026-04-02", "10.00"))
        lines.move_id.sudo().contract_reference = "<script>alert(1)</script>"
        self.authenticate(self.maria.login, self.maria.login)
        self.assertNotIn("<script>alert(1)", self.url_open(URL).text)

    def test_employee_looks_at_the_page(self):
        """An internal user without any right on accounting gets an empty page, not an error."""
        employee = new_test_user(self.env, "employee_portal", "base.group_user")
        self.make_installments(("2026-04-02", "10.00"))
        self.assertFalse(self.shown(self.open(employee)))
