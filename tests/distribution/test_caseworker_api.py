"""Rights, times, messages and districts for programs: the pages' acts with the pages' refusals, once for each id."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from aidtrack.distribution.models import ProgrammeRule
from aidtrack.kernel.actor import Role
from aidtrack.places.models import Territory
from tests.support.people import add_person, bearer
from tests.support.two_sites import TODAY, TOMORROW, half, shared

Unit = Callable[[], AbstractContextManager[Session]]
DAY = TODAY.isoformat()


class Office:
    """Two sites with one of everything, and a program of a role at the first."""

    def __init__(self, app: Flask, unit: Unit) -> None:
        self.app, self.client = app, app.test_client()
        with unit() as session:
            common = shared(session)
            self.own, self.other = half(session, "DN", common), half(session, "ZH", common)
            self.worker = add_person(session, Role.CASEWORKER, site_ids=[self.own.site_id]).user_id
            rule = {"is": "any_member", "categories": ["test"]}
            session.execute(update(ProgrammeRule).values(rule=rule, valid_from=TODAY))
        self.tokens = {role: bearer(app, role, site="DN") for role in (Role.CASEWORKER, Role.ADMINISTRATOR)}

    def __call__(self, method: str, path: str, status: int, by: Role = Role.CASEWORKER, **body: Any) -> Any:
        sent: dict[str, Any] = {"json": body} if body else {}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=self.tokens[by], **sent)
        assert answer.status_code == status, answer.text
        return answer.json if answer.data else None


@pytest.fixture
def office(app: Flask, unit: Unit) -> Office:
    return Office(app, unit)


def test_a_right_is_marked_by_the_rule_and_ended(office: Office) -> None:
    family, programme = office.own.numbers["other_id"], office.own.numbers["programme_id"]
    marks = f"/families/{family}/programmes/{programme}/marks"
    refused = office("PUT", f"{marks}/{uuid4()}", 409, ground="application", valid_from=DAY)
    assert refused["code"] == "not_entitled" and refused["facts"]["reasons"]
    kept = office("PUT", f"{marks}/{uuid4()}", 201, ground="application", valid_from=DAY, record_refusal=True)
    assert kept["status"] == "refused"
    person = office("GET", f"/families/{family}", 200)["members"][0]["id"]
    office(
        "POST", f"/families/{family}/categories", 201, id=str(uuid4()), kind="test", person_id=person, valid_from=DAY
    )  # fmt: skip
    once = f"{marks}/{uuid4()}"
    made = [office("PUT", once, 201, ground="application", valid_from=DAY) for _ in range(2)]
    assert made[0] == made[1] and made[0]["status"] == "eligible"
    office("POST", f"/marks/{made[0]['id']}/end", 204, last_day=DAY, reason="moved away")
    stranger = f"/families/{office.other.numbers['other_id']}/programmes/{programme}/marks/{uuid4()}"
    office("PUT", stranger, 404, ground="application", valid_from=DAY)
    office("POST", f"/marks/{office.other.numbers['eligibility_id']}/end", 404, last_day=DAY, reason="x")
    wish: dict[str, Any] = {"ground": "application", "override_reason": "a program asks for no exception"}
    office("PUT", f"{marks}/{uuid4()}", 422, **wish)


def test_times_are_made_changed_and_taken_away(office: Office) -> None:
    numbers = office.own.numbers
    day: dict[str, Any] = {"day": TOMORROW.isoformat(), "starts": 540, "ends": 600, "each": 30, "capacity": 4}
    once = f"/slots/rounds/{numbers['round_id']}/times/{uuid4()}"
    assert [office("PUT", once, 201, **day)["made"] for _ in range(2)] == [2, 2]
    times = office("GET", f"/slots/rounds/{numbers['round_id']}", 200)["times"]
    made = [one for one in times if one["day"] == TOMORROW.isoformat()]
    assert [(one["starts"], one["ends"], one["capacity"]) for one in made] == [(540, 570, 4), (570, 600, 4)]
    office("PUT", f"/slots/times/{made[0]['id']}", 204, capacity=9)
    office("DELETE", f"/slots/times/{made[1]['id']}", 204)
    full = office("DELETE", f"/slots/times/{numbers['slot_id']}", 409)
    assert full["code"] == "slot_not_empty"
    office("DELETE", f"/slots/times/{office.other.numbers['slot_id']}", 404)


def test_a_message_is_given_to_somebody_answered_closed_and_opened_again(office: Office) -> None:
    one, strange = office.own.numbers["feedback_id"], office.other.numbers["feedback_id"]
    office("PUT", f"/feedback/{one}/assignment", 204, user=office.worker)
    office("POST", f"/feedback/{one}/answer", 204, text="Дякуємо", outcome="no_finding", close=False)
    office("PUT", f"/feedback/{one}/closing", 204)
    assert office("GET", f"/feedback/{one}", 200)["state"] == "closed"
    office("DELETE", f"/feedback/{one}/closing", 204)
    assert office("GET", f"/feedback/{one}", 200)["state"] != "closed"
    office("PUT", f"/feedback/{strange}/assignment", 404, user=office.worker)
    office("PUT", f"/feedback/{strange}/closing", 404)


def test_districts_are_the_administrators(office: Office, unit: Unit) -> None:
    village = "UA12080050020014323"
    with unit() as session:
        session.add(Territory(code=village, category="C", name="Вигадане", search_name="вигадане"))
    body: dict[str, Any] = {
        "id": str(uuid4()),
        "code": "NORTH",
        "name_uk": "Північний",
        "settlements": [village],
    }
    office("POST", "/districts", 403, **body)
    made = [office("POST", "/districts", 201, Role.ADMINISTRATOR, **body) for _ in range(2)]
    assert made[0] == made[1]
    office(
        "PUT",
        f"/districts/{made[0]['id']}",
        204,
        Role.ADMINISTRATOR,
        **body | {"id": str(uuid4()), "name_en": "North"},
    )
    [shown] = [one for one in office("GET", "/districts", 200) if one["code"] == "NORTH"]
    assert (shown["id"], shown["name_en"], shown["settlements"]) == (made[0]["id"], "North", [village])
    office("DELETE", f"/districts/{made[0]['id']}", 204, Role.ADMINISTRATOR)
    office("DELETE", f"/districts/{made[0]['id']}", 404, Role.ADMINISTRATOR)
