"""A manager approves and refuses in the list, then looks some days ahead, in a browser."""

from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from tests.ladder.dunning_common import DunningCommon


class TestApprovalForecast(DunningCommon, HttpCase):
    """The clock is the real one, because the browser has its own."""

    browser_size = "1366x900"

    def test_approve_refuse_and_look_ahead(self):
        manager = new_test_user(
            self.env,
            "gerente_tour",
            "optica_cobranca.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            tz="America/Sao_Paulo",
        )
        self.level(10).needs_approval = True
        today = self.company._today()
        ana, bia = self.make_customer("Ana"), self.make_customer("Bia")
        for partner in (ana, bia):
            self.make_installments((str(today - timedelta(days=11)), "100.00"), partner=partner)
        self.run_ladder(today - timedelta(days=1))
        self.start_tour(
            "/odoo/action-optica_cobranca.action_dunning_notice_waiting",
            "optica_cobranca_approval_forecast",
            login=manager.login,
            timeout=120,
        )
        self.env.invalidate_all()
        (of_ana,) = self.env["dunning.notice"].search([("partner_id", "=", ana.id)])
        (of_bia,) = self.env["dunning.notice"].search([("partner_id", "=", bia.id)])
        self.assertEqual((of_ana.state, of_ana.decided_by_id), ("done", manager))
        self.assertEqual((of_bia.state, of_bia.reason), ("refused", "Came by today"))
        # Today is the eleventh day late; the fifteenth is within the six days.
        (forecast,) = self.env["dunning.forecast"].search([])
        self.assertEqual(forecast.line_ids.partner_id, ana | bia)
        self.assertEqual(set(forecast.line_ids.mapped("date")), {today + timedelta(days=4)})
