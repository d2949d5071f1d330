"""Every page of the customer on a telephone: axe's rules, the language, what a finger can hit."""

import json
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import axe_core_python

from odoo.tests import common

from odoo.addons.optica_cobranca.models.messaging.crediario_customer_link import MISSES_ALLOWED

from tests.browser import PATIENCE
from tests.optics.prescription_common import PrescriptionCommon
from tests.pix.bank_common import PixBankCommon

from .self_service_common import SelfServiceCommon

AXE = Path(axe_core_python.__file__).with_name("axe.min.js").read_text()
LOADED = "document.readyState === 'complete'"
SERIOUS = """
axe.run(document, {resultTypes: ["violations"]}).then((found) =>
    found.violations
        .filter((rule) => ["serious", "critical"].includes(rule.impact))
        .flatMap((rule) =>
            rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} ${node.failureSummary}`)
        )
)
"""
# Inside of what is ours; Odoo's own bars are Odoo's. A link in the middle of a text may be as high
# as its line (WCAG 2.5.5, "inline").
SMALL = """
Promise.resolve(
    [...document.querySelectorAll(
        ".o_optica_customer_page :is(a, button, input:not([type=hidden]), textarea), body > main a"
    )]
        .map((node) => [node, (node.closest("label") || node).getBoundingClientRect()])
        .filter(([node, box]) => {
            const isInText =
                getComputedStyle(node).display === "inline" &&
                node.parentElement.textContent.trim() !== node.textContent.trim();
            return box.width && !isInText && (box.height < 43.5 || box.width < 43.5);
        })
        .map(([node, box]) => `${box.width}×${box.height}: ${node.outerHTML.slice(0, 160)}`)
)
"""
WIDER = """
Promise.resolve(
    [...document.querySelectorAll(".o_optica_customer_page *, body > main *")]
        .filter((node) => {
            const { right } = node.getBoundingClientRect();
            const isScrolled = node.closest(".table-responsive");
            return !isScrolled && right > document.documentElement.clientWidth + 0.5;
        })
        .map((node) => `sticks out: ${node.outerHTML.slice(0, 160)}`)
)
"""
SPINS = "Promise.resolve([...document.querySelectorAll('.fa-spin')].map((node) => node.outerHTML))"
LANGUAGE = "Promise.resolve([document.documentElement.lang])"


class TestCustomerAccessibility(PixBankCommon, PrescriptionCommon, SelfServiceCommon):
    """The clock is the real one, because the browser has its own."""

    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"phone": "(11) 3333-4444", "email": "oi@otica.example"})
        cls.reason = cls.env["dunning.dispute.reason"].create({"name": "Scratched lens"})
        cls.today = date.today()
        cls.prescribe(cls.customer, exam=str(cls.day(-10)))
        cls.env["res.lang"]._activate_lang("pt_BR")
        cls.customer.lang = "pt_BR"
        cls.maria = cls.make_portal_user(cls.customer, "maria_portal")

    @classmethod
    def day(cls, days):
        return cls.today + timedelta(days=days)

    def setUp(self):
        super().setUp()
        self.late, self.later, self.next, self.paid = self.make_installments(
            *[(str(self.day(days)), "105.58") for days in (-40, -15, 20, -1)]
        )
        self.receive(self.paid, ("cash", "105.58"), on=str(self.day(-1)))
        self.token = self.issue()

    # ------------------------------------------------------------- browser

    @contextmanager
    def telephone(self):
        """One browser for many pages."""
        browser = common.ChromeBrowser(self)
        try:
            self.authenticate(None, None, browser=browser)
            yield browser
        finally:
            browser.stop()

    def ask(self, browser, question):
        """The strings that a promise in the page answers."""
        answer = browser._websocket_request(
            "Runtime.evaluate",
            params={"expression": question, "awaitPromise": True, "returnByValue": True},
        )
        self.assertNotIn("exceptionDetails", answer, json.dumps(answer)[:500])
        return answer["result"]["value"]

    @contextmanager
    def page(self, browser, path):
        """A page that is open; nothing is asked of the server any more when it is left."""
        self.env.flush_all()
        with self.allow_requests(browser=browser):
            # Odoo's own way gives the first page, for which styles are made, 20 seconds only.
            address = {"url": f"{self.base_url()}{path}"}
            browser._websocket_request("Page.navigate", params=address)
            self.assertTrue(browser._wait_ready(LOADED, timeout=PATIENCE), path)
            yield
            self._wait_remaining_requests()

    def look(self, browser, path, language="pt-BR"):
        """What is wrong with a page, a line each: its path, the rule and the node."""
        with self.page(browser, path):
            browser._websocket_request("Runtime.evaluate", params={"expression": AXE})
            found = [
                *[f"axe {line}" for line in self.ask(browser, SERIOUS)],
                *[f"too small {line}" for line in self.ask(browser, SMALL)],
                *self.ask(browser, WIDER),
                *[f"lang {lang}" for lang in self.ask(browser, LANGUAGE) if lang != language],
            ]
        return [f"{path}: {line}" for line in found]

    # --------------------------------------------------------------- pages

    def charges(self):
        """A static code, and one of the bank's: the pages of both."""
        self.account.state = "disabled"
        static = self.env["pix.charge"]._charge_for(self.late, self.today)
        self.account.state = "live"
        dynamic = self.env["pix.charge"]._charge_for(self.later, self.today)
        self.assertEqual([static.is_automatic, dynamic.is_automatic], [False, True])
        return [f"/pay/code?charge={charge.uuid}" for charge in (static, dynamic)]

    def shared_pages(self):
        """Below both roots."""
        return [
            "",
            f"/contract/{self.late.move_id.id}",
            "/choose",
            "/pay?what=late",
            "/pay?what=all",
            *self.charges(),
            f"/pay?installment={self.paid.id}",
            f"/thanks?installment={self.paid.id}",
            f"/thanks?installment={self.late.id}",
            f"/online?installment={self.late.id}",
            "/agreement",
            "/agreement/figures?parts=2",
            "/agreement/figures?parts=9",
            "/promise",
            "/extend",
            "/dispute",
            *[f"/said?what={what}" for what in ("promise", "extension", "request", "dispute")],
        ]

    def one_who_said_all(self):
        """Link of a customer who promised, asked for another date and told a reason."""
        late, coming = self.make_installments(
            (str(self.day(-20)), "80.00"), (str(self.day(20)), "80.00"), partner=self.other_customer
        )
        token = self.issue(self.other_customer)
        self.send(token, "/promise", {"day": str(self.day(3)), "note": "payday"})
        form = {"installment": str(coming.id), "day": str(self.day(40)), "reason": "payday"}
        self.send(token, "/extend", form)
        form = {"reason": str(self.reason.id), "note": "scratched", "installment": str(late.id)}
        self.send(token, "/dispute", form)
        return token

    def stop_path(self):
        template = self.env["contact.template"].search([("purpose", "=", "relationship")], limit=1)
        message = self.env["contact.message"]._enqueue(self.customer, template)
        return f"/optica/stop/{message._stop_token()}"

    # --------------------------------------------------------------- tests

    def test_every_page_is_for_everybody(self):
        """One telephone, all pages; whoever said something already is another customer."""
        pages = self.shared_pages()
        said = self.one_who_said_all()
        stop = self.stop_path()
        expired = self.issue()
        self.links.sudo().search([], limit=1, order="id desc").expires_at = self.day(-1)
        link, login = f"/oc/{self.token}", "/my/crediario"
        own = ["", "?status=paid", f"/contract/{self.late.move_id.id}", "/promise", "/agreement"]
        personal = ["/prescriptions", "/data", "/contact", "/contact?saved=1"]
        findings = []
        with self.telephone() as browser:
            for path in [link + page for page in pages]:
                findings += self.look(browser, path)
            for page in ("", "/promise", "/extend", "/dispute"):
                findings += self.look(browser, f"/oc/{said}{page}", "en-US")
            findings += self.look(browser, stop)
            self.authenticate(self.maria.login, self.maria.login, browser=browser)
            # Odoo keeps the language of the visit, which began with a page in English.
            for path in [*[login + page for page in own], *[f"/my/optica{p}" for p in personal]]:
                findings += self.look(browser, path, "en-US")
            self.authenticate(None, None, browser=browser)
            for path in ("/optica/stop/1-2", f"/oc/{expired}"):
                findings += self.look(browser, path, "en-US")
            for _guess in range(MISSES_ALLOWED):
                self.links.sudo()._count_miss("127.0.0.1")
            findings += self.look(browser, f"/oc/{'A' * 22}", "en-US")  # has to wait
        self.assertFalse(findings, "\n".join(findings))

    def test_only_what_the_bank_confirms_is_waited_for(self):
        static, dynamic = self.charges()
        with self.telephone() as browser:
            for path, spins in ((static, 0), (dynamic, 1)):
                with self.page(browser, f"/oc/{self.token}{path}"):
                    self.assertEqual(len(self.ask(browser, SPINS)), spins, path)
