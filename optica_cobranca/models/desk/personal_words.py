"""Where personal words and numbers are copied to: the one list of it.

Whoever adds a model with text decides here what becomes of it; a test fails until it is done. What
is erased when its time has come, and what a person may ask to be forgotten, goes by this list.
"""

from dataclasses import dataclass, field

from odoo import api, models
from odoo.tools import SQL

from ..optics.optica_prescription import VALUE_NAMES

BATCH = 2000

# Why something stays.
FACT = "a code or a number that says nothing about anybody"
BOOKS = "part of the books, kept as long as they are (Código Civil, art. 1.194)"
DEBT = "proof of the debt and of its terms, kept with the contract"
DECISION = "why the shop decided so, in its own words"
PERSON = "the customer's own record"
HEALTH = "the record book of prescriptions, which the law wants kept"
FILE = "made anew when it is asked for, and removed with what it was made for"


@dataclass(frozen=True, slots=True)
class Words:
    """What becomes of the texts of a model.

    ``erased``: columns emptied after the company's months to keep; ``kept``: the others, by the
    reason why they stay. The rest says which rows: ``since``, the column of the age; ``company``
    and ``partner``, whose they are; ``settled``, what must hold before.
    """

    erased: tuple[str, ...] = ()
    kept: dict[str, tuple[str, ...]] = field(default_factory=dict)
    since: SQL = SQL("row.create_date")
    company: SQL = SQL("row.company_id")
    partner: SQL = SQL("row.partner_id")
    settled: SQL = SQL("true")

    @property
    def names(self):
        """Every text that has been decided about."""
        return {*self.erased, *(name for names in self.kept.values() for name in names)}


_OF_OUTBOX = SQL("(SELECT company_id FROM contact_message WHERE id = row.contact_message_id)")
_TO_OUTBOX = SQL("(SELECT partner_id FROM contact_message WHERE id = row.contact_message_id)")
_COPY = {"company": SQL("row.optica_company_id"), "partner": SQL("row.optica_customer_id")}
# A consent belongs to no company: it counts for the one that keeps longest.
_LONGEST = SQL(
    """COALESCE((SELECT company_id FROM res_partner WHERE id = row.partner_id),
                (SELECT id FROM res_company ORDER BY contact_retention_months DESC, id LIMIT 1))"""
)

_DIOPTRES = tuple(name for name in VALUE_NAMES if not name.endswith("_base"))

PERSONAL = {
    "contact.message": Words(
        erased=("address", "body", "parameters", "wa_id", "recipient", "error_detail"),
        kept={
            FACT: (
                *("uuid", "res_model", "provider_id", "error_code", "category", "charge"),
                "document_key",
            )
        },
        settled=SQL("row.state NOT IN ('queued', 'sending')"),
    ),
    "contact.event": Words(
        erased=(
            *("text", "payload", "waiting", "media", "wa_id", "sender_user_id"),
            *("error_detail", "note"),
        ),
        kept={
            FACT: (
                *("key", "state", "reference", "provider_id", "failure", "error_code"),
                *("category", "charge", "media_trouble"),
            )
        },
    ),
    "contact.change": Words(
        erased=("old_value", "new_value", "new_key", "word", "code_digest"),
        settled=SQL("row.state <> 'waiting'"),
    ),
    "contact.thread": Words(
        erased=("last_text", "sender_name"),
        kept={FACT: ("sender_key",)},
        since=SQL("row.last_at"),
    ),
    "contact.consent": Words(erased=("proof",), since=SQL("row.date"), company=_LONGEST),
    "mail.message": Words(
        erased=("body", "subject", "email_from", "reply_to"),
        since=SQL("row.date"),
        settled=SQL("row.optica_customer_id IS NOT NULL"),
        **_COPY,
    ),
    "mail.activity": Words(
        erased=("summary", "note", "feedback"),
        settled=SQL("row.optica_customer_id IS NOT NULL AND NOT row.active"),
        **_COPY,
    ),
    "mail.mail": Words(
        erased=("body_html", "email_to", "email_cc", "headers", "failure_reason"),
        company=_OF_OUTBOX,
        partner=_TO_OUTBOX,
        settled=SQL("row.contact_message_id IS NOT NULL AND row.state <> 'outgoing'"),
    ),
    "sms.sms": Words(
        erased=("body", "number"),
        company=_OF_OUTBOX,
        partner=_TO_OUTBOX,
        settled=SQL(
            "row.contact_message_id IS NOT NULL AND row.state NOT IN ('outgoing', 'process')"
        ),
    ),
    "dunning.call": Words(erased=("phone", "note"), since=SQL("row.started_at")),
    "dunning.promise": Words(
        erased=("note",), since=SQL("row.registered_at"), settled=SQL("row.state <> 'open'")
    ),
    "dunning.dispute": Words(
        erased=("description", "resolution"),
        kept={DECISION: ("prevention",)},
        since=SQL("row.resolved_at"),
        settled=SQL("row.state <> 'open'"),
    ),
    "res.partner": Words(
        kept={
            PERSON: (
                *("whatsapp_user_id", "instagram_user_id", "wrong_phone"),
                *("contact_phone_key", "contact_phone_keys", "contact_confirmed_keys"),
            ),
            DECISION: ("dunning_choice_reason",),
        }
    ),
    "res.partner.bank": Words(kept={PERSON: ("proxy_value",)}),
    "account.move": Words(
        kept={
            BOOKS: ("contract_reference", "optica_fiscal_key"),
            DECISION: ("dunning_choice_reason",),
        }
    ),
    "sale.order": Words(kept={DECISION: ("dunning_choice_reason",)}),
    "optica.prescription": Words(
        kept={HEALTH: ("name", "lens_name", "note", "scan", "scan_name", *_DIOPTRES)}
    ),
    "crediario.acceptance": Words(
        kept={DEBT: ("ip_address", "user_agent", "terms", "digest"), FACT: ("lang",)}
    ),
    "crediario.agreement": Words(
        kept={
            DEBT: ("name", "installment_preview"),
            DECISION: ("note", "approval_reasons", "problem"),
        }
    ),
    "crediario.customer.link": Words(kept={FACT: ("digest",)}),
    "crediario.extension": Words(
        kept={DEBT: ("contract", "label"), DECISION: ("reason", "approval_reasons")}
    ),
    "crediario.forgiveness": Words(kept={DECISION: ("reason",), BOOKS: ("installments",)}),
    "crediario.link.miss": Words(kept={"deleted after a day": ("address",)}),
    "crediario.receipt": Words(
        kept={BOOKS: ("name", "settlement_rule"), DECISION: ("waiver_reason", "cancel_reason")}
    ),
    "crediario.receipt.line": Words(kept={BOOKS: ("contract", "label")}),
    "crediario.cash.day": Words(kept={BOOKS: ("name", "opening_note", "closing_note")}),
    "crediario.cash.method": Words(kept={BOOKS: ("name",)}),
    "crediario.cash.movement": Words(kept={BOOKS: ("reason",)}),
    "dunning.agency": Words(kept={"a business partner, not a customer": ("name", "email", "note")}),
    "dunning.bureau.case": Words(
        kept={
            DEBT: ("proof_reference", "proof_file", "proof_file_name", "removal_reference"),
            DECISION: ("reason",),
        }
    ),
    "dunning.bureau.line": Words(kept={DEBT: ("contract", "installment")}),
    "dunning.dossier.item": Words(kept={FILE: ("error", "file_name", "content")}),
    "dunning.export": Words(kept={DEBT: ("name", "content")}),
    "dunning.handover": Words(kept={DECISION: ("reason",)}),
    "dunning.handover.line": Words(kept={DEBT: ("contract", "installment")}),
    "dunning.hold": Words(kept={DECISION: ("reason",)}),
    "dunning.letter": Words(kept={DEBT: ("address", "tracking_code"), DECISION: ("reason",)}),
    "dunning.notice": Words(kept={DECISION: ("reason",)}),
    "dunning.notice.line": Words(kept={DEBT: ("contract",)}),
    "dunning.rating": Words(kept={FACT: ("detail",)}),
    "optica.campaign.sending": Words(kept={FACT: ("source_model",)}),
    "optica.evidence": Words(kept={FACT: ("res_model", "salt", "digest", "previous", "hash")}),
    "optica.occurrence.mark": Words(kept={FACT: ("source_model",), DECISION: ("note",)}),
    "optica.prescriber": Words(
        kept={"a professional in a public register": ("name", "registration", "phone")}
    ),
    "optica.service.order": Words(
        kept={
            BOOKS: ("name", "lab_reference", "own_frame_note", "note", "remake_reason"),
            DEBT: ("accepted_by", "accepted_signature", "accepted_note"),
        }
    ),
    "optica.service.order.line": Words(kept={BOOKS: ("name",)}),
    "pix.attempt": Words(kept={FACT: ("txid",), DEBT: ("charge_vals",)}),
    "pix.charge": Words(
        kept={
            FACT: ("uuid", "line_key", "txid", "signature", "location", "last_error"),
            DEBT: ("code", "parts"),
        }
    ),
    "pix.payment": Words(
        kept={
            BOOKS: ("end_to_end_id", "txid", "raw", "key", "payer_message"),
            FACT: ("last_error",),
        }
    ),
    "pix.refund": Words(kept={BOOKS: ("refund_id", "reason"), FACT: ("last_error",)}),
}
# What the shop sets up, and what its jobs count: nobody's words.
SETTINGS = frozenset(
    {
        "contact.blocked.date",
        "contact.forbidden.expression",
        "contact.gateway",
        "contact.gateway.template",
        "contact.price",
        "contact.template",
        "crediario.closed.day",
        "crediario.plan",
        "crediario.terms",
        "dunning.dispute.reason",
        "dunning.forecast",
        "dunning.level",
        "dunning.policy",
        "dunning.rating.run",
        "dunning.run",
        "dunning.run.batch",
        "dunning.step",
        "optica.campaign.run",
        "optica.occurrence.type",
        "pix.account",
    }
)


class PersonalWords(models.AbstractModel):
    """Erases by the list: a batch of one model, its files and what its evidence is proven by."""

    _name = "personal.words"
    _description = "Personal Words"

    @api.model
    def _erase_old(self, model_name, now):
        """What is older than its company keeps it.

        :return: number of rows
        """
        words = PERSONAL[model_name]
        age = SQL(
            "%s < %s::timestamp - make_interval(months => company.contact_retention_months)",
            words.since,
            now,
        )
        return self._erase(model_name, age, now)

    @api.model
    def _erase_of(self, partners, now):
        """What these people said and where they were reached, however young, once it is settled.

        :return: number of rows
        """
        count = 0
        for model_name, words in PERSONAL.items():
            if words.erased:
                theirs = SQL("%s = ANY(%s)", words.partner, partners.ids)
                while found := self._erase(model_name, theirs, now):
                    count += found
        return count

    def _erase(self, model_name, condition, now):
        """Empty the columns of one batch, one statement; then its files."""
        model, words = self.env[model_name].sudo(), PERSONAL[model_name]
        self.env.flush_all()
        columns = [SQL("%s = NULL", SQL.identifier(name)) for name in words.erased]
        left = [SQL("row.%s IS NOT NULL", SQL.identifier(name)) for name in words.erased]
        still = SQL("(%s)", SQL(" OR ").join(left))
        if "anonymised_at" in model._fields:
            columns.append(SQL("anonymised_at = %s", now))
            still = SQL("row.anonymised_at IS NULL")
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE %(table)s SET %(columns)s
                 WHERE id IN (
                    SELECT row.id FROM %(table)s row
                      JOIN res_company company ON company.id = %(company)s
                     WHERE %(still)s AND %(settled)s AND %(condition)s
                  ORDER BY %(since)s LIMIT %(limit)s
                       FOR UPDATE OF row SKIP LOCKED)
             RETURNING id
                """,
                table=SQL.identifier(model._table),
                columns=SQL(", ").join(columns),
                company=words.company,
                still=still,
                settled=words.settled,
                condition=condition,
                since=words.since,
                limit=BATCH,
            )
        )
        self.env.invalidate_all()
        ids = [row_id for (row_id,) in rows]
        if ids:
            self.env["optica.evidence"].sudo()._erase(model_name, ids)
            self._erase_files(model_name, ids)
        return len(ids)

    def _erase_files(self, model_name, ids):
        """With sudo: what was sent with the words goes with them, evidence or not."""
        files = self.env["ir.attachment"].sudo()
        whose = [("res_model", "=", model_name), ("res_id", "in", ids), ("res_field", "=", False)]
        files.search(whose)._erase_evidence()
