"""Questions about the account at Meta: the number's health, the templates, who hears of news."""

import re
from collections.abc import Mapping
from typing import Any

from ...domain.messaging.message_states import FailureClass
from ..base import ConnectionCheck, SendResult
from ..http.remote import RemoteTemplate, TemplateListing
from ..http.transport import Answer, HttpDoor, NoAnswer, NotSent
from ..http.untrusted import mapping_of, text_of
from .whatsapp_answers import error_of, failed, why_not

_ACCOUNT = re.compile(r"[0-9]+", re.ASCII)
_NUMBER_FIELDS = ("display_phone_number", "verified_name", "quality_rating")
# Not every version of the API and every account knows these: without them, all else is asked.
_HEALTH_FIELDS = ("status", "whatsapp_business_manager_messaging_limit")
_UNKNOWN_FIELD = 100
_TEMPLATE_FIELDS = (
    "id,name,language,status,category,components,quality_score,parameter_format,rejected_reason"
)
_PAGE = 50
_MAX_PAGES = 40
_MAX_LIST_BYTES = 4 * 1024 * 1024


def check_number(door: HttpDoor, path: str) -> ConnectionCheck:
    """Ask about the sending number; nothing is sent to anybody.

    :param path: version and id of the number
    """
    try:
        answer = _ask_number(door, path, _NUMBER_FIELDS + _HEALTH_FIELDS)
        error = error_of(answer.json())
        if error is not None and error.code == _UNKNOWN_FIELD:
            answer = _ask_number(door, path, _NUMBER_FIELDS)
    except (NotSent, NoAnswer) as trouble:
        return ConnectionCheck(False, failure=FailureClass.RETRY, code=trouble.code)
    data = answer.json()
    if answer.is_success and text_of(data, "display_phone_number"):
        return ConnectionCheck(
            True,
            messaging_limit=_limit(data),
            status=text_of(data, "status") or None,
            **{name: text_of(data, name) or None for name in _NUMBER_FIELDS},
        )
    trouble = why_not(answer, door.redacted)
    return ConnectionCheck(False, failure=trouble.failure, code=trouble.code, detail=trouble.detail)


def _ask_number(door: HttpDoor, path: str, names: tuple[str, ...]) -> Answer:
    return door.request("GET", path, params={"fields": ",".join(names)})


def _limit(data: Any) -> str | None:
    name = "whatsapp_business_manager_messaging_limit"
    return text_of(data, name) or text_of(data, name, "current_limit") or None


def list_templates(door: HttpDoor, version_path: str, account_id: str) -> TemplateListing:
    """All templates of a WhatsApp Business Account, page by page; all of them or none.

    :param version_path: ``/v25.0``
    :param account_id: digits
    """
    if not _ACCOUNT.fullmatch(account_id):
        return TemplateListing(False, failure=FailureClass.FIX_REQUEST, code="bad_account")
    found: list[RemoteTemplate] = []
    after = ""
    for _page in range(_MAX_PAGES):
        params = {"fields": _TEMPLATE_FIELDS, "limit": str(_PAGE)}
        if after:
            params["after"] = after
        try:
            answer = door.request(
                "GET",
                f"{version_path}/{account_id}/message_templates",
                params=params,
                max_bytes=_MAX_LIST_BYTES,
            )
        except (NotSent, NoAnswer) as trouble:
            return TemplateListing(False, failure=FailureClass.RETRY, code=trouble.code)
        data = answer.json()
        items = data.get("data") if isinstance(data, Mapping) else None
        if not answer.is_success or not isinstance(items, list):
            return _not_listed(why_not(answer, door.redacted))
        found += [template for item in items if (template := read_template(item))]
        before, after = after, _next_page(data)
        if not after:
            return TemplateListing(True, tuple(found))
        if after == before:
            break
    return TemplateListing(False, failure=FailureClass.FIX_REQUEST, code="endless_list")


def _next_page(data: Mapping[str, Any]) -> str:
    paging = mapping_of(data, "paging")
    # Meta gives a cursor on the last page too; "next" is missing there.
    return text_of(paging, "cursors", "after") if paging.get("next") else ""


def _not_listed(trouble: SendResult) -> TemplateListing:
    return TemplateListing(False, failure=trouble.failure, code=trouble.code, detail=trouble.detail)


def read_template(item: Any) -> RemoteTemplate | None:
    """One template of the list; None when it is not one."""
    name, language, status = (text_of(item, key) for key in ("name", "language", "status"))
    if not (name and language and status):
        return None
    given = item.get("id")
    components = item.get("components")
    quality = text_of(item, "quality_score", "score")
    reason = text_of(item, "rejected_reason")
    return RemoteTemplate(
        id=str(given) if isinstance(given, int | str) else "",
        name=name,
        language=language,
        status=status.upper(),
        category=text_of(item, "category").upper(),
        quality="" if quality == "UNKNOWN" else quality.upper(),
        parameter_format=text_of(item, "parameter_format").upper() or "POSITIONAL",
        rejected_reason="" if reason == "NONE" else reason,
        components=tuple(
            part
            for part in (components if isinstance(components, list) else [])
            if isinstance(part, Mapping)
        ),
    )


def subscribe_app(door: HttpDoor, version_path: str, account_id: str) -> ConnectionCheck:
    """Have the app hear of this account's messages and news; harmless when it does already."""
    if not _ACCOUNT.fullmatch(account_id):
        return ConnectionCheck(False, failure=FailureClass.FIX_REQUEST, code="bad_account")
    try:
        answer = door.request("POST", f"{version_path}/{account_id}/subscribed_apps", payload={})
    except (NotSent, NoAnswer) as trouble:
        return ConnectionCheck(False, failure=FailureClass.RETRY, code=trouble.code)
    data = answer.json()
    if answer.is_success and isinstance(data, Mapping) and data.get("success") is True:
        return ConnectionCheck(True)
    trouble = failed(answer, error_of(data), door.redacted)
    return ConnectionCheck(False, failure=trouble.failure, code=trouble.code, detail=trouble.detail)
