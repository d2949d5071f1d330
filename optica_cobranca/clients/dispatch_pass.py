"""One pass of the dispatcher: what it claimed, by which gateways it sends, what came back."""

import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from .gateway_sender import GatewaySender, Job, RefusedGateway

# So many answers are written at once, or those of so many seconds.
RECORD_AT = 24
RECORD_SECONDS = 0.5
_LOOK_EVERY = 0.02
Lane = tuple[int, str]  # company id, channel: queues that must not hold up one another


@dataclass
class DispatchPass:
    """One pass of the dispatcher: its claim, its senders, what it did.

    :param key: the worker's claim key
    :param left: how many messages may still be claimed
    :param until: monotonic instant after which nothing more is claimed
    :param lanes: the gateways that the messages of a lane leave by
    """

    key: int
    left: float
    until: float
    senders: dict[int, GatewaySender | RefusedGateway] = field(default_factory=dict)
    lanes: dict[Lane, set[int]] = field(default_factory=dict)
    flying: set[Future] = field(default_factory=set)
    counts: Counter = field(default_factory=Counter)
    paced: int = 0
    _answers: SimpleQueue = field(default_factory=SimpleQueue)
    # What the last claim left aside when it found nothing; None: it found something.
    _left_aside: frozenset[Lane] | None = None

    def is_over(self) -> bool:
        """Whether nothing more may be claimed."""
        return self.left <= 0 or time.monotonic() >= self.until

    def full_lanes(self) -> frozenset[Lane]:
        """Lanes with enough messages waiting for their turn already."""
        full = {gateway for gateway, sender in self.senders.items() if sender.is_full}
        return frozenset(lane for lane, gateways in self.lanes.items() if gateways & full)

    def has_room(self) -> bool:
        """Whether a claim may find something that would not just wait here."""
        if self.is_over():
            return False
        full = self.full_lanes()
        if self._left_aside is not None:
            return bool(self._left_aside - full)
        return not self.lanes or bool(self.lanes.keys() - full)

    def note_claim(self, found: dict[int, Lane], left_aside: frozenset[Lane]) -> None:
        """Remember what a claim gave."""
        self.left -= len(found)
        self.counts["claimed"] += len(found)
        self._left_aside = None if found else left_aside
        for lane in found.values():
            self.lanes.setdefault(lane, set())

    def look_again(self) -> None:
        """Something was queued meanwhile."""
        self._left_aside = None

    def submit(self, job: Job, gateway_id: int, lane: Lane) -> None:
        """Give a job to its gateway's threads."""
        self.lanes[lane].add(gateway_id)
        future = self.senders[gateway_id].submit(job)
        self.flying.add(future)
        future.add_done_callback(self._answers.put)

    def next_answers(self) -> list[Future]:
        """Wait for answers: enough to write them, or until there is room for more messages.

        :return: jobs that are done, maybe none; they stay in ``flying`` until they are recorded
        """
        done: list[Future] = []
        deadline = time.monotonic() + RECORD_SECONDS
        while len(done) < min(RECORD_AT, len(self.flying)) and not self.has_room():
            try:
                done.append(self._answers.get(timeout=_LOOK_EVERY))
            except Empty:
                if done and time.monotonic() >= deadline:
                    break
        while not self._answers.empty():
            done.append(self._answers.get())
        return done
