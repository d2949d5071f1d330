"""A bank that is no bank: makes every charge at once, receives nothing, asks nobody.

Everything can be tried with it: the shop's screen plays the payments (models/pix_sandbox).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from .pix_errors import PixTrouble, Trouble
from .pix_shapes import ACTIVE, REFUND_DONE, REMOVED_BY_US, ChargeAnswer, PixPage, RefundAnswer

LOCATION = "pix.sandbox.example/v2/"


class SandboxClient:
    """Answers as :class:`~.pix_bacen.PixClient` does; keeps nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self) -> None:
        """Nothing is open."""

    def put_charge(self, kind: str, txid: str, body: Mapping[str, Any]) -> ChargeAnswer:
        """Made."""
        return ChargeAnswer(txid, ACTIVE, 0, f"{LOCATION}{kind}/{txid}")

    def patch_charge(self, kind: str, txid: str, body: Mapping[str, Any]) -> ChargeAnswer:
        """Revised."""
        return ChargeAnswer(txid, ACTIVE, 1, f"{LOCATION}{kind}/{txid}")

    def remove_charge(self, kind: str, txid: str) -> ChargeAnswer:
        """Removed."""
        return ChargeAnswer(txid, REMOVED_BY_US, 1, f"{LOCATION}{kind}/{txid}")

    def get_charge(self, kind: str, txid: str) -> ChargeAnswer:
        """Still waiting."""
        return ChargeAnswer(txid, ACTIVE, 0, f"{LOCATION}{kind}/{txid}")

    def put_lot(self, lot: int, description: str, charges: Mapping[str, Mapping[str, Any]]) -> None:
        """Accepted; the charges are there when they are asked for one by one."""

    def get_lot(self, lot: int) -> dict[str, tuple[str, str]]:
        """Nothing is remembered."""
        return {}

    def received(
        self, start: datetime, end: datetime, *, given_back: bool = False
    ) -> Iterator[PixPage]:
        """Nothing comes by itself."""
        return iter(())

    def refund(
        self, end_to_end_id: str, refund_id: str, amount: Decimal, reason: str = ""
    ) -> RefundAnswer:
        """Given back at once."""
        return RefundAnswer(refund_id, amount, REFUND_DONE)

    def get_refund(self, end_to_end_id: str, refund_id: str) -> RefundAnswer:
        """Nothing is remembered.

        :raise PixTrouble: ``NOT_FOUND``
        """
        raise PixTrouble(Trouble.NOT_FOUND)

    def put_webhook(self, url: str) -> None:
        """Nobody will report."""

    def get_webhook(self) -> str:
        """Nowhere."""
        return ""

    def delete_webhook(self) -> None:
        """Nobody reports."""
