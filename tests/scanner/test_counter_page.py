"""The counter's page: what it brings, where it is opened, and who may send from it."""

import re

from flask import Flask
from sqlalchemy import select, update

from aidtrack.db import unit_of_work
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Role
from tests.scanner.conftest import Counter
from tests.support import people
from tests.support.kinds import database_url as database_url  # SQLite: pages are the same on each


def test_the_page_brings_token_place_and_words(counter: Counter) -> None:
    text = counter.open()
    assert f'data-place="{counter.world.place_id}"' in text
    assert "Готово до наступного ваучера" in text
    assert "<script>" not in text
    assert not re.search(r"\sstyle=|\son[a-z]+=", text)


def test_only_this_page_may_run_webassembly(counter: Counter) -> None:
    assert "'wasm-unsafe-eval'" in counter.client.get("/counter/").headers["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" not in counter.client.get("/").headers["Content-Security-Policy"]


def test_the_place_is_chosen_once(counter: Counter) -> None:
    choosing = counter.client.get("/counter/")
    assert "data-scan-url" not in choosing.text
    assert choosing.text.index("Пункт P1") < choosing.text.index("Пункт P2"), "a round today comes first"
    assert "Пункт P9" not in choosing.text, "another site's place"
    counter.open()
    assert "data-scan-url" in counter.client.get("/counter/").text, "remembered"
    assert "data-scan-url" not in counter.client.get("/counter/?choose=1").text
    assert "data-scan-url" not in counter.client.get("/counter/").text, "forgotten"


def test_another_sites_place_is_like_none(app: Flask, counter: Counter) -> None:
    with app.app_context(), unit_of_work() as session:
        elsewhere = session.scalar(select(Place.id).where(Place.code == "P9"))
    assert "data-scan-url" not in counter.client.get(f"/counter/?place={elsewhere}").text


def test_a_site_without_places_is_told_so(app: Flask, counter: Counter) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Place).where(Place.site_id == counter.world.site_id).values(active=False))
    assert "Немає місця, де видавати" in counter.client.get("/counter/").text


def test_the_start_page_leads_to_the_counter_of_today(counter: Counter) -> None:
    counter.give(counter.world.codes[0])
    start = counter.client.get("/").text
    assert f'href="/counter/?place={counter.world.place_id}"' in start
    assert "Видано сьогодні" in start


def test_other_roles_do_not_scan(app: Flask, counter: Counter) -> None:
    for role in (Role.CASEWORKER, Role.DONOR_LIAISON, Role.REVIEWER, Role.ADMINISTRATOR):
        client, _ = people.client_as(app, role)
        assert client.get("/counter/").status_code == 403, role
        stranger = Counter(client, counter.world, token="none")
        assert stranger.send("POST", "/counter/scan", {}).status in (400, 403), role


def test_a_scan_without_the_pages_token_is_refused(counter: Counter) -> None:
    counter.open()
    answer = counter.client.post(
        "/counter/scan",
        json={"code": counter.world.codes[0], "place_id": counter.world.place_id},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, (answer.json or {})["code"]) == (400, "form_not_verified")


def test_a_signed_out_script_gets_401_and_no_page(app: Flask, counter: Counter) -> None:
    answer = app.test_client().post("/counter/scan", json={}, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.is_json


def test_a_broken_request_is_a_refusal_in_the_same_shape(counter: Counter) -> None:
    bodies: list[object] = [
        {},
        {"code": ""},
        {"code": 5},
        {"code": "x"},
        {"code": "x", "place_id": "1"},
        [],
        "text",
        None,
    ]
    for body in bodies:
        answer = counter.send("POST", "/counter/scan", body)
        assert answer.status == 422, body
        assert answer.body["tone"] == "red" and answer.body["text"], body
