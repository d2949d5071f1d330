"""A real local server per test, clients for it, and the published schema to judge by.

The addon is imported inside the fixtures: pytest loads this file before it is configured.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.fakes.cloud_api_server import CloudApiServer
from tests.fakes.pix_server import PixServer

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "whatsapp_cloud"
SCHEMA = FIXTURES.parent / "specs" / "meta-business-messaging-v23.json"
TOKEN = "EAAtoken0123456789"
SENDER = "106540352242922"


@pytest.fixture
def server() -> Iterator[CloudApiServer]:
    with CloudApiServer() as running:
        yield running


@pytest.fixture
def make_client(server: CloudApiServer) -> Iterator[Callable[..., Any]]:
    """Make a client of the local server; keywords replace parts of its configuration."""
    from odoo.addons.optica_cobranca.clients.meta.whatsapp_cloud import CloudConfig, WhatsAppCloud

    made: list[WhatsAppCloud] = []

    def make(**changes: Any) -> Any:
        settings = {
            "phone_number_id": SENDER,
            "access_token": TOKEN,
            "base_url": server.url,
            "connect_timeout": 2.0,
            "read_timeout": 2.0,
            "pool_size": 4,
            **changes,
        }
        made.append(WhatsAppCloud(CloudConfig(**settings)))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., Any]) -> Any:
    return make_client()


@pytest.fixture
def text_to() -> Callable[..., Any]:
    """Make a text message, by default to the same number each time."""
    from odoo.addons.optica_cobranca.clients.base import OutgoingMessage

    def make(to: str = "+5551999990001", reference: str = "ref-1") -> OutgoingMessage:
        return OutgoingMessage(reference=reference, to=to, kind="text", text="Olá, Maria!")

    return make


@pytest.fixture(scope="session")
def validate() -> Callable[[Any, str], None]:
    """Check a document against one definition of Meta's schema; raises `ValidationError`."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)

    def check(document: Any, name: str) -> None:
        jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"}).validate(document)

    return check


@pytest.fixture
def sample() -> Callable[[str], Any]:
    """Load a sample of recorded shape by its name."""

    def load(name: str) -> Any:
        return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))

    return load


@pytest.fixture
def bank() -> Iterator[PixServer]:
    with PixServer() as running:
        yield running


@pytest.fixture
def make_pix_client(bank: PixServer) -> Iterator[Callable[..., Any]]:
    """Make a client of the local bank; ``tokens`` or parts of its configuration may be given."""
    from odoo.addons.optica_cobranca.clients.bank.pix_bacen import PixClient, PixConfig
    from odoo.addons.optica_cobranca.clients.bank.pix_token import TokenStore

    made: list[PixClient] = []

    def make(tokens: Any = None, **changes: Any) -> Any:
        config = PixConfig(**bank.config(**changes))
        made.append(PixClient(config, tokens=tokens or TokenStore()))
        return made[-1]

    yield make
    for client in made:
        client.close()
