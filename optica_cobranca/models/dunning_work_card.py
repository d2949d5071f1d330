from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime

from ..domain import phone
from ..domain.contact_window import next_permitted
from ..domain.money import ZERO
from ..domain.priority import CallWarning, call_warnings, promise_days
from . import dunning_work_query as query
from .contact_company import local_holidays, timezone_of
from .dunning_timeline import COLOURS
from .dunning_work_lock import EXPIRES_AFTER

WEEK = timedelta(days=7)


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
        rows = self.env.execute_query_dict(query.standing(self._terms({}, self.env.company, lines)))
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
        company, now = self.env.company, fields.Datetime.now().replace(tzinfo=timezone.utc)
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
        reasons = self.env["dunning.dispute.reason"].search([])
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
        naive = instant.astimezone(timezone.utc).replace(tzinfo=None)
        return format_datetime(self.env, naive, tz=zone, dt_format=pattern)
