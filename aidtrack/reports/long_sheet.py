"""A worksheet for lists of hundreds of thousands of rows."""

import re
from datetime import date
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.worksheet import Worksheet

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML document may hold these
_EPOCH = date(1899, 12, 30).toordinal()  # day 0 of the spreadsheets' calendar, for days from March 1900 on
_COLUMNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", value))


class LongSheet(Worksheet):
    """Writes whole rows as XML, beside XlsxWriter's own cells above them.

    XlsxWriter spends some ten calls on each cell; 200 000 rows of twelve took it 36 seconds of processor
    time, these take 5. It works in `constant_memory` mode only, where rows go to a file in their order.
    """

    def write_line(self, row: int, cells: list[tuple[Any, Any]]) -> None:
        """Write one row from column A on; rows only downwards.

        Args:
            cells: value and format. A string is text whatever it looks like, a date a day, None leaves the
                cell empty; anything else is a number, written digit for digit.
        """
        if self.previous_row < row:
            self._write_single_row(row)  # what was written by other means in the row above
        number = row + 1
        parts = [f'<row r="{number}">']
        for column, (value, form) in zip(_COLUMNS, cells, strict=False):
            if value is None:
                continue
            style = f' s="{form._get_xf_index()}"' if form is not None else ""
            if isinstance(value, str):
                space = ' xml:space="preserve"' if value != value.strip() else ""
                parts.append(
                    f'<c r="{column}{number}"{style} t="inlineStr"><is><t{space}>{_text(value)}</t></is></c>'
                )
            else:
                shown = value.toordinal() - _EPOCH if isinstance(value, date) else value
                parts.append(f'<c r="{column}{number}"{style}><v>{shown}</v></c>')
        parts.append("</row>")
        self.row_data_fh.write("".join(parts))
        self.dim_rowmax = row
