from datetime import time

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, formatLang

from ...domain.shop import clock
from ...domain.worklist.priority import priority
from ...tools.ladder.dunning_query import REASON_OF_RANK
from ...tools.worklist import dunning_work_query as query
from ...tools.worklist.dunning_work_query import STATUSES, WorkRules

PAGE = 40
# How many customers are tried before the list counts as worked by colleagues.
TRIES = 200
BANDS = {
    "1-15": (1, 15),
    "16-30": (16, 30),
    "31-60": (31, 60),
    "61-90": (61, 90),
    "90+": (91, None),
}
SEARCH_LIMIT = 500


class DunningWork(models.AbstractModel):
    """The work list: customers to contact today, ranked; nothing of it is stored.

    Everything public here is called by the screen (``static/src/work_list``) and checks that the
    caller collects; what it reads is of the companies that the caller has chosen.

    Filters are a dict, every key optional: ``status`` (see ``STATUSES``), ``share`` ("mine",
    "pool": nobody's, "all"), ``band`` (days late), ``rating`` (A-E or "none"), ``min_amount``,
    ``search`` (name, CPF/CNPJ, telephone, contract).
    """

    _name = "dunning.work"
    _description = "Work List"

    # ------------------------------------------------------------- screen

    @api.model
    def start(self):
        """What the screen needs once: how work is shared here, and the choices of the filters.

        ``unpaid``: the customer whom the cashier was opened for and who paid nothing, or None.
        """
        self._check_role("collector")
        own = self.env.company.dunning_work_share == "own"
        return {
            "share": "mine" if own else "all",
            "bands": list(BANDS),
            "companies": len(self.env.companies),
            "user_id": self.env.uid,
            "unpaid": self._drop_unpaid(),
        }

    @api.model
    def load(self, filters, offset=0):
        """One page of the list, the counts of the whole of it, and how far the day is.

        :return: ``rows``, ``counts`` (status -> customers), ``amount`` (of those to call), ``day``
        """
        self._check_role("collector")
        status = filters.get("status")
        status = status if status in STATUSES else "todo"
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            query.page(self._work_rules(filters), status, PAGE, int(offset))
        )
        counts = rows[0]["counts"] or {}
        found = [row for row in rows if row["partner_id"]]
        total = sum(amount for status_, (_n, amount) in counts.items() if status_ == "todo")
        return {
            "rows": self._as_shown(found),
            "counts": {status_: counts.get(status_, [0])[0] for status_ in STATUSES},
            "amount": self._money(total),
            "day": self._day(),
        }

    @api.model
    def take_next(self, filters, skipped=()):
        """Open the first customer whom nobody works on; None when there is none.

        :param skipped: customers just left; the list goes on after them, and with them again when
            nobody else is left
        :return: the card, see :meth:`take`
        """
        self._check_role("collector")
        self.env.flush_all()
        rules = self._work_rules({**filters, "status": "todo"})
        now = fields.Datetime.now()
        for partner_id, company_id in self._after(rules, skipped):
            if self.env["dunning.work.lock"]._take(partner_id, now):
                return self._opened(partner_id, company_id)
        return None

    @api.model
    def _after(self, rules, skipped):
        """Candidates in their order, from the one after those skipped on."""
        found = self.env.execute_query(query.candidates(rules, TRIES))
        last = max((i for i, (partner, _c) in enumerate(found) if partner in skipped), default=-1)
        return [*found[last + 1 :], *found[: last + 1]]

    @api.model
    def take(self, partner_id, company_id):
        """Open a chosen customer.

        :return: the card; ``locked_by`` names the colleague when somebody else works on it, and
            the card is then for reading
        """
        self._check_role("collector")
        self._allowed_company(company_id)
        now = fields.Datetime.now()
        lock = self.env["dunning.work.lock"]
        if lock._take(partner_id, now):
            return self._opened(partner_id, company_id)
        holder = lock._holder(partner_id, now)
        name = self.env["res.users"].sudo().browse(holder[0]).name if holder else ""
        locked_by = name or self.env._("A colleague")
        return {**self._card(partner_id, company_id), "locked_by": locked_by}

    @api.model
    def reopen(self, partner_id, company_id):
        """Open again the customer whom the address of the page names, see :meth:`take`.

        :return: None when there is no such customer any more; an address may be old
        """
        self._check_role("collector")
        partner = self.env["res.partner"].search([("id", "=", partner_id)])
        if not partner:
            return None
        known = company_id in self.env.companies.ids
        return self.take(partner.id, company_id if known else self.env.company.id)

    @api.model
    def release(self, partner_id):
        """Leave the customer to others."""
        self._check_role("collector")
        self.env["dunning.work.lock"]._release(partner_id)

    @api.model
    def renew(self, partner_id):
        """Still working on it.

        :return: False when a colleague has taken it meanwhile
        """
        self._check_role("collector")
        return self.env["dunning.work.lock"]._take(partner_id, fields.Datetime.now())

    # -------------------------------------------------------------- rules

    @api.model
    def _work_rules(self, filters, companies=None, lines=None):
        """The filters as parameters of the query; of ``companies``, else of those chosen."""
        today = fields.Date.context_today(self)
        evaluation = self.env["dunning.evaluation"].sudo()
        return WorkRules(
            user_id=self.env.uid,
            today=today,
            now=fields.Datetime.now(),
            day_start=self._day_start(today),
            holds={
                company.id: evaluation._hold_queries(company, today)
                for company in companies or self.env.companies
            },
            ratings=self._ratings(),
            lines=lines or SQL("TRUE"),
            customers=self._customers(filters),
            conditions=self._conditions(filters),
        )

    @api.model
    def _ratings(self):
        """The current behaviour ratings: rows company_id, partner_id, letter."""
        return SQL("SELECT company_id, partner_id, letter FROM dunning_rating WHERE current")

    @api.model
    def _day_start(self, today):
        """When the reader's day began, naive UTC."""
        return self._instant(today, time())

    @api.model
    def _instant(self, day, hour):
        """That day at that time of the reader's, naive UTC."""
        return clock.stored(clock.at(day, hour, str(self.env.tz)))

    @api.model
    def _customers(self, filters):
        """Conditions on the customer (``p``) and the company (``c``)."""
        conditions = [SQL("TRUE")]
        share = filters.get("share")
        if share == "mine":
            conditions.append(SQL("COALESCE(p.user_id, c.dunning_user_id) = %s", self.env.uid))
        elif share == "pool":
            conditions.append(
                SQL(
                    "NOT COALESCE(COALESCE(p.user_id, c.dunning_user_id) = ANY(%s), FALSE)",
                    self._collector_ids(),
                )
            )
        if search := (filters.get("search") or "").strip():
            domain = [("display_name", "ilike", search)]
            found = self.env["res.partner"].search(domain, limit=SEARCH_LIMIT)
            conditions.append(SQL("p.id = ANY(%s)", found.commercial_partner_id.ids))
        return SQL(" AND ").join(conditions)

    @api.model
    def _conditions(self, filters):
        """Conditions on what was worked out for the customer."""
        conditions = []
        first, last = BANDS.get(filters.get("band"), (None, None))
        if first:
            conditions.append(SQL("days >= %s", first))
        if last:
            conditions.append(SQL("days <= %s", last))
        rating = filters.get("rating")
        if rating == "none":
            conditions.append(SQL("letter IS NULL"))
        elif rating:
            conditions.append(SQL("letter = %s", str(rating)))
        if minimum := float(filters.get("min_amount") or 0):
            conditions.append(SQL("amount >= %s", minimum))
        return conditions

    @api.model
    def _collector_ids(self):
        """Users who can open the work list. With sudo: groups are not the collector's to read."""
        group = self.env.ref("optica_cobranca.group_collector").sudo()
        return group.all_user_ids.ids

    # -------------------------------------------------------------- shown

    @api.model
    def _as_shown(self, rows):
        """Rows of the query as the screen shows them."""
        users = (
            self.env["res.users"]
            .sudo()
            .browse({row[key] for row in rows for key in ("user_id", "locked_by") if row[key]})
        )
        names = {user.id: user.name for user in users}
        companies = {company.id: company for company in self.env.companies}
        return [
            {
                "key": f"{row['company_id']}-{row['partner_id']}",
                "partner_id": row["partner_id"],
                "company_id": row["company_id"],
                "company": companies[row["company_id"]].name,
                "name": row["name"],
                "lines": int(row["lines"]),
                "days": row["days"],
                "rating": row["letter"] or "",
                "amount": self._money(row["amount"], companies[row["company_id"]]),
                "points": formatLang(self.env, row["points"], digits=0),
                "formula": self._formula(row),
                "callback": bool(row["callback"]),
                "call_again": self._moment(row["call_again_at"]),
                "hold": self._hold_label(row["hold"]),
                "responsible": names.get(row["user_id"], ""),
                "locked_by": names.get(row["locked_by"], ""),
                "locked_by_me": row["locked_by"] == self.env.uid,
            }
            for row in rows
        ]

    @api.model
    def _formula(self, row):
        """How the points came about, in figures."""
        rank = priority(row["amount"], row["letter"], row["days"])
        days = self.env._("1 day") if rank.days == 1 else self.env._("%s days", rank.days)
        return self.env._(
            "%(amount)s late × %(weight)s (rating %(rating)s) × %(days)s = %(points)s points",
            amount=self._money(rank.amount, self.env["res.company"].browse(row["company_id"])),
            weight=formatLang(self.env, float(rank.weight), digits=1),
            rating=row["letter"] or "–",
            days=days,
            points=formatLang(self.env, rank.points, digits=0),
        )

    @api.model
    def _hold_label(self, rank):
        if rank is None:
            return ""
        labels = self.env["dunning.hold"]._hold_reason_labels()
        return labels.get(REASON_OF_RANK[rank], "")

    @api.model
    def _money(self, amount, company=None):
        currency = (company or self.env.company).currency_id
        return currency._text(amount)

    # ------------------------------------------------------------- helpers

    @api.model
    def _allowed_company(self, company_id):
        """The company, if the caller has chosen it.

        :raise AccessError: otherwise
        """
        company = self.env.companies.filtered(lambda company: company.id == company_id)
        if not company:
            raise AccessError(self.env._("This customer owes to a company you have not chosen."))
        return company
