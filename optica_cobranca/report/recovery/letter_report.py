from odoo import api, fields, models

AMOUNTS = ("principal", "fine", "interest", "total")
PIX_COLUMN = 44


class LetterReport(models.AbstractModel):
    """Letters in a window envelope: who writes, to whom, what is late and how to pay it."""

    _name = "report.optica_cobranca.report_letter"
    _description = "Letter to a Late Customer"
    _inherit = "crediario.paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        letters = self.env["dunning.letter"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "dunning.letter",
            "papers": [self._paper(letter) for letter in letters],
        }

    def _paper(self, letter):
        today = fields.Date.context_today(self)
        company = letter.company_id
        rows = letter._late_lines().with_env(self.env)._portal_values(today)
        lines = self.env["account.move.line"].union(*[row["line"] for row in rows])
        code = lines._pix_code_of(sum(row["total"] for row in rows))
        return {
            "letter": letter,
            "barcode": self._bars(letter.number),
            "lang": self._language(letter.partner_id),
            "shop": self._shop(company),
            "customer": self._person(letter.partner_id),
            "address": (letter.address or "").split("\n"),
            "currency": company.currency_id,
            "today": today,
            "rows": rows,
            "totals": {key: sum(row[key] for row in rows) for key in AMOUNTS},
            "plans": {
                rules._charge_terms(): rules
                for rules in (contract._crediario_rules() for contract in lines.sudo().move_id)
            }.values(),
            "waiting_days": company.sudo().bureau_waiting_days,
            "pix_lines": self._printed_lines(code, PIX_COLUMN) if code else [],
            "qr": self._qr_image(code) if code else False,
        }
