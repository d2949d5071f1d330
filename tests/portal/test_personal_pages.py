"""Prescriptions and all data of one's own: the person's, never another's of the same house."""

import json

from freezegun import freeze_time

from odoo import Command

from odoo.addons.optica_cobranca.models.desk.res_partner import SECTIONS

from tests.optics.prescription_common import PrescriptionCommon

from .customer_common import NOON, CustomerPagesCommon


@freeze_time(NOON)
class TestPersonalPages(PrescriptionCommon, CustomerPagesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maria = cls.make_portal_user(cls.customer, "maria_portal")
        cls.mine = cls.prescribe(cls.customer, od_sphere="-7.75", os_sphere="-7.50")

    def setUp(self):
        super().setUp()
        self.authenticate(self.maria.login, self.maria.login)

    def make_dependant(self, name, kinship, birthdate=False):
        return self.make_customer(
            name, payer_id=self.customer.id, kinship=kinship, birthdate=birthdate
        )

    def seen(self):
        page = self.get("/my/optica/prescriptions")
        return {int(value) for value in page.xpath("//@data-prescription")}

    # -------------------------------------------------------- prescriptions

    def test_own_and_those_of_children_and_wards(self):
        child = self.prescribe(self.make_dependant("Bia", "child", "2015-05-01"))
        ward = self.prescribe(self.make_dependant("Tio Zé", "ward", "1950-05-01"))
        grown = self.prescribe(self.make_dependant("Caio", "child", "2000-05-01"))
        spouse = self.prescribe(self.make_dependant("Otávio", "spouse", "1980-05-01"))
        stranger = self.prescribe(self.other_customer)
        self.assertEqual(self.seen(), {self.mine.id, child.id, ward.id})
        for hidden in (grown, spouse, stranger):
            response = self.url_open(f"/my/optica/prescriptions/{hidden.id}.pdf")
            self.assertEqual(response.status_code, 404)

    def test_list_tells_expiry_but_no_dioptres(self):
        page = self.get("/my/optica/prescriptions")
        text = self.text(page)
        self.assertIn("Good until 03/10/2027", text)
        self.assertIn("Dra. Lia Costa", text)
        self.assertNotIn("7.75", text)

    def test_copy_is_a_pdf_and_is_logged(self):
        response = self.url_open(f"/my/optica/prescriptions/{self.mine.id}.pdf")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        # Tests get the page that becomes the PDF.
        self.assertIn("7.75", response.text)
        log = self.mine.access_ids.filtered(lambda row: row.user_id == self.maria)
        self.assertEqual(log.mapped("kind"), ["printed"])

    def test_contacts_of_one_house_do_not_see_each_other(self):
        """Of a company each contact sees what is of the contact, not of the colleague."""
        company = self.make_customer("Lentes Ltda", is_company=True)
        ana = self.make_customer("Ana", parent_id=company.id)
        rui = self.make_customer("Rui", parent_id=company.id)
        anas, ruis = self.prescribe(ana), self.prescribe(rui)
        user = self.make_portal_user(ana, "ana_portal")
        self.authenticate(user.login, user.login)
        self.assertEqual(self.seen(), {anas.id})
        self.assertEqual(self.url_open(f"/my/optica/prescriptions/{ruis.id}.pdf").status_code, 404)
        data = self.url_open("/my/optica/data.json").json()
        sections = {section["name"]: section["rows"] for section in data["sections"]}
        self.assertEqual([row["name"] for row in sections["prescriptions"]], [anas.name])

    def test_no_prescriptions_is_explained(self):
        user = self.make_portal_user(self.other_customer, "joao_portal")
        self.authenticate(user.login, user.login)
        self.assertIn("No prescription of yours", self.text(self.get("/my/optica/prescriptions")))

    # ------------------------------------------------------------- own data

    def test_export_holds_everything_of_the_person_and_nothing_else(self):
        (mine,) = self.make_installments(("2026-03-02", "105.58"))
        self.make_installments(("2026-03-02", "77.77"), partner=self.other_customer)
        self.env["contact.consent"]._record_wishes(
            self.customer, {("offers", "whatsapp"): True}, "portal", proof="test"
        )
        response = self.url_open("/my/optica/data.json")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        data = response.json()
        sections = {section["name"]: section["rows"] for section in data["sections"]}
        (person,) = sections["person"]
        self.assertEqual(person["vat"], self.customer.vat)
        self.assertEqual(person["street"], "Rua Secreta, 9")
        (row,) = sections["installments"]
        self.assertEqual(row["date_maturity"], "2026-03-02")
        self.assertEqual(
            (row["balance"], row["late_fine"], row["late_interest"]), (105.58, 2.11, 0.53)
        )
        self.assertEqual(row["contract_reference"] or None, mine.contract_reference or None)
        self.assertEqual({row["channel"] for row in sections["consents"]}, {"WhatsApp"})
        (prescription,) = sections["prescriptions"]
        self.assertEqual(prescription["od_sphere"], "-7.75")
        self.assertNotIn("77.77", response.text)
        self.assertNotIn("João", response.text)
        log = self.mine.access_ids.filtered(lambda row: row.user_id == self.maria)
        self.assertEqual(log.mapped("kind"), ["read"])

    def test_readable_page_says_the_same(self):
        self.make_installments(("2026-03-02", "105.58"))
        page = self.get("/my/optica/data")
        data = self.url_open("/my/optica/data.json").json()
        titles = [" ".join(node.text_content().split()) for node in page.xpath("//section/h2")]
        self.assertEqual(titles, [f"{s['title']} {len(s['rows'])}" for s in data["sections"]])
        self.assertTrue(page.xpath("//a[@href='/my/optica/contact']"))
        told = self.text(page, "//section[@id='data_installments']")
        for expected in ("Due Date 03/02/2026", "105.58", "2.11"):
            self.assertIn(expected, told)

    def test_many_columns_and_long_texts_are_lists(self):
        """A table as wide as a prescription is cut on a telephone and on paper."""
        self.make_installments(("2026-03-02", "10.00"), ("2026-04-02", "10.00"))
        page = self.get("/my/optica/data")
        self.assertTrue(page.xpath("//section[@id='data_installments']//thead"))
        self.assertFalse(page.xpath("//section[@id='data_prescriptions']//thead"))
        for blank in page.xpath("//section//td[not(normalize-space())]"):
            self.assertTrue(blank.xpath("ancestor::table//thead"), "no empty lines in a list")

    def test_html_in_answers_is_text(self):
        self.customer.street = "<script>alert(1)</script>"
        self.assertNotIn("<script>alert(1)", self.url_open("/my/optica/data").text)

    def test_every_section_can_be_read(self):
        """A renamed field of any of the models would break the export only for who has rows."""
        data = self.customer._personal_data(self.company, self.mine.exam_date)
        json.dumps(data)
        for name, model, link, fnames in SECTIONS:
            self.assertIn(link, self.env[model]._fields, name)
            self.assertLessEqual(set(fnames), set(self.env[model]._fields), name)

    def test_strangers_log_in(self):
        self.logout()
        for path in ("/my/optica/prescriptions", "/my/optica/data", "/my/optica/data.json"):
            response = self.url_open(path, allow_redirects=False)
            self.assertIn("/web/login", response.headers["Location"], path)

    def test_other_companies_keep_their_own(self):
        other = self.env["res.company"].create({"name": "Second shop"})
        self.env.user.company_ids = [Command.link(other.id)]
        data = self.customer._personal_data(other, self.mine.exam_date)
        self.assertEqual([section["name"] for section in data["sections"]], ["person"])
