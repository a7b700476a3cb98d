"""What a caseworker's program reads and writes: what the pages show of one's own families, and not a word more."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import CategoryKind
from aidtrack.kernel.actor import Actor, Role
from tests.beneficiaries.families import TODAY
from tests.support.people import bearer
from tests.support.two_sites import bare

Unit = Callable[[], AbstractContextManager[Session]]
DAY = TODAY.isoformat()


class Program:
    """A program with a caseworker's token at a site."""

    def __init__(self, app: Flask, site: str = "DN") -> None:
        self.headers, self.client = bearer(app, Role.CASEWORKER, site=site), app.test_client()

    def __call__(self, method: str, path: str, status: int, **body: Any) -> Any:
        sent: dict[str, Any] = {"json": body} if body or method != "GET" else {}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=self.headers, **sent)
        assert answer.status_code == status, answer.text
        return answer.json if answer.data else None


@pytest.fixture
def program(app: Flask, caseworker: Actor) -> Program:
    return Program(app)


@pytest.fixture
def family(program: Program, caseworker: Actor) -> int:
    [site_id] = caseworker.site_ids
    head = {
        "surname": "Програмна",
        "given_name": "Олена",
        "sex": "female",
        "birth_date": "1985-05-17",
        "document": "АН123456",
    }
    son = {"surname": "Програмний", "given_name": "Олег", "sex": "male", "birth_date": "2001-02-03"}
    made = program(
        "POST", "/families", 201, id=str(uuid4()), site_id=site_id, settlement="Дніпро", address="вул. Тиха, 7",
        phone="067 123 45 67", members=[head, son], collector="Сусід Степан",
    )  # fmt: skip
    return int(made["id"])


def test_a_family_is_read_as_its_page_shows_it(program: Program, family: int) -> None:
    read = program("GET", f"/families/{family}", 200)
    assert {name: read[name] for name in ("settlement", "address", "phone", "version")} == {
        "settlement": "Дніпро", "address": "вул. Тиха, 7", "phone": "+380671234567", "version": 1,
    }  # fmt: skip
    head, son = read["members"]
    assert (head["surname"], head["document"], head["is_head"], head["has_tax_id"]) == (
        "Програмна",
        "АН123456",
        True,
        False,
    )
    assert (son["given_name"], son["birth_date"], son["is_head"]) == ("Олег", "2001-02-03", False)
    assert "tax_id" not in head, "not even its hash leaves"
    assert [one["name"] for one in read["collectors"]] == ["Сусід Степан"]
    [found] = program("POST", "/families/search", 200, q="програмн")["households"]
    assert found == {
        "id": family, "registration_no": read["registration_no"], "settlement": "Дніпро", "members": 2,
        "head": "Програмна Олена",
    }  # fmt: skip


def test_members_heads_categories_and_collectors_change_as_on_the_pages(
    program: Program, family: int, unit: Unit
) -> None:
    head, son = program("GET", f"/families/{family}", 200)["members"]
    changed = {"surname": "Програмний", "given_name": "Олексій", "sex": "male", "birth_date": "2001-02-03"}
    program("PUT", f"/families/{family}/members/{son['id']}", 204, version=1, **changed)
    stale = program("PUT", f"/families/{family}/members/{son['id']}", 409, version=1, **changed)
    assert stale["code"], "somebody changed the family in between"
    program("PUT", f"/families/{family}/head", 204, version=2, person_id=son["id"], since=DAY)
    once = {
        "id": str(uuid4()),
        "kind": "idp",
        "person_id": head["id"],
        "valid_from": DAY,
        "evidence": "№ 7",
        "evidence_kind": "idp_certificate",
        "issued_on": "2022-02-02",
        "proven": True,
    }
    made = [program("POST", f"/families/{family}/categories", 201, **once) for _ in range(2)]
    assert made[0] == made[1], "one effect"
    read = program("GET", f"/families/{family}", 200)
    assert [(one["given_name"], one["is_head"], one["categories"]) for one in read["members"]] == [
        ("Олексій", True, []),
        ("Олена", False, ["idp"]),
    ]  # fmt: skip
    assert [{**one, "seen_by": "", "seen_on": ""} for one in read["category_papers"]] == [
        once | {"id": made[0]["id"], "valid_until": None, "seen_by": "", "seen_on": ""}
    ]
    assert all(one["seen_by"] and one["seen_on"] for one in read["category_papers"]), (
        "who saw the paper, and when"
    )
    program("POST", f"/families/{family}/categories/{made[0]['id']}/end", 204, valid_until=DAY)
    collector = read["collectors"][0]
    program(
        "POST",
        f"/families/{family}/collectors/{collector['id']}/end",
        204,
        version=read["version"],
        valid_until=collector["valid_from"],
    )
    with unit() as session:
        done = set(session.scalars(select(AuditEvent.action)))
    verbs = ("change_member", "name_head", "add_category", "end_category", "end_collector")
    assert {f"beneficiaries.{verb}" for verb in verbs} <= done


def test_a_program_neither_writes_nor_reads_the_protected_drawer(
    program: Program, family: int, unit: Unit
) -> None:
    with unit() as session:
        bare(
            session,
            CategoryKind,
            code="zqxdrawer",
            name_uk="Ш",
            name_en="D",
            protected=True,
            of_household=False,
        )
    person = program("GET", f"/families/{family}", 200)["members"][0]["id"]
    said = {"id": str(uuid4()), "kind": "zqxdrawer", "person_id": person, "valid_from": DAY}
    program("POST", f"/families/{family}/categories", 403, **said)
    assert "zqxdrawer" not in str(program("GET", f"/families/{family}", 200))


def test_another_sites_program_finds_nothing(app: Flask, program: Program, family: int) -> None:
    stranger = Program(app, site="ZH")
    assert stranger("POST", "/families/search", 200, q="програмна")["households"] == []
    for method, path, body in (
        ("GET", "", {}), ("GET", "/holdings", {}), ("PUT", "/head", {"version": 1, "person_id": 1, "since": DAY}),
        ("POST", "/categories", {"id": str(uuid4()), "kind": "idp", "valid_from": DAY}),
    ):  # fmt: skip
        missing = stranger(method, f"/families/987654{path}", 404, **body)
        assert stranger(method, f"/families/{family}{path}", 404, **body) == missing
