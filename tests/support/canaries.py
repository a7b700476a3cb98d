"""A word of its own in every encrypted column, found in the mappings: a new column takes part by itself."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import aidtrack.tables  # noqa: F401
from aidtrack.accounts.models import UserAccount
from aidtrack.db import APPEND_ONLY, Base, EncryptedText
from aidtrack.feedback.models import FeedbackKind
from tests.support.two_sites import Half, bare

# What a page computes with, so that a bare word would only break it: how the word is wrapped.
SHAPES: dict[str, Callable[[str], str]] = {
    "family_event.details": lambda word: json.dumps({"address": [word, word]}),
    "eligibility.facts": lambda word: json.dumps({"zqx": word}),
    "household_merge.choices": lambda word: json.dumps({"taken": [], "people": [], "zqx": word}),
    "household_merge.before": lambda word: json.dumps({"zqx": word}),
    "field_event.body": lambda word: json.dumps({"zqx": word}),
}
# Planted under the names that people know them by, in tests.test_visibility.
BY_HAND = {
    "household.address": "address", "household.phone": "phone", "person.surname": "surname",
    "person.given_name": "given name", "person.patronymic": "patronymic", "person.document": "document",
    "category.evidence": "evidence", "protected_category.evidence": "protected evidence",
    "protected_category.kind": "protected kind", "collector.name": "proxy", "intake.from_whom": "from whom",
    "intake.contact": "contact", "intake.about": "about", "needs_assessment.notes": "notes",
    "sitting_case.reason": "reason of a case", "sitting_case.words": "words of a case",
}  # fmt: skip
# Never a text that somebody typed; and what it is.
NO_WORDS = {
    "protected_entry.entry": "the number of an entry of a list, looked up in it",
    "household_income.total": "digits, added up",
    "import_file.key": "a random key",
    "protected_category.evidence_kind": "the code of an entry of a list",
}


# What a table's checks ask for beside a word that is put into its rows.
BESIDES: dict[str, Callable[[Session], dict[str, Any]]] = {
    # an exception that stands was approved by somebody
    "eligibility": lambda session: {"approved_by_id": session.scalar(sa.select(sa.func.min(UserAccount.id)))},
}


@dataclass(frozen=True, slots=True)
class Column:
    table: sa.Table
    name: str
    owner: str | None

    def __str__(self) -> str:
        return f"{self.table.name}.{self.name}"

    def word(self, site: str) -> str:
        return "Zqx" + "".join(filter(str.isalpha, str(self))) + site


def encrypted_columns() -> list[Column]:
    return [
        Column(table, column.name, column.type.owner)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    ]


def generated() -> Iterator[Column]:
    """The columns that nobody named by hand."""
    return (one for one in encrypted_columns() if str(one) not in BY_HAND and str(one) not in NO_WORDS)


def words(site: str) -> dict[str, str]:
    return {str(one): one.word(site) for one in generated()}


def plant(session: Session, at: Half, site: str) -> None:
    """Fill every generated column of this site's rows; where the site has no such row, make one."""
    mappings = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    tables: dict[sa.Table, list[Column]] = {}
    for one in generated():
        tables.setdefault(one.table, []).append(one)
    for table, columns in tables.items():
        values = {one.name: _shaped(one, site) for one in columns}
        given = _given(session, table, columns[0].owner, at)
        owned = _where(table, given)
        there = session.execute(sa.select(sa.func.count()).select_from(table).where(owned)).scalar_one()
        if there and table.name not in APPEND_ONLY:
            besides = BESIDES[table.name](session) if table.name in BESIDES else {}
            session.execute(sa.update(table).where(owned).values(values | besides))
        else:
            bare(session, mappings[table], **given, **values)


def found(session: Session, site: str) -> set[str]:
    """The columns in which this site's words can be read back."""
    return {
        str(one)
        for one in generated()
        if any(one.word(site) in (text or "") for text in session.scalars(sa.select(one.table.c[one.name])))
    }


def _shaped(one: Column, site: str) -> str:
    return SHAPES.get(str(one), str)(one.word(site))


def _given(session: Session, table: sa.Table, owner: str | None, at: Half) -> dict[str, Any]:
    """What ties a row to the site, and what its table's checks ask for."""
    numbers = at.numbers
    given: dict[str, Any] = {}
    if owner is not None:
        given[owner] = numbers["household_id"]
    elif "site_id" in table.columns:
        given["site_id"] = at.site_id
    kind = session.scalar(sa.select(FeedbackKind.code).where(~FeedbackKind.sensitive).limit(1))
    more: dict[str, dict[str, Any]] = {
        "household_merge": {"loser_id": numbers["other_id"], "state": "approved", "decided_by": "y", "decided_by_id": 2},
        "household_income": {"total": "100000"},
        "identifier_export": {"fields": ["names"]},
        "not_same": {"high_id": numbers["other_id"]},
        "field_event": {
            "device_id": numbers["device_id"], "round_id": numbers["round_id"], "place_id": numbers["place_id"],
            "type": "without_voucher",
        },
        "feedback": {"site_id": at.site_id, "kind": kind},
    }  # fmt: skip
    return given | more.get(table.name, {})


def _where(table: sa.Table, given: dict[str, Any]) -> sa.ColumnElement[bool]:
    key = next(iter(given))
    same: sa.ColumnElement[bool] = table.c[key] == given[key]
    return same


__all__ = ["BY_HAND", "NO_WORDS", "encrypted_columns", "found", "generated", "plant", "words"]
