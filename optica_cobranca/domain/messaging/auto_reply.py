"""Did a person write this, or a program: out of office, acknowledgement, away message?

Source: RFC 3834 (Auto-Submitted, null return path), and what vacation programs sent before and
beside it; away messages and greetings of the WhatsApp Business app come within seconds of ours, and
the same again and again.
"""

import re
from collections.abc import Iterable
from datetime import timedelta

from ..shop.plain_text import without_accents, words

_MARKS = {"x-autoreply", "x-autorespond", "x-mail-autoreply"}
_BULK = {"auto_reply", "bulk", "junk", "list"}
_SUBJECT = re.compile(
    r"(?:\[?auto(?:matic)?[- ]?(?:reply|response)\]?|resposta automatica|out of (?:the )?office"
    r"|fora d[oe] escritorio|ausencia temporaria|respuesta automatica|ferias:)"
)

# A person has not read a message of this age, and written an answer of more than a few words.
AT_ONCE = timedelta(seconds=20)
# The two clocks are not the same.
_SKEW = timedelta(seconds=5)
MIN_WORDS = 4
_AWAY = re.compile(
    r"\b(?:(?:mensagem|resposta) automatica|(?:agradecemos|obrigad[oa] por(?: seu)?|agradeco)"
    r"(?: o| pelo)?(?: seu| por)? (?:contato|contatar|entrar em contato)"
    r"|(?:nao (?:estou|estamos|podemos|posso)|estamos fora)(?: \w+){0,4}"
    r" (?:disponive\w+|atende\w*|responder|horario|momento)"
    r"|(?:responderei|responderemos|retornarei|retornaremos|retorno|responderei)(?: \w+){0,4}"
    r" (?:possivel|breve)|horario de atendimento|fora do (?:nosso )?(?:horario|expediente))\b"
)


def is_automatic(headers: Iterable[tuple[str, str]]) -> bool:
    """True when a header (name, value; in any case) says that no person wrote it."""
    return any(_tells(name.lower(), value.lower().strip()) for name, value in headers)


def _tells(name: str, value: str) -> bool:
    # "auto-replied; reason=vacation", "no (a person)": parameters and comments don't count.
    [word, *_rest] = value.replace(";", " ").replace(",", " ").split() or [""]
    match name:
        case "auto-submitted":
            return word not in ("", "no")
        case "precedence":
            return word in _BULK
        case "return-path":
            return value == "<>"
        case "x-auto-response-suppress":
            return word not in ("", "none")
        case "subject":
            return bool(_SUBJECT.match(without_accents(value)))
        case _:
            return name in _MARKS and word != "no"


def is_away_message(
    text: str | None, after_ours: timedelta | None, earlier: Iterable[str | None]
) -> bool:
    """True when a customer's telephone answered, and not the customer.

    :param text: what came
    :param after_ours: how long after our last message to that number; None: there was none
    :param earlier: what came from there before, just as quickly after a message of ours
    """
    if after_ours is None or not -_SKEW <= after_ours <= AT_ONCE:
        return False
    said = words(text or "")
    if len(said.split()) < MIN_WORDS:
        return False
    return bool(_AWAY.search(said)) or said in {words(one or "") for one in earlier}
