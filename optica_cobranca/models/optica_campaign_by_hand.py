from odoo import api, models

from ..domain.campaign import TIMINGS


class OpticaOccurrence(models.Model):
    """What somebody sends from the page of today counts like what leaves by itself."""

    _inherit = "optica.occurrence"

    def _send_by_kind(self, author=None):
        """Also remembers what was sent: the job repeats none of it, the report counts it."""
        messages = super()._send_by_kind(author=author)
        self.env["optica.campaign.sending"].sudo()._remember(self, messages)
        return messages


class OpticaCampaignSending(models.Model):
    """Proofs of messages that people sent."""

    _inherit = "optica.campaign.sending"

    @api.model
    def _remember(self, occurrences, messages):
        """Add a proof for each message about one of these occurrences.

        With sudo by the caller: nobody has the right to write proofs.
        """
        by_record = {(message.res_model, message.res_id): message for message in messages.sudo()}
        told = {
            (occurrence.source_model, occurrence.source_id): occurrence
            for occurrence in occurrences
            if occurrence.kind in TIMINGS
            and (occurrence.source_model, occurrence.source_id) in by_record
        }
        sendings = self._add(
            [self._values_of(occurrence, by_record[record]) for record, occurrence in told.items()]
        )
        for sending in sendings:
            sending.message_id = by_record[sending.source_model, sending.source_id]

    @api.model
    def _values_of(self, occurrence, message):
        return {
            "kind": occurrence.kind,
            "source_model": occurrence.source_model,
            "source_id": occurrence.source_id,
            "date": occurrence.event_date,
            "once": TIMINGS[occurrence.kind].once,
            "day": self.env["dunning.run"]._today(message.company_id),
            "company_id": message.company_id.id,
            "subject_id": occurrence.partner_id.id,
            "partner_id": message.partner_id.id,
            "template_id": message.template_id.id,
        }
