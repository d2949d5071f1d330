"""Nothing that the addon names meets a name of one of Odoo's own apps, whichever is installed.

A path of an action, for one, is unique in a database: two apps with the same cannot be installed
together. What is found here is read from the sources, all 600 addons; that a shop's usual apps
really work beside it is the matter of ``tests/install/test_beside_other_apps.py``.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from devtools import odoo_source

from .names import Names, dependencies, names_of

ROOT = Path(__file__).resolve().parent.parent.parent
ADDON = ROOT / "optica_cobranca"
OWN_STYLE = re.compile(r"o_(field_)?optica_")
OWN_ADDRESS = re.compile(r"/(optica_cobranca|optica|oc|my/crediario|my/optica)(/|$)")
OWN_CODE = re.compile(r"(crediario|contact|dunning|optica|pix)\.")
# Of France's invoices to public buyers: the number of the contract, as ours. A company that had
# both would find one number in one field.
SAME_MEANING = {("account.move", "contract_reference")}


def manifest(folder: Path) -> dict:
    return ast.literal_eval((folder / "__manifest__.py").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ours() -> Names:
    return names_of(ADDON)


@pytest.fixture(scope="module")
def addons() -> dict[str, Path]:
    """Folder of each of Odoo's addons."""
    folders = [*odoo_source.addons_paths(), odoo_source.packages() / "odoo" / "addons"]
    return {file.parent.name: file.parent for f in folders for file in f.glob("*/__manifest__.py")}


@pytest.fixture(scope="module")
def theirs(addons) -> dict[str, Names]:
    return {addon: names_of(folder) for addon, folder in addons.items()}


@pytest.fixture(scope="module")
def needed(addons) -> set[str]:
    """The addons that ours needs: what it changes in them it changes on purpose."""
    manifests = {addon: manifest(folder) for addon, folder in addons.items()}
    return dependencies(manifest(ADDON)["depends"], manifests)


def everything(theirs: dict[str, Names], kind: str) -> set:
    return set().union(*(getattr(names, kind) for names in theirs.values()))


def test_the_names_of_odoo_are_found(theirs):
    """What is compared with nothing is always free."""
    assert len(theirs) > 500
    assert {"receipts", "pos-orders", "crm"} <= everything(theirs, "paths")
    assert "/my/orders" in everything(theirs, "routes")
    assert "o_form_view" in everything(theirs, "styles")
    assert ("fields", "badge") in everything(theirs, "registered")
    assert "message_post" in theirs["mail"].members["mail.thread"]
    assert "sale.order" in everything(theirs, "made")
    assert "sms" in theirs["sms"].choices["ir.actions.server", "state"]


def test_paths_of_actions_are_the_addons_own(ours, theirs):
    assert len(ours.paths) >= 25
    assert {path for path in ours.paths if not path.startswith("optica-")} == set()
    assert ours.paths & everything(theirs, "paths") == set()


def test_styles_are_the_addons_own_or_odoos(ours, theirs):
    """A style that is neither is one that another addon may also have thought of."""
    known = everything(theirs, "styles")
    assert {name for name in ours.styles if not OWN_STYLE.match(name)} - known == set()
    assert {name for name in ours.styles & known if OWN_STYLE.match(name)} == set()


def test_what_scripts_register_is_the_addons_own(ours, theirs):
    names = {name for _registry, name in ours.registered}
    assert len(names) >= 18
    assert {name for name in names if not name.startswith(("optica_", "optica_cobranca."))} == set()
    assert ours.registered & everything(theirs, "registered") == set()
    assert {name for name in ours.qweb if not name.startswith("optica_cobranca.")} == set()


def test_addresses_are_below_the_addons_own(ours, theirs):
    constants = set()
    for file in [*(ADDON / "controllers").glob("*.py"), *(ADDON / "models").rglob("*.py")]:
        text = file.read_text(encoding="utf-8")
        constants.update(re.findall(r'^[A-Z_]+ = "(/[a-z][^"]*)"', text, re.MULTILINE))
    addresses = ours.routes | constants - {"/online/transaction/<string:ids>"}
    assert {"/my/crediario", "/my/optica", "/oc", "/optica/stop"} <= addresses
    assert {address for address in addresses if not OWN_ADDRESS.match(address)} == set()
    found = everything(theirs, "routes")
    assert {address for address in found if OWN_ADDRESS.match(address)} == set()


def test_codes_are_the_addons_own(ours, theirs):
    assert ours.sequences and {c for c in ours.sequences if not OWN_CODE.match(c)} == set()
    assert ours.sequences & everything(theirs, "sequences") == set()
    assert ours.parameters & everything(theirs, "parameters") <= {"web.base.url"}
    assert ours.aliases & everything(theirs, "aliases") == set()


def test_records_are_never_put_into_another_addons_names(ours):
    assert ours.foreign == set()


def test_new_models_are_the_addons_own(ours, theirs):
    assert len(ours.made) > 100
    assert ours.made & everything(theirs, "made") == set()


def test_fields_and_methods_on_models_of_odoo_are_the_addons_own(ours, theirs, needed):
    """What an addon that we need has as well is overridden on purpose."""
    orm = (odoo_source.packages() / "odoo" / "orm" / "models.py").read_text(encoding="utf-8")
    of_every_model = set(re.findall(r"^    (?:def )?([a-z_]\w*)", orm, re.MULTILINE))
    met = set()
    for model, names in with_mixins(ours).items():
        known = set().union(*(theirs[addon].members.get(model, ()) for addon in needed))
        for addon in theirs.keys() - needed:
            for name in names & theirs[addon].members.get(model, set()) - known - of_every_model:
                met.add((model, name))
    assert met == SAME_MEANING


def with_mixins(ours: Names) -> dict[str, set[str]]:
    """Members that each model of Odoo gets, from mixins of the addon, too."""
    members = defaultdict(set)
    for model in ours.members.keys() - ours.made:
        members[model] |= ours.members[model]
        for mixin in ours.parents[model] & ours.made:
            members[model] |= ours.members[mixin]
    return members


def test_choices_added_to_fields_of_odoo_are_the_addons_own(ours, theirs, needed):
    assert ours.choices["ir.actions.server", "state"] >= {"contact_message"}
    for key, added in ours.choices.items():
        known = set().union(*(theirs[addon].choices.get(key, ()) for addon in theirs))
        # Naming a choice of another without a label says where ours comes in the list.
        assert added & known == set(), key


def test_elements_added_to_views_of_odoo_are_the_addons_own(ours, theirs, needed):
    """Else the next addon's ``//page[@name='…']`` finds the wrong one."""
    above = {
        view: parent
        for names in (ours, *theirs.values())
        for view, parent in names.inherits.items()
    }

    def top(view: str) -> str:
        while view in above and above[view] != view:
            view = above[view]
        return view

    taken = defaultdict(set)
    for addon in theirs.keys() - needed:
        for view, elements in theirs[addon].elements.items():
            taken[top(view)] |= elements
    met = {(view, *e) for view, added in ours.elements.items() for e in added & taken[top(view)]}
    assert {item for item in met if item[1] != "field" or item[2] != "arch"} == set()
