"""A picture that a customer might send, drawn without any library: a payment slip's outline."""

import struct
import zlib

WIDTH, HEIGHT = 240, 320
_PAPER, _INK, _LINE, _GREEN = b"\xff\xff\xff", b"\x33\x33\x33", b"\xcc\xcc\xcc", b"\x2e\x8b\x57"


def payment_proof() -> bytes:
    """A PNG that looks like a bank's receipt from afar; no words, no amounts."""
    rows = b"".join(b"\x00" + b"".join(_colour(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def _colour(x: int, y: int) -> bytes:
    if y < 56:
        return _GREEN
    # A tick in a circle, then lines of "text".
    if (x - 120) ** 2 + (y - 110) ** 2 <= 34**2:
        on_tick = abs((x - 112) - (y - 120)) <= 4 if x < 114 else abs((x - 114) + (y - 122)) <= 4
        return _PAPER if on_tick and 98 <= x <= 142 and 94 <= y <= 126 else _GREEN
    if y > 165 and 24 <= x <= 216 and y % 22 < 8:
        return _INK if x <= 90 else _LINE if x >= 130 + (y // 22 % 3) * 20 else _PAPER
    return _PAPER


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
