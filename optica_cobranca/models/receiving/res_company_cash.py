from odoo import api, fields, models


class ResCompany(models.Model):
    """How the shop is paid at its counter, and how its cash days begin."""

    _inherit = "res.company"

    cash_day_opening = fields.Selection(
        [
            ("itself", "By itself, with the first payment"),
            ("count", "Only after counting"),
        ],
        string="Cash Days Open",
        default="itself",
        required=True,
        help="By itself: with what the last day left in the drawer. Either way the closing counts.",
        groups="optica_cobranca.group_seller",
    )

    # ------------------------------------------------------------ business

    def _usual_cash_journal(self):
        """The company's cash drawer; empty if it has none.

        With sudo: which drawer it is, is the same for everybody.
        """
        Journal = self.env["account.journal"].sudo()
        return Journal.search(
            [*Journal._check_company_domain(self), ("type", "=", "cash")], limit=1
        ).sudo(False)

    def _create_counter_methods(self):
        """A cash journal and card methods for each company with a chart that has none.

        Safe to repeat: what the company has, of its own or of its parent, is never touched.
        """
        for company in self.filtered("chart_template"):
            if not company._usual_cash_journal():
                company._create_cash_journal()
            company._create_card_methods()

    def _create_cash_journal(self):
        """Cash whose payments are in the drawer's account at once.

        With sudo: accounts and journals belong to the accountant.
        """
        Account = self.env["account.account"].sudo().with_company(self)
        Journal = self.env["account.journal"].sudo().with_company(self)
        accounts = Account.search(
            [*Account._check_company_domain(self), ("account_type", "=", "asset_cash")],
            order="code",
        )
        used = Journal.search(Journal._check_company_domain(self)).default_account_id
        journal = Journal.create(
            {
                "type": "cash",
                "name": self.env._("Cash"),
                "company_id": self.id,
                "default_account_id": (accounts - used)[:1].id,
            }
        )
        self._translate_name(journal, lambda env: env._("Cash"))
        (
            journal.inbound_payment_method_line_ids | journal.outbound_payment_method_line_ids
        ).payment_account_id = journal.default_account_id
        return journal

    def _create_card_methods(self):
        """Debit and credit card as ways of paying into the bank.

        The money is with the acquirer until it arrives there: an account of its own, which the
        accountant matches with the bank's statement. With sudo: see ``_create_cash_journal``.
        """
        Journal = self.env["account.journal"].sudo().with_company(self)
        Line = self.env["account.payment.method.line"].sudo()
        banks = Journal.search([*Journal._check_company_domain(self), ("type", "=", "bank")])
        if not banks or Line.search_count(
            [("journal_id", "in", banks.ids), ("crediario_card", "!=", False)], limit=1
        ):
            return
        account = self.env["account.account"]
        for sequence, (card, name) in enumerate(self._card_names(), start=20):
            known = banks[0].inbound_payment_method_line_ids.filtered(
                lambda line, name=name: line.name == name
            )
            if known:  # of an earlier installation
                known[0].crediario_card = card
                account = known[0].payment_account_id
                continue
            account = account or self._create_card_account()
            Line.create(
                {
                    "name": name,
                    "payment_method_id": self.env.ref(
                        "account.account_payment_method_manual_in"
                    ).id,
                    "journal_id": banks[0].id,
                    "payment_account_id": account.id,
                    "sequence": sequence,
                    "crediario_card": card,
                }
            )

    def _card_names(self):
        """In the language of the shop: names of methods have only one."""
        speak = self.with_context(lang=self._language() or self.env.lang).env
        return [("debit", speak._("Debit Card")), ("credit", speak._("Credit Card"))]

    def _create_card_account(self):
        """An asset that is matched, in the group of trade receivables where the chart has it."""
        Account = self.env["account.account"].sudo().with_company(self)
        chart = self.env["account.chart.template"].sudo().with_company(self)
        like = chart.ref("account_template_101020201", raise_if_not_found=False)
        if not like:
            like = Account.search(
                [*Account._check_company_domain(self), ("account_type", "=", "asset_current")],
                order="code",
                limit=1,
            )
        account = Account.create(
            {
                "name": self.env._("Card sales to receive"),
                "code": Account._search_new_account_code(like.code or "101000"),
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [fields.Command.link(self.id)],
            }
        )
        self._translate_name(account, lambda env: env._("Card sales to receive"))
        return account

    @api.model
    def _translate_name(self, record, name):
        """Write ``name(env)`` in every language of the database."""
        for code, _label in self.env["res.lang"].get_installed():
            record.with_context(lang=code).name = name(record.with_context(lang=code).env)


class AccountChartTemplate(models.AbstractModel):
    """A company that gets its chart can be paid at once."""

    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        result = super()._post_load_data(template_code, company, template_data)
        (company or self.env.company)._create_counter_methods()
        return result


class AccountPaymentMethodLine(models.Model):
    """How the counter calls a way of paying."""

    _inherit = "account.payment.method.line"

    crediario_card = fields.Selection(
        [("debit", "Debit Card"), ("credit", "Credit Card")],
        string="Card",
        help="A card that the shop's machine takes.",
    )

    # ------------------------------------------------------------ business

    def _counter_label(self):
        """The journal's name for its usual method, the method's own name for others."""
        line = self[:1].sudo()
        usual = line.payment_method_id.code == "manual" and not line.crediario_card
        first = line.journal_id.inbound_payment_method_line_ids[:1]
        if usual and line == first:
            return line.journal_id.name
        return line.name
