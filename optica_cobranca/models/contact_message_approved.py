from odoo import models

from ..clients.base import TEMPLATE
from .contact_message_facts import Facts


class ContactMessage(models.Model):
    """Messages by templates that Meta approved: only those, filled in as they want it.

    Accounts whose list of templates was never brought over are trusted, as before.
    """

    _inherit = "contact.message"

    def _gather(self, now, claim_key=None):
        facts = super()._gather(now, claim_key)
        facts.twins = self._gather_twins(facts)
        return facts

    def _gather_twins(self, facts: Facts):
        """The approved templates of the gateways in question.

        :return: dict of (gateway id, name, language) -> ``contact.gateway.template``
        """
        gateways = [
            gateway.id for gateway in facts.gateways.values() if gateway.templates_synced_at
        ]
        names = [name for name in self.template_id.mapped("whatsapp_template_name") if name]
        twins = self.env["contact.gateway.template"].search(
            [
                ("gateway_id", "in", gateways),
                ("name", "in", names),
                ("status", "=", "approved"),
            ]
        )
        return {(twin.gateway_id.id, twin.name, twin.language): twin for twin in twins}

    def _template_is_ready(self, facts, channel, gateway):
        if not super()._template_is_ready(facts, channel, gateway):
            return False
        if not self._goes_by_approved(channel, gateway) or not gateway.templates_synced_at:
            return True
        twin = self._twin(facts, gateway)
        return bool(twin) and self.template_id._fits(twin)

    def _verdict(self, decision, channel, gateway=None, facts=None):
        verdict = super()._verdict(decision, channel, gateway, facts)
        outgoing = verdict.outgoing
        if outgoing and outgoing.kind == TEMPLATE and self._goes_by_approved(channel, gateway):
            twin, values = self._twin(facts, gateway), facts.values[self.id]
            verdict.outgoing = self.template_id._filled_in(
                outgoing, twin, values, self._document_file()
            )
        return verdict

    # ------------------------------------------------------------- helpers

    def _goes_by_approved(self, channel, gateway):
        return bool(
            gateway
            and channel == "whatsapp"
            and gateway.provider == "whatsapp_cloud"
            and self.template_id.whatsapp_template_name
        )

    def _twin(self, facts, gateway):
        template = self.template_id
        language = template.whatsapp_language or "pt_BR"
        return facts.twins.get((gateway.id, template.whatsapp_template_name, language))
