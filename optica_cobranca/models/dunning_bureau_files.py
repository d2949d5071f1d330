from odoo import fields, models
from odoo.exceptions import UserError

from ..clients.bureau import BureauDebt, adapter
from ..domain.money import cents


class DunningBureauCase(models.Model):
    """Registering and removing, by the company's adapter: see :mod:`..clients.bureau`."""

    _inherit = "dunning.bureau.case"

    # ------------------------------------------------------------- actions

    def action_register(self):
        """Register those of these cases that nothing stands in the way of, and hand out the file.

        Looks at payments and disputes of this very moment first.
        """
        today = fields.Date.context_today(self)
        cases = self._for("manager")
        cases._review(today)
        ready = cases.filtered(
            lambda case: case.state == "waiting" and case._obstacle(today) is None
        )
        if not ready:
            raise UserError(
                self.env._(
                    "None of these cases can be registered today. Look at “To Do”: a case needs a "
                    "manager's approval, a notice that was received and the whole waiting period, "
                    "and nothing may have been paid, promised or disputed."
                )
            )
        files = ready._hand_over("register", today)
        ready.write(
            {"state": "registered", "registered_on": today, "registered_by_id": self.env.uid}
        )
        return files._open_or_download()

    def action_export_removals(self):
        """Hand out the file of what must be removed; confirm it when the bureau has done it."""
        cases = self._for("manager")._in_state("removal_due")
        today = fields.Date.context_today(self)
        files = cases._hand_over("remove", today)
        cases.filtered(lambda case: not case.removal_asked_on).removal_asked_on = today
        return files._open_or_download()

    # ------------------------------------------------------------- helpers

    def _hand_over(self, what, day):
        """One file for each company, kept as evidence."""
        files = self.env["dunning.export"]
        for company, cases in self.grouped("company_id").items():
            if not company.vat:
                raise UserError(
                    self.env._("Fill in the CNPJ of %s: the bureau asks for it.", company.name)
                )
            cases._check_identified()
            bureau = adapter(company.sudo().bureau_adapter)
            debts = [debt for case in cases for debt in case._bureau_debts(what)]
            made = getattr(bureau, what)(debts, day)
            files |= files._store(
                f"bureau_{what}",
                made.name,
                made.content,
                company,
                cases.partner_id,
                amount=sum(cases.mapped("amount")),
            )
        return files.sudo(False)

    def _check_identified(self):
        unknown = self.partner_id.filtered(lambda partner: not partner.vat)
        if unknown:
            raise UserError(
                self.env._(
                    "The bureau identifies people by CPF or CNPJ. Missing for: %(customers)s.",
                    customers=", ".join(unknown.mapped("name")),
                )
            )

    def _bureau_debts(self, what):
        """What the bureau needs to know of each debt, and nothing more (LGPD art. 6 III)."""
        customer, causes = self.partner_id, dict(self._fields["removal_cause"].selection)
        registering = what == "register"
        return [
            BureauDebt(
                case=self.reference(),
                creditor_tax_number=self.company_id.vat,
                tax_number=customer.vat,
                name=customer.name,
                street=customer.street or "",
                district=customer.street2 or "",
                city=customer.city or "",
                state=customer.state_id.code or "",
                zip=customer.zip or "",
                contract=line.contract or "",
                installment=line.installment or "",
                due=line.due_date,
                amount=cents(line.amount_open if registering else line.amount),
                reason=causes.get(self.removal_cause, ""),
            )
            for line in self.line_ids
        ]


class DunningExport(models.Model):
    _inherit = "dunning.export"

    def _open_or_download(self):
        """One file is saved at once, several are listed."""
        if len(self) == 1:
            return self.action_download()
        return self._get_records_action(name=self.env._("Files Handed Over"))
