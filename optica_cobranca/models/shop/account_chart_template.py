from odoo import models


class AccountChartTemplate(models.AbstractModel):
    """Whoever gets a chart of accounts gets the accounts of store credit with it."""

    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        result = super()._post_load_data(template_code, company, template_data)
        (company or self.env.company)._create_crediario_accounts()
        return result

    def _load_translations(self, langs=None, companies=None, template_data=None):
        """Names of our accounts in languages that are loaded later."""
        result = super()._load_translations(langs, companies, template_data)
        companies = companies or self.env["res.company"].search([("chart_template", "!=", False)])
        companies._translate_crediario_accounts(langs)
        return result
