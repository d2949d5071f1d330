"""Which e-mails no person wrote."""

import pytest

from odoo.addons.optica_cobranca.domain.auto_reply import is_automatic


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"auto-submitted": "Auto-Generated; reason=vacation"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "Estou de férias"},
        {"Precedence": "auto_reply"},
        {"Precedence": " Bulk "},
        {"precedence": "junk"},
        {"Precedence": "list"},
    ],
)
def test_automatic(headers):
    assert is_automatic(headers.items())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Subject": "Auto-Submitted: auto-replied"},
        {"Auto-Submitted": "no"},
        {"Auto-Submitted": "No (a person)"},
        {"Auto-Submitted": ""},
        {"X-Autoreply": "no"},
        {"Precedence": "first-class"},
        {"Precedence": "normal"},
    ],
)
def test_written_by_a_person(headers):
    assert not is_automatic(headers.items())
