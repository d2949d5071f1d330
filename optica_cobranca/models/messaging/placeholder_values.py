import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.tools import LazyTranslate

from ...domain.messaging.message_text import PartOfDay, part_of_day
from ...domain.shop.money import cents
from ...domain.shop.words import day_text, reais, short_day_text
from .crediario_customer_link import LINK_PATH

_lt = LazyTranslate(__name__)
# Every name a text may use, what it stands for, and a value of usual length.
DESCRIPTIONS = {
    "customer_name": (_lt("Customer's full name"), "Maria Aparecida da Silva"),
    "customer_first_name": (_lt("Customer's first name"), "Maria"),
    "patient_name": (_lt("Full name of the person it is about"), "Ana Clara da Silva"),
    "patient_first_name": (_lt("First name of the person it is about"), "Ana"),
    "greeting": (_lt("Good morning, afternoon or evening, by the customer's clock"), "Boa tarde"),
    "shop_name": (_lt("Name of the shop"), "Otica Boa Vista"),
    "shop_phone": (_lt("Phone of the shop"), "(11) 3333-4444"),
    "shop_address": (_lt("Address of the shop"), "Rua XV de Novembro, 100, Sorocaba/SP"),
    "shop_vat": (_lt("CNPJ or CPF of the shop"), "CNPJ 12.345.678/0001-95"),
    "shop_identity": (
        _lt("Name, CNPJ and address of the shop (CDC art. 42-A)"),
        "Otica Boa Vista, CNPJ 12.345.678/0001-95, Rua XV de Novembro, 100, Sorocaba/SP",
    ),
    "installments_summary": (
        _lt("The installments the message is about"),
        "parcela 3 de 10, de R$ 105,58, vencida em 10/10",
    ),
    "overdue_count": (_lt("Number of late installments"), "1"),
    "overdue_installments": (
        _lt("Late installments, in words: 1 installment, 2 installments"),
        "2 parcelas",
    ),
    "overdue_total": (_lt("Total of the late installments today"), "R$ 108,29"),
    "amount_today": (_lt("Total of the listed installments today"), "R$ 108,29"),
    "next_due_date": (_lt("Next due date"), "10/11/2026"),
    "oldest_due_date": (_lt("Oldest late due date"), "10/10/2026"),
    "contract": (_lt("Number of the contract"), "VENDA/2026/00042"),
    "promise_date": (_lt("Day for which the customer promised to pay"), "20/11/2026"),
    "promise_amount": (_lt("Amount the customer promised"), "R$ 108,29"),
    "promise_missing": (_lt("What is missing of the promised amount"), "R$ 108,29"),
    "receipt_number": (_lt("Number of the receipt"), "REC/2026/00042"),
    "receipt_date": (_lt("Day of the payment"), "10/11/2026"),
    "receipt_amount": (_lt("Amount that was received"), "R$ 108,29"),
    "what_is_left": (
        _lt("After a payment: when the next installment is due, or that all is paid"),
        "A próxima parcela vence em 10/12/2026",
    ),
    "contract_link": (
        _lt("Page of the contract, with its installments"),
        "https://loja.example/oc/Zk3v9QmT1xYbR7wLp0sNdA/contract/42",
    ),
    "pay_link": (
        _lt("Private page to pay, without a login; a new link for each message"),
        "https://loja.example/oc/Zk3v9QmT1xYbR7wLp0sNdA",
    ),
    "portal_link": (
        _lt("Page with the customer's installments, after logging in"),
        "https://loja.example/my/crediario",
    ),
    "bureau_waiting_days": (
        _lt("Days between the notice and a registration at the credit bureau"),
        "10",
    ),
    "stop_link": (
        _lt("Page where the customer stops messages"),
        "https://loja.example/optica/stop/1a2b-0123456789abcdef0123456789abcdef",
    ),
}
PLACEHOLDERS = tuple(DESCRIPTIONS)
OF_DEBT = frozenset(
    {
        "installments_summary",
        "overdue_count",
        "overdue_installments",
        "overdue_total",
        "amount_today",
        "next_due_date",
        "oldest_due_date",
        "contract",
    }
)
OF_PROMISE = frozenset({"promise_date", "promise_amount", "promise_missing"})
OF_RECEIPT = frozenset({"receipt_number", "receipt_date", "receipt_amount", "what_is_left"})
OF_CONTRACT = frozenset({"contract_link"})
# The samples that are addresses on the shop's own server.
OF_ADDRESS = ("contract_link", "pay_link", "portal_link", "stop_link")
SAMPLE_URL = "https://loja.example"
LISTED_AT_MOST = 3
_OF_SO_MANY = re.compile(r"([0-9]+)/([0-9]+)")
PORTAL_PATH = "/my/crediario"


@dataclass(frozen=True)
class Subject:
    """Whom a text is for and what it is about.

    :param key: anything hashable by which the caller finds its values again
    :param line_ids: the installments it is about; only those still open count
    :param stop_link: where the customer asks not to be written to by this channel
    :param res_model, res_id: the record it tells of: a promise, a receipt, a contract
    :param hour: on the customer's clock when it is sent; None: now, at the shop
    :param leaves: the text is sent, so its links open the customer's pages without a login; one
        that is only looked at gets links that ask for it
    """

    key: object
    company_id: int
    partner_id: int
    line_ids: tuple[int, ...] = ()
    lang: str | None = None
    stop_link: str | None = None
    res_model: str | None = None
    res_id: int | None = None
    hour: int | None = None
    leaves: bool = False


def _contract(line):
    return line.move_id.contract_reference or line.move_id.name or ""


def in_braces(name):
    """``name`` as it is written in a text: ``{{name}}``."""
    return "{{" + name + "}}"


OF_LINK = frozenset({"pay_link", "contract_link"})


class PlaceholderValues(models.AbstractModel):
    """The values of the placeholders, worked out for many customers at once."""

    _name = "contact.placeholder.values"
    _description = "Values for Message Texts"

    @api.model
    def _for_subjects(self, subjects, names, on: date):
        """Values of the placeholders ``names`` for each subject.

        :param subjects: iterable of :class:`Subject`
        :param names: the placeholders needed; what nobody uses is not looked up
        :param on: the day for which amounts and "late" are worked out
        :return: dict of key -> dict of name -> text; a value that does not exist (no installment
            is late) is None, so that a text which needs it is not sent with a hole
        """
        subjects = list(subjects)
        partners = self.env["res.partner"].sudo().browse({s.partner_id for s in subjects})
        partners.fetch(["name", "is_company"])
        shops = self._of_shops({s.company_id for s in subjects})
        debts = self._debts(subjects, on) if OF_DEBT & set(names) else {}
        values = {
            subject.key: {
                **self._of_customer(partners.browse(subject.partner_id)),
                **shops[subject.company_id],
                **self._of_debt(debts.get(subject.key), subject, on),
                "greeting": self._greeting(subject),
                "stop_link": subject.stop_link,
            }
            for subject in subjects
        }
        self._add_what_is_told(values, subjects, names)
        self._add_private_links(values, subjects, names)
        return values

    @api.model
    def _samples(self, company=None):
        """Values of usual length, to measure texts with; addresses are as long as the shop's own.

        :param company: whose address counts, the current one if not given
        """
        values = {name: sample for name, (_label, sample) in DESCRIPTIONS.items()}
        own = (company or self.env.company).get_base_url().rstrip("/")
        for name in OF_ADDRESS:
            values[name] = values[name].replace(SAMPLE_URL, own, 1)
        return values

    @api.model
    def _described(self):
        """Name, meaning and example of every placeholder, for the template's form."""
        return [
            {"name": in_braces(name), "meaning": self.env._(label), "sample": sample}
            for name, (label, sample) in DESCRIPTIONS.items()
        ]

    # ------------------------------------------------------------- helpers

    @api.model
    def _of_customer(self, partner):
        name = " ".join((partner.name or "").split())
        first = name if partner.is_company else name.split(" ")[0]
        return {"customer_name": name or None, "customer_first_name": first or None}

    @api.model
    def _greeting(self, subject):
        """Good morning … at the hour at which the message leaves."""
        hour = subject.hour
        if hour is None:
            hour = self.env["res.company"].browse(subject.company_id)._now().hour
        # Under another name than `env._` the words would not be found for translation.
        spoken = self.with_context(lang=subject.lang)
        return {
            PartOfDay.MORNING: spoken.env._("Good morning"),
            PartOfDay.AFTERNOON: spoken.env._("Good afternoon"),
            PartOfDay.EVENING: spoken.env._("Good evening"),
        }[part_of_day(hour)]

    @api.model
    def _of_shops(self, company_ids):
        shops = {}
        for company in self.env["res.company"].sudo().browse(company_ids):
            shops[company.id] = {
                "shop_name": company.name,
                "shop_phone": company.phone or None,
                "shop_address": company._contact_address() or None,
                "shop_vat": company._contact_vat_label() if company.vat else None,
                "shop_identity": company._contact_identity(),
                "portal_link": f"{company.get_base_url()}{PORTAL_PATH}",
            }
        return shops

    @api.model
    def _debts(self, subjects, on):
        """The open installments of each subject by due date, with their amounts on that day."""
        line_ids = {line_id for subject in subjects for line_id in subject.line_ids}
        lines = self.env["account.move.line"].sudo().browse(line_ids)
        lines.fetch(["date_maturity", "amount_residual", "installment_number", "move_id"])
        open_lines = {line.id: line for line in lines if line.amount_residual > 0}
        amounts = lines.browse(open_lines)._amounts_today(on)
        debts = defaultdict(list)
        for subject in subjects:
            for line_id in subject.line_ids:
                if line_id in open_lines:
                    debts[subject.key].append((open_lines[line_id], cents(amounts[line_id].total)))
            debts[subject.key].sort(key=lambda item: (item[0].date_maturity, item[0].id))
        return debts

    @api.model
    def _of_debt(self, debt, subject, on):
        if not debt:
            return dict.fromkeys(OF_DEBT)
        late = [(line, amount) for line, amount in debt if line.date_maturity < on]
        coming = [line for line, _amount in debt if line.date_maturity >= on]
        return {
            "installments_summary": self._summary(debt, on, subject.lang),
            "overdue_count": str(len(late)),
            "overdue_installments": self._how_many(len(late), subject.lang),
            "overdue_total": reais(sum((amount for _line, amount in late), Decimal(0))),
            "amount_today": reais(sum((amount for _line, amount in debt), Decimal(0))),
            "next_due_date": day_text(coming[0].date_maturity) if coming else None,
            "oldest_due_date": day_text((late or debt)[0][0].date_maturity),
            "contract": ", ".join(dict.fromkeys(_contract(line) for line, _amount in debt)),
        }

    @api.model
    def _how_many(self, count, lang):
        """``1 installment``, ``2 installments``; None for none: nothing is late to be spoken of."""
        spoken = self.with_context(lang=lang)
        if not count:
            return None
        if count == 1:
            return spoken.env._("1 installment")
        return spoken.env._("%s installments", count)

    @api.model
    def _spoken_label(self, line, lang):
        """``installment 2 of 12``: beside an amount "2/12" would be read as a date."""
        spoken = self.with_context(lang=lang)
        label = line.with_context(lang=lang).installment_label or ""
        numbers = _OF_SO_MANY.fullmatch(label)
        if not numbers:
            return label
        return spoken.env._(
            "installment %(number)s of %(count)s", number=numbers[1], count=numbers[2]
        )

    @api.model
    def _summary(self, debt, on, lang):
        # Under another name than `env._` the words would not be found for translation.
        spoken = self.with_context(lang=lang)
        parts = []
        for line, amount in debt[:LISTED_AT_MOST]:
            values = {
                "installment": self._spoken_label(line, lang),
                "amount": reais(amount),
                "date": short_day_text(line.date_maturity, on),
            }
            if line.date_maturity < on:
                parts.append(
                    spoken.env._("%(installment)s of %(amount)s, due since %(date)s", **values)
                )
            elif line.date_maturity == on:
                parts.append(spoken.env._("%(installment)s of %(amount)s, due today", **values))
            else:
                parts.append(
                    spoken.env._("%(installment)s of %(amount)s, due on %(date)s", **values)
                )
        more = len(debt) - LISTED_AT_MOST
        if more > 0:
            parts.append(spoken.env._("and %s more", more))
        return "; ".join(parts)

    # ---- Values of what happened: the promise, the receipt, the contract a message tells of
    # The record the message is about, else the customer's latest: so a preview has them, too.

    @api.model
    def _add_what_is_told(self, values, subjects, names):
        for wanted, model, of_record in self._records_told():
            records = self._told(subjects, model) if wanted & set(names) else {}
            for subject in subjects:
                record = records.get(subject.key)
                record = record and record.with_context(lang=subject.lang)
                values[subject.key].update(of_record(record) if record else dict.fromkeys(wanted))

    @api.model
    def _records_told(self):
        """What messages tell of: (placeholders, model, function from a record to their values)."""
        return [
            (OF_RECEIPT, "crediario.receipt", self._of_receipt),
            (OF_CONTRACT, "account.move", self._of_contract),
        ]

    @api.model
    def _told(self, subjects, model):
        """The record of a model that each subject tells of; one query for all.

        :return: dict of key -> record
        """
        # Texts are made for whoever sends; the shop's name for the amounts needs no right.
        Model = self.env[model].sudo()
        named = {s.key: Model.browse(s.res_id) for s in subjects if s.res_model == model}
        others = [s for s in subjects if s.key not in named]
        latest = {}
        for record in (
            Model.search(
                [
                    ("partner_id.commercial_partner_id", "in", self._customers(others).ids),
                    ("company_id", "in", [s.company_id for s in others]),
                    *self._that_count(model),
                ],
                order="id",
            )
            if others
            else ()
        ):
            latest[record.partner_id.commercial_partner_id.id, record.company_id.id] = record
        customers = {p.id: p.commercial_partner_id.id for p in self._partners(others)}
        found = {s.key: latest.get((customers[s.partner_id], s.company_id)) for s in others}
        return {**found, **{key: record.exists() for key, record in named.items()}}

    @api.model
    def _that_count(self, model):
        """Domain of the records of a model that a message may tell of unasked."""
        return {
            "crediario.receipt": [("state", "=", "posted")],
            "account.move": [
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("crediario_plan_id", "!=", False),
            ],
        }[model]

    @api.model
    def _partners(self, subjects):
        return self.env["res.partner"].sudo().browse({s.partner_id for s in subjects})

    @api.model
    def _customers(self, subjects):
        return self._partners(subjects).commercial_partner_id

    @api.model
    def _of_receipt(self, receipt):
        return {
            "receipt_number": receipt.name,
            "receipt_date": day_text(receipt.date),
            "receipt_amount": reais(cents(receipt.amount_received)),
            "what_is_left": self._what_is_left(receipt),
        }

    @api.model
    def _what_is_left(self, receipt):
        """What a thankful shop says of the installments that are still open.

        Nothing of what is late: who has just paid is not reminded in the same breath.
        """
        spoken = self.with_context(lang=receipt.env.context.get("lang"))
        dues = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    (
                        "partner_id.commercial_partner_id",
                        "=",
                        receipt.partner_id.commercial_partner_id.id,
                    ),
                    ("company_id", "=", receipt.company_id.id),
                    ("crediario_plan_id", "!=", False),
                    ("parent_state", "=", "posted"),
                    ("amount_residual", ">", 0),
                ],
                ["date_maturity:day"],
            )
        )
        if not dues:
            return spoken.env._("With it everything is paid")
        coming = sorted(due for (due,) in dues if due and due >= receipt.date)
        if not coming:
            return spoken.env._("It has been taken off what is open")
        return spoken.env._("The next installment is due on %s", day_text(coming[0]))

    @api.model
    def _of_contract(self, move):
        page = f"{PORTAL_PATH}/contract/{move.id}"
        return {"contract_link": f"{move.company_id.get_base_url()}{page}"}

    # ---- Links by which a customer pays without logging in: new ones for every text that leaves

    @api.model
    def _add_private_links(self, values, subjects, names):
        if not OF_LINK & set(names):
            return
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
