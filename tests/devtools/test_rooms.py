"""A room uses those below it, and is changed by those above it through its doors only."""

from pathlib import Path

import pytest

from devtools import room_map, rooms
from devtools.paths import ADDON

THING = "class Thing(models.Model):\n    _name = 'thing'\n    def _go(self):\n        return 1\n"
PLUG = (
    "class Thing(models.Model):\n    _inherit = 'thing'\n"
    "    def _go(self):\n        return super()._go()\n"
)
DOOR = '"""Things.\n\n``thing._go``\n    () -> goes.\n"""\n'


def refusals(**files: str) -> list[str]:
    """What is said of files, named ``layer__room__stem``; each of models has one of its own."""
    read = []
    for name, source in files.items():
        own = "" if "class " in source else f"\nclass Own(M):\n    _inherit = 'of.{name}'\n"
        read.append(rooms.File(Path(*name.split("__")).with_suffix(".py"), source + own))
    return list(rooms.check_files(read))


def said_of(path: str, source: str) -> list[str]:
    """What is said of one file as it stands."""
    return list(rooms.check_files([rooms.File(Path(path), source)]))


def test_a_room_imports_from_those_below_it():
    assert refusals(models__pix__a="from ..shop.base import x") == []
    assert refusals(models__pix__a="from ...domain.shop import money") == []
    assert refusals(models__pix__a="from .b import x") == []


@pytest.mark.parametrize(
    "statement",
    ["from ..pix.a import x", "from ..pix import a", "from ...domain.pix import pix_terms"],
)
def test_a_room_imports_nothing_from_above(statement):
    (line,) = refusals(models__shop__b=statement)

    assert line.startswith("optica_cobranca/models/shop/b.py:1: shop must not use pix")


def test_the_name_of_a_model_in_a_string_is_a_use_of_its_room():
    (line,) = refusals(models__pix__thing=THING, models__shop__b="def f(env):\n    env['thing']\n")

    assert "b.py:2: “thing” is pix's" in line
    assert (
        refusals(models__shop__thing=THING, models__pix__b="def f(env):\n    env['thing']\n") == []
    )


def test_the_table_of_a_model_is_a_use_of_its_room():
    named = THING.replace("'thing'", "'some.thing'")
    (line,) = refusals(models__pix__thing=named, models__shop__b="Q = 'SELECT 1 FROM some_thing'")

    assert "b.py:1: “some.thing” is pix's" in line


def test_a_method_is_changed_by_another_room_where_its_head_names_it():
    (line,) = refusals(models__shop__thing=THING, models__pix__thing=PLUG)
    assert "pix/thing.py:1: thing._go is shop's and no door" in line

    read = [
        rooms.File(Path("models/shop/__init__.py"), DOOR),
        rooms.File(Path("models/shop/thing.py"), THING),
        rooms.File(Path("models/pix/thing.py"), PLUG),
    ]
    assert list(rooms.check_files(read)) == []


def test_odoo_s_own_methods_are_everybody_s():
    assert refusals(models__shop__thing=PLUG, models__pix__thing=PLUG) == []


def test_a_room_has_a_model_in_one_file():
    (line,) = refusals(models__shop__a=THING, models__shop__b=PLUG)
    assert line == "optica_cobranca/models/shop: thing is in a.py, b.py; one file holds it"

    long = PLUG + "\n" * rooms.LONGEST_FILE
    assert refusals(models__shop__a=THING, models__shop__b=long) == []


def test_dialogs_keep_nothing():
    (line,) = refusals(wizards__shop__a=THING)
    assert "thing is kept: it belongs in models" in line

    dialog = THING.replace("models.Model", "models.TransientModel")
    assert refusals(wizards__shop__a=dialog) == []


def test_a_file_of_models_holds_a_model():
    (line,) = said_of("models/shop/a.py", "def half(n):\n    return n / 2\n")
    assert line == (
        "optica_cobranca/models/shop/a.py: no model is in it; a rule belongs in domain/shop, "
        "what speaks with outside services in clients, what models share in tools/shop"
    )

    assert said_of("models/shop/__init__.py", '"""Things."""\n') == []
    assert said_of("tools/shop/a.py", "def half(n):\n    return n / 2\n") == []


def test_what_stands_in_no_room_is_told(tmp_path):
    for layer in rooms.LAYERS:
        (tmp_path / layer).mkdir()
    (tmp_path / "models" / "__init__.py").touch()
    (tmp_path / "models" / "thing.py").touch()
    (tmp_path / "views" / "attic").mkdir()

    first, second = rooms.check(tmp_path)

    assert first == "optica_cobranca/models/thing.py: put it into the room it belongs to"
    assert second.startswith("optica_cobranca/views/attic: no room; they are shop, crediario")


def test_the_addon_keeps_to_its_rooms():
    assert list(rooms.check(ADDON)) == []


def test_the_page_shows_the_rooms_as_they_are():
    page = room_map.PAGE.read_text(encoding="utf-8")
    drawn = room_map.redrawn(page, rooms.read(ADDON))
    assert room_map.without_sizes(drawn) == room_map.without_sizes(page), "run ./dev map"


def test_a_room_is_drawn_on_those_it_stands_on_directly():
    files = [
        rooms.File(Path("models/shop/thing.py"), THING),
        rooms.File(Path("models/crediario/plan.py"), "from ..shop.thing import x\n"),
        rooms.File(Path("models/pix/a.py"), "from ..crediario.plan import y\nz = 'thing'\n"),
    ]

    drawn = room_map.drawing(files)

    assert "crediario --> shop" in drawn
    assert "pix --> crediario" in drawn
    assert "pix --> shop" not in drawn
