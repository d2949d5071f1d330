from odoo import api, fields, models


class DossierReport(models.AbstractModel):
    """The first pages of a legal dossier: who, how much, and everything that happened, in order."""

    _name = "report.optica_cobranca.report_dossier"
    _description = "Index of a Legal Dossier"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        partners = self.env["res.partner"].browse(docids)
        partners.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "res.partner",
            "papers": [self._paper(partner) for partner in partners.commercial_partner_id],
        }

    def _paper(self, partner):
        today = fields.Date.context_today(self)
        company = self.env.company
        lines = partner._open_installments()
        amounts = lines._amounts_today(today).values()
        return {
            "lang": self.env.lang or self.env.user.lang,
            "shop": self._shop(company),
            "customer": self._person(partner),
            "currency": company.currency_id,
            "today": today,
            "made_by": self.env.user.name,
            "events": partner._dossier_events(company),
            "contracts": len(partner._dossier_contracts(company)),
            "oldest": min(lines.mapped("date_maturity"), default=False),
            "principal": float(sum(amount.principal for amount in amounts)),
            "fine": float(sum(amount.fine for amount in amounts)),
            "interest": float(sum(amount.interest for amount in amounts)),
            "total": float(sum(amount.total for amount in amounts)),
        }
