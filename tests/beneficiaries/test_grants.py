"""Who may see protected categories: one named caseworker, for some days, by somebody else, logged (DESIGN §6, I15, I17)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.accounts.models import UserAccount
from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.commands import GrantProtection, NewCategory
from aidtrack.beneficiaries.errors import GrantTooLong, NotACaseworker, OwnGrant
from aidtrack.beneficiaries.models import ProtectionGrant
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from tests.beneficiaries.families import NOW, TODAY, member, registered, with_grant
from tests.support.kinds import on_sqlite
from tests.support.people import Somebody, add_person, add_site, client_as, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
PAPER = "припис 77"


class Office:
    """Two caseworkers, who may give the right, and a family with something in the drawer."""

    def __init__(self, app: Flask, unit: Unit) -> None:
        self.unit = unit
        with unit() as session:
            services.seed_category_kinds(session)
            sites = [add_site(session)]
            self.trusted, self.colleague = (
                add_person(session, Role.CASEWORKER, site_ids=sites) for _ in "ab"
            )
            self.elsewhere = add_person(session, Role.CASEWORKER, site_ids=[add_site(session, "ZH")])
            head = member(categories=(NewCategory("gbv_survivor", TODAY, evidence=PAPER),))
            self.family = registered(session, with_grant(self.trusted.actor), head=head)
        self.boss, self.manager = client_as(app, Role.ADMINISTRATOR)
        self.desks = {who.user_id: sign_in(app, who) for who in (self.trusted, self.colleague)}

    def sees(self, who: Somebody) -> bool:
        return PAPER in self.desks[who.user_id].get(f"/families/{self.family}").text

    def give(self, days: object = 10, who: Somebody | None = None) -> tuple[int, str]:
        sent = {"user_id": str((who or self.trusted).user_id), "days": str(days), "reason": "веде ці справи"}
        answer = self.boss.post("/families/protection", data=sent)
        return answer.status_code, answer.text


@pytest.fixture
def office(app: Flask, unit: Unit) -> Iterator[Office]:
    before = app.config["WTF_CSRF_ENABLED"]
    app.config["WTF_CSRF_ENABLED"] = False
    yield Office(app, unit)
    app.config["WTF_CSRF_ENABLED"] = before


def test_the_right_is_one_persons_and_ends_with_its_last_moment(office: Office, unit: Unit) -> None:
    assert not office.sees(office.trusted)
    assert office.give(10)[0] == 303
    assert office.sees(office.trusted) and not office.sees(office.colleague)
    with unit() as session:
        grant = session.scalars(select(ProtectionGrant)).one()
        assert (grant.user_id, grant.granted_by_id) == (office.trusted.user_id, office.manager.user_id)
        assert timedelta(days=10) == grant.valid_until - grant.valid_from
        session.execute(
            update(ProtectionGrant).values(valid_from=NOW, valid_until=utc_now() - timedelta(seconds=1))
        )
    assert not office.sees(office.trusted), "it ran out, and nobody had to do anything"
    page = office.boss.get("/families/protection").text
    assert office.trusted.login not in page.partition("<form")[0]


def test_giving_and_taking_back_is_logged_with_whom_until_when_and_why(office: Office, unit: Unit) -> None:
    office.give(10)
    with unit() as session:
        grant = session.scalars(select(ProtectionGrant)).one()
    assert office.boss.post(f"/families/protection/{grant.id}/end").status_code == 303
    assert not office.sees(office.trusted)
    with unit() as session:
        rows = session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "user").order_by(AuditEvent.id)
        ).all()
    told = [(row.action, row.actor_label, row.object_id, row.reason) for row in rows if "grant" in row.action]
    by, whom = office.manager.login, office.trusted.user_id
    assert told == [
        ("beneficiaries.grant_protection", by, whom, "веде ці справи"), ("beneficiaries.end_grant", by, whom, None),
    ]  # fmt: skip
    assert {"grant_id": grant.id, "valid_until": grant.valid_until.isoformat()} in [row.facts for row in rows]


@on_sqlite
def test_it_lasts_180_days_at_most(office: Office, unit: Unit) -> None:
    for days in (0, 181, "x"):
        status, page = office.give(days)
        assert status == 422 and "веде ці справи" in page, "nothing typed is lost"
    assert "180" in office.give(181)[1]
    for days in (0, 181):
        command = GrantProtection(office.trusted.user_id, "веде ці справи", days)
        with unit() as session, pytest.raises(GrantTooLong) as refused:
            services.grant_protection(session, command, actor=office.manager.actor, now=NOW)
        assert refused.value.facts["days"] == 180
    assert not office.sees(office.trusted)
    assert office.give(180)[0] == 303


@on_sqlite
def test_nobody_gives_it_to_themselves_nor_does_a_program(office: Office, unit: Unit) -> None:
    boss, manager = office.manager.actor, office.manager.user_id
    for actor, whom, refusal in (
        (boss, manager, OwnGrant),
        (boss.__class__(label="api", role=boss.role, site_ids=boss.site_ids, permissions=boss.permissions), office.trusted.user_id, OwnGrant),
        (boss, office.elsewhere.user_id, NotACaseworker),
    ):  # fmt: skip
        with unit() as session, pytest.raises(refusal):
            services.grant_protection(session, GrantProtection(whom, "так", 5), actor=actor, now=NOW)
    assert office.give(10, office.elsewhere)[0] == 422
    with pytest.raises(IntegrityError), unit() as session:  # I17, in the database itself
        session.execute(
            insert(ProtectionGrant).values(
                user_id=manager,
                granted_by_id=manager,
                reason="x",
                valid_from=NOW,
                valid_until=NOW + timedelta(1),
            )
        )


@on_sqlite
@pytest.mark.parametrize(
    ("language", "words"), [("uk", "Ваша роль цього не дозволяє"), ("en", "does not allow this")]
)
def test_what_is_refused_is_refused_in_words(office: Office, unit: Unit, language: str, words: str) -> None:
    with unit() as session:
        session.execute(update(UserAccount).values(language=language))
    desk: FlaskClient = office.desks[office.colleague.user_id]
    drawer = desk.get(f"/families/{office.family}/protected/1/end")
    assert drawer.status_code == 403 and words in drawer.text and PAPER not in drawer.text
    assert desk.get("/families/protection").status_code == 403, "who may give it is not who may have it"
