"""Service orders and prescriptions: which one counts, the way between both, who sees the values."""

from freezegun import freeze_time

from tests.optics.service_common import ServiceOrderCommon

TODAY = "2026-03-17"  # a Tuesday


@freeze_time(TODAY)
class TestServiceOrderPrescription(ServiceOrderCommon):
    def prescriptions(self):
        """With sudo: the tests' user only sells."""
        return self.env["optica.prescription"].sudo()

    def test_proposes_the_prescription_that_counts(self):
        """The newest one of the patient that has not expired, of glasses, while it is to send."""
        child = self.make_customer("Pedro da Silva", payer_id=self.customer.id)

        def prescribe(exam, **values):
            return self.prescriptions().create(
                {"patient_id": child.id, "exam_date": exam, "od_sphere": "-1.00", **values}
            )

        prescribe("2025-12-01", kind="contact")
        prescribe("2026-01-10", expiry_date="2026-03-16")
        order = self.make_order(patient_id=child.id)
        self.assertFalse(order.prescription_id, "it expired yesterday")
        current = prescribe("2026-02-20")
        order = self.make_order(patient_id=child.id)
        self.assertEqual(order.prescription_id, current)
        order.patient_id = self.customer
        self.assertFalse(order.prescription_id, "it is somebody else's")

    def test_from_a_prescription(self):
        child = self.make_customer("Pedro da Silva", payer_id=self.customer.id)
        prescription = self.prescriptions().create(
            {"patient_id": child.id, "exam_date": "2026-02-20", "od_sphere": "-1.00"}
        )
        action = prescription.sudo(False).action_new_service_order()
        order = self.env["optica.service.order"].with_context(**action["context"]).create({})
        self.assertEqual((order.partner_id, order.patient_id), (self.customer, child))
        self.assertEqual(order.prescription_id, prescription)
        self.assertEqual(prescription.service_order_count, 1)

    def test_values_for_the_lab_only_by_those_who_may_see_them(self):
        prescription = (
            self.env["optica.prescription"]
            .sudo()
            .create(
                {
                    "patient_id": self.customer.id,
                    "company_id": self.company.id,
                    "exam_date": "2026-03-02",
                    "od_sphere": "-1.75",
                    "os_sphere": "-2.25",
                }
            )
        )
        order = self.make_order(prescription_id=prescription.id)
        group = self.env.ref("optica_cobranca.group_prescription")
        logged = self.env["optica.prescription.access"]
        for allowed in (False, True):
            self.env.user.write({"group_ids": [(4 if allowed else 3, group.id)]})
            html, _kind = self.env["ir.actions.report"]._render_qweb_html(
                "optica_cobranca.report_service_order", order.ids
            )
            text = html.decode().replace(",", ".")
            self.assertEqual(text.count("1.75"), int(allowed))
            self.assertEqual(text.count("2.25"), int(allowed))
            found = logged.search_count(
                [("prescription_id", "=", prescription.id), ("kind", "=", "printed")]
            )
            self.assertEqual(found, int(allowed))
