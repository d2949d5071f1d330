from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain.prescription import (
    EYE_FIELDS,
    Base,
    Eye,
    LensKind,
    Problem,
    ProblemCode,
    completed,
    problems,
    pupillary_distance,
)
from ..domain.prescription_text import Refusal, canonical, parse

GROUP = "optica_cobranca.group_prescription"
SIDES = ("od", "os")
EYE_NAMES = tuple(f"{side}_{field}" for side in SIDES for field in EYE_FIELDS)
VALUE_NAMES = (*EYE_NAMES, "pd")
# Those that decide nothing over others: see the onchange methods.
OTHER_NAMES = tuple(
    name for name in EYE_NAMES if not name.endswith(("near_sphere", "addition", "_dnp"))
)


class OpticaPrescription(models.Model):
    """The two eyes of a prescription.

    Values are kept as text ("-1.25"; "0.00" is plano, nothing is a blank), because a number in
    Odoo cannot be blank. ``domain/prescription.py`` reads, completes and checks them.
    """

    _inherit = "optica.prescription"

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

    # ------------------------------------------------------------- compute

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

    @api.onchange("od_addition", "os_addition")
    def _onchange_addition(self):
        """The addition is normally the same: the left eye's blank takes the right eye's."""
        if self.od_addition and not self.os_addition and self.os_sphere:
            self.os_addition = self.od_addition
        self._complete_sides(("addition",))

    @api.onchange("od_dnp", "os_dnp", "od_near_dnp", "os_near_dnp")
    def _onchange_dnp(self):
        self._complete_sides(("dnp",))

    @api.onchange("pd")
    def _onchange_pd(self):
        self._complete_sides(("pd",))

    # --------------------------------------------------------- constraints

    @api.constrains("kind", *VALUE_NAMES)
    def _check_values(self):
        for prescription in self:
            blocking = [problem for problem in prescription._problems() if problem.blocks]
            if blocking:
                raise ValidationError("\n".join(map(prescription._problem_text, blocking)))

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._completed_vals(vals) for vals in vals_list])

    def write(self, vals):
        """Values are completed by what each prescription already says; a check is undone."""
        if set(VALUE_NAMES).isdisjoint(vals):
            return super().write(vals)
        unchecked = {"checked_by_id": False, "checked_on": False}
        for prescription in self:
            kept = prescription._texts()
            super(OpticaPrescription, prescription).write(
                {**unchecked, **prescription._completed_vals(vals, kept)}
            )
        return True

    # ------------------------------------------------------------ business

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

    # ------------------------------------------------------------- helpers

    def _texts(self):
        return {name: self[name] or "" for name in VALUE_NAMES}

    def _complete_sides(self, changed):
        """Complete what is on the form; what cannot be read waits for its correction."""
        texts = self._texts()
        if not _refusals(texts):
            self.update(_completed(texts, changed, changed))

    @api.model
    def _completed_vals(self, vals, kept=None):
        """``vals`` with the values completed, as they are kept.

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
        return {**vals, **_completed(texts, right, left)}


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


def _completed(texts, right_changed, left_changed):
    """All values completed, as texts that are kept; blanks are ``False``."""
    right = completed(_eye_of(texts, "od"), right_changed)
    left = completed(_eye_of(texts, "os"), left_changed)
    changed = {*right_changed, *left_changed}
    kept = {
        f"{side}_{field}": canonical(getattr(eye, field), field) or False
        for side, eye in (("od", right), ("os", left))
        for field in EYE_FIELDS
        if field != "base"
    }
    pd = pupillary_distance(parse(texts["pd"], "pd"), right, left, changed)
    return {**kept, "pd": canonical(pd, "pd") or False}
