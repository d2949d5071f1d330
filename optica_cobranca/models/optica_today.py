from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from .optica_occurrence_todo import MAX_AT_ONCE

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
            ``can_work``, ``done`` (handled today) and ``todo`` (of the kinds)
        """
        self._check_access()
        today = fields.Date.context_today(self)
        kinds = self._kinds(today, mine)
        return {
            "date": format_date(self.env, today, date_format="full"),
            "name": (self.env.user.name or "").split(" ")[0],
            "part": self._part_of_day(),
            "kinds": kinds,
            "tasks": self._tasks(),
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
    def open_done(self):
        """The list of what was handled today."""
        self._check_access()
        action = self._action("action_optica_occurrence_mark")
        return {**action, "context": {"search_default_counting": 1, "search_default_today": 1}}

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

    # --------------------------------------------------------------- kinds

    @api.model
    def _kinds(self, today, mine):
        """A card for each kind that is shown: ``count``, ``late``, ``amount``, ``done``."""
        settings = self.env["optica.occurrence.type"]._settings()
        counted = self._count(settings, today, mine)
        done = self._done_by_kind(today)
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
    def _done_by_kind(self, today):
        start = self.env["dunning.work"]._day_start(today)
        groups = self.env["optica.occurrence.mark"]._read_group(
            [("handled_at", ">=", start), ("undone_at", "=", False)], ["kind"], ["__count"]
        )
        return dict(groups)

    @api.model
    def _kinds_with_message(self):
        """With sudo: sellers send what the shop has chosen without the right to templates."""
        kinds = self.env["optica.occurrence.type"].sudo().search([("template_id", "!=", False)])
        return set(kinds.mapped("kind"))

    # --------------------------------------------------------------- tasks

    @api.model
    def _tasks(self):
        """What else waits for somebody with the reader's rights, as counted tiles."""
        tasks = [
            self._task("inbox", "contact.thread", [("unread_count", ">", 0)]),
        ]
        if self._is("collector"):
            messages = self.env["contact.message"]
            tasks += [
                self._task("by_hand", messages._name, messages._by_hand_domain()),
                self._task("uncertain", messages._name, [("state", "=", "uncertain")]),
                self._task("letters", "dunning.letter", [("state", "=", "to_print")]),
                self._task("removals", "dunning.bureau.case", [("state", "=", "removal_due")]),
            ]
        if self._is("manager"):
            tasks.append(self._task("approvals", "dunning.notice", [("state", "=", "waiting")]))
        return [task for task in tasks if task["count"]]

    @api.model
    def _task(self, key, model, domain):
        return {"key": key, "count": self.env[model].search_count(domain)}

    @api.model
    def open_task(self, key):
        """The page where a task is done."""
        self._check_access()
        actions = {
            "inbox": lambda: self._action("action_contact_inbox"),
            "by_hand": lambda: self._action("action_by_hand_queue"),
            "uncertain": lambda: {
                **self._action("action_contact_message"),
                "domain": [("state", "=", "uncertain")],
                "context": {},
            },
            "letters": lambda: {
                **self._action("action_dunning_letter"),
                "domain": [("state", "=", "to_print")],
                "context": {},
            },
            "removals": lambda: {
                **self._action("action_dunning_bureau_case"),
                "domain": [("state", "=", "removal_due")],
                "context": {},
            },
            "approvals": lambda: self._action("action_dunning_notice_waiting"),
            "work": lambda: self._action("action_dunning_work"),
            "calendar": lambda: self._action("action_optica_occurrence"),
        }
        if key not in actions:
            raise UserError(self.env._("This page does not exist."))
        return actions[key]()

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
        return formatLang(self.env, amount, currency_obj=currency)

    @api.model
    def _part_of_day(self):
        hour = fields.Datetime.context_timestamp(self, fields.Datetime.now()).hour
        noon, evening = GREETING_HOURS
        return "morning" if hour < noon else "afternoon" if hour < evening else "evening"
