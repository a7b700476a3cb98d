"""What a log is told of a failure: its kind and where it happened, never its words.

Messages of failures repeat values: what somebody typed, the row a database refused, a key that was not there. The log
lies open beside a database whose names are sealed.
"""

import traceback
from typing import Any

from sqlalchemy.exc import DBAPIError

from aidtrack.kernel.errors import DomainError


def told(error: BaseException) -> str:
    """The places of a failure and of those it came from, the first one first."""
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        places = "".join(traceback.StackSummary.extract(traceback.walk_tb(one.__traceback__)).format())
        parts.append(f"{places}{kind_of(one)}")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(reversed(parts))


def kind_of(error: BaseException) -> str:
    """Its class, and the number or code that its maker gave this kind of failure."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    found: list[Any] = []
    if isinstance(error, DomainError):
        found = [error.code]
    elif isinstance(error, OSError):
        found = [error.errno]
    elif isinstance(error, DBAPIError):
        orig = error.orig
        found = [getattr(orig, "sqlstate", None), getattr(orig, "sqlite_errorname", None)]
        found += [getattr(getattr(orig, "diag", None), "constraint_name", None)]
    told_of = ", ".join(str(one) for one in found if one is not None)
    return f"{name} ({told_of})" if told_of else name
