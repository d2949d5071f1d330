import re

from odoo import api, models
from odoo.tools import consteq, hmac

from ..domain.consent import CHOSEN_CHANNELS, Topic

STOP_PATH = "/stop"
SCOPE = "optica_cobranca.stop_link"
SIGNATURE_LENGTH = 32  # hexadecimal digits: 128 bits
TOKEN = re.compile(r"([0-9a-f]{1,12})-([0-9a-f]{32})", re.ASCII)


class ContactMessage(models.Model):
    """The link by which a customer stops messages; it proves that he got this one."""

    _inherit = "contact.message"

    # ------------------------------------------------------------ business

    def _stop_link(self):
        """Address of the page where the customer asks for silence; None for a draft."""
        self.ensure_one()
        if not self._origin.id:
            return None
        return f"{self.company_id.get_base_url()}{STOP_PATH}/{self._stop_token()}"

    def _stop_token(self):
        return f"{self.id:x}-{self._stop_signature(self.id)}"

    @api.model
    def _find_by_stop_token(self, token):
        """The message that carried a link, none for a link that we did not make.

        Compared in constant time, so that a guess learns nothing from how long we think.
        """
        parts = TOKEN.fullmatch(token or "")
        message_id = int(parts[1], 16) if parts else 0
        signature = parts[2] if parts else ""
        if not consteq(self._stop_signature(message_id), signature):
            return self.browse()
        # The customer is not logged in: the signature is his right to this one message.
        return self.sudo().browse(message_id).exists()

    @api.model
    def _stop_signature(self, message_id):
        return hmac(self.env(su=True), SCOPE, message_id)[:SIGNATURE_LENGTH]

    def _stop_choices(self):
        """What the customer allows on this channel: {topic: allowed}."""
        wishes = self.env["contact.consent"]._wishes(self.partner_id)
        return {topic: wishes[topic, self.channel] for topic in Topic}

    def _apply_stop_choice(self, choice):
        """Record what the customer asked for on the page of a link.

        :param choice: ``all`` (nothing more by this channel), ``offers`` (no offers by any
            channel), ``none`` (undo: messages about the own account are welcome again)
        :return: False for an unknown choice, of which nothing is recorded
        """
        self.ensure_one()
        wanted = {
            "all": {(topic, self.channel): False for topic in Topic},
            "offers": {(Topic.OFFERS, channel): False for channel in CHOSEN_CHANNELS},
            "none": {(Topic.ACCOUNT, self.channel): True},
        }.get(choice)
        if wanted is None:
            return False
        self.env["contact.consent"]._record_wishes(
            self.partner_id,
            wanted,
            "link",
            proof=f"{STOP_PATH}: {choice}",
            message_id=self.id,
        )
        return True
