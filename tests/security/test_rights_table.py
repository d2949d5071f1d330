"""Who may do what: role × model × operation, worked out on the running product.

The table stands in ``docs/security.md``. To write it anew after rights have changed:
``OPTICA_WRITE_GUIDES=1 ./dev test tests/security/test_rights_table.py``.
"""

import os
from pathlib import Path

from odoo.tests import new_test_user

from ..common import CollectionCommon

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
BEGIN = "<!-- rights: begin; written by tests/security/test_rights_table.py -->"
END = "<!-- rights: end -->"
WRITE = "OPTICA_WRITE_GUIDES"
ROLES = {
    "Employee": "base.group_user",
    "Seller": "optica_cobranca.group_seller",
    "Cashier": "optica_cobranca.group_cashier",
    "Collector": "optica_cobranca.group_collector",
    "Manager": "optica_cobranca.group_manager",
    "Prescriptions": "optica_cobranca.group_prescription",
    "Invoicing": "account.group_account_invoice",
    "Customer": "base.group_portal",
}
OPERATIONS = {"create": "c", "read": "r", "write": "u", "unlink": "d"}
# Odoo's own, where money and customers are.
BOOKS = (
    "account.account",
    "account.bank.statement.line",
    "account.journal",
    "account.move",
    "account.move.line",
    "account.move.reversal",
    "account.partial.reconcile",
    "account.payment",
    "account.payment.register",
    "payment.transaction",
    "product.template",
    "res.company",
    "res.partner",
    "res.partner.bank",
    "sale.order",
)
ACCOUNTING = tuple(model for model in BOOKS if model.startswith(("account.", "payment.")))


class TestRightsTable(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env,
                f"table.{role.lower()}",
                groups=group,
                **({} if role == "Customer" else {"company_id": cls.company.id}),
            )
            for role, group in ROLES.items()
        }

    def letters(self, model, role):
        """Such as ``cru``; a dash where the role may do nothing with the model."""
        records = self.env[model].with_user(self.users[role])
        found = (letter for name, letter in OPERATIONS.items() if records.has_access(name))
        return "".join(found) or "–"

    def models(self):
        """Those that keep something and are this product's, by name."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if model._original_module == "optica_cobranca"
            and not model._abstract
            and not model._transient
        )

    def table(self):
        """The table in Markdown."""
        lines = [
            "| Model | " + " | ".join(ROLES) + " |",
            "|---|" + "---|" * len(ROLES),
        ]
        for model in (*BOOKS, *self.models()):
            cells = (self.letters(model, role) for role in ROLES)
            lines.append(f"| `{model}` | " + " | ".join(cells) + " |")
        return "\n".join(lines)

    def test_the_page_shows_this_table(self):
        text = GUIDE.read_text(encoding="utf-8")
        before, found, after = text.partition(BEGIN)
        self.assertTrue(found, "docs/security.md has no place for the table of rights")
        shown, found, after = after.partition(END)
        self.assertTrue(found)
        table = self.table()
        if os.environ.get(WRITE):
            GUIDE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")
            return
        self.assertEqual(shown.strip().splitlines(), table.splitlines())

    def test_collectors_and_sellers_are_no_accountants(self):
        for role in ("Seller", "Cashier", "Collector", "Prescriptions"):
            user = self.users[role]
            self.assertFalse(user.has_group("account.group_account_invoice"), role)
            for model in ACCOUNTING:
                self.assertIn(self.letters(model, role), ("r", "–"), f"{role} {model}")

    def test_results_and_traces_are_nobodys_to_write(self):
        for model in (
            "crediario.forgiveness",
            "crediario.receipt",
            "crediario.receipt.line",
            "crediario.extension",
            "crediario.acceptance",
            "dunning.notice",
            "dunning.notice.line",
            "contact.message",
            "pix.payment",
        ):
            for role in ROLES:
                self.assertIn(self.letters(model, role), ("r", "–"), f"{role} {model}")
