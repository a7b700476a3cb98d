"""Tables brought in, files with names, papers printed beside: for whoever asked, and for nobody else."""

import io
import logging
from uuid import uuid4

import pytest
from sqlalchemy import select

from aidtrack.beneficiaries import models as people
from aidtrack.db import read_session
from aidtrack.kernel.actor import Role
from tests.support.planting import Planted
from tests.support.searching import everything, found_in
from tests.support.walking import ANYBODY, GRANTED, Watch
from tests.visibility.conftest import plainly
from tests.visibility.tables import COLUMNS, NEW, TABLE, known_of


def test_a_table_of_families_is_seen_by_who_brought_it_and_names_nobody_of_another_site(
    planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    """Upload, columns, dry run, what to mend, as pages and for programs; then everybody else asks for the same."""
    world, known = planted.world, known_of(planted)
    table = TABLE.format(**NEW, **known)
    watch = Watch(planted, Role.CASEWORKER)
    with caplog.at_level(logging.INFO):
        sent = {
            "command_id": str(uuid4()), "layout": "families", "site_id": str(world.own.site_id),
            "file": (io.BytesIO(table.encode()), f"{NEW['row_surname']}.csv"),
        }  # fmt: skip
        answer = watch.client.post("/imports", data=sent, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.text
        where = str(answer.location).removesuffix("/columns")
        watch.look(answer, "importing.index", "upload")
        columns = {f"column-{place}": name for place, name in enumerate(COLUMNS)}
        columns |= {
            "encoding": "utf-8-sig",
            "delimiter": ";",
            "header_row": "1",
            "header_rows": "1",
            "step": "try",
        }
        assert watch.client.post(where + "/columns", data=columns).status_code == 303
        uid = where.rpartition("/")[2]
        places = ["/imports", where + "/columns", where, where + "/to-mend.xlsx"]
        places += [f"/api/v1/imports/{uid}", f"/api/v1/imports/{uid}/findings"]
        shown = [_of_table(watch, place, known) for place in places]
    assert found_in(shown[1], NEW) == set(NEW), "the first rows stand beside the columns"
    assert found_in(shown[3], NEW) == set(NEW), "the rows to mend are the table's own"
    assert watch.leaks == {}, "\n".join(watch.leaks)
    for who in (*(role for role in Role if role is not Role.CASEWORKER), GRANTED, ANYBODY):
        stranger = Watch(planted, who)
        for place in places:
            assert found_in(_of_table(stranger, place, known), NEW | known) == set(), (who, place)
        assert stranger.leaks == {}, "\n".join(stranger.leaks)
    assert found_in(caplog.text, NEW | planted.all) == set()
    assert found_in(plainly(world), NEW) == set(), "of a table that is tried out nothing lies open"


def _of_table(watch: Watch, place: str, known: dict[str, str]) -> str:
    """One answer; the words of the table itself are the uploader's own."""
    headers = (
        watch.planted.world.bearers[watch.role] if place.startswith("/api") and watch.who != ANYBODY else {}
    )
    answer = watch.client.get(place, headers=headers)
    return watch.look(answer, "importing", place, typed="\n".join(known.values()))


def test_a_file_with_names_is_for_who_asked_and_of_their_site(
    planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    world = planted.world
    asker, approver = Watch(planted, Role.CASEWORKER), Watch(planted, GRANTED)
    wanted = {
        "site_id": world.own.site_id, "purpose": "x", "command_id": str(uuid4()),
        "fields_wanted": ["names", "phone", "address", "document"],
    }  # fmt: skip
    with caplog.at_level(logging.INFO):
        assert asker.client.post("/privacy/exports/new", data=wanted).status_code == 303
        with world.app.app_context():
            newest = select(people.IdentifierExport.id).order_by(people.IdentifierExport.id.desc())
            export = read_session().scalars(newest).first()
        for watch, approves in ((asker, 422), (approver, 303)):
            answer = watch.client.post(f"/privacy/exports/{export}", data={"decision": "approve"})
            assert answer.status_code == approves
        place = f"/privacy/exports/{export}/file"
        for who in (*Role, GRANTED, ANYBODY):
            if who is not Role.CASEWORKER:
                stranger = Watch(planted, who)
                stranger.look(stranger.client.post(place), "privacy.take_export", place)
                assert stranger.leaks == {} and stranger.saw() == set()
        text = asker.look(asker.client.post(place), "privacy.take_export", place)
    assert asker.leaks == {} and asker.saw() >= {"surname", "given name", "document", "address", "phone"}
    assert found_in(text, planted.other) == set()
    assert found_in(caplog.text, planted.all) == set()
    again = asker.client.post(place)
    assert found_in(everything(again, asker.client), planted.own) == set(), "once"


def test_vouchers_that_are_printed_in_the_background_are_for_who_printed_them(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("aidtrack.distribution.views.printing.AT_ONCE", 0)
    watch = Watch(planted, Role.CASEWORKER)
    at = planted.world.own.numbers
    with caplog.at_level(logging.INFO):
        form = {"layout": "sheets", "language": "uk", "which": "all"}
        begun = watch.client.post(f"/rounds/{at['round_id']}/print", data=form)
        assert begun.status_code == 303 and "/runs/" in str(begun.location)
        place = str(begun.location)
        watch.look(begun, "rounds.print_vouchers", "printing")
        watch.look(watch.client.get(place), "rounds.run", place)
        text = watch.look(watch.client.get(f"{place}/file"), "rounds.run_file", f"{place}/file")
    assert watch.leaks == {}, "\n".join(watch.leaks)
    assert found_in(text, planted.own) >= {"serial"}
    for who in (*Role, GRANTED, ANYBODY):
        stranger = Watch(planted, who)
        for page in (place, f"{place}/file") if who is not Role.CASEWORKER else ():
            stranger.look(stranger.client.get(page), "rounds.run_file", page)
        assert stranger.leaks == {} and stranger.saw() == set()
    assert found_in(caplog.text, planted.all) == set()
