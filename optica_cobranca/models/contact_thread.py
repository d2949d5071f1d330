from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .contact_gateway import CHANNELS
from .contact_message_reply import ANSWER_WITHIN, ANSWERING_PROVIDERS

CHANGED = "optica_cobranca.inbox"
# Channels on which customers write to the shop; e-mails and calls show in their threads.
WRITTEN_CHANNELS = ("whatsapp", "sms", "instagram")
TEXT_SHOWN = 160


class ContactThread(models.Model):
    """A conversation with one customer, or with somebody nobody has recognised yet.

    Written by what customers send (see ``contact_thread_inbound``) and by the inbox; users change
    it by its methods only.
    """

    _name = "contact.thread"
    _description = "Conversation"
    _order = "last_at desc, id desc"
    _rec_name = "name"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        readonly=True,
        ondelete="restrict",
        help="Empty while nobody has said who writes from this number.",
    )
    sender_key = fields.Char(
        readonly=True, help="Number or account of somebody who is not known yet."
    )
    sender_name = fields.Char(readonly=True, help="What the person calls himself.")
    name = fields.Char(compute="_compute_name")
    channel = fields.Selection(CHANNELS, readonly=True, help="Where the customer wrote last.")
    gateway_id = fields.Many2one("contact.gateway", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [("open", "Open"), ("answered", "Answered"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
        help="Open: it is the shop's turn. It opens by itself when the customer writes.",
    )
    unread_count = fields.Integer("Unread", readonly=True, default=0)
    user_id = fields.Many2one("res.users", "Assigned to", readonly=True, ondelete="set null")
    last_at = fields.Datetime("Last Message", required=True, readonly=True)
    last_inbound_at = fields.Datetime("Customer Wrote", readonly=True)
    last_text = fields.Char(readonly=True)
    window_until = fields.Datetime(
        "Free Answers Until",
        compute="_compute_window_until",
        help="Until then the shop answers in its own words; later by approved templates only.",
    )
    event_ids = fields.One2many(
        "contact.event", "thread_id", string="Words", readonly=True, bypass_search_access=True
    )

    _of_partner = models.UniqueIndex(
        "(company_id, partner_id) WHERE partner_id IS NOT NULL",
        "A customer has one conversation with a company.",
    )
    _of_stranger = models.UniqueIndex(
        "(gateway_id, sender_key) WHERE partner_id IS NULL",
        "Somebody has one conversation with a number of the shop.",
    )
    _waiting = models.Index("(company_id, state, last_at DESC)")
    _unread = models.Index("(company_id) WHERE unread_count > 0")

    # ------------------------------------------------------------- compute

    @api.depends("partner_id.display_name", "sender_name", "sender_key")
    def _compute_name(self):
        for thread in self:
            # Whoever may read the thread may know whose it is.
            customer = thread.sudo().partner_id.display_name
            thread.name = customer or thread.sender_name or thread.sender_key

    @api.depends("last_inbound_at", "gateway_id")
    def _compute_window_until(self):
        for thread in self:
            opens = thread.gateway_id.sudo().provider in ANSWERING_PROVIDERS
            wrote = thread.last_inbound_at
            thread.window_until = wrote + ANSWER_WITHIN if opens and wrote else False

    # ------------------------------------------------------------- actions

    def action_mark_read(self):
        """Somebody has looked at it."""
        self._change({"unread_count": 0})

    def action_mark_unread(self):
        """Somebody shall look at it again."""
        for thread in self:
            thread._change({"unread_count": max(thread.unread_count, 1)})

    def action_assign(self, user_id=None):
        """Give the conversations to a colleague.

        :param user_id: whom; nobody if not given
        """
        user = self.env["res.users"].browse(user_id or []).exists()
        if user and user not in self._possible_assignees():
            raise UserError(self.env._("%s does not answer customers here.", user.name))
        self._change({"user_id": user.id})

    def action_assign_me(self):
        """The current user takes care of them."""
        self._change({"user_id": self.env.uid})

    def action_close(self):
        """Nothing is left to answer."""
        self._change({"state": "closed", "unread_count": 0})

    def action_reopen(self):
        """It is the shop's turn again."""
        self._change({"state": "open"})

    # ------------------------------------------------------------ business

    @api.model
    def _tell_screens(self, companies):
        """Inboxes that are open look again. Nothing about anybody is told over the bus."""
        group = self.env.ref("optica_cobranca.group_seller")
        group._bus_send(CHANGED, {"companies": companies.ids})

    def _is_window_open(self):
        self.ensure_one()
        until = self.window_until
        return bool(until) and until > fields.Datetime.now() + timedelta(seconds=5)

    @api.model
    def _possible_assignees(self):
        """Who answers customers in the current company. With sudo: names of colleagues only."""
        group = self.env.ref("optica_cobranca.group_seller")
        return (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("all_group_ids", "in", group.ids),
                    ("share", "=", False),
                    ("company_ids", "in", self.env.company.ids),
                ]
            )
            .with_env(self.env)
        )

    # ------------------------------------------------------------- helpers

    def _change(self, values):
        """Write for a user who may read these conversations.

        The one place where he gains rights over them: users have none, so that what customers
        wrote and when stays as it was.
        """
        self.check_access("read")
        self.sudo().write(values)
        self._tell_screens(self.company_id)

    def _family(self):
        """The customer with all contacts of the house."""
        self.ensure_one()
        house = self.sudo().partner_id.commercial_partner_id
        return (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search([("id", "child_of", house.ids)])
        )


class ResPartner(models.Model):
    """The way from a customer to the conversation."""

    _inherit = "res.partner"

    has_conversation = fields.Boolean(
        compute="_compute_has_conversation", groups="optica_cobranca.group_seller"
    )

    @api.depends_context("allowed_company_ids")
    def _compute_has_conversation(self):
        threads = self.env["contact.thread"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "in", self.env.companies.ids),
            ]
        )
        for partner in self:
            partner.has_conversation = partner.commercial_partner_id in threads.partner_id

    def action_open_conversation(self):
        """The customer's conversation in the inbox."""
        action = self.env["ir.actions.actions"]._for_xml_id("optica_cobranca.action_contact_inbox")
        thread = self.env["contact.thread"].inbox_of_partner(self.id)
        return {**action, "params": {"thread_id": thread}}
