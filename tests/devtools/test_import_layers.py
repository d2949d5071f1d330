"""Imports only go downwards."""

from pathlib import Path

import pytest

from devtools import import_layers
from devtools.paths import ADDON


def refusals(room: str, statement: str, file: str = "thing.py") -> list[str]:
    return list(import_layers.check_source(statement + "\n", Path(room) / file))


@pytest.mark.parametrize(
    ("room", "statement"),
    [
        ("domain", "import datetime"),
        ("domain", "from dateutil.relativedelta import relativedelta"),
        ("domain", "from .money import split"),
        ("domain", "from . import money"),
        ("clients", "import requests"),
        ("clients", "from ..domain.errors import Refused"),
        ("clients", "from odoo.addons.optica_cobranca.domain import errors"),
        ("tools", "from odoo.tools import SQL"),
        ("tools", "import psycopg2"),
        ("models", "from odoo import api, models"),
        ("models", "from ..tools.shop import notification"),
        ("models", "from ..clients.whatsapp_cloud import WhatsAppCloud"),
        ("models", "from .. import clients"),
        ("wizards", "from ..models.dunning_run import DunningRun"),
        ("controllers", "from odoo.addons.portal.controllers.portal import CustomerPortal"),
    ],
)
def test_downwards_is_allowed(room, statement):
    assert refusals(room, statement) == []


@pytest.mark.parametrize(
    ("room", "statement", "reason"),
    [
        ("domain", "import odoo", "domain must not import odoo"),
        ("domain", "from odoo.tools import float_round", "domain must not import odoo"),
        ("domain", "import requests", "domain must not import requests"),
        ("domain", "from ..clients import base", "domain must not import clients"),
        ("domain", "from .. import models", "domain must not import models"),
        ("domain", "from odoo.addons.optica_cobranca.models import x", "must not import models"),
        ("clients", "from odoo import models", "clients must not import odoo"),
        ("clients", "from ..models import contact_gateway", "clients must not import models"),
        ("tools", "from odoo import models", "tools must not import odoo.models"),
        ("tools", "import odoo", "tools must not import odoo"),
        ("tools", "from ..models import contact_gateway", "tools must not import models"),
        ("models", "from ..wizards import contact_send", "models must not import wizards"),
        ("models", "from ..controllers import webhook", "models must not import controllers"),
        ("models", "from .. import hooks", "models must not import hooks"),
        ("wizards", "from ..report import booklet", "wizards must not import report"),
        ("controllers", "from ..wizards import x", "controllers must not import wizards"),
    ],
)
def test_any_other_way_is_refused(room, statement, reason):
    (line,) = refusals(room, statement)

    assert line.startswith(f"optica_cobranca/{room}/thing.py:1: ")
    assert reason in line


def test_an_import_inside_a_function_counts():
    assert refusals("domain", "def rule():\n    import odoo")


def test_a_folder_inside_a_room_counts_its_dots():
    assert refusals("domain", "from ..money import split", "charges/fine.py") == []
    assert refusals("domain", "from ...models import x", "charges/fine.py")


def test_the_addon_keeps_to_its_rooms():
    assert list(import_layers.check(ADDON)) == []
