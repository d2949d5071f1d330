"""Nothing that opens a door stands in a log: neither secrets of accounts nor addresses with one.

A record is cleaned when it is made, before any handler sees it: console, file, the table of logs.
Three kinds of things go: what this process has read as a secret (:func:`remember`), the secret part
of our own addresses (:data:`ADDRESSES`), and both in the text of a traceback as well.
"""

import logging
import re
import threading
from collections import OrderedDict

HIDDEN = "***"
# Shorter ones are words that a log has for other reasons.
SHORTEST = 8
# So many secrets are known at a time, the latest used ones.
MOST = 500

# What stands behind the name of a door of ours: the first group stays.
ADDRESSES = (
    # a customer's private link
    re.compile(r"(/oc/)[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])"),
    re.compile(r"(optica_link_\d{1,12}=)[A-Za-z0-9_-]{1,64}"),
    # the link that stops messages
    re.compile(r"(/optica/stop/)[0-9a-f]{1,12}-[0-9a-f]{32}"),
    # where providers and banks report; the query of theirs carries words of proof
    re.compile(r"(/optica_cobranca/webhook/)[^\s\"'?#/]{1,200}"),
    re.compile(r"(/optica_cobranca/webhook/\*\*\*\?)[^\s\"']{1,8000}"),
    re.compile(r"(/optica_cobranca/pix/)[^\s\"'?#/]{1,200}/[^\s\"'?#/]{1,200}"),
)

_known: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def remember(*secrets: str | bytes | None) -> None:
    """From now on these stand in no log of this process. Empty and short ones are left out."""
    with _lock:
        for secret in secrets:
            text = secret.decode("utf-8", "replace") if isinstance(secret, bytes) else secret
            for part in _parts(text or ""):
                _known[part] = None
                _known.move_to_end(part)
        while len(_known) > MOST:
            _known.popitem(last=False)


def _parts(text: str) -> list[str]:
    """A key of many lines is looked for by its lines, as logs and drivers break them anyhow."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if len(line) >= SHORTEST and not line.startswith("-----")]


def hidden(text: str) -> str:
    """The text without secrets."""
    with _lock:
        known = list(_known)
    for secret in known:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for pattern in ADDRESSES:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


class CleanRecords:
    """Makes records as before and takes the secrets out of them."""

    def __init__(self, make):
        self.make = make

    def __call__(self, *args, **kwargs) -> logging.LogRecord:
        """A record as the factory before makes it, without secrets."""
        return clean(self.make(*args, **kwargs))


def clean(record: logging.LogRecord) -> logging.LogRecord:
    """The record, its words and its traceback without secrets; untouched when there are none."""
    try:
        said = record.getMessage()
    except Exception:  # noqa: BLE001 - a wrong call of logging is told by logging itself
        return record
    if (cleaned := hidden(said)) != said:
        record.msg, record.args = cleaned, ()
    if record.exc_info and record.exc_info[0]:
        trace = logging.Formatter().formatException(record.exc_info)
        if (cleaned := hidden(trace)) != trace:
            # Handlers use this text and do not make their own.
            record.exc_text = cleaned
    return record


def install() -> None:
    """Once a process: whoever makes records goes on making them."""
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, CleanRecords):
        logging.setLogRecordFactory(CleanRecords(factory))
