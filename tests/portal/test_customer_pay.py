"""Choosing what to pay, what it costs today, the Pix code, and the thanks."""

from decimal import Decimal
from unittest.mock import patch
from urllib.parse import urlencode

from freezegun import freeze_time
from lxml import html

import odoo.sql_db
from odoo import fields
from odoo.tools import mute_logger

from odoo.addons.optica_cobranca.domain.shop import pix
from odoo.addons.optica_cobranca.models.crediario.account_move_line import quote_totals

from tests.receiving.receiving_common import ReceivingCommon

from .customer_common import NOON, TODAY, CustomerPagesCommon

MOST_QUERIES = 20


@freeze_time(NOON)
class TestPay(ReceivingCommon, CustomerPagesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price_plan = cls.make_plan("Price", method="price", monthly_rate=1.0)
        # 15 days late: 105.58 + 2.11 + 0.53; 30 days early at 1% a month: 105.58 / 1.01 = 104.53.
        cls.late, cls.early = cls.make_installments(
            ("2026-03-02", "105.58"), ("2026-04-16", "105.58"), plan=cls.price_plan
        )
        cls.take_pix()

    def pix(self, query, token=None):
        """The page of the code: the form of the review is sent, as a browser would."""
        token = token or self.issue()
        form = self.by_link(f"/pay?{query}", token).xpath("//form[.//button[@name='go_pix']]")
        if not form:
            return self.by_link(f"/pay?{query}", token)
        data = [(node.get("name"), node.get("value")) for node in form[0].xpath(".//input")]
        response = self.url_open(form[0].get("action"), data=data)
        self.assertEqual(response.status_code, 200, response.text[:500])
        return html.fromstring(response.text)

    def code_of(self, page):
        (code,) = page.xpath("//textarea/text()")
        return pix.parse(code.strip())

    def test_quote(self):
        """Figures worked out by hand, each rounded on its own."""
        quote = (self.late | self.early)._payment_quote(fields.Date.to_date(TODAY))
        self.assertEqual(
            [(part.principal, part.fine, part.interest, part.reduction) for part in quote],
            [
                (Decimal("105.58"), Decimal("2.11"), Decimal("0.53"), Decimal("0.00")),
                (Decimal("105.58"), Decimal("0.00"), Decimal("0.00"), Decimal("1.05")),
            ],
        )
        self.assertEqual(quote_totals(quote)["to_pay"], 212.75)
        self.assertEqual(quote_totals(quote)["count"], 2)

    def test_review_is_itemised(self):
        page = self.by_link("/pay?what=all")
        self.assertEqual(self.text(page, "//*[@name='to_pay']"), "R$ 212.75")
        text = self.text(page)
        for expected in ("2.11 fine", "0.53 interest", "1.05 for paying early"):
            self.assertIn(expected, text)

    def test_each_choice(self):
        """108.22 late; 104.53 early; 212.75 the contract, or both of them one by one."""
        token = self.issue()
        for query, amount in (
            (f"installment={self.early.id}", "104.53"),
            ("what=late", "108.22"),
            (f"what=contract&contract={self.late.move_id.id}", "212.75"),
            (f"installment={self.late.id}&installment={self.early.id}", "212.75"),
        ):
            page = self.pix(query, token)
            self.assertEqual(self.code_of(page).amount, Decimal(amount), query)

    def test_code_is_checked_by_its_own_parser_and_said_to_be_confirmed_later(self):
        page = self.pix(f"installment={self.late.id}")
        code = self.code_of(page)
        self.assertEqual(code.txid, self.late._pix_reference())
        self.assertTrue(page.xpath("//img[starts-with(@src, 'data:image/png')]"))
        self.assertIn("confirms this payment later", self.text(page))

    def test_form_carries_the_choice_and_no_amount(self):
        page = self.by_link(f"/pay?installment={self.late.id}")
        fields_sent = {
            (node.get("name"), node.get("value")) for node in page.xpath("//form//input")
        }
        names = {name for name, _value in fields_sent}
        self.assertEqual(names, {"installment", "csrf_token"})
        self.assertIn(("installment", str(self.late.id)), fields_sent)

    def test_choose_ticks_what_is_late(self):
        page = self.by_link("/choose")
        boxes = page.xpath("//input[@type='checkbox']")
        self.assertEqual(
            [(int(box.get("value")), box.get("checked") is not None) for box in boxes],
            [(self.late.id, True), (self.early.id, False)],
        )
        self.assertEqual([box.get("data-amount") for box in boxes], ["108.22", "104.53"])

    def choice(self, page, without=()):
        """What a browser sends of the choice: boxes that are ticked, and hidden inputs."""
        (form,) = page.xpath("//form[contains(@class, 'o_optica_customer_choose')]")
        inputs = form.xpath(".//input[@type='hidden' or @checked]")
        sent = [(node.get("name"), node.get("value")) for node in inputs]
        return urlencode([pair for pair in sent if pair[1] not in map(str, without)])

    def turn(self, page, label, without=()):
        """To another page of the choice, by the button of that label."""
        (button,) = page.xpath(
            f"//nav//button[normalize-space()='{label}' or @aria-label='{label}']"
        )
        self.assertIsNone(button.get("disabled"))
        return self.get(f"{button.get('formaction')}?{self.choice(page, without)}")

    def test_choice_goes_along_from_page_to_page(self):
        """Of 33 late ones at 10.25 (0.20 fine, 0.05 interest) all but two of the first page."""
        lines = self.make_installments(*[("2026-03-02", "10.00")] * 33, partner=self.other_customer)
        token = self.issue(self.other_customer)
        first = self.by_link("/choose", token)
        self.assertEqual(self.shown(first), lines[:30].ids)
        self.assertIn("3 ticked on other pages R$ 30.75", self.text(first, "//form"))
        second = self.turn(first, "2", without=lines[:2].ids)
        self.assertEqual(self.shown(second), lines[30:].ids)
        self.assertEqual(len(second.xpath("//label[@data-installment]/input[@checked]")), 3)
        self.assertIn("28 ticked on other pages R$ 287.00", self.text(second, "//form"))
        again = self.turn(second, "Previous page", without=[lines[32].id])
        self.assertEqual(
            again.xpath("//label[@data-installment]/input[not(@checked)]/@value"),
            [str(line.id) for line in lines[:2]],
        )
        self.assertIn("2 ticked on other pages R$ 20.50", self.text(again, "//form"))
        review = self.by_link(f"/pay?{self.choice(again)}", token)
        self.assertEqual(self.text(review, "//*[@name='to_pay']"), "R$ 307.50")

    def test_choice_of_nothing_stays_so(self):
        lines = self.make_installments(*[("2026-03-02", "10.00")] * 31, partner=self.other_customer)
        first = self.by_link("/choose", self.issue(self.other_customer))
        second = self.turn(first, "Next page", without=lines.ids)
        self.assertFalse(second.xpath("//input[@checked]"))

    def test_choice_forgets_what_was_paid_meanwhile(self):
        lines = self.make_installments(*[("2026-03-02", "10.00")] * 32, partner=self.other_customer)
        token = self.issue(self.other_customer)
        first = self.by_link("/choose", token)
        (elsewhere,) = first.xpath("//label[@name='elsewhere']/input/@value")
        self.assertEqual(elsewhere, f"{lines[30].id}-{lines[31].id}")
        self.pay(lines[31], on=TODAY)
        page = self.by_link(f"/choose?installment={elsewhere}", token)
        self.assertIn("1 ticked on another page R$ 10.25", self.text(page, "//form"))
        for forged in (f"{elsewhere}-{self.late.id}", f"{elsewhere}--1", "1-x"):
            self.by_link(f"/choose?installment={forged}", token, status=404)

    def test_discount_for_settling_a_contract_is_for_all_of_it(self):
        """10% for all of a contract: 100.00 each alone, 180.00 together."""
        plan = self.make_plan("Flat", early_discount_method="flat", early_discount_percent=10.0)
        lines = self.make_installments(
            ("2026-04-02", "100.00"),
            ("2026-05-02", "100.00"),
            partner=self.other_customer,
            plan=plan,
        )
        token = self.issue(self.other_customer)
        page = self.by_link("/choose", token)
        self.assertEqual(page.xpath("//label//input/@data-amount"), ["100.0", "100.0"])
        for ids, amount in ((lines[:1].ids, "R$ 100.00"), (lines.ids, "R$ 180.00")):
            review = self.by_link(f"/pay?installment={'-'.join(map(str, ids))}", token)
            self.assertEqual(self.text(review, "//*[@name='to_pay']"), amount)

    def test_review_of_many_shows_the_rest_as_one_sum(self):
        self.make_installments(*[("2026-03-02", "10.00")] * 32, partner=self.other_customer)
        page = self.by_link("/pay?what=all", self.issue(self.other_customer))
        self.assertEqual(len(self.shown(page)), 30)
        self.assertIn("2 more installments R$ 20.50", self.text(page))
        self.assertEqual(self.text(page, "//*[@name='to_pay']"), "R$ 328.00")

    def test_shop_without_pix_says_so(self):
        self.company_data["default_journal_bank"].bank_account_id = False
        page = self.pix("what=late")
        self.assertFalse(page.xpath("//textarea"))
        self.assertIn("takes no Pix", self.text(page))

    def test_waiting_ends_when_the_shop_confirms(self):
        token = self.issue()
        page = self.pix(f"installment={self.late.id}", token)
        (waiting,) = page.xpath("//*[@data-state-url]")
        state = waiting.get("data-state-url")
        self.assertEqual(self.url_open(state).json(), {"state": "waiting"})
        with freeze_time(NOON):
            self.pay(self.late, on=TODAY)
        self.assertEqual(self.url_open(state).json(), {"state": "paid"})
        thanks = self.get(waiting.get("data-thanks-url"))
        self.assertIn("Paid, thank you!", self.text(thanks))
        self.assertIn("See what is left", self.text(thanks))

    def test_paid_meanwhile_is_not_paid_twice(self):
        token = self.issue()
        self.pay(self.late, on=TODAY)
        page = self.by_link(f"/pay?installment={self.late.id}", token)
        self.assertIn("Nothing to pay", self.text(page))
        self.assertFalse(page.xpath("//button[@name='go_pix']"))
        page = self.pix(f"installment={self.late.id}&installment={self.early.id}", token)
        self.assertEqual(self.code_of(page).amount, Decimal("104.53"))

    def test_another_customers_code_is_not_found(self):
        charge = self.env["pix.charge"]._charge_for(self.late, fields.Date.to_date(TODAY))
        self.by_link(f"/pay/code?charge={charge.uuid}")
        theirs = self.issue(self.other_customer)
        self.by_link(f"/pay/code?charge={charge.uuid}", theirs, status=404)
        self.by_link("/pay/code?charge=0", status=404)

    def test_code_is_not_made_by_looking(self):
        """Programs that preview links open them; and a form without the session's proof is none."""
        before = self.env["pix.charge"].search_count([])
        token = self.issue()
        self.by_link("/pay?what=all", token)
        with mute_logger("odoo.http"):
            response = self.url_open(f"{self.root(token)}/pay/pix", data={"what": "all"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.env["pix.charge"].search_count([]), before)

    def test_contract_page_offers_to_settle_it(self):
        page = self.by_link(f"/contract/{self.late.move_id.id}")
        text = self.text(page)
        self.assertIn("Pay what is late: R$ 108.22", text)
        self.assertIn("Settle everything: R$ 212.75", text)
        self.assertIn("You save R$ 1.05", text)

    def test_same_pages_by_login(self):
        user = self.make_portal_user(self.customer, "maria_portal")
        self.authenticate(user.login, user.login)
        page = self.get("/my/crediario/pay?what=all")
        self.assertEqual(self.text(page, "//*[@name='to_pay']"), "R$ 212.75")

    def test_login_is_asked_for_and_comes_back(self):
        response = self.url_open("/my/crediario/pay?what=late", allow_redirects=False)
        self.assertIn("/web/login", response.headers["Location"])

    def test_papers_and_receipts_of_the_contract(self):
        user = self.make_portal_user(self.customer, "maria_portal")
        self.authenticate(user.login, user.login)
        base = f"/my/crediario/contract/{self.late.move_id.id}"
        for path in (f"{base}/contract.pdf", f"{base}/carne.pdf", "/my/crediario/statement.pdf"):
            response = self.url_open(path)
            self.assertEqual(response.headers["Content-Type"], "application/pdf", path)
            self.assertTrue(response.content, path)
            self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(self.url_open(f"{base}/invoice.pdf").status_code, 404)
        theirs = self.make_installments(("2026-03-02", "7.77"), partner=self.other_customer)
        other = f"/my/crediario/contract/{theirs.move_id.id}/contract.pdf"
        self.assertEqual(self.url_open(other).status_code, 404)

    def test_receipts_are_the_customers_own(self):
        receipt = self.receive(self.late, ("cash", "108.22"), on=TODAY)
        theirs = self.make_installments(("2026-03-02", "7.00"), partner=self.other_customer)
        other = self.receive(theirs, ("cash", "7.18"), on=TODAY)
        user = self.make_portal_user(self.customer, "maria_portal")
        self.authenticate(user.login, user.login)
        page = self.get(f"/my/crediario/contract/{self.late.move_id.id}")
        (link,) = page.xpath("//section[@id='receipts']//a/@href")
        self.assertEqual(link, f"/my/crediario/receipt/{receipt.id}.pdf")
        self.assertEqual(self.url_open(link).headers["Content-Type"], "application/pdf")
        for hidden in (other.id, other.id + 1000):
            response = self.url_open(f"/my/crediario/receipt/{hidden}.pdf")
            self.assertEqual(response.status_code, 404)
        thanks = self.by_link(f"/thanks?installment={self.late.id}")
        self.assertIn(receipt.name, self.text(thanks))
        self.assertFalse(thanks.xpath("//a[contains(@href, '.pdf')]"))

    # ---------------------------------------------------------------- speed

    def test_queries_do_not_grow_with_the_contracts(self):
        """At most 20 for a page, with 3 contracts and with 30."""
        user = self.make_portal_user(self.customer, "maria_portal")
        self.authenticate(user.login, user.login)
        roots = ("/my/crediario", self.root(self.issue()))
        pages = ("", f"/contract/{self.late.move_id.id}", "/choose", "/pay?what=all")
        paths = [f"{root}{page}" for root in roots for page in pages]
        self.make_contracts(2)
        few = {path: self.queries_of(path) for path in paths}
        self.make_contracts(27)
        for path in paths:
            queries = self.queries_of(path)
            self.assertLessEqual(len(queries), len(few[path]) + 1, path)
            self.assertLessEqual(len(queries), MOST_QUERIES, "\n".join([path, *queries]))

    def make_contracts(self, count):
        for _ in range(count):
            self.make_installments(("2026-03-02", "10.00"), ("2026-04-02", "10.00"))

    def queries_of(self, path):
        """Of a page whose caches of the process are warm, those of the session included."""
        self.get(path)
        self.env.flush_all()
        self.env.invalidate_all()
        asked = []
        execute = odoo.sql_db.Cursor.execute

        def listen(cursor, query, *args, **kwargs):
            asked.append(" ".join(str(getattr(query, "code", query)).split())[:300])
            return execute(cursor, query, *args, **kwargs)

        with patch.object(odoo.sql_db.Cursor, "execute", listen):
            self.get(path)
        # Requests of a test are nested in its transaction.
        return [query for query in asked if "SAVEPOINT" not in query]
