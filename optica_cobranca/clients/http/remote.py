"""What a client finds at the provider besides messages: files that people sent, templates.

Nothing here raises on a provider's answer: an answer is always a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...domain.messaging.message_states import FailureClass


@dataclass(frozen=True)
class FetchedMedia:
    """What came of downloading a file; ``failure``, ``code`` and ``detail`` as in `SendResult`.

    :param ok: the file is whole and of a kind that is taken
    :param mime_type: what the bytes are, whatever was said of them
    """

    ok: bool
    content: bytes = field(default=b"", repr=False)
    mime_type: str = ""
    failure: FailureClass | None = None
    code: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class RemoteTemplate:
    """A message template as the provider has it.

    :param status: ``APPROVED``, ``PENDING``, ``REJECTED``, ``PAUSED``, ``DISABLED`` ...
    :param category: ``UTILITY``, ``MARKETING``, ``AUTHENTICATION``
    :param parameter_format: ``POSITIONAL`` or ``NAMED``
    :param components: header, body, footer and buttons as the provider gives them, JSON
    """

    id: str
    name: str
    language: str
    status: str
    category: str = ""
    quality: str = ""
    parameter_format: str = "POSITIONAL"
    rejected_reason: str = ""
    components: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class TemplateListing:
    """All templates of an account, or why they could not be listed (all or nothing)."""

    ok: bool
    templates: tuple[RemoteTemplate, ...] = ()
    failure: FailureClass | None = None
    code: str | None = None
    detail: str = ""
