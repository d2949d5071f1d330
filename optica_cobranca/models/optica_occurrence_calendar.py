from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

# So many records of one kind show by name in a view of the calendar; more become one chip a day.
NAMED = {"day": 60, "week": 100, "month": 200, "year": 0}


class OpticaOccurrence(models.Model):
    """What the calendar asks for: one call, whatever the number of occurrences in its range."""

    _inherit = "optica.occurrence"

    @api.model
    def load_calendar(self, domain, first, last, scale, names):
        """Occurrences from ``first`` to ``last`` that match ``domain``.

        A kind with few of them comes as records. Of one with many there is a count and a sum for
        each day: nobody reads three thousand names in a month, and PostgreSQL answers this from
        its indexes alone.

        :param scale: ``day``, ``week``, ``month`` or ``year``
        :param names: fields of the records, as for ``read``
        :return: ``records`` and ``days``: dicts of ``date``, ``kind``, ``color``, ``is_handled``,
            ``count``, ``amount`` (sum, None if the kind has none) and ``title``
        """
        within = Domain("date", ">=", first) & Domain("date", "<=", last) & Domain(domain)
        groups = self.env.execute_query(self._query_by_day(within))
        totals = {}
        for _day, kind, _is_handled, count, _amount in groups:
            totals[kind] = totals.get(kind, 0) + count
        limit = NAMED.get(scale, 0)
        named = [kind for kind, count in totals.items() if count <= limit]
        records = []
        if named:
            records = self.search_read(self._named_domain(within, named, first, last), names)
        return {
            "records": records,
            "days": self._as_chips([group for group in groups if group[1] not in named]),
        }

    @api.model
    def _query_by_day(self, domain):
        """Rows day, kind, handled or not, count, sum; through the reader's record rules."""
        return self._query_totals(domain, ["date", "kind", "is_handled"])

    @api.model
    def _as_chips(self, groups):
        settings = self.env["optica.occurrence.type"]._settings()
        labels = dict(self._fields["kind"]._description_selection(self.env))
        currency = self.env.companies.currency_id
        return [
            {
                "date": fields.Date.to_string(day),
                "kind": kind,
                "color": settings[kind].color,
                "is_handled": is_handled,
                "count": count,
                # Sums of several currencies say nothing.
                "amount": float(amount) if amount is not None and len(currency) == 1 else None,
                "title": " · ".join(
                    [
                        f"{count} × {labels[kind]}",
                        *(
                            [formatLang(self.env, amount, currency_obj=currency)]
                            if amount is not None and len(currency) == 1
                            else []
                        ),
                    ]
                ),
            }
            for day, kind, is_handled, count, amount in groups
        ]

    @api.model
    def action_open_day(self, kind, day, is_handled, domain=()):
        """The list of one kind on one day, as the calendar counted it.

        :param domain: what else the calendar was filtered by
        """
        labels = dict(self._fields["kind"]._description_selection(self.env))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "optica_cobranca.action_optica_occurrence_list"
        )
        shown = [("kind", "=", kind), ("date", "=", day), ("is_handled", "=", is_handled)]
        return {
            **action,
            "name": labels[kind],
            "domain": [*shown, *domain],
            "context": {},
        }
