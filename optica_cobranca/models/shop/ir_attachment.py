"""Files that are evidence: photos, payment proofs. They stay where they are and as they are."""

from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What a file is, says and belongs to.
FROZEN = (
    "name",
    "description",
    "type",
    "url",
    "mimetype",
    "raw",
    "datas",
    "db_datas",
    "store_fname",
    "checksum",
    "file_size",
    "res_model",
    "res_id",
    "res_field",
    "public",
    "company_id",
    "optica_evidence",
)


class IrAttachment(models.Model):
    """Whoever asks, the system included: a kept file is not changed, moved or deleted."""

    _name = "ir.attachment"
    _inherit = ["optica.evidence.original", "ir.attachment"]

    optica_evidence = fields.Boolean(
        "Evidence", readonly=True, copy=False, prefetch=False, help="Kept as it was sent."
    )

    _evidence_fields = ("name", "mimetype")

    # ---------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """What is evidence is said by the system, of files that are there."""
        return super().create(
            [{key: vals[key] for key in vals if key != "optica_evidence"} for vals in vals_list]
        )

    def write(self, vals):
        """A kept paper is not changed afterwards, nor is its mark taken off."""
        frozen = [name for name in FROZEN if name in vals]
        if frozen and any(kept._would_change(vals, frozen) for kept in self._kept()):
            raise self._refusal_to_change()
        return super().write({name: vals[name] for name in vals if name != "optica_evidence"})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if self._kept():
            raise self._refusal_to_change()

    # ------------------------------------------------------------ business

    def _keep_as_evidence(self):
        """From now on these files stay as they are."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE ir_attachment SET optica_evidence = true WHERE id = ANY(%s)", self.ids)
        )
        self.invalidate_recordset(["optica_evidence"])
        self._keep_evidence()

    def _erase_evidence(self):
        """The time to keep these files is over: the one way by which they go."""
        self.env["optica.evidence"].sudo()._erase(self._name, self.ids)
        self.env.cr.execute(
            SQL("UPDATE ir_attachment SET optica_evidence = false WHERE id = ANY(%s)", self.ids)
        )
        self.invalidate_recordset(["optica_evidence"])
        self.unlink()

    @api.model
    def _evidence_domain(self):
        return [("optica_evidence", "=", True), ("res_field", "in", (False, ""))]

    def _evidence_company(self):
        owner = self.env.get(self.res_model or "")
        known = owner is not None and "company_id" in owner._fields
        company = known and owner.sudo().browse(self.res_id).exists().company_id
        return company or self.company_id or self.env.company

    def _evidence_content(self):
        """The bytes stand for themselves, by their own hash."""
        return {
            one.id: [
                ("name", one.name),
                ("mimetype", one.mimetype),
                ("sha256", sha256(one.raw or b"").hexdigest()),
            ]
            for one in self.sudo().exists()
        }

    # ------------------------------------------------------------- helpers

    def _kept(self):
        return self.sudo().filtered("optica_evidence")

    def _would_change(self, vals, names):
        """Writing the same again changes nothing: Odoo does when files move to another store."""
        self.ensure_one()
        for name in names:
            now, new = self[name], vals[name]
            if isinstance(now, models.BaseModel):
                now = now.id
            if isinstance(new, str) and isinstance(now, bytes):
                new = new.encode()
            if (now or False) != (new or False):
                return True
        return False

    def _refusal_to_change(self):
        return UserError(
            self.env._(
                "This file is evidence and stays as the customer sent it. Add another file instead."
            )
        )
