"""What the addon ships as a start belongs to the shop: changed it stays, deleted it stays away."""

import ast
from collections import Counter
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent.parent
ADDON = ROOT / "optica_cobranca"
# The program itself: screens, rights, papers; an update brings them as they are now.
PROGRAM = {
    "ir.actions.act_window",
    "ir.actions.act_window.view",
    "ir.actions.client",
    "ir.actions.report",
    "ir.actions.server",
    "ir.module.category",
    "mail.message.subtype",
    "ir.rule",
    "ir.ui.menu",
    "ir.ui.view",
    "report.paperformat",
    "res.groups",
    "res.groups.privilege",
}
# Jobs and kinds of documents are waited for by the program: one that was deleted comes back, one
# that is switched off stays off.
WAITED_FOR = {"ir.cron", "l10n_latam.document.type"}


def records():
    """(file, record, whether it is the shop's) of all data files in the manifest."""
    manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text(encoding="utf-8"))
    for name in manifest["data"]:
        if name.endswith(".xml"):
            root = etree.parse(str(ADDON / name)).getroot()
            for record in root.iter("record"):
                top = (parent.get("noupdate") for parent in record.iterancestors())
                yield name, record, "1" in top


def test_the_shops_records_are_not_updated_and_do_not_come_back():
    shops, comes_back = Counter(), []
    for file, record, is_shops in records():
        model = record.get("model")
        if not is_shops:
            assert model in PROGRAM, f"{file}: {record.get('id')} is changed by every update"
        elif model not in WAITED_FOR:
            shops[model] += 1
            if record.get("forcecreate") != "False":
                comes_back.append(f"{file}: {record.get('id')}")
    assert comes_back == []
    assert shops["dunning.level"] >= 31 and shops["contact.template"] >= 30
    assert shops["crediario.plan"] == 2 and shops["contact.blocked.date"] >= 15


def test_what_is_waited_for_is_switched_off_by_the_shop_for_good():
    waited = [
        (file, record, is_shops)
        for file, record, is_shops in records()
        if record.get("model") in WAITED_FOR
    ]
    assert len(waited) >= 18
    for file, record, is_shops in waited:
        assert is_shops, f"{file}: an update would switch {record.get('id')} on"
        assert record.get("forcecreate") is None, f"{file}: {record.get('id')} is waited for"
