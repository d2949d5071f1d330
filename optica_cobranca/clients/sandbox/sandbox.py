"""A provider without a network: a shop, a demo or a test can try every fate of a message.

The fate depends on nothing but the message, so that it is the same every time. It is chosen by
the last four digits of the number (of what stands before the ``@`` of an e-mail address), or,
stronger, by a word such as ``[sandbox:failed]`` in the text or in a parameter. Only WhatsApp
tells of readings; on other channels ``read`` ends with the delivery:

======  =============  ====================================================================
digits  word           what happens
======  =============  ====================================================================
any     ``read``       accepted; then sent, delivered and read
0001    ``failed``     accepted; then failed: the number is not on WhatsApp (131026)
0002    ``delivered``  accepted; then sent and delivered, never read
0003    ``uncertain``  the answer is lost, but the message arrives: events come by reference
0004    ``sent``       accepted; then sent, and nothing more
0005    ``template``   refused: the template does not exist (132001)
0006    ``busy``       refused: too many messages, try again in 5 seconds (130429)
0007    ``lost``       the answer is lost and nothing is ever heard again
======  =============  ====================================================================
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from ...domain.messaging.message_states import FailureClass
from ..base import (
    ACCEPTED,
    FAILED,
    UNCERTAIN,
    ConnectionCheck,
    DeliveryEvent,
    Media,
    OutgoingMessage,
    SendResult,
)
from ..http.picture import payment_proof
from ..http.remote import FetchedMedia
from ..meta.whatsapp_errors import classify
from ..meta.whatsapp_payload import find_problem
from ..provider import Provider, Settings, pick

_OUTCOME_OF_DIGITS = {
    "0001": "failed",
    "0002": "delivered",
    "0003": "uncertain",
    "0004": "sent",
    "0005": "template",
    "0006": "busy",
    "0007": "lost",
}
_DEFAULT = "read"
# The states that the provider would report later.
_STATES_OF_OUTCOME: dict[str, tuple[str, ...]] = {
    "read": ("sent", "delivered", "read"),
    "delivered": ("sent", "delivered"),
    "sent": ("sent",),
    "failed": ("failed",),
    "uncertain": ("sent", "delivered"),
    "template": (),
    "busy": (),
    "lost": (),
}
WHATSAPP = "whatsapp"
EMAIL = "email"
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_WORD = re.compile(r"\[sandbox:([a-z]+)\]")
_NOT_ON_WHATSAPP = 131026
_NO_TEMPLATE = 132001
_TOO_MANY = 130429
_BUSY_SECONDS = 5
# The id of the file that comes with a played answer.
PROOF = "sandbox-payment-proof"


@dataclass(frozen=True)
class SandboxConfig:
    """Set-up of a sandbox.

    :param seed: makes the ids of two sandboxes differ (for example the gateway's uuid)
    :param channel: what is played
    """

    seed: str = ""
    channel: str = WHATSAPP


class Sandbox:
    """Stands in for a provider. Thread-safe: it holds no state."""

    is_automatic = True

    def __init__(self, config: SandboxConfig | None = None):
        config = config or SandboxConfig()
        self._seed, self._channel = config.seed, config.channel

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self) -> None:
        """Nothing to drop."""

    def check_connection(self) -> ConnectionCheck:
        """Always well."""
        return ConnectionCheck(True, verified_name="Sandbox")

    def send(self, message: OutgoingMessage) -> SendResult:
        """Pretend to send; refuses what the real provider would refuse for its form."""
        problem = self._problem(message)
        if problem:
            return SendResult(FAILED, failure=FailureClass.FIX_REQUEST, code=problem)
        texts = (message.text, *message.parameters)
        outcome = _outcome_of_text(*texts) or _outcome_of_number(message.to)
        if outcome in ("uncertain", "lost"):
            return SendResult(UNCERTAIN, code="read_timeout")
        if outcome == "template":
            return _refused(_NO_TEMPLATE, "Template name does not exist (sandbox)")
        if outcome == "busy":
            return _refused(_TOO_MANY, "Too many messages (sandbox)", _BUSY_SECONDS)
        return SendResult(
            ACCEPTED,
            provider_id=self._provider_id(message.reference, outcome),
            wa_id=self._wa_id(message.to),
        )

    def events_for(
        self, reference: str, provider_id: str | None, to: str, now: datetime, text: str = ""
    ) -> tuple[DeliveryEvent, ...]:
        """What the provider would report about one message, to be played like a webhook.

        :param reference: our id of the message
        :param provider_id: the id that `send` gave, if it gave one; it remembers a fate that was
            chosen by a word in the text
        :param to: E.164 number
        :param now: aware UTC; becomes the instant of the events
        :param text: the message's text, for a fate chosen there whose answer was lost
        :return: in order, the same keys each time; empty when nothing would be heard
        """
        outcome = _outcome_of_id(provider_id) or _outcome_of_text(text) or _outcome_of_number(to)
        provider_id = provider_id or self._provider_id(reference, outcome)
        return tuple(
            _event(state, reference, provider_id, self._wa_id(to), now)
            for state in _STATES_OF_OUTCOME[outcome]
            if state != "read" or self._channel == WHATSAPP
        )

    def download(self, media: Media) -> FetchedMedia:
        """The one file that customers of the sandbox send: a picture of a payment."""
        if media.id != PROOF:
            return FetchedMedia(False, failure=FailureClass.FIX_REQUEST, code="bad_id")
        return FetchedMedia(True, content=payment_proof(), mime_type="image/png")

    def _problem(self, message: OutgoingMessage) -> str | None:
        if self._channel != EMAIL:
            return find_problem(message)
        if not _ADDRESS.fullmatch(message.to):
            return "bad_address"
        return None if message.text.strip() else "no_text"

    def _wa_id(self, to: str) -> str | None:
        return (to.removeprefix("+") or None) if self._channel == WHATSAPP else None

    def _provider_id(self, reference: str, outcome: str) -> str:
        digest = hashlib.sha256(f"{self._seed}:{reference}".encode()).hexdigest()
        return f"sandbox.{outcome}.{digest[:24]}"


def _event(
    state: str, reference: str, provider_id: str, wa_id: str | None, now: datetime
) -> DeliveryEvent:
    code = _NOT_ON_WHATSAPP if state == "failed" else None
    return DeliveryEvent(
        key=f"{provider_id}:{state}",
        reference=reference,
        provider_id=provider_id,
        state=state,
        occurred_at=now,
        failure=classify(code) if code else None,
        code=str(code) if code else None,
        detail="Message undeliverable (sandbox)" if code else "",
        category="utility",
        wa_id=wa_id,
        raw={"id": provider_id, "status": state, "biz_opaque_callback_data": reference},
    )


def _refused(code: int, detail: str, retry_after: int | None = None) -> SendResult:
    return SendResult(
        FAILED, failure=classify(code), code=str(code), detail=detail, retry_after=retry_after
    )


def _outcome_of_text(*texts: str) -> str | None:
    for text in texts:
        for word in _WORD.findall(text):
            if word in _STATES_OF_OUTCOME:
                return word
    return None


def _outcome_of_number(to: str) -> str:
    return _OUTCOME_OF_DIGITS.get(to.partition("@")[0][-4:], _DEFAULT)


def _outcome_of_id(provider_id: str | None) -> str | None:
    maker, _, rest = (provider_id or "").partition(".")
    outcome = rest.partition(".")[0]
    return outcome if maker == "sandbox" and outcome in _STATES_OF_OUTCOME else None


def _make(settings: Settings) -> Sandbox:
    names = {"uuid": "seed", "channel": "channel"}
    return Sandbox(SandboxConfig(**pick(settings, names)))


PROVIDER = Provider(
    name="sandbox",
    channels=("whatsapp", "sms", "email", "voice"),
    make=_make,
    has_connection=False,
    reports_deliveries=True,
)
