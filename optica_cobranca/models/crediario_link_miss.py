import ipaddress
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, hmac

SCOPE = "optica_cobranca.customer_link.address"
WINDOW = timedelta(minutes=10)
# Many telephones share one address of their operator, so a few mistyped links close nothing.
MISSES_ALLOWED = 30
KEEP = timedelta(days=1)


class CrediarioLinkMiss(models.Model):
    """How often an address of the network asked for links that do not exist.

    Counted in the database, for several workers count together. The address is kept as a keyed
    hash, for a day.
    """

    _name = "crediario.link.miss"
    _description = "Guesses at Private Links"
    _log_access = False

    address = fields.Char(required=True)
    window_start = fields.Datetime(required=True)
    misses = fields.Integer(required=True)

    _address_window = models.UniqueIndex("(address, window_start)")

    @api.autovacuum
    def _gc_misses(self):
        self.search([("window_start", "<", fields.Datetime.now() - KEEP)]).unlink()


class CrediarioCustomerLink(models.Model):
    """Guessing is slow: who asks for too many unknown links waits."""

    _inherit = "crediario.customer.link"

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
        self.env.cr.execute(
            SQL(
                """INSERT INTO crediario_link_miss (address, window_start, misses)
                   VALUES (%s, %s, 1)
                   ON CONFLICT (address, window_start)
                   DO UPDATE SET misses = crediario_link_miss.misses + 1""",
                self._network_of(address),
                _window_start(fields.Datetime.now()),
            )
        )
        self.env["crediario.link.miss"].invalidate_model(["misses"])

    @api.model
    def _network_of(self, address):
        """The address as a hash; of IPv6 the /64 that one customer of a provider gets."""
        try:
            parsed = ipaddress.ip_address(address or "")
        except ValueError:
            parsed = None
        if isinstance(parsed, ipaddress.IPv6Address):
            address = str(ipaddress.ip_network((parsed, 64), strict=False))
        return hmac(self.env(su=True), SCOPE, address or "")


def _window_start(now):
    seconds = int(WINDOW.total_seconds())
    return datetime.min + (now - datetime.min) // WINDOW * timedelta(seconds=seconds)
