from odoo import models

from ...domain.optics.prescription import ProblemCode
from ...domain.optics.prescription_text import written


class OpticaPrescription(models.Model):
    """What is wrong or unusual with a value, in the reader's words."""

    _inherit = "optica.prescription"

    def _problem_text(self, problem):
        """One sentence that names the eye, the field and what to do."""
        where = self._where(problem)
        values = {
            key: written(value, problem.field, self._decimal_point())
            if hasattr(value, "as_tuple")
            else ("–" if value is None else value)
            for key, value in problem.values.items()
        }
        if problem.code in (ProblemCode.RANGE, ProblemCode.UNUSUAL, ProblemCode.STEP):
            return self._limit_text(problem.code, where, values)
        texts = {
            ProblemCode.NOT_A_NUMBER: self.env._("%(where)s: this is no number."),
            ProblemCode.AXIS_MISSING: self.env._("%(where)s is missing beside the cylinder."),
            ProblemCode.AXIS_WITHOUT_CYLINDER: self.env._(
                "%(where)s: an axis needs a cylinder beside it."
            ),
            ProblemCode.BASE_MISSING: self.env._("%(where)s is missing beside the prism."),
            ProblemCode.BASE_WITHOUT_PRISM: self.env._("%(where)s: a base needs a prism."),
            ProblemCode.NEAR_MISMATCH: self.env._(
                "%(where)s must be far sphere plus addition, %(expected)s; it says %(value)s."
            ),
            ProblemCode.NEAR_DIFFERS: self.env._(
                "%(where)s is not the one of far, %(other)s: %(value)s. Please check the paper."
            ),
            ProblemCode.NEAR_INCOMPLETE: self.env._(
                "%(where)s is missing: a near cylinder needs it, or the addition."
            ),
            ProblemCode.PUPILS_MISMATCH: self.env._(
                "%(where)s must be the sum of both DNP, %(expected)s, give or take 1 mm; "
                "it says %(value)s."
            ),
            ProblemCode.ADDITIONS_DIFFER: self.env._(
                "The additions of the two eyes differ: %(value)s and %(other)s."
            ),
            ProblemCode.GLASSES_ONLY: self.env._("%(where)s is for glasses only."),
            ProblemCode.CONTACT_ONLY: self.env._("%(where)s is for contact lenses only."),
            ProblemCode.NOTHING: self.env._("Nothing is prescribed: enter at least one value."),
        }
        return texts[problem.code] % {"where": where, **values}

    def _limit_text(self, code, where, values):
        if code == ProblemCode.STEP:
            return self.env._(
                "%(where)s goes in steps of %(step)s.",
                where=where,
                **{"step": values["step"].lstrip("+")},
            )
        if code == ProblemCode.RANGE:
            return self.env._(
                "%(where)s must lie between %(low)s and %(high)s.",
                where=where,
                low=values["low"],
                high=values["high"],
            )
        return self.env._(
            "%(where)s is unusual: %(value)s (usual: %(low)s to %(high)s). Please check the paper.",
            where=where,
            value=values["value"],
            low=values["low"],
            high=values["high"],
        )

    def _where(self, problem):
        """The field's label with its eye, as on the form."""
        name = f"{problem.eye}_{problem.field}" if problem.eye else problem.field
        field = self._fields.get(name)
        return field._description_string(self.env) if field else ""

    def _decimal_point(self):
        return self.env["res.lang"]._get_data(code=self.env.lang or "en_US").decimal_point or "."
