"""The point of sale's screen, driven in a browser; run by ``test_bridges`` where the app is there.

Not a test file by its name: the suite's own database has no point of sale.
"""

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

# Opens the register, sells one pair of glasses, and pays it by installments: the customer is asked
# for, then plan and number, then the first due date.
SELL = """
(async () => {
    const wait = async (what, find) => {
        for (let tries = 0; tries < 300; tries++) {
            const found = find();
            if (found) return found;
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        throw new Error(`did not come: ${what}`);
    };
    const press = async (selector, words = "") => {
        const find = () => [...document.querySelectorAll(selector)].find(
            (node) => node.offsetParent && node.textContent.includes(words));
        (await wait(`${selector} ${words}`, find)).click();
    };
    await press(".open-register-btn");
    await press(".modal button", "Open Register");
    await press(".product", "Glasses");
    await press(".pay-order-button");
    await press(".paymentmethod", "Crediario");
    await press(".partner-line, .partner-info", "Maria da Silva");
    await press(".modal .selection-item", "4 ×");
    await press(".modal .selection-item", "/20");
    await wait("a line of payment", () => document.querySelector(".paymentline"));
    await press("button.next");
    await wait("the receipt", () => document.querySelector(".receipt-screen"));
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestCounterScreen(HttpCase):
    """An administrator sells at the counter."""

    def test_a_sale_on_account_asks_for_its_terms(self):
        company = self.env["res.company"].search([("chart_template", "=", "br")])[:1]
        env = self.env(
            user=self.env.ref("base.user_admin"), context={"allowed_company_ids": company.ids}
        )
        plan = env["crediario.plan"].create(
            {
                "name": "Free",
                "max_installments": 6,
                "min_installment_value": 10.0,
                "first_due_min_days": 0,
                "first_due_max_days": 60,
            }
        )
        customer = env["res.partner"].create({"name": "Maria da Silva"})
        env["product.product"].create(
            {
                "name": "Glasses",
                "type": "service",
                "list_price": 400.0,
                "taxes_id": [Command.clear()],
                "available_in_pos": True,
            }
        )
        drawer = env["account.journal"].create({"name": "Drawer", "type": "cash", "code": "DRWS"})
        methods = env["pos.payment.method"]
        later = methods.create({"name": "Crediario", "split_transactions": True})
        money = methods.create({"name": "Money", "journal_id": drawer.id})
        config = env["pos.config"].create(
            {"name": "Counter", "payment_method_ids": [Command.set((later | money).ids)]}
        )
        config.open_ui()

        self.browser_js(f"/pos/ui/{config.id}", SELL, login="admin", timeout=120)

        order = env["pos.order"].search([("config_id", "=", config.id)])
        self.assertEqual(order.partner_id, customer)
        move = order.account_move
        self.assertEqual((move.crediario_plan_id, move.state), (plan, "posted"))
        lines = move.installment_ids.sorted("installment_number")
        # 400.00 in 4 without charge, the first on the first date offered
        self.assertEqual(lines.mapped("balance"), [100.0] * 4)
        first = plan._first_due_dates(fields.Date.context_today(order))[0]
        self.assertEqual(lines[0].date_maturity, first)
