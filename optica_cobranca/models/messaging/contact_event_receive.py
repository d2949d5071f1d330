from datetime import timedelta

from odoo import fields, models

from ...clients.base import SEND_PAGE, STOP_CALLS
from ...domain.messaging.auto_reply import AT_ONCE, is_away_message
from ...domain.messaging.opt_out import Wish, read_wish
from ...domain.shop import phone
from ..shop.collection_words import titled

# Kinds whose text is what the person wrote or chose.
SPOKEN = ("text", "button", "interactive", "image", "video", "document", "edit", "keys")
# So far back an away message is recognised as the one that came before.
AWAY_MEMORY = timedelta(days=30)
PAGE_TEMPLATE = "payment_page"


def _id_field(gateway):
    return "instagram_user_id" if gateway.channel == "instagram" else "whatsapp_user_id"


class ContactEvent(models.Model):
    """What customers write to the shop."""

    _inherit = "contact.event"

    # Set where it is so, and empty otherwise: also in what was stored before it was known.
    says_nothing = fields.Boolean(
        readonly=True,
        help="Nobody says anything to the shop by it: a reaction, a change of something said "
        "before, news of the network, an answer by the customer's telephone itself.",
    )
    withdrawn_at = fields.Datetime(
        "Taken Back", readonly=True, help="When the customer deleted it. What was said is kept."
    )

    def _receive_all(self, gateway, new):
        """Bring new inbound messages to their customers and stop what a reply stops."""
        self._await_media(new)
        for event_id, inbound in new:
            self.browse(event_id)._receive(gateway, inbound)

    def _receive(self, gateway, inbound):
        """One message: who wrote it, what it stops, and what it asks for."""
        self.ensure_one()
        self.sender_user_id = inbound.sender_id
        self._heed(gateway, inbound)
        if inbound.new_sender or inbound.new_sender_id:
            self._follow_person(gateway, inbound)
        elif self.partner_id:
            self._remember_person(gateway)
        if inbound.kind == "keys" and inbound.payload == SEND_PAGE:
            self._send_page(gateway)

    def _heed(self, gateway, inbound):
        self.says_nothing = not inbound.is_reply
        self.env["contact.change"]._heed_word(inbound.sender, inbound.text, gateway.company_id)
        candidates = self._senders(gateway, inbound)
        partner = candidates._whose_number(inbound.sender, gateway.company_id, candidates)
        candidates = partner | candidates
        if inbound.kind == "revoke":
            self._withdraw_original(gateway, inbound)
        if not candidates:
            self.note = self.env._("No customer has this number.")
            return
        self.partner_id = partner
        wish = Wish(inbound.wish) if inbound.wish else self._wish()
        self._heed_wish(candidates, wish, "provider" if inbound.wish else "reply")
        if inbound.is_reply and wish == Wish.NONE:
            self.says_nothing = self._is_away_message(gateway, candidates[:1])
        if self.says_nothing:
            return
        if len(candidates) > 1:
            self.note = self._note_of_sharing(candidates)
        if partner:
            self._post_to_chatter(partner, gateway, inbound)
        # Whoever of them wrote: none of those who share the number is pressed any further.
        self.env["contact.message"]._cancel_collection(candidates, "replied")

    def _senders(self, gateway, inbound):
        """Who may have written: whom the answered message went to, then all with the number.

        People who hide their number are known by the provider's own id.

        :return: partners, the likeliest first
        """
        people = self.env["res.partner"].sudo()
        answered = people
        if inbound.context_id:
            message = self.env["contact.message"].search(
                [("provider_id", "=", inbound.context_id), ("gateway_id", "=", gateway.id)], limit=1
            )
            answered = message.partner_id.sudo()
        found = answered | people._contact_find_by_number(inbound.sender, gateway.company_id)
        if found or not inbound.sender_id:
            return found
        return people.with_context(active_test=False).search(
            [(_id_field(gateway), "=", inbound.sender_id)], order="id desc"
        )

    def _note_of_sharing(self, candidates):
        """For the inbox: who may have written, whom the answered message went to first."""
        names = ", ".join(candidates.mapped("display_name"))
        count = len(candidates)
        if self.partner_id:
            return self.env._(
                "%(count)s customers have this number: %(names)s. Taken for the first, by what was "
                "confirmed or because they are one house.",
                count=count,
                names=names,
            )
        return self.env._(
            "%(count)s customers have this number: %(names)s. Say whose words these are; until "
            "then they belong to nobody.",
            count=count,
            names=names,
        )

    def _post_to_chatter(self, partner, gateway, inbound):
        """The customer's words as a note: it is no e-mail to followers outside of the shop."""
        words = inbound.text or self.env._("(%s without text)", inbound.kind)
        partner._tell_collection(
            gateway.company_id,
            titled(gateway._label("channel"), words),
            author_id=partner.id,
            message_type="comment",
        )

    # -------------------------------------------------------------- wishes

    def _wish(self):
        """What the words ask for, as to messages."""
        self.ensure_one()
        if self.state == "keys":
            return Wish.STOP if self.text == STOP_CALLS else Wish.NONE
        return read_wish(self.text) if self.state in SPOKEN else Wish.NONE

    def _heed_wish(self, partners, wish, source):
        """Write down what these words ask for, for all who are reached where they came from.

        While nobody knows who wrote, a wish for silence counts for all of them, and no other; and
        the words stay in the inbox, for none of them may read what another wrote.
        """
        if wish == Wish.NONE or not partners:
            return
        if not self.partner_id and wish not in (Wish.STOP, Wish.STOP_OFFERS):
            return
        consents = self.env["contact.consent"].sudo().with_company(self.company_id)
        words = self.text or self.state if self.partner_id else self.state
        proof = f"{words} ({self.provider_id})"
        consents._heed(partners, self.gateway_id.channel, wish, source, proof=proof)

    # ------------------------------------------------------- what is no reply

    def _withdraw_original(self, gateway, inbound):
        """The customer deleted what he said: it is kept, and marked."""
        original = self.search(
            [
                ("kind", "=", "inbound"),
                ("provider_id", "=", inbound.context_id or ""),
                ("gateway_id", "in", gateway._siblings().ids),
            ]
        )
        original.withdrawn_at = self.occurred_at

    def _is_away_message(self, gateway, partner):
        """Whether the customer's telephone answered by itself."""
        after_ours = self._after_ours(partner) if self.state == "text" else None
        if after_ours is None:
            return False
        earlier = self.search(
            [
                ("id", "!=", self.id),
                ("kind", "=", "inbound"),
                ("partner_id", "=", self.partner_id.id),
                ("wa_id", "=", self.wa_id),
                ("gateway_id", "=", gateway.id),
                ("state", "=", "text"),
                ("occurred_at", ">", self.occurred_at - AWAY_MEMORY),
            ],
            order="id desc",
            limit=20,
        )
        quick = [event.text for event in earlier if event._after_ours(partner) is not None]
        return is_away_message(self.text, after_ours, quick)

    def _after_ours(self, partner):
        """How long after our last message to this customer it came; None: long after."""
        self.ensure_one()
        message = (
            self.env["contact.message"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", partner._reached_alike("whatsapp").ids),
                    ("gateway_id", "=", self.gateway_id.id),
                    ("sent_at", ">=", self.occurred_at - AT_ONCE),
                    ("sent_at", "<=", self.occurred_at + timedelta(seconds=5)),
                ],
                order="sent_at desc",
                limit=1,
            )
        )
        return self.occurred_at - message.sent_at if message else None

    # ---- What customers ask for by a key while the shop's message is read out to them

    def _send_page(self, gateway):
        """Queue the page's address for the customer who has just asked for it."""
        template = self.env["contact.template"].search(
            [
                ("code", "=", PAGE_TEMPLATE),
                ("company_id", "in", (gateway.company_id.id, False)),
            ],
            order="company_id",
            limit=1,
        )
        if not template:
            self.note = self.env._("No message template has the code %s.", PAGE_TEMPLATE)
            return
        call = self.message_id or self.env["contact.message"].search(
            [("provider_id", "=", self.provider_id.partition(":")[0])], limit=1
        )
        # To the customer's own number, whoever pressed the key.
        source = call.notice_id or call.partner_id or self.partner_id
        if not source:
            return
        self.env["contact.message"].with_company(gateway.company_id)._enqueue(source, template)

    # ---- Recognises people who hide their number, and those who write on Instagram

    sender_user_id = fields.Char("Sender's ID", readonly=True)

    def assign_to(self, partner):
        """A person says whose words these are: they go to his record, the next ones by themselves.

        :param partner: one customer
        """
        self.check_access("read")
        partner.check_access("write")
        # Users cannot write events; whose words these are is what they may say.
        for event in self.sudo().filtered(lambda event: event.kind == "inbound"):
            twins = (event | event._of_same_sender()).filtered(lambda twin: not twin.partner_id)
            for twin in twins:
                twin.write({"partner_id": partner.id, "note": False})
                twin._show_file_on_partner()
            event.partner_id = partner
            partner._confirm_number(event.wa_id)
            # What was asked for while nobody knew by whom, in the order in which it was said.
            for twin in twins.sorted("occurred_at"):
                twin._heed_wish(partner, twin._wish(), "reply")
            event._remember_person(event.gateway_id)

    def _follow_person(self, gateway, inbound):
        """Meta says that a person has another number or id: whatever was by the old one follows.

        Queued messages are addressed when they leave; answers have their address already.
        """
        people = self._senders(gateway, inbound).sudo()
        name, old_id, new_id = _id_field(gateway), inbound.sender_id, inbound.new_sender_id
        digits = inbound.new_sender
        new = phone.to_e164(f"+{digits}") or f"+{digits}" if digits else None
        for partner in people:
            self._follow_number(partner, inbound.sender, new)
            if new_id and old_id and partner[name] == old_id:
                partner[name] = new_id
        self._follow_conversations(gateway, inbound, new)

    def _follow_number(self, partner, old, new):
        old_keys = phone.keys_of_sender(old, self.company_id._contact_area_code())
        if not new or not set(old_keys) & set((partner.contact_phone_keys or "").split()):
            return
        was = partner.phone
        partner.phone = phone.replaced(was, old, new)
        words = self.env._(
            "WhatsApp says that the customer has another number now: %(new)s instead of %(old)s.",
            new=partner.phone,
            old=was,
        )
        partner._tell_collection(self.company_id, words)
        company = self.company_id
        company._ask_once(partner, self.env._("New number: ask the customer to confirm it"), words)

    def _follow_conversations(self, gateway, inbound, new):
        """Answers that wait go to the new number."""
        waiting = [("state", "=", "queued"), ("gateway_id", "=", gateway.id)]
        messages = self.env["contact.message"].sudo()
        if new and inbound.sender:
            messages.search(
                [*waiting, ("address", "in", phone.spellings(inbound.sender))]
            ).address = new
        if inbound.new_sender_id and inbound.sender_id:
            messages.search(
                [*waiting, ("recipient", "=", inbound.sender_id)]
            ).recipient = inbound.new_sender_id

    def _of_same_sender(self):
        self.ensure_one()
        if not self.sender_user_id:
            return self.browse()
        return self.search(
            [
                ("kind", "=", "inbound"),
                ("gateway_id", "=", self.gateway_id.id),
                ("sender_user_id", "=", self.sender_user_id),
            ]
        )

    def _remember_person(self, gateway):
        """Keep the id by which the person is recognised next time."""
        name = _id_field(gateway)
        if self.sender_user_id and self.partner_id.sudo()[name] != self.sender_user_id:
            self.partner_id.sudo()[name] = self.sender_user_id


class ResPartner(models.Model):
    """Who a customer is to Meta, besides a telephone number."""

    _inherit = "res.partner"

    whatsapp_user_id = fields.Char(
        "WhatsApp User ID",
        copy=False,
        index="btree_not_null",
        groups="optica_cobranca.group_seller",
        help="Meta's id of a person who may hide the telephone number; learned when he writes.",
    )
    instagram_user_id = fields.Char(
        "Instagram User ID",
        copy=False,
        index="btree_not_null",
        groups="optica_cobranca.group_seller",
        help="Instagram's id of the person towards this shop; learned when he writes.",
    )
