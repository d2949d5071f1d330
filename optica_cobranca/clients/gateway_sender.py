"""One gateway's messages, sent by a bounded number of threads: no ORM, no cursor."""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from ..domain.messaging.message_states import FailureClass
from .base import UNCERTAIN, OutgoingMessage, SendResult

_logger = logging.getLogger(__name__)
# One of these answers speaks for every message that is still to be sent.
STOPPING = frozenset({FailureClass.AUTH, FailureClass.PAUSE_SENDER})
# So many troubles in a row are the gateway's own: what was not tried yet is spared.
STORM = 8
# Messages that wait for their turn: enough for the time in which the next ones are prepared, and
# no more, because what a worker that dies leaves behind is uncertain.
AHEAD_SECONDS = 0.3
AHEAD_MOST = 24
# So much of a delay is made up for, at intervals so much shorter than usual.
MADE_UP_SECONDS = 0.3
MADE_UP_PACE = 0.6


@dataclass(frozen=True)
class Job:
    """One message on its way out; ``message_id`` is the row's id."""

    message_id: int
    outgoing: OutgoingMessage


@dataclass(frozen=True)
class Outcome:
    """What came of a job.

    :param result: None when it was never tried: the gateway had stopped
    :param stopped_by: the answer that stopped it
    """

    message_id: int
    result: SendResult | None
    stopped_by: SendResult | None = None


class Pace:
    """Hands out moments at which to send, to any number of threads.

    Evenly, ``rate`` a second. What a moment of other work has kept waiting is made up for a little
    faster, yet never are there more than ``rate`` in any second: providers count by seconds.
    ``clock`` and ``sleep`` are the standard ones; tests bring their own.
    """

    def __init__(self, rate: float, clock=time.monotonic, sleep=time.sleep):
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: float | None = None
        self._turns: deque[float] = deque()
        self.set_rate(rate)

    def wait(self) -> None:
        """Return when it is this caller's turn."""
        with self._lock:
            now = self._clock()
            due = now if self._next is None else max(self._next, now - MADE_UP_SECONDS)
            turn = max(now, due)
            if self._turns:
                turn = max(turn, self._turns[-1] + self._interval * MADE_UP_PACE)
            if len(self._turns) == self._turns.maxlen:
                turn = max(turn, self._turns[0] + self._interval * self._turns.maxlen)
            self._turns.append(turn)
            self._next = due + self._interval
        if turn > now:
            self._sleep(turn - now)

    def set_rate(self, rate: float) -> None:
        """Use another rate from the next turn on."""
        with self._lock:
            self._interval = 1.0 / rate
            self._turns = deque(self._turns, maxlen=max(1, round(rate)))


class GatewaySender:
    """Sends the messages of one gateway; stops by itself when the account is refused.

    It stops as well in a storm: passing troubles or lost answers, one after the other.

    :param make_client: makes the client; called once, in the thread that makes the sender
    :param probing: after a storm: one message at a time, until one is answered
    :raise ClientError: the gateway's settings cannot work
    """

    def __init__(self, make_client: Callable, threads: int, rate: float, probing: bool = False):
        self.client = make_client()
        self._pace = Pace(rate)
        self.stopped_by: SendResult | None = None
        self.is_proven = not probing
        self._probe = threading.Lock()
        self._troubles = 0
        self._waiting = 0
        self._ahead = 1
        self._count = threading.Lock()
        self.set_rate(rate)
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="contact-send")

    def set_rate(self, rate: float) -> None:
        """Messages a second from now on: a worker's share changes when others come and go."""
        self._pace.set_rate(rate)
        self._ahead = max(1, min(AHEAD_MOST, math.ceil(rate * AHEAD_SECONDS)))

    @property
    def is_full(self) -> bool:
        """Whether enough messages wait for their turn."""
        return self._waiting >= self._ahead

    def submit(self, job: Job) -> Future:
        """Queue a job; its future gives an :class:`Outcome` and never raises."""
        with self._count:
            self._waiting += 1
        return self._pool.submit(self._send, job)

    def close(self) -> None:
        """Wait for what is on its way, then drop threads and connections."""
        self._pool.shutdown(wait=True)
        self.client.close()

    def _send(self, job: Job) -> Outcome:
        if self.is_proven:
            return self._send_now(job)
        with self._probe:
            return self._send_now(job)

    def _send_now(self, job: Job) -> Outcome:
        if self.stopped_by is None:
            self._pace.wait()
        with self._count:
            self._waiting -= 1
        if self.stopped_by is not None:
            return Outcome(job.message_id, None, self.stopped_by)
        try:
            result = self.client.send(job.outgoing)
        except Exception:  # a fault of the client: the request may have left all the same
            _logger.exception("Client failed on message %s", job.outgoing.reference)
            result = SendResult(UNCERTAIN, code="client_error")
        if result.failure in STOPPING or self._is_storm(result):
            self.stopped_by = self.stopped_by or result
        return Outcome(job.message_id, result)

    def _is_storm(self, result: SendResult) -> bool:
        """Whether this answer is one trouble too many."""
        trouble = result.status == UNCERTAIN or result.failure == FailureClass.RETRY
        with self._count:
            self._troubles = self._troubles + 1 if trouble else 0
            self.is_proven = self.is_proven or not trouble
            return trouble and self._troubles >= (STORM if self.is_proven else 1)


class RefusedGateway:
    """Takes the place of a sender whose settings cannot work: every message comes back untried.

    :param result: what a message would have been answered
    """

    def __init__(self, result: SendResult):
        self.stopped_by = result
        self.is_proven = False
        self.is_full = False

    def set_rate(self, rate: float) -> None:
        """Nothing is sent, at any pace."""

    def submit(self, job: Job) -> Future:
        """An outcome at once: not tried."""
        future = Future()
        future.set_result(Outcome(job.message_id, None, self.stopped_by))
        return future

    def close(self) -> None:
        """Nothing is open."""
