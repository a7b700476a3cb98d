"""Forms as somebody fills them in who means it: every field of the real form, in the real view, until it is valid."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FileField,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TimeField,
)

from aidtrack.web.forms import BaseForm, CommandIdField, DayField, QuantityField
from tests.support.two_sites import TODAY

Typed = dict[str, list[str]]


@contextmanager
def filling_in(words: dict[str, str]) -> Iterator[list[Typed]]:
    """While it lasts, a form that comes empty is filled in before it is judged; gives what was typed in each.

    Args:
        words: what to type into fields whose name says more than their kind.
    """
    typed: list[Typed] = []
    judged = BaseForm.validate

    def validate(self: BaseForm, *args: Any, **more: Any) -> bool:
        if judged(self, *args, **more):
            typed.append(_as_sent(self))
            return True
        for field in _fields(self):
            if not field.data or field.errors:
                _type(field, words)
        good = bool(judged(self, *args, **more))
        if good:
            typed.append(_as_sent(self))
        return good

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseForm, "validate", validate)
        yield typed


def _fields(form: Any) -> Iterator[Field]:
    for field in form:
        if isinstance(field, FieldList):
            for entry in field.entries:
                yield from _fields(entry.form) if isinstance(entry, FormField) else (entry,)
        elif isinstance(field, FormField):
            yield from _fields(field.form)
        elif field.name != "csrf_token" and not isinstance(field, FileField):
            yield field


def _type(field: Field, words: dict[str, str]) -> None:
    value = _value(field, words)
    if value is None:
        return
    field.raw_data, field.process_errors = [value], []
    field.process_formdata([value])


def _value(field: Field, words: dict[str, str]) -> str | None:
    for name, word in words.items():
        if field.short_name == name:
            return word
    if isinstance(field, SelectField | RadioField | SelectMultipleField):
        return next((str(value) for value, *_ in field.iter_choices() if str(value)), None)
    if isinstance(field, CommandIdField):
        return str(uuid4())
    if isinstance(field, DayField):
        return TODAY.isoformat()
    if isinstance(field, TimeField):
        return "10:00"
    if isinstance(field, BooleanField):
        return "y"
    if isinstance(field, IntegerField | QuantityField):
        return "1"
    return "Слова"


def _as_sent(form: Any) -> Typed:
    sent: Typed = {}
    for field in _fields(form):
        if isinstance(field, BooleanField):
            values = ["y"] if field.data else []
        elif isinstance(field, SelectMultipleField):
            values = [str(value) for value in field.data or []]
        else:
            values = [str(field._value())] if hasattr(field, "_value") else [str(field.data)]
            values = [] if field.data is None else values
        if values:
            sent[field.name] = values
    return sent
