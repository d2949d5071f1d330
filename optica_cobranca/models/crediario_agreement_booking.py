from odoo import Command, fields, models
from odoo.exceptions import UserError

from ..domain.money import ZERO, cents


class CrediarioAgreement(models.Model):
    """Acceptance: one posted entry closes the old installments and opens the new ones."""

    _inherit = "crediario.agreement"

    # ------------------------------------------------------------- actions

    def action_accept(self):
        """The customer agrees: the old installments close, the new ones are owed."""
        for agreement in self:
            agreement._check_state("draft", "approved")
            agreement._check_acceptable()
            agreement._accept()

    def action_cancel(self):
        """Drop a proposal; an agreement in force as long as nothing was paid (manager)."""
        for agreement in self:
            agreement._check_state("draft", "to_approve", "approved", "waiting", "open")
            if agreement.state == "open":
                agreement._check_manager()
            if agreement.move_id:
                agreement._unbook()
            agreement.sudo().state = "cancelled"

    # ------------------------------------------------------------ business

    def _check_acceptable(self):
        if not self.env.user.has_group("optica_cobranca.group_collector"):
            raise UserError(self.env._("Only a collector makes agreements."))
        proposal = self._proposal_or_refusal()
        today = fields.Date.context_today(self)
        if today > self.valid_until or self.first_due_date < today:
            raise UserError(
                self.env._("This proposal has expired. Update it and agree on it again.")
            )
        if (
            self._reasons(proposal)
            and self.state != "approved"
            and not self.env.user.has_group("optica_cobranca.group_manager")
        ):
            raise UserError(
                self.env._("A manager has to approve this: %(why)s.", why=self.approval_text)
            )

    def _accept(self, down_until=None):
        """Book it, as of today.

        :param down_until: the agreement waits for its down payment until this day, and lapses
            without it; None: the down payment is due today and the agreement is in force.

        With sudo: the agreement is the one way to these entries, and its rights were checked.
        """
        agreement = self.sudo()
        self.env["crediario.receipt"]._lock(agreement.line_ids.move_line_id)
        agreement._check_unchanged()
        proposal = agreement._proposal_or_refusal()
        agreement._check_same_terms(proposal)
        for line, forgiven in zip(agreement.line_ids, proposal.forgiven, strict=True):
            line.write(
                {
                    "forgiven_fine": float(forgiven.fine),
                    "forgiven_interest": float(forgiven.interest),
                    "forgiven_principal": float(forgiven.principal),
                }
            )
        today = fields.Date.context_today(self)
        agreement.move_id = agreement._create_entry(proposal, today, down_until or today)
        agreement.write({"state": "open", "accepted_on": today})
        if down_until:
            agreement.write({"state": "waiting", "valid_until": down_until})
        agreement._close_originals()

    def _check_unchanged(self):
        """Whoever paid meanwhile owes less than the customer is about to sign for."""
        amounts = self.line_ids.move_line_id._amounts_today(self.date)
        for line in self.line_ids:
            installment = line.move_line_id
            if (
                cents(installment.amount_residual) != cents(line.principal)
                or amounts[installment.id].total != cents(line.total)
                or installment.parent_state != "posted"
            ):
                raise UserError(
                    self.env._(
                        "Installment %(number)s of contract %(contract)s has changed since the "
                        "proposal was made. Update the proposal.",
                        number=line.label,
                        contract=line.contract,
                    )
                )

    def _check_same_terms(self, proposal):
        """A plan whose rate changed since must not change what the customer was shown."""
        shown = (cents(self.amount_net), cents(self.amount_total))
        if shown != (proposal.net, proposal.offer.total):
            raise UserError(
                self.env._("The rates of the plan have changed. Choose the plan again.")
            )

    # ------------------------------------------------------------- booking

    def _create_entry(self, proposal, today, down_due):
        """The posted entry: debts out, charges earned, discount given, new installments in."""
        lines = self.line_ids
        closing = [
            self._item(line.move_line_id.account_id, -cents(line.principal), line._title())
            for line in lines
        ]
        opening = [
            self._installment_item(0, down_due, proposal.offer.down_payment, proposal.offer.n)
        ]
        opening += [
            self._installment_item(number, due, part, proposal.offer.n)
            for number, (due, part) in enumerate(
                zip(proposal.offer.dates, proposal.offer.parts, strict=True), start=1
            )
        ]
        items = closing + opening + self._result_items(cents(proposal.offer.finance_charge))
        move = self._entry(items, today)
        move.write(
            {
                "contract_reference": self.name,
                "crediario_plan_id": self.plan_id.id,
                "installment_count": proposal.offer.n,
                "first_due_date": proposal.offer.dates[0],
            }
        )
        # Lines keep the order in which they were given.
        created = move.line_ids.sorted("id")
        for line, closing_line in zip(lines, created, strict=False):
            line.closing_line_id = closing_line
        move._post(soft=False)
        return move

    def _entry(self, items, day):
        """A draft entry of these items, of those that are not zero."""
        company = self.company_id
        journal = self.env["account.journal"].search(
            [*self.env["account.journal"]._check_company_domain(company), ("type", "=", "general")],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._("Create a journal of type Miscellaneous to book agreements in.")
            )
        return (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "company_id": company.id,
                    "journal_id": journal.id,
                    "date": day,
                    "partner_id": self.partner_id.id,
                    "ref": self.name,
                    "agreement_id": self.id,
                    "line_ids": [Command.create(item) for item in items if item["balance"]],
                }
            )
        )

    def _item(self, account, balance, name, **values):
        return {
            "account_id": account.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.company_id.currency_id.id,
            "balance": float(balance),
            "amount_currency": float(balance),
            "name": name,
            "tax_ids": [],
            **values,
        }

    def _installment_item(self, number, due, value, count):
        label = f"{number}/{count}" if number else self.env._("Down payment")
        return self._item(
            self._receivable(),
            value,
            f"{self.name} {label}",
            installment_number=number,
            date_maturity=due,
        )

    def _receivable(self):
        return self.partner_id.with_company(self.company_id).property_account_receivable_id

    def _result_items(self, finance_charge, sign=1):
        """Charges and price of the credit earned, principal forgiven; ``sign`` -1 takes it back."""
        company = self.company_id
        accounts = company._receiving_accounts()
        lines = self.line_ids
        amounts = (
            (accounts["fine"], -self._sum(lines, "fine"), self.env._("Late fine")),
            (accounts["interest"], -self._sum(lines, "interest"), self.env._("Late interest")),
            (
                accounts["discount"],
                sum((cents(line.forgiven_principal) for line in lines), ZERO),
                self.env._("Discount of the agreement"),
            ),
            (
                company.finance_charge_account_id,
                -finance_charge,
                self.env._("Finance charge of the agreement"),
            ),
        )
        return [self._item(account, sign * amount, name) for account, amount, name in amounts]

    def _sum(self, lines, kind):
        """Fine or interest that the agreement keeps."""
        return sum((cents(line[kind]) - cents(line[f"forgiven_{kind}"]) for line in lines), ZERO)

    def _close_originals(self):
        """Each original with its own item, so that exactly these close."""
        for line in self.line_ids:
            (line.move_line_id + line.closing_line_id).reconcile()
            line.move_line_id.move_id.message_post(
                body=self.env._(
                    "Installment %(number)s closed by agreement %(name)s.",
                    number=line.label,
                    name=self.name,
                )
            )

    def _reopen_originals(self):
        """Undo the reconciliation of the originals with this agreement's entry."""
        for line in self.line_ids:
            line.move_line_id.matched_credit_ids.filtered(
                lambda partial, line=line: partial.credit_move_id == line.closing_line_id
            ).unlink()

    def _unbook(self):
        """Cancel the entry of an agreement of which nothing was paid."""
        agreement = self.sudo()
        parts = agreement.installment_ids
        self.env["crediario.receipt"]._lock(parts)
        if any(cents(part.amount_residual) != cents(part.balance) for part in parts):
            raise UserError(
                self.env._(
                    "Installments of this agreement were paid. Undo the receipts first, or break "
                    "the agreement: what was paid is credited to the original installments."
                )
            )
        agreement._reopen_originals()
        agreement.state = "cancelled"
        agreement.move_id.button_cancel()
