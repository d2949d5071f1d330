import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..clients.provider import BY_HAND, CLIENT, ODOO
from ..domain.gate import Action

# A message sent by hand is asked again at the gate this often while it waits for a clerk.
BY_HAND_RECHECK = timedelta(minutes=15)
# What becomes of a message that may leave, by the way in which its provider's messages leave.
COUNTED_AS = {CLIENT: "sending", BY_HAND: "by_hand", ODOO: "handed_over"}


class ContactMessage(models.Model):
    """Asks the gate about claimed messages and writes what it said, before anything leaves."""

    _inherit = "contact.message"

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
        return written

    @api.model
    def _hand_over(self, verdicts):
        """Each queue of Odoo's takes what is its own, in the transaction that marks them."""

    def _send_handed_over(self):
        """Have the queues send at once what they took; commits."""

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
            "address": outgoing.to if outgoing else None,
            "body": outgoing.text if outgoing else None,
            "parameters": list(outgoing.parameters) if outgoing else None,
            "failed_at": now if kind == "failed" else None,
            "error_detail": verdict.detail,
            "tries": int(kind in ("sending", "handed_over")),
        }

    def _recheck_by_hand(self):
        """Ask the gate once more before a clerk opens the link; the text is as of today."""
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
