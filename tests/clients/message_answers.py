"""What each answer of a message provider means: the tables, and how a row is played.

``played`` is a behaviour of the provider's stand-in, or one of the ways below in which nothing
arrives there at all.
"""

import contextlib
import socket
from dataclasses import dataclass, replace
from typing import Any

from odoo.addons.optica_cobranca.clients.base import OutgoingFile
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.clients.answer_table import (
    AFTER,
    BEFORE,
    DONE,
    DURING,
    NO_CONNECTION,
    NOT_DONE,
    OWN_CHECK,
    RFC_9110_ELSEWHERE,
    RFC_9110_METHODS,
    RFC_9110_REFUSED,
    RFC_9110_SERVER,
    UNSURE,
    Row,
    Table,
)
from tests.fakes import evolution_server, twilio_server, zenvia_server
from tests.fakes.cloud_api_behaviour import (
    Behaviour,
    answer,
    garbage,
    half_body,
    refuse,
    reset,
    silence,
)

BELIEF = {"accepted": DONE, "failed": NOT_DONE, "uncertain": UNSURE}

WAITS = "waits for the provider's reports"
UNKNOWN = "is never sent again by itself: a report with our id settles it, or a person"
# What the outbox does after a failure, by what the failure asks for.
NEXT = {
    FailureClass.RETRY: "is sent again later, up to 5 times",
    FailureClass.RETRY_RECIPIENT_LATER: "is sent again later, up to 5 times",
    FailureClass.PAUSE_SENDER: "waits; the gateway stops and the managers are told",
    FailureClass.AUTH: "waits; the gateway stops and the managers are told",
    FailureClass.WAIT_A_DAY: "counts as a contact; the next channel of the template",
    FailureClass.STOP_RECIPIENT: "the next channel of the template",
    FailureClass.NOT_ANSWERED: "the next channel of the template",
    FailureClass.NEEDS_TEMPLATE: "the next channel of the template",
    FailureClass.FIX_TEMPLATE: "the next channel of the template; a person mends the template",
    FailureClass.FIX_REQUEST: "the next channel of the template; a person looks at it",
}


@dataclass(frozen=True)
class Nobody:
    """Nothing answers at the address: ``refused``, ``no_tls`` or ``hangs``."""

    how: str


@dataclass(frozen=True)
class Written:
    """A message that is not even tried: these of its parts are different."""

    changes: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class WithFile:
    """A message with a file, whose upload is treated so."""

    upload: Behaviour


def not_done(phase, shown, played, asks, code, source) -> Row:
    """A row of what was provably not taken."""
    return Row(phase, shown, played, NOT_DONE, NEXT[asks], source, code=code, asks=asks)


def unsure(phase, shown, played, code, source) -> Row:
    """A row of which nobody knows."""
    return Row(phase, shown, played, UNSURE, UNKNOWN, source, code=code)


def done(shown, played, source) -> Row:
    """A row of what the provider took."""
    return Row(AFTER, shown, played, DONE, WAITS, source)


def written(**changes) -> Written:
    return Written(tuple(changes.items()))


_RETRY, _FIX, _AUTH = FailureClass.RETRY, FailureClass.FIX_REQUEST, FailureClass.AUTH
HTML = "<html><body>Bad gateway</body></html>"

# Without a word of the provider's own: the same for all that are asked over HTTP.
NETWORK = (
    not_done(BEFORE, "text is empty", written(text=" "), _FIX, "no_text", OWN_CHECK),
    not_done(
        BEFORE, "text is too long", written(text="é" * 5000), _FIX, "text_too_long", OWN_CHECK
    ),
    not_done(BEFORE, "nobody listens", Nobody("refused"), _RETRY, "connect", NO_CONNECTION),
    not_done(
        BEFORE,
        "no TLS, or a stranger's certificate",
        Nobody("no_tls"),
        _RETRY,
        "tls",
        NO_CONNECTION,
    ),
    not_done(
        BEFORE, "no connection in time", Nobody("hangs"), _RETRY, "connect_timeout", NO_CONNECTION
    ),
    unsure(DURING, "silence", silence(3.0), "read_timeout", RFC_9110_METHODS),
    unsure(DURING, "connection lost", reset(), "connection_lost", RFC_9110_METHODS),
    unsure(
        AFTER, "success without an id", answer(200, {"success": True}), "no_id", RFC_9110_METHODS
    ),
    unsure(AFTER, "success that is no JSON", garbage(), "bad_answer", RFC_9110_METHODS),
    unsure(AFTER, "success cut short", half_body(200), "half_answer", RFC_9110_METHODS),
    unsure(
        AFTER,
        "303",
        answer(303, "", Location="/elsewhere"),
        "http_303",
        "RFC 9110 §15.4.4: the answer to the request is elsewhere",
    ),
    not_done(
        AFTER,
        "307",
        answer(307, "", Location="/elsewhere"),
        _FIX,
        "http_307",
        RFC_9110_ELSEWHERE,
    ),
    not_done(AFTER, "401 without words", answer(401, HTML), _AUTH, "http_401", RFC_9110_REFUSED),
    not_done(AFTER, "403 without words", answer(403, HTML), _AUTH, "http_403", RFC_9110_REFUSED),
    not_done(
        AFTER,
        "408 without words",
        answer(408, HTML),
        _RETRY,
        "http_408",
        "RFC 9110 §15.5.9: the request did not arrive whole",
    ),
    not_done(
        AFTER,
        "429 without words",
        answer(429, HTML),
        _RETRY,
        "http_429",
        "RFC 6585 §4: refused for being too many",
    ),
    *(
        unsure(AFTER, f"{status} without words", answer(status, HTML), f"http_{status}", source)
        for status, source in (
            (500, RFC_9110_SERVER),
            (502, "RFC 9110 §15.6.3: a machine in between did not understand the provider"),
            (503, RFC_9110_SERVER),
            (504, "RFC 9110 §15.6.5: a machine in between gave up waiting for the provider"),
        )
    ),
    unsure(AFTER, "500 cut short", half_body(500), "half_answer", RFC_9110_SERVER),
)
# Servers that answer 400 only to what they have not taken.
BAD_REQUEST = not_done(
    AFTER, "400 without words", answer(400, HTML), _FIX, "http_400", RFC_9110_REFUSED
)


def network(**instead: Row | None) -> tuple[Row, ...]:
    """The common rows; by name of the answer's code some may be left out or replaced."""
    rows = [instead.get(row.code, row) for row in NETWORK]
    return tuple(row for row in rows if row)


# ------------------------------------------------------------------ Meta

META_CODES = "Meta, WhatsApp Cloud API, Error Codes"
META_SPEC = "Meta, Business Messaging API v23.0, MessageResponsePayload"
_META = (
    (131016, 503, _RETRY, "service unavailable"),
    (131000, 500, _RETRY, "message failed to send"),
    (2, 503, _RETRY, "down or overloaded"),
    (130429, 429, _RETRY, "throughput reached"),
    (131056, 400, FailureClass.RETRY_RECIPIENT_LATER, "too fast for one person"),
    (131048, 400, FailureClass.PAUSE_SENDER, "spam limit"),
    (131042, 400, FailureClass.PAUSE_SENDER, "no payment method"),
    (131049, 400, FailureClass.WAIT_A_DAY, "marketing limit of the person"),
    (131026, 400, FailureClass.STOP_RECIPIENT, "not on WhatsApp"),
    (131050, 400, FailureClass.STOP_RECIPIENT, "wants no marketing"),
    (131047, 400, FailureClass.NEEDS_TEMPLATE, "24 hours are over"),
    (132001, 404, FailureClass.FIX_TEMPLATE, "no such template"),
    (132015, 400, FailureClass.FIX_TEMPLATE, "template paused"),
    (131008, 400, _FIX, "parameter missing"),
    (190, 401, _AUTH, "token expired"),
)


def meta_accepted(state: str = "accepted") -> Behaviour:
    return answer(
        200,
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": "+5551999990001", "wa_id": "555199990001"}],
            "messages": [{"id": "wamid.ABC", "message_status": state}],
        },
    )


WHATSAPP = Table(
    "whatsapp_cloud",
    "WhatsApp Cloud API (Meta)",
    (
        *network(),
        BAD_REQUEST,
        not_done(
            BEFORE,
            "the upload of its file was not answered",
            WithFile(silence(3.0)),
            _RETRY,
            "media_read_timeout",
            "Meta, Media: an upload sends nothing to anybody",
        ),
        not_done(
            BEFORE,
            "the upload of its file failed with 500",
            WithFile(answer(500, HTML)),
            _RETRY,
            "http_500",
            "Meta, Media: an upload sends nothing to anybody",
        ),
        done("200, accepted", meta_accepted(), META_SPEC),
        done(
            "200, held_for_quality_assessment",
            meta_accepted("held_for_quality_assessment"),
            "Meta, Template Pacing: sent later, or reported as failed with 132015",
        ),
        *(
            not_done(AFTER, f"{status}, {code}: {words}", refuse(code, status), asks, str(code),
                     META_CODES)
            for code, status, asks, words in _META
        ),
        not_done(
            AFTER,
            "200 around an error's code",
            answer(200, {"error": {"message": "no", "type": "X", "code": 131026}}),
            FailureClass.STOP_RECIPIENT,
            "131026",
            META_CODES,
        ),
        not_done(
            AFTER, "400, a code that is not in the list", refuse(987654), _FIX, "987654",
            RFC_9110_REFUSED,
        ),
        unsure(
            AFTER,
            "500, 1: “possible server error”",
            refuse(1, 500),
            "http_500",
            META_CODES + ": may be either",
        ),
        unsure(
            AFTER, "500, a code that is not in the list", refuse(987654, 500), "http_500",
            RFC_9110_SERVER,
        ),
    ),
    note="“Not done” needs one of the codes that Meta lists as refusals; the status alone proves "
    "nothing from 500 on. The reference `biz_opaque_callback_data` comes back in every report.",
)  # fmt: skip

INSTAGRAM = Table(
    "instagram",
    "Instagram (Meta)",
    (
        *network(),
        BAD_REQUEST,
        done("200 with an id", Behaviour(), "Meta, Instagram API, Send a Message"),
        not_done(
            AFTER,
            "403, 10: 24 hours are over",
            refuse(10, 403),
            FailureClass.NEEDS_TEMPLATE,
            "10",
            "Meta, Messenger Platform, Error Codes",
        ),
        not_done(
            AFTER,
            "400, 551: the person cannot be written to",
            refuse(551),
            FailureClass.STOP_RECIPIENT,
            "551",
            "Meta, Messenger Platform, Error Codes",
        ),
        not_done(
            AFTER,
            "429, 613: too many calls",
            refuse(613, 429),
            _RETRY,
            "613",
            "Meta, Messenger Platform, Error Codes",
        ),
        not_done(AFTER, "401, 190: token expired", refuse(190, 401), _AUTH, "190", META_CODES),
        unsure(AFTER, "500, 1: “possible server error”", refuse(1, 500), "http_500", META_CODES),
    ),
    note="Instagram reports no deliveries with an id of ours: what is unsure is for a person.",
)

# ------------------------------------------------------------- Evolution

EVOLUTION_SEND = "evolution-api 2.3, whatsapp.baileys.service.ts: sendMessageWithTyping"
EVOLUTION_META = "evolution-api 2.3, whatsapp.business.service.ts: sendMessageWithTyping"
EVOLUTION_FORM = "evolution-api 2.3, abstract.router.ts: checked before anything is sent"
EVOLUTION_GUARD = "evolution-api 2.3, guards: checked before anything is sent"
_thrown = evolution_server.refuse

EVOLUTION = Table(
    "evolution",
    "Evolution API",
    (
        *network(),
        done("201 with a key", Behaviour(), EVOLUTION_SEND),
        not_done(
            AFTER, "400, the request's form (a list in the list)",
            _thrown(400, ["Text is required"]), _FIX, "http_400", EVOLUTION_FORM,
        ),
        not_done(
            AFTER, "400, exists: false", _thrown(400, {"exists": False, "number": "55"}),
            FailureClass.STOP_RECIPIENT, "not_on_whatsapp", EVOLUTION_SEND + ", first lines",
        ),
        not_done(
            AFTER, "400 or 500, Connection Closed", _thrown(400, "Error: Connection Closed"),
            FailureClass.PAUSE_SENDER, "not_connected",
            "Baileys, socket.ts: the socket is not open, nothing is written to it",
        ),
        not_done(
            AFTER, "401, Unauthorized", _thrown(401, "Unauthorized"), _AUTH, "http_401",
            EVOLUTION_GUARD,
        ),
        not_done(
            AFTER, "404, no such instance", _thrown(404, 'The "x" instance does not exist'),
            FailureClass.PAUSE_SENDER, "no_instance", EVOLUTION_GUARD,
        ),
        unsure(
            AFTER, "400, Error: Timed Out", _thrown(400, "Error: Timed Out"), "http_400",
            EVOLUTION_SEND + ": thrown after sending as well",
        ),
        unsure(
            AFTER, "400, the server's database",
            _thrown(400, "PrismaClientKnownRequestError: No space left on device"), "http_400",
            EVOLUTION_SEND + ": stored after it was sent",
        ),
        unsure(
            AFTER, "400, Meta did not answer the server",
            _thrown(400, "TypeError: Cannot read properties of undefined (reading 'error_data')"),
            "http_400", EVOLUTION_META,
        ),
        unsure(
            AFTER, "400 without words", answer(400, HTML), "http_400",
            EVOLUTION_SEND + ": any trouble is answered with 400",
        ),
        unsure(
            AFTER, "500, Internal Server Error", _thrown(500, "Internal Server Error"), "http_500",
            EVOLUTION_SEND,
        ),
        not_done(
            AFTER, "201 around Meta's refusal (instance in Meta mode)",
            answer(201, {"message": "(#131026) no", "type": "OAuthException", "code": 131026}),
            FailureClass.STOP_RECIPIENT, "131026", EVOLUTION_META,
        ),
        unsure(
            AFTER, "201 around Meta's “possible server error”",
            answer(201, {"message": "(#1) no", "type": "OAuthException", "code": 1}), "no_id",
            EVOLUTION_META,
        ),
    ),
    note="The server answers 400 to whatever goes wrong inside of it, also after the message has "
    "left. Its events carry no id of ours: what is unsure is for a person, who looks at the "
    "telephone.",
)  # fmt: skip

# ---------------------------------------------------------------- Twilio

TWILIO_API = "Twilio, twilio_api_v2010"
TWILIO_500 = "Twilio, error 20500: sending is not idempotent, a repeated request may send twice"


def _twilio(code: int, status: int, asks: FailureClass, words: str) -> Row:
    return not_done(
        AFTER,
        f"{status}, {code}: {words}",
        twilio_server.refuse(code, status),
        asks,
        str(code),
        f"Twilio, error {code}",
    )


TWILIO = Table(
    "twilio",
    "Twilio (SMS, calls)",
    (
        *network(),
        BAD_REQUEST,
        done("201 with a sid", Behaviour(), TWILIO_API),
        _twilio(20429, 429, _RETRY, "too many requests"),
        _twilio(20003, 401, _AUTH, "wrong token"),
        _twilio(21211, 400, FailureClass.STOP_RECIPIENT, "no such number"),
        _twilio(21610, 400, FailureClass.STOP_RECIPIENT, "has unsubscribed"),
        _twilio(21408, 400, FailureClass.PAUSE_SENDER, "no permission for the country"),
        _twilio(21617, 400, _FIX, "text too long"),
        _twilio(99999, 400, _FIX, "a code that is not in the list"),
        unsure(AFTER, "500, 20500", twilio_server.refuse(20500, 500), "20500", TWILIO_500),
        unsure(AFTER, "503, 20503", twilio_server.refuse(20503, 503), "20503", TWILIO_500),
    ),
    note="The address for reports carries our id: a report settles what is unsure.",
)

# ---------------------------------------------------------------- Zenvia

ZENVIA_ERRORS = "zenvia-openapi-spec, Error Handling"


def _zenvia(code: str, status: int, asks: FailureClass) -> Row:
    return not_done(
        AFTER,
        f"{status}, {code}",
        zenvia_server.refuse(code, status),
        asks,
        code,
        ZENVIA_ERRORS,
    )


ZENVIA = Table(
    "zenvia",
    "Zenvia (SMS, WhatsApp, calls)",
    (
        *network(),
        BAD_REQUEST,
        done("200 with an id", Behaviour(), "zenvia-openapi-spec, message/base.ts"),
        _zenvia("VALIDATION_ERROR", 400, _FIX),
        _zenvia("AUTHENTICATION_ERROR", 401, _AUTH),
        _zenvia("NOT_FOUND", 404, _FIX),
        unsure(
            AFTER,
            "409, DUPLICATED",
            zenvia_server.refuse("DUPLICATED", 409),
            "DUPLICATED",
            ZENVIA_ERRORS + ": it exists already",
        ),
        unsure(
            AFTER,
            "500, INTERNAL_ERROR",
            zenvia_server.refuse("INTERNAL_ERROR", 500),
            "INTERNAL_ERROR",
            ZENVIA_ERRORS + ": may be repeated, which does not say that nothing was taken",
        ),
        unsure(
            AFTER,
            "503, a code that is not in the list",
            zenvia_server.refuse("SOMETHING_NEW", 503),
            "SOMETHING_NEW",
            RFC_9110_SERVER,
        ),
    ),
    note="Every report carries our id (`externalId`): it settles what is unsure.",
)

TABLES = (WHATSAPP, INSTAGRAM, EVOLUTION, TWILIO, ZENVIA)


# ------------------------------------------------------------ how to play


@contextlib.contextmanager
def address_of_nobody(how: str, served: str):
    """An address where nothing answers as it should.

    :param served: address of a server that speaks plain HTTP
    """
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        if how == "no_tls":
            url = served.replace("http:", "https:")
        elif how == "hangs":
            # Its queue is full and nobody takes from it.
            listening.listen(0)
            for _ in range(8):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(listening.getsockname())
        yield url


def message_for(row: Row, message):
    """The message as the row wants it written."""
    if isinstance(row.played, Written):
        return replace(message, **dict(row.played.changes))
    if isinstance(row.played, WithFile):
        file = OutgoingFile("document", "carne.pdf", "application/pdf", b"%PDF-1.4 test")
        return replace(message, kind="document", file=file)
    return message
