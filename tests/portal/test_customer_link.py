"""A private link opens one customer's pages without a login, and nothing else."""

from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from odoo.addons.optica_cobranca.models.messaging.crediario_customer_link import (
    MISSES_ALLOWED,
    without_tokens,
)

from .customer_common import NOON, CustomerPagesCommon


@freeze_time(NOON)
class TestCustomerLink(CustomerPagesCommon):
    # ------------------------------------------------------------- content

    def test_shows_what_is_open_and_who_asks_for_it(self):
        """15 days late on 105.58: fine 2.11, interest 0.53. CDC art. 42-A names the shop."""
        self.company.vat = "11.222.333/0001-81"
        lines = self.make_installments(
            ("2026-03-02", "105.58"), ("2026-04-02", "105.58"), ("2026-02-02", "33.33")
        )
        self.pay(lines[2], on="2026-02-02")
        page = self.by_link()
        self.assertEqual(self.shown(page), lines[:2].ids)
        text = self.text(page)
        for expected in ("108.22", "Hello, Maria!", "Rua das Flores, 120", "11.222.333/0001-81"):
            self.assertIn(expected, text)

    def test_tells_no_more_than_paying_needs(self):
        """First name only; no CPF, address, telephone, nor what was bought or paid."""
        move = self.make_invoice(total="100.00", installments=2, first_due="2026-03-02")
        self.pay(move.installment_ids[0], on="2026-03-02")
        token = self.issue()
        for path in ("", f"/contract/{move.id}", "/choose", "/pay?what=all"):
            page = self.by_link(path, token)
            source = html.tostring(page, encoding="unicode")
            for secret in ("da Silva", "123.456.789-09", "Rua Secreta", "96123-4567", "Glasses"):
                self.assertNotIn(secret, source, path)
            self.assertNotIn("/my/invoices", source, path)
            self.assertNotIn("access_token", source, path)
            self.assertNotIn(".pdf", source, path)
        self.assertNotIn(move.installment_ids[0].id, self.shown(self.by_link("", token)))

    def test_pages_that_need_a_login_do_not_exist_by_link(self):
        move = self.make_invoice(total="100.00", installments=2, first_due="2026-03-02")
        token = self.issue()
        for path in (
            f"/contract/{move.id}/contract.pdf",
            "/statement.pdf",
            "/prescriptions",
            "/data",
            "/data.json",
        ):
            self.assertEqual(self.url_open(f"/oc/{token}{path}").status_code, 404, path)

    def test_other_company_of_the_customer_stays_out(self):
        """A link is of one customer and one company."""
        other = self.env["res.company"].create({"name": "Second shop"})
        (line,) = self.make_installments(("2026-03-02", "10.00"))
        owner = (self.customer.id, other.id)
        page = self.by_link("", self.links._issue([owner])[owner])
        self.assertNotIn(line.id, self.shown(page))

    # ------------------------------------------------------------ the token

    def test_token_is_not_kept(self):
        token = self.issue()
        link = self.links.search([("partner_id", "=", self.customer.id)], limit=1)
        self.assertEqual(len(token), 22)
        self.assertNotIn(token, str(link.sudo().read()))
        self.assertNotEqual(self.issue(), self.issue())

    def test_links_of_many_are_made_by_one_insert(self):
        partners = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(40)])
        self.env.flush_all()
        self.links._issue([(partners[0].id, self.company.id)])
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        tokens = self.links._issue([(partner.id, self.company.id) for partner in partners])
        self.env.flush_all()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 6)
        self.assertEqual(len(set(tokens.values())), 40)

    def test_unknown_expired_closed_and_forged_are_told_the_same(self):
        """Same status, same words, and the same work: nothing is learned by asking."""
        expired, closed, good = self.issue(), self.issue(), self.issue()
        rows = self.links.search([("partner_id", "=", self.customer.id)], order="id")
        rows[1].action_revoke()
        forged = good[:-1] + ("A" if good[-1] != "A" else "B")
        asked = []
        digest = type(self.links)._digest
        with patch.object(
            type(self.links),
            "_digest",
            lambda links, token: asked.append(token) or digest(links, token),
        ):
            answers = [self.url_open(f"/oc/{token}") for token in ("A" * 22, "x", closed, forged)]
            with freeze_time(fields.Datetime.now() + timedelta(days=7, seconds=1)):
                answers.append(self.url_open(f"/oc/{expired}"))
        self.assertEqual([answer.status_code for answer in answers], [404] * 5)
        self.assertEqual(len({answer.text for answer in answers}), 1)
        # A miss is counted, for which the request begins again with the right to write.
        self.assertEqual(len(asked), 10)
        misses = self.env["crediario.link.miss"].search([])
        self.assertEqual(sum(misses.mapped("misses")), 5)
        self.assertEqual(self.url_open(f"/oc/{good}").status_code, 200)

    def test_who_has_an_old_link_is_told_whom_to_call(self):
        """Name and telephone of each shop that gives links; the same for every link."""
        other = self.env["res.company"].create({"name": "Second shop", "phone": "11 5555-0002"})
        self.env["res.company"].create({"name": "No shop", "phone": "11 5555-0003"})
        self.company.phone = "(11) 3333-4444"
        token = self.issue()
        self.links._issue([(self.customer.id, other.id)])
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            old = self.by_link("", token, status=404)
            unknown = self.by_link("", "A" * 22, status=404)
        for path in ("/oc/" + "A" * 22, "/optica/stop/1-2"):
            with self.subTest(path):
                page = self.get(path, status=404)
                self.assertIn("tel:(11)3333-4444", page.xpath("//@href"))
                self.assertTrue(page.get("lang"))
        self.assertEqual(self.text(old), self.text(unknown))
        for expected in (self.company.name, "(11) 3333-4444", "Second shop", "11 5555-0002"):
            self.assertIn(expected, self.text(old))
        self.assertNotIn("No shop", self.text(old))

    def test_days_of_validity_are_the_companys(self):
        self.company.customer_link_days = 2
        token = self.issue()
        with freeze_time(fields.Datetime.now() + timedelta(days=1, hours=23)):
            self.by_link("", token)
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.by_link("", token, status=404)

    def test_managers_close_links(self):
        token = self.issue()
        link = self.links.search([("partner_id", "=", self.customer.id)], limit=1)
        collector = new_test_user(self.env, "coll", "optica_cobranca.group_collector")
        with self.assertRaises(AccessError):
            link.with_user(collector).action_revoke()
        link.action_revoke()
        self.assertEqual(link.state, "revoked")
        self.by_link("", token, status=404)

    def test_collectors_make_links_to_copy(self):
        """The window shows the address; the database keeps none, the history says who made it."""
        (line,) = self.make_installments(("2026-03-02", "10.00"))
        collector = new_test_user(self.env, "coll", "optica_cobranca.group_collector")
        seller = new_test_user(self.env, "sell", "optica_cobranca.group_seller")
        with self.assertRaises(AccessError):
            self.customer.with_user(seller).action_private_link()
        action = self.customer.with_user(collector).action_private_link()
        form = Form(
            self.env[action["res_model"]].with_user(collector).with_context(**action["context"])
        )
        self.assertEqual(form.url, action["context"]["default_url"])
        self.assertEqual(str(form.expires_at), "2026-03-24 15:00:00")
        shown = form.save()
        shown.invalidate_recordset()
        self.assertFalse(self.env[shown._name].browse(shown.id).url, "it is not kept")
        self.assertEqual(self.shown(self.get(urlsplit(form.url).path)), [line.id])
        self.assertIn("03/24/2026", self.customer.message_ids[0].body)
        self.assertEqual(self.customer.message_ids[0].author_id, collector.partner_id)
        link = self.links.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(link.create_uid, collector)

    def test_log_of_messages_keeps_no_way_in(self):
        token = self.issue()
        text = f"Pay: https://shop.example/oc/{token}/contract/7 or call"
        self.assertEqual(without_tokens(text), "Pay: https://shop.example/oc/…/contract/7 or call")

    # ------------------------------------------------------------- the cookie

    def forget_links(self):
        """As a browser that keeps no cookies of ours."""
        for cookie in list(self.opener.cookies):
            if cookie.name.startswith("optica_link_"):
                self.opener.cookies.clear(cookie.domain, cookie.path, cookie.name)

    def test_the_token_is_exchanged_at_the_first_use(self):
        """Whatever page the link leads to; the address that remains opens nothing by itself."""
        (line,) = self.make_installments(("2026-03-02", "10.00"))
        token = self.issue()
        opened = self.url_open(
            f"/oc/{token}/pay?installment={line.id}&what=one", allow_redirects=False
        )
        link = self.links.search([("partner_id", "=", self.customer.id)], limit=1)
        target = f"/oc/p/{link.id}/pay?installment={line.id}&what=one"
        self.assertEqual(opened.status_code, 303)
        self.assertEqual(
            urlsplit(opened.headers["Location"])._replace(scheme="", netloc="").geturl(), target
        )
        self.assertEqual(opened.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(opened.headers["Cache-Control"], "no-store")
        cookie = opened.headers["Set-Cookie"]
        # 7 days, as long as the link is valid.
        for part in (
            f"optica_link_{link.id}={token}",
            "HttpOnly",
            "SameSite=Lax",
            "Max-Age=604800",
        ):
            self.assertIn(part, cookie)
        page = self.get(target)
        self.assertNotIn(token, html.tostring(page, encoding="unicode"))
        self.forget_links()
        closed = self.get(target, status=404)
        self.assertIn("allow cookies", self.text(closed))
        self.assertFalse(self.env["crediario.link.miss"].search([]), "nobody has guessed")

    def test_a_cookie_opens_its_own_link_only(self):
        (mine,) = self.make_installments(("2026-03-02", "10.00"))
        own = self.root(self.issue())
        token = self.issue(self.other_customer)
        other = self.root(token)
        self.forget_links()
        name = f"optica_link_{own.rsplit('/', 1)[-1]}"
        answer = self.url_open(own, cookies={name: token})
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(sum(self.env["crediario.link.miss"].search([]).mapped("misses")), 1)
        # Links of two customers in one browser do not get in each other's way.
        first, second = self.root(self.issue()), self.root(token)
        self.assertEqual(second, other)
        self.assertEqual(self.shown(self.get(first)), [mine.id])
        self.assertEqual(self.shown(self.get(second)), [])

    def test_a_closed_link_is_closed_for_its_cookie_too(self):
        root = self.root(self.issue())
        self.get(root)
        self.links.search([("partner_id", "=", self.customer.id)]).action_revoke()
        self.get(root, status=404)

    # --------------------------------------------------------------- guessing

    def test_guesses_are_limited_for_every_worker(self):
        self.company.phone = "(11) 3333-4444"
        token = self.issue()
        for n in range(MISSES_ALLOWED):
            self.assertEqual(self.url_open(f"/oc/{n:022d}").status_code, 404)
        blocked = self.url_open(f"/oc/{'A' * 22}")
        self.assertEqual(blocked.status_code, 429)
        # 12:00 begins a window of ten minutes.
        self.assertEqual(blocked.headers["Retry-After"], "600")
        page = html.fromstring(blocked.content)
        self.assertIn("Try again in ten minutes", self.text(page))
        self.assertIn(self.company.name, self.text(page))
        self.assertIn("tel:(11)3333-4444", page.xpath("//@href"))
        self.by_link("", token)  # customers behind the same address open theirs
        with freeze_time(fields.Datetime.now() + timedelta(minutes=10)):
            self.assertEqual(self.url_open(f"/oc/{'A' * 22}").status_code, 404)

    def test_guesses_at_the_payment_are_counted_too(self):
        """The route of the provider's form refuses by an error, which must not undo the count."""
        root = self.root(self.issue())
        name = f"optica_link_{root.rsplit('/', 1)[-1]}"
        self.forget_links()
        with mute_logger("odoo.http"):
            for n in range(MISSES_ALLOWED):
                # Not by assertRaises, which undoes what was done in it.
                answer = self.url_open(
                    f"{root}/online/transaction/1",
                    json={"params": {}},
                    cookies={name: f"{n:022d}"},
                )
                self.assertIn("NotFound", answer.json()["error"]["data"]["name"])
        self.assertEqual(self.url_open(f"/oc/{'A' * 22}").status_code, 429)

    def test_addresses_are_not_kept_and_ipv6_counts_by_network(self):
        network = self.links._network_of
        self.assertEqual(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"))
        self.assertNotEqual(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"))
        self.assertNotIn("127", network("127.0.0.1"))
        self.links._count_miss("203.0.113.9")
        (row,) = self.env["crediario.link.miss"].search([])
        self.assertEqual(row.address, network("203.0.113.9"))
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            row.sudo()._gc_misses()
        self.assertFalse(row.exists())

    # ---------------------------------------------------------------- strangers

    def test_another_customers_ids_are_not_found(self):
        (mine,) = self.make_installments(("2026-03-02", "11.11"))
        (theirs,) = self.make_installments(("2026-03-02", "77.77"), partner=self.other_customer)
        token = self.issue()
        for path in (
            f"/pay?installment={theirs.id}",
            f"/pay?installment={mine.id}&installment={theirs.id}",
            f"/pay/state?installment={theirs.id}",
            f"/thanks?installment={theirs.id}",
            f"/contract/{theirs.move_id.id}",
            f"/pay?what=contract&contract={theirs.move_id.id}",
            f"/pay?installment={mine.id}%20or%201=1",
            "/pay?installment=99999999999999999999",
            "/pay?installment=²",
            "/pay?what=contract&contract=x",
            "/contract/999999999",
        ):
            response = self.url_open(f"/oc/{token}{path}")
            self.assertEqual(response.status_code, 404, path)
            self.assertNotIn("77.77", response.text)
            self.assertEqual(response.headers["Cache-Control"], "no-store", path)

    def test_a_login_of_somebody_else_changes_nothing(self):
        """A link opened in a browser where another customer is logged in shows the link's own."""
        (mine,) = self.make_installments(("2026-03-02", "11.11"))
        self.make_installments(("2026-03-02", "77.77"), partner=self.other_customer)
        user = self.make_portal_user(self.other_customer, "joao_portal")
        self.authenticate(user.login, user.login)
        self.assertEqual(self.shown(self.by_link()), [mine.id])

    def test_posting_needs_the_token_of_the_session(self):
        """Another site cannot have a code made."""
        (line,) = self.make_installments(("2026-03-02", "105.58"))
        token = self.issue()
        with mute_logger("odoo.http"):
            response = self.url_open(
                f"{self.root(token)}/pay/pix", data={"installment": line.id, "amount": "0.01"}
            )
        self.assertEqual(response.status_code, 400)

    def test_amounts_of_the_address_are_ignored(self):
        (line,) = self.make_installments(("2026-03-02", "105.58"))
        page = self.by_link(
            f"/pay?installment={line.id}&amount=0.01&to_pay=0.01&fine=0&date=2026-03-01"
        )
        self.assertEqual(self.text(page, "//*[@name='to_pay']"), "R$ 108.22")

    def test_html_in_names_is_text(self):
        self.customer.name = "<img/src=x> Silva"
        self.company.name = "<script>alert(1)</script> Ótica"
        (line,) = self.make_installments(("2026-03-02", "10.00"))
        line.move_id.sudo().contract_reference = "<b>bold</b>"
        token = self.issue()
        for path in (
            "",
            "/choose",
            f"/contract/{line.move_id.id}",
            f"/thanks?installment={line.id}",
        ):
            source = self.url_open(f"/oc/{token}{path}").text
            for raw in ("<img/src=x>", "<script>alert(1)", "<b>bold"):
                self.assertNotIn(raw, source, path)

    def test_nothing_leads_away(self):
        """No parameter of an address becomes the target of a link or a redirect."""
        (line,) = self.make_installments(("2026-03-02", "10.00"))
        token = self.issue()
        for name in ("redirect", "next", "url", "back", "thanks_url", "landing_route"):
            response = self.url_open(
                f"/oc/{token}/pay?installment={line.id}&{name}=https://evil.example",
            )
            self.assertEqual(response.status_code, 200)
            self.assertTrue(
                all(self.base_url() in one.url for one in (response, *response.history))
            )
            self.assertNotIn("evil.example", response.text)

    def test_pages_name_their_language(self):
        """Portuguese is read aloud as such, and amounts are written as in Brazil."""
        self.env["res.lang"]._activate_lang("pt_BR")
        self.customer.lang = "pt_BR"
        page = self.by_link()
        self.assertEqual(page.xpath("string(/html/@lang)"), "pt-BR")

    def test_no_page_is_kept_found_or_framed(self):
        (line,) = self.make_installments(("2026-03-02", "10.00"))
        token = self.issue()
        user = self.make_portal_user(self.customer, "maria_portal")
        self.authenticate(user.login, user.login)
        paths = ("", "/choose", f"/pay?installment={line.id}", f"/pay/state?installment={line.id}")
        unknown = f"/oc/{'A' * 22}"
        roots = (self.root(token), "/my/crediario")
        for address in [f"{root}{path}" for root in roots for path in paths] + [
            unknown,
            "/my/optica/prescriptions",
            "/my/optica/data",
            "/my/optica/data.json",
        ]:
            headers = self.url_open(address).headers
            self.assertEqual(headers["Cache-Control"], "no-store", address)
            self.assertIn("noindex", headers["X-Robots-Tag"], address)
            self.assertEqual(headers["Referrer-Policy"], "no-referrer", address)
            self.assertEqual(headers["X-Frame-Options"], "DENY", address)
        page = self.get(f"/oc/{token}")
        self.assertTrue(page.xpath("//meta[@name='robots'][contains(@content, 'noindex')]"))
