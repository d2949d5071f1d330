"""Base of the tests of prescriptions: patients, a prescriber, and who may see dioptres."""

from odoo import Command
from odoo.tests import new_test_user

from tests.common import CollectionCommon

TODAY = "2026-03-10 15:00:00"


class PrescriptionCommon(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("optica_cobranca.group_prescription")
        cls.env.user.group_ids += cls.env.ref("optica_cobranca.group_manager")
        cls.company.write(
            {
                "prescription_months": 12,
                "prescription_minor_months": 6,
                "prescription_lead_days": 30,
            }
        )
        cls.patient = cls.make_customer("Ana Prado")
        cls.prescriber = cls.env["optica.prescriber"].create(
            {
                "name": "Dra. Lia Costa",
                "registration": "123456",
                "state_id": cls.env.ref("base.state_br_sp").id,
            }
        )

    @classmethod
    def make_user(cls, login, *groups):
        return new_test_user(
            cls.env,
            login,
            ",".join(f"optica_cobranca.group_{group}" for group in groups),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/Sao_Paulo",
        )

    @classmethod
    def prescribe(cls, patient=None, exam="2026-03-10", **values):
        """A prescription of -1.25 and -1.00 unless other values are given."""
        eyes = values or {"od_sphere": "-1.25", "os_sphere": "-1.00"}
        return cls.env["optica.prescription"].create(
            {
                "patient_id": (patient or cls.patient).id,
                "prescriber_id": cls.prescriber.id,
                "exam_date": exam,
                **eyes,
            }
        )
