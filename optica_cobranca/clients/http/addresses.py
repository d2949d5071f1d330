"""Where a token may go: addresses and tokens are looked at before anything leaves."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from ..base import ClientError


def checked_base_url(base_url: str) -> tuple[str, bool]:
    """The address without its last slash, and whether it is this machine.

    :raise ClientError: ``bad_url``, ``insecure_url``
    """
    url = (base_url or "").strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ClientError("bad_url", url) from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ClientError("bad_url", "user, password, query and fragment do not belong there")
    if parts.scheme not in ("http", "https") or not host:
        raise ClientError("bad_url", url)
    is_local = _is_loopback(host)
    if parts.scheme == "http" and not is_local:
        raise ClientError("insecure_url", url)
    return url, is_local


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_token(token: str) -> str:
    """The token without the blanks it was pasted with.

    :raise ClientError: ``bad_token``
    """
    cleaned = (token or "").strip()
    if not cleaned or not all("!" <= char <= "~" for char in cleaned):
        raise ClientError("bad_token", "the access token is empty or has odd characters")
    return cleaned


def may_carry_token(url: str, hosts: Collection[str], is_local: bool) -> bool:
    """May the token go to an address that came in an answer?

    :param hosts: names that belong to the service; what lies below them does too
    :param is_local: the service itself is a stand-in on this machine, so its files may be
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.username or parts.password or "\\" in url:
        return False
    if is_local and _is_loopback(host):
        return parts.scheme in ("http", "https")
    known = any(host == name or host.endswith(f".{name}") for name in hosts)
    return parts.scheme == "https" and known
