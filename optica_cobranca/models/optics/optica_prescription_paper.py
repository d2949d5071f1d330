import base64
from datetime import date

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.mimetypes import guess_mimetype

from ...domain.messaging.guardianship import represents
from ...domain.optics.prescription import EYE_FIELDS, change
from ...domain.optics.prescription_text import parse, written
from .optica_prescription import GROUP, SIDES, VALUE_NAMES

# A new prescription starts with these of the one before.
COPIED = ("patient_id", "prescriber_id", "kind", "lens_name", *VALUE_NAMES)
PREVIEWED = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")


class HealthFile(fields.Binary):
    """A file about health: nobody searches for whether there is one."""

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        """Odoo looks for it among the attachments, past the rules of its record."""
        model._refuse_conditions(self.name)
        return super().condition_to_sql(field_expr, operator, value, model, alias, query)


class OpticaPrescription(models.Model):
    """The paper beside the values, and the patient's earlier prescriptions."""

    _inherit = "optica.prescription"
    _given_defaults = frozenset(COPIED)

    scan = HealthFile(
        attachment=True,
        groups=GROUP,
        exportable=False,
        copy=False,
        help="A picture or PDF of the paper.",
    )
    scan_name = fields.Char(groups=GROUP, exportable=False, copy=False)
    scan_kind = fields.Selection(
        [("image", "Picture"), ("pdf", "PDF")],
        compute="_compute_scan_kind",
        store=True,
        groups=GROUP,
        exportable=False,
    )
    previous_id = fields.Many2one(
        "optica.prescription", compute="_compute_previous_id", groups=GROUP
    )
    change_html = fields.Html(
        string="What Changed", compute="_compute_change_html", groups=GROUP, exportable=False
    )

    # ------------------------------------------------------------- compute

    @api.depends("scan")
    def _compute_scan_kind(self):
        """By its content, whatever the name says; other files have no preview."""
        for prescription in self.with_context(bin_size=False):
            content = base64.b64decode(prescription.scan or b"")
            mimetype = guess_mimetype(content) if content else ""
            prescription.scan_kind = (
                "pdf"
                if mimetype == "application/pdf"
                else "image"
                if mimetype in PREVIEWED
                else False
            )

    @api.depends("patient_id", "kind", "exam_date")
    def _compute_previous_id(self):
        for prescription in self:
            prescription.previous_id = (
                self.search(prescription._earlier_domain(), limit=1)
                if prescription.patient_id and prescription.exam_date
                else False
            )

    @api.depends("previous_id", *VALUE_NAMES)
    def _compute_change_html(self):
        for prescription in self:
            prescription.change_html = (
                prescription._change_html() if prescription.previous_id else False
            )

    # --------------------------------------------------------- constraints

    @api.constrains("scan")
    def _check_scan(self):
        for prescription in self:
            if prescription.scan and not prescription.scan_kind:
                raise UserError(self.env._("The scan must be a picture or a PDF."))

    # ------------------------------------------------------------- actions

    def action_new_from_this(self):
        """A new prescription for the same patient that starts with these values."""
        self.ensure_one()
        self._log_access("read")
        values = {
            f"default_{name}": self[name].id
            if name.endswith("er_id") or name == "patient_id"
            else self[name]
            for name in COPIED
            if self[name]
        }
        return self._form_action(values)

    def action_view_history(self):
        """All prescriptions of this patient, also the archived ones."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_prescription"
        )
        return {
            **action,
            "domain": [("patient_id", "in", self.patient_id.ids)],
            "context": {"active_test": False, "default_patient_id": self.patient_id[:1].id},
        }

    def action_open_previous(self):
        """Open the prescription before this one."""
        self.ensure_one()
        return self.previous_id._get_records_action()

    # ------------------------------------------------------------ business

    def _paper_rows(self):
        """The values as the paper has them: rows OD and OE, far and near, ready to print.

        :return: dicts with "eye" ("OD", "OE"), "row" ("far", "near") and a text by column:
            sphere, cylinder, axis, addition, prism, base, dnp, height, base_curve, diameter;
            a near row only where something is prescribed for it
        """
        self.ensure_one()
        bases = dict(self._fields["od_base"]._description_selection(self.env))
        rows = []
        for side, eye_name in zip(SIDES, ("OD", "OE"), strict=True):
            eye = self._eye(side)
            texts = {field: self._written(side, field) for field in EYE_FIELDS if field != "base"}
            texts["base"] = bases.get(eye.base, "")
            far = {name: text for name, text in texts.items() if not name.startswith("near_")}
            rows.append({"eye": eye_name, "row": "far", **far})
            near = {
                name.removeprefix("near_"): text
                for name, text in texts.items()
                if name.startswith("near_")
            }
            if any(near.values()):
                rows.append({**dict.fromkeys(far, ""), "eye": eye_name, "row": "near", **near})
        return sorted(rows, key=lambda row: row["row"] == "near")

    # ------------------------------------------------------------- helpers

    def _written(self, side, field):
        text = self[f"{side}_{field}"]
        return written(parse(text, field), field, self._decimal_point())

    def _earlier_domain(self):
        """Prescriptions of the same patient and kind before this one; the latest comes first."""
        same = Domain("patient_id", "=", self.patient_id.id) & Domain("kind", "=", self.kind)
        if not self._origin:
            return same & Domain("exam_date", "<=", self.exam_date)
        on_day = Domain("exam_date", "=", self.exam_date) & Domain("id", "<", self._origin.id)
        return same & (Domain("exam_date", "<", self.exam_date) | on_day)

    def _change_html(self):
        """A small table: each value that changed, before, after, and by how much."""
        if any(problem.blocks for problem in self._problems()):
            return False
        previous = self.previous_id
        rows = []
        for side in SIDES:
            differences = change(previous._eye(side), self._eye(side))
            for field, difference in differences.items():
                rows.append(self._change_row(previous, side, field, difference))
        return (
            self.env["ir.qweb"]._render(
                "optica_cobranca.prescription_change", {"rows": rows, "previous": previous}
            )
            or Markup()
        )

    def _change_row(self, previous, side, field, difference):
        name = f"{side}_{field}"
        label = self._fields[name]._description_string(self.env)
        if field == "base":
            words = dict(self._fields[name]._description_selection(self.env))
            before, after = (words.get(record[name], "") for record in (previous, self))
        else:
            before, after = previous._written(side, field), self._written(side, field)
        size = ""
        if difference is not None:
            size = written(
                difference, "sphere" if field != "axis" else field, self._decimal_point()
            )
        return {"label": label, "before": before, "after": after, "difference": size}

    def _form_action(self, values):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "views": [(False, "form")],
            "context": values,
        }

    # ---- Prescriptions as the patient, or who represents the patient, sees them

    @api.model
    def _of_person(self, person, companies, on: date):
        """Prescriptions of ``person`` and of children and wards ``person`` pays for, newest first.

        With sudo: the right is the patient's own (LGPD art. 18). Whoever else belongs to the same
        company as the person sees nothing, nor does who pays for a grown-up.
        """
        person = person.sudo()
        patients = person | person.dependant_ids.filtered(
            lambda patient: represents(patient.kinship, patient.birthdate or None, on)
        )
        return self.sudo().search(
            [("patient_id", "in", patients.ids), ("company_id", "in", companies.ids)]
        )

    # ------------------------------------ From the paper straight to the glasses

    service_order_ids = fields.One2many("optica.service.order", "prescription_id")
    service_order_count = fields.Integer(compute="_compute_service_order_count")

    @api.depends("service_order_ids")
    def _compute_service_order_count(self):
        for prescription in self:
            prescription.service_order_count = len(prescription.service_order_ids)

    def action_new_service_order(self):
        """A new service order for the patient, by this prescription, paid by who pays."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Service Order"),
            "res_model": "optica.service.order",
            "views": [(False, "form")],
            "context": {
                "default_partner_id": self.payer_id.id,
                "default_patient_id": self.patient_id.id,
                "default_prescription_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_view_service_orders(self):
        """Open the glasses that were made by this prescription."""
        return self.service_order_ids._get_records_action(name=self.env._("Service Orders"))
