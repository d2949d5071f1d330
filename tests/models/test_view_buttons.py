"""Every button of the addon's screens can be pressed: its method takes the chosen records."""

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
