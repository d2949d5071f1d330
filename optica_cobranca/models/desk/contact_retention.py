from odoo import api, fields, models

from .personal_words import PERSONAL


class ResCompany(models.Model):
    """For how long the shop keeps what it wrote and heard (LGPD art. 15 and 16)."""

    _inherit = "res.company"

    contact_retention_months = fields.Integer(
        "Keep Messages for (months)",
        default=60,
        help="Afterwards numbers, texts and values of messages are erased every night. Channel, "
        "state, instants and cost stay. Five years is the time a debt can be claimed in court.",
    )

    _contact_retention_valid = models.Constraint(
        "CHECK(contact_retention_months BETWEEN 6 AND 240)",
        "Messages are kept from 6 to 240 months.",
    )


class ContactMessage(models.Model):
    """Old messages lose what is personal about them and stay as facts."""

    _inherit = "contact.message"

    anonymised_at = fields.Datetime(
        readonly=True, copy=False, help="When number and text were erased after the time to keep."
    )

    # What waits is not erased, so a new row costs nothing here.
    _to_anonymise = models.Index(
        "(create_date) WHERE anonymised_at IS NULL AND state NOT IN ('queued', 'sending')"
    )

    @api.model
    def _cron_anonymise(self):
        """Erase what is older than each company keeps it, in batches that commit."""
        erasing = self.env["personal.words"]
        for name in (name for name, words in PERSONAL.items() if words.erased):
            while count := erasing._erase_old(name, fields.Datetime.now()):
                if self.env["ir.cron"]._commit_progress(count, remaining=count) <= 0:
                    return
        self.env["ir.cron"]._commit_progress(remaining=0)


class ContactEvent(models.Model):
    """What customers wrote and providers reported goes the same way."""

    _inherit = "contact.event"

    anonymised_at = fields.Datetime(readonly=True)

    _to_anonymise = models.Index("(create_date) WHERE anonymised_at IS NULL")
