"""API tokens: found by their hash, bound to sites, refused from the moment they are revoked."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from aidtrack.accounts import services
from aidtrack.accounts.commands import AddToken
from aidtrack.accounts.errors import LabelTaken, UnknownToken
from aidtrack.accounts.models import ApiToken
from aidtrack.accounts.services import NewToken
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import NotFound
from tests.accounts.pages import hidden_fields, send
from tests.support.people import OPERATOR, add_person, add_site, sign_in

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make(
    label: str = "table", role: Role = Role.WAREHOUSE, *sites: str, donors: tuple[int, ...] = ()
) -> NewToken:
    with unit_of_work() as session:
        ids = frozenset(add_site(session, code) for code in sites or ("DN",))
        command = AddToken(label=label, role=role, site_ids=ids, donor_ids=frozenset(donors))
        return services.add_token(session, command, actor=OPERATOR, now=NOW)


def test_a_token_acts_with_its_role_at_all_its_sites_under_its_own_name(app: Flask) -> None:
    with app.app_context():
        made = make("table", Role.WAREHOUSE, "DN", "KR")
        assert made.token is not None
        actor = services.actor_for_token(made.token)
        assert actor is not None
        assert (actor.label, actor.role, actor.token_id, actor.user_id) == (
            "api:table",
            Role.WAREHOUSE,
            made.token_id,
            None,
        )
        assert len(actor.site_ids) == 2
        assert actor.donor_ids is None


def test_a_liaisons_token_is_bound_to_its_donors(app: Flask) -> None:
    with app.app_context():
        made = make("wfp", Role.DONOR_LIAISON, donors=(3, 5))
        actor = services.actor_for_token(str(made.token))
        assert actor is not None
        assert actor.donor_ids == frozenset({3, 5})


def test_only_the_hash_of_a_token_is_kept_and_its_beginning_tells_what_it_is(app: Flask) -> None:
    with app.app_context():
        made = make()
        row = read_session().scalars(select(ApiToken)).one()
        assert str(made.token).startswith("aid_")
        assert len(bytes(row.token_hash)) == 32
        assert str(made.token).encode() not in bytes(row.token_hash)


@pytest.mark.parametrize("bearer", ["", "aid_", "aid_" + "x" * 43, "'; DROP TABLE api_token; --"])
def test_what_is_no_token_is_nobody(app: Flask, bearer: str) -> None:
    with app.app_context():
        make()
        assert services.actor_for_token(bearer) is None


def test_a_revoked_token_is_nobody_and_its_name_is_free_again(app: Flask) -> None:
    with app.app_context():
        made = make()
        with pytest.raises(LabelTaken):
            make()
        with unit_of_work() as session:
            services.revoke_token(session, made.token_id, actor=OPERATOR, now=NOW)
        assert services.actor_for_token(str(made.token)) is None
        make()


def test_a_token_is_named_by_its_label_or_by_itself_and_an_unknown_one_is_not_repeated(app: Flask) -> None:
    with app.app_context():
        made = make()
        assert services.token_id_by_label(read_session(), "table") == made.token_id
        assert services.token_id_by_label(read_session(), str(made.token)) == made.token_id
        with pytest.raises(UnknownToken) as refusal:
            services.token_id_by_label(read_session(), "aid_secret")
        assert "secret" not in refusal.value.message()


def test_a_token_of_another_site_is_not_an_administrators_to_revoke(app: Flask) -> None:
    with app.app_context():
        made = make("table", Role.WAREHOUSE, "KR")
        with unit_of_work() as session:
            boss = add_person(session, Role.ADMINISTRATOR, site_ids=[add_site(session, "DN")])
        with pytest.raises(NotFound), unit_of_work() as session:
            services.revoke_token(session, made.token_id, actor=boss.actor, now=NOW)


def test_an_administrator_makes_shows_and_revokes_a_token(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        boss = add_person(session, Role.ADMINISTRATOR, site_ids=[add_site(session)])
    client = sign_in(app, boss)
    fields = {
        **hidden_fields(client.get("/tokens/new").text), "label": "table", "role": "warehouse", "site_ids": "1",
    }  # fmt: skip
    made, again = client.post("/tokens/new", data=fields), client.post("/tokens/new", data=fields)
    assert "aid_" in made.text
    assert "aid_" not in again.text
    listed = client.get("/tokens").text
    assert "table" in listed
    assert "aid_" not in listed
    with app.app_context():
        token_id = services.token_id_by_label(read_session(), "table")
    assert send(client, f"/tokens/{token_id}/revoke", opened_at="/tokens").status_code == 303
    with app.app_context(), pytest.raises(UnknownToken):
        services.token_id_by_label(read_session(), "table")
