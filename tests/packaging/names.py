"""The names that an addon's sources bring into what all addons share, read without running them.

Read as text: Odoo ships 600 addons, and neither importing nor parsing them all is quick.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

STYLE = re.compile(r"(?<![\w\-$])o_[a-z]\w*")
PATH = re.compile(r'<field name="path">([^<]+)</field>')
REGISTERED = re.compile(r'\.category\(\s*"([\w.]+)"\s*\)\s*\.add\(\s*"([^"]+)"')
QWEB_NAME = re.compile(r't-name="([^"]+)"')
ROUTE = re.compile(r"@(?:http\.)?route\((.*?)\)\s*\n\s*(?:def|@)", re.DOTALL)
ADDRESS = re.compile(r"[\"'](/[^\"'\s]*)[\"']")
CLASS = re.compile(r"^class \w+.*\n(?:(?:[ \t)].*)?\n)*", re.MULTILINE)
MODEL = re.compile(r"^    _name\s*=\s*[\"']([\w.]+)[\"']", re.MULTILINE)
INHERITS = re.compile(r"^    _inherit\s*=\s*(\[[^\]]*\]|\([^)]*\)|[\"'][\w.]+[\"'])", re.MULTILINE)
MEMBER = re.compile(r"^    (?:async )?(?:def )?([a-z_]\w*)\s*(?:=(?!=)|\(|: *\w+ *=)", re.MULTILINE)
ADDED = re.compile(r"^    (\w+) = fields\.Selection\(\s*selection_add=(\[.*?\])", re.M | re.DOTALL)
KEY = re.compile(r"\(\s*[\"'](\w+)[\"']\s*,\s*[\"'_]")
SEQUENCE = re.compile(r'model="ir\.sequence".*?<field name="code">([^<]+)<', re.DOTALL)
PARAMETER = re.compile(r"""(?:[gs]et_param|config_parameter=)\(?\s*["']([\w.]+)["']""")
ALIAS = re.compile(r'name="alias_name">([^<]+)<')


@dataclass
class Names:
    """What one addon adds, or several do."""

    paths: set[str] = field(default_factory=set)
    styles: set[str] = field(default_factory=set)
    registered: set[tuple[str, str]] = field(default_factory=set)
    qweb: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    sequences: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    # Model: the fields, methods, constraints and indexes that a class gives it.
    members: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # Model: what a class lets it take over from.
    parents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # Models that are new.
    made: set[str] = field(default_factory=set)
    # (model, field): the choices that a class adds to it.
    choices: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    # View: the named elements that inheriting it adds, and what it inherits.
    elements: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    inherits: dict[str, str] = field(default_factory=dict)
    # Records written into another addon's names.
    foreign: set[str] = field(default_factory=set)


def names_of(folder: Path) -> Names:
    """What the addon in ``folder`` adds; its tests are left out."""
    names = Names()
    for path, text in sources(folder):
        if path.suffix == ".py":
            _read_python(names, text)
        elif path.suffix == ".xml":
            _read_xml(names, folder.name, path, text)
        elif path.suffix == ".js":
            names.registered.update(REGISTERED.findall(text))
        if path.suffix != ".py":
            names.styles.update(STYLE.findall(text))
    return names


def sources(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files of an addon that name something, with their text."""
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        if path.suffix in (".py", ".xml", ".js", ".scss") and not {
            "tests",
            "lib",
            "i18n",
            "upgrades",
        } & set(inside):
            yield path, path.read_text(encoding="utf-8", errors="replace")


def _read_python(names: Names, text: str) -> None:
    for block in CLASS.findall(text):
        made = MODEL.search(block)
        inherited = INHERITS.search(block)
        parents = set(re.findall(r"[\w.]+", inherited[1])) if inherited else set()
        models = {made[1]} if made else parents
        for model in models:
            names.parents[model] |= parents - {model}
            if made and made[1] not in parents:
                names.made.add(model)
            names.members[model].update(MEMBER.findall(block))
            for column, keys in ADDED.findall(block):
                names.choices[model, column].update(KEY.findall(keys))
    for arguments in ROUTE.findall(text):
        names.routes.update(ADDRESS.findall(arguments))
    names.parameters.update(PARAMETER.findall(text))


def _read_xml(names: Names, addon: str, path: Path, text: str) -> None:
    names.paths.update(PATH.findall(text))
    names.sequences.update(SEQUENCE.findall(text))
    names.aliases.update(ALIAS.findall(text))
    if "static" in path.parts:
        names.qweb.update(QWEB_NAME.findall(text))
        return
    try:
        root = etree.fromstring(text.encode())
    except etree.XMLSyntaxError:
        return
    for record in root.iter("record", "template"):
        _read_record(names, addon, record)


def _read_record(names: Names, addon: str, record: etree._Element) -> None:
    identifier = _whole(addon, record.get("id") or "")
    if identifier.split(".")[0] != addon:
        names.foreign.add(identifier)
    arch = record if record.tag == "template" else record.find("field[@name='arch']")
    parent = record.get("inherit_id")
    if record.tag == "record":
        reference = record.find("field[@name='inherit_id']")
        parent = reference.get("ref") if reference is not None else None
    if not parent or arch is None:
        return
    names.inherits[identifier] = _whole(addon, parent)
    for element in arch.iterdescendants(etree.Element):
        if element.tag not in ("xpath", "attribute") and not element.get("position"):
            found = ((element.tag, element.get(key)) for key in ("name", "id"))
            names.elements[identifier].update(pair for pair in found if pair[1])


def _whole(addon: str, identifier: str) -> str:
    return identifier if "." in identifier else f"{addon}.{identifier}"


def dependencies(depends: Iterable[str], manifests: dict[str, dict]) -> set[str]:
    """The addons named and all those they need in turn."""
    found: set[str] = set()
    waiting = [*depends, "base", "web"]
    while waiting:
        addon = waiting.pop()
        if addon not in found:
            found.add(addon)
            waiting += manifests.get(addon, {}).get("depends", [])
    return found
