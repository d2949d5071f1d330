from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .optica_occurrence_screen import MAX_AT_ONCE

MODULE = "optica_cobranca"
GREETING_HOURS = (12, 18)


class OpticaToday(models.AbstractModel):
    """The page of today: what is to do, counted; nothing of it is stored.

    Everything public here is called by the screen (``static/src/today``). It counts what the
    reader may see, in the companies that the reader has chosen.
    """

    _name = "optica.today"
    _description = "What Must Be Done Today"

    # ------------------------------------------------------------- screen

    @api.model
    def load(self, mine=False):
        """All that the screen shows.

        :param mine: only what the reader is responsible for
        :return: ``date``, ``name`` (first name), ``part`` (of the day), ``kinds``, ``tasks``,
            ``can_work``, ``done`` (handled today), ``todo`` (of the kinds) and ``missing``: what
            the shop has not set up yet, so that an empty page does not say that all is well
        """
        self._check_access()
        today = fields.Date.context_today(self)
        kinds = self._kinds(today, mine)
        return {
            "date": format_date(self.env, today, date_format="full"),
            "name": (self.env.user.name or "").split(" ")[0],
            "part": self._part_of_day(),
            "kinds": kinds,
            "tasks": self._tasks(mine),
            "missing": self._missing(),
            "can_work": self._is("collector"),
            "done": sum(kind["done"] for kind in kinds),
            "todo": sum(kind["count"] for kind in kinds),
        }

    @api.model
    def open_kind(self, kind, mine=False):
        """The list of what is to do of a kind."""
        self._check_access()
        domain = self._domain(kind, fields.Date.context_today(self), mine)
        return self._list(self._label(kind), domain)

    @api.model
    def open_done(self, mine=False):
        """The list of what was handled today."""
        self._check_access()
        action = self._action("action_optica_occurrence_mark")
        context = {"search_default_counting": 1, "search_default_today": 1}
        if mine:
            context["search_default_mine"] = 1
        return {**action, "context": context}

    @api.model
    def send_all(self, kind, mine=False):
        """Queue the message of a kind for all that is to do of it, and mark it as handled.

        :return: ``sent`` (messages queued) and ``left`` (to do after that)
        """
        self._check_access()
        occurrences = self.env["optica.occurrence"]
        domain = self._domain(kind, fields.Date.context_today(self), mine)
        found = occurrences.search(domain, limit=MAX_AT_ONCE)
        if not found:
            raise UserError(self.env._("Nothing is left to send: a colleague was faster."))
        messages = found._send_by_kind(author=self.env.user)
        return {"sent": len(messages), "left": occurrences.search_count(domain)}

    @api.model
    def missing(self, keys=None):
        """What the shop has not set up yet, for pages that would say that all is well.

        :param keys: which steps matter there (``gateway``, ``cash``, ``contract``); none: all
        :return: for each missing step ``key``, ``text`` and ``opens`` (the reader may set it up)
        """
        self._check_access()
        return [step for step in self._missing() if not keys or step["key"] in keys]

    # --------------------------------------------------------------- kinds

    @api.model
    def _kinds(self, today, mine):
        """A card for each kind that is shown: ``count``, ``late``, ``amount``, ``done``."""
        settings = self.env["optica.occurrence.type"]._settings()
        counted = self._count(settings, today, mine)
        done = self._done_by_kind(today, mine)
        templates = self._kinds_with_message()
        cards = []
        for kind, setting in settings.items():
            late, count, amount = counted.get(kind, (0, 0, None))
            cards.append(
                {
                    "kind": kind,
                    "label": self._label(kind),
                    "color": setting.color,
                    "count": count,
                    "late": late,
                    "amount": self._money(amount),
                    "done": done.get(kind, 0),
                    "can_send": kind in templates,
                    "most": MAX_AT_ONCE,
                }
            )
        return cards

    @api.model
    def _count(self, kinds, today, mine):
        """``{kind: (late, count, sum)}`` in one query."""
        rows = self.env.execute_query(self._query_by_kind(kinds, today, mine)) if kinds else []
        return {kind: tuple(figures) for kind, *figures in rows}

    @api.model
    def _query_by_kind(self, kinds, today, mine):
        """Rows kind, late, count, sum of what is to do; each kind is answered by its own index."""
        todo = Domain.OR(self._domain(kind, today, False) for kind in kinds)
        if mine:
            todo &= Domain("user_id", "=", self.env.uid)
        return self.env["optica.occurrence"]._query_totals(todo, ["kind"], before=today)

    @api.model
    def _domain(self, kind, today, mine):
        domain = self.env["optica.occurrence"]._todo_domain(kind, today)
        return domain & Domain("user_id", "=", self.env.uid) if mine else domain

    @api.model
    def _done_by_kind(self, today, mine):
        start = self.env["dunning.work"]._day_start(today)
        domain = Domain("handled_at", ">=", start) & Domain("undone_at", "=", False)
        if mine:
            domain &= Domain("user_id", "=", self.env.uid)
        groups = self.env["optica.occurrence.mark"]._read_group(domain, ["kind"], ["__count"])
        return dict(groups)

    @api.model
    def _kinds_with_message(self):
        """With sudo: sellers send what the shop has chosen without the right to templates."""
        kinds = self.env["optica.occurrence.type"].sudo().search([("template_id", "!=", False)])
        return set(kinds.mapped("kind"))

    # --------------------------------------------------------------- tasks

    @api.model
    def _tasks(self, mine=False):
        """What else waits for somebody with the reader's rights, as counted tiles."""
        keys = ["inbox"]
        if self._is("collector"):
            keys += ["by_hand", "uncertain", "letters", "removals"]
        if self._is("manager"):
            keys.append("approvals")
        counts = {}
        for key in keys:
            model, domain = self._task_domain(key, mine)
            counts[key] = self.env[model].search_count(domain)
        return [{"key": key, "count": count} for key, count in counts.items() if count]

    @api.model
    def _task_domain(self, key, mine):
        """:return: (model, domain of what waits); ``mine``: only what the reader answers for"""
        messages = self.env["contact.message"]
        model, domain = {
            "inbox": lambda: ("contact.thread", Domain("unread_count", ">", 0)),
            "by_hand": lambda: (messages._name, Domain(messages._by_hand_domain())),
            "uncertain": lambda: (messages._name, Domain("state", "=", "uncertain")),
            "letters": lambda: ("dunning.letter", Domain("state", "=", "to_print")),
            "removals": lambda: ("dunning.bureau.case", Domain("state", "=", "removal_due")),
            "approvals": lambda: ("dunning.notice", Domain("state", "=", "waiting")),
        }[key]()
        if mine:
            domain &= self._own_domain(by_customer=key != "inbox")
        return model, domain

    @api.model
    def _own_domain(self, by_customer):
        """Conversations are a person's own when assigned, all else by the customer's collector.

        As on the work list, who collects for the company answers for customers of nobody. With
        sudo: whether it is the reader, no more.
        """
        if not by_customer:
            return Domain("user_id", "=", self.env.uid)
        companies = self.env.companies.sudo().filtered(
            lambda company: company.dunning_user_id == self.env.user
        )
        nobodys = Domain("partner_id.user_id", "=", False)
        return Domain("partner_id.user_id", "=", self.env.uid) | (
            nobodys & Domain("company_id", "in", companies.ids)
        )

    @api.model
    def _missing(self):
        """What is not set up yet, as ``key``, ``text`` and whether the reader may open its page.

        With sudo: only whether there is one; sellers see no journals.
        """
        company = self.env.company
        ours = [("company_id", "=", company.id)]
        texts = {
            "gateway": self.env._("No message leaves: no gateway is switched on."),
            "cash": self.env._("No money can be received in cash: there is no cash journal."),
            "contract": self.env._(
                "No installment is registered: sell in installments or import your portfolio."
            ),
        }
        there = {
            "gateway": ("contact.gateway", [*ours, ("state", "!=", "disabled")]),
            "cash": ("account.journal", [*ours, ("type", "=", "cash")]),
            "contract": ("account.move.line", [*ours, ("crediario_plan_id", "!=", False)]),
        }
        return [
            {"key": key, "text": texts[key], "opens": self._is("manager") and key != "cash"}
            for key, (model, domain) in there.items()
            if not self.env[model].sudo().search_count(domain, limit=1)
        ]

    @api.model
    def open_task(self, key, mine=False):
        """The page where a task is done; ``mine``: with what was counted as the reader's."""
        self._check_access()
        lists = {
            "uncertain": "action_contact_message",
            "letters": "action_dunning_letter",
            "removals": "action_dunning_bureau_case",
        }
        pages = {
            "inbox": "action_contact_inbox",
            "by_hand": "action_by_hand_queue",
            "approvals": "action_dunning_notice_waiting",
            "gateway": "action_contact_gateway",
            "contract": "action_crediario_plan",
            "work": "action_dunning_work",
            "calendar": "action_optica_occurrence",
        }
        if mine:
            # The queue by hand takes whoever is next: one's own are a list.
            lists |= {
                "by_hand": "action_contact_message_by_hand",
                "approvals": "action_dunning_notice_waiting",
            }
        if key in lists:
            _model, domain = self._task_domain(key, mine)
            return {**self._action(lists[key]), "domain": list(domain), "context": {}}
        if key not in pages:
            raise UserError(self.env._("This page does not exist."))
        action = self._action(pages[key])
        if key == "inbox" and mine:
            action["params"] = {"share": "mine"}
        return action

    # ------------------------------------------------------------- helpers

    @api.model
    def _check_access(self):
        self.env["optica.occurrence"].check_access("read")

    @api.model
    def _is(self, group):
        return self.env.user.has_group(f"{MODULE}.group_{group}")

    @api.model
    def _action(self, name):
        return self.env["ir.actions.actions"]._for_xml_id(f"{MODULE}.{name}")

    @api.model
    def _list(self, name, domain):
        action = self._action("action_optica_occurrence_list")
        return {**action, "name": name, "domain": list(domain), "context": {}}

    @api.model
    def _label(self, kind):
        fields_ = self.env["optica.occurrence"]._fields
        return dict(fields_["kind"]._description_selection(self.env))[kind]

    @api.model
    def _money(self, amount):
        """Text in the reader's currency; None without an amount, or with several currencies."""
        currency = self.env.companies.currency_id
        if amount is None or len(currency) != 1:
            return None
        return currency._text(amount)

    @api.model
    def _part_of_day(self):
        hour = fields.Datetime.context_timestamp(self, fields.Datetime.now()).hour
        noon, evening = GREETING_HOURS
        return "morning" if hour < noon else "afternoon" if hour < evening else "evening"
