"""What fails, phones and the command line: nothing of anybody stands in pages, logs, packs or printed lines."""

import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy import text as text_of

from aidtrack.cli import main
from aidtrack.db import db, read_session
from aidtrack.distribution.models import Round
from aidtrack.kernel.actor import Role
from aidtrack.web.access import Rule as Declared
from tests.support import phones
from tests.support.commands import LINES, SILENT, names_of_all
from tests.support.planting import Planted
from tests.support.searching import found_in, words_of_book, words_of_pdf
from tests.support.walking import TYPED, Watch
from tests.test_route_roles import all_routes
from tests.visibility.tables import NEW, TABLE, known_of


@pytest.mark.parametrize(
    ("statement", "status"), [(None, 500), ("SELECT abs(:word), no_such_thing(:word)", 503)]
)
def test_what_fails_says_nothing(
    planted: Planted,
    statement: str | None,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A failure with everything in its message, and one of the database: neither the page nor the log repeats it."""

    def fail(*_arguments: Any, **_named: Any) -> None:
        every = " ".join(planted.all.values())
        if statement is not None:
            db.session.execute(text_of(statement), {"word": every})
        raise RuntimeError(every)

    app = planted.world.app
    monkeypatch.setattr("aidtrack.beneficiaries.services.search_households", fail)
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    watch = Watch(planted, Role.CASEWORKER)
    with caplog.at_level(logging.INFO):
        headers = planted.world.bearers[Role.CASEWORKER]
        page = watch.client.post("/families", data={"q": "Олена"})
        program = watch.client.post("/api/v1/families/search", json={"q": "Олена"}, headers=headers)
        visitor = app.test_client().post("/sign-in", data={"login": TYPED, "password": TYPED})
    assert (page.status_code, program.status_code, visitor.status_code) == (status, status, 422)
    watch.look(page, "failed", "page")
    watch.look(program, "failed", "program")
    assert watch.leaks == {} and watch.saw() == set()
    assert "search_households" in caplog.text, "where it failed is told"
    assert found_in(caplog.text, planted.all | {"typed": TYPED}) == set()


def test_an_enrolled_phone_learns_of_no_family(planted: Planted, caplog: pytest.LogCaptureFixture) -> None:
    """Every route of phones, with this phone's signature: without a voucher in hand nothing of anybody can be read."""
    world, at = planted.world, planted.world.own.numbers
    keeper = world.people[Role.WAREHOUSE]
    with caplog.at_level(logging.INFO):
        phone = phones.enrolled(
            world.app,
            user_id=keeper.user_id,
            round_id=at["round_id"],
            place_id=at["place_id"],
            actor=world.people[Role.CASEWORKER].actor,
        )
        asked = [route for route in all_routes(world) if route.access.rule is Declared.DEVICE]
        assert {route.path for route in asked} == {"/sync/v1/pack", "/sync/v1/events", "/sync/v1/status"}
        for route in asked:
            body = b"" if route.method == "GET" else b'{"events": [], "protocol": 1}'
            answer = phone.ask(route.path, method=route.method, body=body)
            assert answer.status_code < 500, route
            text = f"{answer.headers}\n{answer.data.decode(errors='replace')}"
            assert found_in(text, planted.all) == set(), route
        manifest, blobs = phone.pack()
        inside = [repr(manifest), *(blob.decode(errors="replace") for blob in blobs.values())]
        assert blobs["rows"] and found_in("\n".join(inside), planted.all) == set()
    assert found_in(caplog.text, planted.all) == set()


def test_the_command_line_names_nobody(
    planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Whoever may run it has the keys; yet what it prints, writes and logs may be read over a shoulder."""
    assert names_of_all() == {*LINES, *SILENT}
    known = known_of(planted)
    (tmp_path / "families.csv").write_text(TABLE.format(**NEW, **known), encoding="utf-8")
    monkeypatch.setattr("aidtrack.cli.plumbing.open_app", lambda *_: planted.world.app)
    words = planted.all | NEW
    with planted.world.app.app_context():
        its_round = select(Round.code).where(Round.id == planted.world.own.numbers["round_id"])
        code = read_session().scalars(its_round).one()
    told: dict[str, set[str]] = {}
    spoke: set[str] = set()
    with caplog.at_level(logging.INFO):
        for name, lines in LINES.items():
            for line in lines(tmp_path, code):
                with pytest.raises(SystemExit):
                    main(list(line))
                printed = capfd.readouterr()
                text = printed.out + printed.err
                told.setdefault(name, set()).update(found_in(text, words))
                spoke |= {name} if text else set()
    # not even the family of another site that a row of the table is like
    assert {name: found for name, found in told.items() if found} == {}
    assert spoke == LINES.keys() - {"statement", "signing-key reissue"}, "they write files"
    for written in filter(Path.is_file, tmp_path.rglob("*")):
        if written.name not in ("families.csv", "mend.xlsx"):  # what was brought, and its rows to mend
            assert found_in(read(written), words) == set(), written.name
    assert (tmp_path / "out.pdf").exists() and (tmp_path / "mend.xlsx").exists()
    assert found_in(caplog.text, words) == set()


def read(file: Path) -> str:
    content = file.read_bytes()
    if content[:4] == b"%PDF":
        return words_of_pdf(content)
    return words_of_book(content) if content[:2] == b"PK" else content.decode("utf-8-sig")
