"""What a view asks the server for and what a person sees in it, as the web client does it."""

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo import fields
from odoo.tools.safe_eval import datetime, safe_eval, time

COUNTED = frozenset(["list", "kanban", "calendar", "activity"])


class Screen:
    """One view of one model, as ``get_views`` hands it to the web client."""

    def __init__(self, env, model, kind, answer):
        self.env = env
        self.model = model
        self.kind = kind
        self.node = etree.fromstring(answer["views"][kind]["arch"])
        self.models = {name: data["fields"] for name, data in answer["models"].items()}

    def specification(self, node=None, model=None):
        """What ``web_read`` is asked for: each field shown, lists of other records with theirs."""
        node = self.node if node is None else node
        model = model or self.model
        wanted = {}
        for child in fields_of(node):
            name = child.get("name")
            known = self.models.get(model, {}).get(name)
            if known is None or (known["type"] == "properties"):
                continue
            wanted[name] = self._of_field(child, known)
        return wanted

    def _of_field(self, node, known):
        if known["type"] in {"many2one", "reference", "many2one_reference"}:
            return {"fields": {"display_name": {}}} if known["type"] != "many2one_reference" else {}
        if known["type"] not in {"one2many", "many2many"}:
            return {}
        inner = next((view for view in node if view.tag in {"list", "kanban", "form"}), None)
        if inner is not None:
            return {"fields": self.specification(inner, known["relation"])}
        return {"fields": {"display_name": {}}} if node.get("widget") else {}

    def buttons(self, values):
        """The buttons of this form that a person sees on a record with these values."""
        scope = scope_of(self.env, values)
        for node in self.node.iter("button", "a"):
            if node.get("type") not in {"object", "action"} or node.get("special"):
                continue
            if any(parent.tag == "field" for parent in node.iterancestors()):
                continue
            chain = [node, *node.iterancestors()]
            if not any(truth(part.get("invisible"), scope) for part in chain):
                yield node

    def offers_new(self):
        """Whether a person is shown *New*."""
        return self.node.get("create") not in {"0", "false"} and self.env[self.model].has_access(
            "create"
        )


def fields_of(node):
    """The ``field`` nodes of a view, without those of the views inside of them."""
    for child in node.iterchildren(etree.Element):
        if child.tag == "field":
            yield child
        else:
            yield from fields_of(child)


def scope_of(env, values):
    """The names that a condition of a view may use."""
    flat = {
        name: value["id"] if isinstance(value, dict) and "id" in value else value
        for name, value in values.items()
    }
    return {
        "uid": env.uid,
        "True": True,
        "False": False,
        "context": dict(env.context),
        "context_today": lambda: fields.Date.context_today(env.user),
        "current_date": str(fields.Date.context_today(env.user)),
        "today": str(fields.Date.context_today(env.user)),
        "now": str(fields.Datetime.now()),
        "relativedelta": relativedelta,
        "datetime": datetime,
        "time": time,
        "allowed_company_ids": env.companies.ids,
        "active_id": flat.get("id"),
        "active_ids": [flat.get("id")],
        "id": flat.get("id"),
        **flat,
    }


def truth(condition, scope):
    """A condition of a view; what is not evaluable here (``parent.…``) hides nothing."""
    if not condition:
        return False
    if condition.lower() in {"1", "true"}:
        return True
    return bool(evaluate(condition, scope))


def evaluate(expression, scope):
    """The value of a Python expression of a view or action."""
    if not isinstance(expression, str):
        return expression
    return safe_eval(expression.strip(), dict(scope)) if expression.strip() else None
