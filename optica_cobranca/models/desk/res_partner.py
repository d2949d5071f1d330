from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, LazyTranslate, format_date, format_datetime, formatLang

from ..optics.optica_prescription import VALUE_NAMES

HOUSE = "commercial_partner_id"
PERSON = "id"


class Figure(NamedTuple):
    """One figure of a customer: whose it is, and the query of (whose id, figure) rows."""

    whose: str
    query: Callable[[], SQL]


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
    "contacts": _lt("New numbers and e-mails"),
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
        "contacts",
        "contact.change",
        "partner_id",
        ("create_date", "kind", "old_value", "new_value", "state", "decided_at"),
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
TOLD_OF_PERSON = (
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


class ResPartner(models.Model):
    """What the buttons on a customer tell. A form asks for all of it, so one query answers."""

    _inherit = "res.partner"

    # ------------------------------------------------------------- compute

    @api.depends("dunning_promise_ids.state", "dunning_dispute_ids.state")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_figures(self):
        """All figures that the user may read, counted over what the user may see."""
        figures = {
            name: figure
            for name, figure in self._figures().items()
            if self._has_field_access(self._fields[name], "read")
        }
        found = defaultdict(dict)
        if figures and self._origin.ids:
            rows = [
                SQL("SELECT %s, whose, to_jsonb(figure) FROM (%s) AS f", name, figure.query())
                for name, figure in figures.items()
            ]
            for name, whose, value in self.env.execute_query(SQL(" UNION ALL ").join(rows)):
                found[name][whose] = value
        for partner in self:
            ids = {HOUSE: partner[HOUSE]._origin.id, PERSON: partner._origin.id}
            for name, figure in figures.items():
                partner[name] = found[name].get(ids[figure.whose], False)

    def _figures(self):
        """``{field: Figure}``; a query is made only of what the user may read."""
        this_company = [("company_id", "=", self.env.company.id)]
        since = fields.Date.context_today(self) - relativedelta(months=12)
        broken = [("state", "=", "broken"), ("deadline", ">=", since)]
        still_open = [("state", "=", "open")]
        of_house = {
            "agreement_count": ("crediario.agreement", []),
            "bureau_case_count": ("dunning.bureau.case", []),
            "dispute_count": ("dunning.dispute", this_company),
            "dunning_call_count": ("dunning.call", [("undone_at", "=", False)]),
            "forgiveness_count": ("crediario.forgiveness", []),
            "handover_count": ("dunning.handover", []),
            "has_conversation": (
                "contact.thread",
                [("company_id", "in", self.env.companies.ids)],
            ),
            "letter_count": ("dunning.letter", []),
            "open_dispute_count": ("dunning.dispute", this_company + still_open),
            "open_promise_count": ("dunning.promise", this_company + still_open),
            "promise_count": ("dunning.promise", [*this_company, ("state", "!=", "cancelled")]),
            "recent_broken_promise_count": ("dunning.promise", this_company + broken),
        }
        return {
            **{
                name: Figure(HOUSE, lambda model=model, domain=domain: self._counted(model, domain))
                for name, (model, domain) in of_house.items()
            },
            "export_count": Figure(HOUSE, self._counted_exports),
            "prescription_count": Figure(PERSON, self._counted_prescriptions),
            "prescription_expiry": Figure(PERSON, self._last_expiry),
            "service_order_count": Figure(PERSON, self._counted_service_orders),
        }

    # ------------------------------------------------------------- helpers

    def _counted(self, model, domain):
        """Records of these customers."""
        customers = self[HOUSE]._origin.ids
        return self._grouped(model, [("partner_id", "in", customers), *domain], "partner_id")

    def _grouped(self, model, domain, whose, figure=None):
        records = self.env[model]
        query = records._search(domain)
        column = records._field_to_sql(query.table, whose, query)
        what = SQL("%s AS figure", figure or SQL("COUNT(*)"))
        return SQL("%s GROUP BY 1", query.select(SQL("%s AS whose", column), what))

    def _counted_prescriptions(self):
        mine = [("patient_id", "in", self._origin.ids)]
        return self._grouped("optica.prescription", mine, "patient_id")

    def _last_expiry(self):
        prescriptions = self.env["optica.prescription"]
        query = prescriptions._search([("patient_id", "in", self._origin.ids)])
        patient = prescriptions._field_to_sql(query.table, "patient_id", query)
        expiry = prescriptions._field_to_sql(query.table, "expiry_date", query)
        columns = SQL("%s AS whose", patient), SQL("MAX(%s) AS figure", expiry)
        return SQL("%s GROUP BY 1", query.select(*columns))

    def _counted_exports(self):
        """Files that were handed over about these customers, of the kinds the user may see."""
        customers = self[HOUSE]._origin.ids
        exports = self.env["dunning.export"]._search([("partner_ids", "in", customers)])
        about = self.env["dunning.export"]._fields["partner_ids"]
        return SQL(
            "SELECT %(customer)s AS whose, COUNT(*) AS figure FROM %(relation)s"
            " WHERE %(customer)s = ANY(%(customers)s) AND %(export)s IN %(exports)s GROUP BY 1",
            customer=SQL.identifier(about.column2),
            relation=SQL.identifier(about.relation),
            export=SQL.identifier(about.column1),
            customers=customers,
            exports=exports.subselect(),
        )

    def _counted_service_orders(self):
        """Paid by the person or a contact below, or made for the person; each counts once."""
        family = SQL(
            """WITH RECURSIVE family(head, id) AS (
                   SELECT id, id FROM res_partner WHERE id = ANY(%s)
                    UNION
                   SELECT family.head, child.id
                     FROM family JOIN res_partner child ON child.parent_id = family.id)""",
            self._origin.ids,
        )
        self.env["res.partner"].flush_model(["parent_id"])
        orders = self.env["optica.service.order"]
        orders.flush_model(["partner_id", "patient_id"])
        return SQL(
            """%(family)s
               SELECT head AS whose, COUNT(*) AS figure FROM (
                   SELECT family.head, paid.id FROM family
                     JOIN optica_service_order paid ON paid.partner_id = family.id
                    UNION
                   SELECT made.patient_id, made.id FROM optica_service_order made
                    WHERE made.patient_id = ANY(%(people)s)) AS own
                WHERE id IN %(seen)s GROUP BY 1""",
            family=family,
            people=self._origin.ids,
            seen=orders._search([]).subselect(),
        )

    # ------------ What the shop keeps of a person, told to that person (LGPD art
    # 18 II, V and VII).

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
        sections = [self._personal_section("person", about, person, TOLD_OF_PERSON, told)]
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
