"""The vocabulary every client speaks: what is sent, what came of it, what was heard back.

All instants are aware UTC datetimes; all phone numbers leave as E.164 (``+5551999990000``) and
come back as the provider writes them, digits only. Nothing here raises on a provider's answer:
an answer is always a value. :class:`ClientError` is for a set-up that cannot work at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..domain.messaging.message_states import FailureClass

ACCEPTED = "accepted"
FAILED = "failed"
UNCERTAIN = "uncertain"

TEXT = "text"
TEMPLATE = "template"
IMAGE = "image"
DOCUMENT = "document"

# What a provider itself says about the person's wish, as `domain.opt_out` names wishes.
STOP, RESUME = "stop", "resume"
STOP_OFFERS, RESUME_OFFERS = "stop_offers", "resume_offers"
# Kinds of inbound items by which nobody says anything to the shop.
NO_REPLY = frozenset({"system", "preference", "reaction", "edit", "revoke", "unsupported"})

# Keys during a call: send me the page with the installments; call me no more.
SEND_PAGE = "1"
STOP_CALLS = "9"

MAX_DETAIL = 500


class ClientError(Exception):
    """A set-up or a use that a client cannot work with; raised before anything is sent.

    :ivar code: stable word for the ORM edge to translate: ``unknown_provider``, ``incomplete``,
        ``bad_url``, ``insecure_url``, ``bad_version``, ``bad_sender``, ``bad_token``,
        ``not_automatic``, ``bad_number``, ``no_text``, ``bad_host``, ``bad_account``,
        ``bad_channel``, ``bad_sender_number``
    :ivar detail: which setting or value, in English, for the log; never a secret
    """

    def __init__(self, code: str, detail: str = ""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class OutgoingFile:
    """A file that goes with a message: its bytes, or the address of a public copy.

    :param kind: ``image`` or ``document``
    :param filename: what the person sees (documents)
    :param content: the bytes; uploaded first, once for all messages of a client that carry them
    :param link: ``https`` address the provider fetches it from, instead of the bytes
    """

    kind: str
    filename: str = ""
    mime_type: str = ""
    content: bytes = field(default=b"", repr=False)
    link: str = ""


@dataclass(frozen=True)
class ButtonValue:
    """What is variable of a template's button.

    :param index: place of the button in the template, from 0
    :param kind: ``url`` (``value`` is put behind the button's address) or ``quick_reply``
        (``value`` comes back when the person presses it)
    """

    index: int
    kind: str
    value: str


@dataclass(frozen=True)
class OutgoingMessage:
    """One message to one person.

    :param reference: our own id (uuid) of the message; providers echo it in their events
    :param to: E.164 number (an e-mail address on that channel), or empty when ``recipient`` is
        given
    :param kind: ``template`` (approved by the provider), or free form: ``text``, ``image``,
        ``document``
    :param text: the rendered text: the message itself for ``text``, the caption of a file, what
        the person will read for ``template`` (used by providers without templates)
    :param template_name: name of the approved template
    :param language: code of the template's language, such as ``pt_BR``
    :param parameters: values for the template's body, in order
    :param parameter_names: names for the same values when the template has named parameters
    :param value_names: the shop's own names of ``parameters``, in order, for providers whose
        templates are filled in by name
    :param subject: of an e-mail
    :param recipient: provider's own id of the person (BSUID), for people who hide their number
    :param header: value for the variable of the template's text header
    :param header_name: its name when the template has named parameters
    :param file: the file itself (``image``, ``document``) or that of the template's header
    :param buttons: values for the template's variable buttons
    :param answers: provider's id of the person's message that this one answers
    """

    reference: str
    to: str = ""
    kind: str = TEXT
    text: str = ""
    template_name: str = ""
    language: str = "pt_BR"
    parameters: tuple[str, ...] = ()
    parameter_names: tuple[str, ...] | None = None
    value_names: tuple[str, ...] = ()
    subject: str = ""
    recipient: str | None = None
    header: str = ""
    header_name: str | None = None
    file: OutgoingFile | None = None
    buttons: tuple[ButtonValue, ...] = ()
    answers: str | None = None


@dataclass(frozen=True)
class SendResult:
    """What is known after one attempt to send.

    :param status: ``accepted`` (the provider took it), ``failed`` (it provably did not) or
        ``uncertain`` (it may have; never send again on the strength of this alone)
    :param provider_id: the provider's id of the message, when accepted
    :param wa_id: the recipient's id as the provider knows it (may lack the ninth digit)
    :param failure: what a failure asks for; only with ``failed``
    :param code: the provider's error code, or a word of ours (``http_503``, ``read_timeout`` ...)
    :param detail: the provider's explanation in its own words, without secrets
    :param retry_after: seconds the provider asked to wait
    :param is_held: accepted, and held back by the provider until it has judged the text
    """

    status: str
    provider_id: str | None = None
    wa_id: str | None = None
    failure: FailureClass | None = None
    code: str | None = None
    detail: str = ""
    retry_after: int | None = None
    is_held: bool = False


@dataclass(frozen=True)
class ConnectionCheck:
    """Answer to "is this gateway set up right?"; ``failure`` and ``code`` as in `SendResult`.

    :param quality_rating: the provider's word: ``GREEN``, ``YELLOW``, ``RED``, ``UNKNOWN``
    :param messaging_limit: how many people may be written to in a day (``TIER_2K`` ...)
    :param status: the provider's word for the state of the number (``CONNECTED`` ...)
    """

    ok: bool
    display_phone_number: str | None = None
    verified_name: str | None = None
    quality_rating: str | None = None
    messaging_limit: str | None = None
    status: str | None = None
    failure: FailureClass | None = None
    code: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class DeliveryEvent:
    """The provider says how far one message got.

    :param key: the same for every repetition of the same news: ``<provider id>:<state>``
    :param reference: our id as the provider echoed it, when it did
    :param provider_id: the provider's id of the message; None when only ``reference`` is known
    :param state: ``sent``, ``delivered``, ``read`` or ``failed``
    :param occurred_at: aware UTC; None when the provider gave no readable instant
    :param failure: what a failure asks for; only with ``failed``
    :param category: what the message was priced as (``utility``, ``marketing`` ...)
    :param charge: whether it is charged, in the provider's word: ``regular``,
        ``free_customer_service``, ``free_entry_point``, or ``free`` when it only says "not
        billable"; None when nothing was said
    :param wa_id: recipient, digits only, when not hidden
    :param user_id: recipient's BSUID
    :param sender_id: which of the shop's numbers sent it (the gateway's ``phone_number_id``)
    :param raw: the event as it came, cleaned of what a database cannot store
    """

    key: str
    reference: str | None
    provider_id: str | None
    state: str
    occurred_at: datetime | None
    failure: FailureClass | None = None
    code: str | None = None
    detail: str = ""
    category: str | None = None
    charge: str | None = None
    wa_id: str | None = None
    user_id: str | None = None
    sender_id: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Media:
    """A file a person sent: it is named here and downloaded by id or address, if ever."""

    id: str
    mime_type: str = ""
    filename: str = ""
    sha256: str = ""
    url: str = ""


@dataclass(frozen=True)
class InboundMessage:
    """Something a person did towards the shop.

    :param provider_id: the provider's id of this message, unique
    :param sender: digits of the phone; None when the person hides it
    :param sender_id: BSUID; at least one of ``sender`` and ``sender_id`` is known
    :param profile_name: how the person calls themselves
    :param kind: ``text``, ``button``, ``interactive``, ``image``, ``audio``, ``video``,
        ``document``, ``sticker``, ``location``, ``contacts``, ``reaction``, ``order``, ``share``,
        ``keys`` (pressed during a call), ``edit`` and ``revoke`` (of an earlier message, named
        by ``context_id``), ``system`` (the person changed number or id), ``preference`` (set
        in the provider's app, see ``wish``) or ``unsupported``
    :param text: what the person wrote or chose; caption of a file; a place, a card or a form in
        words; the emoji of a reaction, empty when it was taken back
    :param payload: id of the button or list row chosen; the keys
    :param received_at: aware UTC, or None
    :param context_id: provider's id of the message this one answers
    :param media: the file that came with it
    :param new_sender: new digits, only for ``system``
    :param new_sender_id: new BSUID, only for ``system``
    :param addressee_id: which of the shop's numbers got it (the gateway's ``phone_number_id``)
    :param wish: what the provider says that the person wants: ``stop``, ``resume``,
        ``stop_offers``, ``resume_offers``; empty: it says nothing, the text may
    :param raw: the message as it came, cleaned of what a database cannot store
    """

    provider_id: str
    sender: str | None
    sender_id: str | None
    profile_name: str = ""
    kind: str = TEXT
    text: str = ""
    payload: str = ""
    received_at: datetime | None = None
    context_id: str | None = None
    media: Media | None = None
    new_sender: str | None = None
    new_sender_id: str | None = None
    addressee_id: str | None = None
    wish: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def key(self) -> str:
        """The same for every repetition of this message."""
        return f"{self.provider_id}:inbound"

    @property
    def is_reply(self) -> bool:
        """True when a person says something to the shop.

        False for news the network tells about a person, for a reaction, for what is changed or
        taken back of something said before, and for what cannot be read.
        """
        return self.kind not in NO_REPLY


@dataclass(frozen=True)
class AccountNotice:
    """News about the shop's account: an error, a template re-classed, the number's quality.

    :param key: the same for every repetition
    :param kind: ``error`` or the provider's name of the subject (``account_update`` ...)
    :param occurred_at: aware UTC, or None
    :param account_id: which account it is about (the gateway's ``business_account_id``)
    :param news: the same, read: see `whatsapp_notices`; None for what is only kept
    """

    key: str
    kind: str
    occurred_at: datetime | None = None
    account_id: str | None = None
    news: Any = None
    failure: FailureClass | None = None
    code: str | None = None
    detail: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class UnknownItem:
    """A part of a webhook that could not be understood, kept to be reported.

    :param key: the same for every repetition
    :param where: what it was found in (``status``, ``message``, ``field:<name>`` ...)
    :param why: ``wrong_type``, ``missing``, ``unknown_value`` or ``not_json``
    :param raw: the part itself, JSON, cleaned
    """

    key: str
    where: str
    why: str
    raw: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class WebhookBatch:
    """Everything one call of the provider carried, in its order."""

    events: tuple[DeliveryEvent, ...] = ()
    inbound: tuple[InboundMessage, ...] = ()
    notices: tuple[AccountNotice, ...] = ()
    unknown: tuple[UnknownItem, ...] = ()
