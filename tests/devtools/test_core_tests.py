"""``./dev core-tests``: reading two reports and telling what differs."""

import pytest

from devtools import core_tests
from devtools.errors import DevError

REPORT = """<testsuites><testsuite>
<testcase classname="odoo.addons.sale.TestSale" name="test_ok"/>
<testcase classname="odoo.addons.sale.TestSale" name="test_bad">
  <failure message="AssertionError: 1 != 2&#10;more">…</failure></testcase>
<testcase classname="odoo.addons.sale.TestSale" name="test_left_out"><skipped/></testcase>
<testcase classname="odoo.addons.sale.TestSale" name="test_torn"/>
<testcase classname="odoo.addons.sale.TestSale" name="test_torn">
  <error message="left over"/></testcase>
</testsuite></testsuites>"""


def test_a_report_is_read_by_test_with_the_first_words_of_a_failure(tmp_path):
    report = tmp_path / "with.xml"
    report.write_text(REPORT)

    assert core_tests.outcomes(report) == {
        "odoo.addons.sale.TestSale.test_ok": "passed",
        "odoo.addons.sale.TestSale.test_bad": "failed: AssertionError: 1 != 2",
        "odoo.addons.sale.TestSale.test_left_out": "skipped",
        "odoo.addons.sale.TestSale.test_torn": "failed: left over",
    }


def test_a_report_that_was_never_written_names_the_log(tmp_path):
    with pytest.raises(DevError, match=r"see .*with\.log"):
        core_tests.outcomes(tmp_path / "with.xml")


def test_only_what_ends_otherwise_is_a_difference():
    without = {"a": "passed", "b": "failed: one way", "c": "passed", "d": "passed"}
    with_addon = {"a": "passed", "b": "failed: another way", "c": "failed: 1 != 2"}

    assert core_tests.differences(without, with_addon) == [
        ("c", "passed", "failed: 1 != 2"),
        ("d", "passed", "absent"),
    ]


def test_a_difference_is_printed_and_fails(capsys):
    assert core_tests._compare({"a": "passed"}, {"a": "failed: 1 != 2"}) == 1
    assert "a\n    without: passed\n    with:    failed: 1 != 2" in capsys.readouterr().out
    assert core_tests._compare({"a": "passed"}, {"a": "passed"}) == 0


def test_a_module_odoo_does_not_have(refused):
    assert "no tests “nowhere”" in refused("core-tests", "nowhere")
