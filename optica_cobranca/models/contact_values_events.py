from odoo import api, models

from ..domain.money import cents
from .contact_values import (
    OF_CONTRACT,
    OF_PROMISE,
    OF_RECEIPT,
    PORTAL_PATH,
    day_text,
    reais,
)


class ContactValues(models.AbstractModel):
    """Values of what happened: the promise, the receipt, the contract a message tells of.

    The record the message is about, else the customer's latest: so a preview has them, too.
    """

    _inherit = "contact.values"

    @api.model
    def _for_subjects(self, subjects, names, on):
        subjects = list(subjects)
        values = super()._for_subjects(subjects, names, on)
        for wanted, model, of_record in (
            (OF_PROMISE, "dunning.promise", self._of_promise),
            (OF_RECEIPT, "crediario.receipt", self._of_receipt),
            (OF_CONTRACT, "account.move", self._of_contract),
        ):
            records = self._told(subjects, model) if wanted & set(names) else {}
            for subject in subjects:
                record = records.get(subject.key)
                values[subject.key].update(of_record(record) if record else dict.fromkeys(wanted))
        return values

    # ------------------------------------------------------------- helpers

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
        return {
            "dunning.promise": [("state", "!=", "cancelled")],
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
    def _of_promise(self, promise):
        return {
            "promise_date": day_text(promise.date),
            "promise_amount": reais(cents(promise.amount)),
            "promise_missing": reais(cents(promise.missing_amount)),
        }

    @api.model
    def _of_receipt(self, receipt):
        return {
            "receipt_number": receipt.name,
            "receipt_date": day_text(receipt.date),
            "receipt_amount": reais(cents(receipt.amount_received)),
        }

    @api.model
    def _of_contract(self, move):
        page = f"{PORTAL_PATH}/contract/{move.id}"
        return {"contract_link": f"{move.company_id.get_base_url()}{page}"}
