"""Rows of very many numbers at once: one parameter however many they are.

`column.in_(numbers)` spells out every number: for thousands SQLAlchemy, the driver and the server each take apart a
text of a hundred kilobytes, which costs more than the rows.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, String, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Numbers(TypeDecorator[list[int]]):
    """An array where the database has them, else a JSON text."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: a database without booleans would get `… = 1`, for which SQLite uses no index."""
        return self


def among(column: Any, numbers: Iterable[int]) -> ColumnElement[bool]:
    """Whether the column is one of the numbers. Like `in_`, false for each row where there are none."""
    return _Among(column, bindparam(None, list(numbers), type_=_Numbers(), unique=True))


@compiles(_Among)
def _in_a_list(element: _Among, compiler: Any, **more: Any) -> str:
    column, numbers = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608  (names and a placeholder)


@compiles(_Among, "postgresql")
def _in_an_array(element: _Among, compiler: Any, **more: Any) -> str:
    column, numbers = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} = ANY ({numbers})"
