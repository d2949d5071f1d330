"""A clerk sends: the client only builds the ``wa.me`` link that opens the written message."""

from ..domain.shop.phone import wa_me_link
from .base import ClientError, ConnectionCheck, OutgoingMessage, SendResult
from .provider import BY_HAND, Provider


class ByHand:
    """No network. The message is sent when the clerk says so, and its fate stays unknown."""

    is_automatic = False

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self) -> None:
        """Nothing to drop."""

    def check_connection(self) -> ConnectionCheck:
        """Always well: the clerk's own phone is the connection."""
        return ConnectionCheck(True)

    def send(self, message: OutgoingMessage) -> SendResult:
        """Not possible for a program.

        :raise ClientError: always, ``not_automatic``
        """
        raise ClientError("not_automatic", "a person sends this message through its link")

    def link(self, message: OutgoingMessage) -> str:
        """Address that opens WhatsApp with the recipient and the text filled in.

        :raise ClientError: ``bad_number`` without an E.164 number, ``no_text`` without a text
        """
        number = message.to.removeprefix("+")
        if number == message.to or not number.isascii() or not number.isdigit():
            raise ClientError("bad_number")
        if not message.text.strip():
            raise ClientError("no_text")
        return wa_me_link(message.to, message.text)


PROVIDER = Provider(
    name="by_hand",
    channels=("whatsapp",),
    leaves=BY_HAND,
    make=lambda _settings: ByHand(),
    has_connection=False,
)
