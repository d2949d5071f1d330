from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...domain.optics.prescription import (
    EYE_FIELDS,
    Base,
    Eye,
    LensKind,
    Problem,
    ProblemCode,
    completed,
    is_near_apart,
    problems,
    pupillary_distance,
)
from ...domain.optics.prescription_term import expiry_date, reminder_date
from ...domain.optics.prescription_text import Refusal, canonical, parse

SEQUENCE = "optica.prescription"
DIGITS = 6
GROUP = "optica_cobranca.group_prescription"
SIDES = ("od", "os")
EYE_NAMES = tuple(f"{side}_{field}" for side in SIDES for field in EYE_FIELDS)
VALUE_NAMES = (*EYE_NAMES, "pd")
# Those that decide nothing over others: see the onchange methods.
OTHER_NAMES = tuple(
    name
    for name in EYE_NAMES
    if "_near_" not in name and not name.endswith(("_sphere", "_addition", "_dnp"))
)
NEAR_LENS = tuple(f"{side}_near_{name}" for side in SIDES for name in ("cylinder", "axis"))


def _refusals(texts):
    found = []
    for name, text in texts.items():
        side, _, field = name.rpartition("_") if name == "pd" else name.partition("_")
        if field == "base":
            continue
        try:
            parse(text, field)
        except Refusal as refusal:
            found.append((side, field, refusal))
    return found


def _eye_of(texts, side):
    """The eye that these texts describe."""
    values = {
        field: parse(texts[f"{side}_{field}"], field) for field in EYE_FIELDS if field != "base"
    }
    base = texts[f"{side}_base"]
    return Eye(**values, base=Base(base) if base else None)


def _completed(texts, right_changed, left_changed, near_apart):
    """All values completed, as texts that are kept; blanks are ``False``."""
    sides = zip(SIDES, (right_changed, left_changed), near_apart, strict=True)
    eyes, apart = {}, {}
    for side, typed, before in sides:
        eye = _eye_of(texts, side)
        apart[side] = is_near_apart(eye, typed, before)
        eyes[side] = completed(eye, typed, apart[side])
    changed = {*right_changed, *left_changed}
    kept = {
        f"{side}_{field}": canonical(getattr(eye, field), field) or False
        for side, eye in eyes.items()
        for field in EYE_FIELDS
        if field != "base"
    }
    pd = pupillary_distance(parse(texts["pd"], "pd"), eyes["od"], eyes["os"], changed)
    return {
        **kept,
        **{f"{side}_near_apart": apart[side] for side in SIDES},
        "pd": canonical(pd, "pd") or False,
    }


class OpticaPrescription(models.Model):
    """A prescription (receita) of glasses or contact lenses, as it stands on the paper.

    Dioptres are health data: only the prescriptions' group reads them, and each reading is
    logged (``optica_prescription_access.py``). Sellers see whose it is and when it expires.
    """

    _name = "optica.prescription"
    _description = "Prescription"
    _order = "exam_date desc, id desc"
    _check_company_auto = True
    _system_fields = frozenset(
        ["checked_by_id", "checked_on", "entered_by_id", "entered_on", "is_replaced", "name"]
    )
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
        prescriptions = super().create([self._completed_vals(vals) for vals in vals_list])
        for prescription in prescriptions:
            # With sudo: numbers of the book are nobody's to type.
            number = self._book_sequence(prescription.company_id).next_by_id()
            prescription.sudo().name = number
        prescriptions._replace_older()
        return prescriptions

    def write(self, vals):
        """A prescription stays in the company that its patient and its glasses are in."""
        patients = self.patient_id
        if "company_id" in vals and any(
            prescription.company_id.id != vals["company_id"] for prescription in self
        ):
            raise UserError(
                self.env._("A prescription stays in the record book of the shop that entered it.")
            )
        if set(VALUE_NAMES).isdisjoint(vals):
            done = super().write(vals)
        else:
            for prescription in self:
                kept = prescription._texts()
                super(OpticaPrescription, prescription).write(
                    prescription._completed_vals(vals, kept, prescription._near_apart())
                )
                # With sudo: who checked it is nobody's to say.
                prescription.sudo().write({"checked_by_id": False, "checked_on": False})
            done = True
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
        self.check_access("write")
        # With sudo: who checked it, and when, is nobody's to say.
        self.sudo().write(
            {"checked_by_id": self.env.uid, "checked_on": fields.Date.context_today(self)}
        )

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

    # -------------------------------------------- The two eyes of a prescription
    # Values are kept as text ("-1.25"; "0.00" is plano, nothing is a blank), because a number
    # in Odoo cannot be blank. ``domain/optics/prescription.py`` reads, completes and checks
    # them.

    od_sphere = fields.Char("OD Sphere", groups=GROUP, exportable=False)
    od_cylinder = fields.Char("OD Cylinder", groups=GROUP, exportable=False)
    od_axis = fields.Char("OD Axis", groups=GROUP, exportable=False)
    od_addition = fields.Char("OD Addition", groups=GROUP, exportable=False)
    od_near_sphere = fields.Char("OD Near Sphere", groups=GROUP, exportable=False)
    od_near_cylinder = fields.Char("OD Near Cylinder", groups=GROUP, exportable=False)
    od_near_axis = fields.Char("OD Near Axis", groups=GROUP, exportable=False)
    od_prism = fields.Char("OD Prism", groups=GROUP, exportable=False)
    od_base = fields.Selection(
        [("up", "Up"), ("down", "Down"), ("in", "In"), ("out", "Out")],
        string="OD Base",
        groups=GROUP,
        exportable=False,
    )
    od_dnp = fields.Char("OD DNP", groups=GROUP, exportable=False)
    od_near_dnp = fields.Char("OD Near DNP", groups=GROUP, exportable=False)
    od_height = fields.Char("OD Height", groups=GROUP, exportable=False)
    od_base_curve = fields.Char("OD Base Curve", groups=GROUP, exportable=False)
    od_diameter = fields.Char("OD Diameter", groups=GROUP, exportable=False)
    os_sphere = fields.Char("OE Sphere", groups=GROUP, exportable=False)
    os_cylinder = fields.Char("OE Cylinder", groups=GROUP, exportable=False)
    os_axis = fields.Char("OE Axis", groups=GROUP, exportable=False)
    os_addition = fields.Char("OE Addition", groups=GROUP, exportable=False)
    os_near_sphere = fields.Char("OE Near Sphere", groups=GROUP, exportable=False)
    os_near_cylinder = fields.Char("OE Near Cylinder", groups=GROUP, exportable=False)
    os_near_axis = fields.Char("OE Near Axis", groups=GROUP, exportable=False)
    os_prism = fields.Char("OE Prism", groups=GROUP, exportable=False)
    os_base = fields.Selection(
        [("up", "Up"), ("down", "Down"), ("in", "In"), ("out", "Out")],
        string="OE Base",
        groups=GROUP,
        exportable=False,
    )
    os_dnp = fields.Char("OE DNP", groups=GROUP, exportable=False)
    os_near_dnp = fields.Char("OE Near DNP", groups=GROUP, exportable=False)
    os_height = fields.Char("OE Height", groups=GROUP, exportable=False)
    os_base_curve = fields.Char("OE Base Curve", groups=GROUP, exportable=False)
    os_diameter = fields.Char("OE Diameter", groups=GROUP, exportable=False)
    od_near_apart = fields.Boolean(
        groups=GROUP, exportable=False, help="Cylinder and axis for near are not those for far."
    )
    os_near_apart = fields.Boolean(
        groups=GROUP, exportable=False, help="Cylinder and axis for near are not those for far."
    )
    pd = fields.Char(
        "DP",
        groups=GROUP,
        exportable=False,
        help="Distance between the pupils, mm: the sum of both DNP, unless typed.",
    )
    lens_name = fields.Char(
        "Brand and Model", groups=GROUP, exportable=False, help="Of the contact lenses."
    )
    note = fields.Text("Notes", groups=GROUP, exportable=False)
    problems = fields.Json(compute="_compute_problems", groups=GROUP, exportable=False)

    @api.depends("kind", *VALUE_NAMES)
    def _compute_problems(self):
        """What the entry form shows beside the values, worst first."""
        for prescription in self:
            found = prescription._problems()
            prescription.problems = [
                {
                    "field": f"{problem.eye}_{problem.field}" if problem.eye else problem.field,
                    "blocks": problem.blocks,
                    "text": prescription._problem_text(problem),
                }
                for problem in sorted(found, key=lambda problem: not problem.blocks)
                if problem.code != ProblemCode.NOTHING
            ]

    @api.onchange(*OTHER_NAMES)
    def _onchange_values(self):
        self._complete_sides(())

    @api.onchange("od_near_sphere", "os_near_sphere")
    def _onchange_near_sphere(self):
        self._complete_sides(("near_sphere",))

    @api.onchange(*NEAR_LENS)
    def _onchange_near_lens(self):
        self._complete_sides(("near_cylinder", "near_axis"))

    @api.onchange("od_sphere", "os_sphere", "od_addition")
    def _onchange_same_addition(self):
        """The addition is normally the same: the left eye's blank takes the right eye's.

        Whichever of the left eye's sphere and the addition is typed first.
        """
        if self.od_addition and not self.os_addition and self.os_sphere:
            self.os_addition = self.od_addition
        self._complete_sides(("addition",))

    @api.onchange("os_addition")
    def _onchange_addition(self):
        self._complete_sides(("addition",))

    @api.onchange("od_dnp", "os_dnp", "od_near_dnp", "os_near_dnp")
    def _onchange_dnp(self):
        self._complete_sides(("dnp",))

    @api.onchange("pd")
    def _onchange_pd(self):
        self._complete_sides(("pd",))

    @api.constrains("kind", *VALUE_NAMES)
    def _check_values(self):
        for prescription in self:
            blocking = [problem for problem in prescription._problems() if problem.blocks]
            if blocking:
                raise ValidationError("\n".join(map(prescription._problem_text, blocking)))

    def _eye(self, side):
        """One eye of this prescription; ``side`` is "od" (right) or "os" (left)."""
        self.ensure_one()
        return _eye_of({name: self[name] for name in EYE_NAMES}, side)

    def _problems(self):
        self.ensure_one()
        texts = self._texts()
        unread = [
            Problem(refusal.problem.code, side, field, True, refusal.problem.values)
            for side, field, refusal in _refusals(texts)
        ]
        if unread:
            return unread
        kind = LensKind(self.kind or "glasses")
        return problems(_eye_of(texts, "od"), _eye_of(texts, "os"), parse(self.pd, "pd"), kind)

    def _texts(self):
        return {name: self[name] or "" for name in VALUE_NAMES}

    def _complete_sides(self, changed):
        """Complete what is on the form; what cannot be read waits for its correction."""
        texts = self._texts()
        if not _refusals(texts):
            self.update(_completed(texts, changed, changed, self._near_apart()))

    def _near_apart(self):
        """What is known of the near rows: right and left eye."""
        return self.od_near_apart, self.os_near_apart

    @api.model
    def _completed_vals(self, vals, kept=None, near_apart=(False, False)):
        """``vals`` with the values completed, as they are kept.

        :param kept: texts of the prescription as it is, blank for a new one
        :param near_apart: whether its near rows are the prescriber's own: right, left
        :raise ValidationError: when a text is no value of its field
        """
        given = {name: vals[name] or "" for name in VALUE_NAMES if name in vals}
        if not given:
            return vals
        texts = {**dict.fromkeys(VALUE_NAMES, ""), **(kept or {}), **given}
        refusals = _refusals(texts)
        if refusals:
            raise ValidationError(
                "\n".join(
                    self._problem_text(
                        Problem(refusal.problem.code, side, field, True, refusal.problem.values)
                    )
                    for side, field, refusal in refusals
                )
            )
        right, left = (
            {name.removeprefix(f"{side}_") for name in given if name.startswith(f"{side}_")}
            for side in SIDES
        )
        if "pd" in given and given["pd"]:
            right.add("pd")
        return {**vals, **_completed(texts, right, left, near_apart)}
