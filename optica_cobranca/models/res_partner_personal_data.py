from datetime import date, datetime

from odoo import models
from odoo.tools import LazyTranslate, format_date, format_datetime, formatLang

from .optica_prescription_eyes import VALUE_NAMES

_lt = LazyTranslate(__name__)

TITLES = {
    "contracts": _lt("Contracts"),
    "installments": _lt("Installments"),
    "receipts": _lt("Receipts"),
    "promises": _lt("Promises to pay"),
    "disputes": _lt("Reasons for not paying"),
    "agreements": _lt("Agreements"),
    "extensions": _lt("Moved due dates"),
    "messages": _lt("Messages to you"),
    "answers": _lt("Messages from you"),
    "calls": _lt("Telephone calls"),
    "consents": _lt("What you allowed"),
    "ratings": _lt("Rating of how you pay"),
    "bureau": _lt("Shared with the credit bureau"),
    "agencies": _lt("Shared with collection agencies"),
    "service_orders": _lt("Orders of glasses"),
    "prescriptions": _lt("Prescriptions"),
}
# What is kept of a person: name, model, the field that leads to the person, the fields told.
# Words of clerks among themselves, and whatever is about others, are not in it.
SECTIONS = (
    (
        "contracts",
        "account.move",
        "commercial_partner_id",
        ("contract_reference", "invoice_date", "date", "amount_total", "crediario_plan_id"),
    ),
    (
        "installments",
        "account.move.line",
        "partner_id",
        (
            "contract_reference",
            "installment_label",
            "date_maturity",
            "balance",
            "amount_residual",
            "late_fine",
            "late_interest",
        ),
    ),
    (
        "receipts",
        "crediario.receipt",
        "partner_id",
        ("name", "date", "amount_received", "amount_fine", "amount_interest", "amount_discount"),
    ),
    (
        "promises",
        "dunning.promise",
        "partner_id",
        ("registered_at", "date", "amount", "state"),
    ),
    (
        "disputes",
        "dunning.dispute",
        "partner_id",
        ("opened_at", "reason_id", "description", "state", "resolution"),
    ),
    (
        "agreements",
        "crediario.agreement",
        "partner_id",
        ("name", "date", "state", "accepted_on"),
    ),
    (
        "extensions",
        "crediario.extension",
        "partner_id",
        ("contract", "label", "old_due_date", "new_due_date", "reason", "state"),
    ),
    (
        "messages",
        "contact.message",
        "partner_id",
        ("create_date", "channel", "purpose", "address", "body", "state"),
    ),
    (
        "answers",
        "contact.event",
        "partner_id",
        ("occurred_at", "kind", "text"),
    ),
    (
        "calls",
        "dunning.call",
        "partner_id",
        ("started_at", "phone", "result"),
    ),
    (
        "consents",
        "contact.consent",
        "partner_id",
        ("date", "channel", "purpose", "decision", "source"),
    ),
    (
        "ratings",
        "dunning.rating",
        "partner_id",
        ("month", "computed_on", "letter"),
    ),
    (
        "bureau",
        "dunning.bureau.case",
        "partner_id",
        ("amount", "state", "registered_on", "removed_on"),
    ),
    (
        "agencies",
        "dunning.handover",
        "partner_id",
        ("agency_id", "amount", "state", "handed_over_on", "returned_on"),
    ),
    (
        "service_orders",
        "optica.service.order",
        "partner_id",
        ("name", "date", "promised_date", "delivered_date", "state"),
    ),
    (
        "prescriptions",
        "optica.prescription",
        "patient_id",
        ("name", "kind", "exam_date", "expiry_date", "prescriber_id", *VALUE_NAMES),
    ),
)
PERSON = (
    "name",
    "vat",
    "birthdate",
    "street",
    "street2",
    "city",
    "state_id",
    "zip",
    "country_id",
    "phone",
    "email",
    "lang",
    "payer_id",
    "create_date",
)
# Only these are true of certain rows of a model.
ONLY = {
    "account.move": [("crediario_plan_id", "!=", False), ("state", "=", "posted")],
    "account.move.line": [("crediario_plan_id", "!=", False), ("parent_state", "=", "posted")],
    "contact.event": [("kind", "=", "inbound")],
}
HEALTH = "optica.prescription"


class ResPartner(models.Model):
    """What the shop keeps of a person, told to that person (LGPD art. 18 II, V and VII)."""

    _inherit = "res.partner"

    def _personal_data(self, companies, on: date, told=None) -> dict:
        """Everything about this person in ``companies``, ready for JSON.

        With sudo: the right is the person's own. Prescriptions among it are logged as read.

        :param told: writes a value, by record, field and value; for a page :func:`as_read`
        :return: dict with ``person`` (name), ``day``, ``companies`` (who keeps the data) and
            ``sections``: dicts of ``name``, ``title``, ``columns`` ([field, label]) and ``rows``
            (dicts by field); an empty section is left out
        """
        self.ensure_one()
        person = self.sudo()
        told = told or _plain
        about = self.env._("About you")
        sections = [self._personal_section("person", about, person, PERSON, told)]
        for name, model, link, fnames in SECTIONS:
            records = person._personal_records(model, link, companies)
            if model == HEALTH:
                records._log_access("read")
            title = self.env._(TITLES[name])
            sections.append(self._personal_section(name, title, records, fnames, told))
        return {
            "person": person.name,
            "day": on.isoformat(),
            "companies": [company._contact_identity() for company in companies.sudo()],
            "sections": [section for section in sections if section["rows"]],
        }

    # ------------------------------------------------------------- helpers

    def _personal_records(self, model, link, companies):
        """The person's rows of a model; debts are the customer's, health is the person's."""
        Model = self.env[model].sudo().with_context(active_test=False)
        whose = self if model == HEALTH else self | self.commercial_partner_id
        domain = [(link, "in", whose.ids), *ONLY.get(model, ())]
        # What a person allows is told to all shops of one house.
        if "company_id" in Model._fields:
            domain.append(("company_id", "in", companies.ids))
        return Model.search(domain, order="id")

    def _personal_section(self, name, title, records, fnames, told):
        known = records.fields_get(fnames, ["string"])
        return {
            "name": name,
            "title": title,
            "columns": [[fname, known[fname]["string"]] for fname in fnames],
            "rows": [
                {fname: told(record, fname, record[fname]) for fname in fnames}
                for record in records
            ],
        }


def as_read(record, fname, value):
    """A value as the reader's language writes it; None for what is not known."""
    field = record._fields[fname]
    if field.type == "date":
        return format_date(record.env, value) or None
    if field.type == "datetime":
        return format_datetime(record.env, value, dt_format="short") or None
    if field.type in ("float", "monetary") and value is not None:
        return formatLang(record.env, value, digits=2)
    return _plain(record, fname, value)


def _plain(record, fname, value):
    """A value as JSON has it: selections by their words, records by their names."""
    field = record._fields[fname]
    if field.relational:
        return value.display_name or None
    if field.type == "selection":
        return dict(field._description_selection(record.env)).get(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if value is False and field.type != "boolean":
        return None
    return value
