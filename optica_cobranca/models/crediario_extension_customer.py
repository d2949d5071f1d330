from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_proof import NOTE_LENGTH, ORIGINS


class CrediarioExtension(models.Model):
    """Another due date that the customer asks for on their page."""

    _inherit = "crediario.extension"

    origin = fields.Selection(
        ORIGINS, string="Said by", default="shop", required=True, readonly=True
    )

    # ------------------------------------------------------------ business

    @api.model
    def _ask_by_customer(self, lines, day, reason, proof):
        """The customer wants ``lines`` to be due on ``day``: granted within the plan's limits.

        Charges are never waived. With sudo: that they are the customer's own is the caller's
        matter.
        :return: the extensions, applied or waiting for a manager
        :raises UserError: for a day that is no later one, or when it was asked for already
        """
        reason = (reason or "").strip()[:NOTE_LENGTH]
        if not reason:
            raise UserError(self.env._("Say why you need another date."))
        if not lines:
            raise UserError(self.env._("Choose at least one installment."))
        company = lines.company_id
        register = self.sudo().with_context(tz=company.contact_timezone)
        lines = lines.with_env(register.env)
        self.env["crediario.agreement"]._lock_for_customer(lines)
        register._check_not_asked(lines)
        found = register._check(dict.fromkeys(lines.ids, day), waive=False, limits="customer")
        extensions = register.browse()
        for line in lines:
            extensions |= register._propose(line, found[line.id], reason, False, proof.origin)
        extensions = extensions.sudo().with_env(register.env)
        extensions.filtered(lambda one: not one.approval_reasons)._apply_checked(found)
        for extension in extensions.filtered(lambda one: one.state == "to_approve"):
            extension.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The customer asks for another due date"),
                date_deadline=fields.Date.context_today(register),
                user_id=company._person_in_charge(extension.partner_id).id,
            )
        return extensions

    @api.model
    def _check_not_asked(self, lines):
        for line in lines:
            asked = self.search_count(
                [
                    ("move_id", "=", line.move_id.id),
                    ("installment_number", "=", line.installment_number),
                    ("state", "=", "to_approve"),
                ],
                limit=1,
            )
            if asked:
                raise UserError(
                    self.env._(
                        "You asked for another date of installment %(number)s already. The shop "
                        "will answer.",
                        number=line.installment_label,
                    )
                )
