"""A chain of evidence: each link carries the hash of the one before.

So none is changed, taken out or put in between without the next one telling.

What is chained is a digest of the content, never the content: the content may be erased when its
time has come, and the chain stays as verifiable as before. The digest is salted, so that an erased
telephone number or a short sentence cannot be found out by trying; the salt goes with the content.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from .vocabulary import Vocabulary

# What the first link of a company follows.
BEGINNING = "0" * 64


class Break(Vocabulary):
    """What is wrong with a link."""

    NUMBER = "number"
    PREVIOUS = "previous"
    HASH = "hash"
    CONTENT = "content"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the chain of a company.

    ``number`` counts from 1 without gaps; ``recorded_at`` as ``2026-02-11 15:00:00`` (UTC);
    ``record`` as ``model,id``; ``digest``, ``previous`` and ``hash`` are SHA-256, hexadecimal.
    """

    number: int
    record: str
    recorded_at: str
    digest: str
    previous: str
    hash: str = ""

    def own_hash(self) -> str:
        """What ``hash`` has to be."""
        parts = [self.previous, self.number, self.record, self.recorded_at, self.digest]
        return _sha256(json.dumps(parts, separators=(",", ":")))


def content_digest(content: Iterable[tuple[str, str | None]], salt: str) -> str:
    """Digest of what a record says.

    :param content: names and values as the database writes them
    :param salt: random text, kept with the content and erased with it
    """
    pairs = sorted([name, value] for name, value in content)
    return _sha256(json.dumps([salt, pairs], ensure_ascii=False, separators=(",", ":")))


def chained(links: Iterable[Link], number: int = 0, head: str = BEGINNING) -> Iterator[Link]:
    """New links put behind the last one, in order, with their numbers and hashes.

    :param number: of the last link; 0 when there is none yet
    :param head: its hash
    """
    for link in links:
        number += 1
        placed = Link(number, link.record, link.recorded_at, link.digest, head)
        head = placed.own_hash()
        yield Link(number, link.record, link.recorded_at, link.digest, placed.previous, head)


def first_break(
    links: Iterable[Link], number: int = 0, head: str = BEGINNING
) -> tuple[Link, Break] | None:
    """The first link that does not follow from those before it; None when all do.

    :param number: of the link before the first of these
    :param head: its hash
    """
    for link in links:
        number += 1
        if link.number != number:
            return link, Break.NUMBER
        if link.previous != head:
            return link, Break.PREVIOUS
        if link.own_hash() != link.hash:
            return link, Break.HASH
        head = link.hash
    return None


def _sha256(text):
    return sha256(text.encode()).hexdigest()
