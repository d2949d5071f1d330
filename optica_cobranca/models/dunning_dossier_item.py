import base64
import logging
import tempfile
import zipfile

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class DunningDossierItem(models.Model):
    """One customer's dossier of a request, with why it could not be made."""

    _name = "dunning.dossier.item"
    _description = "Legal Dossier in the Making"
    _order = "id"

    batch_id = fields.Many2one(
        "dunning.dossier.batch", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="batch_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    state = fields.Selection(
        [("pending", "To Do"), ("made", "Made"), ("failed", "Not Made")],
        required=True,
        readonly=True,
        default="pending",
    )
    error = fields.Char(string="Why Not", readonly=True)
    file_name = fields.Char(readonly=True)
    content = fields.Binary(attachment=True, readonly=True)
    amount = fields.Float(readonly=True)
    export_id = fields.Many2one(
        "dunning.export", string="File", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    _to_do = models.Index("(id) WHERE state = 'pending'")

    # ------------------------------------------------------------ business

    @api.model
    def _to_do_domain(self):
        return [("state", "=", "pending"), ("batch_id.state", "=", "running")]

    @api.model
    def _next(self):
        """The next dossier to make that nobody else makes, locked; none when all are made."""
        return self.search(self._to_do_domain(), order="id", limit=1).try_lock_for_update()

    @api.model
    def _left(self):
        return self.search_count(self._to_do_domain())

    def _is_to_do(self):
        return self.state == "pending" or (self.state == "made" and not self.export_id)

    def _make(self):
        """Make it as the one who asked would; what is wrong with it stops no other."""
        try:
            with self.env.cr.savepoint():
                name, content, amount = self._customer()._dossier_file(self.company_id)
                self.write(
                    {
                        "state": "made",
                        "file_name": name,
                        "content": base64.b64encode(content),
                        "amount": amount,
                    }
                )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except UserError as error:
            self.write({"state": "failed", "error": str(error)})
        except Exception as error:
            _logger.exception("Dossier of customer %s failed", self.partner_id.id)
            self.write({"state": "failed", "error": f"{type(error).__name__}: {error}"[:250]})

    # ------------------------------------------------------------- helpers

    def _customer(self):
        """The customer as seen by who asked: rights are asked for again at this moment."""
        user, company = self.batch_id.user_id, self.company_id
        self.env["dunning.export"].with_user(user)._check_group("manager")
        return (
            self.partner_id.with_user(user)
            .with_company(company)
            .with_context(allowed_company_ids=company.ids, lang=user.lang, tz=user.tz)
        )

    def _bytes(self):
        return base64.b64decode(self.with_context(bin_size=False).content)

    def _zipped(self):
        """One ZIP of these dossiers, which are ZIPs themselves and shrink no further."""
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for number, item in enumerate(self, start=1):
                    archive.writestr(f"{number:03d}-{item.file_name}", item._bytes())
                    item.invalidate_recordset(["content"])
            file.seek(0)
            return file.read()
