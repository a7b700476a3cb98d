"""Administrators manage people of their own sites, and cannot lock everybody out."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from aidtrack.accounts import queries, services
from aidtrack.accounts.commands import AddPerson, ChangePerson
from aidtrack.accounts.errors import (
    BadLogin,
    DonorNeeded,
    LastAdministrator,
    LoginTaken,
    NotYourself,
    SiteNeeded,
    UnknownSite,
    WorksElsewhereToo,
)
from aidtrack.accounts.models import SignInSession, UserAccount
from aidtrack.accounts.passwords import new_password
from aidtrack.audit.models import AuditEvent
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission, Role
from aidtrack.kernel.errors import CommandReused, DomainError, Forbidden, NotFound
from tests.accounts.pages import hidden_fields, send
from tests.support.people import OPERATOR, Somebody, add_person, add_site, client_as, sign_in

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def boss(app: Flask) -> Somebody:
    with app.app_context(), unit_of_work() as session:
        return add_person(session, Role.ADMINISTRATOR, site_ids=[add_site(session)], login="boss")


def person(role: Role = Role.WAREHOUSE, *, site: str = "DN", **more: object) -> Somebody:
    with unit_of_work() as session:
        return add_person(session, role, site_ids=[add_site(session, site)], **more)  # type: ignore[arg-type]


def command(**changes: object) -> AddPerson:
    given = {
        "login": "olena",
        "display_name": "Олена",
        "role": Role.WAREHOUSE,
        "site_ids": frozenset({1}),
        **changes,
    }
    return AddPerson(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"login": "о"}, BadLogin),
        ({"login": "олена"}, BadLogin),
        ({"login": "api:token"}, BadLogin),
        ({"login": "Boss"}, LoginTaken),
        ({"site_ids": frozenset()}, SiteNeeded),
        ({"site_ids": frozenset({999})}, UnknownSite),
        ({"role": Role.DONOR_LIAISON}, DonorNeeded),
    ],
)
def test_what_cannot_be_added_is_refused_by_name(
    app: Flask, boss: Somebody, changes: dict[str, object], refusal: type[DomainError]
) -> None:
    with app.app_context(), pytest.raises(refusal), unit_of_work() as session:
        services.create_user(session, command(**changes), password=new_password(), actor=boss.actor, now=NOW)


def test_another_site_of_the_centre_is_not_an_administrators_to_give(app: Flask, boss: Somebody) -> None:
    with app.app_context(), unit_of_work() as session:
        elsewhere = add_site(session, "KR")
    with app.app_context(), pytest.raises(UnknownSite), unit_of_work() as session:
        services.create_user(
            session,
            command(site_ids=frozenset({elsewhere})),
            password=new_password(),
            actor=boss.actor,
            now=NOW,
        )


def test_only_administrators_manage_people(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        other = person(Role.REVIEWER)
        with pytest.raises(Forbidden), unit_of_work() as session:
            services.create_user(session, command(), password=new_password(), actor=other.actor, now=NOW)


def test_one_form_sent_twice_adds_one_person_and_shows_the_password_once(app: Flask, boss: Somebody) -> None:
    client = sign_in(app, boss)
    fields = {
        **hidden_fields(client.get("/people/new").text),
        "login": "olena", "display_name": "Олена", "role": "warehouse", "site_ids": "1",
    }  # fmt: skip
    first, second = client.post("/people/new", data=fields), client.post("/people/new", data=fields)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "<code>" in first.text
    assert "<code>" not in second.text
    assert first.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert len(read_session().scalars(select(UserAccount).where(UserAccount.login == "olena")).all()) == 1


def test_the_same_command_id_with_another_body_is_refused(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        with unit_of_work() as session:
            services.create_user(
                session, command(command_id="c-1"), password=new_password(), actor=boss.actor, now=NOW
            )
        with pytest.raises(CommandReused), unit_of_work() as session:
            services.create_user(
                session,
                command(command_id="c-1", login="ivan"),
                password=new_password(),
                actor=boss.actor,
                now=NOW,
            )


def test_people_of_another_site_and_people_who_do_not_exist_answer_alike(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        stranger = person(site="KR")
        for user_id in (stranger.user_id, 99_999):
            with pytest.raises(NotFound):
                queries.person(read_session(), user_id, actor=boss.actor)
        assert stranger.login not in {one.login for one in queries.people(read_session(), actor=boss.actor)}


def test_somebody_who_also_works_elsewhere_is_seen_but_not_changed(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        with unit_of_work() as session:
            both = [add_site(session, "DN"), add_site(session, "KR")]
            shared = add_person(session, Role.WAREHOUSE, site_ids=both)
        assert shared.login in {one.login for one in queries.people(read_session(), actor=boss.actor)}
        with pytest.raises(WorksElsewhereToo), unit_of_work() as session:
            services.deactivate_user(session, shared.user_id, actor=boss.actor, now=NOW)


def test_the_last_administrator_stays(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        with pytest.raises(LastAdministrator), unit_of_work() as session:
            services.deactivate_user(session, boss.user_id, actor=OPERATOR, now=NOW)
        demoted = ChangePerson(boss.user_id, "Boss", Role.REVIEWER, boss.actor.site_ids)
        with pytest.raises(LastAdministrator), unit_of_work() as session:
            services.change_person(session, demoted, actor=OPERATOR, now=NOW)
        person(Role.ADMINISTRATOR)
        with unit_of_work() as session:
            services.deactivate_user(session, boss.user_id, actor=OPERATOR, now=NOW)


def test_nobody_changes_their_own_role_sites_or_closes_their_own_account(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        person(Role.ADMINISTRATOR)
        with unit_of_work() as session:
            more = boss.actor.site_ids | {add_site(session, "KR")}
        for changed in (
            ChangePerson(boss.user_id, "Boss", Role.REVIEWER, boss.actor.site_ids),
            ChangePerson(boss.user_id, "Boss", Role.ADMINISTRATOR, more),
        ):
            with pytest.raises(NotYourself), unit_of_work() as session:
                services.change_person(session, changed, actor=boss.actor, now=NOW)
        with pytest.raises(NotYourself), unit_of_work() as session:
            services.deactivate_user(session, boss.user_id, actor=boss.actor, now=NOW)
        renamed = ChangePerson(boss.user_id, "Another name", Role.ADMINISTRATOR, boss.actor.site_ids)
        with unit_of_work() as session:
            services.change_person(session, renamed, actor=boss.actor, now=NOW)


def test_a_changed_role_holds_from_the_next_request_on(app: Flask, boss: Somebody) -> None:
    client, who = client_as(app, Role.WAREHOUSE)
    assert client.get("/people").status_code == 403
    changed = ChangePerson(who.user_id, "Now an administrator", Role.ADMINISTRATOR, who.actor.site_ids)
    with app.app_context(), unit_of_work() as session:
        services.change_person(session, changed, actor=boss.actor, now=NOW)
    assert client.get("/people").status_code == 200


def test_a_new_password_replaces_the_old_one_and_ends_open_sessions(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        who = person()
    client = sign_in(app, who)
    answer = send(sign_in(app, boss), f"/people/{who.user_id}/reset", opened_at=f"/people/{who.user_id}")
    assert answer.status_code == 200
    assert client.get("/account").status_code == 303
    with app.app_context():
        account = read_session().get(UserAccount, who.user_id)
        assert account is not None
        assert account.must_change_password
        ours = select(SignInSession).where(SignInSession.user_id == who.user_id)
        assert read_session().scalars(ours).all() == []


def test_closing_and_opening_an_account_from_its_page(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        who = person()
    client, page = sign_in(app, boss), f"/people/{who.user_id}"
    assert send(client, f"{page}/deactivate", opened_at=page).status_code == 303
    assert (
        send(app.test_client(), "/sign-in", {"login": who.login, "password": who.password}).status_code == 422
    )
    opened = send(client, f"{page}/reactivate", opened_at=page)
    assert opened.status_code == 200
    assert "<code>" in opened.text


def test_a_liaison_sees_the_donors_given_and_everybody_else_is_not_bound_by_donors(app: Flask) -> None:
    with app.app_context():
        liaison = person(Role.DONOR_LIAISON, donor_ids=[7, 9])
        other = person(Role.REVIEWER)
        now = datetime.now(UTC)
    for who, donors in ((liaison, frozenset({7, 9})), (other, None)):
        client = sign_in(app, who)
        with client.session_transaction() as cookie:
            secret = str(cookie["_user_id"])
        with app.app_context():
            found = queries.person_of_session(read_session(), secret, now=now)
            assert found is not None
            assert queries.actor_of_person(read_session(), found).donor_ids == donors


def test_other_rooms_add_rights_granted_to_one_person(app: Flask) -> None:
    client, who = client_as(app, Role.CASEWORKER)
    granted = {who.user_id: {Permission.ACCOUNTS_MANAGE}}
    app.extensions["aidtrack_extra_permissions"].append(
        lambda session, user_id, now: granted.get(user_id, set())
    )
    other, _ = client_as(app, Role.CASEWORKER)
    assert client.get("/people").status_code == 200
    assert other.get("/people").status_code == 403


def test_every_change_is_audited_without_a_password_in_it(app: Flask, boss: Somebody) -> None:
    with app.app_context():
        with unit_of_work() as session:
            made = services.create_user(
                session, command(), password=new_password(), actor=boss.actor, now=NOW
            )
            services.reset_password(session, made.user_id, password=new_password(), actor=boss.actor, now=NOW)
            services.deactivate_user(session, made.user_id, actor=boss.actor, now=NOW)
            services.reactivate_user(
                session, made.user_id, password=new_password(), actor=boss.actor, now=NOW
            )
        acts = read_session().scalars(
            select(AuditEvent).where(AuditEvent.actor_label == "boss").order_by(AuditEvent.id)
        )
        rows = [(act.action, act.object_id, str(act.facts)) for act in acts]
    assert [row[0] for row in rows] == [
        "accounts.add", "accounts.reset-password", "accounts.deactivate", "accounts.reactivate",
    ]  # fmt: skip
    assert {row[1] for row in rows} == {made.user_id}
    assert all(str(made.password) not in row[2] for row in rows)
