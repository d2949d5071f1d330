import json
import logging
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...clients.base import TEMPLATE, TEXT, OutgoingMessage
from ...clients.provider import BY_HAND, CLIENT, ODOO
from ...domain.messaging import gate
from ...domain.messaging.gate import Action
from ...domain.shop import clock, phone
from ...domain.shop.errors import TemplateError
from ...tools.shop.lost_races import TRANSIENT
from .contact_gateway_template import SENDABLE
from .contact_message_document import WAIT, WAITING
from .contact_message_facts import PAIR_PACE, Facts
from .crediario_customer_link import without_tokens

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


def _is_reachable(channel, address):
    """SMS and calls go to mobiles only: a landline takes no SMS, and anybody may pick it up."""
    return bool(address) and (channel not in ("sms", "voice") or phone.is_mobile(address))


# A message sent by hand is asked again at the gate this often while it waits for a clerk.
BY_HAND_RECHECK = timedelta(minutes=15)
# What becomes of a message that may leave, by the way in which its provider's messages leave.
COUNTED_AS = {CLIENT: "sending", BY_HAND: "by_hand", ODOO: "handed_over"}


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
        except TRANSIENT:
            raise  # nothing is wrong with the message: all of them are decided again
        except Exception as error:
            _logger.exception("Message %s could not be prepared", self.id)
            return Verdict(self, "fail", "error", detail=f"{type(error).__name__}: {error}"[:250])

    def _decide_one(self, facts):
        if self.template_id:
            verdict = self._decide_by_channel(facts)
        else:
            decision = gate.decide(self._answer_facts(facts, self.gateway_id), facts.now)
            verdict = self._verdict(decision, self.channel, self.gateway_id, facts)
        return self._paced(verdict, facts)

    def _decide_by_channel(self, facts):
        """The first channel that may take it, else what the first one was refused for."""
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

    def _paced(self, verdict, facts):
        """A moment between two WhatsApp messages to one customer, from whatever queue they come."""
        if verdict.action != gate.Action.SEND or verdict.channel != "whatsapp":
            return verdict
        if not verdict.gateway._provider().is_automatic:
            return verdict
        last = facts.last_to.get(self.partner_id.id)
        if last and last + PAIR_PACE > facts.now:
            until = clock.stored(last + PAIR_PACE)
            return Verdict(self, "postpone", "pace", until=until, channel="whatsapp")
        facts.last_to[self.partner_id.id] = facts.now
        return verdict

    def _channels_to_try(self):
        """Names of the channels that may take the message, in order.

        A fallback begins behind the channel that it takes over from.
        """
        if not self.fallback_of_id:
            return self.template_id._channels()
        return self.template_id._channels_after(self.fallback_of_id.channel) or (self.channel,)

    def _contacts_counted(self, facts, customer):
        """Instants of the collection contacts that count for this message's caps.

        The channels before a fallback did not reach the customer: all of them are one contact.
        """
        contacts = list(facts.contacts.get(customer, ()))
        for instant in facts.counted_before.get(self.id, ()):
            if instant in contacts:
                contacts.remove(instant)
        return contacts

    def _ask(self, facts, channel, gateway):
        customer = facts.families.get(self.partner_id.id)
        if self.purpose == "collection" and self.id in facts.replied:
            return gate.GateDecision(gate.Action.CANCEL, "replied")
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
            gateway_ready_at=clock.aware(gateway.paused_until)
            if gateway and gateway.is_paused
            else None,
            template_ready=self._template_is_ready(facts, channel, gateway),
            superseded=self.notice_id.id in facts.superseded,
            duplicate=self.id in facts.duplicates,
            archived=not partner.active,
            sent_today=today,
            sent_last_7_days=week,
            cap_lifts_at=gate.cap_lifts_at(contacts, facts.now, zone)
            or gate.calls_lift_at(calls, facts.now, zone),
            calls_today=gate.count_contacts(calls, facts.now, zone)[0],
            calls_at_level=facts.calls_at_level.get(self.id, 0),
            valid_until=clock.aware(self.valid_until),
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
        if not template.whatsapp_template_name:
            return (self.partner_id.id, gateway.id) in facts.last_written
        return self._is_approved(facts, channel, gateway)

    def _verdict(self, decision, channel, gateway=None, facts=None):
        """What is done about a decision, with what leaves when something does."""
        may_leave = decision.action == gate.Action.SEND
        if may_leave and self._lacks_document(gateway, facts):
            until = clock.stored(facts.now + WAIT)
            return Verdict(self, "postpone", WAITING, until=until, channel=channel, gateway=gateway)
        verdict = Verdict(
            message=self,
            action=str(decision.action),
            reason=str(decision.reason) if decision.reason else None,
            until=clock.stored(decision.until),
            channel=channel,
            gateway=gateway,
        )
        if may_leave:
            try:
                verdict.outgoing = self._outgoing(facts, channel)
            except TemplateError as error:
                return Verdict(self, "cancel", "template", channel=channel, detail=str(error))
            self._fill_in_approved(verdict, facts)
        return verdict

    def _outgoing(self, facts, channel):
        """What the client needs, free of the ORM, so that any thread may send it."""
        if not self.template_id:
            return self._answer_outgoing()
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

    def _answer_outgoing(self):
        file = self._document_file()
        return OutgoingMessage(
            reference=self.uuid,
            to=self.address or "",
            recipient=self.recipient or None,
            kind=file.kind if file else TEXT,
            text=self.body or "",
            file=file,
        )

    # ---- Asks the gate about claimed messages and writes what it said, before anything leaves

    def _judge(self, key):
        """Ask the gate and write what it said; one transaction, repeatable.

        :return: the verdicts that were written; a row that a person, a reply or a payment took
            out of the queue meanwhile is left alone
        """
        self.invalidate_recordset()
        batch = self.filtered(
            lambda message: message.state == "queued" and message.claim_key == key
        )
        now = fields.Datetime.now()
        verdicts = batch._decide(batch._gather(now, key)) if batch else []
        for verdict in verdicts:
            verdict.counted_as = self._outcome_of(verdict)
        written = self._write_verdicts(verdicts, key, now)
        return [verdict for verdict in verdicts if verdict.message.id in written]

    def _outcome_of(self, verdict):
        if verdict.action == Action.SEND:
            return COUNTED_AS[verdict.gateway._provider().leaves]
        return {Action.CANCEL: "cancelled", Action.POSTPONE: "postponed"}.get(
            verdict.action, "failed"
        )

    def _write_verdicts(self, verdicts, key, now):
        """One statement for the whole batch.

        :return: ids of the rows that were still ours
        """
        rows = [self._verdict_row(verdict, key, now) for verdict in verdicts]
        if not rows:
            return set()
        before = {verdict.message.id: verdict.message.reason for verdict in verdicts}
        query = SQL(
            """
            UPDATE contact_message message
               SET state = new.state, reason = new.reason, claim_key = new.claim_key,
                   scheduled_at = COALESCE(new.scheduled_at, message.scheduled_at),
                   channel = COALESCE(new.channel, message.channel),
                   gateway_id = COALESCE(new.gateway_id, message.gateway_id),
                   by_hand = new.by_hand,
                   address = COALESCE(new.address, message.address),
                   body = COALESCE(new.body, message.body),
                   parameters = COALESCE(new.parameters, message.parameters),
                   failed_at = new.failed_at,
                   error_detail = new.error_detail,
                   attempts = message.attempts + new.tries,
                   write_date = %(now)s
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
                   id integer, state varchar, reason varchar, claim_key integer,
                   scheduled_at timestamp, channel varchar, gateway_id integer, by_hand boolean,
                   address varchar, body text, parameters jsonb, failed_at timestamp,
                   error_detail varchar, tries integer)
             WHERE message.id = new.id AND message.state = 'queued' AND message.claim_key = %(key)s
         RETURNING message.id
            """,
            now=now,
            rows=json.dumps(rows, default=str),
            key=key,
        )
        written = {row["id"] for row in self._run_racing(query)}
        self.invalidate_model()
        handed_over = [
            v for v in verdicts if v.counted_as == "handed_over" and v.message.id in written
        ]
        self._hand_over(handed_over)
        self._count_refusals(verdicts, written, before, now)
        if any(verdict.reason == WAITING for verdict in verdicts):
            self.env.ref("optica_cobranca.cron_print_documents")._trigger()
        return written

    @api.model
    def _hand_over(self, verdicts):
        """Each queue of Odoo's takes what is its own, in the transaction that marks them."""
        self._create_mails([verdict for verdict in verdicts if verdict.channel == "email"])
        self._create_sms([verdict for verdict in verdicts if verdict.channel == "sms"])

    def _send_handed_over(self):
        """Have the queues send at once what they took; commits."""
        self._send_sms_now()

    def _verdict_row(self, verdict, key, now):
        kind, outgoing = verdict.counted_as, verdict.outgoing
        state = {
            "sending": "sending",
            "handed_over": "sending",
            "cancelled": "cancelled",
            "failed": "failed",
        }
        return {
            "id": verdict.message.id,
            "state": state.get(kind, "queued"),
            "reason": verdict.reason,
            "claim_key": key if kind == "sending" else None,
            "scheduled_at": now + BY_HAND_RECHECK if kind == "by_hand" else verdict.until,
            "channel": verdict.channel,
            "gateway_id": verdict.gateway.id if verdict.gateway else None,
            "by_hand": kind == "by_hand",
            # People who hide their number have none: that must not erase what is there.
            "address": (outgoing.to or None) if outgoing else None,
            # The log keeps what was written, but not the way into the customer's pages: whoever
            # sends it gets the text with the link now, by whichever door the row leaves the queue.
            "body": without_tokens(outgoing.text) if outgoing else None,
            "parameters": [without_tokens(each) for each in outgoing.parameters]
            if outgoing
            else None,
            "failed_at": now if kind == "failed" else None,
            "error_detail": verdict.detail,
            "tries": int(kind in ("sending", "handed_over")),
        }

    def _recheck_by_hand(self):
        """Ask the gate once more before a clerk opens the link; the text is as of today.

        :return: the text as the clerk sends it, with the customer's private link, which the row
            does not keep; None when it may not leave now
        """
        self.ensure_one()
        now = fields.Datetime.now()
        (verdict,) = self._decide(self._gather(now))
        verdict.counted_as = self._outcome_of(verdict)
        if verdict.counted_as in ("sending", "handed_over"):
            # Another gateway serves the channel by now: the dispatcher sends it.
            verdict.counted_as, verdict.until = "postponed", now
        row = self._verdict_row(verdict, None, now)
        always = ("state", "reason", "by_hand", "error_detail")
        given = (
            "scheduled_at",
            "channel",
            "gateway_id",
            "address",
            "body",
            "parameters",
            "failed_at",
        )
        self.write(
            {name: row[name] for name in always} | {name: row[name] for name in given if row[name]}
        )
        return verdict.outgoing.text if verdict.outgoing else None

    # ---- Messages by templates that Meta approved: only those, filled in as they want it
    # Accounts whose list of templates was never brought over are trusted, as before.

    def _gather_twins(self, facts: Facts):
        """The approved templates of the gateways in question.

        :return: dict of (gateway id, name, language) -> ``contact.gateway.template``
        """
        gateways = [
            gateway.id for gateway in facts.gateways.values() if gateway.templates_synced_at
        ]
        names = [name for name in self.template_id.mapped("whatsapp_template_name") if name]
        twins = self.env["contact.gateway.template"].search(
            [
                ("gateway_id", "in", gateways),
                ("name", "in", names),
                ("status", "in", SENDABLE),
            ]
        )
        return {(twin.gateway_id.id, twin.name, twin.language): twin for twin in twins}

    def _is_approved(self, facts, channel, gateway):
        """Meta has approved the template, in this form, and lets the account send it."""
        if not self._goes_by_approved(channel, gateway):
            return True
        if self._is_stopped_utility(facts, gateway):
            return False
        if not gateway.templates_synced_at:
            return True
        twin = self._twin(facts, gateway)
        return bool(twin) and self.template_id._fits(twin)

    def _is_stopped_utility(self, facts, gateway):
        """Whether Meta has forbidden this account templates of the category of this one."""
        if not gateway.is_utility_stopped:
            return False
        twin = self._twin(facts, gateway)
        return (twin.category if twin else self.template_id.category) == "utility"

    def _fill_in_approved(self, verdict, facts):
        """An approved template leaves as Meta wants it filled in."""
        outgoing, gateway = verdict.outgoing, verdict.gateway
        if outgoing.kind == TEMPLATE and self._goes_by_approved(verdict.channel, gateway):
            twin, values = self._twin(facts, gateway), facts.values[self.id]
            verdict.outgoing = self.template_id._filled_in(
                outgoing, twin, values, self._document_file()
            )

    def _goes_by_approved(self, channel, gateway):
        return bool(
            gateway
            and channel == "whatsapp"
            and gateway.provider == "whatsapp_cloud"
            and self.template_id.whatsapp_template_name
        )

    def _twin(self, facts, gateway):
        template = self.template_id
        language = template.whatsapp_language or "pt_BR"
        return facts.twins.get((gateway.id, template.whatsapp_template_name, language))
