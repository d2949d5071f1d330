"""Terms keep their translations, and what is missing is named."""

import polib
import pytest

from devtools import i18n_merge


def entries(*pairs: tuple[str, str], flags: tuple[str, ...] = ()) -> polib.POFile:
    file = polib.POFile()
    file.metadata = {"Content-Type": "text/plain; charset=UTF-8", "POT-Creation-Date": "now"}
    for source, translation in pairs:
        file.append(polib.POEntry(msgid=source, msgstr=translation, flags=list(flags)))
    return file


@pytest.fixture
def merged(tmp_path):
    """Merge exported terms with a file of translations; returns exit code and the file after."""

    def merge(terms: polib.POFile, known: polib.POFile) -> tuple[int, polib.POFile]:
        folder = tmp_path / "i18n"
        folder.mkdir(exist_ok=True)
        known.save(str(folder / "pt_BR.po"))
        terms.save(str(tmp_path / "addon.pot"))
        code = i18n_merge.main([str(tmp_path / "addon.pot"), str(folder), "pt_BR"])
        return code, polib.pofile(str(folder / "pt_BR.po"))

    return merge


def test_translations_are_kept_and_dead_terms_dropped(merged):
    code, after = merged(
        entries(("Due date", "")), entries(("Due date", "Vencimento"), ("Old", "x"))
    )

    assert code == 0
    assert [(entry.msgid, entry.msgstr) for entry in after] == [("Due date", "Vencimento")]


def test_an_untranslated_term_fails_and_is_named(merged, capsys):
    code, _ = merged(entries(("Due date", ""), ("Fine", "")), entries(("Due date", "Vencimento")))

    assert code == 1
    assert "untranslated: Fine" in capsys.readouterr().out


def test_a_fuzzy_term_fails(merged, capsys):
    code, _ = merged(entries(("Fine", "")), entries(("Fine", "Multa"), flags=("fuzzy",)))

    assert code == 1
    assert "fuzzy: Fine" in capsys.readouterr().out


@pytest.mark.parametrize("translation", ["Faltam dias", "Faltam %(dias)s dias"])
def test_a_lost_placeholder_fails(merged, capsys, translation):
    term = "%(days)s days left"
    code, _ = merged(entries((term, "")), entries((term, translation)))

    assert code == 1
    assert f"placeholders differ: {term}" in capsys.readouterr().out


def test_a_repeated_run_changes_nothing(merged, tmp_path):
    merged(entries(("Fine", "")), entries(("Fine", "Multa")))
    files = [tmp_path / "i18n" / name for name in ("addon.pot", "pt_BR.po")]
    before = [file.read_bytes() for file in files]
    later = entries(("Fine", ""))
    later.metadata["POT-Creation-Date"] = "later"
    later.save(str(tmp_path / "addon.pot"))

    assert i18n_merge.main([str(tmp_path / "addon.pot"), str(tmp_path / "i18n"), "pt_BR"]) == 0
    assert [file.read_bytes() for file in files] == before


@pytest.mark.parametrize("round_again", [False, True])
def test_a_translation_equal_to_its_source_is_left_empty_and_counts(merged, tmp_path, round_again):
    code, after = merged(entries(("Pix", "")), entries(("Pix", "Pix")))
    if round_again:
        code = i18n_merge.main([str(tmp_path / "addon.pot"), str(tmp_path / "i18n"), "pt_BR"])
        after = polib.pofile(str(tmp_path / "i18n" / "pt_BR.po"))

    assert code == 0
    [entry] = after
    assert (entry.msgstr, entry.tcomment) == ("", "The same as the source.")


def test_a_translation_that_changed_its_mind_is_taken(merged):
    known = entries(("Pix", "Pix do banco"))
    known[0].tcomment = "Seen on receipts.\nThe same as the source."

    code, after = merged(entries(("Pix", "")), known)

    assert code == 0
    assert (after[0].msgstr, after[0].tcomment) == ("Pix do banco", "Seen on receipts.")


def test_terms_stand_in_order(merged):
    pairs = [("b", "B"), ("a", "A"), ("C", "c")]
    code, after = merged(entries(*pairs), entries(*pairs))

    assert [entry.msgid for entry in after] == ["C", "a", "b"]
