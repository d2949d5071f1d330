from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrediarioAcceptance(models.Model):
    """What a customer agreed to on a screen: exact text, time, address. Never changed."""

    _name = "crediario.acceptance"
    _description = "Acceptance of an Agreement"
    _inherit = ["optica.evidence.original", "collection.record"]
    _order = "id desc"
    _rec_name = "accepted_at"

    agreement_id = fields.Many2one(
        "crediario.agreement", required=True, readonly=True, index=True, ondelete="restrict"
    )
    accepted_at = fields.Datetime(required=True, readonly=True)
    origin = fields.Selection(
        [("portal", "Logged in"), ("link", "Private link")], required=True, readonly=True
    )
    user_id = fields.Many2one(
        "res.users", string="Login", readonly=True, help="Empty for a private link."
    )
    ip_address = fields.Char(string="IP Address", required=True, readonly=True)
    user_agent = fields.Char(string="Browser", readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    # Rendered by our own template, where everything is escaped; cleaning would alter the text.
    terms = fields.Html(
        string="Text Agreed to", required=True, readonly=True, sanitize=False, translate=False
    )
    digest = fields.Char(
        string="SHA-256", required=True, readonly=True, help="Of the text as it is stored."
    )

    _evidence_fields = (
        "agreement_id",
        "accepted_at",
        "origin",
        "user_id",
        "ip_address",
        "user_agent",
        "lang",
        "terms",
        "digest",
    )

    # ---------------------------------------------------------------- CRUD

    def write(self, vals):
        """Evidence stays as it is, whoever asks."""
        if self:
            raise UserError(
                self.env._("What a customer agreed to is evidence and cannot be changed.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What a customer agreed to is evidence and cannot be deleted."))

    # ------------------------------------------------------------ business

    @api.model
    def _record(self, agreement, terms, proof):
        """Keep the proof of an acceptance.

        :param terms: the text as it was shown (Markup)
        :param proof: :class:`~.customer_proof.CustomerProof` of the request
        """
        return self.sudo().create(
            {
                "agreement_id": agreement.id,
                "company_id": agreement.company_id.id,
                "partner_id": agreement.partner_id.id,
                "accepted_at": fields.Datetime.now(),
                "origin": proof.origin,
                "user_id": proof.user_id,
                "ip_address": proof.ip_address,
                "user_agent": proof.user_agent,
                "lang": self.env.lang or "en_US",
                "terms": str(terms),
                "digest": text_digest(terms),
            }
        )


def text_digest(text):
    """SHA-256 of a text, hexadecimal."""
    return sha256(str(text).encode()).hexdigest()
