"""Everybody walks through everything they may ask for, and through what they may not; every answer is searched."""

import logging

import pytest
from sqlalchemy import select

from aidtrack.audit.models import AuditEvent
from aidtrack.db import read_session
from aidtrack.kernel.actor import Role
from tests.support.planting import Planted
from tests.support.searching import found_in
from tests.support.visible import FILE, GRANTED_FAMILY_PAGES
from tests.support.walking import (
    ANYBODY,
    GRANTED,
    TYPED,
    Watch,
    walk_forms,
    walk_pages,
    walk_refusals,
    walk_unasked,
)
from tests.visibility.conftest import beside

# Those who may see something have seen it: a search that finds nothing anywhere would pass.
EXPECTED: dict[Role | str, set[str]] = {
    Role.CASEWORKER: FILE | {"serial", "code"},
    GRANTED: FILE | GRANTED_FAMILY_PAGES | {"serial", "code"},
    Role.WAREHOUSE: {"serial", "given name", "proxy"}, Role.REVIEWER: {"serial"}, Role.ADMINISTRATOR: {"protected kind"},
    Role.DONOR_LIAISON: set(), ANYBODY: set(),
}  # fmt: skip
# And these have seen it here: papers, files and answers that would pass if they were empty.
SEEN_THERE: dict[Role | str, dict[str, set[str]]] = {
    Role.CASEWORKER: {
        "cases.journal_pdf": {"intake", "from whom"}, "cases.journal_file": {"intake"}, "privacy.held_pdf": FILE - {"birth date"},
        "paper.sheet_pdf": {"surname", "serial"}, "paper.pdf": {"serial"}, "cases.minutes_pdf": {"surname", "act"},
        "rights.trial_list": {"registration number"}, "rights_api.TrialFamiliesView": {"registration number"},
        "families_api.Household": FILE - {"act", "decision", "intake", "notes"} - {"reason of a case", "words of a case"},
        "cases_api.StoryView": {"act", "decision", "intake", "notes", "reason of a case", "words of a case"},
        "privacy_api.HoldingsView": FILE,
    },
}  # fmt: skip


@pytest.mark.parametrize("who", [*Role, GRANTED, ANYBODY])
def test_nobody_sees_more_than_the_table_says(
    planted: Planted, who: Role | str, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch(planted, who)
    with caplog.at_level(logging.INFO):
        pages = walk_unasked(watch) if who == ANYBODY else walk_pages(watch)
        if isinstance(who, Role):
            walk_refusals(watch)
        if who != GRANTED:
            walk_forms(watch, pages)
    assert watch.leaks == {}, "\n".join(watch.leaks)
    assert found_in(caplog.text, planted.all | {"typed": TYPED}) == set()
    with planted.world.app.app_context():
        rows = read_session().execute(select(AuditEvent.action, AuditEvent.facts, AuditEvent.reason)).all()
    assert found_in(repr([row.facts for row in rows]), planted.all | {"typed": TYPED}) == set()
    assert found_in(repr([row.reason for row in rows]), planted.all) == set(), (
        "no reason is copied from a family's row"
    )
    assert found_in(beside(planted.world), planted.all | {"typed": TYPED}) == set()
    assert watch.saw() >= EXPECTED[who]
    unseen = {where: words - watch.seen[where] for where, words in SEEN_THERE.get(who, {}).items()}
    assert {where: words for where, words in unseen.items() if words} == {}
    assert who != GRANTED or any(row.action == "read.protected" for row in rows)
