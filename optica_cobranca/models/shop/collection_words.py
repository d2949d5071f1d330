"""Who reads what is written about customers on pages that everybody in the house opens.

What customers say and what collection notes about them lives on records with rights of their own
(conversation, promise, dispute, contact by a person). The customer's page shows copies, in Odoo's
own messages and to-dos; whoever may open the page must not thereby read them.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class CollectionWords(models.AbstractModel):
    """Words about a customer among words that others read: hidden where they are fetched.

    Collectors read those of their companies; sellers those of their own customers and of the
    conversations assigned to them; nobody else any, whatever they may read besides.
    """

    _name = "collection.words"
    _description = "Words about a Customer"

    optica_customer_id = fields.Many2one(
        "res.partner",
        "About the Collection of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
        help="Set: words of collection, which only the roles of collection read.",
    )
    optica_company_id = fields.Many2one(
        "res.company", "Collected by", readonly=True, copy=False, ondelete="cascade"
    )

    # ---------------------------------------------------------------- CRUD

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Also where Odoo passes over its own rules.

        The lists of messages of a record do, so that a search for customers by what was said
        about them would find them.
        """
        if not self.env.su:
            domain = Domain(domain) & self._words_readable()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        hidden = self._hidden_words(operation)
        if not hidden:
            return result
        return (result[0] | hidden if result else hidden), self._refusal_of_words

    # ------------------------------------------------------------- helpers

    @api.model
    def _words_readable(self):
        """Domain of what the current user may read, as to words of collection."""
        user = self.env.user
        nobodys = Domain("optica_customer_id", "=", False)
        here = Domain("optica_company_id", "in", self.env.companies.ids)
        if user.has_group("optica_cobranca.group_collector"):
            return nobodys | here
        if not user.has_group("optica_cobranca.group_seller"):
            return nobodys
        return nobodys | (here & self._words_of_own_customers(user))

    @api.model
    def _words_of_own_customers(self, user):
        """Domain of words about those customers whom a seller looks after."""
        theirs = Domain("optica_customer_id.commercial_partner_id.user_id", "=", user.id)
        return theirs | Domain("optica_customer_id.user_id", "=", user.id)

    def _hidden_words(self, operation):
        """Those of these records that the current user must not have for ``operation``.

        Asked of the database, with sudo: nothing of a record is in the cache of somebody who is
        refused it.
        """
        every = self.sudo().with_context(active_test=False)
        about = Domain("id", "in", self._origin.ids) & Domain("optica_customer_id", "!=", False)
        marked = every.search(about, order="id") if self._origin.ids else every
        if not marked or operation in self._words_closed_for:
            return self.browse(marked.ids)
        readable = every.search(about & self._words_readable(), order="id")
        return self.browse((marked - readable).ids)

    @property
    def _words_closed_for(self):
        """Operations that no user has on words of collection."""
        return ()

    def _refusal_of_words(self):
        return AccessError(
            self.env._(
                "What is written about collection is read by the people in charge of the customer "
                "and stays as it was written."
            )
        )


class MailMessage(models.Model):
    """A message on a page: copies of what was said, which nobody rewrites."""

    _name = "mail.message"
    _inherit = ["collection.words", "mail.message"]

    @property
    def _words_closed_for(self):
        return ("write", "unlink")

    def _mark_words(self, partner, company):
        """From now on only the roles of collection read these messages.

        With sudo: the mark is the system's.
        """
        self.sudo().write({"optica_customer_id": partner.id, "optica_company_id": company.id})


class MailActivity(models.Model):
    """A to-do about a customer; what it says goes on when it is done."""

    _name = "mail.activity"
    _inherit = ["collection.words", "mail.activity"]

    @api.model
    def _words_readable(self):
        return super()._words_readable() | Domain("user_id", "=", self.env.uid)

    def _action_done(self, feedback=False, attachment_ids=None):
        """What tells that it is done repeats its words: as much the roles' as the to-do was."""
        marked = self.filtered(lambda activity: activity.sudo().optica_customer_id)
        messages, activities = super(MailActivity, self - marked)._action_done(
            feedback=feedback, attachment_ids=attachment_ids
        )
        for activity in marked:
            about = activity.sudo()._about()
            done, following = super(MailActivity, activity)._action_done(
                feedback=feedback, attachment_ids=attachment_ids
            )
            done.sudo().write(about)
            following.sudo().write(about)
            messages, activities = messages + done, activities + following
        return messages, activities

    def _about(self):
        return {
            "optica_customer_id": self.optica_customer_id.id,
            "optica_company_id": self.optica_company_id.id,
        }


class MailActivityMixin(models.AbstractModel):
    """A page shows its next to-do to whoever may read that."""

    _inherit = "mail.activity.mixin"

    # Odoo reads it with the system's rights.
    activity_summary = fields.Char(related="activity_ids.summary", related_sudo=False)


class MailThread(models.AbstractModel):
    """Words of collection are told here, on whatever page."""

    _inherit = "mail.thread"

    def _tell_collection(self, company, bodies, partner=None, **values):
        """Note words of collection on these pages, for the roles of collection alone.

        The one way to write them where others read, too.

        :param company: whose collection it is
        :param bodies: one text for all, or {record id: text}; :class:`Markup` for HTML
        :param partner: whom it is about, unless these pages are customers' own
        :param values: of ``_message_log_batch``: author, kind of message, files
        With sudo: collection writes on pages that its people may only read.
        """
        if not isinstance(bodies, dict):
            bodies = dict.fromkeys(self.ids, bodies)
        messages = self.sudo()._message_log_batch(bodies, **values)
        for message in messages:
            message._mark_words(partner or self.env["res.partner"].browse(message.res_id), company)
        return messages

    def _check_can_update_message_content(self, messages):
        """Odoo edits messages with the system's rights once the page may be written to."""
        if messages.sudo().filtered("optica_customer_id"):
            raise UserError(
                self.env._("What was said stays as it was said. Write another message instead.")
            )
        return super()._check_can_update_message_content(messages)


class ResPartner(models.Model):
    """The customer's page."""

    _inherit = "res.partner"

    def _words_of_collection_readable(self):
        """Those of these customers about whom the current user reads words of collection.

        By the same rule as the words on their pages: see :class:`CollectionWords`.
        """
        user = self.env.user
        if self.env.su or user.has_group("optica_cobranca.group_collector"):
            return self
        if not user.has_group("optica_cobranca.group_seller"):
            return self.browse()
        own = self.env["mail.message"]._words_of_own_customers(user)
        theirs = own.map_conditions(
            lambda leaf: Domain(
                leaf.field_expr.removeprefix("optica_customer_id."), leaf.operator, leaf.value
            )
        )
        found = self.sudo().with_context(active_test=False)
        return self & found.search(theirs & Domain("id", "in", self.ids)).sudo(False)

    def _ask_collection(self, company, activity_type="mail.mail_activity_data_todo", **values):
        """A to-do about the collection of this customer, for the roles of collection alone.

        :param values: of ``activity_schedule``: deadline, summary, note, user
        With sudo: what customers write arrives without anybody being logged in.
        """
        self.ensure_one()
        return self.sudo().activity_schedule(
            activity_type,
            optica_customer_id=self.id,
            optica_company_id=company.id,
            **values,
        )

    def _message_post_after_hook(self, message, msg_values):
        """What is answered by e-mail to words of collection is one of them, whoever answers.

        What the customer writes by himself is taken for one.

        Before Odoo tells whoever follows the page: with the subtype of notes, which nobody
        follows, instead of that of discussions.
        """
        if message.message_type in ("email", "out_of_office") and len(self) == 1:
            message = message.sudo()
            is_own = message.author_id.commercial_partner_id == self.commercial_partner_id
            # Odoo hangs an e-mail that answers nothing below what was written last on the page.
            answers_plain = msg_values.get("optica_sender_unproven") is False and message.parent_id
            if message.parent_id.optica_customer_id or (is_own and not answers_plain):
                subtype = self.env.ref("optica_cobranca.mt_collection_words").id
                msg_values["subtype_id"] = subtype
                message.write({"subtype_id": subtype, "is_internal": True})
                message._mark_words(self, self._company_of_emails())
        return super()._message_post_after_hook(message, msg_values)


def titled(title, words):
    """A line in bold above what was said, both as they are."""
    return Markup("<p><b>%s</b></p><p>%s</p>") % (title, words)
