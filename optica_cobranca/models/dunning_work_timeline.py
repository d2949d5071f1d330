from datetime import datetime, time

from odoo import api, fields, models
from odoo.tools import format_date

from .crediario_agreement import LIVE

SHOWN = 8


class DunningWork(models.AbstractModel):
    """What happened with the customer lately, and what was agreed upon."""

    _inherit = "dunning.work"

    # ----------------------------------------------------------- timeline

    @api.model
    def _timeline(self, partner):
        """The last contacts and payments, newest first.

        With sudo for messages and answers: whoever works on a customer sees what was said to him
        by any company, since the caps count over all of them; here only of the current company.
        """
        entries = [
            *self._of_calls(partner),
            *self._of_messages(partner),
            *self._of_answers(partner),
            *self._of_receipts(partner),
            *self._of_letters(partner),
        ]
        entries.sort(key=lambda entry: entry["at"], reverse=True)
        return [
            {
                **entry,
                "text": " ".join(entry["text"].split()),
                "at": fields.Datetime.to_string(entry["at"]),
                "when": entry.get("when") or self._moment(entry["at"]),
            }
            for entry in entries[:SHOWN]
        ]

    def _latest(self, model, domain, order):
        domain = [("company_id", "=", self.env.company.id), *domain]
        return self.env[model].search(domain, order=order, limit=SHOWN)

    def _of_calls(self, partner):
        results = dict(self.env["dunning.call"]._fields["result"]._description_selection(self.env))
        calls = self._latest("dunning.call", [("partner_id", "=", partner.id)], "started_at desc")
        return [
            {
                "key": f"call-{call.id}",
                "at": call.started_at,
                "icon": "fa-phone",
                "title": results[call.result],
                "text": call.note or "",
                "who": call.user_id.sudo().name,
                "undone": bool(call.undone_at),
            }
            for call in calls
        ]

    def _of_messages(self, partner):
        states = dict(self.env["contact.message"]._fields["state"]._description_selection(self.env))
        messages = self._latest(
            "contact.message",
            [("partner_id", "=", partner.id), ("state", "not in", ("cancelled", "queued"))],
            "id desc",
        )
        return [
            {
                "key": f"message-{message.id}",
                "at": message.sent_at or message.failed_at or message.scheduled_at,
                "icon": "fa-whatsapp" if message.channel == "whatsapp" else "fa-envelope-o",
                "title": message.template_id.name,
                "text": message.body or "",
                "who": states[message.state],
            }
            for message in messages
        ]

    def _of_answers(self, partner):
        events = self._latest(
            "contact.event",
            [("partner_id", "=", partner.id), ("kind", "=", "inbound")],
            "occurred_at desc",
        )
        return [
            {
                "key": f"answer-{event.id}",
                "at": event.occurred_at,
                "icon": "fa-reply",
                "title": self.env._("Customer wrote"),
                "text": event.text or "",
                "who": "",
            }
            for event in events
            if event.occurred_at
        ]

    def _of_receipts(self, partner):
        receipts = self._latest(
            "crediario.receipt",
            [("partner_id", "=", partner.id), ("state", "=", "posted")],
            "date desc, id desc",
        )
        return [
            {
                "key": f"receipt-{receipt.id}",
                "at": datetime.combine(receipt.date, time(12)),
                "when": format_date(self.env, receipt.date, date_format="EEE dd/MM"),
                "icon": "fa-money",
                "title": self.env._("Paid %(amount)s", amount=self._money(receipt.amount_received)),
                "text": "",
                "who": receipt.user_id.sudo().name,
            }
            for receipt in receipts
        ]

    def _of_letters(self, partner):
        letters = self._latest(
            "dunning.letter",
            [("partner_id", "=", partner.id), ("posted_on", "!=", False)],
            "posted_on desc, id desc",
        )
        kinds = dict(letters._fields["kind"]._description_selection(self.env))
        states = dict(letters._fields["state"]._description_selection(self.env))
        return [
            {
                "key": f"letter-{letter.id}",
                "at": datetime.combine(letter.posted_on, time(12)),
                "when": format_date(self.env, letter.posted_on, date_format="EEE dd/MM"),
                "icon": "fa-envelope-open-o",
                "title": kinds[letter.kind],
                "text": letter.tracking_code or "",
                "who": states[letter.state],
            }
            for letter in letters
        ]

    # -------------------------------------------------------- engagements

    @api.model
    def _engagements(self, partner):
        """Promises, disputes, agreements and pauses that whoever calls should know of."""
        return {
            "promises": self._promises(partner),
            "disputes": self._disputes(partner),
            "agreements": self._agreements(partner),
            "pauses": self._pauses(partner),
        }

    def _promises(self, partner):
        states = dict(self.env["dunning.promise"]._fields["state"]._description_selection(self.env))
        promises = self._latest(
            "dunning.promise",
            [("partner_id", "=", partner.id), ("state", "!=", "cancelled")],
            "date desc, id desc",
        )
        return [
            {
                "id": promise.id,
                "state": promise.state,
                "text": self.env._(
                    "%(amount)s by %(date)s: %(state)s",
                    amount=self._money(promise.amount),
                    date=format_date(self.env, promise.date),
                    state=states[promise.state],
                ),
            }
            for promise in promises[:3]
        ]

    def _disputes(self, partner):
        disputes = self._latest(
            "dunning.dispute", [("partner_id", "=", partner.id), ("state", "=", "open")], "id desc"
        )
        return [
            {
                "id": dispute.id,
                "text": " · ".join(
                    filter(
                        None,
                        (
                            dispute.reason_id.name,
                            # What was said about health is read on the dispute alone.
                            "" if dispute.is_health else dispute.description,
                        ),
                    )
                ),
            }
            for dispute in disputes
        ]

    def _agreements(self, partner):
        states = dict(
            self.env["crediario.agreement"]._fields["state"]._description_selection(self.env)
        )
        agreements = self._latest(
            "crediario.agreement",
            [("partner_id", "=", partner.id), ("state", "in", LIVE)],
            "id desc",
        )
        return [
            {"id": agreement.id, "text": f"{agreement.name}: {states[agreement.state]}"}
            for agreement in agreements
        ]

    def _pauses(self, partner):
        hold = self.env["dunning.hold"]
        domain = [
            ("company_id", "=", self.env.company.id),
            ("customer_id", "=", partner.id),
            *hold._holding_domain(fields.Date.context_today(self)),
        ]
        return [
            {
                "id": pause.id,
                "text": pause.reason
                if not pause.date_until
                else self.env._(
                    "%(reason)s, until %(date)s",
                    reason=pause.reason,
                    date=format_date(self.env, pause.date_until),
                ),
            }
            for pause in hold.search(domain)
        ]

    # ---------------------------------------------------------------- day

    @api.model
    def _day(self):
        """What the current user has done today, and what it brought."""
        start = self._day_start(fields.Date.context_today(self))
        calls = self.env["dunning.call"].search(
            [("user_id", "=", self.env.uid), ("started_at", ">=", start), ("undone_at", "=", False)]
        )
        results = dict(self.env["dunning.call"]._fields["result"]._description_selection(self.env))
        by_result = calls.grouped("result")
        last = calls[:1]
        return {
            "done": len(calls),
            "reached": len(calls.filtered("reached")),
            "promised": self._money(sum(calls.mapped("amount_promised"))),
            "results": [
                f"{label}: {len(by_result[key])}"
                for key, label in results.items()
                if key in by_result
            ],
            "undo": {"id": last.id, "text": last.display_name} if last else False,
        }
