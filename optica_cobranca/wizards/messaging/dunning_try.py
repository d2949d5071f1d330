from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...domain.shop.errors import TemplateError
from ...models.ladder.dunning_policy import SOURCES
from ...models.messaging.placeholder_values import PLACEHOLDERS, Subject
from ...tools.ladder.dunning_query import customers_in
from ..ladder.dunning_preview import ADVANCES, MENTIONED

TONES = {ADVANCES: "success", MENTIONED: "info"}


class DunningTry(models.TransientModel):
    """What would happen to one customer on a day: which level, what is said, why not.

    The run's own evaluation of that day, with everything as it is now; nothing is written.
    """

    _name = "dunning.try"
    _description = "Try a Ladder"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    date = fields.Date(
        string="Day",
        required=True,
        default=lambda self: self.env.company._today(),
    )
    policy_id = fields.Many2one(
        "dunning.policy",
        string="Ladder",
        domain="[('company_id', 'in', (False, company_id))]",
        help="As if this ladder had been chosen on the customer. Empty: the one that applies.",
    )
    result = fields.Html(compute="_compute_result", sanitize=False)

    # ------------------------------------------------------------- compute

    @api.depends("partner_id", "date", "policy_id", "company_id")
    def _compute_result(self):
        for wizard in self:
            wizard.result = (
                self.env["ir.qweb"]._render("optica_cobranca.try_result", wizard._told())
                if wizard.partner_id and wizard.date
                else False
            )

    # ------------------------------------------------------------ business

    def _told(self):
        """The values of the page: the sentence, the installments and the messages."""
        rows = self._outcomes()
        lines = self.env["account.move.line"].browse([row["line_id"] for row in rows])
        labels = dict(
            self.env["dunning.preview.line"]._fields["outcome"]._description_selection(self.env)
        )
        levels = self.env["dunning.level"].with_context(active_test=False)
        told = [
            {
                "line": line,
                "days": row["days"],
                "level": levels.browse(row["level_id"]),
                "outcome": labels.get(row["outcome"], row["outcome"]),
                "tone": TONES.get(row["outcome"], "secondary"),
                "total": row["total"] if row["total"] is not None else row["residual"],
            }
            for row, line in zip(rows, lines, strict=True)
        ]
        listed = [row for row in rows if row["outcome"] in TONES]
        winner = next((row["notice_level_id"] for row in rows if row["notice_level_id"]), False)
        level = levels.browse(winner)
        return {
            "wizard": self,
            "day": format_date(self.env, self.date, date_format="full"),
            "ladder": self._ladder_words(),
            "rows": told,
            "level": level,
            "total": sum(row["total"] or 0 for row in listed),
            "messages": self._messages(level, [row["line_id"] for row in listed]),
            "others": level.sudo().action_ids.filtered(lambda a: a.state != "contact_message"),
        }

    def _outcomes(self):
        """Rows of :meth:`dunning.preview._outcomes` for this customer.

        With sudo: the evaluation reads the whole ledger, whoever asks about one customer.
        """
        company = self.company_id
        company.check_access("read")
        self.partner_id.check_access("read")
        evaluation = self.env["dunning.evaluation"].sudo().with_company(company)
        rules = evaluation._ladder_rules(company, self.date)
        if self.policy_id:
            rules = replace(rules, partner_policy=SQL("%s::int", self.policy_id._origin.id))
        customers = self.partner_id.commercial_partner_id._origin
        query = evaluation._decision_query(rules, customers_in(customers.ids))
        return self.env.execute_query_dict(self.env["dunning.preview"]._outcomes(query))

    # ------------------------------------------------------------- helpers

    def _ladder_words(self):
        if self.policy_id:
            return self.env._("%s (tried here)", self.policy_id.name)
        partner = self.partner_id.with_company(self.company_id)
        return partner.dunning_policy_applied or dict(SOURCES)["none"]

    def _messages(self, level, line_ids):
        """``[(template, channel, text)]``: what each message of the level would say that day."""
        templates = level.sudo().action_ids.contact_template_id
        if not templates:
            return []
        customer = self.partner_id.commercial_partner_id._origin
        subject = Subject(
            "try", self.company_id.id, customer.id, tuple(line_ids), lang=customer.lang
        )
        values = self.env["contact.placeholder.values"]._for_subjects(
            [subject], PLACEHOLDERS, self.date
        )
        shown = {name: value or f"[{name}]" for name, value in values["try"].items()}
        channels = dict(
            self.env["contact.message"]._fields["channel"]._description_selection(self.env)
        )
        messages = []
        for template in templates:
            channel = next((name for name in template._channels() if template._text_for(name)), "")
            if channel:
                text = self._text(template, channel, shown)
                messages.append((template, channels.get(channel, channel), text))
        return messages

    def _text(self, template, channel, values):
        try:
            return template._render_for(channel, values)
        except TemplateError as error:
            return str(error)
