"""How long a provider asks to be left alone."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

_MAX_RETRY_AFTER = 24 * 60 * 60


def retry_after_of(headers: Mapping[str, str]) -> int | None:
    """Seconds from the header ``Retry-After``: a number, or an instant compared with ``Date``."""
    value = (headers.get("Retry-After") or "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), _MAX_RETRY_AFTER)
    until, answered = _http_date(value), _http_date(headers.get("Date") or "")
    if until is None or answered is None:
        return None
    return min(max(0, int((until - answered).total_seconds())), _MAX_RETRY_AFTER)


def _http_date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return parsed if parsed.tzinfo else None
