from odoo import api, fields, models
from odoo.exceptions import UserError

from .optica_prescription_eyes import VALUE_NAMES

# What says something about a person's health.
HEALTH_FIELDS = frozenset({*VALUE_NAMES, "note", "lens_name", "scan", "change_html", "problems"})


class OpticaPrescriptionAccess(models.Model):
    """Who read, entered, changed or printed which prescription, and when (LGPD art. 46)."""

    _name = "optica.prescription.access"
    _description = "Access to a Prescription"
    _order = "id desc"
    _rec_name = "prescription_id"

    create_date = fields.Datetime(string="When", readonly=True)
    prescription_id = fields.Many2one(
        "optica.prescription", required=True, readonly=True, index=True, ondelete="restrict"
    )
    patient_id = fields.Many2one(
        related="prescription_id.patient_id", store=True, index=True, string="Patient"
    )
    company_id = fields.Many2one(related="prescription_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", string="Who", required=True, readonly=True, index=True)
    kind = fields.Selection(
        [
            ("read", "Read"),
            ("scan", "Looked at the Scan"),
            ("created", "Entered"),
            ("changed", "Changed"),
            ("printed", "Printed"),
        ],
        string="What",
        required=True,
        readonly=True,
    )


class OpticaPrescription(models.Model):
    """Health data leaves this model by three doors, and each of them writes it down.

    Reading by a client (``_read_format``), the scan (``ir.binary``), and print. Exports and
    groupings, which would go around the log, are refused.
    """

    _inherit = "optica.prescription"

    access_ids = fields.One2many(
        "optica.prescription.access",
        "prescription_id",
        string="Access Log",
        groups="optica_cobranca.group_manager",
    )

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        prescriptions = super().create(vals_list)
        prescriptions._log_access("created")
        return prescriptions

    def write(self, vals):
        done = super().write(vals)
        if not HEALTH_FIELDS.isdisjoint(vals):
            self._log_access("changed")
        return done

    def _read_format(self, fnames, load="_classic_read"):
        rows = super()._read_format(fnames, load)
        if not self.env.su and not HEALTH_FIELDS.isdisjoint(fnames):
            self._log_access("read")
        return rows

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if any(path and path[0] in HEALTH_FIELDS for path in fields):
            raise UserError(
                self.env._("Health data is not exported. Print the record book or open the form.")
            )
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        names = {spec.partition(":")[0].partition(".")[0] for spec in (*groupby, *aggregates)}
        if not self.env.su and not HEALTH_FIELDS.isdisjoint(names):
            raise UserError(self.env._("Prescriptions are not grouped by health data."))
        return super()._read_group(domain, groupby, aggregates, *args, **kwargs)

    # ------------------------------------------------------------ business

    def _log_access(self, kind):
        """Write down that the present user saw or touched these prescriptions.

        With sudo: nobody has the right to write into the log.
        """
        self.env["optica.prescription.access"].sudo().create(
            [
                {"prescription_id": id_, "user_id": self.env.uid, "kind": kind}
                for id_ in self._origin.ids
            ]
        )


class IrBinary(models.AbstractModel):
    """The scan is reached by its own address, past the reading of the form."""

    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        if record._name == "optica.prescription" and field_name in HEALTH_FIELDS:
            record._log_access("scan")
        return super()._record_to_stream(record, field_name)
