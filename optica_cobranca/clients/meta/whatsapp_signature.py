"""Is it really Meta that calls? The two checks of a WhatsApp webhook."""

import hashlib
import hmac
from collections.abc import Mapping

from ..provider import is_same_secret

_SIGNATURE_PREFIX = "sha256="


def verify_subscription(params: Mapping[str, str], verify_token: str) -> str | None:
    """Answer the GET by which Meta checks that the address is ours.

    :param params: query of the request (``hub.mode``, ``hub.verify_token``, ``hub.challenge``)
    :param verify_token: the secret word set at both ends; an empty one matches nothing
    :return: the challenge to send back as plain text, or None to refuse
    """
    given = params.get("hub.verify_token")
    if params.get("hub.mode") != "subscribe" or not is_same_secret(verify_token, given):
        return None
    return params.get("hub.challenge") or None


def signature_is_valid(app_secret: str, raw_body: bytes, header: str | None) -> bool:
    """Was the body signed with the app's secret?

    :param app_secret: the app's secret; an empty one makes nothing valid
    :param raw_body: the bytes as received, before any decoding
    :param header: ``X-Hub-Signature-256``: ``sha256=`` and the hexadecimal HMAC-SHA256
    """
    if not app_secret or not isinstance(header, str):
        return False
    prefix, given = header[: len(_SIGNATURE_PREFIX)], header[len(_SIGNATURE_PREFIX) :]
    expected = hmac.new(app_secret.encode("utf-8"), raw_body, hashlib.sha256).hexdigest()
    return is_same_secret(expected, given.strip().lower()) and prefix.lower() == _SIGNATURE_PREFIX
