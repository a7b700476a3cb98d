"""Signing in and out, as a browser does it."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from aidtrack.accounts import queries, services
from aidtrack.accounts.errors import TooManyAttempts
from aidtrack.accounts.models import SignInAttempt, SignInSession, UserAccount
from aidtrack.accounts.services import signing_in
from aidtrack.audit.models import AuditEvent
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Role
from tests.accounts.pages import problems, send
from tests.support.people import OPERATOR, Somebody, add_person, add_site, client_as, sign_in

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def who(app: Flask) -> Somebody:
    with app.app_context(), unit_of_work() as session:
        return add_person(session, Role.WAREHOUSE, site_ids=[add_site(session)], login="olena.k")


def test_the_right_password_opens_the_start_page_and_leaves_an_audit_row(app: Flask, who: Somebody) -> None:
    client = app.test_client()
    answer = send(client, "/sign-in", {"login": " Olena.K ", "password": who.password})
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/account").status_code == 200
    with app.app_context():
        acts = read_session().scalars(select(AuditEvent).where(AuditEvent.action == "accounts.sign-in")).all()
    assert [(act.actor_label, act.user_id) for act in acts] == [("olena.k", who.user_id)]


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [("/account", "/account"), ("//evil.example/", "/"), ("https://evil.example", "/")],
)
def test_signing_in_leads_back_to_a_page_of_ours_only(
    app: Flask, who: Somebody, target: str, leads_to: str
) -> None:
    answer = send(
        app.test_client(), f"/sign-in?next={target}", {"login": who.login, "password": who.password}
    )
    assert answer.location == leads_to


def test_an_unknown_login_a_wrong_password_and_a_closed_account_are_told_apart_by_nobody(
    app: Flask, who: Somebody
) -> None:
    with app.app_context(), unit_of_work() as session:
        closed = add_person(session, Role.WAREHOUSE, site_ids=[add_site(session)], login="closed")
        services.deactivate_user(session, closed.user_id, actor=OPERATOR, now=NOW)
    tries = [("nobody", "wrong"), (who.login, "wrong"), ("closed", closed.password)]
    answers = [send(app.test_client(), "/sign-in", {"login": name, "password": word}) for name, word in tries]
    assert {answer.status_code for answer in answers} == {422}
    assert len({problems(answer) for answer in answers}) == 1


def test_the_cookie_holds_a_secret_whose_hash_alone_is_in_the_database(app: Flask, who: Somebody) -> None:
    client = app.test_client()
    send(client, "/sign-in", {"login": who.login, "password": who.password})
    with client.session_transaction() as cookie:
        secret = str(cookie["_user_id"])
    with app.app_context():
        (row,) = read_session().scalars(select(SignInSession)).all()
    assert len(secret) == 43  # 32 bytes
    assert bytes(row.token_hash) == queries.secret_hash(secret)


def test_signing_out_ends_the_session_on_the_server_so_a_copied_cookie_opens_nothing(
    app: Flask, who: Somebody
) -> None:
    client, copy = app.test_client(), app.test_client()
    send(client, "/sign-in", {"login": who.login, "password": who.password})
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    with copy.session_transaction() as cookie:
        cookie.update(kept)
    assert copy.get("/account").status_code == 200
    answer = send(client, "/sign-out", opened_at="/account")
    assert answer.status_code == 303
    assert copy.get("/account").status_code == 303


def test_a_deactivated_person_gets_nothing_from_the_next_request_on(app: Flask) -> None:
    client, who = client_as(app, Role.WAREHOUSE)
    assert client.get("/account").status_code == 200
    with app.app_context(), unit_of_work() as session:
        services.deactivate_user(session, who.user_id, actor=OPERATOR, now=NOW)
    assert client.get("/account").status_code == 303


def test_a_row_marked_deactivated_is_enough_even_with_its_session_left(app: Flask) -> None:
    """The look-up judges the account itself and does not rely on somebody having ended its sessions."""
    client, who = client_as(app, Role.WAREHOUSE)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(UserAccount).where(UserAccount.id == who.user_id).values(deactivated_at=NOW))
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize(
    "aged",
    [{"seen_at": -queries.IDLE}, {"expires_at": -timedelta(seconds=1)}],
    ids=["left alone too long", "a working day over"],
)
def test_a_session_ends_by_itself(app: Flask, aged: dict[str, timedelta]) -> None:
    client, _who = client_as(app, Role.WAREHOUSE)
    now = datetime.now(UTC)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(SignInSession).values({name: now + shift for name, shift in aged.items()}))
    assert client.get("/account").status_code == 303


def test_using_a_session_keeps_it_alive_without_a_write_at_every_request(app: Flask) -> None:
    client, _who = client_as(app, Role.WAREHOUSE)
    with app.app_context():
        before = read_session().scalar(select(SignInSession.seen_at))
    client.get("/account")
    with app.app_context():
        assert read_session().scalar(select(SignInSession.seen_at)) == before
        with unit_of_work() as session:
            session.execute(update(SignInSession).values(seen_at=datetime.now(UTC) - timedelta(minutes=10)))
    client.get("/account")
    with app.app_context():
        seen = read_session().scalar(select(SignInSession.seen_at))
    assert seen is not None
    assert datetime.now(UTC) - seen < timedelta(minutes=1)


def test_a_generated_password_is_changed_before_anything_else(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        who = add_person(session, Role.WAREHOUSE, site_ids=[add_site(session)], must_change_password=True)
    client = sign_in(app, who)
    assert client.get("/account").location == "/account/password"
    weak = send(client, "/account/password", {"old_password": who.password, "new_password": "short"})
    assert weak.status_code == 422
    wrong = send(client, "/account/password", {"old_password": "no", "new_password": "сорок мішків рису"})
    assert wrong.status_code == 422
    done = send(
        client, "/account/password", {"old_password": who.password, "new_password": "сорок мішків рису"}
    )
    assert done.status_code == 303
    assert client.get("/account").status_code == 200


def test_changing_ones_password_signs_other_devices_out_and_keeps_this_one(app: Flask, who: Somebody) -> None:
    here, elsewhere = sign_in(app, who), sign_in(app, who)
    send(here, "/account/password", {"old_password": who.password, "new_password": "сорок мішків рису"})
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


# -- guessing ----------------------------------------------------------------------------------------


def attempt(login: str, address: str, now: datetime) -> None:
    with unit_of_work() as session:
        services.begin_attempt(session, login=login, address=address, now=now)


def test_guessing_is_stopped_with_the_time_to_wait_and_ends_with_it(app: Flask) -> None:
    with app.app_context():
        for second in range(signing_in.MOST_PER_LOGIN_AND_ADDRESS):
            attempt("olena", "10.0.0.1", NOW + timedelta(seconds=second))
        with pytest.raises(TooManyAttempts) as refusal:
            attempt("olena", "10.0.0.1", NOW + timedelta(minutes=1))
        wait = refusal.value.facts["retry_after_s"]
        assert wait == signing_in.WINDOW.total_seconds() - 60
        attempt("olena", "10.0.0.1", NOW + timedelta(minutes=1, seconds=wait + 1))


def test_a_colleague_at_the_same_address_and_the_same_person_elsewhere_are_not_stopped(app: Flask) -> None:
    with app.app_context():
        for _ in range(signing_in.MOST_PER_LOGIN_AND_ADDRESS):
            attempt("olena", "10.0.0.1", NOW)
        attempt("ivan", "10.0.0.1", NOW)
        attempt("olena", "10.0.0.2", NOW)


def test_one_address_trying_many_logins_is_stopped(app: Flask) -> None:
    with app.app_context():
        for number in range(signing_in.MOST_PER_ADDRESS):
            attempt(f"login{number}", "10.0.0.1", NOW)
        with pytest.raises(TooManyAttempts):
            attempt("another", "10.0.0.1", NOW)


def test_one_login_tried_from_many_addresses_is_stopped(app: Flask) -> None:
    with app.app_context():
        for number in range(signing_in.MOST_PER_LOGIN):
            attempt("olena", f"10.0.0.{number}", NOW)
        with pytest.raises(TooManyAttempts):
            attempt("olena", "10.0.9.9", NOW)


def test_the_table_of_attempts_names_nobody_and_does_not_grow_for_ever(app: Flask) -> None:
    with app.app_context():
        attempt("olena", "10.0.0.1", NOW)
        attempt("ivan", "10.0.0.1", NOW + signing_in.WINDOW)
        rows = read_session().scalars(select(SignInAttempt)).all()
    assert {row.at for row in rows} == {NOW + signing_in.WINDOW}
    assert all(b"ivan" not in bytes(row.subject_hash) for row in rows)


def test_the_page_says_how_long_to_wait_even_for_the_right_password(app: Flask, who: Somebody) -> None:
    client = app.test_client()
    for _ in range(signing_in.MOST_PER_LOGIN_AND_ADDRESS):
        send(client, "/sign-in", {"login": who.login, "password": "wrong"})
    answer = send(client, "/sign-in", {"login": who.login, "password": who.password})
    assert answer.status_code == 429
    assert "15" in problems(answer)


def test_a_right_password_forgets_the_wrong_ones_before_it(app: Flask, who: Somebody) -> None:
    client = app.test_client()
    for _ in range(3):
        for _ in range(signing_in.MOST_PER_LOGIN_AND_ADDRESS - 1):
            send(client, "/sign-in", {"login": who.login, "password": "wrong"})
        assert send(client, "/sign-in", {"login": who.login, "password": who.password}).status_code == 303
        client = app.test_client()
