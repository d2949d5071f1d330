from datetime import timedelta

from odoo import api, fields, models

# What happens in the shop and has a message: the setting of the company and the template's code.
OCCASIONS = {
    "promise_reminder": "contact_on_promise_due",
    "promise_broken": "contact_on_promise_broken",
    "thanks_for_payment": "contact_on_payment",
    "contract_welcome": "contact_on_contract",
}
# What is entered later than this is no news to the customer: an import, a correction.
NEWS = timedelta(days=7)


class ResCompany(models.Model):
    """Which occasions write to the customer by themselves."""

    _inherit = "res.company"

    contact_on_promise_due = fields.Boolean(
        "Remind of a promise",
        default=True,
        help="The day before the promised one, while it is neither kept nor cancelled.",
    )
    contact_on_promise_broken = fields.Boolean(
        "Ask after a broken promise",
        default=True,
        help="Once, when the promised day and the tolerance have passed without the payment.",
    )
    contact_on_payment = fields.Boolean(
        "Thank for a payment", help="When the cashier has received an installment."
    )
    contact_on_contract = fields.Boolean(
        "Welcome a new contract",
        help="When a sale in installments is confirmed: with the page of the contract.",
    )

    def _contact_template_for(self, occasion):
        """The template of an occasion for this company, or none: switched off, or archived.

        A template of the company's own goes before the general one.
        """
        self.ensure_one()
        templates = self.env["contact.template"].sudo()
        if not self[OCCASIONS[occasion]]:
            return templates
        found = templates.search(
            [("code", "=", occasion), ("company_id", "in", (self.id, False)), ("active", "=", True)]
        )
        return found.sorted(lambda template: not template.company_id)[:1]


class ContactMessage(models.Model):
    """Messages that occasions queue, each record once."""

    _inherit = "contact.message"

    @api.model
    def _enqueue_on(self, occasion, records):
        """Queue the occasion's message for each record, where its company wants it.

        :param records: of one model, with ``company_id`` and ``partner_id``
        :return: the new messages; a record that had this template before gets none
        """
        messages = self.browse()
        for company, group in records.grouped("company_id").items():
            template = company._contact_template_for(occasion)
            if not template:
                continue
            told = self.sudo().search(
                [
                    ("template_id", "=", template.id),
                    ("res_model", "=", group._name),
                    ("res_id", "in", group.ids),
                ]
            )
            fresh = group.filtered(lambda record, told=told: record.id not in told.mapped("res_id"))
            messages |= self._enqueue(fresh, template)
        return messages


class DunningPromise(models.Model):
    """Promises speak the day before, and once when they are broken."""

    _inherit = "dunning.promise"

    def _evaluate_open(self, company, day):
        super()._evaluate_open(company, day)
        due = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "open"),
                ("date", "=", day + timedelta(days=1)),
            ]
        )
        # Who promised today for tomorrow needs no reminder of it.
        due = due.filtered(lambda promise: promise.registered_at.date() < day)
        self.env["contact.message"]._enqueue_on("promise_reminder", due)
        self._commit_batch(len(due))

    def _after(self, state):
        super()._after(state)
        if state == "broken":
            self.env["contact.message"]._enqueue_on("promise_broken", self)


class CrediarioReceipt(models.Model):
    """The shop says thank you."""

    _inherit = "crediario.receipt"

    @api.model_create_multi
    def create(self, vals_list):
        """Queue the thanks, if the shop wants them; the amounts are filled in when it leaves."""
        receipts = super().create(vals_list)
        since = fields.Date.context_today(self) - NEWS
        news = receipts.filtered(lambda receipt: receipt.date >= since)
        self.env["contact.message"]._enqueue_on("thanks_for_payment", news)
        return receipts


class AccountMove(models.Model):
    """A new contract is greeted."""

    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        since = fields.Date.context_today(self) - NEWS
        contracts = posted.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.crediario_plan_id
                and move.invoice_date
                and move.invoice_date >= since
            )
        )
        self.env["contact.message"]._enqueue_on("contract_welcome", contracts)
        return posted
