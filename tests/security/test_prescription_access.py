"""Who sees dioptres, what is written down about it, and which ways around are closed.

Doors by which health data leaves: reading (``read``, ``web_read``, ``search_read``, as a field of
another model), a copy (``copy_data``, ``copy``), the answer to a form (``onchange``), a new
prescription from this one, print (copy, record book, service order), the scan by its address, the
scan's attachment (read, copied, by its own address).
Doors by which it would be found out without being read, all closed: conditions, orders, groupings
and aggregates, on the prescription and through other models, whether there is a scan at all, what a
scan says; exports, also of the attachment; moving the scan's attachment to another record, handing
it on with a message or an e-mail; templates of messages that name a value, of whatever record.
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError

from odoo.addons.optica_cobranca.models.optics.optica_prescription import GROUP
from odoo.addons.optica_cobranca.models.optics.optica_prescription_access import HEALTH_FIELDS

from tests.optics.prescription_common import PrescriptionCommon

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
        with self.assertRaises(AccessError):
            prescription._read_group([], ["od_sphere"], ["__count"])
        with self.assertRaises(AccessError):
            prescription.unlink()

    def test_one_list_of_what_is_about_health(self):
        """Whatever only the prescriptions' group reads is in it; which one came before is not."""
        prescription = self.env["optica.prescription"]
        of_group = {name for name, field in prescription._fields.items() if field.groups == GROUP}
        self.assertEqual(of_group - {"previous_id"}, HEALTH_FIELDS)
        for name in HEALTH_FIELDS:
            self.assertFalse(prescription._fields[name].exportable, name)
        # No other model repeats one of them.
        repeated = {
            f"{model._name}.{field.name}"
            for model in self.env.registry.values()
            for field in model._fields.values()
            if field.related
            and field.related.split(".")[-1] in HEALTH_FIELDS
            and field.related_field.model_name == "optica.prescription"
        }
        self.assertEqual(repeated, set())

    def test_a_copy_is_a_reading(self):
        prescription = self.prescription.with_user(self.optician)
        before = len(self.kinds())
        self.assertEqual(prescription.copy_data()[0]["od_sphere"], "-1.25")
        self.assertEqual(self.kinds()[before:], [(self.optician.login, "read")])
        with self.assertRaises(AccessError):
            self.prescription.with_user(self.seller).copy_data()
        self.assertEqual(len(self.kinds()), before + 1)

    def test_what_a_form_answers_is_a_reading(self):
        prescription = self.prescription.with_user(self.optician)
        before = len(self.kinds())
        answer = prescription.onchange(
            {"od_addition": "2.00"}, ["od_addition"], {"os_addition": {}}
        )
        self.assertEqual(answer["value"], {"os_addition": "2.00"})
        self.assertEqual(self.kinds()[before:], [(self.optician.login, "read")])

    def ways_around(self, user):
        own = self.prescription.with_user(user)
        orders = self.env["optica.service.order"].with_user(user)
        people = self.patient.with_user(user)
        dioptres = "prescription_id.od_sphere"
        return {
            "condition": lambda: own.search([("od_sphere", "=", "-1.25")]),
            "condition of text": lambda: own.search_count([("note", "ilike", "a")]),
            "order": lambda: own.search([], order="od_sphere"),
            "search_read": lambda: own.search_read([], ["name"], order="pd desc"),
            "group": lambda: own._read_group([], ["od_sphere"]),
            "order of groups": lambda: own._read_group([], ["kind"], order="os_axis:max"),
            "aggregate": lambda: own._read_group([], [], ["od_axis:max"]),
            "another's condition": lambda: orders.search([(dioptres, "=", "-1.25")]),
            "a patient's": lambda: people.search([("prescription_ids.od_sphere", "=", "-1.25")]),
            "another's group": lambda: orders._read_group([], [dioptres]),
            "whether there is a scan": lambda: own.search([("scan", "!=", False)]),
            "whether there is none": lambda: own.search_count([("scan", "=", False)]),
            "a scan of another's": lambda: orders.search([("prescription_id.scan", "!=", False)]),
        }

    def test_no_conditions_orders_and_groups_by_health(self):
        """Of the prescription and through others, with the right and without it."""
        self.optician.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        for user, refusal in (
            (self.optician, "searched, sorted or grouped"),
            (self.seller, "do not have enough rights"),
            (self.manager, "do not have enough rights"),
        ):
            for name, way in self.ways_around(user).items():
                with (
                    self.subTest(user=user.login, way=name),
                    self.assertRaisesRegex(AccessError, refusal),
                ):
                    way()
        self.assertEqual(self.kinds(), [(self.env.user.login, "created")])

    def test_screens_offer_none_of_them(self):
        offers = ["searchable", "sortable", "groupable"]
        described = (
            self.env["optica.prescription"].with_user(self.optician).fields_get(None, offers)
        )
        self.assertEqual(
            {name: described[name] for name in HEALTH_FIELDS},
            {name: dict.fromkeys(offers, False) for name in HEALTH_FIELDS},
        )
        self.assertTrue(described["expiry_date"]["sortable"])

    def scan(self):
        self.prescription.scan = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
            b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        return self.env["ir.attachment"].search(
            [("res_model", "=", "optica.prescription"), ("res_field", "=", "scan")]
        )

    def test_scan_by_its_attachment(self):
        attachment = self.scan().with_user(self.optician)
        binary = self.env["ir.binary"].with_user(self.optician)
        self.optician.group_ids += self.env.ref("base.group_allow_export")
        seen = (self.optician.login, "scan")
        for way in (
            lambda: attachment.read(["datas"]),
            lambda: attachment.search_read([("res_field", "=", "scan")], ["raw"]),
            attachment.copy_data,
            lambda: binary._get_stream_from(attachment),
        ):
            self.env.invalidate_all()
            before = len(self.kinds())
            way()
            self.assertEqual(self.kinds()[before:], [seen])
        before = len(self.kinds())
        attachment.read(["name", "mimetype"])
        with self.assertRaises(UserError):
            attachment.export_data(["name", "datas"])
        with self.assertRaises(UserError):
            attachment.write({"res_model": "res.partner", "res_id": self.patient.id})
        with self.assertRaises(UserError):
            attachment.write({"public": True})
        for user in (self.seller, self.manager):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                attachment.with_user(user).read(["raw"])
        self.assertEqual(len(self.kinds()), before)

    def test_what_a_scan_says_is_not_searched(self):
        """Where another module reads the words of files."""
        attachment = self.scan()
        attachment.index_content = "OD -7.75"
        files = self.env["ir.attachment"].with_user(self.optician)
        words = ("index_content", "ilike", "7.75")
        self.assertFalse(files.search([words, ("res_field", "=", "scan")]))
        self.assertFalse(files.search(["!", "!", words, ("res_field", "!=", False)]))
        before = len(self.kinds())
        attachment.with_user(self.optician).read(["index_content"])
        self.assertEqual(self.kinds()[before:], [(self.optician.login, "scan")])

    def test_a_scan_is_not_handed_on_with_a_message(self):
        attachment = self.scan().with_user(self.optician)
        page = self.patient.with_user(self.optician)
        note = page.message_post(body="See the paper")
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.optician)
            .create(
                {
                    "model": "res.partner",
                    "res_ids": repr(page.ids),
                    "body": "The paper",
                    "subject": "Paper",
                    "composition_mode": "comment",
                    "partner_ids": page.ids,
                    "attachment_ids": [Command.set(attachment.ids)],
                }
            )
        )
        for way in (
            lambda: page.message_post(body="Paper", attachment_ids=attachment.ids),
            lambda: note.sudo().write({"attachment_ids": [Command.link(attachment.id)]}),
            lambda: self.env["mail.mail"].create(
                {"body_html": "Paper", "attachment_ids": [Command.link(attachment.id)]}
            ),
            composer.action_send_mail,
        ):
            with self.assertRaisesRegex(UserError, "not sent with messages"), self.cr.savepoint():
                way()

    def test_templates_name_no_health_data(self):
        for model, record, words in (
            ("optica.prescription", self.prescription, "{{ object.od_sphere }}"),
            ("optica.prescription", self.prescription, "{{ object.note }}"),
            ("res.partner", self.patient, "{{ object.prescription_ids.od_axis }}"),
        ):
            render = self.env["mail.render.mixin"].with_user(self.optician)
            with self.assertRaisesRegex(UserError, "not merged"):
                render._render_template(words, model, record.ids)
            with self.assertRaises(UserError), self.cr.savepoint():
                self.env["mail.template"].create(
                    {
                        "name": "T",
                        "model_id": self.env["ir.model"]._get(model).id,
                        "body_html": words,
                    }
                )
        plain = render._render_template("{{ object.name }}: note", "res.partner", self.patient.ids)
        self.assertEqual(plain[self.patient.id], f"{self.patient.name}: note")

    def test_a_placeholder_shows_nothing_and_is_not_written_down(self):
        self.scan()
        before = len(self.kinds())
        # What Odoo answers with a placeholder.
        with self.assertRaises(AccessError):
            self.env["ir.binary"].with_user(self.manager)._get_stream_from(
                self.prescription.with_user(self.manager), "scan"
            )
        self.assertEqual(len(self.kinds()), before)

    def test_scan_by_its_address(self):
        self.scan()
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
