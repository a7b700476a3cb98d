"""Requests that no database could keep are refused at the door, in the person's language, as 400 or 404.

Without this, a crafted search, body or address would be a failure of ours: PostgreSQL takes no NUL
character in a text, no encoder takes half of a surrogate pair, and neither database counts past 64 bits.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import abort, request
from werkzeug.routing import IntegerConverter

LARGEST_NUMBER = 2**63 - 1
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
LARGEST_JSON = 2 * 1024 * 1024  # bytes; read, sixteen times as many of empty lists take 400 MB of memory
SHORT = 4_096  # bytes; too short to be nested without end
_DOUBTFUL = re.compile(rb"[^\t\n\r\x20-\x7e]|\\|\d{19}|[\[{]{8}")


class RowNumber(IntegerConverter):
    """`<int:…>` in an address: a longer number names nothing that could be there, so it is not found."""

    regex = r"\d{1,18}"


TAKES_ANYTHING: set[str] = set()  # addresses whose views keep whatever comes, encoded


def check() -> None:
    """Refuse the request with 400 where its texts or numbers cannot be kept."""
    if request.path in TAKES_ANYTHING:
        return
    # a body of another kind has no fields, and looking for them costs
    if (request.query_string or request.mimetype in FORMS) and any(
        "\0" in value for values in request.values.listvalues() for value in values
    ):
        abort(400)
    if not request.is_json:
        return
    if (request.content_length or 0) > LARGEST_JSON:
        abort(413)
    data = request.get_data(cache=True)
    if len(data) > LARGEST_JSON:
        abort(413)
    if len(data) <= SHORT and not _DOUBTFUL.search(data):
        return  # plain ASCII without escapes or long numbers, as a counter sends it
    try:
        body = json.loads(data)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return  # whoever reads the body says what is wrong with it
    except (RecursionError, ValueError):  # nested without end, or a number of thousands of digits
        abort(400)
    if any(map(_unkeepable, _leaves(body))):
        abort(400)


def _leaves(body: Any) -> Iterator[Any]:
    """Every key and every plain value, without recursion."""
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        else:
            yield value


def _unkeepable(value: Any) -> bool:
    if isinstance(value, str):
        if value.isascii():  # codes and ids, which a queue of people waits for
            return "\0" in value
        return "\0" in value or any("\ud800" <= character <= "\udfff" for character in value)
    return isinstance(value, int) and abs(value) > LARGEST_NUMBER
