"""What a customer allowed or forbade: which word counts, what a changed wish adds to the ledger.

Source: LGPD art. 8 (consent is proven and can be withdrawn at any time). The ledger is only ever
added to; a row names a purpose and a channel, or ``ALL`` of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..shop.vocabulary import Vocabulary
from .gate import Channel, Purpose
from .opt_out import Wish

ALL = "all"
# Channels on which nobody writes by himself: a letter has no button to stop it.
CHOSEN_CHANNELS = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL, Channel.VOICE)


class ConsentDecision(Vocabulary):
    """The customer's word."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"


class Topic(Vocabulary):
    """What customers choose about: two kinds of messages, not four purposes."""

    ACCOUNT = "account"  # their installments and orders
    OFFERS = "offers"  # birthday greetings, expiring prescriptions, campaigns


PURPOSES_OF = {
    Topic.ACCOUNT: (Purpose.COLLECTION, Purpose.SERVICE),
    Topic.OFFERS: (Purpose.RELATIONSHIP, Purpose.MARKETING),
}


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One row of the ledger: purpose and channel may be ``ALL``."""

    purpose: str
    channel: str
    decision: str


def latest_decision(rows: Iterable[ConsentRow], purpose: str, channel: str) -> str | None:
    """The last word about a purpose on a channel; ``rows`` oldest first. None: nothing was said."""
    found = None
    for row in rows:
        if row.purpose in (purpose, ALL) and row.channel in (channel, ALL):
            found = row.decision
    return found


def is_allowed(rows: Iterable[ConsentRow], topic: str, channel: str) -> bool:
    """Whether messages of a topic may be sent over a channel.

    What nobody spoke about is allowed for the customer's own account, and not for offers: these
    need the customer's yes.
    """
    rows = list(rows)
    decisions = [latest_decision(rows, purpose, channel) for purpose in PURPOSES_OF[Topic(topic)]]
    if topic == Topic.OFFERS:
        return all(decision == ConsentDecision.OPT_IN for decision in decisions)
    return all(decision != ConsentDecision.OPT_OUT for decision in decisions)


def is_given_up(rows: Iterable[ConsentRow], channel: str) -> bool:
    """True when the customer said no to every purpose on a channel."""
    rows = list(rows)
    return all(
        latest_decision(rows, purpose, channel) == ConsentDecision.OPT_OUT for purpose in Purpose
    )


def _is_said(rows: list[ConsentRow], topic: str, channel: str, allowed: bool) -> bool:
    if allowed:
        return is_allowed(rows, topic, channel)
    # Greetings need no yes, so that offers are not allowed is no proof that a no is on file.
    return all(
        latest_decision(rows, purpose, channel) == ConsentDecision.OPT_OUT
        for purpose in PURPOSES_OF[Topic(topic)]
    )


def wanted_by(wish: str, channel: str, *, everywhere: bool) -> dict[tuple[str, str], bool]:
    """What a wish (see `opt_out.Wish`) that came over a channel changes, for `rows_for`.

    :param everywhere: the customer said it in own words: no offers are no offers on any channel.
        False for a switch of a provider, which is about its own channel
    """
    channels = CHOSEN_CHANNELS if everywhere else (channel,)
    return {
        Wish.STOP: {(topic, channel): False for topic in Topic},
        Wish.STOP_OFFERS: {(Topic.OFFERS, each): False for each in channels},
        Wish.RESUME: {(Topic.ACCOUNT, channel): True},
        Wish.RESUME_OFFERS: {(topic, channel): True for topic in Topic},
    }.get(Wish(wish), {})


def rows_for(
    rows: Iterable[ConsentRow], wanted: Mapping[tuple[str, str], bool]
) -> list[ConsentRow]:
    """The rows to add so that ``wanted`` holds: {(topic, channel): allowed}.

    Only what the ledger does not say yet is added, so saving twice adds nothing; a no is written
    down even where silence has the same effect today. A channel on which nothing is wanted any
    more gets one row for all purposes, as a request to stop does.
    """
    rows = list(rows)
    added = []
    for channel in dict.fromkeys(channel for _topic, channel in wanted):
        topics = {topic: allowed for (topic, other), allowed in wanted.items() if other == channel}
        if set(topics) == set(Topic) and not any(topics.values()):
            if not is_given_up(rows, channel):
                added.append(ConsentRow(ALL, channel, ConsentDecision.OPT_OUT))
            continue
        changed = [
            topic
            for topic, allowed in topics.items()
            if not _is_said(rows, topic, channel, allowed)
        ]
        added += [
            ConsentRow(
                purpose,
                channel,
                ConsentDecision.OPT_IN if topics[topic] else ConsentDecision.OPT_OUT,
            )
            for topic in changed
            for purpose in PURPOSES_OF[Topic(topic)]
        ]
    return added
