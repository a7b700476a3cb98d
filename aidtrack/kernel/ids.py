"""Codes on paper: random, short enough to type, with a check character, forgiving of keyboards.

The alphabet is Crockford's: 32 digits and capitals without I, L, O and U, so nothing on paper is taken
for something else. The check character is a weighted sum in the field of 32 elements; every position
has its own weight, so each single wrong character and each swap of two different characters shows.
"""

import re
import secrets
from collections.abc import Callable
from uuid import UUID

from aidtrack.kernel.errors import N_, DomainError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 9  # random characters, 45 bits; the check character follows

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1 is primitive: the powers of x give 31 different weights
_LONGEST = 31
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212_.]+")

# What the paper shows as one letter and a hand may type as another.
_LOOKS_LIKE = str.maketrans("ILO", "110")
_CYRILLIC_LOOKS = str.maketrans("АВСЕНІКМОРТХУЅЈЗ", "ABCEHIKMOPTXYSJ3")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Z]")

# One key, two layouts (TOOLBOX 2.2); Ы stands where the Ukrainian layout has І. The colon is Shift+Ж.
_US_KEYS = "QWERTYUIOPASDFGHJKLZXCVBNM:S"
_UK_KEYS = "ЙЦУКЕНГШЩЗФІВАПРОЛДЯЧСМИТЬЖЫ"
_KEYS = str.maketrans(_UK_KEYS + _UK_KEYS.lower(), _US_KEYS * 2)

_REGISTRATION = re.compile(r"([A-HJKMNP-TV-Z]{1,4})([0-9]{2})([0-9]{6,9})([0-9A-HJKMNP-TV-Z])")
_SITE_CODE = re.compile(r"[A-HJKMNP-TV-Z]{1,4}")


class NotACode(DomainError):
    """The text cannot be such a code: too short, too long, or with other characters in it."""

    code = "not_a_code"
    field = "code"
    text = N_("This is not such a code. Compare its length and characters with the paper.")


class BadCheckCharacter(DomainError):
    """The last character contradicts the others. The text stays out of the facts: codes are secrets."""

    code = "bad_check_character"
    field = "code"
    text = N_("One character of this code is wrong. Compare it with the paper, character by character.")


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 32:
            a ^= _FIELD_POLYNOMIAL
        b >>= 1
    return product


def _powers_of_x() -> list[int]:
    powers = [1]
    for _ in range(_LONGEST - 1):
        powers.append(_times(powers[-1], 2))
    return powers


_WEIGHTED = [[_times(weight, value) for value in range(32)] for weight in _powers_of_x()]


def check_character(body: str) -> str:
    """The character that follows `body`, which is written in `ALPHABET`, at most 30 characters."""
    total = 0
    for place, character in enumerate(reversed(body), start=1):
        total ^= _WEIGHTED[place][_VALUE[character]]
    return ALPHABET[total]


def new_code(length: int = CODE_LENGTH, *, choose: Callable[[str], str] = secrets.choice) -> str:
    """A fresh unguessable code: `length` random characters and the check character.

    `choose` picks one character; only the demonstration passes its own, to be the same every time.
    """
    body = "".join(choose(ALPHABET) for _ in range(length))
    return body + check_character(body)


def spaced_code(code: str) -> str:
    """The code as printed, in groups of five: «7K2MQ-9XT4B»."""
    return "-".join(code[start : start + 5] for start in range(0, len(code), 5))


def from_ukrainian_layout(text: str) -> str:
    """What a keyboard or USB scanner meant while the Ukrainian (or Russian) layout was on, in capitals."""
    return text.translate(_KEYS).upper()


def _readings(text: str) -> list[str]:
    """What typed text can stand for, likeliest first: letters that look alike, then keys of the layout."""
    typed = _SEPARATORS.sub("", text).upper()
    alike = typed.translate(_CYRILLIC_LOOKS)
    readings = [] if _CYRILLIC.search(alike) else [alike]
    if _CYRILLIC.search(typed) and not _LATIN.search(typed):
        readings.append(from_ukrainian_layout(typed))
    return [reading.translate(_LOOKS_LIKE) for reading in readings or [alike]]


def _is_right(code: str) -> bool:
    return (
        2 <= len(code) <= _LONGEST
        and all(character in _VALUE for character in code)
        and check_character(code[:-1]) == code[-1]
    )


def normalise_code(text: str) -> str:
    """The code as stored: capitals, no spaces or hyphens, I and L as 1, O as 0, Cyrillic as Latin.

    Cyrillic letters are taken for the Latin letters they look like, or, where only that gives a right
    code, for the keys they share with them on the Ukrainian layout. The result may still be wrong.
    """
    readings = _readings(text)
    return next((reading for reading in readings if _is_right(reading)), readings[0])


def check_code(text: str, length: int = CODE_LENGTH) -> str:
    """The stored form of a typed code.

    Raises:
        NotACode: another length or other characters.
        BadCheckCharacter: one character is wrong, or two changed places.
    """
    code = normalise_code(text[:200])
    if len(code) != length + 1 or any(character not in _VALUE for character in code):
        raise NotACode
    if not _is_right(code):
        raise BadCheckCharacter
    return code


def registration_number(site_code: str, year: int, serial: int) -> str:
    """A household's number on paper, for example «DN-22-000123-4».

    Args:
        site_code: one to four capitals of `ALPHABET` (no I, L, O, U), chosen once per site.
        year: of registration; its last two digits are written.
        serial: 1, 2, 3 … within site and year.
    """
    if not _SITE_CODE.fullmatch(site_code):
        raise ValueError(f"site code {site_code!r}: one to four capitals without I, L, O and U")
    if not 1 <= serial < 10**9:
        raise ValueError(f"serial {serial} is out of bounds")
    years, number = f"{year % 100:02}", f"{serial:06}"
    return f"{site_code}-{years}-{number}-{check_character(site_code + years + number)}"


def check_registration_number(text: str) -> str:
    """The registration number as stored, from any way of typing it. Raises like `check_code`."""
    match = _REGISTRATION.fullmatch(normalise_code(text[:200]))
    if match is None:
        raise NotACode
    site_code, years, number, check = match.groups()
    if check_character(site_code + years + number) != check:
        raise BadCheckCharacter
    return f"{site_code}-{years}-{number}-{check}"


def new_uuid(*, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> UUID:
    """A random (version 4) id for a command or a voucher."""
    return UUID(bytes=random_bytes(16), version=4)
