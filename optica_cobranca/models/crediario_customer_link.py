import re
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import hmac

LINK_PATH = "/c"
SCOPE = "optica_cobranca.customer_link"
TOKEN_BYTES = 16  # 128 random bits: 22 characters of the address
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
IN_ADDRESS = re.compile(rf"(?<={LINK_PATH}/){TOKEN.pattern}", re.ASCII)
HIDDEN = "…"
# How long a link that opens nothing any more is kept, to see who was given one.
KEEP = timedelta(days=90)


def without_tokens(text):
    """``text`` with the secret part of private links hidden."""
    return IN_ADDRESS.sub(HIDDEN, text or "")


class CrediarioCustomerLink(models.Model):
    """The right to one customer's pages without a login, as sent in a message.

    Kept as a keyed hash: whoever reads the database cannot open the pages.
    """

    _name = "crediario.customer.link"
    _description = "Private Link of a Customer"
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, groups="base.group_no_one")
    expires_at = fields.Datetime("Valid Until", required=True, readonly=True, index=True)
    revoked_at = fields.Datetime("Closed On", readonly=True)
    state = fields.Selection(
        [("valid", "Valid"), ("expired", "Expired"), ("revoked", "Closed")],
        compute="_compute_state",
    )

    _digest_unique = models.UniqueIndex("(digest)")

    # ------------------------------------------------------------- compute

    @api.depends("expires_at", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for link in self:
            link.state = (
                "revoked" if link.revoked_at else "valid" if link._is_valid(now) else "expired"
            )

    # ------------------------------------------------------------- actions

    def action_revoke(self):
        """Close links before their time."""
        if not self.env.user.has_group("optica_cobranca.group_manager"):
            raise AccessError(self.env._("Managers close private links."))
        self.check_access("read")
        # With sudo: nobody writes on links, closing them is all that there is to do.
        links = self.sudo().filtered(lambda link: not link.revoked_at)
        links.revoked_at = fields.Datetime.now()

    # ------------------------------------------------------------ business

    @api.model
    def _issue(self, owners):
        """New links, all of them by one statement.

        :param owners: pairs (partner id, company id); the commercial partner holds the link
        :return: dict of pair -> token, told now and never again
        """
        owners = list(dict.fromkeys(owners))
        partners = self.env["res.partner"].sudo().browse(dict(owners))
        companies = self.env["res.company"].sudo().browse({company for _p, company in owners})
        now = fields.Datetime.now()
        expiry = {c.id: now + timedelta(days=c.customer_link_days) for c in companies}
        holder = {partner.id: partner.commercial_partner_id.id for partner in partners}
        tokens = {owner: secrets.token_urlsafe(TOKEN_BYTES) for owner in owners}
        # Nobody has the right to make links but the texts of messages.
        self.sudo().create(
            [
                {
                    "partner_id": holder[partner_id],
                    "company_id": company_id,
                    "digest": self._digest(tokens[partner_id, company_id]),
                    "expires_at": expiry[company_id],
                }
                for partner_id, company_id in owners
            ]
        )
        return tokens

    @api.model
    def _find_by_token(self, token):
        """The valid link of a token, with sudo: the token is the right. Empty for any other.

        The same work for unknown, malformed, expired and revoked ones: a hash and one look-up by
        it, whose time says nothing of the hashes that exist.
        """
        digest = self._digest(token if TOKEN.fullmatch(token or "") else "")
        shown = ["partner_id", "company_id", "expires_at", "revoked_at"]
        link = self.sudo().search_fetch([("digest", "=", digest)], shown, limit=1)
        return link if link._is_valid(fields.Datetime.now()) else link.browse()

    def _is_valid(self, now):
        return bool(self) and not self.revoked_at and self.expires_at > now

    @api.autovacuum
    def _gc_links(self):
        self.search([("expires_at", "<", fields.Datetime.now() - KEEP)]).unlink()

    # ------------------------------------------------------------- helpers

    @api.model
    def _digest(self, token):
        return hmac(self.env(su=True), SCOPE, token)


class ResCompany(models.Model):
    """How long a link is good."""

    _inherit = "res.company"

    customer_link_days = fields.Integer(
        string="Private Links Are Valid for (Days)",
        default=7,
        help="For how long the link in a message opens the customer's page without a login. "
        "Every message carries a new one.",
    )

    _customer_link_days_valid = models.Constraint(
        "CHECK(customer_link_days BETWEEN 1 AND 90)",
        "Private links are valid for 1 to 90 days.",
    )
