"""Races that are lost and run again: nothing that an administrator should read about.

Odoo logs every statement that fails, with all of its values: numbers, texts, whole payloads of
providers. In work that is repeated when another transaction was faster, that line says nothing
and keeps personal data where nobody expects it. It is left out here, and only here: any other
trouble of the same statement is logged as ever.
"""

import logging
import threading
from contextlib import contextmanager

from psycopg2 import errors

# Waiting and doing it again cures these.
TRANSIENT = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)

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


class _Quiet(logging.Filter):
    """Drops Odoo's line about a statement that lost a race in work that is repeated."""

    def filter(self, record):
        error = record.args[-1] if isinstance(record.args, tuple) and record.args else None
        return not (is_repeated() and isinstance(error, TRANSIENT))


logging.getLogger("odoo.sql_db").addFilter(_Quiet("optica_cobranca"))
