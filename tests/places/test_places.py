"""Settlements by typing, and starosta districts, on both databases and in the pages."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from aidtrack.app import create_app
from aidtrack.db import db, unit_of_work
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.places import queries, services
from aidtrack.places.codifier import TerritoryRow
from aidtrack.places.commands import LoadCodifier, LoadPopulation, SaveDistrict
from aidtrack.places.errors import DistrictExists, SettlementElsewhere, UnknownSettlement
from tests.conftest import config_for
from tests.support.people import add_person, add_site, sign_in

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ACTOR = system_actor("tests")
OBLAST, RAION, OTHER_RAION = "UA12000000000090473", "UA12020000000052809", "UA12060000000044535"
HROMADA, OTHER_HROMADA = "UA12020010000033698", "UA12060010000099999"
CITY, PART = "UA12020010010037010", "UA12020010010114149"
ONE, TWO, SAINT = "UA12020010050011111", "UA12060010050022222", "UA12060010070033333"

ROWS = (
    TerritoryRow(OBLAST, "O", "Дніпропетровська"),
    TerritoryRow(RAION, "P", "Дніпровський", OBLAST),
    TerritoryRow(OTHER_RAION, "P", "Криворізький", OBLAST),
    TerritoryRow(HROMADA, "H", "Дніпровська", OBLAST, RAION),
    TerritoryRow(OTHER_HROMADA, "H", "Широківська", OBLAST, OTHER_RAION),
    TerritoryRow(CITY, "M", "Дніпро", OBLAST, RAION, HROMADA),
    TerritoryRow(PART, "B", "Амур-Нижньодніпровський", OBLAST, RAION, HROMADA, CITY),
    TerritoryRow(ONE, "C", "Кам'янка", OBLAST, RAION, HROMADA),
    TerritoryRow(TWO, "C", "Кам’янка", OBLAST, OTHER_RAION, OTHER_HROMADA),
    TerritoryRow(SAINT, "X", "Нове Запоріжжя", OBLAST, OTHER_RAION, OTHER_HROMADA),
)

Unit = Callable[[], AbstractContextManager[Session]]


def district(code: str, *settlements: str, district_id: int | None = None) -> SaveDistrict:
    return SaveDistrict(uuid4(), code, f"Округ {code}", "", settlements, district_id)


def load(session: Session) -> None:
    services.load_codifier(session, LoadCodifier(ROWS, "test.csv"), actor=ACTOR, now=NOW)


def test_a_settlement_is_found_by_typing_and_told_from_its_namesake(unit: Unit) -> None:
    with unit() as session:
        load(session)
        assert [one.code for one in queries.suggestions(session, "дн")] == [CITY]
        assert [one.code for one in queries.suggestions(session, "ЗАПОР")] == [SAINT]  # a later word
        both = queries.suggestions(session, "кам`янка")  # a third apostrophe
        assert [one.hromada for one in both] == ["Дніпровська", "Широківська"]
        assert queries.exactly(session, "Кам'янка") is None
        narrowed = queries.exactly(session, "Кам'янка, Широківська громада")
        assert narrowed is not None and narrowed.code == TWO
        assert (
            narrowed.label == "Кам’янка — Широківська громада, Криворізький район, Дніпропетровська область"
        )
        hidden = queries.exactly(session, "Нoве Зaпоріжжя")  # a Latin o and a Latin a
        assert hidden is not None and hidden.code == SAINT
        assert [one.code for one in queries.suggestions(session, "UA1206001005")] == [TWO]
        assert queries.suggestions(session, "%") == queries.suggestions(session, " ") == []
        part = queries.settlement(session, PART)
        assert part is not None and part.city == "Дніпро"
        assert queries.hromadas_of(session, [PART, HROMADA]) == {PART: HROMADA, HROMADA: HROMADA}


def test_loading_again_changes_only_what_changed(unit: Unit) -> None:
    renamed = (*ROWS[:-1], TerritoryRow(SAINT, "X", "Запоріжжя", OBLAST, OTHER_RAION, OTHER_HROMADA))
    with unit() as session:
        load(session)
        again = services.load_codifier(session, LoadCodifier(renamed, "new.csv"), actor=ACTOR, now=NOW)
        assert again == (0, 1)
        known = services.load_population(
            session, LoadPopulation({HROMADA: 1000, "UA" + "9" * 17: 5}, "pop.csv"), actor=ACTOR, now=NOW
        )
        assert known == 1
        assert queries.population(session, [HROMADA, CITY]) == {HROMADA: 1000}


def test_a_settlement_lies_in_one_district(unit: Unit) -> None:
    with unit() as session:
        load(session)
        command = district("A", ONE, PART)
        first = services.save_district(session, command, actor=ACTOR, now=NOW)
        assert services.save_district(session, command, actor=ACTOR, now=NOW) == first
        assert queries.district_of(session, ONE) == "A"
        assert queries.district_of(session, None) is None
        assert queries.districts_of(session, [ONE, TWO, PART]) == {ONE: "A", PART: "A"}
        with pytest.raises(SettlementElsewhere):
            services.save_district(session, district("B", ONE), actor=ACTOR, now=NOW)
        with pytest.raises(DistrictExists):
            services.save_district(session, district("A", TWO), actor=ACTOR, now=NOW)
        with pytest.raises(UnknownSettlement):
            services.save_district(session, district("C", "UA" + "9" * 17), actor=ACTOR, now=NOW)
        services.save_district(session, district("A", TWO, district_id=first), actor=ACTOR, now=NOW)
        assert queries.all_district_settlements(session) == {TWO: "A"}
        services.remove_district(session, first, actor=ACTOR, now=NOW)
        assert queries.districts(session) == []


@pytest.fixture
def page_client(sqlite_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    app = create_app(config_for(sqlite_url, tmp_path))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context(), unit_of_work() as session:
        load(session)
        administrator = add_person(session, Role.ADMINISTRATOR, site_ids=[add_site(session, "DN")])
    yield sign_in(app, administrator)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_an_administrator_groups_settlements_and_is_asked_about_namesakes(page_client: FlaskClient) -> None:
    assert "Округів ще немає" in page_client.get("/settlements/districts").text
    typed = {"command_id": str(uuid4()), "code": "LIV", "name_uk": "Лівий берег", "name_en": "Left bank"}
    asked = page_client.post("/settlements/districts/new", data={**typed, "settlements": "Дніпро\nКам'янка"})
    assert asked.status_code == 422
    assert ONE in asked.text and TWO in asked.text and "Лівий берег" in asked.text
    unknown = page_client.post("/settlements/districts/new", data={**typed, "settlements": "Немаєтаке"})
    assert unknown.status_code == 422 and "Немаєтаке — такого населеного пункту немає" in unknown.text
    saved = page_client.post(
        "/settlements/districts/new", data={**typed, "settlements": f"Дніпро\n{ONE} Кам'янка"}
    )
    assert saved.status_code == 303
    page = page_client.get("/settlements/districts/1").text
    assert f"{CITY} Дніпро" in page
    removed = page_client.post("/settlements/districts/1/remove", data={"command_id": str(uuid4())})
    assert removed.status_code == 303
    assert "Округів ще немає" in page_client.get("/settlements/districts").text


def test_a_form_gets_suggestions_and_a_program_the_same(page_client: FlaskClient) -> None:
    found = page_client.get("/settlements/suggest?q=кам").get_json()["settlements"]
    assert [one["where"].split(",")[0] for one in found] == ["Дніпровська громада", "Широківська громада"]
    assert page_client.get("/settlements/suggest?q=к").get_json() == {"settlements": []}
    assert page_client.get("/api/v1/settlements?q=кам").get_json() == found
    assert page_client.get("/api/v1/settlements?q=к").status_code == 422
    assert page_client.get("/api/v1/districts").get_json() == []
