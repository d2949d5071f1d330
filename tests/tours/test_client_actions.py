"""What a screen does with what the server hands back: empty lists, files, what can be undone."""

import json
from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from tests.common import CollectionCommon

CODE = """
(async () => {
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    const { rpcBus } = odoo.loader.modules.get("@web/core/network/rpc");
    const $ = (selector) => document.querySelector(selector);
    async function until(isThere) {
        while (!isThere()) {
            await new Promise((resolve) => requestAnimationFrame(resolve));
        }
    }
    %s
    console.log("test successful");
})().catch((error) => console.error(error));
"""
EMPTY_LIST = """
    await until(() => $(".o_optica_today_progress"));
    $(".o_optica_today_progress").click();
    await until(() => $(".o_view_nocontent"));
    const words = $(".o_view_nocontent").innerText;
    const title = $(".o_view_nocontent p.o_view_nocontent_smiling_face");
    if (title?.innerText !== "Nothing was marked as handled yet" || words.includes("<")) {
        throw new Error(words);
    }
"""
DOWNLOAD = """
    await action.doAction("optica_cobranca.action_dunning_export", { clearBreadcrumbs: true });
    await until(() => $(".o_data_row button[name=action_download]"));
    let readings = 0;
    rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => {
        readings += detail.data.params.method === "web_search_read";
    });
    $(".o_data_row button[name=action_download]").click();
    await until(() => readings);
"""
UNDO = """
    await action.doAction(%s);
    await until(() => $(".o_notification button"));
    if (!$(".o_notification").innerText.includes("Marked as handled: 2.")) {
        throw new Error($(".o_notification").innerText);
    }
    $(".o_notification button.btn-primary, .o_notification_buttons button").click();
    let undone = false;
    rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => {
        undone ||= detail.data.params.method === "action_undo_handled";
    });
    await until(() => undone);
"""

# At 1366 pixels, somebody of a long name chosen: one row of buttons, no column beyond the page.
FITS = """
    await action.doAction("optica_cobranca.action_installments", { clearBreadcrumbs: true });
    await until(() => $(".o_data_row .o_list_record_selector input"));
    $(".o_data_row .o_list_record_selector input").click();
    await until(() => $(".o_control_panel button[name=action_receive]"));
    const shown = [...document.querySelectorAll(".o_control_panel button")].filter(
        (button) => button.offsetParent
    );
    const beyond = shown.filter((button) => {
        const { left, right } = button.getBoundingClientRect();
        return left < 0 || right > window.innerWidth || button.scrollWidth > button.clientWidth + 1;
    });
    const panel = $(".o_control_panel_main").getBoundingClientRect();
    const list = $(".o_list_renderer");
    if (shown.length < 4 || beyond.length || panel.height > 64) {
        const which = beyond.map((button) => button.outerHTML);
        throw new Error(`${shown.length} buttons, ${panel.height} high: ${which}`);
    }
    if (list.scrollWidth > list.clientWidth + 1) {
        throw new Error(`the list is ${list.scrollWidth} wide in ${list.clientWidth}`);
    }
"""
# More than a page: the total below is that of all, the set filter is a chip that goes away.
WHOLE = """
    await action.doAction("optica_cobranca.action_installments", { clearBreadcrumbs: true });
    await until(() => $(".o_data_row"));
    await until(() => $(".o_list_footer")?.innerText.includes("820.00"));
    const chip = $(".o_searchview_facet");
    if (!chip.innerText.includes("Open")) {
        throw new Error(chip.innerText);
    }
    chip.querySelector(".o_facet_remove").click();
    await until(() => !$(".o_searchview_facet"));
"""


class TestClientActions(CollectionCommon, HttpCase):
    """The clock is the real one, because the browser has its own."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["optica.occurrence.mark"].search([]).unlink()
        cls.manager = new_test_user(
            cls.env,
            "gerente_telas",
            "optica_cobranca.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )

    def play(self, *parts):
        self.browser_js(
            "/odoo/optica-today",
            CODE % "".join(f"{{{part}}}" for part in parts),
            "odoo.isReady === true",
            login=self.manager.login,
            timeout=120,
        )
        self.env.invalidate_all()

    def handled(self):
        """Mark the birthdays of two customers in the dialog; what it answers."""
        today = self.company._today()
        for name in ("Ana", "Bia"):
            self.make_customer(name, birthdate=str(today.replace(year=1992)))
        self.env.flush_all()
        found = (
            self.env["optica.occurrence"]
            .with_user(self.manager)
            .search([("kind", "=", "birthday"), ("date", "=", today)], limit=2)
        )
        self.assertEqual(len(found), 2)
        chosen = {"active_model": found._name, "active_ids": found.ids}
        wizard = self.env["optica.occurrence.handle"].with_user(self.manager)
        return wizard.with_context(**chosen).create({}).action_apply()

    def test_what_the_server_hands_back(self):
        """An empty list explains itself in words without tags; a list is read again after a file;
        what was done to many is taken back."""
        self.env["dunning.export"]._store(
            "agency", "file.csv", b"name;amount", self.company, self.customer
        )
        self.play(EMPTY_LIST, DOWNLOAD)
        action = self.handled()
        marks = self.env["optica.occurrence.mark"].search([])
        self.assertEqual(len(marks), 2)
        self.play(UNDO % json.dumps(action))
        self.assertTrue(all(marks.mapped("undone_at")))
        self.assertEqual(marks.undone_by_id, self.manager)

    def test_installments_fit_and_are_summed_whole(self):
        """82 of 10.00, of which a page shows 80."""
        partner = self.make_customer("Maria Aparecida dos Santos Nascimento Albuquerque")
        today = self.company._today()
        dues = [(str(today + timedelta(days=30)), "10.00")] * 41
        for _contract in range(2):
            self.make_installments(*dues, partner=partner)
        self.env.flush_all()
        self.play(FITS, WHOLE)
