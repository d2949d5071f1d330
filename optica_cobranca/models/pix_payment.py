from odoo import api, fields, models

# What waits for the robot, and what for a person.
PENDING = ("announced", "received")
PROBLEMS = ("credit", "suspense")


class PixPayment(models.Model):
    """A Pix that the bank says we received, from the first notice to what it settled.

    Known by its end-to-end id, which exists once in Brazil: however often and by whatever way it
    is told, it is one row, and it is booked once.
    """

    _name = "pix.payment"
    _description = "Received Pix"
    _inherit = ["pix.work", "mail.thread", "mail.activity.mixin"]
    _order = "paid_at desc, id desc"
    _rec_name = "end_to_end_id"
    _mail_post_access = "read"
    _check_company_auto = True

    account_id = fields.Many2one(
        "pix.account", string="Pix Account", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    end_to_end_id = fields.Char("End-to-End ID", required=True, readonly=True)
    txid = fields.Char("Reference", readonly=True, index=True)
    state = fields.Selection(
        [
            ("announced", "Announced"),
            ("received", "To Book"),
            ("settled", "Settled Installments"),
            ("credit", "Customer Credit"),
            ("suspense", "Unknown Payer"),
            ("refunded", "Refunded"),
            ("dismissed", "Not Known to the Bank"),
        ],
        required=True,
        readonly=True,
        default="received",
        index=True,
        tracking=True,
    )
    verdict = fields.Selection(
        [
            ("exact", "As asked"),
            ("wrong_amount", "Wrong amount"),
            ("paid_twice", "Paid twice"),
            ("after_agreement", "After an agreement"),
            ("not_owed", "Not owed any more"),
            ("unknown_txid", "Unknown reference"),
        ],
        string="What It Is",
        readonly=True,
        help="Compared with what was asked.",
    )
    needs_attention = fields.Boolean(
        "Needs a Person", readonly=True, index=True, help="Money is safe, but somebody must look."
    )
    paid_at = fields.Datetime(readonly=True)
    amount = fields.Monetary(readonly=True)
    amount_original = fields.Monetary("Principal", readonly=True, help="As the bank says.")
    amount_fine = fields.Monetary("Late Fine", readonly=True, help="As the bank says.")
    amount_interest = fields.Monetary("Late Interest", readonly=True, help="As the bank says.")
    amount_discount = fields.Monetary(
        "Discount", readonly=True, help="Discount and abatement, as the bank says."
    )
    has_components = fields.Boolean(readonly=True)
    key = fields.Char("Pix Key", readonly=True)
    payer_message = fields.Char("Message of the Payer", readonly=True)
    charge_id = fields.Many2one("pix.charge", readonly=True, index="btree_not_null")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    receipt_id = fields.Many2one(
        "crediario.receipt", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    payment_id = fields.Many2one(
        "account.payment",
        string="Credit",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The payment that keeps the money for the customer.",
    )
    refund_ids = fields.One2many("pix.refund", "pix_payment_id", readonly=True)
    amount_refunded = fields.Monetary("Refunded", compute="_compute_amount_refunded", store=True)

    _end_to_end_unique = models.Constraint(
        "UNIQUE(company_id, end_to_end_id)", "This Pix is known already."
    )
    # The work that waits, whatever the number of rows.
    _waiting = models.Index("(id) WHERE state IN ('announced', 'received')")

    # ------------------------------------------------------------- compute

    @api.depends("refund_ids.amount", "refund_ids.state")
    def _compute_amount_refunded(self):
        for payment in self:
            done = payment.refund_ids.filtered(lambda refund: refund.state != "failed")
            payment.amount_refunded = sum(done.mapped("amount"))

    # ------------------------------------------------------------- actions

    def action_open_receipt(self):
        """The receipt of what it settled."""
        return self.receipt_id._get_records_action()

    def action_open_customer(self):
        """The customer who paid."""
        return self.partner_id._get_records_action()

    def action_assign(self):
        """Whose money is it, and what should it pay?"""
        return self._open_wizard("pix.assign", self.env._("Assign to a Customer"))

    def action_refund(self):
        """Give money back."""
        return self._open_wizard("pix.refund.wizard", self.env._("Refund"))

    def action_keep_credit(self):
        """The customer's credit stays as it is: nothing more to do."""
        self._check_person()
        credits = self.filtered(lambda payment: payment.state == "credit")
        # With sudo: nobody may write received Pix, their buttons are the ways.
        credits.sudo().write({"needs_attention": False})
        credits.sudo().activity_feedback(["mail.mail_activity_data_todo"])

    def action_try_again(self):
        """Book now what could not be booked."""
        self._check_person()
        waiting = self.filtered(lambda payment: payment.state in PENDING)
        waiting.sudo().write({"next_try_at": False, "tries": 0})
        self.env.ref("optica_cobranca.cron_pix_payments").sudo()._trigger()

    def _open_wizard(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_pix_payment_id": self.id},
        }
