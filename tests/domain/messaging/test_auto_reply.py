"""What no person wrote: e-mails by their headers, away messages by their haste."""

from datetime import timedelta

import pytest

from odoo.addons.optica_cobranca.domain.messaging.auto_reply import is_automatic, is_away_message


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"auto-submitted": "Auto-Generated; reason=vacation"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "Estou de férias"},
        {"X-Mail-Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"Precedence": " Bulk "},
        {"precedence": "junk"},
        {"Precedence": "list"},
        {"Return-Path": "<>"},
        {"return-path": " <> "},
        {"X-Auto-Response-Suppress": "All"},
        {"X-Auto-Response-Suppress": "DR, OOF, AutoReply"},
        {"Subject": "Resposta automática: Sua parcela"},
        {"Subject": "Automatic reply: Sua parcela"},
        {"Subject": "Fora do escritório"},
    ],
)
def test_automatic(headers):
    assert is_automatic(headers.items())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Subject": "Auto-Submitted: auto-replied"},
        {"Subject": "Re: Resposta automática não chegou"},
        {"Auto-Submitted": "no"},
        {"Auto-Submitted": "No (a person)"},
        {"Auto-Submitted": ""},
        {"X-Autoreply": "no"},
        {"X-Auto-Response-Suppress": "None"},
        {"X-Auto-Response-Suppress": ""},
        {"Return-Path": "<maria@example.com>"},
        {"Precedence": "first-class"},
        {"Precedence": "normal"},
    ],
)
def test_written_by_a_person(headers):
    assert not is_automatic(headers.items())


AWAY = "Olá! Agradecemos seu contato. No momento não podemos responder."
OWN = "Oi sou a Maria da loja de bolos"


@pytest.mark.parametrize(
    ("text", "seconds", "earlier", "expected"),
    [
        (AWAY, 3, [], True),
        (AWAY, -5, [], True),
        (AWAY, 20, [], True),
        (AWAY, 21, [], False),
        (AWAY, None, [], False),
        (AWAY, -6, [], False),
        # By its words nobody knows; that it came before, just so, tells.
        (OWN, 3, [], False),
        (OWN, 3, ["Oi, SOU a Maria da loja de bolos!"], True),
        (OWN, 30, [OWN], False),
        # Four words are enough, three are those of quick people.
        ("Olá, já lhe respondo", 3, ["Olá, já lhe respondo"], True),
        ("ok, já paguei", 3, ["ok, já paguei"], False),
        ("SAIR", 2, ["SAIR"], False),
        ("", 2, [""], False),
        (None, 2, [None], False),
    ],
)
def test_away_messages(text, seconds, earlier, expected):
    after = None if seconds is None else timedelta(seconds=seconds)
    assert is_away_message(text, after, earlier) is expected
