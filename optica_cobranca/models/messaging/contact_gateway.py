import logging
import secrets
from datetime import timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...domain.messaging.message_states import FailureClass
from ...domain.shop import phone
from ..shop.optica_secrets import Secret

_logger = logging.getLogger(__name__)
CHANNELS = [
    ("whatsapp", "WhatsApp"),
    ("sms", "SMS"),
    ("email", "E-mail"),
    ("voice", "Voice"),
    ("letter", "Letter"),
    ("instagram", "Instagram"),
]
# A refused token is not cured by waiting; looking again twice a day shows that nobody has acted.
PAUSES = {
    FailureClass.AUTH: timedelta(hours=12),
    FailureClass.PAUSE_SENDER: timedelta(hours=1),
}
# Managers type these and nobody reads them again.
SECRETS = ("access_token", "app_secret", "verify_token")
TYPED = {f"new_{name}": name for name in SECRETS}
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
# Storms in a row after which managers are told: until then it passes by itself.
TOLD_AFTER = 3


class ContactGateway(models.Model):
    """An account at a provider through which messages of one channel leave."""

    _name = "contact.gateway"
    _description = "Message Gateway"
    _inherit = ["optica.secrets", "mail.thread", "mail.activity.mixin"]
    _order = "company_id, channel, sequence, id"
    _secrets = SECRETS
    _secret_addresses = ("base_url",)

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10,
        help="When a company has several live gateways for a channel, the first one is used.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    channel = fields.Selection(CHANNELS, required=True, default="whatsapp")
    provider = fields.Selection(
        [
            ("whatsapp_cloud", "WhatsApp Business (Meta Cloud API)"),
            ("instagram", "Instagram (Meta)"),
            ("zenvia", "Zenvia"),
            ("twilio", "Twilio"),
            ("evolution", "Evolution API (unofficial WhatsApp)"),
            ("odoo_sms", "Odoo SMS"),
            ("odoo_mail", "E-mail of Odoo"),
            ("by_hand", "By hand (WhatsApp link)"),
            ("sandbox", "Sandbox (sends nothing)"),
        ],
        required=True,
        default="whatsapp_cloud",
        help="Sandbox plays deliveries and readings without any network. By hand prepares each "
        "message for a clerk, who opens WhatsApp with one click and marks it as sent.",
    )
    state = fields.Selection(
        [("disabled", "Disabled"), ("test", "Test"), ("live", "Live")],
        required=True,
        default="disabled",
        tracking=True,
        help="Test: only the test numbers receive messages; all others wait.",
    )
    test_numbers = fields.Text(
        help="Phone numbers (for e-mail: addresses) that may receive messages in test mode, one "
        "a line."
    )

    uuid = fields.Char(
        "Webhook Key", required=True, readonly=True, copy=False, default=lambda self: uuid4().hex
    )
    webhook_url = fields.Char("Webhook Address", compute="_compute_webhook_url")
    base_url = fields.Char(
        "API Address",
        groups="optica_cobranca.group_manager",
        help="Evolution API: the address of your own server. For all others leave it empty: the "
        "provider's own address is used.",
    )
    api_version = fields.Char("API Version", default="v25.0")
    phone_number_id = fields.Char(
        "Phone Number ID",
        help="Meta's id of the sending number (digits), not the telephone number itself.",
    )
    account_id = fields.Char(
        "Account or Instance",
        help="Twilio: the Account SID. Evolution API: the name of the instance.",
    )
    sender = fields.Char(
        help="Who sends. Zenvia and Twilio: the number or the name that the provider gave you. "
        "E-mail: the address that customers see; empty: that of the company.",
    )
    voice = fields.Char(
        help="The voice that reads the text, by the provider's name for it: for example "
        "Polly.Camila at Twilio, br-Vitoria at Zenvia. Empty: the provider's usual one.",
    )
    business_account_id = fields.Char("WhatsApp Business Account ID")
    access_token = Secret(copy=False, groups=fields.NO_ACCESS, exportable=False)
    app_secret = Secret(
        copy=False,
        groups=fields.NO_ACCESS,
        exportable=False,
        help="Proves that what reaches the webhook comes from Meta. Without it all is refused.",
    )
    verify_token = Secret(
        copy=False,
        groups=fields.NO_ACCESS,
        exportable=False,
        default=lambda self: secrets.token_urlsafe(24),
        help="Proves to us that the provider calls. Meta: paste it beside the webhook address in "
        "the app dashboard. Zenvia and Evolution API: sent along in the header X-Webhook-Token.",
    )
    new_access_token = fields.Char(
        "Access Token (typed)",
        compute="_compute_typed",
        inverse="_inverse_typed",
        exportable=False,
        groups="optica_cobranca.group_manager",
    )
    new_app_secret = fields.Char(
        "App Secret (typed)",
        compute="_compute_typed",
        inverse="_inverse_typed",
        exportable=False,
        groups="optica_cobranca.group_manager",
        help="Proves that what reaches the webhook comes from Meta. Without it all is refused.",
    )
    new_verify_token = fields.Char(
        "Verify Token (typed)",
        compute="_compute_typed",
        inverse="_inverse_typed",
        exportable=False,
        groups="optica_cobranca.group_manager",
        help="Any long word of your own: type it here and in the provider's page. Zenvia and "
        "Evolution API: it is sent along in the header X-Webhook-Token.",
    )
    connect_timeout = fields.Float("Connect Time-out (s)", default=5.0)
    read_timeout = fields.Float("Answer Time-out (s)", default=20.0)
    pool_size = fields.Integer(
        "Simultaneous Requests", default=32, help="How many messages one worker sends at a time."
    )
    rate_per_second = fields.Float(
        "Messages per Second",
        default=80.0,
        help="Upper limit over all workers; a new WhatsApp number allows 80.",
    )

    paused_until = fields.Datetime(readonly=True, copy=False)
    last_error = fields.Char(readonly=True, copy=False)
    last_error_at = fields.Datetime(readonly=True, copy=False)
    is_paused = fields.Boolean(compute="_compute_is_paused")

    _uuid_unique = models.Constraint("UNIQUE(uuid)", "Two gateways cannot share a webhook key.")
    _limits = models.Constraint(
        "CHECK(connect_timeout > 0 AND read_timeout > 0 AND rate_per_second > 0"
        " AND pool_size BETWEEN 1 AND 64)",
        "Time-outs and rate must be above 0, simultaneous requests between 1 and 64.",
    )

    # ------------------------------------------------------------- compute

    @api.depends("uuid", "company_id")
    def _compute_webhook_url(self):
        for gateway in self:
            base = gateway.get_base_url()
            gateway.webhook_url = f"{base}/optica_cobranca/webhook/{gateway.uuid}"

    @api.depends("paused_until")
    def _compute_is_paused(self):
        now = fields.Datetime.now()
        for gateway in self:
            gateway.is_paused = bool(gateway.paused_until and gateway.paused_until > now)

    @api.onchange("provider")
    def _onchange_provider(self):
        """Another provider lives at another address and takes messages at another pace."""
        self.base_url = False
        provider = self._provider()
        if provider:
            self.rate_per_second = provider.rate_per_second
            if self.channel not in provider.channels:
                self.channel = provider.channels[0]

    # ---------------------------------------------------------------- CRUD

    @api.model
    def _secrets_of_address(self):
        return ("access_token",)

    # ------------------------------------------------------------- actions

    def action_resume(self):
        """Send again after a pause, by a person who removed its cause."""
        self.check_access("write")
        self.write(
            {"paused_until": False, "last_error": False, "last_error_at": False, "storms": 0}
        )
        self.activity_feedback(["mail.mail_activity_data_todo"])
        self.env["contact.message"]._trigger_dispatch()

    def action_send_to_myself(self):
        """Open the little window that sends one message to the user's own number."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send to Myself"),
            "res_model": "contact.gateway.try",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_gateway_id": self.id},
        }

    def action_view_messages(self):
        """The messages that left through this gateway."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "optica_cobranca.action_contact_message"
        )
        return {**action, "domain": [("gateway_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------ business

    @api.model
    def _usable(self, companies):
        """First gateway in order for each company and channel that is not disabled.

        :return: dict ``(company id, channel) -> gateway``; a paused gateway is returned too: its
            messages wait for it.
        """
        usable = {}
        for gateway in self.sudo().search(
            [("company_id", "in", companies.ids), ("state", "!=", "disabled")]
        ):
            usable.setdefault((gateway.company_id.id, gateway.channel), gateway)
        return usable

    def _siblings(self):
        """These gateways and those of the same app at the provider.

        Meta reports about all numbers of an app at one address, signed with the app's secret.
        """
        accounts = self.sudo()
        known = {gateway.app_secret for gateway in accounts if gateway.app_secret}
        if not known:
            return accounts
        # Compared when they are opened: what is sealed looks different every time.
        kin = accounts.with_context(active_test=False).search(
            [("provider", "in", self._kin(accounts))]
        )
        return accounts | kin.filtered(lambda gateway: gateway.app_secret in known)

    def _admits(self, address):
        """In test mode only the test numbers may be reached."""
        self.ensure_one()
        if self.state == "live":
            return True
        area_code = self.company_id._contact_area_code()
        numbers = (self.test_numbers or "").replace(",", "\n").splitlines()
        if "@" in address:
            return address in {line.strip().lower() for line in numbers}
        return address in {phone.to_e164(number, area_code) for number in numbers if number.strip()}

    def _trip(self, failure, code, detail):
        """Open the circuit: pause the gateway, say why in plain words, tell the managers."""
        self.ensure_one()
        self._lock_row()
        now = fields.Datetime.now()
        reason = self._failure_text(failure, code, detail)
        _logger.warning("Gateway %s (%s) paused: %s %s", self.name, self.id, failure, code)
        already_paused = self.is_paused
        self.write(
            {"paused_until": now + PAUSES[failure], "last_error": reason, "last_error_at": now}
        )
        if not already_paused:
            self._tell_managers(reason)

    def _lock_row(self):
        """Workers stop a gateway one after the other; a lost race is repeated by its caller."""
        self.env.cr.execute(
            SQL("SELECT 1 FROM contact_gateway WHERE id = %s FOR NO KEY UPDATE", self.id),
            log_exceptions=False,
        )

    def _tell_managers(self, reason):
        self._alert_managers(self.env._("Messages stopped: %(gateway)s", gateway=self.name), reason)

    def _alert_managers(self, summary, note):
        self.company_id._alert_managers(self, summary, note)

    # ------------------------------------------------------------- helpers

    @api.model
    def _kin(self, accounts):
        """Providers that report at the same address: one app at Meta serves both of its own."""
        providers = set(accounts.mapped("provider"))
        meta = {"whatsapp_cloud", "instagram"}
        return list(providers | meta if providers & meta else providers)

    def _label(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    # ---- Passing trouble of a whole provider: wait, try one message, go on or wait longer
    # What was not tried keeps its tries: a storm of an hour does not use up those of thousands.

    storms = fields.Integer(
        "Troubles in a Row",
        readonly=True,
        copy=False,
        default=0,
        help="While this is not 0, one message at a time is tried until the provider answers.",
    )

    def _wait_out(self, failure, code, detail):
        """Pause for a while: 1, 2, 4 ... 30 minutes; the managers hear of a long trouble, once."""
        self.ensure_one()
        self._lock_row()
        if self.is_paused:
            return  # by another worker, for the same trouble
        now = fields.Datetime.now()
        wait = min(FIRST_WAIT * 2 ** min(self.storms, 10), LONGEST_WAIT)
        reason = self._failure_text(failure, code, detail)
        _logger.warning("Gateway %s (%s) waits %s: %s %s", self.name, self.id, wait, failure, code)
        storms = self.storms + 1
        self.write(
            {
                "paused_until": now + wait,
                "storms": storms,
                "last_error": reason,
                "last_error_at": now,
            }
        )
        if storms == TOLD_AFTER:
            self._tell_managers(reason)

    def _storm_is_over(self):
        """The provider answered."""
        self.ensure_one()
        told = self.storms >= TOLD_AFTER
        self.write({"storms": 0, "last_error": False, "last_error_at": False})
        if told:
            self.activity_feedback(["mail.mail_activity_data_todo"])

    # ---------------------------- What providers and clients say, in plain words

    def _account_text(self, check):
        """What a provider told about the account that works."""
        if check.quality_rating:
            return self.env._(
                "%(number)s, %(name)s. Quality of the number: %(quality)s. Limit: %(limit)s.",
                number=check.display_phone_number,
                name=check.verified_name or self.env._("name not verified"),
                quality=self._label("quality_rating"),
                limit=self.messaging_limit_text or self.env._("unknown"),
            )
        told = ", ".join(
            filter(None, (check.display_phone_number, check.verified_name, check.detail))
        )
        return told or self.env._("The provider knows this account.")

    def _client_error_text(self, error):
        sentences = {
            "bad_sender": self.env._("The phone number ID has digits only: copy it from Meta."),
            "bad_version": self.env._("The API version looks like v25.0."),
            "bad_token": self.env._(
                "The access token is missing or has characters it cannot have."
            ),
            "bad_url": self.env._(
                "The API address must be a web address such as https://graph.facebook.com."
            ),
            "bad_account": self.env._(
                "The account is not written as the provider writes it: copy it from there."
            ),
            "bad_sender_number": self.env._(
                "The sender is a number with its country, such as +551150000000."
            ),
            "bad_channel": self.env._("The provider does not serve this channel."),
            "insecure_url": self.env._("The API address must begin with https://."),
        }
        if error.code == "incomplete":
            missing = [
                self._fields[name]._description_string(self.env)
                for name in error.detail.split(", ")
            ]
            return self.env._("Still missing: %s.", ", ".join(missing))
        return sentences.get(error.code) or self.env._(
            "The gateway cannot work with these settings (%s).", error.code
        )

    def _failure_text(self, failure, code, detail=""):
        """A provider's failure in plain words, with its own words behind."""
        sentences = {
            FailureClass.RETRY: self.env._(
                "The provider has passing trouble or cannot be reached."
            ),
            FailureClass.RETRY_RECIPIENT_LATER: self.env._(
                "Too many messages to this person at once."
            ),
            FailureClass.PAUSE_SENDER: self.env._(
                "The provider stopped this account: look at its quality and payments."
            ),
            FailureClass.WAIT_A_DAY: self.env._(
                "WhatsApp did not deliver it, to spare this person."
            ),
            FailureClass.STOP_RECIPIENT: self.env._(
                "This number cannot be reached on this channel."
            ),
            FailureClass.NOT_ANSWERED: self.env._("Nobody answered the call."),
            FailureClass.NEEDS_TEMPLATE: self.env._(
                "More than 24 hours since the customer last wrote: an approved template is needed."
            ),
            FailureClass.FIX_TEMPLATE: self.env._(
                "The provider does not accept the template or its parameters."
            ),
            FailureClass.FIX_REQUEST: self.env._("The provider does not accept the request."),
            FailureClass.AUTH: self.env._(
                "The provider refused the access token: it expired or lacks a permission."
            ),
        }
        said = " ".join(filter(None, (str(code or ""), detail)))
        sentence = sentences.get(failure) or self.env._("The message was not sent.")
        return f"{sentence} ({said})" if said else sentence

    def _check_odoo(self):
        """Whether Odoo itself can send for this company: its mail server, its SMS account.

        :return: tuple (works, sentence in plain words)
        """
        return self._check_mail() if self.channel == "email" else self._check_sms()

    def _check_mail(self):
        sender = self.sender or self.company_id.email
        if not sender:
            return False, self.env._("The company has no e-mail address to send from.")
        server = self.env["ir.mail_server"].sudo().search([], limit=1)
        if not server:
            return False, self.env._(
                "No outgoing mail server is set up: Settings, Technical, Outgoing Mail Servers."
            )
        try:
            server.test_smtp_connection()
        except UserError as error:
            return False, str(error)
        return True, self.env._(
            "%(server)s takes e-mails from %(sender)s.", server=server.name, sender=sender
        )

    def _check_sms(self):
        company = self.company_id.sudo()
        if "sms_provider" in company._fields and company.sms_provider == "twilio":
            if company.sms_twilio_account_sid and company.sms_twilio_number_ids:
                return True, self.env._("SMS leave through the company's own Twilio account.")
            return False, self.env._(
                "The company's Twilio account is not filled in: Settings, SMS."
            )
        account = self.env["iap.account"].sudo().with_company(company).get("sms")
        credits = self.env["iap.account"].sudo().get_credits("sms")
        if credits > 0:
            return True, self.env._("Odoo SMS has %s credits left.", credits)
        return False, self.env._(
            "Odoo SMS has no credits or cannot be reached (account %s).", account.display_name
        )
