"""Merge exported terms into the tracked translation files (runs inside the environment: polib).

Nothing is written when only dates would change, so that a repeated run leaves no difference.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w+\}")
# A translation that repeats its source is left empty, as Odoo's community checks want it; this
# comment of the translator tells it from one that is missing.
SAME = "The same as the source."
VOLATILE = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team")


def main(arguments: list[str]) -> int:
    """Write the .pot and the .po and list what is missing; exit code 1 when something is."""
    exported, folder, language = Path(arguments[0]), Path(arguments[1]), arguments[2]
    folder.mkdir(exist_ok=True)
    terms = polib.pofile(str(exported), wrapwidth=78)
    addon = exported.stem
    save_if_changed(terms, folder / f"{addon}.pot")
    merged = merge(terms, folder / f"{language}.po", language)
    save_if_changed(merged, folder / f"{language}.po")
    problems = list(find_problems(merged))
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} terms of {language}.po need a translator.")
    return 1 if problems else 0


def merge(terms: polib.POFile, path: Path, language: str) -> polib.POFile:
    """The exported terms with the translations there are; terms that are gone are dropped."""
    known = {}
    if path.exists():
        known = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path))}
    merged = polib.POFile(wrapwidth=78)
    merged.header = terms.header
    merged.metadata = {
        **terms.metadata,
        "Language": language,
        "Plural-Forms": "nplurals=2; plural=(n > 1);",
    }
    for term in terms:
        old = known.get((term.msgctxt, term.msgid))
        translation, remark = _translation(old) if old else ("", "")
        entry = polib.POEntry(
            msgctxt=term.msgctxt,
            msgid=term.msgid,
            msgstr=translation,
            comment=term.comment,
            tcomment=remark,
            occurrences=term.occurrences,
            flags=sorted({*term.flags, *(old.flags if old else [])}),
        )
        merged.append(entry)
    merged.sort(key=lambda entry: entry.msgid)
    return merged


def _translation(old: polib.POEntry) -> tuple[str, str]:
    """A term's translation and the translator's remark, as the file shall have them."""
    remarks = [line for line in old.tcomment.splitlines() if line != SAME]
    same = old.msgstr == old.msgid or (not old.msgstr and SAME in old.tcomment)
    if same:
        return "", "\n".join([*remarks, SAME])
    return old.msgstr, "\n".join(remarks)


def find_problems(entries: polib.POFile) -> Iterator[str]:
    """One line for every term that is untranslated, doubtful, or lost a placeholder."""
    for entry in entries:
        text = entry.msgid.replace("\n", "\\n")[:100]
        if not entry.msgstr.strip() and SAME not in entry.tcomment:
            yield f"untranslated: {text}"
        elif "fuzzy" in entry.flags:
            yield f"fuzzy: {text}"
        elif entry.msgstr and _placeholders(entry.msgid) != _placeholders(entry.msgstr):
            yield f"placeholders differ: {text}"


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def save_if_changed(entries: polib.POFile, path: Path) -> None:
    """Write a file unless it says the same already, dates aside."""
    if path.exists() and _essence(polib.pofile(str(path))) == _essence(entries):
        return
    entries.save(str(path))


def _essence(entries: polib.POFile) -> tuple:
    metadata = {name: value for name, value in entries.metadata.items() if name not in VOLATILE}
    return (
        sorted(metadata.items()),
        [
            (entry.msgctxt, entry.msgid, entry.msgstr, entry.comment, entry.tcomment)
            + (tuple(entry.occurrences), tuple(sorted(entry.flags)))
            for entry in entries
        ],
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
