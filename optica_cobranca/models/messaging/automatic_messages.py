from datetime import timedelta

from odoo import api, fields, models

# What is entered later than this is no news to the customer: an import, a correction.
NEWS = timedelta(days=7)


class ContactMessage(models.Model):
    """Messages that are queued when something happens in the shop, for each record once."""

    _inherit = "contact.message"

    @api.model
    def _enqueue_automatic(self, code, records):
        """Queue an automatic message for each record, where its company wants it.

        :param code: of ``AUTOMATIC_MESSAGES``
        :param records: of one model, with ``company_id`` and ``partner_id``
        :return: the new messages; a record that had this template before gets none
        """
        messages = self.browse()
        for company, group in records.grouped("company_id").items():
            template = company._automatic_template(code)
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


class CrediarioReceipt(models.Model):
    """The shop says thank you."""

    _inherit = "crediario.receipt"

    @api.model_create_multi
    def create(self, vals_list):
        """Queue the thanks, if the shop wants them; the amounts are filled in when it leaves."""
        receipts = super().create(vals_list)
        since = fields.Date.context_today(self) - NEWS
        news = receipts.filtered(lambda receipt: receipt.date >= since)
        self.env["contact.message"]._enqueue_automatic("thanks_for_payment", news)
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
        self.env["contact.message"]._enqueue_automatic("contract_welcome", contracts)
        return posted


class DunningNotice(models.Model):
    """The messages a notice led to."""

    _inherit = "dunning.notice"

    contact_message_ids = fields.One2many("contact.message", "notice_id", string="Messages Sent")
