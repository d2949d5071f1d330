"""The first look at a new shop: no page says that all is well while nothing is set up."""

import json

from lxml import html

from odoo import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

# Each page, and the steps that are missing for it: a gateway, a contract, or these and a drawer.
PAGES = {
    "optica_cobranca.action_optica_today": 3,
    "optica_cobranca.action_dunning_work": 1,
    "optica_cobranca.action_by_hand_queue": 1,
    "optica_cobranca.action_contact_inbox": 1,
}
PRAISE = ("All done", "Nobody is left", "Nothing waits", "All is answered")
# In a list without records: that would praise a shop in which nothing was ever entered.
PRAISED = r"(?i)\b(all done|well done|all is|nothing (is left )?to (do|look at)|nobody is left)\b"
CODE = """
(async () => {
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    for (const [page, steps] of Object.entries(%(pages)s)) {
        await action.doAction(page, { clearBreadcrumbs: true });
        const shown = document.querySelector(".o_action_manager");
        const missing = shown.querySelectorAll(".o_optica_not_set_up .alert").length;
        if (missing !== steps || %(praise)s.some((words) => shown.innerText.includes(words))) {
            throw new Error(`${page}: ${missing} missing in: ${shown.innerText}`);
        }
    }
    console.log("test successful");
})();
"""


@tagged("standard", "post_install", "-at_install")
class TestFirstRun(HttpCase):
    browser_size = "1366x900"

    def test_no_page_says_that_all_is_well(self):
        shop = self.env["res.company"].create({"name": "New shop"})
        manager = new_test_user(
            self.env,
            "gerente_nova",
            "optica_cobranca.group_manager",
            company_id=shop.id,
            company_ids=[Command.set(shop.ids)],
        )
        self.browser_js(
            "/odoo/optica-today",
            CODE % {"pages": json.dumps(PAGES), "praise": json.dumps(PRAISE)},
            "odoo.isReady === true",
            login=manager.login,
        )


@tagged("standard", "post_install", "-at_install")
class TestEmptyLists(TransactionCase):
    def test_a_list_without_records_says_where_they_come_from(self):
        """A heading and an explanation; nothing that praises."""
        known = self.env["ir.model.data"].search(
            [("module", "=", "optica_cobranca"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(known.mapped("res_id"))
        told = actions.filtered("help")
        self.assertGreater(len(told), 55)
        for action in told:
            with self.subTest(action=action.xml_id):
                heading, *explanation = html.fragments_fromstring(action.help.strip())
                self.assertIn("o_view_nocontent", heading.get("class", ""))
                self.assertTrue(explanation, "says what is missing, not where it comes from")
                self.assertNotRegex(action.help, PRAISED)
