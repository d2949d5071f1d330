from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 2000
# What tells who was written to and what; the rest are facts about the contact.
PERSONAL = {
    "contact.message": ("address", "body", "parameters", "wa_id", "recipient", "error_detail"),
    "contact.event": ("text", "payload", "wa_id", "sender_user_id", "error_detail", "note"),
}


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
        for name in PERSONAL:
            while count := self.env[name]._anonymise_batch(fields.Datetime.now()):
                if self.env["ir.cron"]._commit_progress(count, remaining=count) <= 0:
                    return
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _anonymise_batch(self, now):
        """:return: number of rows"""
        at_rest = SQL("row.state NOT IN ('queued', 'sending')")
        return _erase(self, at_rest, now)


class ContactEvent(models.Model):
    """What customers wrote and providers reported goes the same way."""

    _inherit = "contact.event"

    anonymised_at = fields.Datetime(readonly=True)

    _to_anonymise = models.Index("(create_date) WHERE anonymised_at IS NULL")

    @api.model
    def _anonymise_batch(self, now):
        """:return: number of rows"""
        return _erase(self, SQL("true"), now)


def _erase(model, condition, now):
    """Erase the personal columns of one batch, one statement.

    :return: number of rows
    """
    model.flush_model()
    columns = [SQL("%s = NULL", SQL.identifier(name)) for name in PERSONAL[model._name]]
    model.env.cr.execute(
        SQL(
            """
            UPDATE %(table)s SET anonymised_at = %(now)s, %(columns)s
             WHERE id IN (
                SELECT row.id FROM %(table)s row
                  JOIN res_company company ON company.id = row.company_id
                 WHERE row.anonymised_at IS NULL AND %(condition)s
                   AND row.create_date < %(now)s::timestamp
                       - make_interval(months => company.contact_retention_months)
              ORDER BY row.create_date LIMIT %(limit)s
                   FOR UPDATE OF row SKIP LOCKED)
            """,
            table=SQL.identifier(model._table),
            columns=SQL(", ").join(columns),
            condition=condition,
            now=now,
            limit=BATCH,
        )
    )
    count = model.env.cr.rowcount
    model.invalidate_model()
    return count
