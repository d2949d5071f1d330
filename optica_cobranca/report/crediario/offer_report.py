from datetime import timedelta

from odoo import api, models

from ...domain.shop.errors import DomainError

# The least the law allows (CDC art. 54-B II).
DAYS_VALID = 2


class OfferReport(models.AbstractModel):
    """What the customer is told before agreeing (CDC art. 52 and 54-B): a row, or the table."""

    _name = "report.optica_cobranca.report_offer"
    _description = "Offer of Store Credit"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        simulations = self.env["crediario.simulation"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "crediario.simulation",
            "papers": [self._paper(simulation) for simulation in simulations],
        }

    def _paper(self, simulation):
        lang = self._language(simulation.partner_id)
        plan, offer = simulation._chosen_offer()
        plans = plan if offer else simulation.plan_ids
        blocks = [
            {
                "plan": plan.with_context(lang=lang),
                "offers": [offer] if offer else self._offers(simulation, plan),
            }
            for plan in plans
        ]
        return {
            "simulation": simulation,
            "lang": lang,
            "shop": self._shop(simulation.company_id),
            "customer": self._person(simulation.partner_id),
            "blocks": [block for block in blocks if block["offers"]],
            "chosen": offer,
            "document": simulation._document(),
            "goods": simulation._goods(),
            "valid_until": simulation.sale_date + timedelta(days=DAYS_VALID),
        }

    def _offers(self, simulation, plan):
        try:
            return simulation._offers_of(plan)
        except DomainError:
            return []
