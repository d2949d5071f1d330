import logging
import re
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ...clients import registry
from ...clients.base import SEND_PAGE, STOP_CALLS, ClientError
from ...clients.meta.whatsapp_notices import AccountState, NumberNews, TemplateNews
from ...domain.shop import clock
from ...tools.shop.notification import CLOSE, notification, outcome
from .contact_gateway_template import is_newer

_logger = logging.getLogger(__name__)
# When Meta does not tell how long: its restrictions last 1 to 30 days.
LONGEST_RESTRICTION = timedelta(days=30)
META_PROVIDERS = ("whatsapp_cloud", "instagram")


def _digits(text):
    return re.sub(r"\D", "", text)


class ContactGateway(models.Model):
    """How an account at Meta is doing: asked once a day, told by webhooks in between."""

    _inherit = "contact.gateway"

    instagram_account_id = fields.Char(
        "Instagram Account ID", help="Meta's id of the professional account (digits), not its name."
    )
    display_number = fields.Char("Number", readonly=True, copy=False)
    verified_name = fields.Char("Name Shown", readonly=True, copy=False)
    quality_rating = fields.Selection(
        [("green", "High"), ("yellow", "Medium"), ("red", "Low"), ("unknown", "Not rated yet")],
        "Quality",
        readonly=True,
        copy=False,
        help="What customers' blocks and complaints of the last 7 days say. Low: Meta may limit or "
        "stop the number.",
    )
    messaging_limit = fields.Char(readonly=True, copy=False)
    messaging_limit_text = fields.Char("Daily Limit", compute="_compute_messaging_limit_text")
    number_status = fields.Char(readonly=True, copy=False, help="In Meta's own words.")
    checked_at = fields.Datetime("Last checked", readonly=True, copy=False)
    last_news = fields.Char(readonly=True, copy=False)
    last_news_at = fields.Datetime("Told at", readonly=True, copy=False)
    # Since when we know it so: news from before say nothing.
    quality_at = fields.Datetime(readonly=True, copy=False)
    limit_at = fields.Datetime(readonly=True, copy=False)
    account_at = fields.Datetime(readonly=True, copy=False)
    utility_stopped_until = fields.Datetime(
        "No Notices until",
        readonly=True,
        copy=False,
        help="Meta forbids this account templates of the category utility until then: notices "
        "and receipts go by the next channel.",
    )
    is_utility_stopped = fields.Boolean(compute="_compute_is_utility_stopped")

    # ------------------------------------------------------------- compute

    @api.depends("messaging_limit")
    @api.depends_context("lang")
    def _compute_messaging_limit_text(self):
        for gateway in self:
            gateway.messaging_limit_text = gateway._limit_text(gateway.messaging_limit or "")

    @api.depends("utility_stopped_until")
    def _compute_is_utility_stopped(self):
        now = fields.Datetime.now()
        for gateway in self:
            gateway.is_utility_stopped = bool(
                gateway.utility_stopped_until and gateway.utility_stopped_until > now
            )

    # ------------------------------------------------------------- actions

    def action_resume(self):
        """A person resumes: notices may leave again as well."""
        self.write({"utility_stopped_until": False})
        return super().action_resume()

    def action_subscribe(self):
        """Have Meta tell this app of messages and news: the step most often forgotten."""
        self.ensure_one()
        self._check_role("manager")
        try:
            with self._client_factory()() as client:
                check = client.subscribe((self.business_account_id or "").strip())
        except ClientError as error:
            return outcome(False, self.env._("Not subscribed"), self._client_error_text(error))
        if check.ok:
            return outcome(
                True,
                self.env._("Subscribed"),
                self.env._("Meta reports deliveries and answers to this app from now on."),
            )
        return outcome(
            False,
            self.env._("Not subscribed"),
            self._failure_text(check.failure, check.code, check.detail),
        )

    # ------------------------------------------------------------ business

    @api.model
    def _cron_check_accounts(self):
        """Once a day: is each account well, and which templates does it have; commits after each.

        One account that cannot be asked does not keep the others from being asked.
        """
        gateways = self.sudo().search(
            [("provider", "in", META_PROVIDERS), ("state", "!=", "disabled")]
        )
        self.env["ir.cron"]._commit_progress(remaining=len(gateways))
        for gateway in gateways:
            try:
                gateway._check_account()
            except Exception:
                self.env.cr.rollback()
                _logger.exception("Account of gateway %s could not be checked", gateway.id)
            self.env["ir.cron"]._commit_progress(processed=1)

    def _check_account(self):
        ok, sentence = self._check_connection()
        if not ok:
            _logger.warning("Gateway %s: %s", self.id, sentence)
        elif self.provider == "whatsapp_cloud" and self.business_account_id:
            self._sync_templates()

    def _note_health(self, check):
        """Keep what the provider said about the number; low quality alerts the managers, once."""
        self.ensure_one()
        account = self.sudo()
        quality = (check.quality_rating or "").lower()
        quality = quality if quality in ("green", "yellow", "red") else "unknown"
        was = account.quality_rating
        account.write(
            {
                "display_number": check.display_phone_number,
                "verified_name": check.verified_name,
                "quality_rating": quality,
                "messaging_limit": check.messaging_limit or account.messaging_limit,
                "number_status": check.status,
                **dict.fromkeys(("checked_at", "quality_at", "limit_at"), fields.Datetime.now()),
            }
        )
        if quality == "red" and was != "red":
            account._alert_low_quality()

    def _heed_news(self, notice):
        """Do what news about the account ask for.

        :param notice: an :class:`AccountNotice` whose ``news`` could be read
        """
        self.ensure_one()
        news = notice.news
        at = clock.stored(notice.occurred_at) or fields.Datetime.now()
        if is_newer(at, self.last_news_at):
            self.write({"last_news": self._news_text(notice), "last_news_at": at})
        if isinstance(news, TemplateNews):
            self.env["contact.gateway.template"].search(
                [
                    ("gateway_id", "=", self.id),
                    ("name", "=", news.name),
                    ("language", "=", news.language),
                ]
            )._heed(news, at)
        elif isinstance(news, NumberNews):
            self._heed_number(news, at)
        elif news.state != AccountState.UNCHANGED and is_newer(at, self.account_at):
            self.account_at = at
            self._heed_account(news)

    def _heed_number(self, news, at):
        if news.number and self.display_number and news.number != _digits(self.display_number):
            return  # about another number of the account
        if news.limit and is_newer(at, self.limit_at):
            self.write({"messaging_limit": news.limit, "limit_at": at})
        if news.event not in ("FLAGGED", "UNFLAGGED") or not is_newer(at, self.quality_at):
            return
        self.quality_at = at
        if news.event == "FLAGGED" and self.quality_rating != "red":
            self.quality_rating = "red"
            self._alert_low_quality()
        elif news.event == "UNFLAGGED" and self.quality_rating == "red":
            self.quality_rating = "yellow"

    def _heed_account(self, news):
        """A stopped account stops the gateway, so that nothing is tried; a person starts it."""
        if news.state == AccountState.RESTRICTED and news.until:
            self._stop_until(clock.stored(news.until), news.detail)
        elif news.state == AccountState.UTILITY_STOPPED:
            self._stop_utility(clock.stored(news.until))
        elif news.state in (AccountState.RESTRICTED, AccountState.DISABLED):
            self._switch_off(
                self.env._(
                    "Meta stopped this WhatsApp account (%(said)s). Nothing can be sent. Open "
                    "Business Support in Meta Business Manager, ask for a review, and switch the "
                    "gateway on when the account works again.",
                    said=news.detail or news.event,
                )
            )
        elif news.state == AccountState.DISCONNECTED:
            self._switch_off(
                self.env._(
                    "This WhatsApp account is not connected to your app any more (%(said)s). "
                    "Nothing can be sent. Connect it again in Meta Business Manager, test the "
                    "connection, and switch the gateway on.",
                    said=" ".join(filter(None, (news.event, news.detail))),
                )
            )
        else:
            self._alert_of_account(news)

    def _switch_off(self, reason):
        now = fields.Datetime.now()
        self.write({"state": "disabled", "last_error": reason, "last_error_at": now})
        self._tell_managers(reason)

    def _alert_of_account(self, news):
        if news.state == AccountState.WARNED:
            self._alert_managers(
                self.env._("Warning from Meta: %s", self.name),
                self.env._(
                    "Meta warns about this WhatsApp account (%s). Look at Business Support in Meta "
                    "Business Manager before it is stopped.",
                    news.detail or news.event,
                ),
            )
        elif news.state == AccountState.REINSTATED:
            self.utility_stopped_until = False
            self._alert_managers(
                self.env._("Account works again: %s", self.name),
                self.env._("Meta released this WhatsApp account. Switch the gateway on again."),
            )

    def _stop_until(self, until, detail):
        reason = self.env._(
            "Meta does not let this account write to customers first (%s). Answers to customers "
            "who wrote are still possible by phone.",
            detail,
        )
        self.write(
            {
                "paused_until": until,
                "last_error": reason,
                "last_error_at": fields.Datetime.now(),
            }
        )
        self._tell_managers(reason)

    def _stop_utility(self, until):
        """Notices and receipts leave by another channel until then."""
        self.utility_stopped_until = until or fields.Datetime.now() + LONGEST_RESTRICTION
        self._alert_managers(
            self.env._("WhatsApp sends no notices: %s", self.name),
            self.env._(
                "Meta forbids this account templates of the category utility until %(day)s: they "
                "were used for advertising. Notices and receipts go by the next channel meanwhile. "
                "Ask for a review in Business Support, and take offers out of the texts.",
                day=format_date(self.env, self.utility_stopped_until),
            ),
        )

    def _alert_low_quality(self):
        self._alert_managers(
            self.env._("Low quality: %s", self.name),
            self.env._(
                "Customers block or report this number. Send less, look at which texts they "
                "dislike, and answer those who write: otherwise Meta limits or stops the number."
            ),
        )

    # ------------------------------------------------------------- helpers

    @api.model
    def _limit_text(self, limit):
        if not limit:
            return ""
        if limit in ("TIER_UNLIMITED", "-1"):
            return self.env._("No limit")
        match = re.fullmatch(r"(?:TIER_)?(\d+)(K?)", limit)
        if not match:
            return limit
        people = int(match[1]) * (1000 if match[2] else 1)
        return self.env._("%s new people a day", people)

    def _news_text(self, notice):
        news = notice.news
        parts = [notice.kind.replace("_", " ").capitalize()]
        if isinstance(news, TemplateNews):
            parts += [news.name, news.status, news.category, news.coming_category, news.quality]
        elif isinstance(news, NumberNews):
            parts += [news.event, news.limit]
        else:
            parts += [news.event, news.detail]
        return " · ".join(filter(None, parts))

    # ------- Where a gateway meets its client: configuration in, plain words out

    settings_used = fields.Char(
        compute="_compute_settings_used", help="Names of the settings that the provider knows."
    )
    leaves = fields.Char(compute="_compute_settings_used")
    can_test = fields.Boolean(compute="_compute_settings_used")
    has_webhook = fields.Boolean(compute="_compute_settings_used")
    registers_webhook = fields.Boolean(compute="_compute_settings_used")

    @api.depends("provider")
    def _compute_settings_used(self):
        for gateway in self:
            provider = gateway._provider()
            # Commas at both ends: the form looks for ",name,".
            gateway.settings_used = f",{','.join(provider.settings)}," if provider else ","
            gateway.leaves = provider.leaves if provider else False
            gateway.can_test = bool(provider and provider.has_connection)
            gateway.has_webhook = bool(provider and provider.webhook)
            gateway.registers_webhook = bool(provider and provider.registers_webhook)

    @api.constrains("channel", "provider")
    def _check_provider(self):
        for gateway in self:
            if gateway.channel not in gateway._provider().channels:
                raise ValidationError(
                    self.env._(
                        "%(provider)s cannot send over %(channel)s. Choose another provider.",
                        provider=gateway._label("provider"),
                        channel=gateway._label("channel"),
                    )
                )

    @api.constrains(
        "state",
        "provider",
        "phone_number_id",
        "instagram_account_id",
        "access_token",
        "app_secret",
        "account_id",
        "sender",
        "base_url",
        "api_version",
    )
    def _check_complete(self):
        """A gateway that sends must be able to; found here, not at nine in the morning."""
        for gateway in self.sudo():
            provider = gateway._provider()
            if gateway.state == "disabled" or provider.make is None:
                continue
            missing = [
                gateway._fields[name]._description_string(self.env)
                for name in provider.required + provider.needed_to_hear
                if not gateway[name]
            ]
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(gateway)s cannot be switched on yet. Still missing: %(missing)s.",
                        gateway=gateway.name,
                        missing=", ".join(missing),
                    )
                )
            try:
                gateway._client_factory()().close()
            except ClientError as error:
                raise ValidationError(gateway._client_error_text(error)) from error

    def action_test_connection(self):
        """Ask the provider whether the account works; nothing is sent to anybody."""
        self.ensure_one()
        self._check_role("manager")
        ok, sentence = self._check_connection()
        title = self.env._("Connection works") if ok else self.env._("No connection")
        return outcome(ok, title, sentence)

    def action_register_webhook(self):
        """Tell the provider where to report; with sudo, for managers may not read the word."""
        self.ensure_one()
        self.check_access("write")
        try:
            client = self._client_factory()()
        except ClientError as error:
            raise UserError(self._client_error_text(error)) from error
        try:
            check = client.register_webhook(self.webhook_url, self.sudo().verify_token)
        finally:
            client.close()
        if not check.ok:
            raise UserError(self._failure_text(check.failure, check.code, check.detail))
        return notification(
            self.env._("The provider reports to %s.", self.webhook_url),
            title=self.env._("Webhook registered"),
            then=CLOSE,
        )

    def _provider(self):
        """What the client's file tells of the provider; None when none is chosen yet."""
        return registry.PROVIDERS.get(self.provider)

    def _check_connection(self):
        """:return: tuple (works, sentence in plain words)"""
        self.ensure_one()
        if not self.can_test:
            return True, self.env._("%s needs no connection to test.", self._label("provider"))
        if self._provider().make is None:
            return self._check_odoo()
        try:
            client = self._client_factory()()
        except ClientError as error:
            return False, self._client_error_text(error)
        try:
            check = client.check_connection()
        finally:
            client.close()
        if not check.ok:
            return False, self._failure_text(check.failure, check.code, check.detail)
        self._note_health(check)
        return True, self._account_text(check)

    def _client_factory(self):
        """A function without arguments that makes this gateway's client, in any thread.

        Secrets are read here, once, with rights that users don't have; they never leave the
        client.
        """
        self.ensure_one()
        return partial(registry.client_for, self.provider, self._client_settings())

    def _said_after_keys(self):
        """What a call says when the customer has pressed a key, in the shop's language."""
        env = self.with_context(lang=self.company_id.partner_id.lang or "pt_BR").env
        return {
            SEND_PAGE: env._("All right: we are sending you the page on WhatsApp. Thank you!"),
            STOP_CALLS: env._("All right: we will not call you again. Thank you!"),
        }

    def _client_settings(self):
        account = self.sudo()
        return {
            "base_url": account.base_url or "",
            "api_version": account.api_version or "",
            "phone_number_id": account.phone_number_id or "",
            "instagram_account_id": account.instagram_account_id or "",
            "access_token": account.access_token or "",
            "app_secret": account.app_secret or "",
            "verify_token": account.verify_token or "",
            "business_account_id": account.business_account_id or "",
            "account_id": account.account_id or "",
            "sender": account.sender or "",
            "voice": account.voice or "",
            "said_after_keys": account._said_after_keys(),
            "channel": account.channel,
            "webhook_url": account.webhook_url,
            "connect_timeout": account.connect_timeout,
            "read_timeout": account.read_timeout,
            "pool_size": account.pool_size,
            "uuid": account.uuid,
        }
