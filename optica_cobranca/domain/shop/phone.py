"""Telephone numbers: Brazilian ones to E.164 with the ninth digit, foreign ones as they are.

Source: Anatel resolution 553/2010 (ninth digit of mobiles); WhatsApp knows many numbers
outside of DDD 11-28 without it.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

import phonenumbers

from .errors import ErrorCode, PhoneError

_COUNTRY = 55
_MOBILE_TYPES = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
# A run of digits with what people put between them; letters, "/" and "," end it.
_CANDIDATE = re.compile(r"\+?\(?\d[\d\s().\-\u2010-\u2015]*")
# The "0xx" of printed numbers stands for trunk prefix and carrier: (0xx11) 3333-4444.
_CARRIER_MARK = re.compile(r"\(?0?\s{0,3}xx\s{0,3}(?=\d)", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"\D")
_AREA_CODE = re.compile(r"[1-9][1-9]")
_LEGACY_MOBILE = re.compile(r"([1-9][1-9])([6-9]\d{7})")
_MOBILE = re.compile(r"55([1-9][1-9])9([6-9]\d{7})")
# Mobiles of Argentina have a 9 and those of Mexico had a 1 behind the country, which is not always
# written, nor known to WhatsApp.
_ARGENTINE, _MEXICAN = re.compile(r"549(\d{10})"), re.compile(r"521(\d{10})")
_LOCAL = re.compile(r"9?([6-9]\d{7})|([2-5]\d{7})|(9[2-5]\d{7})")
LOCAL_MARK = "-"
# Of what somebody typed: room for half a dozen numbers with words between them.
_READ = 250


def to_e164(raw: str | None, default_ddd: str | int | None = None) -> str | None:
    """The first telephone number in `raw` as E.164 (`+5511996123456`), None if there is none.

    Numbers without country are Brazilian. An 8-digit mobile (first digit 6 to 9) gets its ninth
    digit, landlines stay. A number without area code (DDD) is None unless `default_ddd` is
    given. Numbers with another country's `+` code are kept when they are valid there.

    :raise PhoneError: BAD_AREA_CODE for a `default_ddd` that is not two digits 1 to 9
    """
    area_code = _area_code(default_ddd)
    for candidate in _candidates(raw or ""):
        number = _foreign(candidate) or _brazilian(candidate, area_code)
        if number is not None:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def is_mobile(e164: str) -> bool:
    """True for a valid mobile number (or one of a country that does not tell them apart)."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) in _MOBILE_TYPES


def match_key(e164: str) -> str:
    """Digits that are the same for a Brazilian mobile with and without its ninth digit.

    Country, DDD and the last eight digits; other numbers are their digits. Only mobiles whose
    eight digits begin with 6 to 9 ever existed without the ninth digit: `9 3xxx-xxxx` keeps its
    9, for without it it is somebody else's landline. Mobiles of Argentina and Mexico are the same
    with and without the digit behind the country. Accepts digits without `+` (a wa_id).
    """
    digits = _NOT_DIGIT.sub("", e164)
    for pattern, short in ((_MOBILE, r"55\1\2"), (_ARGENTINE, r"54\1"), (_MEXICAN, r"52\1")):
        if pattern.fullmatch(digits):
            return pattern.sub(short, digits)
    return digits


def match_keys(raw: str | None) -> list[str]:
    """The keys of all numbers in what somebody typed, in order, each once.

    A number without area code (DDD) has that of the one before it: `(11) 99999-0000 / 3333-0000`;
    without one its key is `LOCAL_MARK` and its eight digits, see `keys_of_sender`.
    """
    keys: list[str] = []
    area_code = ""
    for candidate in _candidates(raw or ""):
        number = _foreign(candidate) or _brazilian(candidate, area_code)
        if number is not None:
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            keys.append(match_key(e164))
            area_code = e164[3:5] if number.country_code == _COUNTRY else area_code
        elif local := _LOCAL.fullmatch(_NOT_DIGIT.sub("", candidate)):
            keys.append(LOCAL_MARK + (local[1] or local[2] or local[3]))
    return list(dict.fromkeys(keys))


def keys_of_sender(digits: str | None, area_code: str | None = None) -> list[str]:
    """The keys under which the number of somebody who writes may be on file.

    :param digits: as a provider writes it, with country code and without ``+``
    :param area_code: that of the shop, which numbers written down without one have
    """
    key = match_key(digits or "")
    if not key:
        return []
    home = f"{_COUNTRY}{area_code}" if area_code else None
    local = key.removeprefix(home) if home and key.startswith(home) else ""
    return [key, LOCAL_MARK + local] if len(local) in (8, 9) else [key]


def spellings(digits: str | None) -> list[str]:
    """The ways to write one number as E.164, with and without the digit that may be left out."""
    key = match_key(digits or "")
    if not key:
        return []
    longer = {f"55{key[2:4]}9{key[4:]}", f"549{key[2:]}", f"521{key[2:]}"}
    return [f"+{key}", *sorted(f"+{one}" for one in longer if match_key(one) == key)]


def replaced(raw: str | None, old: str, new: str) -> str:
    """`raw` with one of its numbers replaced, whatever else is written there kept.

    :param old: any spelling of the number that is not used any more; when it is not found, all
        of `raw` gives way
    :param new: E.164
    """
    text = raw or ""
    for match in _CANDIDATE.finditer(text):
        if match_key(old) in match_keys(match.group()):
            return f"{text[: match.start()]}{new} {text[match.end() :]}".strip()
    return new


def wa_me_link(e164: str, text: str = "") -> str:
    """The link that opens a WhatsApp chat with the number, `text` already typed in."""
    link = "https://wa.me/" + _NOT_DIGIT.sub("", e164)
    return f"{link}?text={quote(text, safe='')}" if text else link


def _area_code(default_ddd: str | int | None) -> str:
    code = "" if default_ddd in (None, False, "") else str(default_ddd).strip().lstrip("0")
    if code and not _AREA_CODE.fullmatch(code):
        raise PhoneError(ErrorCode.BAD_AREA_CODE, area_code=default_ddd)
    return code


def _candidates(raw: str) -> Iterator[str]:
    typed = _CARRIER_MARK.sub("(", raw.strip()[:_READ])
    return (match.group() for match in _CANDIDATE.finditer(typed))


def _foreign(candidate: str) -> phonenumbers.PhoneNumber | None:
    if not candidate.startswith("+"):
        return None
    mexican = _MEXICAN.fullmatch(_NOT_DIGIT.sub("", candidate))
    number = _parse(f"+52{mexican[1]}" if mexican else candidate)
    is_ours = number is None or number.country_code == _COUNTRY
    return None if is_ours or not phonenumbers.is_valid_number(number) else number


def _brazilian(candidate: str, area_code: str) -> phonenumbers.PhoneNumber | None:
    number = _parse(_with_country(candidate, area_code))
    if number is None or number.country_code != _COUNTRY:
        return None
    legacy = _LEGACY_MOBILE.fullmatch(str(number.national_number))
    if legacy:
        number = _parse(f"+{_COUNTRY}{legacy[1]}9{legacy[2]}")
    return number if number and phonenumbers.is_valid_number(number) else None


def _with_country(candidate: str, area_code: str) -> str:
    """The candidate's digits in a form that the library cannot take for something else."""
    digits = _NOT_DIGIT.sub("", candidate)
    if candidate.startswith("+"):
        return f"+{digits}"
    # Dialled from abroad. Any other 00 is followed by a carrier's code, which is no area code.
    if digits.startswith("00"):
        return f"+{digits[2:]}" if digits.startswith(f"00{_COUNTRY}") else ""
    if len(digits) in (8, 9) and not digits.startswith("0"):
        # No DDD: the first digits must not be taken for one.
        return area_code + digits if area_code else ""
    return digits


def _parse(digits: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, "BR")
    except phonenumbers.NumberParseException:
        return None
