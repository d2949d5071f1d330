"""Secrets are sealed with the newest key and opened with any; without a key they stay."""

import traceback

import pytest
from cryptography.fernet import Fernet

from odoo.addons.optica_cobranca.clients.secret_box import (
    BadKey,
    SecretBox,
    Unreadable,
    is_sealed,
    keys_in,
)

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_sealed_and_opened():
    box = SecretBox([NEW])
    sealed = box.seal("EAAção")
    assert is_sealed(sealed)
    assert "EAA" not in sealed
    assert box.open(sealed) == "EAAção"
    assert box.seal(sealed) == sealed
    assert box.seal("EAAção") != sealed


def test_without_a_key_all_stays():
    box = SecretBox([])
    assert not box.has_key
    assert box.seal("word") == box.open("word") == "word"
    assert box.is_current("word")


def test_what_was_kept_before_there_was_a_key_is_read():
    box = SecretBox([NEW])
    assert box.open("word") == "word"
    assert not box.is_current("word")


def test_a_key_is_exchanged():
    sealed = SecretBox([OLD]).seal("word")
    both = SecretBox([NEW, OLD])
    assert both.open(sealed) == "word"
    assert not both.is_current(sealed)
    again = both.seal(both.open(sealed))
    assert both.is_current(again)
    assert SecretBox([NEW]).open(again) == "word"


@pytest.mark.parametrize("keys", [[], [NEW]])
def test_the_wrong_key_opens_nothing(keys):
    sealed = SecretBox([OLD]).seal("word")
    with pytest.raises(Unreadable):
        SecretBox(keys).open(sealed)


def test_a_changed_text_opens_nothing():
    box = SecretBox([NEW])
    with pytest.raises(Unreadable):
        box.open(box.seal("word")[:-4] + "AAAA")


@pytest.mark.parametrize("key", ["word", "A" * 44 + "é", "A" * 40])
def test_what_is_no_key_is_told_without_it(key):
    with pytest.raises(BadKey) as error:
        SecretBox([key])
    assert key not in "".join(traceback.format_exception(error.value))


def test_keys_of_a_setting():
    assert keys_in(None) == keys_in("") == []
    assert keys_in(f"{NEW}, {OLD}") == keys_in(f" {NEW} {OLD} ") == [NEW, OLD]
