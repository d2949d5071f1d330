"""Base of the tests that need Odoo: a Brazilian company and builders that take intent."""

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.product.tests.common import ProductCommon

FAR_MONTHS = 3650


@contextmanager
def clock_on(day):
    """The clock on ``day`` at noon in Brazil; as it is where that is today."""
    if date.today() == day:
        yield
    else:
        with freeze_time(f"{day} 15:00:00"):
            yield


@tagged("standard", "post_install", "-at_install")
class CollectionCommon(AccountTestInvoicingCommon):
    """A company in São Paulo (UF SP), chart of Brazil, BRL; plans without charge for the credit.

    ``standard`` keeps the guard on that lets no request leave for the network.
    """

    @classmethod
    @AccountTestInvoicingCommon.setup_country("br")
    def setUpClass(cls):
        # Past the bases of products and of accounting: they make a second user, taxes, products,
        # partners and accounts for each class that nobody here looks at, and take longer for it
        # than all that is looked at.
        super(ProductCommon, cls).setUpClass()
        cls.company_data = cls.collect_company_accounting_data(cls.company)
        cls._receive_through_outstanding_accounts()
        cls.company.state_id = cls.env.ref("base.state_br_sp")
        cls.company._create_crediario_accounts()
        cls.plan = cls.make_plan()
        cls.customer = cls.make_customer("Maria da Silva", phone="+55 11 96123-4567")

    @classmethod
    def setup_independent_company(cls, **kwargs):
        """The template's own company, which has Brazil's chart already.

        Loading the chart for a company of our own, as the base of account does, takes ten times
        as long as a test.
        """
        return cls.env.ref("base.main_company")

    @classmethod
    def setup_other_company(cls, **kwargs):
        """A company beside ours, with Odoo's plainest books, sooner there than Brazil's."""
        cls.product_category = cls.env["product.category"].create({"name": "Test Category"})
        with patch.object(cls, "chart_template", "generic_coa"):
            return super().setup_other_company(**kwargs)

    @classmethod
    def collect_company_accounting_data(cls, company):
        """What these tests name of a company's books, and a cash journal of theirs."""
        accounts = cls.env["account.account"].with_company(company)
        journals = cls.env["account.journal"]
        receivable = cls.env["res.partner"]._fields["property_account_receivable_id"]
        of_company = ("company_id", "=", company.id)

        def account(kind, *others):
            domain = [*accounts._check_company_domain(company), ("account_type", "=", kind)]
            return accounts.search([*domain, ("id", "not in", others)], limit=1)

        def journal(kind):
            return journals.search([of_company, ("type", "=", kind)], limit=1)

        return {
            "company": company,
            "currency": company.currency_id,
            "default_account_revenue": account(
                "income", company.account_journal_early_pay_discount_gain_account_id.id
            ),
            "default_account_expense": account(
                "expense", company.account_journal_early_pay_discount_loss_account_id.id
            ),
            "default_account_receivable": receivable.get_company_dependent_fallback(
                cls.env["res.partner"].with_company(company)
            ),
            "default_journal_misc": journal("general"),
            "default_journal_bank": journal("bank"),
            "default_journal_cash": journals.create(
                {"type": "cash", "name": "Cash", "company_id": company.id}
            ),
        }

    @classmethod
    def _receive_through_outstanding_accounts(cls):
        """As the base of accounting has it: money is in process until the bank's statement."""
        bank, chart = cls.company_data["default_journal_bank"], cls.env["account.chart.template"]
        for way, kind in (("inbound", "debit"), ("outbound", "credit")):
            account = chart.ref(
                f"account_journal_payment_{kind}_account_id", raise_if_not_found=False
            )
            bank[f"{way}_payment_method_line_ids"][0].payment_account_id = account

    @classmethod
    def get_default_groups(cls):
        """The tests' user keeps the books and manages the collection."""
        return (
            super().get_default_groups()
            | cls.env.ref("optica_cobranca.group_manager")
            | cls.env.ref("sales_team.group_sale_manager")
            | cls.env.ref("base.group_system")
        )

    # ------------------------------------------------------------ builders

    @classmethod
    def make_plan(cls, name="Test plan", **values):
        """A plan that allows any first due date in the next ten years and up to 48 installments."""
        defaults = {
            "name": name,
            "company_id": cls.company.id,
            "max_installments": 48,
            "min_installment_value": 0.01,
            "first_due_min_days": 0,
            "first_due_max_days": FAR_MONTHS,
            "method": "none",
            "fine_percent": 2.0,
            "late_interest_percent": 1.0,
            "grace_days": 0,
        }
        return cls.env["crediario.plan"].create({**defaults, **values})

    @classmethod
    def make_customer(cls, name="Customer", **values):
        defaults = {
            "name": name,
            "country_id": cls.env.ref("base.br").id,
            "state_id": cls.env.ref("base.state_br_sp").id,
            "company_id": False,
        }
        return cls.env["res.partner"].create({**defaults, **values})

    @classmethod
    def make_product(cls, price="100.00", taxes=()):
        return cls.env["product.product"].create(
            {
                "name": "Glasses",
                "type": "consu",
                "invoice_policy": "order",
                "list_price": float(price),
                "taxes_id": [Command.set([tax.id for tax in taxes])],
            }
        )

    @classmethod
    def make_sale(
        cls,
        total="600.00",
        installments=6,
        first_due=None,
        down="0",
        plan=None,
        partner=None,
    ):
        """A draft quotation over one line of ``total``, to be paid in installments."""
        plan = plan or cls.plan
        return cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "crediario_plan_id": plan.id,
                "installment_count": installments,
                **({"first_due_date": first_due} if first_due else {}),
                "down_payment": float(down),
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.make_product(total).id,
                            "product_uom_qty": 1,
                            "price_unit": float(total),
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )

    @classmethod
    def make_invoice(
        cls,
        total="600.00",
        installments=6,
        first_due="2026-01-31",
        sold="2026-01-02",
        down="0",
        plan=None,
        partner=None,
        post=True,
    ):
        """A customer invoice over one line of ``total`` without taxes, paid in installments."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "invoice_date": sold,
                "crediario_plan_id": (plan or cls.plan).id,
                "installment_count": installments,
                "first_due_date": first_due,
                "down_payment": float(down),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Glasses",
                            "quantity": 1,
                            "price_unit": float(total),
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def make_installments(cls, *dues, partner=None, plan=None, company=None):
        """Posted installments, one for each ``("2026-01-31", "105.58")``, all of one contract.

        :return: the receivable lines in the order given.
        """
        company = company or cls.company
        partner = partner or cls.customer
        receivable = partner.with_company(company).property_account_receivable_id
        income = cls.env["account.account"].search(
            [("company_ids", "in", company.ids), ("account_type", "=", "income")],
            order="id",
            limit=1,
        )
        journal = cls.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "general")], limit=1
        )
        total = sum(Decimal(value) for _due, value in dues)
        sold = min(fields.Date.to_date(due) for due, _value in dues) - timedelta(days=30)
        move = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "company_id": company.id,
                "journal_id": journal.id,
                "date": sold,
                "partner_id": partner.id,
                "crediario_plan_id": (plan or cls.plan).id,
                "installment_count": len(dues),
                "line_ids": [
                    *cls._installment_commands(partner, receivable, dues),
                    Command.create(
                        {
                            "account_id": income.id,
                            "credit": float(total),
                            "name": "Opening",
                        }
                    ),
                ],
            }
        )
        move.action_post()
        return move.line_ids.filtered("crediario_plan_id").sorted("installment_number")

    @staticmethod
    def _installment_commands(partner, receivable, dues):
        return [
            Command.create(
                {
                    "partner_id": partner.id,
                    "account_id": receivable.id,
                    "date_maturity": due,
                    "debit": float(value),
                    "installment_number": number,
                    "name": f"{number}/{len(dues)}",
                }
            )
            for number, (due, value) in enumerate(dues, start=1)
        ]

    @classmethod
    def pay(cls, line, amount=None, on=None):
        """Pay one installment by Odoo's own wizard, charges included unless ``amount`` is less.

        Entered on the day of the payment.
        """
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move.line", active_ids=line.ids)
            .create({"payment_date": on or date.today()})
        )
        if amount is not None:
            wizard.amount = float(amount)
        with clock_on(wizard.payment_date):
            return wizard._create_payments()

    @staticmethod
    def schedule(move):
        """``[(number, due date as text, value as text)]`` of a contract's receivable lines."""
        lines = move.line_ids.filtered("crediario_plan_id").sorted("installment_number")
        return [
            (line.installment_number, str(line.date_maturity), f"{line.balance:.2f}")
            for line in lines
        ]
