"""XML files are well-formed, declared, and indented by four spaces per level."""

import pytest

from devtools import xml_format

GOOD = """<?xml version="1.0" encoding="UTF-8" ?>
<odoo>
    <!-- why -->
    <record id="a" model="res.partner">
        <field name="name">Ótica</field>
        <field
            name="arch"
            type="xml"
        >
            <form />
        </field>
    </record>
</odoo>
"""


@pytest.fixture
def problem(tmp_path):
    def check(text: str) -> str | None:
        path = tmp_path / "views.xml"
        path.write_text(text, encoding="utf-8")
        return xml_format.check(path)

    return check


def test_a_formatted_file_passes(problem):
    assert problem(GOOD) is None


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    <record", "  <record"),
        ("    <record", "\t<record"),
        ("    </record>", "</record>"),
        ("<odoo>", "<odoo>  "),
        ("    <!-- why -->", "<!-- why -->"),
        ("</odoo>\n", "</odoo>"),
        ("</odoo>\n", "</odoo>\n\n"),
        ('<?xml version="1.0" encoding="UTF-8" ?>\n', ""),
        ('encoding="UTF-8"', 'encoding="utf-8"'),
        ('UTF-8" ?>', 'UTF-8"?>'),
    ],
)
def test_anything_else_is_named_and_mended(problem, right, wrong):
    text = GOOD.replace(right, wrong)
    assert text != GOOD

    assert "is not formatted" in problem(text)
    assert xml_format.formatted(text) == GOOD


def test_attributes_on_lines_of_their_own_move_with_their_tag():
    text = GOOD.replace("        <field\n", "    <field\n").replace(
        "            name", "        name"
    )
    text = text.replace('            type="xml"\n        >', '        type="xml"\n    >')

    assert xml_format.formatted(text) == GOOD


def test_the_spaces_of_verbatim_text_are_left_alone():
    verbatim = "<pre>\n  a <b>c</b>\n <i>d</i>  \n</pre>"
    text = GOOD.replace("            <form />", f"  {verbatim}")

    assert f"            {verbatim}\n" in xml_format.formatted(text)


def test_what_is_not_xml_is_named_with_its_place(problem):
    assert "not XML: mismatched tag: line 12" in problem(GOOD.replace("    </record>\n", ""))
