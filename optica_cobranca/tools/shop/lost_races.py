"""Races that are lost and run again: nothing that an administrator should read about.

Odoo logs every statement that fails, with all of its values: numbers, texts, whole payloads of
providers. In work that is repeated when another transaction was faster, that line says nothing
and keeps personal data where nobody expects it. It is left out here, and only here: any other
trouble of the same statement is logged as ever.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

# Waiting and doing it again cures these; Odoo's own list.
TRANSIENT = PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
TRIES = 8
FIRST_BACK_OFF = 0.05

_logger = logging.getLogger(__name__)
_work = threading.local()


@contextmanager
def repeated():
    """What is done inside is done again when it loses a race, by the caller or by Odoo.

    Includes what is still to be written: flush before leaving the block.
    """
    depth = getattr(_work, "depth", 0)
    _work.depth = depth + 1
    try:
        yield
    finally:
        _work.depth = depth


def is_repeated() -> bool:
    """Whether the calling thread is inside of such a block."""
    return getattr(_work, "depth", 0) > 0


def until_won(
    env,
    what: str,
    work: Callable[[bool], object],
    also: tuple[type[Exception], ...] = (),
    tries: int = TRIES,
    rollback: Callable[[], None] | None = None,
):
    """Do ``work`` in a transaction of its own, again when another transaction was faster.

    ``work`` reads what it needs from the database itself, for it may be done several times, and
    commits at its end. It is told whether this is the last try.

    :param what: for the log
    :param also: what is a lost race, too, where this work is done
    :param rollback: in place of the transaction's own
    :return: what ``work`` returns
    :raise Exception: whatever waiting does not cure, or has not cured by the last try
    """
    for attempt in range(1, tries + 1):
        try:
            with repeated():
                return work(attempt == tries)
        except (*TRANSIENT, *also) as error:
            (rollback or env.cr.rollback)()
            if attempt == tries:
                raise
            _logger.info("%s: conflict with another worker, try %s: %s", what, attempt, error)
            # Jitter keeps workers from meeting again at the same row.
            time.sleep(random.uniform(0, FIRST_BACK_OFF * 2**attempt))
    return None


def unless_lost(env, work: Callable[[], object], also: tuple[type[Exception], ...] = ()):
    """Do ``work``, which commits at its end, once; None when another transaction was faster.

    For what is looked up again in its turn.
    """
    try:
        with repeated():
            return work()
    except (*TRANSIENT, *also):
        env.cr.rollback()
    return None


class _Quiet(logging.Filter):
    """Drops Odoo's line about a statement that lost a race in work that is repeated."""

    def filter(self, record):
        error = record.args[-1] if isinstance(record.args, tuple) and record.args else None
        return not (is_repeated() and isinstance(error, TRANSIENT))


logging.getLogger("odoo.sql_db").addFilter(_Quiet("optica_cobranca"))
