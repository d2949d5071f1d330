from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain.prescription_term import expiry_date, reminder_date

SEQUENCE = "optica.prescription"
DIGITS = 6


class OpticaPrescription(models.Model):
    """A prescription (receita) of glasses or contact lenses, as it stands on the paper.

    Dioptres are health data: only the prescriptions' group reads them, and each reading is
    logged (``optica_prescription_access.py``). Sellers see whose it is and when it expires.
    """

    _name = "optica.prescription"
    _description = "Prescription"
    _order = "exam_date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "patient_id"]

    name = fields.Char(
        string="No.",
        readonly=True,
        copy=False,
        help="Number in the company's record book of prescriptions.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain=[("is_company", "=", False)],
    )
    payer_id = fields.Many2one(
        "res.partner", string="Paid By", compute="_compute_payer_id", compute_sudo=True
    )
    kind = fields.Selection(
        [("glasses", "Glasses"), ("contact", "Contact Lenses")],
        required=True,
        default="glasses",
        help="A prescription of glasses does not count for contact lenses.",
    )
    origin = fields.Selection(
        [("external", "Brought by the Patient"), ("own", "Exam Arranged by Us")],
        required=True,
        default="external",
    )
    prescriber_id = fields.Many2one(
        "optica.prescriber", index="btree_not_null", ondelete="restrict"
    )
    exam_date = fields.Date(required=True, default=fields.Date.context_today)
    expiry_date = fields.Date(
        compute="_compute_expiry_date",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Proposed from the exam date and the shop's setting; change it where the paper says "
        "otherwise. Nothing is refused after it.",
    )
    reminder_date = fields.Date(
        compute="_compute_reminder_date",
        store=True,
        help="From this day on the calendar says that the prescription is about to expire.",
    )
    entered_on = fields.Date(
        required=True, default=fields.Date.context_today, readonly=True, copy=False
    )
    entered_by_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, readonly=True, copy=False
    )
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    checked_on = fields.Date(readonly=True, copy=False)
    is_replaced = fields.Boolean(
        string="Replaced",
        readonly=True,
        copy=False,
        index=True,
        help="A newer prescription of the same kind exists: this one expires nowhere any more.",
    )
    state = fields.Selection(
        [("current", "Current"), ("replaced", "Replaced"), ("expired", "Out of Date")],
        compute="_compute_state",
        search="_search_state",
    )

    _name_unique = models.UniqueIndex("(company_id, name)", "This number is in the book already.")
    _dates = models.Constraint(
        "CHECK(expiry_date >= exam_date)", "A prescription cannot expire before its exam."
    )
    # To be announced and not yet expired: the calendar counts them without reading the rows.
    _reminder = models.Index(
        "(reminder_date, expiry_date) INCLUDE (id, company_id, patient_id)"
        " WHERE active AND NOT is_replaced"
    )
    _expiry = models.Index("(expiry_date) WHERE active AND NOT is_replaced")

    # ------------------------------------------------------------- compute

    @api.depends("patient_id.payer_id")
    def _compute_payer_id(self):
        for prescription in self:
            patient = prescription.patient_id
            prescription.payer_id = patient and patient._contact_recipient()

    @api.depends("exam_date", "patient_id", "company_id")
    def _compute_expiry_date(self):
        for prescription in self:
            company = prescription.company_id.sudo() or self.env.company
            prescription.expiry_date = prescription.exam_date and expiry_date(
                prescription.exam_date,
                company.prescription_months,
                company.prescription_minor_months,
                prescription.patient_id.birthdate or None,
            )

    @api.depends("expiry_date", "company_id.prescription_lead_days")
    def _compute_reminder_date(self):
        for prescription in self:
            prescription.reminder_date = prescription.expiry_date and reminder_date(
                prescription.expiry_date, prescription.company_id.sudo().prescription_lead_days
            )

    @api.depends("is_replaced", "expiry_date")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for prescription in self:
            is_expired = prescription.expiry_date and prescription.expiry_date < today
            prescription.state = (
                "replaced" if prescription.is_replaced else "expired" if is_expired else "current"
            )

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        newest = Domain("is_replaced", "=", False)
        domains = {
            "replaced": Domain("is_replaced", "=", True),
            "expired": newest & Domain("expiry_date", "<", today),
            "current": newest & Domain("expiry_date", ">=", today),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.depends("name", "patient_id", "exam_date")
    def _compute_display_name(self):
        for prescription in self:
            prescription.display_name = " · ".join(
                filter(None, (prescription.name, prescription.patient_id.name))
            ) or self.env._("New Prescription")

    # --------------------------------------------------------- constraints

    @api.constrains("exam_date")
    def _check_exam_date(self):
        tomorrow = fields.Date.context_today(self) + relativedelta(days=1)
        for prescription in self:
            if prescription.exam_date > tomorrow:
                raise ValidationError(self.env._("The exam has not taken place yet."))

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Each gets the next number of its company's book."""
        prescriptions = super().create(vals_list)
        for prescription in prescriptions:
            prescription.name = self._book_sequence(prescription.company_id).next_by_id()
        prescriptions._replace_older()
        return prescriptions

    def write(self, vals):
        patients = self.patient_id
        if "company_id" in vals and any(
            prescription.company_id.id != vals["company_id"] for prescription in self
        ):
            raise UserError(
                self.env._("A prescription stays in the record book of the shop that entered it.")
            )
        done = super().write(vals)
        if not {"patient_id", "kind", "exam_date", "active"}.isdisjoint(vals):
            self._replace_older(patients)
        return done

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Prescriptions stay in the record book: archive them, don't delete them.")
        )

    # ------------------------------------------------------------- actions

    def action_check(self):
        """Somebody compared what was entered with the paper."""
        self.write({"checked_by_id": self.env.uid, "checked_on": fields.Date.context_today(self)})

    # ------------------------------------------------------------ business

    def _replace_older(self, patients=None):
        """Mark all but the newest prescription of each patient and kind, over all companies.

        In SQL, because it looks past the reader's companies: a patient who brought a newer
        paper to another shop of the house is told nowhere that the old one expires.
        """
        patients = (patients or self.env["res.partner"]) | self.patient_id
        self.flush_model(["patient_id", "kind", "exam_date", "active", "is_replaced"])
        self.env.execute_query(
            SQL(
                """
                UPDATE optica_prescription prescription
                   SET is_replaced = ranked.is_older
                  FROM (SELECT id,
                               active AND row_number() OVER (
                                   PARTITION BY patient_id, kind, active
                                       ORDER BY exam_date DESC, id DESC) > 1
                               OR NOT active AND EXISTS (
                                   SELECT 1 FROM optica_prescription newer
                                    WHERE newer.patient_id = older.patient_id
                                      AND newer.kind = older.kind AND newer.active
                                      AND newer.exam_date >= older.exam_date
                               ) AS is_older
                          FROM optica_prescription older
                         WHERE patient_id = ANY(%s)) ranked
                 WHERE ranked.id = prescription.id
                   AND prescription.is_replaced IS DISTINCT FROM ranked.is_older
             RETURNING prescription.id
                """,
                patients.ids,
            )
        )
        self.env["optica.prescription"].invalidate_model(["is_replaced", "state"])

    # ------------------------------------------------------------- helpers

    @api.model
    def _book_sequence(self, company):
        """The numbers of a company's record book, without gaps; made at the first use.

        With sudo: who enters prescriptions has no right to sequences.
        """
        sequences = self.env["ir.sequence"].sudo()
        found = sequences.search(
            [("code", "=", SEQUENCE), ("company_id", "=", company.id)], limit=1
        )
        return found or sequences.create(
            {
                "name": f"{self._description} ({company.name})",
                "code": SEQUENCE,
                "company_id": company.id,
                "implementation": "no_gap",
                "padding": DIGITS,
            }
        )
