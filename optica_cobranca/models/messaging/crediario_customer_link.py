import ipaddress
import re
import secrets
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, hmac

# Short, for an SMS has 160 characters; no other app of Odoo begins an address so.
LINK_PATH = "/oc"
SCOPE = "optica_cobranca.customer_link"
TOKEN_BYTES = 16  # 128 random bits: 22 characters of the address
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
IN_ADDRESS = re.compile(rf"(?<={LINK_PATH}/){TOKEN.pattern}", re.ASCII)
HIDDEN = "…"
# How long a link that opens nothing any more is kept, to see who was given one.
KEEP = timedelta(days=90)
# Named on the page of a link that opens nothing.
MOST_SHOPS = 5


def without_tokens(text):
    """``text`` with the secret part of private links hidden."""
    return IN_ADDRESS.sub(HIDDEN, text or "")


ADDRESS_SCOPE = "optica_cobranca.customer_link.address"
PHOTO_SCOPE = "optica_cobranca.customer_photos"
WINDOW = timedelta(minutes=10)
# Many telephones share one address of their operator, so a few mistyped links close nothing.
MISSES_ALLOWED = 30
KEEP_MISSES = timedelta(days=1)


def _window_start(now):
    seconds = int(WINDOW.total_seconds())
    return datetime.min + (now - datetime.min) // WINDOW * timedelta(seconds=seconds)


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
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
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
        self._check_role("manager")
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

    @api.model
    def _shops(self):
        """Whom to ask for a new link: the companies that give links, with sudo.

        The same ones whatever link was asked for: which shop a link belonged to, or whether there
        ever was one, is told to nobody. What is shown of them is what they tell everybody.
        """
        links = self.sudo()
        shops = self.env["res.company"].sudo()
        companies = shops.search([])  # pylint: disable=no-search-all; shops are few
        giving = companies.filtered(
            lambda company: links.search_count([("company_id", "=", company.id)], limit=1)
        )
        return (giving or self.env.company.sudo())[:MOST_SHOPS]

    def _is_valid(self, now):
        return bool(self) and not self.revoked_at and self.expires_at > now

    @api.autovacuum
    def _gc_links(self):
        self.search([("expires_at", "<", fields.Datetime.now() - KEEP)]).unlink()

    # ------------------------------------------------------------- helpers

    @api.model
    def _digest(self, token):
        return hmac(self.env(su=True), SCOPE, token)

    # --------------- Guessing is slow: who asks for too many unknown links waits

    @api.model
    def _seconds_blocked(self, address):
        """How long this address still has to wait; 0 when it need not."""
        now = fields.Datetime.now()
        start = _window_start(now)
        found = (
            self.env["crediario.link.miss"]
            .sudo()
            .search(
                [("address", "=", self._network_of(address)), ("window_start", "=", start)], limit=1
            )
        )
        if found.misses < MISSES_ALLOWED:
            return 0
        return max(1, int((start + WINDOW - now).total_seconds()))

    @api.model
    def _count_miss(self, address):
        """One more unknown link from this address."""
        misses = self.env["crediario.link.miss"]
        misses._count(self._network_of(address), _window_start(fields.Datetime.now()))

    @api.model
    def _network_of(self, address):
        """The address as a hash; of IPv6 the /64 that one customer of a provider gets."""
        try:
            parsed = ipaddress.ip_address(address or "")
        except ValueError:
            parsed = None
        if isinstance(parsed, ipaddress.IPv6Address):
            address = str(ipaddress.ip_network((parsed, 64), strict=False))
        return hmac(self.env(su=True), ADDRESS_SCOPE, address or "")


class CrediarioLinkMiss(models.Model):
    """How often somebody did what is allowed a number of times only.

    An address of the network asked for links that do not exist; a customer sent photos. Counted
    in the database, for several workers count together. Who it is is kept as a keyed hash, for a
    day.
    """

    _name = "crediario.link.miss"
    _description = "Guesses at Private Links"
    _log_access = False

    address = fields.Char(required=True)
    window_start = fields.Datetime(required=True)
    misses = fields.Integer(required=True)

    _address_window = models.UniqueIndex("(address, window_start)")

    @api.model
    def _count(self, address, window_start, number=1):
        """Some more of somebody, with the rights of the database: strangers are counted.

        :param address: a keyed hash
        :return: how many there are in this window
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO crediario_link_miss (address, window_start, misses)
                   VALUES (%s, %s, %s)
                   ON CONFLICT (address, window_start)
                   DO UPDATE SET misses = crediario_link_miss.misses + EXCLUDED.misses
                   RETURNING misses""",
                address,
                window_start,
                number,
            )
        )
        self.invalidate_model(["misses"])
        return self.env.cr.fetchone()[0]

    @api.model
    def _count_photos(self, partner, number):
        """How many photos this customer has sent in this hour, ``number`` more included.

        By login and by all links together; those that were refused count.
        """
        hour = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        return self._count(hmac(self.env(su=True), PHOTO_SCOPE, partner.id), hour, number)

    @api.autovacuum
    def _gc_misses(self):
        self.search([("window_start", "<", fields.Datetime.now() - KEEP_MISSES)]).unlink()
