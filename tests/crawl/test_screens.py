"""Every screen of every menu opens for every role, in the demo shop, where no list is empty."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from odoo import models
from odoo.tests import common, tagged

from . import VISITED
from .shop import ShopCase
from .walk import WORKING, Walk

BROWSER_WALK = Path(__file__).with_name("browser_walk.js").read_text(encoding="utf-8")


@pytest.mark.timeout(2400)  # walks take minutes, and many where others work beside them
@tagged("standard", "post_install", "-at_install")
class TestScreens(ShopCase):
    browser_size = "1366x900"

    def test_everything_that_is_offered_may_be_opened(self):
        walks = {}
        for login, role in self.logins.items():
            self.give_shop_to(login)
            tried = [walk.tried for group, walk in walks.items() if group in role.all_implied_ids]
            walk = walks[role] = Walk(self.env, login, set().union(*tried))
            walk.menus(self.apps())
            VISITED[f"asked the server, {login}"] = walk.visited
            with self.subTest(login=login):
                self.assertTrue(walk.visited)
                self.assertFalse(walk.findings, "\n".join(walk.findings))

    def test_every_screen_is_shown_in_the_browser(self):
        """Everybody opens each menu; of the other views and the smart buttons, what is not known
        from somebody with less rights. The walk that asks the server goes deeper.
        """
        seen = {}
        for login, role in self.logins.items():
            of_less = [known for group, known in seen.items() if group in role.all_implied_ids]
            told = self.walk_in_browser(login, set().union(*of_less))
            seen[role] = set(told["known"])
            VISITED[f"seen in the browser, {login}"] = told["visited"]
            with self.subTest(login=login):
                self.assertTrue(told["visited"])
                self.assertFalse(told["finding"], "\n".join(told["finding"]))

    def walk_in_browser(self, login, known):
        """What the walk told: lists of ``visited``, ``known`` and ``finding``."""
        constants = {"APPS": self.apps()[:1], "LEFT_ALONE": list(WORKING), "KNOWN": sorted(known)}
        given = "".join(
            f"const {name} = {json.dumps(value)};\n" for name, value in constants.items()
        )
        told = {"visited": [], "known": [], "finding": []}
        handle = common.ChromeBrowser._handle_console

        def listen(browser, type, args=None, **more):
            said = str(args[0].get("value")) if args else ""
            kind, _separator, text = said.partition(": ")
            if kind in told:
                told[kind].append(text)
            return handle(browser, type, args, **more)

        with patch.object(common.ChromeBrowser, "_handle_console", listen):
            self.browser_js(
                "/odoo/optica-today",
                f"{{{given}{BROWSER_WALK}}}",
                "odoo.isReady === true",
                login=login,
                timeout=900,
            )
        return told

    def test_no_field_hides_a_method_of_all_records(self):
        """A field named ``read`` breaks every list of its model."""
        hidden = {
            f"{name}.{field}"
            for name, model in self.env.registry.items()
            if model._original_module == "optica_cobranca"
            for field in model._fields
            if callable(getattr(models.BaseModel, field, None))
        }
        self.assertEqual(hidden, set())
