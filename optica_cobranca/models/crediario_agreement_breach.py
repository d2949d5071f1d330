from odoo import api, fields, models

from ..domain.agreement_breach import AgreementPart, breach, is_breached
from ..domain.money import cents
from .crediario_agreement import NEGOTIATING


class CrediarioAgreement(models.Model):
    """The end of an agreement: kept, or broken and undone to the cent."""

    _inherit = "crediario.agreement"

    # ------------------------------------------------------------- actions

    def action_breach(self):
        """A manager ends an agreement that is not kept."""
        self._check_manager()
        for agreement in self:
            agreement._check_state("open")
            agreement._breach(fields.Date.context_today(self))

    # ---------------------------------------------------------------- cron

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

    # ------------------------------------------------------------ business

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
        company = self.company_id.sudo()
        return is_breached(
            self._parts(), on, company.agreement_breach_days, company._business_calendar()
        )

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
        customer's credit. With sudo: see ``_accept``.
        """
        self.ensure_one()
        agreement = self.sudo()
        parts = agreement.installment_ids
        originals = agreement.line_ids
        self.env["crediario.receipt"]._lock(parts | originals.move_line_id)
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
        agreement.message_post(
            body=self.env._(
                "Broken: the original installments are owed again, with %(paid)s credited.",
                paid=agreement.currency_id.format(float(outcome.paid)),
            )
        )

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
