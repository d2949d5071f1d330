from odoo import api, fields, models

from ..domain.csv_text import csv_file

LIVE = ("draft", "handed_over", "partly")
# What an agency needs to collect, and nothing more (LGPD art. 6 III): no birthday, no
# prescription, no other purchase.
COLUMNS = (
    "referencia",
    "nome",
    "cpf_cnpj",
    "telefone",
    "email",
    "endereco",
    "cidade",
    "uf",
    "cep",
    "contrato",
    "parcela",
    "vencimento",
    "principal",
    "multa",
    "juros",
    "total",
)


class DunningHandoverLine(models.Model):
    """One installment as it was when the agency got it."""

    _name = "dunning.handover.line"
    _description = "Debt with an Agency"
    _order = "due_date, id"

    handover_id = fields.Many2one(
        "dunning.handover", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    currency_id = fields.Many2one(related="handover_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", string="Installment", readonly=True, ondelete="set null"
    )
    contract = fields.Char(readonly=True)
    installment = fields.Char(string="No.", readonly=True)
    due_date = fields.Date(readonly=True)
    principal = fields.Monetary(readonly=True)
    fine = fields.Monetary(string="Late Fee", readonly=True)
    interest = fields.Monetary(string="Late Interest", readonly=True)
    total = fields.Monetary(readonly=True)
    amount_open = fields.Monetary(
        string="Open Now", compute="_compute_amount_open", compute_sudo=True
    )
    live = fields.Boolean(compute="_compute_live", store=True)

    _one_agency = models.UniqueIndex(
        "(move_line_id) WHERE live", "This installment is proposed for, or with, an agency already."
    )

    # ------------------------------------------------------------- compute

    @api.depends("move_line_id.amount_residual", "move_line_id.parent_state")
    def _compute_amount_open(self):
        for line in self:
            entry = line.move_line_id
            is_open = entry.parent_state == "posted"
            line.amount_open = max(entry.amount_residual, 0.0) if is_open else 0.0

    @api.depends("handover_id.state")
    def _compute_live(self):
        for line in self:
            line.live = line.handover_id.state in LIVE


class DunningHandover(models.Model):
    _inherit = "dunning.handover"

    def reference(self):
        """The number that names the hand-over in the agency's file."""
        return f"COB{self._origin.id or 0:06d}"

    def _export(self, agency, company, day):
        """The agency's file of these hand-overs, kept as handed over by the present user."""
        content = csv_file(
            COLUMNS,
            (row for handover in self for row in handover._export_rows()),
            brazilian=agency.export_format == "br",
        )
        return self.env["dunning.export"]._store(
            "agency",
            f"cobranca-externa-{day:%Y%m%d}.csv",
            content,
            company,
            self.partner_id,
            amount=sum(self.mapped("amount")),
            agency=agency,
        )

    def _export_rows(self):
        partner = self.partner_id
        person = (
            self.reference(),
            partner.name,
            "".join(filter(str.isalnum, partner.vat or "")),
            # A plus in front would be a formula.
            "".join(filter(str.isdigit, partner.phone or "")),
            partner.email,
            ", ".join(filter(None, (partner.street, partner.street2))),
            partner.city,
            partner.state_id.code,
            partner.zip,
        )
        for line in self.line_ids:
            yield (
                *person,
                line.contract,
                line.installment,
                line.due_date,
                line.principal,
                line.fine,
                line.interest,
                line.total,
            )

    @api.model
    def action_eligible(self):
        """List what is late enough for an agency and not proposed for, or with, one."""
        self.env["dunning.export"]._check_group("collector")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_installments"
        )
        return {
            **action,
            "name": self.env._("Eligible for Agency"),
            "path": False,
            "domain": list(self._eligible_domain()),
            "context": {"create": False},
            "help": self.env._("Nothing is late enough for an agency"),
        }

    @api.model
    def _eligible_domain(self):
        """Installments late enough in their company, each company on its own day."""
        late = fields.Domain.OR(
            fields.Domain("company_id", "=", company.id)
            & fields.Domain(
                "date_maturity",
                "<=",
                fields.Date.subtract(
                    self.env["dunning.run"]._today(company),
                    days=company.sudo().agency_min_days_late,
                ),
            )
            for company in self.env.companies
        )
        owed = fields.Domain(
            [
                ("crediario_plan_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("amount_residual", ">", 0),
            ]
        )
        return owed & late & fields.Domain("handover_line_ids", "not any", [("live", "=", True)])


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    handover_line_ids = fields.One2many(
        "dunning.handover.line", "move_line_id", groups="optica_cobranca.group_collector"
    )

    def _handover_values(self, day):
        """What a hand-over keeps of these installments, on the amounts of ``day``."""
        amounts = self._amounts_today(day)
        return [
            {
                "move_line_id": line.id,
                "contract": line.contract_reference or line.move_id.name,
                "installment": line.installment_label,
                "due_date": line.date_maturity,
                "principal": float(amounts[line.id].principal),
                "fine": float(amounts[line.id].fine),
                "interest": float(amounts[line.id].interest),
                "total": float(amounts[line.id].total),
            }
            for line in self._sorted_for_receiving()
        ]
