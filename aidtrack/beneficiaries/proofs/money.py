"""Hryvnias as people type and read them; kept as whole kopiykas."""

import re

_MONEY = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?")


def read_money(typed: str) -> int:
    """Kopiykas. «6 500,50» is 650 050; three digits after a point are refused, since they may be thousands.

    Raises:
        ValueError: it is no sum of money.
    """
    match = _MONEY.fullmatch("".join(typed.split()))
    if match is None:
        raise ValueError(typed)
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def shown_money(kopiykas: int) -> str:
    """Hryvnias as typed: "6500" or "6500,50"."""
    whole, part = divmod(kopiykas, 100)
    return f"{whole},{part:02}" if part else str(whole)
