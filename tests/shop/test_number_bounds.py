"""Every number that a person enters has bounds, and a sentence beyond them.

Doors: forms as they are typed (onchange), saved records, wizards, calls. Rules of the domain
refuse what no calendar or contract has; the ORM refuses what no screen can mean.
"""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form

from odoo.addons.optica_cobranca.tools.receiving.receiving_order import Method, ReceivingOrder

from ..agreement.agreement_common import TODAY, AgreementCommon

MODULE = "optica_cobranca"
NOON = f"{TODAY} 15:00:00"


class TestNumberBounds(AgreementCommon):
    @freeze_time(NOON)
    def test_less_than_nothing_at_the_cashier(self):
        line = self.debt()[0]
        order = ReceivingOrder(
            on=date.fromisoformat(TODAY), methods=(Method(self.cash, Decimal("-10.00")),)
        )
        with self.assertRaisesRegex(UserError, "never negative"):
            self.env["crediario.receipt"]._receive(line, order)
        with Form(self.env["crediario.cashier"]) as form:
            form.partner_id = self.customer
            with form.method_ids.edit(0) as method:
                method.amount = -10.0
        with self.assertRaisesRegex(UserError, "never negative"):
            form.record.action_receive()
        form.record.write({"waived": -10.0})
        with self.assertRaisesRegex(UserError, "at most the late charges"):
            form.record.action_receive()

    @freeze_time(NOON)
    def test_months_of_an_extension(self):
        wizard = self.env["crediario.extend"].browse(self.debt().action_extend()["res_id"])
        dues = wizard.line_ids.mapped("new_due")
        for shift in (99_999, -99_999, 2**40):
            with self.assertRaisesRegex(UserError, "from -9999 to 9999"):
                wizard.shift = shift
                wizard._extend()
        self.assertEqual(wizard.line_ids.mapped("new_due"), dues)

    @freeze_time(NOON)
    def test_parts_of_an_agreement(self):
        agreement = self.propose(self.debt())
        with Form(agreement) as form:
            form.installment_count = 361
            self.assertIn("360", form.problem)
            form.installment_count = 999_999
            self.assertIn("360", form.problem)
            form.installment_count = 4
            form.first_due_date = date(9999, 12, 31)
            self.assertIn("2199", form.problem)
            form.first_due_date = date(2026, 4, 27)
            self.assertFalse(form.problem)
        for values in (
            {"installment_count": 999_999},
            {"down_payment": 1e15},
            {"discount_charges": float("nan")},
            {"discount_principal": float("inf")},
        ):
            with self.assertRaisesRegex(UserError, "takes numbers"):
                agreement.write(values)

    @freeze_time(NOON)
    def test_parts_of_a_sale_and_an_invoice(self):
        order = self.make_sale("600.00", 6)
        invoice = self.make_invoice("600.00", 6, sold=TODAY, first_due=TODAY, post=False)
        for document in (order, invoice):
            for values in (
                {"installment_count": 361},
                {"installment_count": 9_999},
                {"installment_count": 999_999},
                {"installment_count": -1},
                {"first_due_date": "9999-12-31"},
                {"down_payment": 1e15},
            ):
                with self.assertRaises(UserError, msg=f"{document} {values}"):
                    document.write(values)
        with self.assertRaises(UserError), Form(order) as form:
            form.installment_count = 999_999
            form.first_due_date = date(9999, 12, 31)

    def test_every_number_of_the_product_has_bounds(self):
        checked = 0
        for model in self.env.registry.values():
            for field in model._fields.values():
                if field._module != MODULE or field.type not in ("integer", "float", "monetary"):
                    continue
                for value in (2**40, -(2**40), 10**400, float("nan"), float("inf"), "a"):
                    with self.assertRaisesRegex(UserError, "takes numbers", msg=str(field)):
                        self.env[model._name]._check_numbers([{field.name: value}])
                checked += 1
        self.assertGreater(checked, 200)
