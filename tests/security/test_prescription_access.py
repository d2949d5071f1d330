"""Who sees dioptres, what is written down about it, and which ways around are closed."""

from odoo.exceptions import AccessError, UserError

from tests.models.prescription_common import PrescriptionCommon

HEALTH = ("od_sphere", "os_axis", "pd", "note", "scan", "change_html", "problems")


class TestPrescriptionAccess(PrescriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.optician = cls.make_user("optica_otica", "prescription")
        cls.seller = cls.make_user("optica_vendas", "seller")
        cls.manager = cls.make_user("optica_chefe", "manager")
        cls.prescription = cls.prescribe()

    def kinds(self):
        log = self.env["optica.prescription.access"]
        return log.search([("prescription_id", "=", self.prescription.id)], order="id").mapped(
            lambda entry: (entry.user_id.login, entry.kind)
        )

    def test_sellers_and_managers_see_expiry_not_dioptres(self):
        for user in (self.seller, self.manager):
            prescription = self.prescription.with_user(user)
            self.assertTrue(prescription.read(["patient_id", "expiry_date", "state"]))
            for name in HEALTH:
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    prescription.read([name])
            with self.assertRaises(AccessError):
                prescription.search([("od_sphere", "=", "-1.25")])
            with self.assertRaises(AccessError):
                prescription.write({"expiry_date": "2027-01-01"})
            self.assertNotIn("od_sphere", prescription.fields_get())
        self.assertEqual(self.kinds(), [(self.env.user.login, "created")])

    def test_each_reading_is_written_down(self):
        prescription = self.prescription.with_user(self.optician)
        before = len(self.kinds())
        prescription.web_read({"patient_id": {}, "expiry_date": {}})
        self.assertEqual(len(self.kinds()), before)
        prescription.web_read({"patient_id": {}, "od_sphere": {}})
        prescription.search_read([("id", "=", prescription.id)], ["od_axis"])
        prescription.note = "Photophobia"
        self.assertEqual(
            self.kinds()[before:],
            [(self.optician.login, kind) for kind in ("read", "read", "changed")],
        )

    def test_log_is_for_managers_and_for_nobody_to_change(self):
        log = self.prescription.access_ids
        self.assertTrue(log.with_user(self.manager).read(["user_id", "kind"]))
        for user in (self.seller, self.optician):
            with self.assertRaises(AccessError):
                log.with_user(user).read(["kind"])
        for attempt in (lambda entry: entry.write({"kind": "read"}), lambda entry: entry.unlink()):
            with self.assertRaises(AccessError):
                attempt(log.with_user(self.manager))

    def test_ways_around_the_log_are_closed(self):
        prescription = self.prescription.with_user(self.optician)
        self.optician.group_ids += self.env.ref("base.group_allow_export")
        with self.assertRaises(UserError):
            prescription.export_data(["name", "od_sphere"])
        partner = self.patient.with_user(self.optician)
        with self.assertRaises(UserError):
            partner.export_data(["name", "prescription_ids/od_sphere"])
        self.assertTrue(prescription.export_data(["name", "expiry_date"])["datas"])
        with self.assertRaises(UserError):
            prescription._read_group([], ["od_sphere"], ["__count"])
        with self.assertRaises(AccessError):
            prescription.unlink()

    def test_scan_by_its_address(self):
        png = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
            b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        self.prescription.scan = png
        self.assertEqual(self.prescription.scan_kind, "image")
        binary = self.env["ir.binary"]
        binary.with_user(self.optician)._get_stream_from(
            self.prescription.with_user(self.optician), "scan"
        )
        self.assertIn((self.optician.login, "scan"), self.kinds())
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "optica.prescription"), ("res_field", "=", "scan")]
        )
        with self.assertRaises(AccessError):
            attachment.with_user(self.seller).read(["datas"])
        with self.assertRaises(AccessError):
            binary.with_user(self.seller)._get_stream_from(
                self.prescription.with_user(self.seller), "scan"
            )

    def test_other_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.make_user("optica_outra", "prescription", "manager")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["optica.prescription"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.prescription.with_user(stranger).read(["expiry_date"])
        self.assertFalse(self.env["optica.prescription.access"].with_user(stranger).search([]))
