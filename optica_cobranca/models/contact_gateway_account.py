import logging
import re

from odoo import api, fields, models

from ..clients.base import ClientError
from ..clients.whatsapp_notices import AccountNews, AccountState, NumberNews, TemplateNews
from .contact_event_rows import naive_utc
from .notification import outcome

_logger = logging.getLogger(__name__)

META_PROVIDERS = ("whatsapp_cloud", "instagram")


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

    # ------------------------------------------------------------- compute

    @api.depends("messaging_limit")
    @api.depends_context("lang")
    def _compute_messaging_limit_text(self):
        for gateway in self:
            gateway.messaging_limit_text = gateway._limit_text(gateway.messaging_limit or "")

    # ------------------------------------------------------------- actions

    def action_subscribe(self):
        """Have Meta tell this app of messages and news: the step most often forgotten."""
        self.ensure_one()
        self._raise_if_not_manager()
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
                "checked_at": fields.Datetime.now(),
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
        self.write(
            {
                "last_news": self._news_text(notice),
                "last_news_at": naive_utc(notice.occurred_at) or fields.Datetime.now(),
            }
        )
        if isinstance(news, TemplateNews):
            self.env["contact.gateway.template"].search(
                [
                    ("gateway_id", "=", self.id),
                    ("name", "=", news.name),
                    ("language", "=", news.language),
                ]
            )._heed(news)
        elif isinstance(news, NumberNews):
            self._heed_number(news)
        elif isinstance(news, AccountNews):
            self._heed_account(news)

    def _heed_number(self, news):
        if news.number and self.display_number and news.number != _digits(self.display_number):
            return  # about another number of the account
        if news.limit:
            self.messaging_limit = news.limit
        if news.event == "FLAGGED" and self.quality_rating != "red":
            self.quality_rating = "red"
            self._alert_low_quality()
        elif news.event == "UNFLAGGED" and self.quality_rating == "red":
            self.quality_rating = "yellow"

    def _heed_account(self, news):
        """A stopped account stops the gateway, so that nothing is tried; a person starts it."""
        if news.state == AccountState.RESTRICTED and news.until:
            self._stop_until(naive_utc(news.until), news.detail)
        elif news.state in (AccountState.RESTRICTED, AccountState.DISABLED):
            reason = self.env._(
                "Meta stopped this WhatsApp account (%(said)s). Nothing can be sent. Open Business "
                "Support in Meta Business Manager, ask for a review, and switch the gateway on "
                "when the account works again.",
                said=news.detail or news.event,
            )
            now = fields.Datetime.now()
            self.write({"state": "disabled", "last_error": reason, "last_error_at": now})
            self._tell_managers(reason)
        elif news.state == AccountState.WARNED:
            self._alert_managers(
                self.env._("Warning from Meta: %s", self.name),
                self.env._(
                    "Meta warns about this WhatsApp account (%s). Look at Business Support in Meta "
                    "Business Manager before it is stopped.",
                    news.detail or news.event,
                ),
            )
        elif news.state == AccountState.REINSTATED:
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


def _digits(text):
    return re.sub(r"\D", "", text)
