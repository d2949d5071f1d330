import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ...domain.messaging.reply_intent import read_reply
from .contact_thread import TEXT_SHOWN, WRITTEN_CHANNELS

PAGE = 40
# Kinds of files a browser shows by itself.
PICTURES = ("image/jpeg", "image/png", "image/webp")
SLIP_TEMPLATE = "slip_on_request"
SLIP_REPORT = "optica_cobranca.action_report_carne"
MAX_FOUND = 8
# What one click does about an answer, by what it needs the right to.
SHORTCUTS = {
    "promise": ("dunning.promise.wizard", "create"),
    "slip": ("contact.thread", "read"),
    "paid": ("crediario.cashier", "create"),
    "agreement": ("crediario.agreement", "create"),
    "dispute": ("dunning.dispute.wizard", "create"),
    "pause": ("dunning.hold.wizard", "create"),
    "wrong_person": ("dunning.call", "read"),
}


def _place(entry):
    """Where an entry stands: by its instant, then as it was kept, the 9th before the 10th.

    E-mails are dated by the second: they stand at its end, after what they may answer.
    """
    kind, _, number = entry["key"].rpartition("-")
    at = entry["at"].replace(microsecond=999_999) if kind == "mail" else entry["at"]
    return at, kind, int(number)


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
            "pending": any(
                entry["state"] in ("queued", "sending", "paced", "sent") for entry in entries
            ),
            "suggestions": [str(intent) for intent in reading.intents],
            "promise_day": str(reading.day) if reading.day else "",
            "shortcuts": thread._shortcuts(),
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
        entries.sort(key=_place)
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
                note=self._note_of_event(event, files),
            )
            for event in events
        ]

    @api.model
    def _note_of_event(self, event, files):
        if event.withdrawn_at:
            return self.env._("Deleted by the customer")
        if event.state == "edit":
            return self.env._("Changed by the customer")
        if event.state == "reaction":
            return self.env._("Reaction") if event.text else self.env._("Reaction taken back")
        is_open = event.media_state and event.media_state != "saved"
        return files[event.media_state] if is_open else ""

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
                note=self.env._("Sender not proven") if mail.optica_sender_unproven else "",
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
        token = attachment._get_raw_access_token()
        return {
            "id": attachment.id,
            "name": attachment.name,
            "is_picture": attachment.mimetype in PICTURES,
            "is_pdf": attachment.mimetype == "application/pdf",
            "is_sound": (attachment.mimetype or "").startswith("audio/"),
            # Whoever may read the conversation may see its files, which lie with the events.
            "url": f"/web/content/{attachment.id}?access_token={token}",
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

    # ------------ Answers, and the steps that an answer of the customer asks for

    def inbox_reply(self, text, file_id=None):
        """Answer in free words, within the 24 hours; the conversation becomes the answerer's."""
        self.ensure_one()
        self.check_access("read")
        if not self.partner_id:
            raise UserError(self.env._("Say first which customer this is."))
        file = self._draft_file(file_id)
        self.env["contact.message"]._enqueue_reply(
            self.partner_id, self.gateway_id, text, file or None
        )
        file.unlink()
        self._answered(text or self.env._("(file)"))

    def inbox_templates(self):
        """Templates that may be sent to this customer, service first."""
        self.ensure_one()
        self.check_access("read")
        templates = self.env["contact.template"].search(
            [("company_id", "in", (self.company_id.id, False)), ("channel_order", "!=", "voice")]
        )
        purposes = dict(templates._fields["purpose"]._description_selection(self.env))
        ordered = templates.sorted(lambda template: (template.purpose != "service", template.name))
        return [
            {
                "id": template.id,
                "name": template.name,
                "purpose": purposes[template.purpose],
                "code": template.code or "",
            }
            for template in ordered
        ]

    def inbox_preview(self, template_id):
        """How a template would come out for this customer, and whether it would leave."""
        template = self._template(template_id)
        shown = template._preview_for(self.partner_id)
        text = shown.get("whatsapp") or shown.get("sms") or html2plaintext(shown.get("email") or "")
        return {"text": text, "missing": shown.get("missing", ""), "fate": shown["fate"]}

    def inbox_send_template(self, template_id):
        """Queue the template for the customer; the gate decides when it leaves."""
        template = self._template(template_id)
        outbox = self.env["contact.message"].with_company(self.company_id)
        outbox._enqueue(self.partner_id, template, author=self.env.user)
        self._answered(template.name)

    def inbox_attach(self, name, content):
        """Keep a file until it is sent.

        :param content: base64
        """
        self.ensure_one()
        self.check_access("read")
        return self._keep_file(name, base64.b64decode(content))

    def inbox_detach(self, file_id):
        """The file shall not be sent after all."""
        self.check_access("read")
        self._draft_file(file_id).unlink()

    def _shortcuts(self):
        """The codes of ``SHORTCUTS`` that the current user has the right to."""
        if not self.partner_id:
            return []
        return [code for code, (model, right) in SHORTCUTS.items() if self._may(model, right)]

    @api.model
    def _may(self, model, right):
        return self.env[model].has_access(right)

    def inbox_shortcut(self, code, day=None):
        """What the screen does for a shortcut: an action to open, or a draft to be looked at.

        :param day: the promised day, ``yyyy-mm-dd``
        """
        self.ensure_one()
        self.check_access("read")
        if code not in self._shortcuts():
            raise UserError(self.env._("You may not do this."))
        thread = self.with_company(self.company_id)
        take = {
            "promise": thread._take_promise,
            "slip": thread._draft_slip,
            "paid": thread._take_payment,
            "agreement": thread._propose_agreement,
            "dispute": thread._take_dispute,
            "pause": thread._pause_ladder,
            "wrong_person": thread._drop_number,
        }
        return take[code](day)

    def _take_promise(self, day):
        context = {"default_partner_id": self.partner_id.id}
        if day and fields.Date.to_date(day) >= fields.Date.context_today(self):
            context |= {"default_pick": False, "default_date": day}
        return {"action": self._dialog("dunning_promise_wizard", context)}

    def _take_dispute(self, _day):
        context = {"default_partner_id": self.partner_id.id}
        events = self.sudo().event_ids.sorted("occurred_at")
        context["default_description"] = events[-1:].text or ""
        return {"action": self._dialog("dunning_dispute_wizard", context)}

    def _pause_ladder(self, _day):
        ids = self.partner_id.ids
        context = {"active_model": "res.partner", "active_ids": ids, "active_id": ids[0]}
        return {"action": self._dialog("dunning_hold_wizard", context)}

    def _take_payment(self, _day):
        """The cashier with what is late ticked, else with the next installment."""
        return {"action": self._open_lines().action_receive()}

    def _propose_agreement(self, _day):
        """An open agreement is continued, else one is proposed on what is late."""
        return {
            "action": self.env["dunning.work"]._follow_agreement(self.partner_id, {}, {})["action"]
        }

    def _drop_number(self, _day):
        """The number is taken out of use; somebody is asked to find the right one."""
        event = self.sudo().event_ids.sorted("occurred_at")[-1:]
        numbered = self._family().filtered("phone")
        wrote = self.env["res.partner"].sudo()._contact_find_by_number(event.wa_id) & numbered
        contact = (wrote or numbered)[:1]
        if not contact:
            raise UserError(self.env._("%s has no number any more.", self.name))
        values = {"contact_id": contact.id, "note": event.text or ""}
        self.env["dunning.work"]._follow_wrong_number(self.partner_id, values, {})
        self._change({"state": "closed", "unread_count": 0})
        return {"done": self.env._("%s is not used any more.", event.wa_id or "")}

    def _draft_slip(self, _day):
        """The slip with its Pix as a draft: text and PDF within the 24 hours, else the template."""
        lines = self._open_lines()
        template = self.env["contact.template"].search(
            [("code", "=", SLIP_TEMPLATE), ("company_id", "in", (self.company_id.id, False))],
            order="company_id",
            limit=1,
        )
        if not self._is_window_open():
            return {"template_id": template.id}
        text = template._preview_for(self.partner_id).get("whatsapp") or "" if template else ""
        if self.channel != "whatsapp":
            return {"text": text}
        report = self.env.ref(SLIP_REPORT).sudo()
        content, _kind = report._render_qweb_pdf(report.report_name, lines.ids)
        return {"text": text, "file": self._keep_file(self.env._("Slip.pdf"), content)}

    def _open_lines(self):
        """What is late of the customer, else the next installment."""
        lines = self.partner_id._open_installments()
        late = lines.filtered(lambda line: line.installment_state == "overdue")
        if not lines:
            raise UserError(self.env._("%s owes nothing.", self.name))
        return (late or lines[:1]).with_env(self.env)

    @api.model
    def inbox_find_customers(self, text):
        """Customers by name, CPF or number, to say who wrote."""
        found = self.env["res.partner"].search(self._customers_matching(text), limit=MAX_FOUND)
        return [
            {"id": partner.id, "name": partner.display_name, "phone": partner.phone or ""}
            for partner in found
        ]

    def inbox_link(self, partner_id):
        """Say which customer writes here; the next words are recognised by themselves.

        :return: id of the conversation his words are in now
        """
        self.ensure_one()
        self.check_access("read")
        if self.partner_id:
            raise UserError(self.env._("It is known already who writes here."))
        partner = self.env["res.partner"].browse(partner_id)
        partner.check_access("write")
        events = self.sudo().event_ids
        number = events.filtered("wa_id")[:1].wa_id
        if number and not partner.phone:
            partner.phone = f"+{number}"
        company = self.company_id
        # Sellers have no right to events; which are meant was checked with the conversation.
        events.assign_to(partner.sudo())
        house = partner.commercial_partner_id
        return self.search([("company_id", "=", company.id), ("partner_id", "=", house.id)]).id

    def inbox_new_customer(self, name):
        """Make a customer of somebody who is not known yet."""
        self.ensure_one()
        partner = self.env["res.partner"].create({"name": name.strip() or self.sender_name})
        return self.inbox_link(partner.id)

    def _answered(self, text):
        self._change(
            {
                "state": "answered",
                "unread_count": 0,
                "user_id": self.user_id.id or self.env.uid,
                "last_at": fields.Datetime.now(),
                "last_text": " ".join(text.split())[:TEXT_SHOWN],
            }
        )

    def _template(self, template_id):
        self.ensure_one()
        self.check_access("read")
        if not self.partner_id:
            raise UserError(self.env._("Say first which customer this is."))
        template = self.env["contact.template"].with_company(self.company_id).browse(template_id)
        template.check_access("read")
        return template

    @api.model
    def _dialog(self, name, context):
        action = self.env["ir.actions.actions"]._for_xml_id(f"optica_cobranca.action_{name}")
        return {**action, "context": context, "target": "new"}

    def _keep_file(self, name, content):
        """With sudo: nobody may write conversations; the file is seen by who reads this one."""
        file = (
            self.env["ir.attachment"]
            .sudo()
            .create({"name": name, "raw": content, "res_model": self._name, "res_id": self.id})
        )
        return {"id": file.id, "name": file.name}

    def _draft_file(self, file_id):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("id", "=", file_id or 0),
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                ]
            )
        )


class ContactMessage(models.Model):
    """Messages as the inbox shows them."""

    _inherit = "contact.message"

    can_play_answer = fields.Boolean(compute="_compute_can_play_answer")

    @api.depends("gateway_id", "state")
    def _compute_can_play_answer(self):
        for message in self:
            gateway = message.gateway_id.sudo()
            message.can_play_answer = (
                gateway.provider == "sandbox"
                and gateway.channel in WRITTEN_CHANNELS
                and message.state in ("sent", "delivered", "read", "uncertain")
            )

    def _plain_body(self):
        self.ensure_one()
        return html2plaintext(self.body or "") if self.channel == "email" else self.body or ""
