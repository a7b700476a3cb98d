"""What is asked for by words gives one's own families or nothing; the same on PostgreSQL, and how words are found."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.queries.search import shown_households
from aidtrack.beneficiaries.services.reading import show_doubles
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Role
from tests.conftest import build, config_for
from tests.support import canaries
from tests.support.databases import PostgresqlDatabases
from tests.support.planting import Planted, planted_in
from tests.support.searching import found_in
from tests.support.visible import FILE, HEAD
from tests.support.walking import Watch, readable
from tests.test_route_roles import ask, filled

ASKED_BY = ("surname", "given name", "registration number", "document", "phone", "proxy", "address", "act", "intake", "serial")  # fmt: skip


BRIEFLY = {
    "Accept": "application/json"
}  # a refusal is told in few words; what is found is a page all the same


def searches(watch: Watch) -> None:
    """Each word of both sites is put where one can search: nothing but one's own families comes back."""
    headers = watch.planted.world.bearers[watch.role]
    for words in (watch.planted.own, watch.planted.other):
        own = words is watch.planted.own
        for what in ASKED_BY:
            word = words[what]
            typed = dict.fromkeys(("surname", "given_name", "document", "phone"), word)
            for endpoint, answer in (
                ("families_api.Search", watch.client.post("/api/v1/families/search", json={"q": word}, headers=headers)),
                ("families_api.Doubles", watch.client.post("/api/v1/families/doubles", json=typed, headers=headers)),
                ("beneficiaries.search", watch.client.post("/families", data={"q": word}, headers=BRIEFLY)),
            ):  # fmt: skip
                watch.look(
                    answer, endpoint, f"{endpoint} for {'own' if own else 'another'} {what}", typed=word
                )


@pytest.mark.parametrize("who", list(Role))
def test_a_search_gives_ones_own_families_or_nothing(planted: Planted, who: Role) -> None:
    watch = Watch(planted, who)
    searches(watch)
    assert watch.leaks == {}, "\n".join(watch.leaks)
    found = watch.seen["families_api.Search"] | watch.seen["beneficiaries.search"]
    assert found == ({*HEAD, "settlement"} if who is Role.CASEWORKER else set())


def test_postgresql_lets_out_no_more(
    postgresql_databases: PostgresqlDatabases, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What databases do in ways of their own: finding, comparing, adding up. Programs' answers stand for the pages."""
    with postgresql_databases.fresh() as url:
        for world in filled(build(config_for(url, tmp_path))):
            planted = planted_in(world)
            assert planted.columns == canaries.planted_columns()
            with caplog.at_level(logging.INFO):
                for role in Role:
                    watch = Watch(planted, role)
                    if role is Role.CASEWORKER:  # the others are refused before anything is asked
                        searches(watch)
                    for route, halves in readable(world, role):
                        read = (route.is_api and route.method == "GET") or route.endpoint in ASKED_OF_BOTH
                        for at in halves if read else ():
                            answer = ask(world, route, role, at, watch.client, briefly=at is world.other)
                            watch.look(answer, route.endpoint, str(route), own=at is world.own)
                    assert watch.leaks == {}, "\n".join(watch.leaks)
                    assert role is not Role.CASEWORKER or watch.saw() >= FILE
            assert found_in(caplog.text, planted.all) == set()


# Pages whose statements are written for each database, or read much at once.
ASKED_OF_BOTH = {
    "beneficiaries.household", "beneficiaries.compare", "cases.due", "privacy.due", "rights.trial_list", "home.start",
    "cases.journal_file", "rounds.voucher_list",
}  # fmt: skip


def test_what_is_read_of_families_stands_in_the_log_of_their_site_alone(planted: Planted) -> None:
    """A row without a site is everybody's: it may name no family, and none may say who searched whom."""
    with planted.world.app.app_context(), unit_of_work() as session:
        actor = planted.world.people[Role.CASEWORKER].actor
        one = shown_households(session, [planted.world.own.numbers["household_id"]], actor)
        show_doubles(session, [one[0].id], actor=actor, now=datetime.now(UTC))
    with planted.world.app.app_context():
        of_families = AuditEvent.object_type.in_(("household", "person", "user"))
        rows = read_session().execute(select(AuditEvent.action, AuditEvent.site_id).where(of_families)).all()
    assert ("read.household_list", planted.world.own.site_id) in rows
    assert [row for row in rows if row.site_id is None] == []
