"""Campaigns: who sees what was sent, who starts them, and that nobody changes the proofs."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from tests.calendar.campaign_common import CampaignCommon

MODELS = ("optica.campaign.sending", "optica.campaign.run", "optica.campaign.report")


class TestCampaignRights(CampaignCommon):
    def setUp(self):
        super().setUp()
        self.automatic("birthday")
        self.born()
        self.job()
        self.users = {
            group: new_test_user(
                self.env,
                f"campaign_{group}",
                f"optica_cobranca.group_{group}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for group in ("seller", "collector", "manager")
        }

    def test_collectors_read_and_sellers_do_not(self):
        for model in MODELS:
            self.assertEqual(self.env[model].with_user(self.users["collector"]).search_count([]), 1)
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.users["seller"]).search([])

    def test_nobody_changes_what_was_sent(self):
        sending = self.sendings().with_user(self.users["manager"])
        for forbidden in (
            lambda: sending.write({"day": "2026-01-01"}),
            sending.unlink,
            lambda: sending.create({"kind": "birthday"}),
        ):
            with self.assertRaises(AccessError):
                forbidden()

    def test_only_managers_run_and_foresee(self):
        run = self.env["optica.campaign.run"].search([])
        with self.assertRaises(AccessError):
            run.with_user(self.users["collector"]).action_run_again()
        run.with_user(self.users["manager"]).action_run_again()
        self.assertEqual(run.state, "open")
        forecast = self.env["optica.campaign.forecast"]
        with self.assertRaises(AccessError):
            forecast.with_user(self.users["collector"]).create({})
        forecast.with_user(self.users["manager"]).create({"days": 1}).action_compute()

    def test_other_shops_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Second"})
        reader = new_test_user(
            self.env,
            "campaign_other",
            "optica_cobranca.group_collector",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in MODELS:
            self.assertFalse(self.env[model].with_user(reader).search([]))
