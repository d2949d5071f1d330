"""CPF and CNPJ as people read them.

Source: Receita Federal; since IN RFB 2.229/2024 the first twelve places of a CNPJ may be letters.
"""

from stdnum.br import cnpj, cpf

CNPJ_LENGTH = 14
CPF_LENGTH = 11
# With every dot, dash and space that people put between the places.
LONGEST = 40


def plain(number: str) -> str:
    """Letters and digits alone, in capitals: ``123.456.789-09`` is ``12345678909``."""
    return "".join(character for character in number if character.isalnum()).upper()


def is_valid(number: str) -> bool:
    """Whether it is a CPF or a CNPJ with the right check digits, written in any way.

    One digit all over passes the check and is never issued.
    """
    places = plain(number[:LONGEST])
    return len(set(places)) > 1 and (cpf.is_valid(places) or cnpj.is_valid(places))


def formatted(number: str) -> str:
    """With the dots and dashes of a CPF or CNPJ; anything else as it was given."""
    places = plain(number[:LONGEST])
    if len(places) == CNPJ_LENGTH and places[-2:].isdigit():
        return f"{places[:2]}.{places[2:5]}.{places[5:8]}/{places[8:12]}-{places[12:]}"
    if len(places) == CPF_LENGTH and places.isdigit():
        return f"{places[:3]}.{places[3:6]}.{places[6:9]}-{places[9:]}"
    return number


def labelled(number: str) -> str:
    """``CNPJ 12.345.678/0001-95`` or ``CPF 123.456.789-09``; anything else as it was given."""
    places, text = plain(number[:LONGEST]), formatted(number)
    if len(places) == CNPJ_LENGTH and places[-2:].isdigit():
        return f"CNPJ {text}"
    if len(places) == CPF_LENGTH and places.isdigit():
        return f"CPF {text}"
    return number
