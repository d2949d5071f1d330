"""A new customer at the counter: checked while typed, told what is known already."""

from ast import literal_eval
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from ..common import CollectionCommon

ANA = "529.982.247-25"


@freeze_time("2026-01-02 12:00:00")
class TestNewCustomer(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"country_id": cls.env.ref("base.br").id, "phone": "(11) 3101-0254"})

    def new_customer(self):
        """The form as the menu *Customers* of the app opens it."""
        action = self.env.ref("optica_cobranca.action_optica_customer")
        return Form(self.env["res.partner"].with_context(**literal_eval(action.context)))

    def test_person_of_brazil(self):
        form = self.new_customer()
        self.assertFalse(form.is_company)
        self.assertEqual(form.country_id, self.env.ref("base.br"))
        form.name = "Ana"
        customer = form.save()
        self.assertEqual(customer.customer_rank, 1)

    def test_typed_into_a_sale(self):
        name_id, _name = self.env["res.partner"].name_create("Ana")
        customer = self.env["res.partner"].browse(name_id)
        self.assertEqual(customer.country_id, self.env.ref("base.br"))
        self.assertFalse(customer.is_company)

    def test_elsewhere_core_s_defaults_stay(self):
        """A contact made by other code keeps what it was given, and a foreign shop its own."""
        self.assertFalse(self.env["res.partner"].create({"name": "Import"}).country_id)
        self.company.country_id = self.env.ref("base.ar")
        self.assertFalse(Form(self.env["res.partner"]).country_id)

    def test_cpf_is_checked_and_formatted(self):
        form = self.new_customer()
        form.name = "Ana"
        form.vat = "52998224726"
        self.assertIn("52", form.registration_warning)
        self.assertIn("is no CPF or CNPJ", form.registration_warning)
        form.vat = "52998224725"
        self.assertFalse(form.registration_warning)
        self.assertEqual(form.vat, ANA)
        self.assertEqual(form.save().vat, ANA)

    def test_every_door_keeps_the_format(self):
        brazil = self.env.ref("base.br")
        kinds = ("l10n_latam_base.it_vat", "l10n_br.cpf")
        for typed, kind in ((typed, kind) for typed in ("52998224725", ANA) for kind in kinds):
            customer = self.env["res.partner"].create(
                {
                    "name": "Ana",
                    "country_id": brazil.id,
                    "vat": typed,
                    "l10n_latam_identification_type_id": self.env.ref(kind).id,
                }
            )
            self.assertEqual(customer.vat, ANA, (typed, kind))
            with self.assertRaises(ValidationError):
                customer.vat = "52998224726"
        company = self.make_customer("Lab", is_company=True, vat="11222333000181")
        self.assertEqual(company.vat, "11.222.333/0001-81")

    def test_known_already(self):
        """By CPF in another spelling, by telephone with and without the ninth digit, archived."""
        known = self.make_customer("Ana Conceição", vat=ANA, phone="(11) 96123-9999")
        self.env.cr.execute(
            "UPDATE res_partner SET vat = %s WHERE id = %s", ["52998224725", known.id]
        )
        known.invalidate_recordset()
        form = self.new_customer()
        form.name = "Ana"
        form.vat = ANA
        self.assertIn("Ana Conceição", form.registration_warning)
        form.vat = False
        self.assertFalse(form.registration_warning)
        form.phone = "11 6123-9999"
        self.assertIn("Ana Conceição", form.registration_warning)
        known.active = False
        form.phone = "(11) 96123-9999"
        self.assertIn("Ana Conceição", form.registration_warning)

    def test_an_opened_contact_says_nothing(self):
        """Two of one family with one telephone are no news each time one is opened."""
        self.make_customer("Ana", phone="(11) 96123-9999")
        other = self.make_customer("Bia", phone="(11) 96123-9999")
        self.assertFalse(other.registration_warning)
        with Form(other) as form:
            self.assertFalse(form.registration_warning)
            form.phone = "(11) 96123-4567"
            self.assertIn("Maria da Silva", form.registration_warning)

    def test_telephone_with_area_code(self):
        form = self.new_customer()
        form.name = "Ana"
        form.phone = "96123-9999"
        self.assertEqual(form.phone, "+55 11 96123-9999")
        self.company.phone = False
        form.phone = "96124-0000"
        self.assertIn("needs its area code, such as (11) 96123-4567", form.registration_warning)

    def test_birth_date_in_the_past(self):
        self.assertEqual(self.make_customer(birthdate="2026-01-02").birthdate, date(2026, 1, 2))
        for wrong in ("2026-01-03", "1893-05-01"):
            with self.assertRaisesRegex(ValidationError, "lies in the past"):
                self.make_customer(birthdate=wrong)

    def test_city_of_a_cep(self):
        """01014-000 is São Paulo, 40020-000 Salvador, offline; a CEP nobody knows says nothing."""
        form = self.new_customer()
        form.name = "Ana"
        form.zip = "01014000"
        self.assertEqual((form.zip, form.city), ("01014-000", "São Paulo"))
        self.assertEqual(form.state_id, self.env.ref("base.state_br_sp"))
        self.assertEqual(form.city_id.name, "São Paulo")
        form.zip = "40020-000"
        self.assertEqual((form.zip, form.city, form.state_id.code), ("40020-000", "Salvador", "BA"))
        form.zip = "00000-001"
        self.assertEqual((form.zip, form.city), ("00000-001", "Salvador"))
        customer = form.save()
        self.assertEqual((customer.zip, customer.city_id.name), ("00000-001", "Salvador"))


@freeze_time("2026-01-02 12:00:00")
class TestBuyerOnCredit(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.strict = cls.make_plan(
            requires_tax_number=True,
            requires_address=True,
            requires_phone=True,
            requires_birthdate=True,
        )
        cls.buyer = cls.make_customer("Ana")
        cls.sentence = (
            "Before Ana buys on credit, enter in the contact: "
            "CPF, address, telephone with area code, and date of birth."
        )

    def test_quotation_and_invoice(self):
        order = self.make_sale("600.00", 6, "2026-02-10", plan=self.strict, partner=self.buyer)
        self.assertEqual(order.crediario_problem, self.sentence)
        with self.assertRaisesRegex(ValidationError, self.sentence):
            order.action_confirm()
        move = self.make_invoice(plan=self.strict, partner=self.buyer, post=False)
        self.assertEqual(move.crediario_problem, self.sentence)
        with self.assertRaisesRegex(ValidationError, self.sentence):
            move.action_post()
        with self.assertRaisesRegex(UserError, self.sentence):
            self.env["report.optica_cobranca.report_contract"]._get_report_values(move.ids)

    def test_what_is_missing_is_told_apart(self):
        self.buyer.write({"vat": ANA, "phone": "(11) 96123-9999", "street": "Rua A, 1"})
        order = self.make_sale("600.00", 6, "2026-02-10", plan=self.strict, partner=self.buyer)
        self.assertIn("contact: address and date of birth.", order.crediario_problem)
        self.buyer.write({"city": "São Paulo", "birthdate": "1990-05-01"})
        order.invalidate_recordset()
        self.assertFalse(order.crediario_problem)
        order.action_confirm()
        order._create_invoices().action_post()

    def test_company_has_no_birthday(self):
        self.buyer.write(
            {
                "is_company": True,
                "vat": "11222333000181",
                "phone": "(11) 3101-0254",
                "street": "Rua A, 1",
                "city": "São Paulo",
            }
        )
        self.assertEqual(self.buyer._registration_missing(self.strict), [])

    def test_the_plan_decides(self):
        self.strict.write(
            {"requires_address": False, "requires_phone": False, "requires_birthdate": False}
        )
        self.buyer.vat = ANA
        self.make_invoice(plan=self.strict, partner=self.buyer)

    def test_shipped_and_new_plans_ask_for_all(self):
        names = ("requires_tax_number", "requires_address", "requires_phone", "requires_birthdate")
        for plan in ("plan_interest_free", "plan_linear"):
            shipped = self.env.ref(f"optica_cobranca.{plan}")
            self.assertEqual([shipped[name] for name in names], [True] * 4)
        action = self.env.ref("optica_cobranca.action_crediario_plan")
        form = Form(self.env["crediario.plan"].with_context(**literal_eval(action.context)))
        self.assertEqual([form[name] for name in names], [True] * 4)

    def test_addresses_of_a_buyer(self):
        """An address of the buyer, chosen on the sale, is asked for the buyer's own data."""
        self.buyer.write({"vat": ANA, "phone": "(11) 96123-9999", "street": "Rua A, 1"})
        self.buyer.write({"city": "São Paulo", "birthdate": "1990-05-01"})
        self.buyer.child_ids = [Command.create({"name": "Work", "type": "delivery"})]
        self.assertEqual(self.buyer.child_ids._registration_missing(self.strict), [])
