from odoo import api, fields, models

from ...clients.base import ClientError
from ...domain.messaging.template_shape import shape_of
from ...tools.shop.notification import outcome

STATUSES = [
    ("approved", "Approved"),
    ("flagged", "Flagged: will be stopped"),
    ("pending", "In review"),
    ("rejected", "Rejected"),
    ("paused", "Paused"),
    ("disabled", "Disabled"),
    ("limit_exceeded", "Too many templates"),
    ("deleted", "Deleted"),
    ("other", "Other"),
]
# Meta sends these: a flagged one still leaves, until customers' complaints stop it.
SENDABLE = ("approved", "flagged")
# Meta's words that mean one of the above.
STATUS_OF_WORD = {
    "APPROVED": "approved",
    "REINSTATED": "approved",
    "UNARCHIVED": "approved",
    "FLAGGED": "flagged",
    "LIMIT_EXCEEDED": "limit_exceeded",
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "REJECTED": "rejected",
    "PAUSED": "paused",
    "LOCKED": "paused",
    "DISABLED": "disabled",
    "ARCHIVED": "disabled",
    "DELETED": "deleted",
    "PENDING_DELETION": "deleted",
}
CATEGORY_OF_WORD = {
    "UTILITY": "utility",
    "MARKETING": "marketing",
    "AUTHENTICATION": "authentication",
}
QUALITIES = [("green", "High"), ("yellow", "Medium"), ("red", "Low")]


class ContactGatewayTemplate(models.Model):
    """A WhatsApp template as Meta has it: a copy that only the synchronisation writes."""

    _name = "contact.gateway.template"
    _description = "WhatsApp Template at Meta"
    _order = "gateway_id, name, language, id"

    gateway_id = fields.Many2one(
        "contact.gateway", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    language = fields.Char(required=True, readonly=True)
    remote_id = fields.Char("Meta's ID", readonly=True)
    status = fields.Selection(
        STATUSES,
        required=True,
        readonly=True,
        help="Only approved templates are sent, and flagged ones as long as Meta lets them.",
    )
    category = fields.Selection(
        [
            ("utility", "Utility"),
            ("marketing", "Marketing"),
            ("authentication", "Authentication"),
        ],
        readonly=True,
        help="What Meta charges for: a marketing message costs several times a utility one.",
    )
    quality = fields.Selection(
        QUALITIES, readonly=True, help="What customers' blocks and complaints say about it."
    )
    rejected_reason = fields.Char("Reason", readonly=True, help="In Meta's own words.")
    parameter_format = fields.Char(readonly=True)
    components = fields.Json(readonly=True)
    body = fields.Text("Text", compute="_compute_texts", store=True)
    header = fields.Char(compute="_compute_texts", store=True)
    parameter_count = fields.Integer("Variables", compute="_compute_texts", store=True)
    seen_at = fields.Datetime("Last seen", readonly=True)
    # Since when we know it so: news from before say nothing.
    status_at = fields.Datetime(readonly=True)
    category_at = fields.Datetime(readonly=True)
    quality_at = fields.Datetime(readonly=True)

    _once = models.Constraint(
        "UNIQUE(gateway_id, name, language)", "A gateway has each template once in a language."
    )

    # ------------------------------------------------------------- compute

    @api.depends("components", "parameter_format")
    def _compute_texts(self):
        for template in self:
            parts = template.components or []
            texts = {str(part.get("type", "")).upper(): part for part in parts}
            shape = template._shape()
            template.body = texts.get("BODY", {}).get("text") or False
            template.header = shape.header or False
            template.parameter_count = len(shape.body)

    @api.depends("name", "language", "status")
    def _compute_display_name(self):
        for template in self:
            template.display_name = f"{template.name} ({template.language})"

    # ------------------------------------------------------------ business

    def _shape(self):
        """What has to be filled in, as domain object."""
        self.ensure_one()
        return shape_of(self.components or [], self.parameter_format or "")

    def _header_text(self):
        """The text of a text header, with its variable; empty when there is none."""
        parts = (self.components or []) if self else []
        headers = [part for part in parts if str(part.get("type", "")).upper() == "HEADER"]
        return str(headers[0].get("text") or "") if headers else ""

    @api.model
    def _take_over(self, gateway, remotes):
        """Make the copies of a gateway equal to what Meta lists.

        :param remotes: all :class:`RemoteTemplate` of the account
        :return: number of templates
        """
        known = {
            (template.name, template.language): template
            for template in self.with_context(active_test=False).search(
                [("gateway_id", "=", gateway.id)]
            )
        }
        now = fields.Datetime.now()
        new = []
        for remote in {(item.name, item.language): item for item in remotes}.values():
            known_at = dict.fromkeys(("seen_at", "status_at", "category_at", "quality_at"), now)
            values = {**self._values_of(remote), **known_at, "active": True}
            template = known.pop((remote.name, remote.language), None)
            if template:
                template._change(values)
            else:
                new.append({**values, "gateway_id": gateway.id})
        self.create(new)
        gone = self.browse().concat(*known.values()).filtered("active")
        gone.write({"active": False, "status": "deleted"})
        return len(remotes)

    def _change(self, values):
        """Write what is different; a template that became dearer is told to the managers."""
        self.ensure_one()
        changed = {name: value for name, value in values.items() if self[name] != value}
        dearer = changed.get("category") == "marketing" and self.category == "utility"
        was = self.status
        self.write(changed)
        if dearer:
            self._tell_dearer()
        if was in SENDABLE and self.status not in (*SENDABLE, "deleted", "other"):
            self._tell_stopped()
        elif was == "approved" and self.status == "flagged":
            self._tell_flagged()

    def _heed(self, news, at):
        """Apply news of a webhook to these templates; older ones than what is known say nothing.

        :param news: a :class:`TemplateNews`
        :param at: when Meta told it, naive UTC
        """
        for template in self:
            values = {}
            if news.status and is_newer(at, template.status_at):
                values["status"] = STATUS_OF_WORD.get(news.status, "other")
                values["rejected_reason"] = news.reason or False
                values["status_at"] = at
            is_news_of_category = is_newer(at, template.category_at)
            if news.category in CATEGORY_OF_WORD and is_news_of_category:
                values["category"] = CATEGORY_OF_WORD[news.category]
                values["category_at"] = at
            if news.quality and is_newer(at, template.quality_at):
                values["quality"] = _quality(news.quality)
                values["quality_at"] = at
            template._change(values)
            if CATEGORY_OF_WORD.get(news.coming_category) == "marketing" and is_news_of_category:
                template._tell_dearer(coming=True)

    # ------------------------------------------------------------- helpers

    @api.model
    def _values_of(self, remote):
        return {
            "name": remote.name,
            "language": remote.language,
            "remote_id": remote.id or False,
            "status": STATUS_OF_WORD.get(remote.status, "other"),
            "category": CATEGORY_OF_WORD.get(remote.category, False),
            "quality": _quality(remote.quality),
            "rejected_reason": remote.rejected_reason or False,
            "parameter_format": remote.parameter_format,
            "components": [dict(part) for part in remote.components],
        }

    def _tell_dearer(self, coming=False):
        sentence = (
            self.env._(
                "Meta will treat the template %(template)s as marketing: each message will cost "
                "several times as much, and customers can refuse it. Take offers out of its text "
                "or ask Meta for a review.",
                template=self.display_name,
            )
            if coming
            else self.env._(
                "Meta treats the template %(template)s as marketing now: each message costs "
                "several times as much, and customers can refuse it. Take offers out of its text "
                "or ask Meta for a review.",
                template=self.display_name,
            )
        )
        self.gateway_id._alert_managers(
            self.env._("Dearer template: %s", self.display_name), sentence
        )

    def _tell_flagged(self):
        self.gateway_id._alert_managers(
            self.env._("Template flagged: %s", self.display_name),
            self.env._(
                "Customers complain about %(template)s: Meta still sends it and will stop it if "
                "that goes on. Send it less, or put a friendlier one in its place.",
                template=self.display_name,
            ),
        )

    def _tell_stopped(self):
        self.gateway_id._alert_managers(
            self.env._("Template stopped: %s", self.display_name),
            self.env._(
                "Meta does not send %(template)s any more (%(status)s %(reason)s). Messages that "
                "use it go by the next channel, or not at all, until it is approved again.",
                template=self.display_name,
                status=dict(self._fields["status"]._description_selection(self.env))[self.status],
                reason=self.rejected_reason or "",
            ),
        )


class ContactGateway(models.Model):
    """The list of templates of an account, brought up to date."""

    _inherit = "contact.gateway"

    template_ids = fields.One2many(
        "contact.gateway.template", "gateway_id", string="Templates at Meta", readonly=True
    )
    template_count = fields.Integer(compute="_compute_template_count")
    templates_synced_at = fields.Datetime("Templates Updated", readonly=True, copy=False)

    @api.depends("template_ids")
    def _compute_template_count(self):
        counts = dict(
            self.env["contact.gateway.template"]._read_group(
                [("gateway_id", "in", self.ids)], ["gateway_id"], ["__count"]
            )
        )
        for gateway in self:
            gateway.template_count = counts.get(gateway, 0)

    # ------------------------------------------------------------- actions

    def action_sync_templates(self):
        """Ask Meta for the account's templates now."""
        self.ensure_one()
        self._check_role("manager")
        ok, sentence = self._sync_templates()
        return outcome(
            ok,
            self.env._("Templates updated") if ok else self.env._("Templates not updated"),
            sentence,
        )

    def action_view_templates(self):
        """The account's templates."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "optica_cobranca.action_contact_gateway_template"
        )
        return {**action, "domain": [("gateway_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------ business

    def _sync_templates(self):
        """Make our copies of the templates equal to Meta's; all or nothing.

        :return: tuple (done, sentence in plain words)
        """
        self.ensure_one()
        if not self.business_account_id:
            return False, self.env._(
                "Fill in the WhatsApp Business Account ID: Meta shows it beside the phone number "
                "ID."
            )
        try:
            with self._client_factory()() as client:
                listing = client.templates(self.business_account_id.strip())
        except ClientError as error:
            return False, self._client_error_text(error)
        if not listing.ok:
            return False, self._failure_text(listing.failure, listing.code, listing.detail)
        # The copies belong to nobody: users only read them.
        copies = self.env["contact.gateway.template"].sudo()
        count = copies._take_over(self, listing.templates)
        self.sudo().templates_synced_at = fields.Datetime.now()
        approved = copies.search_count([("gateway_id", "=", self.id), ("status", "in", SENDABLE)])
        return True, self.env._(
            "Templates: %(count)s, approved: %(approved)s.", count=count, approved=approved
        )

    def _twin_of(self, template):
        """The approved template of this account by which a ``contact.template`` goes, or none."""
        self.ensure_one()
        return self.env["contact.gateway.template"].search(
            [
                ("gateway_id", "=", self.id),
                ("name", "=", template.whatsapp_template_name),
                ("language", "=", template.whatsapp_language or "pt_BR"),
                ("status", "in", SENDABLE),
            ],
            limit=1,
        )


def is_newer(told_at, known_at):
    """Whether news tell more than what is known: both instants naive UTC, False for never."""
    return not known_at or told_at >= known_at


def _quality(word):
    return word.lower() if word in ("GREEN", "YELLOW", "RED") else False
