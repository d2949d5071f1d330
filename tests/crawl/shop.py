"""The demo shop for crawlers: staff of every role, and something in every list."""

from odoo import Command
from odoo.tests import HttpCase, new_test_user

# Apps that the roles have besides the addon's own.
APPS = ("sale.sale_menu_root", "account.menu_finance", "contacts.menu_contacts")


class ShopCase(HttpCase):
    """One shop for the whole class.

    ``logins`` has one person for each role that there is, with its group, least rights first.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].search([("chart_template", "=", "br")], limit=1)
        if not cls.env["res.users"].search([("login", "=", "vendedora")]):
            cls.company.partner_id.vat = False  # so that the demo shop moves in
            cls.env["optica.demo.shop"]._open()
        roles = cls.roles().sorted(lambda group: len(group.all_implied_ids))
        cls.logins = {cls.hire(group): group for group in roles}

    @classmethod
    def roles(cls):
        """Every group that an administrator may give for this app."""
        category = cls.env.ref("optica_cobranca.module_category_collection")
        return cls.env["res.groups"].search([("privilege_id.category_id", "=", category.id)])

    @staticmethod
    def apps():
        """The XML ids of the menus that are walked."""
        return ("optica_cobranca.menu_root", *APPS)

    @classmethod
    def hire(cls, group):
        """A person with this role alone; the login."""
        [name] = group.get_external_id().values()
        return new_test_user(
            cls.env,
            f"walks_as_{name.rpartition('.')[2]}",
            name,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        ).login

    def give_shop_to(self, login):
        """Make this person the one who sold everything, a sale not invoiced yet among it."""
        user = self.env["res.users"].search([("login", "=", login)])
        orders = self.env["sale.order"].search([("company_id", "=", self.company.id)])
        sold = orders.filtered("invoice_ids")[:1].copy()
        sold.action_confirm()
        orders |= sold
        orders.user_id = user
        orders.invoice_ids.invoice_user_id = user
        orders.partner_id.user_id = user
