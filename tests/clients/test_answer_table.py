"""The shape that tables of answers share."""

import pytest

from tests.clients import answer_table
from tests.clients.answer_table import (
    AFTER,
    BEFORE,
    DONE,
    DURING,
    NOT_DONE,
    UNSURE,
    Row,
    Table,
    assert_in_guide,
    assert_whole,
)


def row(phase=AFTER, answer="201", belief=DONE, source="Acme's page"):
    return Row(phase, answer, None, belief, "waits", source)


def table(*rows):
    return Table("acme", "Acme", rows)


def test_section_is_written_and_then_compared(monkeypatch, tmp_path):
    guide = tmp_path / "guide.md"
    guide.write_text("# Guide\n", encoding="utf-8")
    monkeypatch.setattr(answer_table, "GUIDE", guide)
    monkeypatch.setenv(answer_table.WRITE, "1")
    assert_in_guide(table(row(answer="200 | 201")))
    assert_in_guide(table(row(answer="202")))
    monkeypatch.delenv(answer_table.WRITE)
    assert_in_guide(table(row(answer="202")))
    text = guide.read_text(encoding="utf-8")
    assert text.count("## Acme") == 1
    assert "| was answered | 202 | done | waits | Acme's page |" in text
    with pytest.raises(AssertionError):
        assert_in_guide(table(row(answer="203")))


def test_pipes_do_not_break_the_page():
    assert "200 \\| 201" in table(row(answer="200 | 201")).as_markdown()


@pytest.mark.parametrize(
    "odd", [{"phase": "later"}, {"belief": "maybe"}, {"source": ""}, {"answer": ""}]
)
def test_rows_without_a_word_or_a_source_are_none(odd):
    with pytest.raises(ValueError):
        row(**odd)


def test_one_row_for_one_answer():
    with pytest.raises(ValueError):
        table(row(), row())


def test_whole():
    rows = (row(BEFORE, "x", NOT_DONE), row(DURING, "y", UNSURE), row(AFTER))
    assert_whole(table(*rows))
    for missing in range(3):
        with pytest.raises(AssertionError):
            assert_whole(table(*(r for place, r in enumerate(rows) if place != missing)))
    with pytest.raises(AssertionError):
        assert_whole(table(*rows, row(DURING, "z", NOT_DONE)))
