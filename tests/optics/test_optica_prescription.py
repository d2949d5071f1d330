"""Prescriptions as records: completed and checked values, expiry, replacement, the record book."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from odoo.addons.optica_cobranca.models.messaging.placeholder_values import Subject

from .prescription_common import TODAY, PrescriptionCommon


@freeze_time(TODAY)
class TestPrescription(PrescriptionCommon):
    def test_values_are_completed_as_on_paper(self):
        prescription = self.prescribe(
            od_sphere="-2,00",
            od_cylinder="+1",
            od_axis="90",
            od_addition="2",
            os_sphere="pl",
            od_dnp="31,5",
            os_dnp="32",
        )
        self.assertRecordValues(
            prescription,
            [
                {
                    # -2 + 1, -1, 90 + 90; near: -1 + 2; 31.5 + 32
                    "od_sphere": "-1.00",
                    "od_cylinder": "-1.00",
                    "od_axis": "180",
                    "od_near_sphere": "1.00",
                    "od_near_cylinder": "-1.00",
                    "os_sphere": "0.00",
                    "os_cylinder": False,
                    "pd": "63.5",
                }
            ],
        )

    def test_near_follows_what_is_changed(self):
        prescription = self.prescribe(od_sphere="-1", od_addition="2")
        prescription.od_sphere = "-2"
        self.assertEqual(prescription.od_near_sphere, "0.00")
        prescription.od_near_sphere = "0.50"
        self.assertEqual(prescription.od_addition, "2.50")
        prescription.od_addition = False
        self.assertFalse(prescription.od_near_sphere)

    def test_a_near_cylinder_of_its_own_is_kept_at_every_door(self):
        """Doors: create, write, the form. Far −0.50 × 90, near −0.75 × 85."""
        far = {"od_sphere": "-1", "od_cylinder": "-0.5", "od_axis": "90", "od_addition": "2"}
        near = {"od_near_cylinder": "-0.75", "od_near_axis": "85"}

        def shown(prescription):
            return (
                prescription.od_near_sphere,
                prescription.od_near_cylinder,
                prescription.od_near_axis,
                [problem["field"] for problem in prescription.problems or []],
            )

        kept = ("1.00", "-0.75", "85", ["od_near_cylinder", "od_near_axis"])
        self.assertEqual(shown(self.prescribe(**far, **near)), kept)
        written = self.prescribe(**far)
        written.write(near)
        self.assertEqual(shown(written), kept)
        written.od_sphere = "-1.50"
        self.assertEqual(shown(written), ("0.50", *kept[1:]), "a change of far leaves it")
        written.write({"od_near_cylinder": False, "od_near_axis": False})
        self.assertEqual(shown(written), ("0.50", "-0.50", "90", []), "emptied, it follows far")
        form = Form(self.env["optica.prescription"])
        form.patient_id = self.patient
        form.od_near_cylinder, form.od_near_axis = "-0,75", "85"
        form.od_sphere, form.od_cylinder, form.od_axis = "-1", "-0,5", "90"
        form.od_addition = "2"
        self.assertEqual(shown(form.save()), kept)

    def test_the_second_eye_takes_the_addition_whichever_is_typed_first(self):
        form = Form(self.env["optica.prescription"])
        form.patient_id = self.patient
        form.od_sphere = "-1"
        form.od_addition = "2"
        form.os_sphere = "-2"
        self.assertEqual((form.os_addition, form.os_near_sphere), ("2.00", "0.00"))
        form.os_addition = ""
        self.assertFalse(form.os_addition, "what is emptied stays empty")

    def test_values_outside_the_wide_range_are_refused(self):
        for values in (
            {"od_sphere": "31"},
            {"od_sphere": "-1.10"},
            {"od_sphere": "abc"},
            {"od_cylinder": "-1"},
            {"od_axis": "90"},
            {"od_prism": "2"},
            {"od_sphere": False},
            {"od_base_curve": "8.6"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.prescribe(**values)

    def test_unusual_values_only_warn(self):
        prescription = self.prescribe(od_sphere="-13", od_addition="2", os_addition="2.25")
        self.assertEqual(
            [(problem["field"], problem["blocks"]) for problem in prescription.problems],
            [("od_sphere", False), ("addition", False)],
        )

    def test_form_completes_while_typing(self):
        with Form(self.env["optica.prescription"]) as form:
            form.patient_id = self.patient
            form.od_sphere = "-1,25"
            form.od_cylinder = "0,5"
            self.assertEqual(form.od_cylinder, "0.50")
            form.od_axis = "100"
            self.assertEqual(
                (form.od_sphere, form.od_cylinder, form.od_axis), ("-0.75", "-0.50", "10")
            )
            form.os_sphere = "pl"
            form.od_addition = "2"
            self.assertEqual((form.os_addition, form.os_near_sphere), ("2.00", "2.00"))
            self.assertEqual(form.od_near_sphere, "1.25")
        self.assertEqual(form.record.os_near_sphere, "2.00")

    def test_expiry_by_setting_age_and_hand(self):
        self.assertEqual(str(self.prescribe().expiry_date), "2027-03-10")
        child = self.make_customer("Bia", birthdate="2016-05-01")
        prescription = self.prescribe(child)
        self.assertEqual(str(prescription.expiry_date), "2026-09-10")
        prescription.expiry_date = "2026-12-31"
        self.assertEqual(str(prescription.reminder_date), "2026-12-01")
        self.company.prescription_lead_days = 10
        self.assertEqual(str(prescription.reminder_date), "2026-12-21")
        with self.assertRaises(ValidationError):
            self.prescribe(exam="2026-03-13")

    def test_newer_one_replaces_the_older_of_the_same_kind(self):
        old = self.prescribe(exam="2025-01-10")
        contact = self.prescribe(
            exam="2025-01-10", kind="contact", od_sphere="-1", od_base_curve="8.6"
        )
        self.assertEqual(old.state, "expired")
        new = self.prescribe()
        self.assertEqual((old + contact + new).mapped("state"), ["replaced", "expired", "current"])
        search = self.env["optica.prescription"].search
        mine = [("patient_id", "=", self.patient.id)]
        self.assertEqual(search([*mine, ("state", "=", "replaced")]), old)
        self.assertEqual(search([*mine, ("state", "=", "expired")]), contact)
        self.assertEqual(search([*mine, ("state", "not in", ["replaced", "expired"])]), new)
        new.active = False
        self.assertEqual(old.state, "expired")
        new.active = True
        new.exam_date = "2024-12-01"
        self.assertEqual((old + new).mapped("state"), ["expired", "replaced"])

    def test_newer_one_of_another_shop_of_the_house(self):
        old = self.prescribe(exam="2025-01-10")
        other = self.env["res.company"].create({"name": "Other"})
        self.env["optica.prescription"].with_company(other).create(
            {"patient_id": self.patient.id, "company_id": other.id, "od_sphere": "-2"}
        )
        self.assertEqual(old.state, "replaced")

    def test_change_between_two(self):
        self.prescribe(exam="2025-01-10", od_sphere="-1.25", os_sphere="-1.00")
        new = self.prescribe(od_sphere="-1.75", os_sphere="-1.00")
        self.assertIn("−1.75", new.change_html)
        self.assertIn("−0.50", new.change_html)
        self.assertNotIn("OE Sphere", new.change_html)

    def test_copy_from_the_one_at_hand(self):
        old = self.prescribe(exam="2025-01-10", od_sphere="-1.25", od_addition="2")
        context = old.action_new_from_this()["context"]
        with Form(self.env["optica.prescription"].with_context(**context)) as form:
            self.assertEqual(form.patient_id, self.patient)
            self.assertEqual((form.od_sphere, form.od_near_sphere), ("-1.25", "0.75"))

    def test_check_is_undone_by_a_change(self):
        prescription = self.prescribe()
        prescription.action_check()
        self.assertEqual(prescription.checked_by_id, self.env.user)
        prescription.od_sphere = "-1.50"
        self.assertFalse(prescription.checked_by_id)

    def test_numbers_of_the_book_and_never_deleted(self):
        first, second = self.prescribe(), self.prescribe()
        self.assertEqual(int(second.name), int(first.name) + 1)
        with self.assertRaises(UserError):
            first.unlink()

    def test_book_of_a_period(self):
        with freeze_time("2026-02-27 15:00:00"):
            self.prescribe(exam="2026-02-27")
        archived = self.prescribe()
        archived.active = False
        kept = self.prescribe(od_sphere="pl", od_addition="2")
        book = self.env["optica.prescription.book"].create(
            {"date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        self.assertEqual(book._prescriptions(), archived + kept)
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("optica_cobranca.report_prescription_book", book.ids)[0]
            .decode()
        )
        self.assertIn("CRM-SP 123456", html)
        self.assertLess(html.index(archived.name), html.index(kept.name))
        self.assertIn("printed", kept.access_ids.mapped("kind"))

    def test_calendar_of_expiring_ones(self):
        def shown(prescription):
            rows = self.env["optica.occurrence"].search(
                [("res_model", "=", "optica.prescription"), ("res_id", "=", prescription.id)]
            )
            return [(row.kind, str(row.date), row.partner_id) for row in rows]

        old = self.prescribe(exam="2025-01-10")
        self.assertEqual(shown(old), [("prescription_expired", "2026-01-10", self.patient)])
        new = self.prescribe()
        self.assertEqual(shown(old), [])
        self.assertEqual(shown(new), [("prescription_expiring", "2027-02-08", self.patient)])
        new.active = False
        self.assertEqual(shown(new), [])


@freeze_time(TODAY)
class TestPatients(PrescriptionCommon):
    def test_messages_go_to_the_payer_but_collection_to_the_debtor(self):
        child = self.make_customer("Bia", payer_id=self.patient.id, kinship="child")
        self.assertEqual(child._contact_recipient(), self.patient)
        self.assertEqual(self.patient._contact_recipient(), self.patient)
        template = self.make_birthday_template()
        messages = self.env["contact.message"]
        message = messages._enqueue(child, template)
        self.assertEqual((message.partner_id, message.res_id), (self.patient, child.id))
        self.assertEqual(self.names(message), ("Ana", "Bia"))
        message = messages._enqueue(self.patient, template)
        self.assertEqual(self.names(message), ("Ana", "Ana"))
        prescription = self.prescribe(child)
        message = messages._enqueue(prescription, template)
        self.assertEqual((message.partner_id, self.names(message)), (self.patient, ("Ana", "Bia")))
        template = template.copy({"purpose": "collection", "code": False})
        self.assertEqual(messages._draft(child, template).partner_id, child)

    def make_birthday_template(self):
        return self.env["contact.template"].create(
            {
                "name": "Birthday",
                "purpose": "relationship",
                "channel_order": "sms",
                "sms_body": "{{patient_first_name}}! {{shop_identity}}",
            }
        )

    def names(self, message):
        subject = Subject(
            "one",
            message.company_id.id,
            message.partner_id.id,
            res_model=message.res_model,
            res_id=message.res_id,
        )
        values = self.env["contact.placeholder.values"]._for_subjects(
            [subject], ["customer_first_name", "patient_first_name"], date(2026, 3, 10)
        )["one"]
        return values["customer_first_name"], values["patient_first_name"]

    def test_nobody_pays_in_a_circle(self):
        child = self.make_customer("Bia", payer_id=self.patient.id, kinship="child")
        with self.assertRaises(ValidationError):
            self.patient.payer_id = child

    def test_count_and_latest_expiry(self):
        self.prescribe(exam="2025-01-10")
        self.prescribe()
        self.assertEqual(self.patient.prescription_count, 2)
        self.assertEqual(str(self.patient.prescription_expiry), "2027-03-10")
