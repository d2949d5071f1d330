from odoo import fields, models
from odoo.exceptions import UserError

REPORT = "optica_cobranca.action_report_letter"


class DunningLetter(models.Model):
    """One PDF for all letters that wait; they are printed when the PDF exists, not before."""

    _inherit = "dunning.letter"

    # ------------------------------------------------------------- actions

    def action_print(self):
        """Print the chosen letters that wait, in one PDF. What was paid is cancelled instead."""
        letters = self._for_collector().filtered(lambda letter: letter.state == "to_print")
        return letters._print_batch()

    def action_print_waiting(self):
        """Print every waiting letter of the companies at hand."""
        waiting = [("state", "=", "to_print"), ("company_id", "in", self.env.companies.ids)]
        return self.search(waiting).action_print()

    def action_print_again(self):
        """Print letters once more, on today's amounts; their state stays."""
        letters = self._for_collector()
        letters = letters.filtered(lambda letter: letter.state in ("printed", "posted"))
        if not letters:
            raise UserError(self.env._("Only letters that were printed can be printed again."))
        return letters._make_pdf()._open_or_download()

    # ------------------------------------------------------------ business

    def _print_batch(self):
        owed = self.filtered(lambda letter: letter._late_lines())
        (self - owed).write({"state": "cancelled", "reason": self.env._("Paid before printing.")})
        ready = owed.filtered(lambda letter: not letter.address_missing)
        if not ready:
            raise UserError(
                self.env._(
                    "Nothing to print: no letter waits, or the addresses are missing. "
                    "See “Address Missing”."
                )
            )
        exports = ready._make_pdf()
        ready.filtered(lambda letter: letter.state == "to_print").state = "printed"
        return exports._open_or_download()

    def _make_pdf(self):
        """The PDF of these letters, one for each company, kept; the letters know which it is.

        The address and the total are kept as they are printed.
        """
        exports = self.env["dunning.export"]
        today = fields.Date.context_today(self)
        for company, letters in self.grouped("company_id").items():
            ordered = letters.with_company(company).sorted(
                lambda letter: (letter.partner_id.zip or "", letter.id)
            )
            for letter in ordered:
                letter.address = "\n".join(letter._address_lines())
            content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(REPORT, ordered.ids)
            export = exports._store(
                "letters",
                f"cartas-{fields.Datetime.now():%Y%m%d-%H%M%S}.pdf",
                content,
                company,
                ordered.partner_id,
            )
            for letter in ordered:
                letter.write(
                    {
                        "export_id": export.id,
                        "amount": letter._total_on(today),
                        "printed_at": fields.Datetime.now(),
                        "printed_by_id": self.env.uid,
                        "print_count": letter.print_count + 1,
                    }
                )
            exports |= export
        return exports

    # ------------------------------------------------------------- helpers

    def _late_lines(self):
        """What the letter is about: the case's debts, else all of the customer's late ones."""
        if self.bureau_case_id:
            lines = self.bureau_case_id.line_ids.move_line_id
            return lines.filtered(
                lambda line: line.parent_state == "posted" and line.amount_residual > 0
            )._sorted_for_receiving()
        lines = self.partner_id.with_company(self.company_id)._open_installments()
        today = fields.Date.context_today(self)
        return lines.filtered(lambda line: line.date_maturity < today)

    def _total_on(self, day):
        amounts = self._late_lines()._amounts_today(day)
        return float(sum(amount.total for amount in amounts.values()))

    def _address_lines(self):
        """The customer's address as the postman reads it, line by line."""
        partner = self.partner_id
        city = " - ".join(filter(None, (partner.city, partner.state_id.code)))
        lines = (partner.name, partner.street, partner.street2, f"{partner.zip or ''} {city}")
        return [line.strip() for line in lines if line and line.strip()]
