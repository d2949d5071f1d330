from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ...domain.messaging.results import PERIODS, best, percent, price_of_a_real, span_of

SUMS = (
    "messages",
    "sent",
    "delivered",
    "readable",
    "seen",
    "answered",
    "asked",
    "paid",
    "amount_paid",
)
# Bars of the chart of days: longer periods are shown by week or by month.
UNIT_OF = {"week": "day", "month": "day", "quarter": "week", "year": "month"}
NOT_SENT = ("failed", "cancelled", "queued")


class ContactReport(models.Model):
    """The page of results: everything it shows in one call, texts ready to be shown."""

    _inherit = "contact.report"

    # ------------------------------------------------------------- actions

    @api.model
    def load(self, period="month", purpose=False):
        """What messages brought in a period that ends today, in the chosen companies.

        :param period: one of ``PERIODS``
        :param purpose: a purpose of messages, or False for all
        """
        self._refresh_recent()
        span = span_of(period if period in PERIODS else "month", self.env.company._today())
        domain = self._page_domain(span, purpose)
        now = self._totals(domain)
        before = self._totals(self._page_domain(span.before(), purpose))
        templates, hours = self._templates(domain), self._hours(domain)
        return {
            "span": f"{format_date(self.env, span.first)} – {format_date(self.env, span.last)}",
            "has_cost": self._shows_cost(),
            "has_estimates": self._shows_cost() and self.env["contact.price"]._has_estimates(),
            "purposes": self._fields["purpose"]._description_selection(self.env),
            "total": now["messages"],
            "cards": self._cards(now, before),
            "best": self._best(templates, hours),
            "templates": templates,
            "hours": hours,
            "days": self._days(domain, UNIT_OF[period]),
            "channels": self._channels(domain),
            "refusals": self._refusals(domain),
            "domain": list(domain),
        }

    # ------------------------------------------------------------- helpers

    def _page_domain(self, span, purpose):
        """Companies with another currency than the current one are left out."""
        return Domain.AND(
            [
                Domain("company_id", "in", self.env.companies.ids),
                Domain("currency_id", "=", self.env.company.currency_id.id),
                Domain("day", ">=", str(span.first)) & Domain("day", "<=", str(span.last)),
                Domain("purpose", "=", purpose) if purpose else Domain.TRUE,
            ]
        )

    def _shows_cost(self):
        return self._has_field_access(self._fields["cost"], "read")

    def _sums(self, domain, groupby=()):
        """Rows (key, sums by name), biggest first; the key is False without a group."""
        names = [*SUMS, *(["cost"] if self._shows_cost() else [])]
        rows = self._read_group(domain, list(groupby), [f"{name}:sum" for name in names])
        start = len(groupby)
        found = [
            (
                row[0] if groupby else False,
                dict(zip(names, (value or 0 for value in row[start:]), strict=True)),
            )
            for row in rows
        ]
        return sorted(found, key=lambda item: -item[1]["sent"])

    def _totals(self, domain):
        [(_key, sums)] = self._sums(domain)
        return sums

    def _percent(self, part, whole):
        share = percent(part, whole)
        return "–" if share is None else f"{formatLang(self.env, float(share), digits=1)}%"

    def _count(self, number):
        return formatLang(self.env, number, digits=0)

    def _cards(self, now, before):
        """The figures at the top, each with how it changed since the period before."""
        cards = [
            self._card("sent", self.env._("Messages Sent"), now, before),
            self._card("delivered", self.env._("Messages Delivered"), now, before, "sent"),
            self._card("seen", self.env._("Messages Read"), now, before, "readable"),
            self._card("answered", self.env._("Answered"), now, before, "sent"),
            self._card("paid", self.env._("Paid Within 3 Days"), now, before, "asked"),
        ]
        cards[-1]["detail"] = self.env.company.currency_id._text(now["amount_paid"])
        if self._shows_cost():
            price = price_of_a_real(now["cost"], now["amount_paid"])
            cards.append(
                {
                    **self._card("cost", self.env._("Cost"), now, before),
                    "value": self.env.company.currency_id._text(now["cost"]),
                    "worse_when_up": True,
                    "detail": self.env._(
                        "%(cost)s per %(received)s received",
                        cost=formatLang(self.env, float(price * 100), digits=2),
                        received=self.env.company.currency_id._text(100),
                    )
                    if price is not None
                    else "",
                }
            )
        return cards

    def _card(self, name, label, now, before, whole=None):
        if whole:
            share, earlier = percent(now[name], now[whole]), percent(before[name], before[whole])
            known = share is not None and earlier is not None
            change = float(share - earlier) if known else None
            unit = self.env._("points")
        else:
            change = percent(now[name] - before[name], before[name])
            change, unit = float(change) if change is not None else None, "%"
        return {
            "name": name,
            "label": label,
            "value": self._percent(now[name], now[whole]) if whole else self._count(now[name]),
            "detail": self._count(now[name]) if whole else "",
            "help": self._fields[name].get_description(self.env, ["help"]).get("help") or "",
            "change": change,
            "change_text": self._change_text(change, unit),
        }

    def _change_text(self, change, unit):
        if not change:
            return ""
        text = formatLang(self.env, abs(change), digits=1)
        return f"{'+' if change > 0 else '−'}{text}{'' if unit == '%' else ' '}{unit}"

    def _row(self, sums):
        """One line of a table or one bar."""
        currency = self.env.company.currency_id
        row = {
            "sent": sums["sent"],
            "sent_text": self._count(sums["sent"]),
            "delivered": self._percent(sums["delivered"], sums["sent"]),
            "seen": self._percent(sums["seen"], sums["readable"]),
            "answered": self._percent(sums["answered"], sums["sent"]),
            "paid": self._percent(sums["paid"], sums["asked"]),
            "paid_share": float(percent(sums["paid"], sums["asked"]) or 0),
            "amount": currency._text(sums["amount_paid"]) if sums["asked"] else "",
            "counts": {name: sums[name] for name in ("answered", "asked", "paid", "sent")},
        }
        if self._shows_cost():
            row["cost"] = currency._text(sums["cost"])
        return row

    def _templates(self, domain):
        rows = self._sums(domain & Domain("sent", ">", 0), ["template_id"])
        return [
            {"id": template.id, "name": template.sudo().name, **self._row(sums)}
            for template, sums in rows
        ]

    def _channels(self, domain):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        rows = self._sums(domain & Domain("sent", ">", 0), ["channel"])
        return [{"id": key, "name": labels.get(key), **self._row(sums)} for key, sums in rows]

    def _hours(self, domain):
        """From the first to the last hour with messages, none left out."""
        found = dict(self._sums(domain & Domain("sent", ">", 0), ["hour"]))
        if not found:
            return []
        labels = dict(self._fields["hour"]._description_selection(self.env))
        none = dict.fromkeys([*SUMS, "cost"], 0)
        hours = [f"{hour:02d}" for hour in range(int(min(found)), int(max(found)) + 1)]
        return [
            {"id": hour, "name": labels[hour], **self._row(found.get(hour, none))} for hour in hours
        ]

    def _days(self, domain, unit):
        rows = sorted(self._sums(domain, [f"day:{unit}"]), key=lambda item: item[0])
        pattern = {"day": "dd/MM", "week": "dd/MM", "month": "MMM yy"}[unit]
        length = timedelta(days=7)
        return [
            {
                "id": str(day),
                "name": format_date(self.env, day, date_format=pattern),
                "title": f"{format_date(self.env, day)} – {format_date(self.env, day + length)}"
                if unit == "week"
                else format_date(self.env, day, date_format="MMMM y" if unit == "month" else False),
                "amount_paid": float(sums["amount_paid"]),
                **self._row(sums),
            }
            for day, sums in rows
        ]

    def _refusals(self, domain):
        """Why messages did not leave or did not arrive, most frequent first."""
        labels = dict(self._fields["reason"]._description_selection(self.env))
        states = dict(self._fields["state"]._description_selection(self.env))
        rows = self._read_group(
            domain & Domain("reason", "!=", False) & Domain("state", "in", NOT_SENT),
            ["state", "reason"],
            ["messages:sum"],
        )
        most = max((count for _state, _reason, count in rows), default=1)
        return [
            {
                "id": f"{state}-{reason}",
                "state": state,
                "reason": reason,
                "name": labels.get(reason, reason),
                "state_name": states[state],
                "count": self._count(count),
                "width": round(100 * count / most),
            }
            for state, reason, count in sorted(rows, key=lambda row: -row[2])
        ]

    def _best(self, templates, hours):
        """What brings most payments, and if nothing was asked for, most answers.

        Or how many more messages it takes to tell.
        """
        found = []
        for label, rows in (
            (self.env._("Best hour"), hours),
            (self.env._("Best message"), templates),
        ):
            winner = self._winner(rows)
            if winner:
                found.append({"label": label, **winner})
        return found

    def _winner(self, rows):
        by_id = {row["id"]: row for row in rows}
        for hits, tries, words in (
            ("paid", "asked", self.env._("%(share)s paid")),
            ("answered", "sent", self.env._("%(share)s answered")),
        ):
            counts = [(row["id"], row["counts"][hits], row["counts"][tries]) for row in rows]
            if not any(count[1] for count in counts):
                continue
            found = best(counts)
            if found is None:
                return None
            if found.is_sure:
                row = by_id[found.key]
                return {"name": row["name"], "of": words % {"share": row[hits]}}
            return {
                "missing": self.env._(
                    "Too early to tell: about %(count)s more messages are needed.",
                    count=self._count(found.missing),
                )
            }
        return None
