"""Words of cases as choices of forms and cells of papers."""

from datetime import date

from flask_babel import gettext, lazy_gettext

from aidtrack.beneficiaries.cases.commands import (
    Channel,
    DecisionBody,
    IntakeKind,
    IntakeStatus,
    Outcome,
    Result,
    Sender,
)
from aidtrack.beneficiaries.cases.rules import Problem
from aidtrack.web.filters import day

KIND_WORDS = {one: lazy_gettext(one.label) for one in IntakeKind}
CHANNEL_WORDS = {one: lazy_gettext(one.label) for one in Channel}
SENDER_WORDS = {one: lazy_gettext(one.label) for one in Sender}
STATUS_WORDS = {one: lazy_gettext(one.label) for one in IntakeStatus}
OUTCOME_WORDS = {one: lazy_gettext(one.label) for one in Outcome}
BODY_WORDS = {one: lazy_gettext(one.label) for one in DecisionBody}
RESULT_WORDS = {one: lazy_gettext(one.label) for one in Result}
PROBLEM_WORDS = {one: lazy_gettext(one.label) for one in Problem}


def grants_text(
    programme_ids: tuple[int, ...], any_programme: bool, words: str | None, programmes: dict[int, str]
) -> str:
    """What a decision grants, in one line."""
    parts = [str(gettext("any programme"))] if any_programme else []
    parts += [programmes.get(one, "—") for one in programme_ids]
    parts += [words] if words else []
    return "; ".join(parts) or "—"


def period_text(valid_from: date | None, valid_until: date | None, lang: str | None = None) -> str:
    """«from 01.09.2022 until 28.02.2023»."""
    start = str(gettext("from %(day)s", day=day(valid_from, lang)))
    if valid_until is None:
        return start
    return f"{start} {gettext('until %(day)s', day=day(valid_until, lang))}"
