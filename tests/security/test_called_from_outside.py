"""Whoever has a login may call any public method of any model, whatever their screens show.

The doors are all methods of this product that can be called from outside (no underscore, not
``api.private``), its own and Odoo's that it overrides, found in the registry. What every model of
Odoo's has (``create``, ``write``, ``read``, …) is judged by the table of rights.

Each is called on records of the demo shop, one for every state there is, and on none, by somebody
with no role at all, by a customer with a login, and by a seller. It refuses, or it stands below
with the reason why it may answer. Nobody without a role changes a row or is shown a word.
"""

import inspect
import re
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..crawl.shop import ShopCase
from .reviewed_calls import HARMLESS, OF_SELLERS, PAPER, SCREEN, WRITTEN_BY_SELLERS

OURS = "odoo.addons.optica_cobranca"
WRITING = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
ROWS = 3  # of a model, beside one for each of its states
REFUSALS = (AccessError, AccessDenied, UserError)


@tagged("standard", "post_install", "-at_install")
class TestCalledFromOutside(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        at_shop = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.employee = new_test_user(cls.env, "calls.employee", "base.group_user", **at_shop)
        cls.portal = new_test_user(cls.env, "calls.customer", "base.group_portal")
        cls.seller = new_test_user(
            cls.env, "calls.seller", "optica_cobranca.group_seller", **at_shop
        )
        cls.customer = cls.env["dunning.notice"].search([], limit=1).partner_id
        cls.customer.open_installment_ids[:1].action_propose_agreement()
        cls.given = {
            "call_id": cls.env["dunning.call"].search([], limit=1).id,
            "code": "OS",
            "company_id": cls.company.id,
            "content": "eA==",
            "date_from": "2026-11-01",
            "day": str(date.today()),
            "domain": [],
            "field_names": [],
            "fields_spec": {},
            "file_id": 1,
            "filters": {},
            "first": str(date.today().replace(day=1)),
            "is_handled": False,
            "key": "late",
            "kind": "birthday",
            "last": str(date.today()),
            "name": "Somebody",
            "names": [],
            "partner": cls.customer.id,
            "partner_id": cls.customer.id,
            "purpose": "collection",
            "result": "promise",
            "scale": "month",
            "state": "cancelled",
            "step": "promise",
            "template_id": cls.env["contact.template"].search([], limit=1).id,
            "text": "Words",
            "values": {},
        }

    # ---------------------------------------------------------------- doors

    def doors(self):
        """(model, method) of all that may be called."""
        everywhere = {name for parent in self.env.registry["base"].mro() for name in vars(parent)}
        for name, model in sorted(self.env.registry.items()):
            ours = (parent for parent in model.mro() if parent.__module__.startswith(OURS))
            for method in sorted({method for parent in ours for method in vars(parent)}):
                if method not in everywhere and self.is_public(name, method):
                    yield name, method

    def is_public(self, model, method):
        if method.startswith("_") or not callable(getattr(self.env.registry[model], method, None)):
            return False
        try:
            return bool(get_public_method(self.env[model], method))
        except AccessError:
            return False

    def arguments(self, model, method):
        """One for each that the method insists on."""
        function = inspect.unwrap(getattr(self.env.registry[model], method))
        [_self, *parameters] = inspect.signature(function).parameters.values()
        wanted = [
            parameter.name
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
        unknown = set(wanted) - self.given.keys()
        self.assertFalse(unknown, f"{model}.{method}: say what is sent as {unknown}")
        return [self.given[name] for name in wanted]

    def rows(self, name):
        """Ids to call a method on: one for each state, and the newest."""
        model = self.env[name].sudo().with_context(active_test=False)
        if model._abstract:
            return []
        found = model.search([], limit=ROWS, order="id desc").ids
        state = model._fields.get("state")
        if state and state.type == "selection" and state.store:
            for value, _label in state._description_selection(self.env):
                found += model.search([("state", "=", value)], limit=1).ids
        if not found and model._transient:
            found = self.dialog(model)
        return sorted(set(found))

    def dialog(self, model):
        """The id of a dialog that somebody else has open; none where it wants more than that."""
        about = {
            "active_model": "res.partner",
            "active_id": self.customer.id,
            "active_ids": self.customer.ids,
        }
        values = {
            field.name: self.filling(field)
            for field in model._fields.values()
            if field.required and field.store and not field.compute
        }
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                return model.with_context(**about).create(values).ids
        except Exception:  # what it lacks is not this test's subject
            return []

    def filling(self, field):
        if field.name in ("res_model", "res_ids"):
            return {"res_model": "res.partner", "res_ids": self.customer.ids}[field.name]
        if field.type == "many2one":
            others = self.env[field.comodel_name].sudo().with_context(active_test=False)
            return others.search([], limit=1, order="id desc").id
        if field.type == "selection":
            return field._description_selection(self.env)[0][0]
        return {
            "date": date.today(),
            "datetime": "2026-11-30 12:00:00",
            "boolean": False,
            "binary": "eA==",
            "integer": 1,
            "float": 1,
            "monetary": 1,
        }.get(field.type, "x")

    # ---------------------------------------------------------------- calls

    def call(self, user, model, method, arguments):
        """What a call from outside does, taken back.

        :return: (answer, tables that it wrote to), or None where it was refused; what broke is
            answered by its exception
        """
        tables = []
        env = self.env(user=user, context={"lang": "en_US", "tz": "America/Sao_Paulo"})
        cursor = type(self.env.cr)
        execute = cursor.execute

        def watched(cr, query, *args, **options):
            if written := WRITING.match(str(getattr(query, "code", query))):
                tables.append(written.group(1))
            return execute(cr, query, *args, **options)

        self.env.flush_all()
        self.env.invalidate_all()
        point = self.env.cr.savepoint()
        try:
            with patch.object(cursor, "execute", watched):
                answer = call_kw(env[model], method, arguments, {})
                self.env.flush_all()
        except REFUSALS:
            return None  # and what it wrote before is rolled back, as it is outside of tests
        except Exception as broken:
            return broken, []
        finally:
            self.env.transaction.clear()
            point.close(rollback=True)
        return answer, sorted(set(tables))

    def calls(self, user):
        """(model.method, is on rows, answer, tables) of every call that was not refused."""
        rows = {}
        for model, method in self.doors():
            if model not in rows:
                rows[model] = self.rows(model)
            function = getattr(self.env.registry[model], method)
            wanted = self.arguments(model, method)
            if getattr(function, "_api_model", False):
                targets = [(True, wanted)]
            else:
                targets = [(True, [[row], *wanted]) for row in rows[model]]
                targets.append((False, [[], *wanted]))
            for is_on_rows, arguments in targets:
                done = self.call(user, model, method, arguments)
                if done:
                    yield f"{model}.{method}", is_on_rows, *done

    # ---------------------------------------------------------------- tests

    def words(self):
        """What nobody without a role should be answered: people, and what was said."""
        customers = self.env["dunning.notice"].search([]).partner_id
        said = [
            *customers.mapped("name"),
            *customers.mapped("phone"),
            *customers.mapped("email"),
            *self.env["contact.event"].search([]).mapped("text"),
            *self.env["dunning.promise"].search([]).mapped("note"),
            *self.env["dunning.dispute"].search([]).mapped("description"),
            *self.env["dunning.hold"].search([]).mapped("reason"),
        ]
        return {word for word in said if word and len(word) > 5}

    def test_many_doors_on_many_rows(self):
        doors = list(self.doors())
        self.assertGreater(len(doors), 300)
        models = {model for model, _method in doors}
        empty = {model for model in models if not self.rows(model)}
        self.assertFalse(empty & {"contact.message", "crediario.agreement", "pix.payment"})
        self.assertLess(len(empty), 25, sorted(empty))
        self.assertNotIn(("dunning.run", "collect_now"), doors)

    def test_without_a_role(self):
        words = self.words()
        self.assertGreater(len(words), 20)
        for user in (self.employee, self.portal):
            answered = set()
            for name, is_on_rows, answer, tables in self.calls(user):
                where = f"{user.login}: {name}"
                self.assertFalse(tables, f"{where} changes something")
                told = repr(answer)
                self.assertFalse([word for word in words if word in told], f"{where} tells it")
                if is_on_rows:
                    self.assertNotIsInstance(answer, Exception, f"{where} breaks: {answer!r}")
                    self.assert_opens(name, answer)
                    answered.add(name)
            self.assertFalse(
                sorted(answered - HARMLESS.keys()), f"{user.login}: refuse it, or say why not"
            )

    def assert_opens(self, name, answer):
        """What is listed as a screen or paper returns where that is."""
        reason = {**HARMLESS, **OF_SELLERS}.get(name)
        if reason == SCREEN:
            kind = isinstance(answer, dict) and answer.get("type")
            self.assertIn(str(kind).rpartition(".")[2], ("act_window", "act_url", "client"), name)
        elif reason == PAPER:
            self.assertEqual(answer["type"], "ir.actions.report", name)

    def test_sellers(self):
        answered, written = set(), {}
        for name, is_on_rows, answer, tables in self.calls(self.seller):
            if is_on_rows:
                self.assertNotIsInstance(answer, Exception, f"{name} breaks: {answer!r}")
                self.assert_opens(name, answer)
                answered.add(name)
            if tables:
                written.setdefault(name, set()).update(tables)
        known = HARMLESS.keys() | OF_SELLERS.keys()
        self.assertFalse(sorted(answered - known), "refuse it to sellers, or say why not")
        for name, tables in written.items():
            self.assertLessEqual(tables, WRITTEN_BY_SELLERS.get(name, set()), name)

    def test_the_list_names_only_what_there_is(self):
        doors = {f"{model}.{method}" for model, method in self.doors()}
        listed = HARMLESS.keys() | OF_SELLERS.keys() | WRITTEN_BY_SELLERS.keys()
        self.assertFalse(listed - doors, "listed, and not there any more")
        self.assertFalse(HARMLESS.keys() & OF_SELLERS.keys())
