"""News about the account that a webhook brings, read: templates, the number, the account itself.

Shapes are those of Meta's webhook reference (they are not part of the published specification).
What is missing in a piece of news is empty; news of other kinds are only kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...domain.shop.vocabulary import Vocabulary
from ..http.untrusted import digits_of, instant_of, mapping_of, text_of


class AccountState(Vocabulary):
    """What news about the account mean for sending."""

    UNCHANGED = "unchanged"
    WARNED = "warned"  # still sends; the shop should look at it
    RESTRICTED = "restricted"  # may not begin conversations, or not answer, for a time
    UTILITY_STOPPED = "utility_stopped"  # may not send templates of the category utility
    DISABLED = "disabled"  # sends nothing any more
    DISCONNECTED = "disconnected"  # belongs to this app no more
    REINSTATED = "reinstated"  # works again


# The account was taken from the app, by whomever: Meta takes no message from it any more.
_LEFT = frozenset({"ACCOUNT_OFFBOARDED", "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED"})
_STATE_OF_EVENT = {
    "ACCOUNT_DELETED": AccountState.DISABLED,
    "REJECTED": AccountState.DISABLED,
    "ACCOUNT_RECONNECTED": AccountState.REINSTATED,
}
_UTILITY = "RESTRICTED_UTILITY_TEMPLATES"


@dataclass(frozen=True)
class TemplateNews:
    """Something about one template changed; empty: unchanged.

    :param status: ``APPROVED``, ``REJECTED``, ``PAUSED``, ``DISABLED``, ``PENDING_DELETION`` ...
    :param category: the category it has from now on
    :param coming_category: the category Meta will give it, unless the shop objects
    :param quality: ``GREEN``, ``YELLOW``, ``RED``
    """

    name: str
    language: str
    id: str = ""
    status: str = ""
    reason: str = ""
    category: str = ""
    coming_category: str = ""
    quality: str = ""


@dataclass(frozen=True)
class NumberNews:
    """Something about the sending number changed.

    :param number: digits as shown to people; None when not told
    :param event: Meta's word: ``FLAGGED``, ``UNFLAGGED``, ``THROUGHPUT_UPGRADE`` ...
    :param limit: people who may be written to in a day, as ``TIER_2K``
    """

    number: str | None
    event: str
    limit: str = ""


@dataclass(frozen=True)
class AccountNews:
    """Something about the account changed.

    :param event: Meta's word for it
    :param state: what it means for sending
    :param until: when a restriction ends, aware UTC, if it does
    :param detail: restrictions or violation in Meta's words
    """

    event: str
    state: AccountState = AccountState.UNCHANGED
    until: datetime | None = None
    detail: str = ""


def read_news(
    kind: str, value: Mapping[str, Any]
) -> TemplateNews | NumberNews | AccountNews | None:
    """The news of a change of field ``kind``; None for what is only kept."""
    if kind in ("phone_number_quality_update", "business_capability_update"):
        return _number_news(kind, value)
    if kind in ("account_update", "account_review_update"):
        return _account_news(value)
    name = text_of(value, "message_template_name")
    language = text_of(value, "message_template_language")
    return _template_news(kind, value, name, language) if name and language else None


def _template_news(kind: str, value: Mapping[str, Any], name: str, language: str) -> TemplateNews:
    given = value.get("message_template_id")
    found: dict[str, str] = {}
    if kind == "message_template_status_update":
        reason = text_of(value, "reason")
        found = {
            "status": text_of(value, "event").upper(),
            "reason": "" if reason == "NONE" else reason,
            "category": text_of(value, "message_template_category").upper(),
        }
    elif kind == "template_category_update":
        # With "correct_category" Meta only announces; "new_category" is what holds.
        found = {
            "category": ""
            if text_of(value, "correct_category")
            else text_of(value, "new_category").upper(),
            "coming_category": text_of(value, "correct_category").upper(),
        }
    elif kind == "message_template_quality_update":
        quality = text_of(value, "new_quality_score").upper()
        found = {"quality": "" if quality == "UNKNOWN" else quality}
    return TemplateNews(
        name, language, id=str(given) if isinstance(given, int | str) else "", **found
    )


def _number_news(kind: str, value: Mapping[str, Any]) -> NumberNews:
    limit = value.get("max_daily_conversations_per_business") or value.get("current_limit") or ""
    if not limit and kind == "business_capability_update":
        limit = value.get("max_daily_conversation_per_phone") or ""
    return NumberNews(
        digits_of(value.get("display_phone_number")),
        text_of(value, "event").upper() or kind.upper(),
        str(limit) if isinstance(limit, int | str) and not isinstance(limit, bool) else "",
    )


def _account_news(value: Mapping[str, Any]) -> AccountNews:
    event = (text_of(value, "event") or text_of(value, "decision")).upper()
    state, until, detail = AccountState.UNCHANGED, None, ""
    if event == "DISABLED_UPDATE":
        detail = text_of(value, "ban_info", "waba_ban_state").upper()
        state = {
            "REINSTATE": AccountState.REINSTATED,
            "SCHEDULE_FOR_DISABLE": AccountState.WARNED,
        }.get(detail, AccountState.DISABLED)
    elif event == "ACCOUNT_RESTRICTION":
        restrictions = value.get("restriction_info")
        restrictions = [
            part
            for part in (restrictions if isinstance(restrictions, list) else [])
            if isinstance(part, Mapping)
        ]
        state, until = _restriction(restrictions)
        detail = ", ".join(filter(None, (text_of(r, "restriction_type") for r in restrictions)))
    elif event == "ACCOUNT_VIOLATION":
        state = AccountState.WARNED
        detail = text_of(mapping_of(value, "violation_info"), "violation_type")
    elif event in _LEFT:
        state, detail = AccountState.DISCONNECTED, _reason(value)
    elif event in _STATE_OF_EVENT:
        state = _STATE_OF_EVENT[event]
    return AccountNews(event, state, until, detail)


def _reason(value: Mapping[str, Any]) -> str:
    """The first reason that is told, at whatever depth Meta puts it for this event."""
    parts = [value, *(part for part in value.values() if isinstance(part, Mapping))]
    return next(filter(None, (text_of(part, "reason") for part in parts)), "")


def _restriction(restrictions: list[Mapping[str, Any]]) -> tuple[AccountState, datetime | None]:
    """What the shop may not send, the gravest first, and until when."""
    state = AccountState.RESTRICTED
    blocking = [
        part for part in restrictions if "INITIATED_MESSAGING" in text_of(part, "restriction_type")
    ]
    if not blocking:
        state = AccountState.UTILITY_STOPPED
        blocking = [part for part in restrictions if text_of(part, "restriction_type") == _UTILITY]
    if not blocking:
        return AccountState.WARNED, None
    ends = [instant_of(part.get("expiration")) for part in blocking]
    return state, None if None in ends else max(ends)
