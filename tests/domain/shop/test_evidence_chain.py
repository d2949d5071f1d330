"""The chain: links follow each other, and whatever is changed, taken out or put in is named."""

from dataclasses import replace
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.optica_cobranca.domain.shop.evidence_chain import (
    BEGINNING,
    Break,
    Link,
    chained,
    content_digest,
    first_break,
)

AT = "2026-02-11 15:00:00"


def links(count):
    new = [
        Link(0, f"contact.consent,{n}", AT, content_digest([("n", str(n))], "s"), "")
        for n in range(count)
    ]
    return list(chained(new))


def test_digest_and_hash_worked_out_by_hand():
    digest = content_digest([("text", "olá"), ("at", None)], "salt")
    assert digest == sha256('["salt",[["at",null],["text","olá"]]]'.encode()).hexdigest()
    (link,) = chained([Link(0, "contact.event,7", AT, digest, "")])
    text = f'["{BEGINNING}",1,"contact.event,7","{AT}","{digest}"]'
    assert (link.number, link.previous) == (1, BEGINNING)
    assert link.hash == sha256(text.encode()).hexdigest()


def test_the_order_of_fields_does_not_matter_and_their_values_do():
    assert content_digest([("a", "1"), ("b", "2")], "s") == content_digest(
        [("b", "2"), ("a", "1")], "s"
    )
    assert content_digest([("a", "1")], "s") != content_digest([("a", "2")], "s")
    assert content_digest([("a", "1")], "s") != content_digest([("a", "1")], "t")
    assert content_digest([("a", None)], "s") != content_digest([("a", "")], "s")


def test_a_whole_chain_has_no_break_in_one_piece_or_in_two():
    chain = links(5)
    assert [link.number for link in chain] == [1, 2, 3, 4, 5]
    assert first_break(chain) is None
    assert first_break(chain[2:], chain[1].number, chain[1].hash) is None
    more = list(chained([Link(0, "dunning.call,1", AT, "d", "")], 5, chain[-1].hash))
    assert first_break([*chain, *more]) is None


def test_each_kind_of_break_is_named():
    chain = links(4)
    assert first_break(chain[:1] + chain[2:]) == (chain[2], Break.NUMBER)
    changed = replace(chain[1], digest="x")
    assert first_break([chain[0], changed, *chain[2:]]) == (changed, Break.HASH)
    hidden = replace(changed, hash=changed.own_hash())
    assert first_break([chain[0], hidden, *chain[2:]]) == (chain[2], Break.PREVIOUS)
    swapped = [chain[0], replace(chain[2], number=2), replace(chain[1], number=3), chain[3]]
    assert first_break(swapped) == (swapped[1], Break.PREVIOUS)


@given(st.integers(1, 12), st.data())
def test_no_change_of_one_link_goes_unseen(count, data):
    chain = links(count)
    place = data.draw(st.integers(0, count - 1))
    name = data.draw(st.sampled_from(["record", "recorded_at", "digest", "previous", "hash"]))
    chain[place] = replace(chain[place], **{name: "other"})
    found = first_break(chain)
    assert found is not None
    assert found[0].number == place + 1
