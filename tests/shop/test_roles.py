"""The one question for a role, that every button asks."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

# Each role does what those before it do.
INCLUDED = {
    "seller": {"seller"},
    "cashier": {"seller", "cashier"},
    "collector": {"seller", "cashier", "collector"},
    "manager": {"seller", "cashier", "collector", "manager"},
}


@tagged("standard", "post_install", "-at_install")
class TestRoles(TransactionCase):
    def user(self, role):
        return new_test_user(self.env, f"roles_{role}", f"optica_cobranca.group_{role}")

    def allowed(self, model, **options):
        passed = set()
        for role in INCLUDED:
            try:
                model._check_role(role, **options)
            except AccessError:
                continue
            passed.add(role)
        return passed

    def test_each_role_does_its_own_and_what_it_includes(self):
        for role, included in INCLUDED.items():
            user = self.user(role)
            with self.subTest(role=role):
                self.assertEqual(self.allowed(self.env["res.partner"].with_user(user)), included)

    def test_sudo_passes_only_where_the_system_is_let_in(self):
        seller = self.user("seller")
        system = self.env["res.partner"].with_user(seller).sudo()
        self.assertEqual(self.allowed(system), {"seller"})
        self.assertEqual(self.allowed(system, allow_system=True), set(INCLUDED))

    def test_the_refusal_names_the_role_and_who_gives_it(self):
        user = self.user("seller")
        with self.assertRaisesRegex(AccessError, "Only a cashier .* Ask a manager"):
            self.env["res.partner"].with_user(user)._check_role("cashier")
