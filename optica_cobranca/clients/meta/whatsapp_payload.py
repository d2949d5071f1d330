"""Bodies of the WhatsApp Cloud API's ``/messages``, and what it would refuse anyway."""

import re
from typing import Any

from ..base import DOCUMENT, IMAGE, TEMPLATE, TEXT, ButtonValue, OutgoingFile, OutgoingMessage
from ..media_kinds import media_problem

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_BUTTONS = 10
MAX_REFERENCE = 512

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}", re.ASCII)


def find_problem(message: OutgoingMessage) -> str | None:
    """Why the message cannot be sent as it is, as a word for `SendResult.code`; None if it can.

    Words: ``no_reference``, ``bad_number``, ``bad_kind``, ``no_text``, ``text_too_long``,
    ``no_template``, ``empty_parameter``, ``parameter_names``, ``bad_file``, ``bad_button``.
    """
    if not 0 < len(message.reference) <= MAX_REFERENCE:
        return "no_reference"
    if not _has_address(message):
        return "bad_number"
    if message.kind == TEXT:
        return _text_problem(message)
    if message.kind == TEMPLATE:
        return _template_problem(message)
    if message.kind in (IMAGE, DOCUMENT):
        return _file_problem(message)
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
    if message.header_name is not None and names is None:
        return "parameter_names"
    if message.header and message.file:
        return "bad_file"
    if message.file and (problem := media_problem(message.file)):
        return problem
    return None if _buttons_are_well(message.buttons) else "bad_button"


def _buttons_are_well(buttons: tuple[ButtonValue, ...]) -> bool:
    places = [button.index for button in buttons]
    return (
        len(set(places)) == len(places)
        and all(0 <= place < MAX_BUTTONS for place in places)
        and all(button.kind in ("url", "quick_reply") for button in buttons)
        and all(button.value.strip() for button in buttons)
    )


def _file_problem(message: OutgoingMessage) -> str | None:
    if message.file is None or message.file.kind != message.kind:
        return "bad_file"
    if len(message.text) > MAX_CAPTION:
        return "text_too_long"
    return media_problem(message.file)


def build_body(message: OutgoingMessage, media_id: str | None = None) -> dict[str, Any]:
    """The JSON body for a message that has no problem.

    :param media_id: what the upload of the message's file gave; None when the file has a link
    """
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "type": message.kind,
        # Comes back in every status webhook: it finds our row even when the answer was lost.
        "biz_opaque_callback_data": message.reference,
    }
    # A phone number goes with its plus sign: without it the sender's country code is put before.
    body.update({"to": message.to} if message.to else {"recipient": message.recipient})
    if message.answers:
        body["context"] = {"message_id": message.answers}
    if message.kind in (IMAGE, DOCUMENT):
        body[message.kind] = _media(message.file, media_id, message.text.strip())
    elif message.kind == TEXT:
        # No preview: it would fetch the customer's private portal link.
        body["text"] = {"body": message.text, "preview_url": False}
    else:
        body["template"] = _template(message, media_id)
    return body


def _template(message: OutgoingMessage, media_id: str | None) -> dict[str, Any]:
    template: dict[str, Any] = {
        "name": message.template_name,
        "language": {"code": message.language},
    }
    components = [*_header(message, media_id), *_body(message), *_buttons(message)]
    if components:
        template["components"] = components
    return template


def _header(message: OutgoingMessage, media_id: str | None) -> list[dict[str, Any]]:
    if message.file is not None:
        # A header shows no caption: Meta refuses one.
        media = _media(message.file, media_id, "")
        parameter = {"type": message.file.kind, message.file.kind: media}
    elif message.header:
        parameter = _parameter(message.header, message.header_name)
    else:
        return []
    return [{"type": "header", "parameters": [parameter]}]


def _buttons(message: OutgoingMessage) -> list[dict[str, Any]]:
    kinds = {"url": "text", "quick_reply": "payload"}
    return [
        {
            "type": "button",
            "sub_type": button.kind,
            "index": str(button.index),
            "parameters": [{"type": kinds[button.kind], kinds[button.kind]: button.value.strip()}],
        }
        for button in message.buttons
    ]


def _media(file: OutgoingFile, media_id: str | None, caption: str) -> dict[str, str]:
    media = {"id": media_id} if media_id else {"link": file.link}
    if file.kind == DOCUMENT:
        media["filename"] = file.filename
    if caption:
        media["caption"] = caption
    return media


def _body(message: OutgoingMessage) -> list[dict[str, Any]]:
    if message.parameters:
        names = message.parameter_names or (None,) * len(message.parameters)
        parameters = [
            _parameter(value, name) for value, name in zip(message.parameters, names, strict=True)
        ]
        return [{"type": "body", "parameters": parameters}]
    return []


def _parameter(value: str, name: str | None) -> dict[str, str]:
    # Line breaks, tabs and runs of blanks inside a parameter are refused by Meta.
    parameter = {"type": "text", "text": " ".join(value.split())}
    if name is not None:
        parameter["parameter_name"] = name
    return parameter
