"""Bodies of the WhatsApp Cloud API's ``/messages``, and what it would refuse anyway."""

import re
from typing import Any

from .base import TEMPLATE, TEXT, OutgoingMessage

MAX_TEXT = 4096
MAX_REFERENCE = 512

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}", re.ASCII)


def find_problem(message: OutgoingMessage) -> str | None:
    """Why the message cannot be sent as it is, as a word for `SendResult.code`; None if it can.

    Words: ``no_reference``, ``bad_number``, ``bad_kind``, ``no_text``, ``text_too_long``,
    ``no_template``, ``empty_parameter``, ``parameter_names``.
    """
    if not 0 < len(message.reference) <= MAX_REFERENCE:
        return "no_reference"
    if not _has_address(message):
        return "bad_number"
    if message.kind == TEXT:
        return _text_problem(message)
    if message.kind == TEMPLATE:
        return _template_problem(message)
    return "bad_kind"


def _has_address(message: OutgoingMessage) -> bool:
    if message.to:
        return bool(_E164.fullmatch(message.to))
    return bool(_BSUID.fullmatch(message.recipient or ""))


def _text_problem(message: OutgoingMessage) -> str | None:
    if not message.text.strip():
        return "no_text"
    return "text_too_long" if len(message.text) > MAX_TEXT else None


def _template_problem(message: OutgoingMessage) -> str | None:
    if not message.template_name or not message.language:
        return "no_template"
    if not all(value.strip() for value in message.parameters):
        return "empty_parameter"
    names = message.parameter_names
    if names is not None and (len(names) != len(message.parameters) or not all(names)):
        return "parameter_names"
    return None


def build_body(message: OutgoingMessage) -> dict[str, Any]:
    """The JSON body for a message that has no problem."""
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "type": message.kind,
        # Comes back in every status webhook: it finds our row even when the answer was lost.
        "biz_opaque_callback_data": message.reference,
    }
    # A phone number goes with its plus sign: without it the sender's country code is put before.
    body.update({"to": message.to} if message.to else {"recipient": message.recipient})
    if message.kind == TEXT:
        # No preview: it would fetch the customer's private portal link.
        body["text"] = {"body": message.text, "preview_url": False}
    else:
        body["template"] = _template(message)
    return body


def _template(message: OutgoingMessage) -> dict[str, Any]:
    template: dict[str, Any] = {
        "name": message.template_name,
        "language": {"code": message.language},
    }
    if message.parameters:
        names = message.parameter_names or (None,) * len(message.parameters)
        parameters = [
            _parameter(value, name) for value, name in zip(message.parameters, names, strict=True)
        ]
        template["components"] = [{"type": "body", "parameters": parameters}]
    return template


def _parameter(value: str, name: str | None) -> dict[str, str]:
    # Line breaks, tabs and runs of blanks inside a parameter are refused by Meta.
    parameter = {"type": "text", "text": " ".join(value.split())}
    if name is not None:
        parameter["parameter_name"] = name
    return parameter
