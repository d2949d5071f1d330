from dataclasses import replace
from datetime import time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...domain.messaging import gate
from ...domain.shop import phone
from ...domain.shop.business_days import is_one_of
from ...domain.shop.errors import TemplateError

SOON = timedelta(hours=2)
MORNING, AFTERNOON = time(9), time(14)
# Nobody agrees to be called later than that; a later day is a promise or a pause.
LONGEST_REST = timedelta(days=60)


class DunningWork(models.AbstractModel):
    """What came of a contact: recorded, and what follows from it done, in one transaction."""

    _inherit = "dunning.work"

    # ------------------------------------------------------------- screen

    @api.model
    def record(self, partner_id, company_id, result, values):
        """Record the result of the customer the current user works on, and leave the customer.

        :param values: ``opened_at`` (text, UTC), ``note``, ``contact_id`` (whose number was
            called); by result ``date`` and ``amount`` of a promise, ``call_again_at`` (text, UTC),
            ``reason_id`` of a dispute
        :return: ``call_id``, ``text`` for the notification, ``action`` to open or None
        """
        self._check_role("collector")
        company = self._allowed_company(company_id)
        work = self.with_company(company)
        partner = work.env["res.partner"].browse(partner_id)
        work._check_taken(partner)
        handler = work._handlers().get(result)
        if not handler:
            raise UserError(self.env._("There is no such result."))
        facts = work._call_facts(partner, result, values)
        follow = handler(partner, values, facts)
        action = follow.pop("action", None)
        # The rows are evidence, so users have no right to create them; who may is checked above.
        call = work.env["dunning.call"].sudo().create({**facts, **follow})
        work.env["dunning.work.lock"]._release(partner.id)
        return {"call_id": call.id, "text": call.display_name, "action": action}

    # ----------------------------------------------------------- handlers

    @api.model
    def _handlers(self):
        """What follows from each result: a method that returns further values of the call."""
        return {
            "promise": self._follow_promise,
            "paid": self._follow_paid,
            "says_paid": self._follow_says_paid,
            "agreement": self._follow_agreement,
            "dispute": self._follow_dispute,
            "refuses": self._follow_rest,
            "message_left": self._follow_rest,
            "no_answer": self._follow_rest,
            "wrong_number": self._follow_wrong_number,
        }

    def _follow_promise(self, partner, values, facts):
        if not values.get("date"):
            raise UserError(self.env._("Choose the day on which the customer will pay."))
        promise = self.env["dunning.promise"]._register_promise(
            partner,
            self.env.company,
            fields.Date.to_date(values["date"]),
            float(values.get("amount") or 0) or None,
            lines=self._late_lines(partner),
            notice=self.env["dunning.notice"].browse(facts["notice_id"]),
            note=values.get("note") or "",
        )
        return {"promise_id": promise.id, "amount_promised": promise.amount}

    def _follow_dispute(self, partner, values, facts):
        reason = self.env["dunning.dispute.reason"].browse(values.get("reason_id")).exists()
        if not reason:
            raise UserError(self.env._("Choose what the customer complains about."))
        dispute = self.env["dunning.dispute"]._register_dispute(
            partner,
            self.env.company,
            reason,
            description=values.get("note") or "",
            lines=self._late_lines(partner),
            notice=self.env["dunning.notice"].browse(facts["notice_id"]),
        )
        # What is said about health is written in one place, the dispute.
        return {"dispute_id": dispute.id, **({"note": False} if reason.is_health else {})}

    def _follow_agreement(self, partner, _values, _facts):
        """The proposal on everything late, open on the screen; an open one is continued."""
        agreement = self.env["crediario.agreement"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", self.env.company.id),
                ("state", "in", ("draft", "to_approve", "approved", "open")),
            ],
            limit=1,
        )
        if agreement:
            return {"agreement_id": agreement.id, "action": agreement._get_records_action()}
        action = partner.action_propose_agreement()
        return {"agreement_id": action["res_id"], "action": action}

    def _follow_paid(self, partner, _values, _facts):
        """The cashier with the late installments ticked."""
        return {"action": self._late_lines(partner).action_receive()}

    def _follow_says_paid(self, partner, values, facts):
        """Somebody looks for the payment; until then the customer is left alone."""
        follow = self._follow_rest(partner, values, facts)
        day = fields.Datetime.context_timestamp(self, follow["call_again_at"]).date()
        activity = partner._ask_collection(
            self.env.company,
            date_deadline=day,
            summary=self.env._("Find the payment the customer says was made"),
            note=values.get("note") or "",
            user_id=self.env.uid,
        )
        return {**follow, "activity_id": activity.id}

    def _follow_rest(self, _partner, values, _facts):
        """The customer rests until the moment agreed upon."""
        moment = fields.Datetime.to_datetime(values.get("call_again_at") or False)
        now = fields.Datetime.now()
        if not moment or moment <= now or moment > now + LONGEST_REST:
            raise UserError(
                self.env._(
                    "Choose when to call again: a moment in the next %(days)s days.",
                    days=LONGEST_REST.days,
                )
            )
        return {"call_again_at": moment}

    def _follow_wrong_number(self, partner, values, _facts):
        """The number is taken out of use and somebody is asked to find the right one."""
        contact = self.env["res.partner"].browse(values.get("contact_id")).exists() or partner
        if contact.commercial_partner_id != partner.commercial_partner_id or not contact.phone:
            raise UserError(self.env._("Choose which number is wrong."))
        number = contact.phone
        contact._phone_is_wrong()
        responsible = partner.user_id or self.env.company.dunning_user_id or self.env.user
        activity = partner._ask_collection(
            self.env.company,
            date_deadline=fields.Date.context_today(self),
            summary=self.env._("Find the right number: %(number)s is wrong", number=number),
            note=values.get("note") or "",
            user_id=responsible.id,
        )
        return {"activity_id": activity.id, "contact_id": contact.id, "phone": number}

    # ------------------------------------------------------------ helpers

    def _check_taken(self, partner):
        """Only who has the customer open may record; a lock that expired is taken anew."""
        lock = self.env["dunning.work.lock"]
        if lock._take(partner.id, fields.Datetime.now()):
            return
        raise UserError(
            self.env._(
                "%(customer)s was left open too long and a colleague has taken over.",
                customer=partner.name,
            )
        )

    def _call_facts(self, partner, result, values):
        """What is recorded whatever the result."""
        now = fields.Datetime.now()
        opened = fields.Datetime.to_datetime(values.get("opened_at") or False) or now
        late = self._late_lines(partner)
        notice, level = self._reached(partner, late)
        amounts = late._amounts_today(fields.Date.context_today(self))
        contact = self.env["res.partner"].browse(values.get("contact_id")).exists() or partner
        return {
            "partner_id": partner.id,
            "company_id": self.env.company.id,
            "user_id": self.env.uid,
            "started_at": min(opened, now),
            "ended_at": now,
            "result": result,
            "note": values.get("note") or False,
            "contact_id": contact.id,
            "phone": contact.phone or False,
            "notice_id": notice.id,
            "level_id": level.id,
            "amount_late": float(sum(amount.total for amount in amounts.values())),
            "days_late": max(late.mapped("days_late"), default=0),
        }

    @api.model
    def _moments(self, today, calendar):
        """When to call again: offered by result, with instants in UTC."""
        now = fields.Datetime.now()
        soon = fields.Datetime.context_timestamp(self, now + SOON)
        # Before the morning of a working day, the next morning is the one that comes.
        before = now < self._instant(today, MORNING)
        day = calendar.next_business_day(today if before else today + timedelta(days=1))
        hours = self.env.company._contact_window().hours_on(today)
        is_soon_fit = (
            soon.date() == today
            and hours
            and not is_one_of(calendar.holidays, today)
            and hours[0] <= soon.time() < hours[1]
        )
        later = [
            (self._instant(calendar.next_business_day(today + timedelta(days=days)), MORNING), None)
            for days in (3, 7, 15)
        ]
        choices = {
            "no_answer": [
                *([(now + SOON, self.env._("In 2 hours"))] if is_soon_fit else []),
                (self._instant(day, MORNING), self.env._("Next morning")),
                (self._instant(day, AFTERNOON), self.env._("Next afternoon")),
                later[0],
            ],
            "message_left": [(self._instant(day, MORNING), self.env._("Next morning")), *later[:2]],
            "says_paid": [(self._instant(day, MORNING), self.env._("Next morning")), *later[:2]],
            "refuses": later,
        }
        return {
            result: [
                {
                    "at": fields.Datetime.to_string(instant),
                    "text": text or self._moment(instant),
                    "exact": self._moment(instant),
                }
                for instant, text in offered
            ]
            for result, offered in choices.items()
        }

    # ---- Next steps of the level reached, taken from the card; the customer stays open

    @api.model
    def take_step(self, partner_id, company_id, code):
        """Take the step ``code`` about the customer the current user works on.

        :return: ``text`` for the notification, ``action`` to open or None
        :raise UserError: when nothing can be done, with the reason
        """
        self._check_role("collector")
        work = self.with_company(self._allowed_company(company_id))
        partner = work.env["res.partner"].browse(partner_id)
        work._check_taken(partner)
        handler = work._step_handlers().get(code)
        if not handler:
            raise UserError(self.env._("There is no such step."))
        late = work._late_lines(partner)
        notice, _level = work._reached(partner, late)
        return {"text": "", "action": None, **handler(partner, late, notice._decided())}

    @api.model
    def _step_handlers(self):
        """What each step does: (customer, late installments, notice) -> text or action."""
        return {
            "phone": self._step_phone,
            "letter": self._step_letter,
            "bureau": self._step_bureau,
            "agency": self._step_agency,
            "legal": self._step_legal,
        }

    def _step_phone(self, _partner, _late, notice):
        if not self._with_notice(notice)._step_phone():
            raise UserError(self.env._("A call to this customer is planned already."))
        return {"text": self.env._("Call planned for the next business day")}

    def _step_letter(self, _partner, _late, notice):
        if not self._with_notice(notice)._step_letter():
            raise UserError(self.env._("This customer has the letter of this notice already."))
        return {"text": self.env._("Letter waits to be printed")}

    def _step_bureau(self, _partner, late, notice):
        if not self.env["dunning.bureau.case"]._make_eligible(late, notice):
            raise UserError(
                self.env._(
                    "Nothing here can go to the credit bureau: paid, not late enough, or proposed "
                    "already."
                )
            )
        return {"text": self.env._("Proposed for the credit bureau: a manager decides")}

    def _step_agency(self, _partner, late, notice):
        if not self.env["dunning.handover"]._propose(late, notice):
            raise UserError(self.env._("Nothing here can be proposed: paid, or proposed already."))
        return {"text": self.env._("Proposed for the agency: a manager decides")}

    def _step_legal(self, partner, _late, _notice):
        return {"action": partner.action_dossier()}

    def _with_notice(self, notice):
        if not notice:
            raise UserError(
                self.env._(
                    "The ladder has not written to this customer about this debt yet, or the "
                    "notice waits for approval."
                )
            )
        return notice

    @api.model
    def _offered_steps(self, level):
        """The level's steps that this user may take."""
        manager = self.env.user.has_group("optica_cobranca.group_manager")
        return level.step_ids.filtered(lambda step: manager or step.code != "legal")

    @api.model
    def _chat_text(self, partner, level):
        """The text of the level for a chat that a person opens; empty unless the gate lets it go.

        A chat needs no gateway and no approved template; consent, hours, caps and what is on hold
        count as for every message. With sudo: templates and server actions are not the
        collectors' to read, what they would send is.
        """
        template = level.sudo().action_ids.contact_template_id[:1]
        if not template or not template._text_for("whatsapp"):
            return ""
        message = self.env["contact.message"].sudo()._draft(partner, template)
        facts = message._gather(fields.Datetime.now())
        values = facts.values[message.id]
        if not all(values.get(name) for name in template._placeholders_used("whatsapp")):
            return ""
        asked = message._gate_facts(facts, "whatsapp", None, facts.families.get(partner.id))
        asked = replace(asked, gateway_ready=True, gateway_ready_at=None, template_ready=True)
        if gate.decide(asked, facts.now).action != gate.Action.SEND:
            return ""
        try:
            return template._render_for("whatsapp", values)
        except TemplateError:
            return ""

    @api.model
    def _with_text(self, phones, text):
        """The numbers of :meth:`_phones`, their chats with ``text`` typed in."""
        return [
            {**number, "whatsapp": phone.wa_me_link(number["number"], text)}
            if number["whatsapp"] and text
            else number
            for number in phones
        ]

    # ---- A slip of the finger: the last result of a person is taken back, on its day

    @api.model
    def undo(self, call_id):
        """Take back the current user's last result of today and open its customer again.

        The contact stays on record as undone; what followed from it ends: promise, dispute,
        proposal, activity, number out of use. What was received stays: it is undone on its receipt.

        :return: the card of the customer
        """
        self._check_role("collector")
        call = self.env["dunning.call"].browse(call_id)
        self._check_last(call)
        self._allowed_company(call.company_id.id)
        work = self.with_company(call.company_id)
        work._end_what_followed(call.with_env(work.env))
        # Users have no right to change a contact but for its note.
        call.sudo().write({"undone_at": fields.Datetime.now()})
        return work.take(call.partner_id.id, call.company_id.id)

    @api.model
    def _drop_unpaid(self):
        """What "pays now" says counts once money was received: without a receipt it is taken back.

        Asked when the current user comes back to the list from the cashier. Names the last
        customer concerned, to open again.
        """
        start = self._day_start(fields.Date.context_today(self))
        calls = self.env["dunning.call"].search(
            [
                ("user_id", "=", self.env.uid),
                ("company_id", "in", self.env.companies.ids),
                ("result", "=", "paid"),
                ("undone_at", "=", False),
                ("ended_at", ">=", start),
            ]
        )
        unpaid = calls.filtered(lambda call: not call._received())
        # Users have no right to change a contact but for its note.
        unpaid.sudo().write({"undone_at": fields.Datetime.now()})
        last = unpaid[:1]
        return last and {
            "partner_id": last.partner_id.id,
            "company_id": last.company_id.id,
            "text": self.env._(
                "Nothing was received from %(customer)s: the result was taken back.",
                customer=last.partner_id.name,
            ),
        }

    @api.model
    def _check_last(self, call):
        start = self._day_start(fields.Date.context_today(self))
        last = self.env["dunning.call"].search(
            [
                ("user_id", "=", self.env.uid),
                ("undone_at", "=", False),
                ("ended_at", ">=", start),
            ],
            order="ended_at desc, id desc",
            limit=1,
        )
        if not call or call != last:
            raise UserError(self.env._("Only your last result of today can be undone."))

    def _end_what_followed(self, call):
        promise = call.promise_id
        if promise.state == "open":
            promise.action_cancel()
            # What it had taken the place of holds again.
            replaced = self.env["dunning.promise"].search([("replaced_by_id", "=", promise.id)])
            replaced.action_reopen()
        if call.dispute_id.state == "open":
            call.dispute_id._close("rejected", self.env._("Registered by mistake."))
        proposal = call.agreement_id
        if proposal.state == "draft" and proposal.create_date >= call.started_at:
            proposal.action_cancel()
        # An activity that somebody has dealt with is no longer open and stays as it was.
        if call.activity_id.active:
            call.activity_id.unlink()
        if call.result == "wrong_number":
            call.contact_id._phone_is_right(call.phone)
