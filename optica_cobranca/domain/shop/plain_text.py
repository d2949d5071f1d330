"""Text reduced to what comparisons need: no accents, no case, no punctuation."""

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")


def without_accents(text: str) -> str:
    """Letters without their marks: `Óculos à mão` is `Oculos a mao`. All else is kept."""
    decomposed = unicodedata.normalize("NFD", text)
    kept = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return unicodedata.normalize("NFC", kept)


def words(text: str) -> str:
    """Lower-case words and numbers, without accents, with single spaces between them."""
    return " ".join(_WORD.findall(without_accents(text).casefold()))
