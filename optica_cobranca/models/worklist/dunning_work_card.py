from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime

from ...domain.messaging.contact_window import next_permitted
from ...domain.shop import clock, phone
from ...domain.shop.money import ZERO
from ...domain.worklist.priority import CallWarning, call_warnings, promise_days
from ...tools.worklist import dunning_work_query as query
from ..agreement.crediario_agreement import LIVE
from ..ladder.dunning_level import COLOURS
from ..messaging.res_company import local_holidays
from ..shop.res_company import timezone_of
from .dunning_work_lock import EXPIRES_AFTER

WEEK = timedelta(days=7)
SHOWN = 8


class DunningWork(models.AbstractModel):
    """The card of a customer: what whoever calls must know, all on one screen."""

    _inherit = "dunning.work"

    @api.model
    def _opened(self, partner_id, company_id):
        """The card of a customer whom the current user has just taken."""
        self.env["dunning.work.lock"]._release_others(partner_id)
        return {**self._card(partner_id, company_id), "locked_by": ""}

    @api.model
    def _card(self, partner_id, company_id):
        company = self._allowed_company(company_id)
        work = self.with_company(company)
        partner = work.env["res.partner"].browse(partner_id)
        late = work._late_lines(partner)
        notice, level = work._reached(partner, late)
        return {
            "partner_id": partner.id,
            "company_id": company.id,
            "company": company.name,
            "opened_at": fields.Datetime.to_string(fields.Datetime.now()),
            "lasts_minutes": int(EXPIRES_AFTER.total_seconds() // 60),
            **work._customer(partner),
            **work._debt(partner, late),
            "phones": work._with_text(work._phones(partner), work._chat_text(partner, level)),
            "warnings": work._warnings(partner, level),
            "level": work._level(notice, level),
            **work._engagements(partner),
            "timeline": work._timeline(partner),
            "choices": work._choices(partner),
        }

    # ----------------------------------------------------------- customer

    @api.model
    def _customer(self, partner):
        place = "/".join(filter(None, (partner.city, partner.state_id.code)))
        return {
            "name": partner.name,
            "place": place,
            "responsible": (partner.user_id or self.env.company.dunning_user_id).sudo().name or "",
            "preferred_hour": partner.preferred_contact_hour or "",
            "comment": partner.comment and fields.Html().convert_to_cache(partner.comment, partner),
            "excluded": partner.dunning_excluded,
        }

    @api.model
    def _phones(self, partner):
        """Every number of the customer, with links that a person opens by hand."""
        area_code = self.env.company._contact_area_code()
        numbers = []
        for contact in partner | partner.child_ids:
            number = contact._contact_number(area_code)
            if not contact.phone or number in [seen["number"] for seen in numbers if number]:
                continue
            numbers.append(
                {
                    "contact_id": contact.id,
                    "who": contact.name if contact != partner else "",
                    "text": contact.phone,
                    "number": number,
                    "tel": f"tel:{number or contact.phone}",
                    "whatsapp": phone.wa_me_link(number)
                    if number and phone.is_mobile(number)
                    else "",
                }
            )
        return numbers

    # --------------------------------------------------------------- debt

    @api.model
    def _late_lines(self, partner):
        today = fields.Date.context_today(self)
        return (
            partner._open_installments()
            .with_env(self.env)
            .filtered(lambda line: line.date_maturity < today)
        )

    @api.model
    def _debt(self, partner, late):
        """The late installments with their amounts today, and the customer's place in the list."""
        amounts = late._amounts_today(fields.Date.context_today(self))
        total = sum((amount.total for amount in amounts.values()), ZERO)
        standing = self._standing(partner)
        return {
            "rating": standing.get("letter") or "",
            "days": standing.get("days", 0),
            "total": self._money(total),
            "formula": self._formula(standing) if standing else "",
            "status": standing.get("status", "paid"),
            "hold": self._hold_label(standing.get("hold")),
            "call_again": self._moment(standing.get("call_again_at")),
            "lines": [self._line(line, amounts[line.id]) for line in late],
        }

    @api.model
    def _standing(self, partner):
        """The customer's row of the list; empty when nothing is late any more."""
        self.env.flush_all()
        lines = SQL("l.partner_id = %s", partner.id)
        rows = self.env.execute_query_dict(
            query.standing(self._work_rules({}, self.env.company, lines))
        )
        return rows[0] if rows else {}

    @api.model
    def _line(self, line, amount):
        return {
            "id": line.id,
            "contract": line.contract_reference or line.move_id.name,
            "label": line.installment_label,
            "due": format_date(self.env, line.date_maturity),
            "days": line.days_late,
            "principal": self._money(amount.principal),
            "charges": self._money(amount.fine + amount.interest),
            "total": self._money(amount.total),
        }

    # -------------------------------------------------------------- level

    @api.model
    def _reached(self, partner, late):
        """The latest notice that still speaks of something late, and the level reached."""
        levels = late.dunning_level_id.sorted("offset_days")
        notice = self.env["dunning.notice"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", self.env.company.id),
                ("line_ids.move_line_id", "in", late.ids),
            ],
            order="date desc, id desc",
            limit=1,
        )
        return notice, levels[-1:]

    @api.model
    def _level(self, notice, level):
        return {
            "id": level.id,
            "notice_id": notice.id,
            "name": level.name or "",
            "timing": level.timing or "",
            "colour": COLOURS.get(level.tone, "secondary"),
            "script": level.note or "",
            "steps": [
                {"code": step.code, "name": step.name, "icon": step.icon}
                for step in self._offered_steps(level)
            ],
        }

    # ----------------------------------------------------------- warnings

    @api.model
    def _warnings(self, partner, level):
        """What speaks against calling now; the person decides."""
        window = self._outside_hours(partner)
        caps = call_warnings(*self._contact_counts(partner, level))
        texts = {
            CallWarning.CALLED_TODAY: self.env._("Somebody called this customer today already."),
            CallWarning.CALLS_AT_LEVEL: self.env._(
                "Three calls were made at this level: time for another step."
            ),
            CallWarning.CONTACTS_OF_WEEK: self.env._(
                "Three contacts or more in the last seven days: a rest would be wise."
            ),
        }
        return [*([window] if window else []), *(texts[warning] for warning in caps)]

    @api.model
    def _outside_hours(self, partner):
        """A text when the customer may not be contacted at this moment of his local time."""
        company, now = self.env.company, clock.aware(fields.Datetime.now())
        years = range(now.year, now.year + 3)
        zone = timezone_of(partner.state_id, company.contact_timezone)
        state = partner.state_id or company.state_id
        allowed = next_permitted(
            now,
            zone,
            company._contact_window(),
            local_holidays(years, state.code),
            birthday=partner._birthday_parts(),
            blocked_dates=company._contact_blocked_dates(years),
        )
        if allowed <= now:
            return ""
        return self.env._(
            "Outside the permitted hours: it is %(now)s where the customer is. Calls are allowed "
            "again from %(allowed)s, local time.",
            now=self._local(now, zone, "HH:mm"),
            allowed=self._local(allowed, zone, "EEE dd/MM HH:mm"),
        )

    @api.model
    def _contact_counts(self, partner, level):
        """Calls today, calls at this level of today's debt, contacts in the last seven days."""
        now = fields.Datetime.now()
        family = partner.commercial_partner_id | partner.commercial_partner_id.child_ids
        calls = (
            self.env["dunning.call"]
            .sudo()
            .search([("partner_id", "in", family.ids), ("undone_at", "=", False)])
        )
        day_start = self._day_start(fields.Date.context_today(self))
        messages = (
            self.env["contact.message"]
            .sudo()
            .search_count(
                [
                    ("partner_id", "in", family.ids),
                    ("purpose", "=", "collection"),
                    ("sent_at", ">", now - WEEK),
                ]
            )
        )
        return (
            len(calls.filtered(lambda call: call.started_at >= day_start)),
            len(calls.filtered(lambda call: level and call.level_id == level)),
            len(calls.filtered(lambda call: call.started_at > now - WEEK)) + messages,
        )

    # ------------------------------------------------------------ choices

    @api.model
    def _choices(self, partner):
        """What the results offer, so that a click is enough."""
        today = fields.Date.context_today(self)
        calendar = self.env.company._business_calendar()
        every_reason = self.env["dunning.dispute.reason"]
        reasons = every_reason.search([])  # pylint: disable=no-search-all; all are offered, as buttons
        plans = self._late_lines(partner).crediario_plan_id
        latest = plans._latest_promise(self.env.company, today)
        return {
            "promise_days": [
                {
                    "date": fields.Date.to_string(day),
                    "text": format_date(self.env, day, date_format="EEE dd/MM"),
                }
                for day in promise_days(today, calendar, latest)
            ],
            "moments": self._moments(today, calendar),
            "latest_promise": fields.Date.to_string(latest),
            "reasons": [
                {"id": reason.id, "name": reason.name, "note": reason.note or ""}
                for reason in reasons
            ],
        }

    # ------------------------------------------------------------ helpers

    @api.model
    def _moment(self, instant):
        """An instant (naive UTC) as the reader writes it; empty for none."""
        return format_datetime(self.env, instant, dt_format="EEE dd/MM HH:mm") if instant else ""

    @api.model
    def _local(self, instant, zone, pattern):
        return format_datetime(self.env, clock.stored(instant), tz=zone, dt_format=pattern)

    # ---------- What happened with the customer lately, and what was agreed upon

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
            [
                ("partner_id", "=", partner.id),
                ("kind", "=", "inbound"),
                ("says_nothing", "=", False),
            ],
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
