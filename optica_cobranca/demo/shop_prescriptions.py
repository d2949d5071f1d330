from datetime import date, timedelta

from odoo import models

# patient, days since the exam, kind, right eye, left eye, distance of the pupils
# (an eye: sphere, cylinder, axis, addition, DNP or base curve and diameter)
PAPERS = (
    (
        "Adriana Moreira Campos",
        20,
        "glasses",
        "-1,25 -0,50 10 1,00 31,5",
        "-1,50 -0,75 170 1,00 31",
    ),
    ("Adriana Moreira Campos", 420, "glasses", "-1,00 -0,50 10 . 31,5", "-1,25 -0,50 175 . 31"),
    ("Antônio Carlos Brandão", 350, "glasses", "+1,50 . . 2,50 32", "+1,25 -0,50 90 2,50 32,5"),
    ("Benedito Arruda Lima", 400, "glasses", "pl . . 2,75 32", "+0,25 . . 2,75 32"),
    ("Camila Teixeira Borges", 60, "contact", "-3,25 . . . 8,6 14,2", "-3,00 . . . 8,6 14,2"),
    (
        "Cecília Amaral Freitas",
        340,
        "glasses",
        "+0,75 -1,00 85 2,25 30",
        "+1,00 -0,75 95 2,25 30,5",
    ),
    ("Larissa Dantas Coelho", 200, "glasses", "-4,00 -1,25 5 . 30,5", "-4,25 -1,50 175 . 30,5"),
    ("Sofia Moreira Campos", 170, "glasses", "-0,75 . . . 26", "-1,00 -0,25 180 . 26"),
)
COLUMNS = {
    "glasses": ("sphere", "cylinder", "axis", "addition", "dnp"),
    "contact": ("sphere", "cylinder", "axis", "addition", "base_curve", "diameter"),
}
PRESCRIBERS = (
    ("Dra. Lia Costa", "physician", "128456"),
    ("Caio Mendes", "optometrist", "CBOO 2214"),
)


class DemoShop(models.AbstractModel):
    """Prescriptions of the demo shop: current, about to expire, expired, replaced; a child."""

    _inherit = "optica.demo.shop"

    def _prescribe(self, seller, today: date):
        """Enter the papers as the seller, who gets the right to it; one patient is a child."""
        seller.group_ids += self.env.ref("optica_cobranca.group_prescription")
        mother = self.env["res.partner"].search([("name", "=", PAPERS[0][0])], limit=1)
        self.env["res.partner"].create(
            {
                "name": "Sofia Moreira Campos",
                "birthdate": today - timedelta(days=365 * 9 + 100),
                "payer_id": mother.id,
                "kinship": "child",
            }
        )
        prescribers = self.env["optica.prescriber"].create(
            [
                {
                    "name": name,
                    "kind": kind,
                    "registration": registration,
                    "state_id": self.env.ref("base.state_br_sp").id,
                }
                for name, kind, registration in PRESCRIBERS
            ]
        )
        for number, (patient, days, kind, right, left) in enumerate(PAPERS):
            self.env["optica.prescription"].with_user(seller).create(
                {
                    "patient_id": self._patient(patient).id,
                    "prescriber_id": prescribers[number % len(prescribers)].id,
                    "kind": kind,
                    "exam_date": today - timedelta(days=days),
                    **_eye("od", kind, right),
                    **_eye("os", kind, left),
                }
            )

    def _patient(self, name):
        return self.env["res.partner"].search([("name", "=", name)], order="id", limit=1)


def _eye(side, kind, text):
    """The values of one eye by field; a point stands for a blank."""
    pairs = zip(COLUMNS[kind], text.split(), strict=True)
    return {f"{side}_{name}": value for name, value in pairs if value != "."}
