"""Every row of every message provider's table, played; and the guide shows the same rows."""

from urllib.parse import urlsplit

import pytest

from odoo.addons.optica_cobranca.clients.base import OutgoingMessage
from odoo.addons.optica_cobranca.clients.registry import PROVIDERS, client_for
from odoo.addons.optica_cobranca.domain.messaging.message_states import FailureClass

from tests.clients.answer_table import AFTER, assert_in_guide, assert_whole
from tests.clients.conftest import SENDER, TOKEN
from tests.clients.message_answers import (
    BELIEF,
    NEXT,
    TABLES,
    WHATSAPP,
    Nobody,
    WithFile,
    Written,
    address_of_nobody,
    message_for,
)
from tests.clients.odoo_answers import ODOO_MAIL, ODOO_SMS
from tests.fakes.cloud_api_behaviour import Behaviour
from tests.fakes.cloud_api_server import CloudApiServer

from .test_every_provider import fake_of

META = {"whatsapp_cloud": "phone_number_id", "instagram": "instagram_account_id"}
CASES = [(table, row) for table in TABLES for row in table.rows]
BY_NAME = {table.name: table for table in TABLES}
# Odoo's queues are played where there is an Odoo: tests/inbox/test_answers.py.
SHOWN = (*TABLES, ODOO_SMS, ODOO_MAIL)
PATIENCE = {"connect_timeout": 0.3, "read_timeout": 0.3}


def stand_in(name):
    return CloudApiServer() if name in META else fake_of(name)()


def settings_of(name, server, channel):
    if name in META:
        return {META[name]: SENDER, "access_token": TOKEN, "base_url": server.url}
    return server.settings(channel)


def play(table, row, channel):
    """Send one message as the row says; what came of it, and how often it arrived."""
    with stand_in(table.name) as server:
        settings = {**settings_of(table.name, server, channel), **PATIENCE}
        to = "" if table.name == "instagram" else "+5511960000001"
        recipient = "990001" if table.name == "instagram" else None
        message = OutgoingMessage("ref-1", to=to, recipient=recipient, text="Olá")
        if isinstance(row.played, Nobody):
            path = urlsplit(settings["base_url"]).path
            with (
                address_of_nobody(row.played.how, server.url) as url,
                client_for(table.name, {**settings, "base_url": url + path}) as client,
            ):
                return client.send(message), server
        behaviour = row.played.upload if isinstance(row.played, WithFile) else row.played
        if isinstance(behaviour, Behaviour) and behaviour != Behaviour():
            server.enqueue(behaviour)
        with client_for(table.name, settings) as client:
            return client.send(message_for(row, message)), server


@pytest.mark.parametrize(
    ("table", "row"),
    CASES,
    ids=[f"{table.name}, {row.phase}: {row.answer}" for table, row in CASES],
)
def test_what_we_believe(table, row):
    channel = PROVIDERS[table.name].channels[0]
    result, server = play(table, row, channel)
    assert BELIEF[result.status] == row.belief
    if row.belief != "done":
        assert result.code == row.code
    assert result.failure == row.asks
    asked = 0 if isinstance(row.played, Nobody | Written) else 1
    assert len(server.requests) == asked, "asked once, whatever comes of it"


def test_every_client_that_sends_has_its_table():
    sending = {name for name, each in PROVIDERS.items() if each.make and each.has_connection}
    assert set(BY_NAME) == sending


@pytest.mark.parametrize("table", SHOWN, ids=[table.name for table in SHOWN])
def test_tables_are_whole(table):
    assert_whole(table)


@pytest.mark.parametrize("table", SHOWN, ids=[table.name for table in SHOWN])
def test_the_guide_shows_this_table(table):
    assert_in_guide(table)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_other_channels_read_the_same(name):
    """One client serves several channels; its answers mean the same on each."""
    for channel in PROVIDERS[name].channels[1:]:
        for row in BY_NAME[name].of(AFTER):
            result, _server = play(BY_NAME[name], row, channel)
            assert (BELIEF[result.status], result.failure) == (row.belief, row.asks), row.answer


def test_answers_of_meta_are_of_the_published_form(validate):
    played = [row.played.body for row in WHATSAPP.of(AFTER) if isinstance(row.played.body, dict)]
    errors = [body for body in played if "error" in body]
    accepted = [body for body in played if "messages" in body]
    assert (len(errors), len(accepted)) == (19, 2)
    for body in errors:
        validate(body, "GraphAPIError")
    for body in accepted:
        validate(body, "MessageResponsePayload")


def test_every_failure_says_what_comes_next():
    assert set(NEXT) == set(FailureClass)
