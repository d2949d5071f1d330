import logging

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...domain.agreement.agreement_breach import AgreementPart, breach, is_breached
from ...domain.crediario.forgiveness import Debt, Door
from ...domain.shop.money import ZERO, cents
from .crediario_agreement import LIVE, NEGOTIATING

_logger = logging.getLogger(__name__)


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
                agreement._check_role("manager")
            if agreement.move_id:
                agreement._unbook()
            agreement.sudo().state = "cancelled"

    # ------------------------------------------------------------ business

    @api.model
    def _prepare_merge(self, sources, survivor):
        """Before customers become one: what each agreed to stays agreed, one of them counts.

        Agreements with an entry go on side by side; proposals beside another one are cancelled.
        """
        mine = self.search([("partner_id", "in", (sources | survivor).ids), ("state", "in", LIVE)])
        for agreements in mine.grouped("company_id").values():
            first, *others = agreements.sorted(
                lambda agreement: (not agreement.merged, bool(agreement.move_id), agreement.id),
                reverse=True,
            )
            for other in others:
                if other.move_id:
                    other.merged = True
                else:
                    other.state = "cancelled"
                    other.message_post(
                        body=self.env._(
                            "Cancelled: the customer was merged with %(name)s, who has the "
                            "agreement %(agreement)s.",
                            name=survivor.display_name,
                            agreement=first.name,
                        )
                    )

    def _check_acceptable(self):
        self._check_role("collector")
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
        tolerance = agreement._tolerance_days()
        agreement.write({"state": "open", "accepted_on": today, "breach_days": tolerance})
        if down_until:
            agreement.write({"state": "waiting", "valid_until": down_until})
        agreement._close_originals()
        self._note_forgiven(agreement.line_ids)

    def _note_forgiven(self, lines):
        """Write down the discounts that the customer agreed to."""
        forgiven = Debt(
            sum((cents(line.forgiven_principal) for line in lines), ZERO),
            sum((cents(line.forgiven_fine + line.forgiven_interest) for line in lines), ZERO),
        )
        reason = self.env._("Agreement %(name)s", name=self.name)
        self.env["crediario.forgiveness"]._note(
            lines.move_line_id, Door.AGREEMENT, forgiven, reason, agreement_id=self.id
        )

    def _check_unchanged(self):
        """Whoever paid meanwhile owes less than the customer is about to sign for."""
        amounts = self.line_ids.move_line_id._amounts_today(self.date)
        for line in self.line_ids:
            installment = line.move_line_id
            if (
                cents(installment.amount_residual) != cents(line.principal)
                or amounts[installment.id].without_credit().total != cents(line.total)
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
        credit_notes = agreement._release_credit_notes()
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
        agreement._return_credit_notes(credit_notes)

    # ----------- The end of an agreement: kept, or broken and undone to the cent

    def action_breach(self):
        """A manager ends an agreement that is not kept."""
        self._check_role("manager")
        for agreement in self:
            agreement._check_state("open")
            agreement._breach(fields.Date.context_today(self))

    @api.model
    def _cron_agreements(self):
        """Every day: expired proposals end, agreements are found kept or broken."""
        today = fields.Date.context_today(self)
        expired = self.sudo().search([("state", "in", NEGOTIATING), ("valid_until", "<", today)])
        expired.filtered(lambda agreement: not agreement.move_id).write({"state": "cancelled"})
        expired.filtered("move_id")._lapse_unpaid(today)
        running = self.sudo().search([("state", "in", ("open", "kept"))])
        running._update_kept()
        late = running.filtered(lambda agreement: agreement._is_breached(today))
        for done, agreement in enumerate(late, start=1):
            agreement._breach(today)
            self.env["ir.cron"]._commit_progress(1, remaining=len(late) - done)

    def _update_kept(self):
        """Paid in full is kept; a payment undone later puts it in force again."""
        for agreement in self.sudo():
            is_open = any(line.amount_residual > 0 for line in agreement.installment_ids)
            if agreement.state == "open" and not is_open:
                agreement.state = "kept"
            elif agreement.state == "kept" and is_open and not agreement._has_live_sibling():
                agreement.state = "open"

    def _has_live_sibling(self):
        return bool(
            self.search_count(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "in", (*NEGOTIATING, "open")),
                ],
                limit=1,
            )
        )

    def _is_breached(self, on):
        """Whether an installment is later than the company tolerates."""
        if self.state != "open":
            return False
        calendar = self.company_id.sudo()._business_calendar()
        return is_breached(self._parts(), on, self._tolerance_days(), calendar)

    def _parts(self):
        """Down payment and installments with what was paid of them (domain terms)."""
        return [
            AgreementPart(
                line.id,
                line.date_maturity,
                cents(line.balance),
                cents(line.balance) - cents(line.amount_residual),
            )
            for line in self.installment_ids
        ]

    def _breach(self, on):
        """Undo the agreement as of ``on``: what was paid is credited to the oldest originals.

        One entry takes back what the agreement booked, closes what is open of the new
        installments, and credits charges and principal of the originals. Payments stay with the
        installments that they paid, so a receipt can still be undone. What nobody needs is the
        customer's credit. Credit notes are no payments: they go back to their contracts. With
        sudo: see ``_accept``.
        """
        self.ensure_one()
        agreement = self.sudo()
        parts = agreement.installment_ids
        originals = agreement.line_ids
        self.env["crediario.receipt"]._lock(parts | originals.move_line_id)
        credit_notes = agreement._release_credit_notes()
        outcome = breach(agreement._parts(), originals._debts())
        credited = dict(zip(originals.ids, outcome.credits, strict=True))
        for line in originals:
            line.write(
                {
                    "credited_fine": float(credited[line.id].fine),
                    "credited_interest": float(credited[line.id].interest),
                    "credited_principal": float(credited[line.id].principal),
                }
            )
        agreement._reopen_originals()
        pairs = agreement._breach_pairs(parts)
        agreement.write({"state": "breached", "breached_on": on, "surplus": float(outcome.surplus)})
        move = agreement._entry(
            [item for _counterpart, item in pairs] + agreement._breach_items(outcome), on
        )
        agreement.breach_move_id = move
        created = move.line_ids.sorted("id")
        booked = [counterpart for counterpart, item in pairs if item["balance"]]
        move._post(soft=False)
        for counterpart, line in zip(booked, created, strict=False):
            (counterpart + line).reconcile()
        agreement._return_credit_notes(credit_notes)
        agreement.message_post(
            body=self.env._(
                "Broken: the original installments are owed again, with %(paid)s credited.",
                paid=agreement.currency_id._text(outcome.paid),
            )
        )

    def _release_credit_notes(self):
        """Take credit notes off the new installments.

        :return: their receivable items
        """
        partials = self.installment_ids.matched_credit_ids.filtered(
            lambda partial: partial.credit_move_id.move_id.move_type == "out_refund"
        )
        credits = partials.credit_move_id
        partials.unlink()
        return credits

    def _return_credit_notes(self, credits):
        """Back to the originals: to their own contract's last one first, the rest to the others'.

        What no original needs stays the customer's credit.
        """
        originals = self.line_ids.move_line_id.sorted(
            lambda line: (line.date_maturity, line.id), reverse=True
        )
        for credit in credits:
            contract = credit.move_id.reversed_entry_id
            own = originals.filtered(lambda line, contract=contract: line.move_id == contract)
            for original in own + (originals - own):
                if (
                    original.account_id == credit.account_id
                    and not original.reconciled
                    and not credit.reconciled
                ):
                    (credit + original).reconcile()

    def _breach_pairs(self, parts):
        """Pairs (line to reconcile with, item of the entry)."""
        pairs = [
            (
                line.closing_line_id,
                self._item(line.closing_line_id.account_id, cents(line.principal), line._title()),
            )
            for line in self.line_ids
        ]
        pairs += [
            (part, self._item(part.account_id, -cents(part.amount_residual), part.name))
            for part in parts
        ]
        pairs += [
            (
                line.move_line_id,
                self._item(
                    line.move_line_id.account_id, -cents(line.credited_principal), line._title()
                ),
            )
            for line in self.line_ids
        ]
        return pairs

    def _breach_items(self, outcome):
        """What the agreement earned taken back, charges of the originals paid, the surplus."""
        accounts = self.company_id._receiving_accounts()
        fine = sum(credit.fine for credit in outcome.credits)
        interest = sum(credit.interest for credit in outcome.credits)
        return [
            *self._result_items(cents(self.finance_charge), sign=-1),
            self._item(accounts["fine"], -fine, self.env._("Late fine")),
            self._item(accounts["interest"], -interest, self.env._("Late interest")),
            self._item(self._receivable(), -outcome.surplus, self.env._("Customer's credit")),
        ]

    # ---- A down payment that decides: paid by whatever way it puts the agreement in force
    # The entry is booked when the customer agrees, so that the down payment is an installment
    # which Pix, cashier, bank statement and online payment settle as any other. Until it is
    # paid reminders rest; not paid in time the entry is cancelled and the originals are owed as
    # before.

    def _down_payment_line(self):
        """The receivable item of the down payment; empty where there is none."""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.balance > 0
                and not line.installment_number
            )
        )[:1]

    def _activate_if_paid(self):
        """In force as soon as nothing is left of the down payment."""
        for agreement in self.filtered(lambda agreement: agreement.state == "waiting"):
            if cents(agreement._down_payment_line().amount_residual) <= 0:
                agreement.state = "open"
                agreement._log_outcome(
                    self.env._(
                        "Down payment received: agreement %(name)s is in force.",
                        name=agreement.name,
                    )
                )

    def _lapse_unpaid(self, today):
        """End agreements whose down payment did not come in time."""
        for agreement in self:
            try:
                agreement._lapse(today)
            except UserError as refusal:
                # Somebody is receiving it at this very moment: tomorrow's run looks again.
                _logger.info("Agreement %s was left alone: %s", agreement.name, refusal)

    def _lapse(self, today):
        """As if it had never been; of a down payment paid in part the originals get what came."""
        down = self._down_payment_line()
        if cents(down.amount_residual) != cents(down.balance):
            self._breach(today)
        else:
            self._unbook()
        self._log_outcome(
            self.env._(
                "The down payment did not come: agreement %(name)s lapsed, the debt is as it was.",
                name=self.name,
            )
        )

    def _withdraw(self):
        """The customer changes their mind while nothing was paid.

        :raise UserError: once something was paid, or it is in force
        """
        if self.state == "waiting":
            self._unbook()
        elif self.state in ("to_approve", "approved") and self.origin != "shop":
            self.sudo().state = "cancelled"
        else:
            raise UserError(
                self.env._("This agreement cannot be taken back here. Call the shop about it.")
            )
        self._log_outcome(self.env._("The customer took agreement %(name)s back.", name=self.name))

    def _log_outcome(self, body):
        """A line in the agreement's history and in the customer's."""
        for record in (self, self.partner_id):
            record._tell_collection(self.company_id, body, self.partner_id)
