import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .optica_prescription import EYE_NAMES, SIDES, VALUE_NAMES

# What says something about a person's health: the one list of it.
HEALTH_FIELDS = frozenset(
    {
        *VALUE_NAMES,
        *(f"{side}_near_apart" for side in SIDES),
        "note",
        "lens_name",
        "scan",
        "scan_name",
        "scan_kind",
        "change_html",
        "problems",
    }
)

# Of an attachment: what it holds, and whose it is.
CONTENT = frozenset({"raw", "datas", "db_datas", "index_content"})
PLACE = frozenset({"res_model", "res_id", "res_field", "public"})
# How the texts of templates name a field.
NAMED = re.compile(r"""[.'"](\w+)""")


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
    """Health data leaves this model by doors that write it down, once it was granted.

    Reading by a client (``_read_format``; what a form answers comes by it, too), a copy
    (``copy_data``), the scan (its address, its attachment), and print. Exports, conditions,
    groupings, orders, messages with the scan and texts of templates, which would go around the log,
    are refused, to whoever asks and from whatever model.
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
        """Who writes a prescription down has seen it."""
        prescriptions = super().create(vals_list)
        prescriptions._log_access("created")
        return prescriptions

    def write(self, vals):
        """Who changes health data has seen it."""
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

    def copy_data(self, default=None):
        """A copy carries the values to whoever makes it."""
        copies = super().copy_data(default)
        if not self.env.su and any(not HEALTH_FIELDS.isdisjoint(values) for values in copies):
            self._log_access("read")
        return copies

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Screens offer no search, order or group that would be refused."""
        described = super().fields_get(allfields, attributes)
        for name in HEALTH_FIELDS & described.keys():
            offered = {"searchable", "sortable", "groupable"} & described[name].keys()
            described[name].update(dict.fromkeys(offered, False))
        return described

    def _field_to_sql(self, alias, field_expr, query=None):
        """Conditions, groupings and orders of any model come by here, and are not logged."""
        self._refuse_conditions(field_expr.partition(".")[0])
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _refuse_conditions(self, name):
        if not self.env.su and name in HEALTH_FIELDS:
            self._check_field_access(self._fields[name], "read")
            raise AccessError(
                self.env._("Prescriptions are not searched, sorted or grouped by health data.")
            )

    def _fetch_query(self, query, fields):
        """Values of records that were found otherwise.

        With sudo: which records and which fields the user may read has been asked by now.
        """
        health = [field for field in fields if field.name in HEALTH_FIELDS and field.column_type]
        if self.env.su or not health:
            return super()._fetch_query(query, fields)
        found = super()._fetch_query(query, [field for field in fields if field not in health])
        for field in health:
            self._check_field_access(field, "read")
        found.sudo().fetch([field.name for field in health])
        return found

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
        """Written down after it was granted: whoever gets a placeholder has seen nothing."""
        stream = super()._record_to_stream(record, field_name)
        if record._name == "optica.prescription" and field_name in HEALTH_FIELDS:
            record._log_access("scan")
        elif record._name == "ir.attachment":
            record._log_scans()
        return stream


class IrAttachment(models.Model):
    """The scan is kept as an attachment, and reached as one, too."""

    _inherit = "ir.attachment"

    def write(self, vals):
        """A scan stays with its prescription, whoever may write to it."""
        moved = PLACE.intersection(vals)
        if moved and any(scan[name] != vals[name] for scan in self._scans() for name in moved):
            raise UserError(self.env._("The scan of a prescription stays with it."))
        return super().write(vals)

    def copy_data(self, default=None):
        """Who copies a prescription has its scan."""
        copies = super().copy_data(default)
        if not self.env.su:
            self._log_scans()
        return copies

    @api.model
    def _search(self, domain, *args, **kwargs):
        """What a scan says, where another module reads files, finds no scan."""
        domain = Domain(domain)
        named = {condition.field_expr for condition in domain.iter_conditions()}
        if "index_content" in named and not self.env.su:
            domain &= Domain("res_model", "!=", "optica.prescription") | Domain(
                "res_field", "=", False
            )
        return super()._search(domain, *args, **kwargs)

    def _read_format(self, fnames, load="_classic_read"):
        rows = super()._read_format(fnames, load)
        is_size = self.env.context.get("bin_size")
        if not (self.env.su or is_size or CONTENT.isdisjoint(fnames)):
            self._log_scans()
        return rows

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if self._scans() and any(path and path[0] in CONTENT for path in fields):
            raise UserError(
                self.env._("Health data is not exported. Print the record book or open the form.")
            )
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def _scans(self):
        """Those of these files that are scans. With sudo: what a file is, whoever asks."""
        return self._origin.sudo().filtered(
            lambda file: file.res_model == "optica.prescription" and file.res_field
        )

    def _log_scans(self):
        """Write down that the present user was given these files, as far as they are scans."""
        scans = self._scans()
        if scans:
            self.env["optica.prescription"].browse(scans.mapped("res_id"))._log_access("scan")


class MailMessage(models.Model):
    """A message hands its files to everybody who reads it, and to whoever gets the e-mail."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        """A scan leaves in no message."""
        messages = super().create(vals_list)
        if any(vals.get("attachment_ids") for vals in vals_list):
            messages._refuse_scans()
        return messages

    def write(self, vals):
        """A scan is put into no message afterwards."""
        done = super().write(vals)
        if "attachment_ids" in vals:
            self._refuse_scans()
        return done

    def _refuse_scans(self):
        """With sudo: whatever the files are, and whoever writes."""
        if self.sudo().attachment_ids._scans():
            raise UserError(
                self.env._(
                    "The scan of a prescription is not sent with messages. Print the copy for the "
                    "patient, or download it: both are written down."
                )
            )


class MailRenderMixin(models.AbstractModel):
    """Templates of e-mails read what they name, and nobody writes down who read it."""

    _inherit = "mail.render.mixin"

    @api.model
    def _render_template(self, template_src, model, res_ids, *args, **kwargs):
        health = HEALTH_FIELDS if model == "optica.prescription" else frozenset(EYE_NAMES)
        if not health.isdisjoint(NAMED.findall(str(template_src or ""))):
            raise UserError(self.env._("Health data is not merged into messages."))
        return super()._render_template(template_src, model, res_ids, *args, **kwargs)
