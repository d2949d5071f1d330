from odoo import models
from odoo.tools import format_amount

COLOURS = {"friendly": "success", "cordial": "info", "firm": "warning", "final": "danger"}
# Steps that an action takes by code, as the ladders that come ready do.
STEP_ICONS = {
    "_step_letter(": "fa-print",
    "_step_bureau(": "fa-flag-o",
    "_step_agency(": "fa-share-square-o",
    "_step_phone(": "fa-phone",
}
ICONS = {
    "contact_message": "fa-commenting-o",
    "mail_post": "fa-envelope-o",
    "sms": "fa-mobile",
    "next_activity": "fa-check-square-o",
}


class DunningLevel(models.Model):
    """The ladder as a picture: its levels on a rail, as far apart as the days between them."""

    _inherit = "dunning.level"

    # ------------------------------------------------------------- helpers

    def _stops(self):
        """What the picture shows, in order of days; the due date is a stop of its own.

        :return: list of dicts: ``offset``, ``label`` (+10), ``name``, ``colour`` (of Bootstrap),
            ``marks`` [(icon, text)], ``steps`` (texts), ``gap`` (days to the next stop, at least
            1) and ``due`` (True for a due date without a level)
        """
        stops = [level._stop() for level in self.sorted("offset_days")]
        if stops and not any(stop["offset"] == 0 for stop in stops):
            due = {"offset": 0, "label": "0", "name": self.env._("Due date"), "due": True}
            stops.append({**due, "colour": "secondary", "marks": [], "steps": []})
            stops.sort(key=lambda stop: stop["offset"])
        following = [*stops[1:], *stops[-1:]]
        for stop, after in zip(stops, following, strict=True):
            stop["gap"] = max(after["offset"] - stop["offset"], 1)
        return stops

    def _stop(self):
        self.ensure_one()
        return {
            "offset": self.offset_days,
            "label": f"{self.offset_days:+d}" if self.offset_days else "0",
            "name": self.name or "",
            "colour": COLOURS.get(self.tone, "secondary"),
            "marks": [*self._action_marks(), *self._condition_marks()],
            "steps": self.step_ids.mapped("name"),
            "due": False,
        }

    def _action_marks(self):
        """(icon, text) of each action. With sudo: server actions are the managers' to read."""
        return [(action._ladder_icon(), action.name) for action in self.sudo().action_ids]

    def _condition_marks(self):
        marks = []
        if self.needs_approval:
            marks.append(("fa-lock", self.env._("Waits for a manager's approval")))
        if self.min_amount:
            amount = format_amount(self.env, self.min_amount, self.currency_id)
            marks.append(("fa-filter", self.env._("Only from %s", amount)))
        if self.only_delivered:
            marks.append(("fa-truck", self.env._("Only after delivery of the glasses")))
        return marks


class IrActionsServer(models.Model):
    """Tells a phone call from other activities."""

    _inherit = "ir.actions.server"

    def _ladder_icon(self):
        """The icon that tells what the action does."""
        if self._is_call():
            return "fa-phone"
        taken = (icon for step, icon in STEP_ICONS.items() if step in (self.code or ""))
        return next(taken if self.state == "code" else iter(()), ICONS.get(self.state, "fa-cog"))

    def _is_call(self):
        self.ensure_one()
        return self.state == "next_activity" and self.activity_type_id.category == "phonecall"
