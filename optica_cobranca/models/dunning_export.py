import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


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
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content/{self.name}?download=true",
            "target": "self",
        }

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

    @api.model
    def _check_group(self, group):
        """Raise unless the user belongs to ``group`` (collector or manager), or it is the system.

        The methods that ask this write with sudo afterwards: users have no right to write the
        records themselves, so that steps are taken in their order only.
        """
        if self.env.su or self.env.user.has_group(f"optica_cobranca.group_{group}"):
            return
        if group == "manager":
            raise AccessError(self.env._("Only a collection manager decides on this."))
        raise AccessError(self.env._("Only collectors do this."))
