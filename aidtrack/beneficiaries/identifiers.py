"""Phone, taxpayer number, papers and names: one spelling of each, and their keyed hashes.

The libraries of phone and taxpayer numbers are imported where they are used: together with their tables they
are a tenth of what a start waits for, and most commands never meet a family.
"""

import re
import unicodedata
from functools import cache

from aidtrack.beneficiaries.errors import (
    NotAKatottg,
    NotAName,
    NotAPhone,
    NotATaxNumber,
    TaxNumberDoubt,
    TooLong,
)
from aidtrack.db.vault import current_vault

_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’ʼ`´\-‐‑.()])*", re.UNICODE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b\u202a-\u202e\u2066-\u2069]")
_KATOTTG = re.compile(r"UA\d{17}")
_NOT_DIGITS = re.compile(r"\D+")
_MOBILE_TYPED = re.compile(r"\+?[0-9 ()\-]+")
_PAPER = re.compile(r"[A-ZА-ЯЄІЇҐ]{2}\d{6}(?!\d)|(?<!\d)(?:\d{9}|\d{10}|\d{14})(?!\d)")
_NOT_ALNUM = re.compile(r"[^0-9A-Z\u0400-\u04ff]+")
# letters of document series that look alike in both scripts; the Latin ones are kept
_ALIKE = str.maketrans("АВСЕНІКМОРТХ", "ABCEHIKMOPTX")


def clean_name(text: str, field: str) -> str:
    """A name with single spaces. Raises NotAName for digits, markup and anything over 80 characters."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > 80 or not _NAME.fullmatch(name):
        raise NotAName(field=field)
    return name


def clean_text(text: str | None, most: int, field: str) -> str | None:
    """One line without control characters, None when nothing is left."""
    if not text:
        return None
    line = " ".join((text if text.isprintable() else _CONTROL.sub(" ", text)).split())
    if len(line) > most:
        raise TooLong(field=field, most=most)
    return line or None


def clean_katottg(text: str | None, field: str = "katottg") -> str | None:
    """The codifier's code, also when it was typed with Cyrillic letters or spaces."""
    code = "".join((text or "").split()).upper().replace("А", "A")
    if not code:
        return None
    if not _KATOTTG.fullmatch(code):
        raise NotAKatottg(field=field)
    return code


def clean_phone(text: str | None, field: str = "phone") -> str | None:
    """The number in E.164. `8067…`, the habit of the old trunk prefix, is read as `+38067…`."""
    typed = (text or "").strip()
    if not typed:
        return None
    import phonenumbers

    digits = _NOT_DIGITS.sub("", typed)
    if len(digits) == 11 and digits.startswith("80") and not typed.startswith("+"):
        typed = digits = digits[1:]
    if (mobile := _ukrainian_mobile(typed, digits)) is not None:
        return mobile
    try:
        number = phonenumbers.parse(typed[:40], "UA")
    except phonenumbers.NumberParseException:
        raise NotAPhone(field=field) from None
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone(field=field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _ukrainian_mobile(typed: str, digits: str) -> str | None:
    """What the library would say of a mobile number at home, in a fiftieth of its time; None for all others.

    A register has one in nearly every row.
    """
    if not _MOBILE_TYPED.fullmatch(typed):
        return None
    if len(digits) == 12 and digits.startswith("380"):
        national = digits[3:]
    elif len(digits) == 10 and digits[0] == "0" and typed[0] != "+":
        national = digits[1:]
    else:
        return None
    return f"+380{national}" if _mobile_numbers().fullmatch(national) else None


@cache
def _mobile_numbers() -> re.Pattern[str]:
    from phonenumbers import PhoneMetadata

    known = PhoneMetadata.metadata_for_region("UA")
    assert known is not None and known.mobile is not None  # it comes with the library
    return re.compile(known.mobile.national_number_pattern or "")


def shown_phone(e164: str | None) -> str | None:
    """The number as people write it: 067 123 4567 at home, with the country code abroad.

    What is no number, because another program wrote the row, is shown as it stands: a page must not fail on it.
    """
    if e164 is None:
        return None
    import phonenumbers

    try:
        number = phonenumbers.parse(e164, "UA")
    except phonenumbers.NumberParseException:
        return e164
    kind = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, kind.NATIONAL if number.country_code == 380 else kind.INTERNATIONAL
    )


def clean_tax_id(text: str | None, *, confirmed: bool, field: str = "tax_id") -> str | None:
    """Ten digits. A wrong check digit is asked about, and kept when the person confirmed it."""
    digits = "".join((text or "").split())
    if not digits:
        return None
    from stdnum.exceptions import InvalidChecksum, ValidationError
    from stdnum.ua import rntrc

    try:
        rntrc.validate(digits)
    except InvalidChecksum:
        if not confirmed:
            raise TaxNumberDoubt(field=field) from None
    except ValidationError:
        raise NotATaxNumber(field=field) from None
    return digits


def document_key(text: str) -> str:
    """What two spellings of one paper share: «паспорт АН 123456» and «AH123456»."""
    upper = _NOT_ALNUM.sub("", unicodedata.normalize("NFKC", text).upper())
    found = _PAPER.search(upper)
    return (found.group() if found else upper).translate(_ALIKE)


def phone_hash(e164: str | None) -> bytes | None:
    return current_vault().digest(e164, "household.phone") if e164 else None


def tax_id_hash(digits: str | None) -> bytes | None:
    return current_vault().digest(digits, "person.tax_id") if digits else None


def document_hash(document: str | None) -> bytes | None:
    key = document_key(document) if document else ""
    return current_vault().digest(key, "person.document") if key else None
