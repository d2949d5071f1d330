"""What opens a door stands in no log: words, addresses, tracebacks."""

import io
import logging

import pytest

from odoo.addons.optica_cobranca.clients import secret_log

TOKEN = "k3YQ-_9aBcDeFgHiJkLmNo"
UUID = "5e1c0a9d7b3f4e628d904c7af1b2e3d6"  # nobody's secret in another test


@pytest.fixture
def log():
    """A logger of somebody else's, and what its handler has written."""
    before = logging.getLogRecordFactory()
    secret_log.install()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    logger = logging.getLogger("somebody.else")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield logger, written
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"GET /oc/{TOKEN} HTTP/1.1", "GET /oc/*** HTTP/1.1"),
        (f"GET /oc/{TOKEN}/pay?what=all HTTP/1.1", "GET /oc/***/pay?what=all HTTP/1.1"),
        (f"GET /pt_BR/oc/{TOKEN} HTTP/1.1", "GET /pt_BR/oc/*** HTTP/1.1"),
        ("GET /oc/p/17/pay HTTP/1.1", "GET /oc/p/17/pay HTTP/1.1"),
        (f"Cookie: optica_link_17={TOKEN}; x=1", "Cookie: optica_link_17=***; x=1"),
        (f"POST /optica/stop/1f-{UUID} HTTP/1.1", "POST /optica/stop/*** HTTP/1.1"),
        (
            f"POST /optica_cobranca/webhook/{UUID} HTTP/1.1",
            "POST /optica_cobranca/webhook/*** HTTP/1.1",
        ),
        (
            f"GET /optica_cobranca/webhook/{UUID}?hub.verify_token=word&hub.challenge=1 HTTP/1.1",
            "GET /optica_cobranca/webhook/***?*** HTTP/1.1",
        ),
        (
            f"POST /optica_cobranca/pix/{UUID}/{TOKEN}x/pix HTTP/1.1",
            "POST /optica_cobranca/pix/***/pix HTTP/1.1",
        ),
        (
            "GET /optica_cobranca/static/src/x.js HTTP/1.1",
            "GET /optica_cobranca/static/src/x.js HTTP/1.1",
        ),
        ("100% of 3", "100% of 3"),
    ],
)
def test_addresses(log, said, kept):
    logger, written = log
    logger.info(said)
    logger.info('127.0.0.1 "%s" %s', said, 200)
    assert written.getvalue() == f'somebody.else {kept}\nsomebody.else 127.0.0.1 "{kept}" 200\n'


def test_what_was_read_as_a_secret(log):
    logger, written = log
    secret_log.remember("EAAsecret-of-a-gateway", None, "", "short")
    secret_log.remember(
        b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n-----END PRIVATE KEY-----\n"
    )
    logger.error(
        "refused: %s", {"token": "EAAsecret-of-a-gateway", "key": "MIIEvQIBADANBg\nkqhkiG9w0BAQ"}
    )
    logger.error("short stays")
    assert "EAAsecret" not in written.getvalue()
    assert "MIIEvQIBADANBg" not in written.getvalue()
    assert "kqhkiG9w0BAQ" not in written.getvalue()
    assert "short stays" in written.getvalue()


def test_tracebacks(log):
    logger, written = log
    secret_log.remember("EAAsecret-of-a-gateway")
    try:
        try:
            raise ValueError("no access for EAAsecret-of-a-gateway")
        except ValueError as error:
            raise RuntimeError(f"at https://shop.example/oc/{TOKEN}") from error
    except RuntimeError:
        logger.exception("went wrong")
    said = written.getvalue()
    assert "EAAsecret" not in said
    assert TOKEN not in said
    assert "RuntimeError: at https://shop.example/oc/***" in said
    assert "ValueError: no access for ***" in said


def test_only_so_many_are_known():
    before = dict(secret_log._known)
    secret_log.remember(*(f"secret-number-{n}" for n in range(secret_log.MOST + 10)))
    assert len(secret_log._known) == secret_log.MOST
    secret_log._known.clear()
    secret_log._known.update(before)


def test_wrong_calls_of_logging_are_logs_own_trouble(log):
    record = logging.LogRecord("x", logging.INFO, "f.py", 1, "%s and %s", ("one",), None)
    assert secret_log.clean(record) is record


def test_installed_once():
    secret_log.install()
    factory = logging.getLogRecordFactory()
    secret_log.install()
    assert logging.getLogRecordFactory() is factory
