import base64
import logging
import tempfile
import zipfile

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...domain.shop.words import moment_text
from ...tools.shop.lost_races import TRANSIENT
from ...tools.shop.notification import download

# Dossiers in one ZIP: what is in memory, and what a lawyer's mailbox takes, has a limit.
VOLUME = 50
KEEP_DAYS = 30
_logger = logging.getLogger(__name__)


class DunningExport(models.Model):
    """A file with customers' data that left the shop: what, for whom, by whom (LGPD art. 37).

    Written by the actions that make the files, with sudo in :meth:`_store`; nobody edits it.
    """

    _name = "dunning.export"
    _description = "File Handed Over"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("bureau_register", "Bureau: to register"),
            ("bureau_remove", "Bureau: to remove"),
            ("agency", "Agency"),
            ("letters", "Letters"),
            ("dossier", "Legal dossier"),
        ],
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Made By", required=True, readonly=True)
    agency_id = fields.Many2one("dunning.agency", readonly=True, ondelete="restrict")
    partner_ids = fields.Many2many("res.partner", string="Customers", readonly=True)
    partner_count = fields.Integer(string="Number of Customers", readonly=True)
    amount = fields.Monetary(readonly=True)
    content = fields.Binary(attachment=True, readonly=True)
    create_date = fields.Datetime(string="Made On", readonly=True)

    # ---------------------------------------------------------------- CRUD

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Files that left the shop stay on record and cannot be deleted.")
        )

    # ------------------------------------------------------------- actions

    def action_download(self):
        """Save the file once more."""
        self.ensure_one()
        self.check_access("read")
        return download(f"/web/content/{self._name}/{self.id}/content/{self.name}?download=true")

    # ------------------------------------------------------------ business

    @api.model
    def _store(self, kind, name, content, company, partners, amount=0.0, agency=None):
        """Keep ``content`` (bytes) as handed over by the present user.

        With sudo: the record is evidence, so that users have no right to write it.
        """
        return (
            self.sudo()
            .create(
                {
                    "kind": kind,
                    "name": name,
                    "company_id": company.id,
                    "user_id": self.env.uid,
                    "agency_id": agency.id if agency else False,
                    "partner_ids": partners.ids,
                    "partner_count": len(partners),
                    "amount": amount,
                    "content": base64.b64encode(content),
                }
            )
            .with_env(self.env)
        )

    # ----------------------------------------------------- dunning dossier batch

    dossier_batch_id = fields.Many2one(
        "dunning.dossier.batch", readonly=True, index="btree_not_null", ondelete="set null"
    )


class DunningDossierBatch(models.Model):
    """Legal dossiers of many customers, made one after the other in the background.

    Each is a transaction of its own. They are handed out as ZIPs of at most ``VOLUME`` dossiers,
    kept as files handed over. Users have no right to write: starting, stopping and trying again
    are methods.
    """

    _name = "dunning.dossier.batch"
    _description = "Legal Dossiers in the Making"
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", string="Asked By", required=True, readonly=True)
    create_date = fields.Datetime(string="Asked On", readonly=True)
    state = fields.Selection(
        [("running", "In Progress"), ("done", "Done"), ("cancelled", "Stopped")],
        required=True,
        readonly=True,
        default="running",
        index=True,
    )
    item_ids = fields.One2many("dunning.dossier.item", "batch_id", readonly=True)
    export_ids = fields.One2many(
        "dunning.export", "dossier_batch_id", string="Files", readonly=True
    )
    customer_count = fields.Integer(string="Customers", compute="_compute_progress")
    made_count = fields.Integer(string="Made", compute="_compute_progress")
    failed_count = fields.Integer(string="Not Made", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress", help="Percent of the customers.")

    # ------------------------------------------------------------- compute

    @api.depends("item_ids.state")
    def _compute_progress(self):
        rows = self.env["dunning.dossier.item"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]
        )
        counts = {(batch.id, state): count for batch, state, count in rows}
        for batch in self:
            made, failed, pending = (
                counts.get((batch.id, state), 0) for state in ("made", "failed", "pending")
            )
            batch.customer_count = made + failed + pending
            batch.made_count, batch.failed_count = made, failed
            batch.progress = 100 * (made + failed) / (batch.customer_count or 1)

    @api.depends("create_date", "user_id")
    def _compute_display_name(self):
        for batch in self:
            day = fields.Datetime.context_timestamp(batch, batch.create_date or batch._now())
            batch.display_name = self.env._("Dossiers of %s", moment_text(day))

    # ------------------------------------------------------------- actions

    def action_refresh(self):
        """Show how far it is by now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_cancel(self):
        """Stop after the dossier that is being made."""
        self._for_manager().filtered(lambda batch: batch.state == "running").state = "cancelled"

    def action_resume(self):
        """Go on where it was stopped, and try again what failed."""
        batches = self._for_manager()
        again = batches.item_ids.filtered(lambda item: item.state == "failed")
        again.write({"state": "pending", "error": False})
        waiting = batches.filtered(
            lambda batch: (
                batch.state != "running" and batch.item_ids.filtered(lambda i: i._is_to_do())
            )
        )
        if not waiting:
            raise UserError(self.env._("Nothing is left to be made."))
        waiting.state = "running"
        waiting._wake()

    def action_download(self):
        """Save the file, or list the files when there are several."""
        self.ensure_one()
        if not self.export_ids:
            raise UserError(self.env._("No file is ready yet."))
        return self.export_ids._open_or_download()

    # ------------------------------------------------------------ business

    @api.model
    def _start(self, customers, company):
        """Begin with the dossiers of these customers, for the present user; who may was checked."""
        batch = self.sudo().create(
            {
                "company_id": company.id,
                "user_id": self.env.uid,
                "item_ids": [
                    fields.Command.create({"partner_id": customer.id}) for customer in customers
                ],
            }
        )
        batch._wake()
        return batch.with_env(self.env)

    def _wake(self):
        self.env.ref("optica_cobranca.ir_cron_dossiers").sudo()._trigger()

    @api.model
    def _cron_make(self):
        """Background: the next dossier, each in a transaction of its own."""
        items = self.env["dunning.dossier.item"]
        while item := items._next():
            item._make()
            item.batch_id._finish_volume()
            if not self.env["ir.cron"]._commit_progress(1, remaining=items._left()):
                return
        for batch in self.search([("state", "=", "running")]):  # stopped before its last file
            batch._finish_volume()
            self.env["ir.cron"]._commit_progress(remaining=0)

    def _finish_volume(self):
        """Pack what is made into a file: when it is full, and at the end the rest."""
        self.ensure_one()
        items = self.item_ids
        is_over = not items.filtered(lambda item: item.state == "pending")
        ready = items.filtered(lambda item: item.state == "made" and not item.export_id)
        while len(ready) >= VOLUME or (is_over and ready):
            self._pack(ready[:VOLUME])
            ready = ready[VOLUME:]
        if is_over and self.state == "running":
            self.state = "done"
            self._tell_ready()

    def _pack(self, items):
        number = len(self.export_ids) + 1
        day = fields.Date.context_today(self)
        if len(items) == 1 and number == 1:
            name, content = items.file_name, items._bytes()
        else:
            name, content = f"dossies-{day:%Y%m%d}-{self.id}-{number}.zip", items._zipped()
        export = (
            self.env["dunning.export"]
            .with_user(self.user_id)
            ._store(
                "dossier",
                name,
                content,
                self.company_id,
                items.partner_id,
                amount=sum(items.mapped("amount")),
            )
            .sudo()
        )
        export.dossier_batch_id = self
        items.write({"export_id": export.id, "content": False})

    def _tell_ready(self):
        """A message to who asked, who has gone on with other work."""
        spoken = self.with_context(lang=self.user_id.lang)
        subject = spoken.env._(
            "Legal dossiers are ready: %(made)s of %(all)s",
            made=self.made_count,
            all=self.customer_count,
        )
        body = spoken.env._("They are under “Files Handed Over”, and in the list of this request.")
        if self.failed_count:
            body = spoken.env._("%s could not be made; the list says why.", self.failed_count)
        self.env["mail.thread"].message_notify(
            partner_ids=self.user_id.partner_id.ids,
            subject=subject,
            body=body,
            model=self._name,
            res_id=self.id,
        )
        self.user_id._bus_send(
            "simple_notification",
            {"type": "success", "title": subject, "message": body, "sticky": True},
        )

    @api.autovacuum
    def _gc_batches(self):
        """Requests of the past go; the files that were handed out stay."""
        limit = fields.Datetime.subtract(self._now(), days=KEEP_DAYS)
        self.search(
            [("create_date", "<", limit), ("state", "!=", "running")], limit=200
        ).sudo().unlink()

    # ------------------------------------------------------------- helpers

    def _for_manager(self):
        """These with the right to write them, for a manager who may read them."""
        self._check_role("manager", allow_system=True)
        self.check_access("read")
        return self.sudo()

    @api.model
    def _now(self):
        return fields.Datetime.now()


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
        except TRANSIENT:
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
        self.env["dunning.export"].with_user(user)._check_role("manager", allow_system=True)
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
