"""What screens offer is there: methods of buttons, pages behind dialogs, filters that are set."""

import re

from lxml import etree

from tests.common import CollectionCommon


class TestViewButtons(CollectionCommon):
    def test_methods_of_buttons_work_on_records(self):
        """The web client hands the ids over, even for a list's button that needs no selection."""
        owned = self.env["ir.model.data"].search(
            [("module", "=", "optica_cobranca"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(owned.mapped("res_id")).filtered("model")
        self.assertGreater(len(views), 100)
        pressed, wrong = 0, []
        for view in views:
            for model, button in self.buttons(etree.fromstring(view.arch_db), view.model):
                pressed += 1
                method = getattr(self.env.registry[model], button, None)
                if method is None or getattr(method, "_api_model", False):
                    wrong.append(f"{view.xml_id}: {model}.{button}")
        self.assertGreater(pressed, 200)
        self.assertEqual(wrong, [])

    def test_no_menu_opens_a_dialog_over_nothing(self):
        """A menu opened in a new tab is all there is: what it opens is a page, or brings one."""
        owned = self.env["ir.model.data"].search(
            [("module", "=", "optica_cobranca"), ("model", "=", "ir.ui.menu")]
        )
        actions = self.env["ir.ui.menu"].browse(owned.mapped("res_id")).mapped("action")
        self.assertGreater(len(actions), 60)
        bare, dialogs = [], 0
        for action in filter(None, actions):
            if action._name == "ir.actions.act_window" and action.target == "new":
                bare.append(action.xml_id)
            if action._name == "ir.actions.client" and action.tag.endswith("dialog_over"):
                dialogs += 1
                self.assertEqual(self.env.ref(action.params["dialog"]).target, "new")
                self.assertEqual(self.env.ref(action.params["behind"]).target, "current")
        self.assertEqual((bare, dialogs), ([], 5))

    def test_filters_that_are_set_show_as_chips(self):
        """What narrows a list from the start can be seen and taken off: it is in its search."""
        owned = self.env["ir.model.data"].search(
            [("module", "=", "optica_cobranca"), ("model", "=", "ir.actions.act_window")]
        )
        seen, missing = 0, []
        for action in self.env["ir.actions.act_window"].browse(owned.mapped("res_id")):
            wanted = re.findall(r"search_default_(\w+)", action.context or "")
            if not wanted:
                continue
            view = action.search_view_id.id or None
            arch = self.env[action.res_model].get_view(view, "search")["arch"]
            names = set(etree.fromstring(arch).xpath("//filter/@name | //field/@name"))
            seen += 1
            missing += [f"{action.xml_id}: {name}" for name in wanted if name not in names]
        self.assertGreater(seen, 20)
        self.assertEqual(missing, [])

    def buttons(self, node, model):
        """(model, method) of the object buttons below ``node``, a view of ``model``."""
        for child in node.iterchildren(etree.Element):
            inner = model
            if child.tag == "field" and len(child):
                field = self.env.registry[model]._fields.get(child.get("name"))
                inner = (field and field.comodel_name) or model
            if child.tag in ("button", "a") and child.get("type") == "object":
                yield model, child.get("name")
            yield from self.buttons(child, inner)
