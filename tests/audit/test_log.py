"""Who sees what of the audit log (DESIGN §6)."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from aidtrack import audit
from aidtrack.audit import queries
from aidtrack.audit.queries import LogFilter, LogLine
from aidtrack.audit.words import THINGS, WORDS
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from tests.support.people import client_as

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOURCES = Path(__file__).resolve().parents[2] / "aidtrack"


def actor(role: Role, user_id: int = 7, *sites: int) -> Actor:
    return Actor(
        label=f"{role.value}-{user_id}", role=role, site_ids=frozenset(sites or (1,)), user_id=user_id,
        permissions=PERMISSIONS[role],
    )  # fmt: skip


def act(who: Actor, action: str = "stock.receive", *, site_id: int | None = 1, hours: int = 0) -> None:
    with unit_of_work() as session:
        audit.record(
            session, actor=who, action=action, object_type="donation", object_id=5, site_id=site_id,
            reason="помилка", facts={"lots": 2}, now=NOW + timedelta(hours=hours),
        )  # fmt: skip


def seen_by(who: Actor, asked: LogFilter | None = None) -> list[LogLine]:
    lines, total = queries.log(read_session(), asked or LogFilter(), actor=who, limit=50, offset=0)
    assert total == len(lines)
    return list(lines)


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.CASEWORKER, Role.DONOR_LIAISON])
def test_most_people_see_their_own_acts_only_and_see_them_whole(app: Flask, role: Role) -> None:
    with app.app_context():
        me, colleague = actor(role, 7), actor(role, 8)
        act(me)
        act(colleague)
        (line,) = seen_by(me)
        assert (line.actor_label, line.object_id, line.reason) == (me.label, 5, "помилка")


def test_a_reviewer_sees_every_act_of_their_sites_and_of_the_whole_centre(app: Flask) -> None:
    with app.app_context():
        act(actor(Role.WAREHOUSE), site_id=1)
        act(actor(Role.WAREHOUSE), site_id=2)
        act(actor(Role.ADMINISTRATOR, 9), "accounts.add", site_id=None)
        lines = seen_by(actor(Role.REVIEWER, 20))
        assert [(line.action, line.site_id) for line in lines] == [
            ("accounts.add", None),
            ("stock.receive", 1),
        ]
        assert all(line.facts == {"lots": 2} for line in lines)


def test_an_administrator_sees_who_and_when_without_objects_reasons_and_facts(app: Flask) -> None:
    with app.app_context():
        act(actor(Role.CASEWORKER), "read.household")
        (line,) = seen_by(actor(Role.ADMINISTRATOR, 20))
        assert (line.actor_label, line.action, line.at) == ("caseworker-7", "read.household", NOW)
        assert (line.object_type, line.object_id, line.reason, line.facts) == (None, None, None, None)


def test_the_log_is_filtered_by_time_person_and_act(app: Flask) -> None:
    reviewer = actor(Role.REVIEWER, 20)
    with app.app_context():
        act(actor(Role.WAREHOUSE, 7), "stock.receive", hours=0)
        act(actor(Role.WAREHOUSE, 8), "stock.transfer", hours=1)
        act(actor(Role.CASEWORKER, 9), "read.household", hours=2)
        act(reviewer, "read.voucher", hours=3)

        def actions(**asked: object) -> list[str]:
            return [line.action for line in seen_by(reviewer, LogFilter(**asked))]  # type: ignore[arg-type]

        assert actions(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=2)) == ["stock.transfer"]
        assert actions(who="warehouse-7") == ["stock.receive"]
        assert actions(action="stock") == ["stock.transfer", "stock.receive"]
        assert actions(action="stock.receive") == ["stock.receive"]
        assert actions(action="sto") == []
        assert actions(own_only=True) == ["read.voucher"]
        assert actions(reads_only=True) == ["read.voucher", "read.household"]


def test_a_long_log_comes_in_pages_with_the_newest_first(app: Flask) -> None:
    reviewer = actor(Role.REVIEWER, 20)
    with app.app_context():
        for hour in range(5):
            act(reviewer, hours=hour)
        lines, total = queries.log(read_session(), LogFilter(), actor=reviewer, limit=2, offset=2)
        assert (total, [line.at.hour for line in lines]) == (5, [11, 10])


@pytest.mark.parametrize("role", list(Role))
def test_the_page_opens_for_everybody_whatever_stands_in_its_address(app: Flask, role: Role) -> None:
    client, _ = client_as(app, role)
    for query in (
        "",
        "?since=01.03.2026&until=2026-03-02",
        "?since=x&until=0000-00-00&page=-1&action=x&who=%D0",
    ):
        assert client.get(f"/audit{query}").status_code == 200


def test_a_character_no_database_takes_is_refused_before_it_is_asked(app: Flask) -> None:
    client, _ = client_as(app, Role.REVIEWER)
    assert client.get("/audit?who=%00").status_code == 400


ACT = re.compile(
    r"(accounts|approval|beneficiaries|cases|catalogue|cycle|day|feedback|handout|importing|inventory|places|privacy"
    r"|read|reports|rights|round|signing_key|slots|voucher)\.[a-z][a-z_-]+"
)
# In the registry a helper puts the room before the verb.
OF_A_FAMILY = re.compile(r"\b(?:changed|record)\(\s*session,\s*\w+,\s*\"([a-z_]+)\"")

NO_ACTS = {
    "voucher.status_index",  # what a permutation is keyed with
    "feedback.kind", "feedback.look", "feedback.message", "feedback.rate",  # a receipt's kind; what is counted
    "slots.family", "slots.of_round",  # addresses of pages
}  # fmt: skip


def acts_in_the_source() -> dict[str, str]:
    """Every act named in a file that writes audit rows, with that file."""
    found = {}
    for path in sorted(SOURCES.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "audit.record(" not in source and '"action":' not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACT.fullmatch(node.value):
                found[node.value] = str(path.relative_to(SOURCES))
    for path in sorted((SOURCES / "beneficiaries" / "services").rglob("*.py")):
        for verb in OF_A_FAMILY.findall(path.read_text(encoding="utf-8")):
            found[f"beneficiaries.{verb}"] = str(path.relative_to(SOURCES))
    return found


def test_every_act_has_its_words() -> None:
    found = acts_in_the_source()
    assert found
    assert {act: file for act, file in found.items() if act not in WORDS and act not in NO_ACTS} == {}


# Where the type is worked out: the worker or the token that asks, or a table of the catalogue.
WORKED_OUT = {
    "kind": {"user_account", "api_token"},
    "table": {"agreement", "donor", "item", "item_pack", "place", "programme"},
}


def things_in_the_source() -> dict[str, str]:
    """Every type of object named in an audit row, with a file that writes it."""
    found = {}
    for path in sorted(SOURCES.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if "object_type" in source else ():
            values: list[ast.expr] = []
            if isinstance(node, ast.Call):
                values = [keyword.value for keyword in node.keywords if keyword.arg == "object_type"]
            elif isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                values = [
                    value
                    for key, value in pairs
                    if isinstance(key, ast.Constant) and key.value == "object_type"
                ]
            for value in values:
                if isinstance(value, ast.IfExp):
                    named = {ast.literal_eval(value.body), ast.literal_eval(value.orelse)}
                elif isinstance(value, ast.Name):
                    named = WORKED_OUT.get(value.id, set() if value.id == "object_type" else {value.id})
                else:
                    named = {ast.literal_eval(value)}
                found.update(dict.fromkeys(named, str(path.relative_to(SOURCES))))
    return found


def test_everything_that_is_acted_on_has_its_words() -> None:
    assert {thing: file for thing, file in things_in_the_source().items() if thing not in THINGS} == {}
