"""CPF and CNPJ as people read them.

Source: Receita Federal; since IN RFB 2.229/2024 the first twelve places of a CNPJ may be letters.
"""

CNPJ_LENGTH = 14
CPF_LENGTH = 11


def labelled(number: str) -> str:
    """``CNPJ 12.345.678/0001-95`` or ``CPF 123.456.789-09``; anything else as it was given."""
    plain = "".join(character for character in number if character.isalnum()).upper()
    if len(plain) == CNPJ_LENGTH and plain[-2:].isdigit():
        return f"CNPJ {plain[:2]}.{plain[2:5]}.{plain[5:8]}/{plain[8:12]}-{plain[12:]}"
    if len(plain) == CPF_LENGTH and plain.isdigit():
        return f"CPF {plain[:3]}.{plain[3:6]}.{plain[6:9]}-{plain[9:]}"
    return number
