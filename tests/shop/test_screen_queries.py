"""What the addon adds to opening a contact, a sale, an invoice and a list, in queries, by role."""

from odoo import Command
from odoo.tests import new_test_user

from benchmarks.screens import ADDON, Screen
from tests.common import CollectionCommon

SALES = "sales_team.group_sale_salesman_all_leads"
ROLES = {
    "seller": ("optica_cobranca.group_seller", SALES),
    "collector": ("optica_cobranca.group_collector", SALES),
    "manager": ("optica_cobranca.group_manager", "sales_team.group_sale_manager"),
}
AT_MOST = 8
AT_MOST_WITH_MANY = 12
# The plan and the terms it allows, what the customer owes, the service orders.
AT_MOST_OF_SALE = 6
# The amounts today (payments, extensions, plan, closed days and holidays of the shop) and a query
# for each kind of record that a button counts: agreements, extensions, promises, disputes, orders,
# what was forgiven; and the terms it was signed with.
AT_MOST_OF_INVOICE = 19
# A query for each column that comes from elsewhere, whatever the number of rows: amounts today,
# terms signed, level and ladder, what was promised, extensions, agreement.
AT_MOST_OF_LIST = 18


class TestScreenQueries(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = [Command.set(cls.company.ids)]
        cls.users = {
            role: new_test_user(
                cls.env,
                f"screens_{role}",
                ",".join(groups),
                company_id=cls.company.id,
                company_ids=companies,
            )
            for role, groups in ROLES.items()
        }

    def queries(self, screen, leave_out=""):
        """Queries of opening once more what the process has shown before."""
        for _time in range(3):  # what is looked up once a process is looked up by then
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            screen.show(leave_out)
            queries = self.cr.sql_log_count - before
        return queries

    def assert_added(self, records, most, kind="form", view=None, own="open_installment_ids"):
        for role, user in self.users.items():
            with self.subTest(role=role):
                screen = Screen(records.with_user(user), kind, view)
                self.assertIn(own, screen.fields_of())
                added = self.queries(screen) - self.queries(screen, ADDON)
                self.assertLessEqual(added, most)

    def test_contact_without_installments(self):
        self.assert_added(self.customer, AT_MOST)

    def test_contact_with_two_hundred_installments(self):
        """Half of them late."""
        self.make_two_hundred()
        self.assert_added(self.customer, AT_MOST_WITH_MANY)

    def make_two_hundred(self):
        """Five contracts; half of their installments are late."""
        dues = [("2026-03-02", "10.00"), ("2027-04-02", "10.00")]
        lines = self.make_installments(*(dues * 20))
        for _contract in range(4):
            lines |= self.make_installments(*(dues * 20))
        self.assertEqual(len(lines), 200)
        return lines

    def test_sale(self):
        self.assert_added(self.make_sale(installments=40), AT_MOST_OF_SALE, own="crediario_plan_id")

    def test_invoice(self):
        move = self.make_invoice(installments=40)
        self.assert_added(move, AT_MOST_OF_INVOICE, own="crediario_plan_id")

    def test_list_of_installments(self):
        lines = self.make_two_hundred()
        view = "optica_cobranca.view_installment_list"
        for page in (lines[:20], lines[:80]):
            self.assert_added(page, AT_MOST_OF_LIST, "list", view, own="amount_today")
