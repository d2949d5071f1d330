"""Dossiers of many customers: in the background, each by itself, packed, stopped, tried again."""

import base64
import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.models.recovery import dunning_export

from tests.messaging.common import OutboxCommon


class TestDossierBatch(OutboxCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager, cls.collector = (
            new_test_user(cls.env, f"dossier.{name}", groups=f"optica_cobranca.group_{name}")
            for name in ("manager", "collector")
        )
        cls.customers = cls.env["res.partner"].browse()
        for name in ("Ana", "Bia", "Caio", "Davi", "Eva"):
            cls.customers |= cls.make_customer(name)

    def setUp(self):
        super().setUp()
        self.broken, self.by = {"Caio"}, []

        def made(partner, company):
            """In place of twenty pages printed by wkhtmltopdf; one test of its own reads these."""
            if partner.name in self.broken:
                raise UserError(f"{partner.name} has no contract.")
            self.by.append(partner.env.user)
            return f"dossie-{partner.name}.zip", partner.name.encode(), 10.0

        self.patch(dunning_export, "VOLUME", 2)
        self.enterContext(patch.object(self.env.registry["res.partner"], "_dossier_file", made))

    def ask(self, customers=None):
        action = (customers or self.customers).with_user(self.manager).action_dossier()
        return self.env[action["res_model"]].browse(action["res_id"])

    def work(self):
        self.run_job("dunning.dossier.batch", "_cron_make")

    def names(self, export):
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(export.content)))
        return archive.namelist(), [archive.read(name) for name in archive.namelist()]

    def test_a_few_are_made_at_once(self):
        action = self.customers[:2].with_user(self.manager).action_dossier()
        self.assertEqual(action["res_model"], "dunning.export")
        self.assertFalse(self.env["dunning.dossier.batch"].search([]))
        with self.assertRaises(UserError):  # says why while somebody waits
            self.customers[2].with_user(self.manager).action_dossier()

    def test_many_in_the_background(self):
        batch = self.ask()
        self.assertEqual((batch.state, batch.customer_count, self.by), ("running", 5, []))
        with self.assertRaises(UserError):
            batch.with_user(self.manager).action_download()
        self.work()
        self.assertEqual((batch.state, batch.progress), ("done", 100.0))
        self.assertEqual((batch.made_count, batch.failed_count), (4, 1))
        failed = batch.item_ids.filtered(lambda item: item.state == "failed")
        self.assertEqual(failed.mapped("error"), ["Caio has no contract."])
        files = [self.names(export) for export in batch.export_ids.sorted("id")]
        self.assertEqual(
            files,
            [
                (["001-dossie-Ana.zip", "002-dossie-Bia.zip"], [b"Ana", b"Bia"]),
                (["001-dossie-Davi.zip", "002-dossie-Eva.zip"], [b"Davi", b"Eva"]),
            ],
        )
        self.assertEqual(set(self.by), {self.manager})
        self.assertEqual(batch.export_ids.user_id, self.manager)
        self.assertEqual(batch.export_ids.mapped("amount"), [20.0, 20.0])
        self.assertFalse(any(batch.item_ids.with_context(bin_size=False).mapped("content")))

    def test_who_asked_is_told(self):
        batch = self.ask()
        self.work()
        told = self.env["mail.message"].search(
            [("model", "=", batch._name), ("res_id", "=", batch.id)]
        )
        self.assertEqual(told.partner_ids, self.manager.partner_id)
        self.assertIn("4 of 5", told.subject)

    def test_tried_again(self):
        batch = self.ask()
        self.work()
        self.broken.clear()
        batch.with_user(self.manager).action_resume()
        self.assertEqual(batch.state, "running")
        self.work()
        self.assertEqual((batch.state, batch.made_count, batch.failed_count), ("done", 5, 0))
        self.assertEqual(len(self.by), 5, "what was made is not made again")
        self.assertEqual(batch.export_ids.sorted("id")[-1].partner_ids.name, "Caio")
        with self.assertRaises(UserError):
            batch.with_user(self.manager).action_resume()

    def test_stopped_and_gone_on_with(self):
        batch = self.ask()
        batch.with_user(self.manager).action_cancel()
        self.work()
        self.assertEqual((batch.state, self.by), ("cancelled", []))
        batch.with_user(self.manager).action_resume()
        self.work()
        self.assertEqual((batch.state, batch.made_count), ("done", 4))

    def test_rights_are_asked_for_when_it_is_made(self):
        batch = self.ask()
        with self.assertRaises(AccessError):
            batch.with_user(self.collector).read(["state"])
        with self.assertRaises(AccessError):
            batch.with_user(self.manager).write({"state": "done"})
        self.manager.group_ids -= self.env.ref("optica_cobranca.group_manager")
        self.work()
        self.assertEqual((batch.made_count, batch.failed_count, self.by), (0, 5, []))
