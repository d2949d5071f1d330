from odoo import api, models

from ...domain.shop.money import cents
from ...domain.shop.words import day_text, reais
from ..messaging.placeholder_values import OF_PROMISE

MODEL = "dunning.promise"


class PlaceholderValues(models.AbstractModel):
    """What a message says of a promise."""

    _inherit = "contact.placeholder.values"

    @api.model
    def _records_told(self):
        return [*super()._records_told(), (OF_PROMISE, MODEL, self._of_promise)]

    @api.model
    def _that_count(self, model):
        if model == MODEL:
            return [("state", "!=", "cancelled")]
        return super()._that_count(model)

    @api.model
    def _of_promise(self, promise):
        return {
            "promise_date": day_text(promise.date),
            "promise_amount": reais(cents(promise.amount)),
            "promise_missing": reais(cents(promise.missing_amount)),
        }
