from datetime import time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

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
        self._check_collector()
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
        """result -> what follows from it: a method that returns further values of the call."""
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
        activity = partner.activity_schedule(
            "mail.mail_activity_data_todo",
            day,
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
        activity = partner.activity_schedule(
            "mail.mail_activity_data_todo",
            fields.Date.context_today(self),
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
        day = calendar.next_business_day(today + timedelta(days=1))
        later = [
            (self._instant(calendar.next_business_day(today + timedelta(days=days)), MORNING), None)
            for days in (3, 7, 15)
        ]
        choices = {
            "no_answer": [
                *(
                    [(now + SOON, self.env._("In 2 hours"))]
                    if soon.date() == today and soon.hour < 18
                    else []
                ),
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
