from odoo import api, models

from .contact_values import PORTAL_PATH
from .crediario_customer_link import LINK_PATH

OF_LINK = frozenset({"pay_link", "contract_link"})


class ContactValues(models.AbstractModel):
    """Links by which a customer pays without logging in: new ones for every text that leaves."""

    _inherit = "contact.values"

    @api.model
    def _for_subjects(self, subjects, names, on):
        subjects = list(subjects)
        values = super()._for_subjects(subjects, names, on)
        if not OF_LINK & set(names):
            return values
        owners = self._owners(subjects, names)
        tokens = self.env["crediario.customer.link"]._issue(
            [owners[subject.key] for subject in subjects if subject.leaves]
        )
        for subject in subjects:
            of_subject = values[subject.key]
            page = of_subject["portal_link"]
            token = tokens.get(owners[subject.key]) if subject.leaves else None
            private = page.replace(PORTAL_PATH, f"{LINK_PATH}/{token}") if token else page
            of_subject["pay_link"] = private
            if of_subject.get("contract_link"):
                of_subject["contract_link"] = of_subject["contract_link"].replace(page, private, 1)
        return values

    @api.model
    def _owners(self, subjects, names):
        """Whose pages each subject's links open, as (partner id, company id) by key.

        Those of who gets the message; of a contract, those of who signed it, for a payer or
        guardian may get the message about it.
        """
        contracts = self._told(subjects, "account.move") if "contract_link" in names else {}
        return {
            subject.key: (
                contracts[subject.key].commercial_partner_id.id
                if contracts.get(subject.key)
                else subject.partner_id,
                subject.company_id,
            )
            for subject in subjects
        }
