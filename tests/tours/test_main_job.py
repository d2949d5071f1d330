"""The main job in a browser: sell in 6 installments, list, collect, calendar."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from tests.common import CollectionCommon

GROUPS = (
    "optica_cobranca.group_manager",
    "account.group_account_invoice",
    "sales_team.group_sale_manager",
)


class TestMainJob(CollectionCommon, HttpCase):
    """The clock is the real one, because the browser has its own."""

    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A run commits after each batch; here everything is rolled back at the end.
        run_class = cls.env.registry["dunning.run"]
        for name in ("_commit", "_rollback"):
            cls.startClassPatcher(patch.object(run_class, name, lambda self: None))
        cls.manager = new_test_user(
            cls.env,
            "gerente_tour",
            ",".join(GROUPS),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )
        cls.make_product("600.00")

    def test_sell_list_collect_calendar(self):
        late = date.today() - timedelta(days=20)
        (line,) = self.make_installments((str(late), "105.58"))
        self.start_tour("/odoo", "optica_cobranca_main_job", login=self.manager.login, timeout=180)

        contract = self.env["account.move"].search(
            [("partner_id", "=", self.customer.id), ("move_type", "=", "out_invoice")]
        )
        numbers = contract.installment_ids.sorted("installment_number").mapped("installment_number")
        self.assertEqual(numbers, [1, 2, 3, 4, 5, 6])
        paid = contract.installment_ids.filtered(lambda part: not part.amount_residual)
        self.assertEqual(paid.installment_number, 2)
        notice = self.env["dunning.notice"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(notice.level_id.offset_days, 15)
        self.assertIn(line, notice.line_ids.move_line_id)
        message = self.env["contact.message"].search([("notice_id", "=", notice.id)])
        self.assertEqual(message.mapped("state"), ["queued"])
