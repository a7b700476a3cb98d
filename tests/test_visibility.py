"""Canaries: every personal field holds a word of its own, and every answer to every role is searched for them.

Only the table `tests.support.visible.MAY_SEE` lets one out (DESIGN §6). Another site's words may be nowhere at all.
Pages and scope are walked on SQLite; what databases do in ways of their own is asked again of PostgreSQL.
"""

import io
import logging
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy import text as text_of

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries.queries.search import shown_households
from aidtrack.beneficiaries.services.reading import show_doubles
from aidtrack.cli import main
from aidtrack.db import db, read_session, unit_of_work
from aidtrack.distribution.models import Round
from aidtrack.kernel.actor import Role
from aidtrack.web.access import Rule as Declared
from tests.conftest import build, config_for
from tests.support import canaries, phones
from tests.support.commands import LINES, SILENT, names_of_all
from tests.support.databases import PostgresqlDatabases, sqlite_url
from tests.support.emptied import copied_over
from tests.support.planting import Planted, planted_in
from tests.support.searching import everything, found_in, words_of_book, words_of_pdf
from tests.support.visible import FILE, GRANTED_FAMILY_PAGES, HEAD
from tests.support.walking import (
    ANYBODY,
    GRANTED,
    TYPED,
    Watch,
    readable,
    walk_forms,
    walk_pages,
    walk_refusals,
    walk_unasked,
)
from tests.test_route_roles import World, all_routes, ask, filled
from tests.test_route_roles import world as world  # a fixture of this module too

# Those who may see something have seen it: a search that finds nothing anywhere would pass.
EXPECTED: dict[Role | str, set[str]] = {
    Role.CASEWORKER: FILE | {"serial", "code"},
    GRANTED: FILE | GRANTED_FAMILY_PAGES | {"serial", "code"},
    Role.WAREHOUSE: {"serial", "given name", "proxy"}, Role.REVIEWER: {"serial"}, Role.ADMINISTRATOR: {"protected kind"},
    Role.DONOR_LIAISON: set(), ANYBODY: set(),
}  # fmt: skip
# And these have seen it here: papers, files and answers that would pass if they were empty.
SEEN_THERE: dict[Role | str, dict[str, set[str]]] = {
    Role.CASEWORKER: {
        "cases.journal_pdf": {"intake", "from whom"}, "cases.journal_file": {"intake"}, "privacy.held_pdf": FILE - {"birth date"},
        "paper.sheet_pdf": {"surname", "serial"}, "paper.pdf": {"serial"}, "cases.minutes_pdf": {"surname", "act"},
        "rights.trial_list": {"registration number"}, "rights_api.TrialFamiliesView": {"registration number"},
        "families_api.Household": FILE - {"act", "decision", "intake", "notes"} - {"reason of a case", "words of a case"},
        "cases_api.StoryView": {"act", "decision", "intake", "notes", "reason of a case", "words of a case"},
        "privacy_api.HoldingsView": FILE,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def sown(world: World) -> Planted:
    return planted_in(world)


@pytest.fixture(scope="module")
def kept(sown: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database as it was planted: walking through forms changes it."""
    _rest(sown.world)
    copy = tmp_path_factory.mktemp("planted") / "planted.sqlite3"
    shutil.copyfile(_file(sown.world), copy)
    return copy


@pytest.fixture
def planted(sown: Planted, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    _rest(sown.world)
    copied_over(kept, _file(sown.world))
    at_once = SimpleNamespace(Thread=AtOnce, Lock=threading.Lock)
    monkeypatch.setattr("aidtrack.web.jobs.threading", at_once)
    return sown


class AtOnce:
    """A thread that has run when it has started, so that nothing is still being done when an answer comes."""

    def __init__(self, *, target: Callable[..., None], args: tuple[Any, ...], **_others: Any) -> None:
        self._run, self._args = target, args

    def start(self) -> None:
        self._run(*self._args)


def _file(world: World) -> Path:
    return Path(world.app.config["SQLALCHEMY_DATABASE_URI"].removeprefix(sqlite_url(Path("/"))[:-1]))


def _rest(world: World) -> None:
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("who", [*Role, GRANTED, ANYBODY])
def test_nobody_sees_more_than_the_table_says(
    planted: Planted, who: Role | str, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch(planted, who)
    with caplog.at_level(logging.INFO):
        pages = walk_unasked(watch) if who == ANYBODY else walk_pages(watch)
        if isinstance(who, Role):
            walk_refusals(watch)
        if who != GRANTED:
            walk_forms(watch, pages)
    assert watch.leaks == {}, "\n".join(watch.leaks)
    assert found_in(caplog.text, planted.all | {"typed": TYPED}) == set()
    with planted.world.app.app_context():
        rows = read_session().execute(select(AuditEvent.action, AuditEvent.facts, AuditEvent.reason)).all()
    assert found_in(repr([row.facts for row in rows]), planted.all | {"typed": TYPED}) == set()
    assert found_in(repr([row.reason for row in rows]), planted.all) == set(), (
        "no reason is copied from a family's row"
    )
    assert found_in(beside(planted.world), planted.all | {"typed": TYPED}) == set()
    assert watch.saw() >= EXPECTED[who]
    unseen = {where: words - watch.seen[where] for where, words in SEEN_THERE.get(who, {}).items()}
    assert {where: words for where, words in unseen.items() if words} == {}
    assert who != GRANTED or any(row.action == "read.protected" for row in rows)


# -- what is asked for by words, files, runs and failures -------------------------------------------------


ASKED_BY = ("surname", "given name", "registration number", "document", "phone", "proxy", "address", "act", "intake", "serial")  # fmt: skip


BRIEFLY = {
    "Accept": "application/json"
}  # a refusal is told in few words; what is found is a page all the same


def searches(watch: Watch) -> None:
    """Each word of both sites is put where one can search: nothing but one's own families comes back."""
    headers = watch.planted.world.bearers[watch.role]
    for words in (watch.planted.own, watch.planted.other):
        own = words is watch.planted.own
        for what in ASKED_BY:
            word = words[what]
            typed = dict.fromkeys(("surname", "given_name", "document", "phone"), word)
            for endpoint, answer in (
                ("families_api.Search", watch.client.post("/api/v1/families/search", json={"q": word}, headers=headers)),
                ("families_api.Doubles", watch.client.post("/api/v1/families/doubles", json=typed, headers=headers)),
                ("beneficiaries.search", watch.client.post("/families", data={"q": word}, headers=BRIEFLY)),
            ):  # fmt: skip
                watch.look(
                    answer, endpoint, f"{endpoint} for {'own' if own else 'another'} {what}", typed=word
                )


@pytest.mark.parametrize("who", list(Role))
def test_a_search_gives_ones_own_families_or_nothing(planted: Planted, who: Role) -> None:
    watch = Watch(planted, who)
    searches(watch)
    assert watch.leaks == {}, "\n".join(watch.leaks)
    found = watch.seen["families_api.Search"] | watch.seen["beneficiaries.search"]
    assert found == ({*HEAD, "settlement"} if who is Role.CASEWORKER else set())


TABLE = """Прізвище;Ім'я;Стать;Населений пункт;Дата народження;Документ
{row_surname};{row_given};ж;{row_home};01.02.1980;{row_document}
{row_surname};{row_given};ж;{row_home};32.01.1980;{row_document}
{other_surname};{other_given};ж;{row_home};{other_birth};{other_document}
"""
NEW = {
    "row_surname": "Zqxrowsurname", "row_given": "Zqxrowgiven", "row_home": "Zqxrowvillage", "row_document": "ZQXROW991199",
}  # fmt: skip
COLUMNS = ("surname", "given_name", "sex", "settlement", "birth_date", "document")


def test_a_table_of_families_is_seen_by_who_brought_it_and_names_nobody_of_another_site(
    planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    """Upload, columns, dry run, what to mend, as pages and for programs; then everybody else asks for the same."""
    world, other = planted.world, planted.other
    known = {f"other_{name}": other[what] for name, what in OTHERS_WORDS.items()}
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


OTHERS_WORDS = {"surname": "surname", "given": "given name", "birth": "birth date", "document": "document"}


def _of_table(watch: Watch, place: str, known: dict[str, str]) -> str:
    """One answer; the words of the table itself are the uploader's own."""
    headers = (
        watch.planted.world.bearers[watch.role] if place.startswith("/api") and watch.who != ANYBODY else {}
    )
    answer = watch.client.get(place, headers=headers)
    return watch.look(answer, "importing", place, typed="\n".join(known.values()))


def plainly(world: World) -> str:
    """What anybody reads who has a copy of the database and of the folder beside it."""
    _rest(world)
    return _file(world).read_bytes().decode("utf-8", "replace") + beside(world)


def beside(world: World) -> str:
    """The folder beside the database: files of logs, of forms kept, of tables and papers."""
    files = [path.read_bytes() for path in Path(world.app.instance_path).rglob("*") if path.is_file()]
    return b"\n".join(files).decode("utf-8", "replace")


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


def test_postgresql_lets_out_no_more(
    postgresql_databases: PostgresqlDatabases, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What databases do in ways of their own: finding, comparing, adding up. Programs' answers stand for the pages."""
    with postgresql_databases.fresh() as url:
        for world in filled(build(config_for(url, tmp_path))):
            planted = planted_in(world)
            assert planted.columns == expected_columns()
            with caplog.at_level(logging.INFO):
                for role in Role:
                    watch = Watch(planted, role)
                    if role is Role.CASEWORKER:  # the others are refused before anything is asked
                        searches(watch)
                    for route, halves in readable(world, role):
                        read = (route.is_api and route.method == "GET") or route.endpoint in ASKED_OF_BOTH
                        for at in halves if read else ():
                            answer = ask(world, route, role, at, watch.client, briefly=at is world.other)
                            watch.look(answer, route.endpoint, str(route), own=at is world.own)
                    assert watch.leaks == {}, "\n".join(watch.leaks)
                    assert role is not Role.CASEWORKER or watch.saw() >= FILE
            assert found_in(caplog.text, planted.all) == set()


# Pages whose statements are written for each database, or read much at once.
ASKED_OF_BOTH = {
    "beneficiaries.household", "beneficiaries.compare", "cases.due", "privacy.due", "rights.trial_list", "home.start",
    "cases.journal_file", "rounds.voucher_list",
}  # fmt: skip


def test_what_is_read_of_families_stands_in_the_log_of_their_site_alone(planted: Planted) -> None:
    """A row without a site is everybody's: it may name no family, and none may say who searched whom."""
    with planted.world.app.app_context(), unit_of_work() as session:
        actor = planted.world.people[Role.CASEWORKER].actor
        one = shown_households(session, [planted.world.own.numbers["household_id"]], actor)
        show_doubles(session, [one[0].id], actor=actor, now=datetime.now(UTC))
    with planted.world.app.app_context():
        of_families = AuditEvent.object_type.in_(("household", "person", "user"))
        rows = read_session().execute(select(AuditEvent.action, AuditEvent.site_id).where(of_families)).all()
    assert ("read.household_list", planted.world.own.site_id) in rows
    assert [row for row in rows if row.site_id is None] == []


def test_a_word_is_found_however_it_is_written(planted: Planted) -> None:
    words = planted.own
    assert found_in("+380 50 777\u00a066-01", words) == {"phone"}
    assert found_in("<dd>01.06.1907</dd>", words) == found_in("1907-06-01", words) == {"birth date"}
    assert found_in("nothing", words) == set()


def expected_columns() -> set[str]:
    return {*canaries.BY_HAND, *canaries.IN_PLAIN, *map(str, canaries.generated())} - {
        "protected_category.kind"
    }


def test_every_column_about_somebody_has_its_canary(sown: Planted) -> None:
    """A column that nobody planted would be searched for in vain: a new one fails here until it takes part."""
    known = {*canaries.BY_HAND, *canaries.NO_WORDS, *map(str, canaries.generated())}
    assert known == set(map(str, canaries.encrypted_columns()))
    assert set(canaries.BY_HAND.values()) | set(canaries.IN_PLAIN.values()) <= sown.own.keys()
    assert sown.columns == expected_columns()
    plain = set(canaries.plain_columns())
    assert {
        column for column in plain if column not in canaries.IN_PLAIN and not canaries.nobodys(column)
    } == set()
    assert {*canaries.IN_PLAIN, *canaries.NOBODYS} - plain == set(), "no longer there"


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


ELSEWHERE = "another site's registration number"


def test_the_command_line_names_nobody(
    planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Whoever may run it has the keys; yet what it prints, writes and logs may be read over a shoulder."""
    assert names_of_all() == {*LINES, *SILENT}
    known = {f"other_{name}": planted.other[what] for name, what in OTHERS_WORDS.items()}
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
    # an operator acts at every site: a row like a family of another one is told by that one's number
    assert {name: found for name, found in told.items() if found} == {"import": {ELSEWHERE}}
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
