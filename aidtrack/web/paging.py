"""Lists in pages of 25, and files to take away."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from flask import Response, request
from werkzeug.http import dump_options_header
from werkzeug.utils import secure_filename

from aidtrack.kernel.late import dataclass

PER_PAGE = 25
MOST_PAGES = 1_000_000

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a longer list; `total` counts the whole list."""

    rows: Sequence[Row]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return 0 if not self.rows else (self.number - 1) * self.per_page + 1

    @property
    def last(self) -> int:
        return 0 if not self.rows else self.first + len(self.rows) - 1

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


def page_number(name: str = "page") -> int:
    """The page asked for, from 1; what is no number counts as the first page."""
    text = request.args.get(name, "1")
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def bounds(number: int, per_page: int = PER_PAGE) -> tuple[int, int]:
    """(limit, offset) for a query."""
    return per_page, (number - 1) * per_page


def download(
    body: bytes | str | Iterable[bytes], filename: str, mimetype: str, *, inline: bool = False
) -> Response:
    """A file for the person to keep; never stored by anything on the way.

    The name may be Ukrainian; old programs get a plain one beside it.
    """
    plain = secure_filename(filename) or "file"
    response = Response(body, content_type=mimetype)  # as it stands: a charset is not said twice
    response.headers["Content-Disposition"] = _disposition(
        "inline" if inline else "attachment", filename, plain
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _disposition(kind: str, filename: str, plain: str) -> str:
    from urllib.parse import quote

    header = dump_options_header(kind, {"filename": plain})
    return header if plain == filename else f"{header}; filename*=UTF-8''{quote(filename, safe='')}"
