"""Who reads what somebody typed: every free text of every model, by role, worked out and compared.

The doors are all texts that the product keeps and did not work out, on whatever model they are. A
new one is nobody's below the collectors until ``reviewed_texts`` says who reads it, and why. Whose
rows those are is tried by ``test_collection_words``.
"""

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.optica_cobranca.models.optics.optica_prescription_access import HEALTH_FIELDS

from ..common import CollectionCommon
from .reviewed_texts import (
    OF_ACCOUNTANTS,
    OF_CASHIERS,
    OF_CUSTOMERS,
    OF_EMPLOYEES,
    OF_SELLERS,
)
from .test_rights_table import ROLES

MODULE = "optica_cobranca"
TEXTS = ("char", "text", "html", "json")


def named(by_reason):
    return set().union(*by_reason.values())


class TestFreeTexts(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(cls.env, f"texts.{role.lower()}", groups=group)
            for role, group in ROLES.items()
        }

    def texts(self):
        for name, model in self.env.registry.items():
            if model._abstract or model._transient:
                continue
            for field in model._fields.values():
                typed = not field.compute and not field.related
                if field._module == MODULE and field.type in TEXTS and typed:
                    yield self.env[name], field

    def read_by(self, role):
        """``model.field`` of all that this role may read on some row."""
        user = self.users[role]
        return {
            f"{model._name}.{field.name}"
            for model, field in self.texts()
            if model.with_user(user).has_access("read")
            and model.with_user(user)._has_field_access(field, "read")
        }

    def assert_read(self, role, expected):
        found = self.read_by(role)
        self.assertEqual(sorted(found - expected), [], f"{role} reads it: is that meant?")
        self.assertEqual(sorted(expected - found), [], f"{role} does not read it")

    def test_the_table(self):
        employees = named(OF_EMPLOYEES)
        sellers = employees | named(OF_SELLERS)
        cashiers = sellers | OF_CASHIERS
        health = {f"optica.prescription.{name}" for name in HEALTH_FIELDS}
        self.assert_read("Employee", employees)
        self.assert_read("Seller", sellers)
        self.assert_read("Cashier", cashiers)
        self.assert_read("Customer", OF_CUSTOMERS)
        self.assert_read("Invoicing", employees | OF_CUSTOMERS | OF_ACCOUNTANTS)
        self.assertLessEqual(self.read_by("Prescriptions") - sellers, health)
        collectors = self.read_by("Collector")
        self.assertLessEqual(cashiers, collectors)
        self.assertLessEqual(
            {
                "crediario.agreement.note",
                "crediario.extension.reason",
                "crediario.forgiveness.reason",
                "dunning.call.note",
                "dunning.hold.reason",
                "dunning.notice.reason",
                "pix.payment.payer_message",
                "pix.refund.reason",
            },
            collectors - cashiers,
        )

    def test_reasons_are_not_told_by_the_page_either(self):
        """Why a manager refused a notice stands in its history, too."""
        policy = self.env["dunning.policy"].create(
            {
                "name": "Ladder",
                "company_id": self.company.id,
                "level_ids": [Command.create({"name": "+1", "offset_days": 1})],
            }
        )
        register = self.env["dunning.notice"].sudo()
        notice = register.create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": "2026-03-10",
                "level_id": policy.level_ids.id,
                "state": "waiting",
            }
        )
        self.env.flush_all()
        notice = notice.sudo(False)
        notice._refuse("Her husband died")
        self.env.flush_all()
        told = self.env["mail.message"].search([("body", "ilike", "husband died")])
        self.assertEqual(told.res_id, notice.id)
        for role, sees in (("Employee", False), ("Seller", False), ("Collector", True)):
            messages = self.env["mail.message"].with_user(self.users[role])
            found = messages.search([("body", "ilike", "husband died")])
            self.assertEqual(bool(found), sees, role)
        read = notice.with_user(self.users["Seller"]).read(["state"])
        self.assertEqual(read[0]["state"], "refused")
