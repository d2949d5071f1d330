"""Whatever a stranger sends is answered: with a page or a refusal, never with an error 500.

The doors are all routes of the addon that nobody has to log in for, and those of customers who are
logged in, found by the routing table; what is sent to each is every parameter that its method
reads, one at a time.
"""

import inspect
import json

from freezegun import freeze_time

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from tests.portal.customer_common import NOON
from tests.portal.self_service_common import SelfServiceCommon

OURS = "odoo.addons.optica_cobranca.controllers."
NASTY = (
    b"\x00",
    b"a\x00b",
    "²".encode(),
    "٣".encode(),
    b"-1",
    b"1" + b"0" * 400,
    b"99999999999999999999",
    b"9999-12-31",
    b"0001-01-01",
    b"\xff\xfe",
    b"a" * 20_000,
)
# Words of addresses that are no number.
PLACES = ("%00", "%FF", "x" * 3000, "%C2%B2", "a%00b", "..%2F..")
NUMBERS = ("0", "2147483648", "9" * 30)


@freeze_time(NOON)
class TestPublicDoors(SelfServiceCommon, HttpCase):
    def doors(self):
        """Pairs (rule of the routing table, names that its method reads)."""
        found = []
        for rule in self.env["ir.http"].routing_map().iter_rules():
            method = inspect.unwrap(rule.endpoint.func)
            if not method.__module__.startswith(OURS):
                continue
            names = [name for name in inspect.signature(page_of(method)).parameters]
            found.append((rule, [name for name in names if name not in ("self", "access")]))
        return found

    def address(self, rule, root, places):
        """The rule's address with something in its places; pages of links are below their root."""
        values = {name: places.get(name, "1") for name in rule.arguments}
        path = rule.rule
        for name in rule.arguments:
            for kind in ("int", "string", "path"):
                path = path.replace(f"<{kind}:{name}>", values[name])
        return path.replace("/oc/p/1", root, 1)

    def ask(self, path, methods, **options):
        method = "POST" if "POST" in methods else "GET"
        with mute_logger("odoo.http", "odoo.sql_db", "werkzeug"):
            response = self.url_open(path, method=method, allow_redirects=False, **options)
        self.assertLess(response.status_code, 500, f"{method} {path[:200]} {str(options)[:200]}")
        return response

    def setUp(self):
        super().setUp()
        self.debt()
        self.login = self.make_portal_user(self.customer, "maria_doors")
        self.authenticate(self.login.login, self.login.login)
        self.token = self.issue()
        self.own_root = self.root(self.token)

    def test_the_list_of_doors(self):
        """A new route is walked through by this test, too; these at least are there."""
        rules = {rule.rule for rule, _names in self.doors()}
        self.assertLessEqual(
            {
                "/oc/<string:token>",
                "/oc/p/<int:link_id>/dispute",
                "/my/crediario/choose/page/<int:page>",
                "/my/optica/data.json",
                "/my/optica/contact",
                "/optica/stop/<string:token>",
                "/optica_cobranca/webhook/<string:uuid>",
                "/optica_cobranca/pix/<string:uuid>/<string:secret>/pix",
            },
            rules,
        )
        self.assertGreater(len(rules), 50)

    def test_parameters(self):
        csrf = self.get(f"{self.own_root}/dispute").xpath(
            "string(//input[@name='csrf_token']/@value)"
        )
        doors = self.doors()
        by_link = {rule.rule for rule, _names in doors if rule.rule.startswith("/oc/p/")}
        for rule, names in doors:
            if rule.endpoint.routing["type"] != "http":
                continue
            if rule.rule.replace("/my/crediario", "/oc/p/<int:link_id>", 1) in by_link:
                continue  # one method serves both
            path = self.address(rule, self.own_root, {"token": self.token})
            for name in set(names) - {"_params", "_kwargs", "answers", *rule.arguments}:
                for value in NASTY:
                    self.send_value(path, rule, name, value, csrf)
            # What pages read beside their parameters; papers take long.
            if "/oc/p/" in rule.rule and ".pdf" not in path:
                for name in ("installment", "charge"):
                    for value in NASTY[:3]:
                        self.send_value(path, rule, name, value, csrf)

    def send_value(self, path, rule, name, value, csrf):
        if "POST" in rule.methods:
            self.ask(path, rule.methods, data={"csrf_token": csrf, name: value})
        else:
            self.ask(path, rule.methods, params={name: value})

    def test_places_of_addresses(self):
        for rule, _names in self.doors():
            for name, converter in rule._converters.items():
                is_number = "Int" in type(converter).__name__
                for value in NUMBERS if is_number else PLACES:
                    address = self.address(rule, "/oc/p/1", {name: value})
                    self.ask(address, rule.methods or ["POST"])

    def test_the_form_of_a_payment(self):
        """A call with JSON is answered by the error that it is, with status 200."""
        for ids in ("²", "%00", "1-", "-", "9" * 40, "1" * 3000):
            response = self.ask(
                f"{self.own_root}/online/transaction/{ids}",
                ["POST"],
                data=json.dumps({"params": {"provider_id": "\x00", "flow": {}}}),
                headers={"Content-Type": "application/json"},
            )
            if response.status_code == 200:
                self.assertIn("NotFound", response.json()["error"]["data"]["name"])


def page_of(method):
    """The method of a page below its decorator."""
    return getattr(method, "customer_page", method)
