from odoo import models
from odoo.tools import format_date

from ..messaging.crediario_customer_link import LINK_PATH


class ResPartner(models.Model):
    """The customer's private page, for who speaks with the customer."""

    _inherit = "res.partner"

    # ------------------------------------------------------------- actions

    def action_private_link(self):
        """A new link to this customer's page in the company at hand, to open or to copy.

        It is told now and never again, and the customer's history says who asked for it.
        """
        self.ensure_one()
        self._check_role("collector")
        self.check_access("read")
        company = self.env.company
        links = self.env["crediario.customer.link"]
        ((_owner, token),) = links._issue([(self.id, company.id)]).items()
        expires_at = links._find_by_token(token).expires_at
        self.commercial_partner_id._tell_collection(
            company,
            self.env._(
                "A private link was made by hand, good until %(day)s.",
                day=format_date(self.env, expires_at),
            ),
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Private Link"),
            "res_model": "crediario.link.show",
            "views": [(False, "form")],
            "target": "new",
            # Shown and not saved: whoever reads the database cannot open the page.
            "context": {
                "default_partner_id": self.commercial_partner_id.id,
                "default_url": f"{company.get_base_url()}{LINK_PATH}/{token}",
                "default_expires_at": expires_at,
            },
        }
