"""The demo shop's address, in a database of its own."""

import os

import pytest

from devtools import database, demo


@pytest.fixture
def shop():
    """A database with the one table that is needed."""
    name = f"test_demo_{os.getpid()}"
    database.psql(f"CREATE DATABASE {name}")
    database.psql(
        "CREATE TABLE ir_config_parameter (key text, value text);"
        "INSERT INTO ir_config_parameter VALUES"
        " ('web.base.url', 'http://localhost:8069'), ('other', 'kept')",
        name,
    )
    yield name
    database.psql(f"DROP DATABASE {name}")


def test_links_lead_to_the_port_that_is_served(shop):
    demo.open_at("http://localhost:8191", shop)
    assert database.psql("SELECT value FROM ir_config_parameter ORDER BY key", shop) == [
        "kept",
        "http://localhost:8191",
    ]
