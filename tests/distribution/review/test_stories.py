"""The page of each kind of case tells what may have happened before what is known, innocent explanations first."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale, gettext
from sqlalchemy import update

from aidtrack.accounts.models import UserAccount
from aidtrack.distribution.models import CaseKind
from aidtrack.distribution.review.stories import EXPLANATIONS, KEPT, UNREADABLE
from tests.distribution.field.conftest import Field
from tests.distribution.review import test_next_round as next_round
from tests.distribution.review.test_next_round import HAPPENED
from tests.distribution.review.test_reviews import open_cases, page_client

WHY = {
    next_round.unreadable: UNREADABLE,
    next_round.withdrawn_phone: KEPT["after_revocation"],
    next_round.without_voucher: KEPT["without_voucher"],
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Words are no matter of databases."""
    return sqlite_url


def test_every_kind_is_told() -> None:
    assert set(HAPPENED.values()) == set(EXPLANATIONS) == set(CaseKind)
    assert {happened for happened, kind in HAPPENED.items() if kind is CaseKind.KEPT} == set(WHY)


@pytest.mark.parametrize("happened", HAPPENED)
def test_innocent_words_come_first_in_both_languages(
    place: Field, app: Flask, happened: Callable[[Field], None]
) -> None:
    happened(place)
    case = next(one for one in open_cases(place) if one.kind is HAPPENED[happened])
    client = page_client(app, place)
    seen = set()
    for language in ("uk", "en"):
        with place.unit() as session:
            session.execute(update(UserAccount).values(language=language))
        page = html.unescape(client.get(f"/reviews/{case.id}").text)
        with app.test_request_context(), force_locale(language):
            lead, known, outcome = map(
                gettext, ("What may have happened", "What is known", "Outcome of the review")
            )
            expected = [gettext(sentence) for sentence in sentences(happened)]
        assert page.index(lead) < page.index(known) < page.index(outcome)
        story = page[page.index(lead) : page.index(known)]
        assert re.findall(r"<li>(.*?)</li>", story) == expected
        seen.add(tuple(expected))
    assert len(seen) == 2, "each language has words of its own"


def sentences(happened: Callable[[Field], None]) -> list[str]:
    """By its kind, and of what is kept why it is, last; a supervisor's handout has its reason alone."""
    if happened is next_round.without_voucher:
        return [WHY[happened]]
    return [*EXPLANATIONS[HAPPENED[happened]], *([WHY[happened]] if happened in WHY else [])]
