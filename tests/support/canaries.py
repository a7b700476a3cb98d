"""A word of its own in every encrypted column, found in the mappings: a new column takes part by itself."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
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
# Planted under the names that people know them by, in tests.support.planting.
BY_HAND = {
    "household.address": "address", "household.phone": "phone", "person.surname": "surname",
    "person.given_name": "given name", "person.patronymic": "patronymic", "person.document": "document",
    "category.evidence": "evidence", "protected_category.evidence": "protected evidence",
    "protected_category.kind": "protected kind", "collector.name": "proxy", "intake.from_whom": "from whom",
    "intake.contact": "contact", "intake.about": "about", "needs_assessment.notes": "notes",
    "sitting_case.reason": "reason of a case", "sitting_case.words": "words of a case",
}  # fmt: skip
# Not encrypted, and yet about a family: planted there too.
IN_PLAIN = {
    "household.registration_no": "registration number", "household.settlement": "settlement",
    "household.displaced_on": "displaced on", "household.arrived_on": "arrived on", "person.birth_date": "birth date",
    "intake.number": "intake", "needs_assessment.act_number": "act", "eligibility_decision.number": "decision",
    "voucher.serial": "serial", "voucher.typed_code": "code", "voucher.void_reason": "why void",
    "stock_entry.document": "serial", "stock_entry.reason": "reason of a handout", "handout.reason": "reason of a handout",
    "paper_row.note": "note on paper", "paper_row.settlement": "settled paper", "review_case.reason": "reason of a review",
}  # fmt: skip
# Names of columns that say of nobody outside the house who he is; and what they hold.
NOBODYS_BY_NAME = {
    r"(\w+_by|who|actor_label|login|display_name)": "a colleague's name or login",
    r"(\w*hash|token|signature|\w*key|\w*salt|digest|public_id|sealed)": "nothing that can be read",
    r"(code|\w+_code|name_uk|name_en|title_uk|title_en|katottg|language|kind|layout|list_name|type|cause|refusal)":
        "an entry of a list",
    r"(uid|\w*event_id|event_uid|of_event|command_id|client_id|last_pack_serial|typed)": "a random number",
    r"(households|persons|issues|given)": "sets and numbers of rows",
}  # fmt: skip
# The others that are no words about a family; and what they are.
NOBODYS = {
    **dict.fromkeys(("api_token.label", "device.label"), "the name of a thing"),
    **dict.fromkeys(
        (
            "protection_grant.reason", "feedback_grant.reason", "approval.reason", "approval.answer", "day_close.note",
            "day_close.sent_back_reason", "day_close.reopen_reason", "day_count_line.reason", "device.revoke_reason",
            "signing_key.withdrawn_reason", "rule_draft.title", "rule_draft.note", "programme_rule.note",
            "donation.note", "donation.earmark_note", "audit_event.reason",
        ),
        "what colleagues wrote about goods, rules and each other (docs/privacy.md, Not good yet)",
    ),
    **dict.fromkeys(
        (
            "centre.edrpou", "donor.edrpou", "site.time_zone", "place.address_uk", "feedback_settings.short_address",
            "case_list_entry.source", "feedback_kind.source", "retention_rule.source", "privacy_text.body",
            "working_week.weekdays", "centre.deployment_tag",
        ),
        "about the centre",
    ),
    **dict.fromkeys(("territory.category", "territory.name", "territory.search_name"), "the codifier"),
    **dict.fromkeys(
        (
            "agreement.number", "sitting.place", "sitting.minutes_number", "day_close.number", "donation.number",
            "donation.waybill", "donation.declaration_no", "transfer.number", "paper_list.number", "feedback.number",
            "round.hours", "stock_lot.batch", "day_count_line.as_typed", "donation_line.as_typed", "slot.letters",
            "slot.category", "paper_row.quantities", "device.app_version",
        ),
        "numbers of papers, goods and times",
    ),
    **dict.fromkeys(
        (
            "audit_event.action", "audit_event.object_type", "audit_event.facts", "approval.command", "eligibility.reasons",
            "doubles_found.reasons", "household_merge.effects", "person.left_why", "category.evidence_kind",
            "identifier_export.fields", "field_quarantine.reason", "field_outcome.notes", "programme_rule.rule",
            "programme_rule.terms", "rule_draft.rule", "rule_draft.terms", "rule_trial.site_ids", "rule_trial.counts",
            "import_file.state",
        ),
        "codes and numbers of rows",
    ),
    **dict.fromkeys(
        (
            "import_file.reading", "import_file.mapping", "import_file.options", "import_file.counts",
            "import_mapping.mapping", "import_mapping.options", "import_meaning.written", "import_meaning.meaning",
        ),
        "columns and the words of lists; the table itself lies sealed beside (test_a_table_of_families)",
    ),
    **dict.fromkeys(
        ("household.registered_on", "person.joined_on", "person.left_on"), "days of the file, seen with it"
    ),
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


def plain_columns() -> Iterator[str]:
    """Every other column that could name or describe somebody: texts, bytes, and the days of families and members."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            kind = getattr(column.type, "impl_instance", column.type)
            days = isinstance(kind, sa.Date) and table.name in ("household", "person")
            text = isinstance(kind, sa.String | sa.JSON | sa.LargeBinary) and not isinstance(kind, sa.Enum)
            if (days or text) and not column.foreign_keys and not isinstance(column.type, EncryptedText):
                yield f"{table.name}.{column.name}"


def nobodys(column: str) -> bool:
    """Whether somebody said why this column needs no word."""
    name = column.partition(".")[2]
    return column in NOBODYS or (
        column not in IN_PLAIN and any(re.fullmatch(pattern, name) for pattern in NOBODYS_BY_NAME)
    )


def generated() -> Iterator[Column]:
    """The columns that nobody named by hand."""
    return (one for one in encrypted_columns() if str(one) not in BY_HAND and str(one) not in NO_WORDS)


def planted_columns() -> set[str]:
    """Where a word must be read back after planting."""
    return {*BY_HAND, *IN_PLAIN, *map(str, generated())} - {"protected_category.kind"}


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


def found_by_hand(session: Session, words: dict[str, str]) -> set[str]:
    """The columns planted by hand in which this site's words can be read back."""
    found = set()
    for where, what in (BY_HAND | IN_PLAIN).items():
        if what not in words:
            continue
        table, _dot, name = where.partition(".")
        cells = session.scalars(sa.select(Base.metadata.tables[table].c[name])).all()
        texts = [one.strftime("%d.%m.%Y") if isinstance(one, date) else str(one) for one in cells]
        if any(words[what] in text for text in texts):
            found.add(where)
    return found


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
