from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from odoo import api, models
from odoo.tools import SQL

from ...domain.calendar import campaign
from ...domain.messaging import gate
from ...domain.shop import clock

# Codes of the texts that take the place of the kind's own one, if the shop has them.
DEPENDANT, BELATED = "_dependant", "_belated"


@dataclass
class CampaignItem:
    """One occurrence, and what the campaign does about it.

    :param reason: of ``REASONS`` of ``optica.campaign.forecast.line``; None when it is sent
    :param leaves_at: naive UTC, at the earliest
    :param valid_until: naive UTC
    """

    source_model: str
    source_id: int
    date: date
    subject_id: int
    anchor_day: date
    record: models.BaseModel = None
    template: models.BaseModel = None
    partner: models.BaseModel = None
    channel: str | None = None
    reason: str | None = None
    leaves_at: datetime | None = None
    valid_until: datetime | None = None


class OpticaCampaign(models.AbstractModel):
    """Who is written to about which occurrences on a day, and why the others are not.

    The nightly job and the forecast ask the same methods; only :meth:`_send` writes. Whether a
    message may leave is decided by the gate itself, over messages that are not in the database.
    """

    _name = "optica.campaign"
    _description = "Messages by Occurrence"

    # ---------------------------------------------------------- who and why

    @api.model
    def _candidates(self, kind, company, day, after=0, limit=None, caught_up=True):
        """Occurrences whose message leaves on a day and that nobody has taken care of.

        :param after: only records of a greater id, for one batch after the other
        :param caught_up: with those of the days before that still make sense
        :return: :class:`CampaignItem` in order of the records' ids
        """
        timing = campaign.TIMINGS[kind]
        first, last = timing.span(day, caught_up)
        occurrences = self.env["optica.occurrence"].with_company(company)
        branches = occurrences._branches(day)
        if not branches:
            return []
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.source_model, o.source_id, o.event_date, o.partner_id,
                       %(anchor)s
                  FROM (%(branches)s) o
                 WHERE o.kind = %(kind)s AND %(anchor)s BETWEEN %(first)s AND %(last)s
                   AND (o.company_id = %(company)s OR %(shared)s)
                   AND o.source_id > %(after)s AND NOT o.is_handled
                   AND NOT EXISTS (
                    SELECT FROM optica_campaign_sending sending
                     WHERE sending.kind = o.kind AND sending.source_model = o.source_model
                       AND sending.source_id = o.source_id
                       AND (sending.date = o.event_date OR sending.once))
              ORDER BY o.source_id LIMIT %(limit)s
                """,
                branches=SQL(" UNION ALL ").join(branches),
                kind=kind,
                anchor=SQL.identifier("o", str(timing.anchor)),
                first=first,
                last=last,
                company=company.id,
                shared=self._shared_with(company),
                after=after,
                limit=limit,
            )
        )
        return [CampaignItem(*row) for row in rows]

    @api.model
    def _shared_with(self, company):
        """Customers of no company belong to the one of their latest contract, else to the first."""
        [[first]] = self.env.execute_query(SQL("SELECT min(id) FROM res_company WHERE active"))
        return SQL(
            """
            o.company_id IS NULL AND COALESCE((
                SELECT move.company_id FROM account_move move
                 WHERE move.partner_id = o.partner_id AND move.state = 'posted'
                   AND move.move_type = 'out_invoice'
              ORDER BY move.invoice_date DESC, move.id DESC LIMIT 1), %s) = %s""",
            first,
            company.id,
        )

    @api.model
    def _decide(self, items, kind, company, day, now, heard=()):
        """Fill in text, channel and instant of each item, or why it is not written.

        :param kind: record of ``optica.occurrence.type``
        :param now: naive UTC, on ``day``
        :param heard: people who heard of this kind on an earlier day that is only foreseen
        """
        template = kind._template_for(company)
        timing = campaign.TIMINGS[kind.kind]
        zone = company.contact_timezone
        for source_model, group in _by_model(items).items():
            records = self.env[source_model].sudo().browse([item.source_id for item in group])
            for item, record in zip(group, records, strict=True):
                item.record = record
                last_day = timing.last_day(item.anchor_day)
                item.valid_until = clock.stored(campaign.end_of_day(last_day, zone))
                self._address(item, template)
        written = [item for item in items if not item.reason]
        self._spare(written, kind.kind, timing, day, heard)
        written = [item for item in written if not item.reason]
        self._ask_gate(written, company, now)
        self._congratulate_later(
            [item for item in written if item.reason == "expired"], kind.kind, company, now
        )

    def _address(self, item, template):
        """Who gets the message, and the text for those who get it about somebody else."""
        messages = self.env["contact.message"].sudo()
        item.template = template
        if not template:
            item.reason = "template"
            return
        person = messages._person_of(item.record)
        item.partner = person and person._contact_recipient()
        if not item.partner:
            item.reason = "no_address"
        elif item.partner != person:
            item.template = self._variant(template, DEPENDANT) or template

    def _spare(self, items, kind, timing, day, heard):
        """Who heard of the same kind a short while ago is not written to again."""
        if not timing.quiet_days:
            return
        since = day - timedelta(days=timing.quiet_days)
        sendings = self.env["optica.campaign.sending"].sudo()
        people = {item.partner.id for item in items}
        known = sendings._heard_lately(kind, people, since) | set(heard)
        for item in items:
            if item.partner.id in known:
                item.reason = "recent"
            known.add(item.partner.id)

    def _ask_gate(self, items, company, now):
        """The dispatcher's own questions, over messages that are not made."""
        if not items:
            return
        outbox = self.env["contact.message"].sudo().with_company(company)
        drafts = outbox.concat(*(outbox._draft(item.record, item.template) for item in items))
        for item, draft in zip(items, drafts, strict=True):
            draft.update({"company_id": company.id, "valid_until": item.valid_until})
        facts = drafts._gather(now)
        for item, verdict in zip(items, drafts._decide(facts), strict=True):
            refused = verdict.action not in (gate.Action.SEND, gate.Action.POSTPONE)
            item.reason = (verdict.reason or "error") if refused else None
            item.channel = verdict.channel
            item.leaves_at = max(now, verdict.until or now)

    def _congratulate_later(self, items, kind, company, now):
        """A birthday on a closed day is greeted on the next open one, in words that say so."""
        if kind != "birthday" or not items:
            return
        belated = []
        for item in items:
            variant = self._variant(item.template, BELATED)
            if variant:
                item.template = variant
                item.valid_until += timedelta(days=campaign.BELATED_DAYS)
                belated.append(item)
        self._ask_gate(belated, company, now)

    @api.model
    def _variant(self, template, ending):
        """The shop's text of the same code with this ending; empty when there is none."""
        if not template.code:
            return template.browse()
        found = template.sudo().search(
            [
                ("code", "=", template.code + ending),
                ("company_id", "in", (False, template.company_id.id)),
                ("active", "=", True),
            ]
        )
        return found.sorted(lambda other: not other.company_id)[:1]

    # ---------------------------------------------------------------- doing

    @api.model
    def _send(self, items, kind, company, day):
        """Queue the items that may leave and mark their occurrences as handled.

        Proof, message and mark are one transaction: killed in between, nothing of it has
        happened. What another worker was faster with is left out.

        :return: how many were queued
        """
        timing = campaign.TIMINGS[kind]
        ready = {
            (item.source_model, item.source_id, item.date): item
            for item in items
            if not item.reason
        }
        sendings = (
            self.env["optica.campaign.sending"]
            .sudo()
            ._add(
                [
                    {
                        "kind": kind,
                        "source_model": item.source_model,
                        "source_id": item.source_id,
                        "date": item.date,
                        "once": timing.once,
                        "day": day,
                        "company_id": company.id,
                        "subject_id": item.subject_id,
                        "partner_id": item.partner.id,
                        "template_id": item.template.id,
                    }
                    for item in ready.values()
                ]
            )
        )
        batches = defaultdict(list)
        for sending in sendings:
            item = ready[sending.source_model, sending.source_id, sending.date]
            key = (item.template, item.source_model, item.valid_until, item.leaves_at)
            batches[key].append(sending)
        for (template, model, valid_until, leaves_at), group in batches.items():
            self._queue(group, template, model, company, leaves_at, valid_until)
        self._mark(sendings)
        return len(sendings)

    def _queue(self, sendings, template, model, company, leaves_at, valid_until):
        """One message for each of these; it knows its record, and the proof knows the message."""
        records = self.env[model].browse([sending.source_id for sending in sendings])
        messages = (
            self.env["contact.message"]
            .with_company(company)
            ._enqueue(records, template, scheduled_at=leaves_at, valid_until=valid_until)
        )
        by_record = {message.res_id: message for message in messages.sudo()}
        for sending in sendings:
            sending.message_id = by_record.get(sending.source_id)

    def _mark(self, sendings):
        self.env["optica.occurrence.mark"]._add(
            [
                {
                    "kind": sending.kind,
                    "source_model": sending.source_model,
                    "source_id": sending.source_id,
                    "date": sending.date,
                    "partner_id": sending.subject_id.id,
                    "company_id": sending.company_id.id,
                }
                for sending in sendings
            ],
            "sent",
        )

    @api.model
    def _instant(self, company, day, today, now):
        """When the messages of a day are queued: now, or in the morning of a day to come."""
        if day == today:
            return now
        return clock.stored(campaign.morning_of(day, company.contact_timezone))


def _by_model(items):
    groups = defaultdict(list)
    for item in items:
        groups[item.source_model].append(item)
    return groups
