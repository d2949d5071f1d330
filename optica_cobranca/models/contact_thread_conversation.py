from odoo import api, fields, models
from odoo.tools import html2plaintext

from ..domain.reply_intent import read_reply

PAGE = 40
# Kinds of files a browser shows by itself.
PICTURES = ("image/jpeg", "image/png", "image/webp")


class ContactThread(models.Model):
    """Everything that was said, in one order: by the shop, by the customer, on whatever channel."""

    _inherit = "contact.thread"

    def inbox_open(self, limit=PAGE):
        """One conversation for the screen; whoever may read the thread reads all of it.

        :param limit: how many entries, counted from the latest
        """
        self.ensure_one()
        self.check_access("read")
        thread = self.with_company(self.company_id)
        entries = thread._entries(limit + 1)
        last = next((entry for entry in reversed(entries) if entry["side"] == "in"), None)
        reading = read_reply(last["text"] if last else "", fields.Date.context_today(self))
        return {
            **thread._row(),
            "partner_id": thread.partner_id.id,
            "sender": thread.sender_key or "",
            "sender_name": thread.sender_name or "",
            "gateway": thread.gateway_id.sudo().name or "",
            "is_sandbox": thread.gateway_id.sudo().provider == "sandbox",
            "can_answer": bool(thread.partner_id) and thread._is_window_open(),
            "window": thread._exactly(thread.window_until) if thread.window_until else "",
            "takes_files": thread.channel == "whatsapp",
            "entries": entries[-limit:],
            "has_older": len(entries) > limit,
            "pending": any(entry["state"] in ("queued", "sending", "sent") for entry in entries),
            "suggestions": [str(intent) for intent in reading.intents],
            "promise_day": str(reading.day) if reading.day else "",
            "steps": thread._steps(),
            "debt": thread._debt(),
        }

    # ------------------------------------------------------------- entries

    def _entries(self, limit):
        """With sudo: events and e-mails have no readers of their own among sellers."""
        thread, family = self.sudo(), self._family()
        entries = [*thread._of_events(limit)]
        if family:
            entries += thread._of_messages(family, limit)
            entries += thread._of_emails(family, limit)
            entries += thread._of_calls(family, limit)
            entries += thread._of_letters(family, limit)
        entries.sort(key=lambda entry: (entry["at"], entry["key"]))
        for entry in entries:
            entry["when"] = self._when_in_day(entry["at"])
            entry["day"] = self._day_of(entry["at"])
            entry["at"] = self._exactly(entry["at"])
        return entries[-limit:]

    def _of_events(self, limit):
        events = self.env["contact.event"].search(
            [("thread_id", "=", self.id)], order="occurred_at desc, id desc", limit=limit
        )
        files = dict(
            self.env["contact.event"]._fields["media_state"]._description_selection(self.env)
        )
        return [
            self._entry(
                f"event-{event.id}",
                "in",
                event.occurred_at,
                text=event.text or ("" if event.media_state else f"({event.news})"),
                channel=event.gateway_id.channel,
                file=self._file(event.attachment_id),
                note=files[event.media_state]
                if event.media_state and event.media_state != "saved"
                else "",
            )
            for event in events
        ]

    def _of_messages(self, family, limit):
        messages = self.env["contact.message"].search(
            [("partner_id", "in", family.ids), ("company_id", "=", self.company_id.id)],
            order="id desc",
            limit=limit,
        )
        states, reasons = (
            dict(messages._fields[name]._description_selection(self.env))
            for name in ("state", "reason")
        )
        return [
            self._entry(
                f"message-{message.id}",
                "note" if message.state == "cancelled" else "out",
                message.sent_at or message.create_date,
                text=message._plain_body(),
                channel=message.channel,
                file=self._file(message.attachment_id),
                state=message.state,
                label=states[message.state],
                note=reasons.get(message.reason, ""),
                title=message.template_id.name or "",
                who=message.author_id.name or "",
            )
            for message in messages
        ]

    def _of_emails(self, family, limit):
        """What customers answered by e-mail, on their record or on a notice."""
        notices = self.env["dunning.notice"].search(
            [("partner_id", "in", family.ids), ("company_id", "=", self.company_id.id)]
        )
        mails = self.env["mail.message"].search(
            [
                ("message_type", "=", "email"),
                "|",
                "&",
                ("model", "=", "res.partner"),
                ("res_id", "in", family.ids),
                "&",
                ("model", "=", "dunning.notice"),
                ("res_id", "in", notices.ids),
            ],
            order="id desc",
            limit=limit,
        )
        return [
            self._entry(
                f"mail-{mail.id}",
                "in",
                mail.date,
                text=html2plaintext(mail.body or "").strip(),
                channel="email",
                title=mail.subject or "",
                file=self._file(mail.attachment_ids[:1]),
            )
            for mail in mails
        ]

    def _of_calls(self, family, limit):
        results = dict(self.env["dunning.call"]._fields["result"]._description_selection(self.env))
        calls = self.env["dunning.call"].search(
            [
                ("partner_id", "in", family.ids),
                ("company_id", "=", self.company_id.id),
                ("undone_at", "=", False),
            ],
            limit=limit,
        )
        return [
            self._entry(
                f"call-{call.id}",
                "note",
                call.started_at,
                text=call.note or "",
                channel="voice",
                title=self.env._("Call: %s", results[call.result]),
                who=call.user_id.name,
            )
            for call in calls
        ]

    def _of_letters(self, family, limit):
        fields_ = self.env["dunning.letter"]._fields
        kinds, states = (
            dict(fields_[name]._description_selection(self.env)) for name in ("kind", "state")
        )
        letters = self.env["dunning.letter"].search(
            [("partner_id", "in", family.ids), ("company_id", "=", self.company_id.id)],
            order="id desc",
            limit=limit,
        )
        return [
            self._entry(
                f"letter-{letter.id}",
                "note",
                letter.printed_at or letter.create_date,
                channel="letter",
                title=self.env._("Letter: %s", kinds[letter.kind]),
                note=states[letter.state],
            )
            for letter in letters
        ]

    # ------------------------------------------------------------- helpers

    @api.model
    def _entry(self, key, side, at, **more):
        """``side``: in (the customer), out (the shop), note (what happened besides)."""
        empty = {"text": "", "channel": "", "file": None, "state": "", "label": ""}
        return {
            **empty,
            "note": "",
            "title": "",
            "who": "",
            **more,
            **dict(key=key, side=side, at=at),
        }

    @api.model
    def _file(self, attachment):
        if not attachment:
            return None
        return {
            "id": attachment.id,
            "name": attachment.name,
            "is_picture": attachment.mimetype in PICTURES,
            "is_pdf": attachment.mimetype == "application/pdf",
            "is_sound": (attachment.mimetype or "").startswith("audio/"),
            "url": f"/web/content/{attachment.id}",
        }

    def _debt(self):
        """What the customer owes late, and what was agreed upon; for collectors."""
        if not self.partner_id or not self.env["dunning.call"].has_access("read"):
            return None
        work = self.env["dunning.work"]
        late = work._late_lines(self.partner_id)
        amounts = late._amounts_today(fields.Date.context_today(self))
        found = work._engagements(self.partner_id)
        return {
            "total": work._money(sum(amount.total for amount in amounts.values())) if late else "",
            "days": max(late.mapped("days_late"), default=0),
            "agreed": [
                {"key": f"{kind}-{item['id']}", "kind": kind, "text": item["text"]}
                for kind in ("promises", "disputes", "agreements", "pauses")
                for item in found[kind]
            ],
        }
