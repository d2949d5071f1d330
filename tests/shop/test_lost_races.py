"""Work that is repeated when another transaction was faster leaves no payload in the log."""

import ast
import logging
from pathlib import Path
from unittest.mock import patch

from psycopg2 import errors

from odoo.sql_db import db_connect
from odoo.tests import HttpCase, tagged

import odoo.addons.optica_cobranca as addon
from odoo.addons.optica_cobranca.tools.shop.lost_races import is_repeated, repeated

from tests.fakes.cloud_api_webhooks import envelope, messages_value, signed_webhook, status
from tests.messaging.common import SECRET, OutboxCommon

FOLDER = Path(addon.__file__).parent
# The names by which the addon says "somebody was faster" in an except clause.
WORDS = {"TRANSIENT", "FASTER", "CONFLICTS", "PG_CONCURRENCY_EXCEPTIONS_TO_RETRY"}
HOME = "tools/shop/lost_races.py"
PERSONAL = "+55 11 98888-7777 owes R$ 100,00"


class TestLostRaces(OutboxCommon):
    def lose(self):
        """Two real transactions over one row; the slower one carries personal data."""
        with (
            db_connect(self.cr.dbname).cursor() as slow,
            db_connect(self.cr.dbname).cursor() as fast,
        ):
            slow.execute("SELECT 1")
            fast.execute("UPDATE ir_module_module SET name = name WHERE name = 'base'")
            fast.commit()
            try:
                slow.execute(
                    "UPDATE ir_module_module SET name = name WHERE name = 'base' AND %s <> ''",
                    [PERSONAL],
                )
            finally:
                slow.rollback()

    def test_without_it_odoo_logs_the_statement_with_its_values(self):
        with (
            self.assertLogs("odoo.sql_db", "ERROR") as logs,
            self.assertRaises(errors.SerializationFailure),
        ):
            self.lose()
        self.assertIn(PERSONAL, "".join(logs.output))

    def test_repeated_work_is_quiet(self):
        with (
            self.assertNoLogs("odoo.sql_db", "ERROR"),
            self.assertRaises(errors.SerializationFailure),
            repeated(),
        ):
            self.lose()
        self.assertFalse(is_repeated(), "over with the block, whatever came of it")

    def test_other_troubles_are_told(self):
        with (
            self.assertLogs("odoo.sql_db", "ERROR"),
            self.assertRaises(errors.UndefinedTable),
            repeated(),
            db_connect(self.cr.dbname).cursor() as cursor,
        ):
            cursor.execute("SELECT 1 FROM optica_no_such_table")

    def test_everything_that_is_repeated_says_so(self):
        """Each loop that catches a lost race and rolls back has its work inside of the block."""
        found, loud = [], []
        for path in sorted(FOLDER.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Try):
                    continue
                again = any(
                    handler.type is not None
                    and WORDS
                    & {name.id for name in ast.walk(handler.type) if isinstance(name, ast.Name)}
                    and "rollback" in ast.dump(ast.Module(handler.body, []))
                    for handler in node.handlers
                )
                if again:
                    found.append(str(path.relative_to(FOLDER)))
                    if "repeated" not in ast.dump(ast.Module(node.body, [])):
                        loud.append(f"{path.relative_to(FOLDER)}:{node.lineno}")
        self.assertEqual(set(found), {HOME}, "use until_won or unless_lost")
        self.assertEqual(loud, [])


@tagged("standard", "post_install", "-at_install")
class TestWebhooksAreQuiet(OutboxCommon, HttpCase):
    def test_news_are_taken_in_inside_of_the_block(self):
        events = self.env.registry["contact.event"]
        asked = []
        taken_in = events._accept

        def take_in(model, gateway, batch):
            asked.append(is_repeated())
            return taken_in(model, gateway, batch)

        with patch.object(events, "_accept", take_in):
            payload = envelope(messages_value(statuses=[status("wamid.1", "sent")]))
            body, headers = signed_webhook(payload, SECRET)
            address = f"/optica_cobranca/webhook/{self.gateway.uuid}"
            self.assertEqual(self.url_open(address, data=body, headers=headers).status_code, 200)
        self.assertEqual(asked, [True])
        self.assertFalse(is_repeated())

    def test_both_doors(self):
        for name in ("webhook", "pix_webhook"):
            source = (FOLDER / "controllers" / f"{name}.py").read_text(encoding="utf-8")
            self.assertIn("with repeated():", source)
            self.assertIn("request.env.cr.flush()", source)

    def test_the_filter_is_where_odoo_logs(self):
        self.assertTrue(logging.getLogger("odoo.sql_db").filters)
