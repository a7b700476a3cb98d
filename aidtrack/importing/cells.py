"""Values of cells: days in the forms people write them, whole numbers, yes and no."""

import re
from datetime import date, timedelta
from functools import lru_cache

from aidtrack.importing.errors import (
    DateReadTwoWays,
    NotADate,
    NotAWholeNumber,
    NotYesOrNo,
    YearHasTwoDigits,
)
from aidtrack.kernel.likeness import folded

_DMY = re.compile(r"(\d{1,2})\s*[./\-,\s]\s*(\d{1,2})\s*[./\-,\s]\s*(\d{4})")
_YMD = re.compile(r"(\d{4})[./\-](\d{1,2})[./\-](\d{1,2})")
_SHORT = re.compile(r"\d{1,2}[./\-]\d{1,2}[./\-]\d{2}")
_WORDS = re.compile(r"(\d{1,2})[\s.\-]*([^\W\d_]+)[\s.,\-]*(\d{4})")
_TIME = re.compile(r"[T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+\-]\d{2}:?\d{2})?$")
_YEAR_END = re.compile(r"\s*(р\.?|рік|року|г\.?)$", re.IGNORECASE)
_SERIAL = re.compile(r"\d{4,5}([.,]\d+)?")
_EXCEL_DAY_ZERO = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 3654, 73_050  # 1910 to 2099: smaller and larger numbers are no days

_MONTHS = {
    beginning: number
    for number, words in enumerate(
        (
            "січ jan янв", "лют feb фев", "бер mar мар", "кві apr апр", "тра may май мая", "чер jun июн",
            "лип jul июл", "сер aug авг", "вер sep сен", "жов oct окт", "лис nov ноя", "гру dec дек",
        ),
        start=1,
    )
    for beginning in words.split()
}  # fmt: skip
_YES = frozenset(["так", "yes", "y", "true", "1", "+", "є", "x", "х", "v", "да", "т", "✓", "✔"])
_NO = frozenset(["ні", "no", "n", "false", "0", "-", "нема", "немає", "нет", "н", "–"])


@lru_cache(maxsize=40_000)  # a register has no more days of birth than that
def read_date(text: str) -> date:
    """A day as it stands in a cell: 01.09.2022, 2022-09-01, 1 вересня 2022 р., 1/9/2022, a spreadsheet's number.

    Raises:
        YearHasTwoDigits, DateReadTwoWays, NotADate: it is no such day, or may be another one.
    """
    typed = _YEAR_END.sub("", _TIME.sub("", text.strip()))
    found = _YMD.fullmatch(typed)
    if found:
        return _day(found.group(1), found.group(2), found.group(3))
    found = _DMY.fullmatch(typed)
    if found:
        first, second, year = found.groups()
        if "/" in typed and int(first) <= 12 and int(second) > 12:
            raise DateReadTwoWays  # month first: then every other date of the column is in doubt
        return _day(year, second, first)
    if _SHORT.fullmatch(typed):
        raise YearHasTwoDigits
    found = _WORDS.fullmatch(typed)
    if found:
        month = _MONTHS.get(folded(found.group(2))[:3])
        if month is None:
            raise NotADate
        return _day(found.group(3), str(month), found.group(1))
    if _SERIAL.fullmatch(typed):
        serial = int(float(typed.replace(",", ".")))
        if FIRST_SERIAL <= serial <= LAST_SERIAL:
            return _EXCEL_DAY_ZERO + timedelta(days=serial)
    raise NotADate


_YEAR = r"((?:19|20)\d\d)"
_MONTH = re.compile(rf"(\d{{1,2}})\s*[./\-]\s*{_YEAR}|{_YEAR}-(\d{{1,2}})|([^\W\d_]+)[\s.,\-]*{_YEAR}")


def read_month(text: str) -> date | None:
    """The last day of a month that stands without a day: 09.2022, 2022-09, вересень 2022 р. None for anything else."""
    found = _MONTH.fullmatch(_YEAR_END.sub("", text.strip()))
    if found is None:
        return None
    first, year, year_before, second, word, year_behind = found.groups()
    number = _MONTHS.get(folded(word)[:3], 0) if word else int(first or second)
    if not 1 <= number <= 12:
        return None
    begins = date(int(year or year_before or year_behind), number, 1)
    return (begins + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _day(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise NotADate from None


def read_whole(text: str) -> int:
    """A whole number, its thousands perhaps grouped by spaces. Raises NotAWholeNumber."""
    typed = "".join(text.split())
    if typed.endswith((",0", ".0", ",00", ".00")):
        typed = re.split("[.,]", typed)[0]
    if not typed.isascii() or not typed.isdigit() or len(typed) > 15:
        raise NotAWholeNumber
    return int(typed)


def read_yes_no(text: str) -> bool:
    """Raises NotYesOrNo."""
    typed = folded(text) or text.strip()
    if typed in _YES or text.strip() in _YES:
        return True
    if typed in _NO or text.strip() in _NO:
        return False
    raise NotYesOrNo
