"""Walks a person's screens without a browser: asks the server what the web client asks.

A screen is a view of an action, or a record's form. Views, records, filters, *New*, and every
button that the person sees are asked for as that person; what a button did is taken back. What a
role may not do must not be offered to it, so rights missing for anything shown or pressed are
findings, and so is any error that is not a sentence for the person.

Rights only grow: who has another role's rights, too, looks at all screens of the menus, and tries
of their buttons and filters only those that were not tried in the other role.
"""

import contextlib

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .screens import Screen, evaluate, scope_of

RECORDS = 6  # of a list are looked at for buttons not seen yet
DEPTH = 4  # actions opened by a menu's screen, by the screens those open, and so on
# These do a night's work and commit it as they go; tests of their own run them.
WORKING = frozenset(
    ["optica_cobranca.menu_dunning_run_now", "optica_cobranca.menu_dunning_rating_now"]
)
LEFT_ALONE = frozenset(
    [
        # Odoo's own, on every contact who is blocked; refuses with a sentence of its own.
        ("res.partner", "mail_action_blacklist_remove"),
        ("res.partner", "phone_action_blacklist_remove"),
        # Makes a PDF out of PDFs, which Odoo does not make during tests.
        ("dunning.notice", "action_step_legal"),
    ]
)
SHOWN = ("list", "kanban", "form", "calendar", "pivot", "graph", "activity")


class Walk:
    """One person's walk. ``visited`` has a line for each screen, ``findings`` for each fault.

    :param tried: buttons and filters that need no second try; ``tried`` of walks before
    """

    def __init__(self, env, login, tried=()):
        self.env = env(user=env["res.users"].search([("login", "=", login)]))
        self.login = login
        self.visited = []
        self.findings = []
        self.refusals = []
        self.pressed = []
        self.opens = {}  # (model, button): what kind of action it returned
        self.tried = set()
        self._known = frozenset(tried)
        self._done = set()

    # ------------------------------------------------------------ walking

    def menus(self, roots):
        """Open each menu below these apps that the person sees."""
        menus = self.env["ir.ui.menu"].load_menus(False)
        waiting = [
            number for number in menus["root"]["children"] if menus[number]["xmlid"] in roots
        ]
        while waiting:
            menu = menus[waiting.pop(0)]
            waiting += menu["children"]
            if menu["action_id"] and menu["xmlid"] not in WORKING:
                self.action(menu["action_model"], menu["action_id"], menu["name"], 0)

    def action(self, model, number, where, depth, context=None):
        """Open an action by its id."""
        with self._look(f"{where}: action"):
            if model == "ir.actions.server":
                found = self.env[model].browse(number).with_context(**(context or {})).run()
            else:
                found = self.env[model].sudo().browse(number)._get_action_dict()
            if found:
                self.open(found, where, depth, context)

    def open(self, action, where, depth, context=None):
        """Open what a menu or button returned."""
        if action.get("tag") == "optica_cobranca.dialog_over":
            action = self.env["ir.actions.actions"]._for_xml_id(action["params"]["dialog"])
        kind = action.get("type")
        if kind != "ir.actions.act_window":
            self.visited.append(
                f"{where} → {kind} {action.get('tag') or action.get('report_name') or ''}"
            )
            return
        key = (
            action.get("res_model"),
            str(action.get("views")),
            str(action.get("domain")),
            str(action.get("context")),
            bool(action.get("res_id")),
            action.get("target"),
        )
        if key in self._done:
            return
        self._done.add(key)
        scope = scope_of(self.env, dict(context or {}))
        given = evaluate(action.get("context") or {}, {**scope, **(context or {})}) or {}
        records = self.env[action["res_model"]].with_context(
            **{
                name: value
                for name, value in {**(context or {}), **given}.items()
                if not name.startswith("search_")
            }
        )
        domain = evaluate(action.get("domain") or [], scope) or []
        views = action.get("views") or [(False, view) for view in action["view_mode"].split(",")]
        search = action.get("search_view_id") or False
        search = search[0] if isinstance(search, (tuple, list)) else search
        answer = None
        with self._look(f"{where}: views of {records._name}"):
            wanted = [(number, view) for number, view in views if view != "search"]
            answer = records.get_views(
                [*wanted, (search, "search")], {"action_id": action.get("id"), "load_filters": True}
            )
        if answer is None:
            return
        for _number, view in wanted:
            if view in SHOWN:
                screen = Screen(records.env, records._name, view, answer)
                self._show(screen, records, domain, action, where, depth)
        self._filters(Screen(records.env, records._name, "search", answer), records, domain, where)
        if not any(view == "form" for _number, view in wanted) and action.get("res_id"):
            self.findings.append(f"{where}: no form for {records._name}")

    def _show(self, screen, records, domain, action, where, depth):
        self.visited.append(f"{where} → {records._name} {screen.kind}")
        if screen.kind == "form":
            self._form(screen, records, domain, action, where, depth)
        elif screen.kind in {"list", "kanban", "calendar", "activity"}:
            with self._look(f"{where}: {screen.kind} of {records._name}"):
                records.web_search_read(domain, screen.specification(), limit=40, count_limit=10001)
        else:
            self._figures(screen, records, domain, where)

    def _figures(self, screen, records, domain, where):
        groups, sums = [], []
        for node in screen.node.iter("field"):
            known = screen.models[records._name][node.get("name")]
            if node.get("type") == "measure":
                sums.append(f"{node.get('name')}:{known.get('aggregator') or 'sum'}")
            elif known.get("groupable"):
                groups.append(grouping(known, node.get("name"), node.get("interval")))
        with self._look(f"{where}: {screen.kind} of {records._name}"):
            records.formatted_read_group(domain, groups, [*sums, "__count"])

    def _filters(self, screen, records, domain, where):
        scope = scope_of(records.env, {})
        for node in screen.node.iter("filter"):
            label = f"{where}: filter {node.get('name')} of {records._name}"
            if self._was_tried(records, node, node.get("domain")):
                continue
            if node.get("domain"):
                with self._look(label):
                    records.search_count([*domain, *evaluate(node.get("domain"), scope)], limit=1)
            context = node.get("context") or ""
            if "group_by" in context:
                with self._look(label):
                    by = evaluate(context, scope)["group_by"]
                    by = by if isinstance(by, str) else by[0]
                    known = screen.models[records._name][by.partition(":")[0]]
                    if known["type"] != "properties":
                        by = by if ":" in by else grouping(known, by)
                        records.web_read_group(domain, [by], [], limit=5)

    # ------------------------------------------------------------ forms

    def _form(self, screen, records, domain, action, where, depth):
        specification = screen.specification()
        found = []
        number = action.get("res_id")
        with self._look(f"{where}: form of {records._name}"):
            shown = records.browse(number)
            if not number and action.get("target") != "new":
                shown = records.search(domain, limit=RECORDS)
            found = self._read(shown, specification, f"{where}: form of {records._name}")
        if screen.offers_new() and not number:
            with self._look(f"{where}: New {records._name}"):
                records.onchange({}, [], specification)
            if action.get("target") == "new":
                self._dialog(screen, records, specification, where, depth)
        self._press_all(screen, records, found, where, depth)

    def _dialog(self, screen, records, specification, where, depth):
        """Press a dialog's buttons; one that wants something typed first is left at that."""
        with self._look(f"{where}: dialog {records._name}"), mute_logger("odoo.sql_db"):
            found = records.create({}).web_read(specification)
            self._press_all(screen, records, found, where, depth)

    def _press_all(self, screen, records, found, where, depth):
        for values in found:
            for node in screen.buttons(values):
                self._press(node, records, values, where, depth)

    def _read(self, records, specification, what):
        """What the form shows; each field that may not be read is a finding."""
        try:
            return records.web_read(specification)
        except AccessError:
            for name, inner in specification.items():
                with self._look(f"{what}: {name}"):
                    records.web_read({name: inner})
            return []

    def _press(self, node, records, values, where, depth):
        name, number = node.get("name"), values.get("id")
        key = (records._name, name, node.get("context"), depth < DEPTH)
        if key in self._done or not number or key[:2] in LEFT_ALONE:
            return
        self._done.add(key)
        if self._was_tried(records, node):
            return
        self.pressed.append(f"{where}: {records._name} {name}")
        scope = scope_of(records.env, values)
        active = {"active_model": records._name, "active_id": number, "active_ids": [number]}
        with self._look(f"{where}: button {name} of {records._name}"):
            context = {**(evaluate(node.get("context"), scope) or {}), **active}
            record = records.browse(number).with_context(**context)
            if node.get("type") == "action":
                self.action_by_name(name, where, depth, {**active, **context})
                return
            answer = getattr(record, name)()
            if isinstance(answer, dict) and depth < DEPTH:
                self.opens[key[:2]] = answer.get("type")
                self.open(answer, f"{where} / {name}", depth + 1, active)

    def action_by_name(self, name, where, depth, context):
        """Open the action of a button, which has its number or its name."""
        if depth < DEPTH:
            actions = self.env["ir.actions.actions"].sudo()
            found = actions.browse(int(name)) if name.isdecimal() else self.env.ref(name).sudo()
            self.action(found.type, found.id, f"{where} / {name}", depth + 1, context)

    # ------------------------------------------------------------ looking

    def _was_tried(self, records, node, *what):
        """Whether another role's walk tried this; remembers that this one does."""
        key = (records._name, node.tag, node.get("name"), node.get("context"), *what)
        self.tried.add(key)
        return key in self._known

    @contextlib.contextmanager
    def _look(self, what):
        """Take back what happens within; a refusal of rights and a crash are findings."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
            self.env.flush_all()
        except AccessError as error:
            self.findings.append(f"{what}: {' '.join(str(error).split())[:300]}")
        except (UserError, IntegrityError) as error:
            self.refusals.append(f"{what}: {str(error).strip()[:200]}")
        except Exception as error:
            self.findings.append(
                f"{what}: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
            )
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)


def grouping(known, name, interval=None):
    """How the web client groups by a field: dates by month when nothing else is said."""
    if known["type"] in {"date", "datetime"}:
        return f"{name}:{interval or 'month'}"
    return name
