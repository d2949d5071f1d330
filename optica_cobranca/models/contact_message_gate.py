import logging
from dataclasses import dataclass
from datetime import timedelta, timezone

from odoo import models

from ..clients.base import TEMPLATE, TEXT, OutgoingMessage
from ..domain import gate, phone
from ..domain.errors import TemplateError
from .contact_event_rows import naive_utc

_logger = logging.getLogger(__name__)

# Another worker decides about the same customer at this moment: look again when it has.
UNDECIDED_RETRY = timedelta(seconds=20)


@dataclass
class Verdict:
    """What happens to one message, and by which channel if it leaves.

    :param until: naive UTC
    :param counted_as: ``sending``, ``handed_over``, ``by_hand``, ``cancelled``, ``postponed`` or
        ``failed``
    """

    message: object
    action: str
    reason: str | None = None
    until: object = None
    channel: str | None = None
    gateway: object = None
    outgoing: OutgoingMessage | None = None
    detail: str | None = None
    counted_as: str = ""


class ContactMessage(models.Model):
    """Asks the gate, channel by channel, and prepares what leaves."""

    _inherit = "contact.message"

    def _decide(self, facts):
        """A verdict for each message, in order.

        Two messages for one customer in the same batch see each other: the second one finds the
        first among the contacts of today.
        """
        verdicts = []
        for message in self:
            verdict = message._decide_safely(facts)
            if verdict.action == gate.Action.SEND and message.purpose == "collection":
                customer = facts.families.get(message.partner_id.id)
                facts.contacts[customer].append(facts.now)
            verdicts.append(verdict)
        return verdicts

    def _decide_safely(self, facts):
        """One message that cannot be decided must not stop the others."""
        try:
            return self._decide_one(facts)
        except Exception as error:
            _logger.exception("Message %s could not be prepared", self.id)
            return Verdict(self, "fail", "error", detail=f"{type(error).__name__}: {error}"[:250])

    def _decide_one(self, facts):
        refusals = []
        waiting_for_gateway = None
        channels = self._channels_to_try()
        for channel in channels:
            gateway = facts.gateways.get((self.company_id.id, channel))
            decision = self._ask(facts, channel, gateway)
            if decision.action == gate.Action.CANCEL:
                refusals.append(decision)
                if decision.reason in gate.TRY_NEXT_CHANNEL:
                    continue
                return self._verdict(decision, channel)
            if decision.reason == gate.GateReason.GATEWAY_OFF and not gateway:
                waiting_for_gateway = waiting_for_gateway or (decision, channel)
                continue
            return self._verdict(decision, channel, gateway, facts)
        if refusals:
            return self._verdict(refusals[0], channels[0])
        return self._verdict(*waiting_for_gateway)

    def _channels_to_try(self):
        """Names of the channels that may take the message, in order."""
        return self.template_id._channels()

    def _contacts_counted(self, facts, customer):
        """Instants of the collection contacts that count for this message's caps."""
        return list(facts.contacts.get(customer, ()))

    def _ask(self, facts, channel, gateway):
        customer = facts.families.get(self.partner_id.id)
        if self.purpose == "collection" and customer in facts.being_decided:
            until = facts.now + UNDECIDED_RETRY
            return gate.GateDecision(gate.Action.POSTPONE, gate.GateReason.CAP, until)
        return gate.decide(self._gate_facts(facts, channel, gateway, customer), facts.now)

    def _gate_facts(self, facts, channel, gateway, customer):
        partner = self.partner_id
        address, written = self._address_for(facts, channel)
        zone = facts.timezones[partner.id]
        contacts = self._contacts_counted(facts, customer)
        calls = facts.calls.get(customer, []) if channel == "voice" else []
        today, week = gate.count_contacts(contacts, facts.now, zone)
        decision = facts.consent(partner.id, self.purpose, channel)
        debt = facts.debts.get(self.id)
        return gate.GateFacts(
            purpose=self.purpose,
            channel=channel,
            next_permitted=facts.next_permitted[self.id],
            # A number was given but is none: that is another trouble than no number at all.
            address=address or written or None,
            number_valid=_is_reachable(channel, address),
            residual_open=None if debt is None or debt.is_held else debt.residual,
            held="held" if debt is not None and debt.is_held else None,
            opted_out=decision == "opt_out" or self._is_silent(facts, channel, address),
            has_consent=decision == "opt_in",
            gateway_ready=self._gateway_is_ready(gateway, address),
            gateway_ready_at=_aware(gateway.paused_until)
            if gateway and gateway.is_paused
            else None,
            template_ready=self._template_is_ready(facts, channel, gateway),
            superseded=self.notice_id.id in facts.superseded,
            duplicate=self.id in facts.duplicates,
            sent_today=today,
            sent_last_7_days=week,
            cap_lifts_at=gate.cap_lifts_at(contacts, facts.now, zone)
            or gate.calls_lift_at(calls, facts.now, zone),
            calls_today=gate.count_contacts(calls, facts.now, zone)[0],
            calls_at_level=facts.calls_at_level.get(self.id, 0),
            valid_until=_aware(self.valid_until),
        )

    def _address_for(self, facts, channel):
        """Where the channel reaches the customer, and what was written down for it."""
        if channel == "email":
            return facts.emails[self.id], self.partner_id.email
        return facts.numbers[self.id], self.partner_id.phone

    def _is_silent(self, facts, channel, address):
        """On Odoo's own lists of numbers and addresses that want to hear nothing."""
        if channel == "email":
            return address in facts.silent_emails
        return channel in ("sms", "voice") and address in facts.blacklist

    def _gateway_is_ready(self, gateway, address):
        return bool(gateway) and not gateway.is_paused and (not address or gateway._admits(address))

    def _template_is_ready(self, facts, channel, gateway):
        """There is a text, all of its values exist, and the provider takes it in this form."""
        template, values = self.template_id, facts.values[self.id]
        if not template.active or not template._text_for(channel):
            return False
        if not all(values.get(name) for name in template._placeholders_used(channel)):
            return False
        if not gateway or not gateway._provider().wants_template(channel):
            return True
        if template.whatsapp_template_name:
            return True
        return (self.partner_id.id, gateway.id) in facts.last_written

    def _verdict(self, decision, channel, gateway=None, facts=None):
        verdict = Verdict(
            message=self,
            action=str(decision.action),
            reason=str(decision.reason) if decision.reason else None,
            until=naive_utc(decision.until),
            channel=channel,
            gateway=gateway,
        )
        if decision.action == gate.Action.SEND:
            try:
                verdict.outgoing = self._outgoing(facts, channel)
            except TemplateError as error:
                return Verdict(self, "cancel", "template", channel=channel, detail=str(error))
        return verdict

    def _outgoing(self, facts, channel):
        """What the client needs, free of the ORM, so that any thread may send it."""
        template, values = self.template_id, facts.values[self.id]
        approved = channel == "whatsapp" and template.whatsapp_template_name
        return OutgoingMessage(
            reference=self.uuid,
            to=self._address_for(facts, channel)[0],
            kind=TEMPLATE if approved else TEXT,
            text=template._render_for(channel, values),
            subject=template._render_subject(values) if channel == "email" else "",
            template_name=template.whatsapp_template_name or "",
            language=template.whatsapp_language or "pt_BR",
            value_names=tuple(template._parameter_names() if approved else ()),
            parameters=tuple(
                # Meta refuses line breaks, tabs and runs of spaces inside of a parameter.
                " ".join(values[name].split())
                for name in (template._parameter_names() if approved else ())
            ),
        )


def _aware(instant):
    return instant.replace(tzinfo=timezone.utc) if instant else None


def _is_reachable(channel, address):
    """SMS and calls go to mobiles only: a landline takes no SMS, and anybody may pick it up."""
    return bool(address) and (channel not in ("sms", "voice") or phone.is_mobile(address))
