"""Base of the tests of the outbox: a gateway at a local server, late customers, frozen instants."""

from contextlib import nullcontext
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import HttpCase

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.optica_cobranca.models.messaging import (
    contact_message_decide,
    contact_message_facts,
)

from tests.common import CollectionCommon
from tests.fakes.cloud_api_server import CloudApiServer
from tests.fakes.cloud_api_webhooks import PHONE_NUMBER_ID

# A Wednesday, 12:00 in São Paulo; no holiday, no carnival.
NOON = "2026-02-11 15:00:00"
TODAY = "2026-02-11"
SECRET = "app secret of the tests"
TEXT = (
    "Hello {{customer_first_name}}, {{installments_summary}}: {{amount_today}}. {{shop_identity}}."
)


class OutboxCommon(CollectionCommon):
    """São Paulo, Mon-Fri 9-18. ``self.server`` is the provider, ``self.gateway`` leads to it."""

    @classmethod
    def setUpClass(cls):
        # The company of the template has Brazil's chart already: installing the chart for a
        # company of our own, as the base of account does, takes ten times as long as a test.
        super(BaseCommon, cls).setUpClass()
        cls.company = cls.env.company
        cls.company.write(
            {
                "name": "Otica Teste",
                "phone": "(11) 3333-4444",
                "vat": False,
                "state_id": cls.env.ref("base.state_br_sp").id,
            }
        )
        cls.plan = cls.make_plan()
        cls.user = cls.env.ref("base.user_admin")
        # Whatever the database brought along must not be sent by these tests.
        cls.env["contact.message"].search([("state", "=", "queued")]).write({"state": "cancelled"})
        cls.env["contact.gateway"].search([]).write({"state": "disabled"})
        # Carnival, Easter … are asked for by the tests of them alone.
        cls.env["contact.blocked.date"].search([]).active = False
        cls.template = cls.make_template("Late", TEXT)

    # Time stands still in these tests: two messages to one number would never be apart.
    pair_pace = timedelta(0)

    def setUp(self):
        super().setUp()
        for stage in (contact_message_facts, contact_message_decide):
            self.patch(stage, "PAIR_PACE", self.pair_pace)
        self.server = CloudApiServer()
        self.enterContext(self.server)
        self.gateway = self.make_gateway()

    # ------------------------------------------------------------ builders

    def make_gateway(self, **values):
        defaults = {
            "name": "WhatsApp",
            "company_id": self.company.id,
            "channel": "whatsapp",
            "provider": "whatsapp_cloud",
            "state": "live",
            "base_url": self.server.url,
            "phone_number_id": PHONE_NUMBER_ID,
            "access_token": "token-of-the-tests",
            "app_secret": SECRET,
            "verify_token": "verify-token-of-the-tests",
            "rate_per_second": 1000.0,
            "pool_size": 4,
        }
        return self.env["contact.gateway"].create({**defaults, **values})

    @classmethod
    def make_template(cls, name, text, **values):
        defaults = {
            "name": name,
            "purpose": "collection",
            "channel_order": "whatsapp",
            "whatsapp_body": text,
            "whatsapp_template_name": "approved",
            # The words around dates and amounts: the tests' own language, not the shop's.
            "whatsapp_language": "en_US",
        }
        return cls.env["contact.template"].create({**defaults, **values})

    def make_late(
        self, name="Late Customer", phone="+55 11 96000-0001", due="2026-01-31", **values
    ):
        """A customer with one installment of 100.00."""
        partner = self.make_customer(name, phone=phone, **values)
        self.make_installments((due, "100.00"), partner=partner)
        return partner

    def make_notice(self, partner, day=TODAY, level=None, company=None):
        """A notice as the ladder would write it, over all open installments of the customer."""
        company = company or self.company
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", company.id),
                ("crediario_plan_id", "!=", False),
            ]
        )
        level = level or self.env.ref("optica_cobranca.level_default_late_10")
        day = fields.Date.to_date(day)
        return self.env["dunning.notice"].create(
            {
                "company_id": company.id,
                "partner_id": partner.id,
                "date": day,
                "policy_id": level.policy_id.id,
                "level_id": level.id,
                "level_offset": level.offset_days,
                "installment_count": len(lines),
                "line_ids": [
                    Command.create(
                        {
                            "move_line_id": line.id,
                            "level_id": level.id,
                            "level_offset": level.offset_days,
                            "advanced": True,
                            "due_date": line.date_maturity,
                            "days_late": (day - line.date_maturity).days,
                            "residual": line.amount_residual,
                        }
                    )
                    for line in lines
                ],
            }
        )

    def queue(self, records, template=None, at=NOON, **options):
        """Messages in the queue since ``at``."""
        with freeze_time(at):
            messages = self.env["contact.message"]._enqueue(
                records, template or self.template, **options
            )
        self.env.flush_all()
        return messages

    # ------------------------------------------------------------- actions

    def dispatch(self, at=NOON, **options):
        """One pass of the dispatcher at an instant (UTC), in cursors of its own.

        :return: what it counted
        """
        self.env.flush_all()
        # Tests over HTTP are in this mode from the start.
        http = isinstance(self, HttpCase)
        mode = nullcontext() if http else self.enter_registry_test_mode()
        with freeze_time(at), mode, self.registry.cursor() as cursor:
            env = self.env(cr=cursor, user=self.env.ref("base.user_root").id, su=False)
            counts = env["contact.message"]._dispatch(**options)
        self.env.invalidate_all()
        return counts

    def run_job(self, model, method, at=NOON):
        """A job of the scheduler at an instant (UTC), as the system, in cursors of its own."""
        self.env.flush_all()
        http = isinstance(self, HttpCase)
        mode = nullcontext() if http else self.enter_registry_test_mode()
        with freeze_time(at), mode, self.registry.cursor() as cursor:
            env = self.env(cr=cursor, user=self.env.ref("base.user_root").id, su=False)
            getattr(env[model], method)()
        self.env.invalidate_all()

    def send_one(self, partner=None, template=None, at=NOON, **options):
        """Queue one message, dispatch, give the message."""
        message = self.queue(partner or self.make_late(), template, at=at, **options)
        self.dispatch(at=at)
        return message

    def local(self, text):
        """``2026-02-11 09:00`` in São Paulo as naive UTC; no daylight saving in 2026."""
        return fields.Datetime.add(datetime.fromisoformat(text), hours=3)
