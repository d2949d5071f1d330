from odoo import fields, models


class PortfolioImportProblem(models.TransientModel):
    """One line of a portfolio file about which the shop should know."""

    _name = "crediario.portfolio.import.problem"
    _description = "Problem of a Portfolio Import"
    _order = "line, id"
    _rec_name = "reason"

    import_id = fields.Many2one(
        "crediario.portfolio.import", required=True, ondelete="cascade", index=True
    )
    line = fields.Integer(help="Line of the file, the header being line 1 of most files.")
    column = fields.Char(help="As the file calls it.")
    value = fields.Char(help="What stands there.")
    reason = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("error", "Not imported"),
            ("different", "Imported earlier, unchanged"),
            ("warning", "Imported, please check"),
        ],
        string="Effect",
        required=True,
    )


class PortfolioImportRow(models.TransientModel):
    """One good row of the file as it was understood, shown before anything is imported."""

    _name = "crediario.portfolio.import.row"
    _description = "Previewed Row of a Portfolio Import"
    _order = "line"

    import_id = fields.Many2one(
        "crediario.portfolio.import", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="import_id.currency_id")
    line = fields.Integer()
    name = fields.Char(string="Customer")
    vat = fields.Char(string="CPF/CNPJ")
    phone = fields.Char()
    email = fields.Char()
    birthdate = fields.Date()
    contract = fields.Char()
    number = fields.Integer(string="Installment No.")
    due_date = fields.Date()
    value = fields.Monetary()
    paid = fields.Monetary()
