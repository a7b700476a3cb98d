"""Canaries: every personal field holds a word of its own, and every answer to every role is searched for them.

Only the table `MAY_SEE` lets one out (DESIGN §6). Another site's words may be nowhere at all. On SQLite
alone, as the matrix of routes and roles is: what is shown does not depend on the database.
"""

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries.cases.commands import DecisionBody, Result
from aidtrack.beneficiaries.queries.search import shown_households
from aidtrack.beneficiaries.services.reading import show_doubles
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution import models as distribution
from aidtrack.feedback.commands import State
from aidtrack.feedback.models import Feedback
from aidtrack.kernel.actor import Role
from tests.support import canaries
from tests.support.people import Somebody, add_person, sign_in
from tests.support.two_sites import TODAY, Half, bare
from tests.test_route_roles import BODIES, Route, World, all_routes, allowed, ask
from tests.test_route_roles import world as world  # a fixture of this module too

GRANTED = "caseworker with a grant"
PROTECTED_KIND = "zqxprotected"
GRANTED_FAMILY_PAGES = frozenset({"protected evidence", "protected kind"})
GRANTED_PAGES = {"beneficiaries.register": {"protected kind"}, "rights.why": GRANTED_FAMILY_PAGES}

# -- what may be seen, by whom, where ------------------------------------------------------------------

# The pages of one family, on which a caseworker of its site reads everything ordinary.
HEAD = {"surname", "given name", "patronymic", "registration number"}
FILE = {
    *HEAD, "birth date", "document", "address", "phone", "proxy", "evidence", "act", "decision", "intake", "notes",
    "reason of a case", "words of a case",
}  # fmt: skip
FAMILY_PAGES = {
    f"beneficiaries.{name}"
    for name in (
        "household", "edit_household", "new_member", "edit_member", "leave", "new_category", "end_category",
        "end_protected", "name_head", "new_collector", "end_collector", "split", "join", "join_from", "compare_with",
        "compare", "merge",
    )
} | {"cases.assessment", "cases.decision", "cases.new_intake"}  # fmt: skip
# What a family may ask for is everything of it; the drawer of protected categories stays shut without a grant.
ANSWER = {
    *FILE, "serial", "from whom", "contact", "about",
    *(str(one) for one in canaries.generated() if one.owner is not None),
}  # fmt: skip
ANSWERS = {"privacy.held", "privacy.held_pdf", "privacy_api.HoldingsView"}
NOT_FOR_THE_FAMILY = {"erasure_request.reason", "not_same.reason"}  # what colleagues wrote to each other
# Others: (what, endpoint, roles).
MAY_SEE: list[tuple[set[str], str, set[Role]]] = [
    (FILE, "rights.why", {Role.CASEWORKER}),
    ({"registration number"}, "beneficiaries.merges", {Role.CASEWORKER}),
    (FILE | {"collector.document"}, "families_api.Household", {Role.CASEWORKER}),
    # the journal names who turned to the centre; what they said stands on the entry's own page, and a file names nobody
    *(
        ({"intake", "from whom", "registration number"}, endpoint, {Role.CASEWORKER})
        for endpoint in ("cases.journal", "cases.journal_pdf", "cases_api.JournalView")
    ),
    ({"intake", "registration number"}, "cases.journal_file", {Role.CASEWORKER}),
    *(
        (
            {"intake", "from whom", "contact", "about", "registration number"},
            f"cases{name}",
            {Role.CASEWORKER},
        )
        for name in (".intake", "_api.IntakeView")
    ),
    *(
        ({"intake"}, f"cases.{name}", {Role.CASEWORKER})
        for name in ("assign", "close", "transfer", "reopen", "link")
    ),
    ({*HEAD}, "cases.due", {Role.CASEWORKER}),
    ({*HEAD}, "cases_api.DueView", {Role.CASEWORKER}),
    # a sitting knows whose case it is, its papers, and what was decided
    *(
        ({*HEAD, "intake", "act", "reason of a case", "words of a case"}, f"cases{name}", {Role.CASEWORKER})
        for name in (
            ".sitting",
            ".results",
            ".correct",
            ".agenda_pdf",
            ".minutes_pdf",
            ".extract_pdf",
            "_api.SittingView",
        )
    ),
    # what was added to the journal and to a sitting afterwards stands where the entry stands
    *(
        ({"intake.reason", "intake.transferred_to"}, endpoint, {Role.CASEWORKER})
        for endpoint in ("cases.intake", "cases_api.IntakeView")
    ),
    *(
        ({"sitting_case.correction_reason"}, f"cases.{name}", {Role.CASEWORKER})
        for name in ("sitting", "correct", "agenda_pdf", "minutes_pdf", "extract_pdf")
    ),
    (
        {"collector.document", "household_income.evidence", "not_same.reason", "family_event.details"},
        "beneficiaries.household",
        {Role.CASEWORKER},
    ),
    (
        {*HEAD, "household_merge.reason", "birth date", "document", "address", "phone"},
        "beneficiaries.merge",
        {Role.CASEWORKER},
    ),
    ({"collector.document"}, "families_api.Household", {Role.CASEWORKER}),
    ({"registration number"}, "register_file.without_names", {Role.CASEWORKER}),
    # data protection: requests speak of numbers of files, and of the reason a colleague gave
    *(
        ({"registration number"}, f"privacy.{name}", {Role.CASEWORKER})
        for name in ("index", "ground", "withdraw", "erase", "notice")
    ),
    ({"erasure_request.reason"}, "privacy.index", {Role.CASEWORKER}),
    # what a file with names is for is read by those who ask for such files and those who approve them
    ({"identifier_export.purpose"}, "privacy.index", {Role.CASEWORKER, Role.ADMINISTRATOR}),
    ({"registration number"}, "proofs.income", {Role.CASEWORKER}),
    # a list of kinds is no list of families
    ({"protected kind"}, "proofs.kinds", {Role.ADMINISTRATOR, Role.CASEWORKER}),
    ({"protected kind"}, "proofs_api.KindsView", set(Role)),
    ({"intake"}, "home.start", {Role.CASEWORKER}),  # the oldest open appeal by its number
    # whom to phone about a booked time; a family's time stands beside the number of its file
    ({*HEAD, "phone"}, "slots.phone_list", {Role.CASEWORKER}),
    ({"registration number"}, "slots.family", {Role.CASEWORKER}),
    # a message is read by those who handle it, one at a time; sensitive ones by nobody who was not named
    ({"message", "writer"}, "feedback_register.show", {Role.CASEWORKER}),
    ({"message", "writer"}, "feedback_api.EntryView", {Role.CASEWORKER}),
    ({"registration number", "eligibility.override_reason"}, "rights.settle", {Role.CASEWORKER}),
    ({"registration number"}, "rights.end", {Role.CASEWORKER}),
    # a round's vouchers stand beside the number of the family's file, never its name
    ({"registration number", "serial"}, "rounds.voucher_list", {Role.CASEWORKER}),
    ({"registration number", "serial"}, "rounds.show_voucher", {Role.CASEWORKER}),
    ({"serial"}, "rounds.show_voucher", {Role.REVIEWER}),
    ({"serial"}, "rounds.void", {Role.CASEWORKER}),
    ({"serial"}, "rounds.reprint", {Role.CASEWORKER}),
    # codes on the screen are for those who issue, and the reading is logged
    ({"code", "serial"}, "rounds.codes", {Role.CASEWORKER}),
    # the evening and its papers name vouchers, never families; names are in the PDF, and its reading is logged
    ({"serial"}, "days.unused", {Role.WAREHOUSE}),
    ({"serial"}, "paper.show", {Role.CASEWORKER, Role.WAREHOUSE}),
    ({"serial"}, "paper.pdf", {Role.CASEWORKER}),
    ({"surname", "serial"}, "paper.sheet_pdf", {Role.CASEWORKER}),
    ({"serial"}, "paper.sheet", {Role.CASEWORKER, Role.WAREHOUSE}),
    # the paper in the hand: what the counter and its programs are told of it
    ({"given name", "proxy", "serial"}, "scanner.scan", {Role.WAREHOUSE}),
    ({"serial"}, "handouts_api.VoucherView", {Role.WAREHOUSE, Role.REVIEWER}),
    ({"serial"}, "handouts_api.HandoutView", {Role.WAREHOUSE}),
    # the ledger names a handout by its voucher's serial; a liaison's card leaves it out
    ({"serial", "reason of a handout"}, "inventory.card", {Role.WAREHOUSE, Role.REVIEWER}),
    ({"serial", "reason of a handout"}, "inventory.entry", {Role.WAREHOUSE, Role.REVIEWER}),
    # rules of programmes name kinds, not families
    ({"protected kind"}, "rights.new_draft", {Role.ADMINISTRATOR}),
]


def may_see(what: str, endpoint: str, role: Role, granted: bool) -> bool:
    drawer = granted and what in GRANTED_FAMILY_PAGES
    if endpoint in FAMILY_PAGES and role is Role.CASEWORKER and (what in FILE or drawer):
        return True
    if endpoint in ANSWERS and role is Role.CASEWORKER:
        return (what in ANSWER - NOT_FOR_THE_FAMILY) or (granted and what in GRANTED_FAMILY_PAGES)
    if granted and what in GRANTED_PAGES.get(endpoint, ()):
        return True
    return any(what in words and endpoint == where and role in roles for words, where, roles in MAY_SEE)


# -- planting ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planted:
    """The words of both sites by what they are, and who reads."""

    world: World
    own: dict[str, str]
    other: dict[str, str]
    granted: Somebody
    columns: set[str]  # where a generated word was read back after planting


def words_of(site: str, number: int, at: Half) -> dict[str, str]:
    """One word for each personal field; digits and letters only, so that no escaping hides one."""
    return {
        "surname": f"Zqxsurname{site}", "given name": f"Zqxgiven{site}", "patronymic": f"Zqxpatronymic{site}",
        "registration number": f"ZQXREG{site}", "document": f"ZQXDOC{site}", "address": f"Zqxaddress{site}",
        "phone": f"50777660{number}", "proxy": f"Zqxproxy{site}", "evidence": f"Zqxevidence{site}",
        "protected evidence": f"Zqxhidden{site}", "act": f"ZQXACT{site}", "decision": f"ZQXDEC{site}",
        "intake": f"ZQXINT{site}", "serial": f"SERIAL-{site}", "reason of a handout": f"REASON-{site}", "code": at.voucher_code,
        "birth date": f"0{number}.06.1907", "from whom": f"Zqxfrom{site}", "contact": f"Zqxcontact{site}",
        "about": f"Zqxabout{site}", "notes": f"Zqxnotes{site}", "reason of a case": f"Zqxwhy{site}",
        "words of a case": f"Zqxgrant{site}", "message": f"Zqxmessage{site}", "writer": f"Zqxwriter{site}",
        "sensitive message": f"Zqxabuse{site}", "message about the reader": f"Zqxboss{site}",
    }  # fmt: skip


def plant(at: Half, words: dict[str, str], number: int, worker: int | None = None) -> None:
    ids, now = at.numbers, datetime.now(UTC)
    household, person = ids["household_id"], ids["person_id"]
    with unit_of_work() as session:
        session.execute(
            update(people.Household)
            .where(people.Household.id == household)
            .values(
                registration_no=words["registration number"], address=words["address"],
                phone=f"+380{words['phone']}", changed_at=now,
            )
        )  # fmt: skip
        session.execute(
            update(people.Collector)
            .where(people.Collector.household_id == household)
            .values(name=words["proxy"])
        )
        session.execute(
            update(people.Person)
            .where(people.Person.id == person)
            .values(
                surname=words["surname"], given_name=words["given name"], patronymic=words["patronymic"],
                document=words["document"], birth_date=date(1907, 6, number),
            )
        )  # fmt: skip
        session.execute(
            update(people.Category)
            .where(people.Category.id == ids["category_id"])
            .values(evidence=words["evidence"])
        )
        session.execute(
            insert(people.ProtectedCategory).values(
                id=ids["category_id"], household_id=household, person_id=person, kind=PROTECTED_KIND,
                evidence=words["protected evidence"], valid_from=TODAY, seen_by="x",
            )
        )  # fmt: skip
        session.execute(
            insert(people.NeedsAssessment).values(
                household_id=household,
                act_number=words["act"],
                made_on=TODAY,
                valid_until=TODAY,
                notes=words["notes"],
                recorded_by="x",
            )
        )
        session.execute(
            insert(people.EligibilityDecision).values(
                household_id=household, body=next(iter(DecisionBody)), number=words["decision"],
                decided_on=TODAY, valid_from=TODAY, recorded_by="x",
            )
        )  # fmt: skip
        session.execute(
            update(people.Intake)
            .where(people.Intake.id == ids["intake_id"])
            .values(
                number=words["intake"], from_whom=words["from whom"], contact=words["contact"],
                about=words["about"], assigned_to_id=worker,
            )
        )  # fmt: skip
        session.execute(
            update(people.SittingCase)
            .where(people.SittingCase.id == ids["sitting_case_id"])
            .values(
                result=Result.GRANTED, reason=words["reason of a case"], words=words["words of a case"],
                valid_from=TODAY,
            )
        )  # fmt: skip
    plant_messages(at, words, worker)


def plant_messages(at: Half, words: dict[str, str], worker: int | None) -> None:
    """An ordinary message, a sensitive one, and one about the caseworker who reads."""
    with unit_of_work() as session:
        session.execute(
            update(Feedback)
            .where(Feedback.id == at.numbers["feedback_id"])
            .values(text=words["message"], writer_name=words["writer"])
        )
        others = (
            ("sensitive message", "abuse", True, None),
            ("message about the reader", "complaint_staff", False, worker),
        )
        for number, (word, kind, sensitive, about) in enumerate(others):
            bare(
                session, Feedback, site_id=at.site_id, kind=kind, sensitive=sensitive, about_user_id=about, text=words[word],
                answer=words[word], writer_name=words[word], number=f"F-{at.site_id}-{number}", state=State.NEW,
            )  # fmt: skip


@pytest.fixture(scope="module")
def planted(world: World) -> Planted:
    own, other = words_of("DN", 1, world.own), words_of("ZH", 2, world.other)
    now = datetime.now(UTC)
    with world.app.app_context():
        with unit_of_work() as session:
            name = f"Name of {PROTECTED_KIND}"
            session.execute(
                insert(people.CategoryKind).values(
                    code=PROTECTED_KIND, name_uk=name, name_en=name, protected=True
                )
            )
            session.execute(
                update(distribution.ProgrammeRule).values(rule={"is": "any_member", "categories": ["test"]})
            )
        plant(world.own, own, 1, world.people[Role.CASEWORKER].user_id)
        plant(world.other, other, 2)
        with unit_of_work() as session:
            canaries.plant(session, world.own, "DN")
            canaries.plant(session, world.other, "ZH")
            columns = canaries.found(session, "DN")
        with unit_of_work() as session:
            granted = add_person(session, Role.CASEWORKER, site_ids=[world.own.site_id])
            session.execute(
                insert(people.ProtectionGrant).values(
                    user_id=granted.user_id, granted_by_id=world.people[Role.CASEWORKER].user_id, reason="x",
                    valid_from=now, valid_until=now + timedelta(days=1),
                )
            )  # fmt: skip
    both = {"protected kind": PROTECTED_KIND}
    words = (own | both | canaries.words("DN"), other | canaries.words("ZH"))
    return Planted(world, *words, granted, columns)


# -- searching -----------------------------------------------------------------------------------------


def found_in(text: str, words: dict[str, str]) -> set[str]:
    """Which of the words stand in a text, however a number is spaced or a day is written."""
    close = re.sub(r"[\s\u00a0()\-]|&nbsp;|&#160;", "", text)
    return {
        what
        for what, word in words.items()
        if word in text or word in close or (what == "birth date" and iso(word) in text)
    }


def iso(day: str) -> str:
    return "-".join(reversed(day.split(".")))


def everything(answer: TestResponse, client: FlaskClient) -> str:
    """The answer as whoever receives it can read it: body, headers, and what the cookie holds."""
    with client.session_transaction() as cookie:
        kept = json.dumps(dict(cookie), default=str)
    if answer.mimetype == "application/pdf":
        body = words_of_pdf(answer.data)
    elif answer.data[:2] == b"PK":
        body = words_of_book(answer.data)
    else:
        body = answer.get_data(as_text=True)
    return "\n".join([body, str(answer.headers), kept])


def words_of_book(body: bytes) -> str:
    """All parts of a workbook, properties and notes included."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def words_of_pdf(body: bytes) -> str:
    """What stands on the pages of a paper; a word that was wrapped is in one piece again."""
    document = pypdfium2.PdfDocument(body)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "")
    finally:
        document.close()


def crawled(world: World, role: Role) -> Iterator[tuple[Route, list[Half | None]]]:
    """What can be read, and what the counter and programs write; not the pages' own forms."""
    for route in all_routes(world):
        if not allowed(route, role) and route.endpoint not in FAMILY_PAGES:
            continue
        if route.method == "GET" or route.is_api or route.endpoint in BODIES:
            yield route, [world.own, world.other] if route.of_a_site() else [world.own]


@pytest.mark.parametrize("who", [*Role, GRANTED])
def test_nobody_sees_more_than_the_table_says(
    planted: Planted, who: Role | str, caplog: pytest.LogCaptureFixture
) -> None:
    world, leaks, seen = planted.world, {}, set()
    role = who if isinstance(who, Role) else Role.CASEWORKER
    person = planted.granted if who == GRANTED else world.people[role]
    client = sign_in(world.app, person)
    with caplog.at_level(logging.INFO):
        for route, halves in crawled(world, role):
            for at in halves:
                answer = ask(world, route, role, at, client)
                text = everything(answer, client)
                if at is world.own:
                    shown = found_in(text, planted.own)
                    seen |= shown
                    for what in shown:
                        if not may_see(what, route.endpoint, role, who == GRANTED):
                            leaks[f"{route}: {what}"] = answer.status_code
                if strangers := found_in(text, planted.other):
                    leaks[f"{route} shows another site's {sorted(strangers)}"] = answer.status_code
    assert leaks == {}, "\n".join(leaks)
    logged = "\n".join(caplog.messages)
    assert found_in(logged, planted.own | planted.other) == set()
    # a search that finds nothing anywhere would pass: those who may see something have seen it
    expected = {
        Role.CASEWORKER: FILE | {"serial", "code"},
        GRANTED: FILE | GRANTED_FAMILY_PAGES | {"serial", "code"},
        Role.WAREHOUSE: {"serial", "given name", "proxy"}, Role.REVIEWER: {"serial"}, Role.ADMINISTRATOR: {"protected kind"},
        Role.DONOR_LIAISON: set(),
    }  # fmt: skip
    assert seen >= expected[who]


def test_the_log_holds_none_of_it(planted: Planted) -> None:
    """Read last: what the crawl above did has been written down by now."""
    client = sign_in(planted.world.app, planted.granted)
    for path in ("household_id",):
        client.get(f"/families/{planted.world.own.numbers[path]}")
    with planted.world.app.app_context():
        rows = read_session().execute(select(AuditEvent.action, AuditEvent.reason, AuditEvent.facts)).all()
    assert any(row.action == "read.protected" for row in rows)
    assert found_in(repr(rows), planted.own | planted.other) == set()


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


def test_every_encrypted_column_has_its_canary(planted: Planted) -> None:
    """A column that nobody planted would be searched for in vain."""
    known = {*canaries.BY_HAND, *canaries.NO_WORDS, *map(str, canaries.generated())}
    assert known == set(map(str, canaries.encrypted_columns()))
    assert set(canaries.BY_HAND.values()) <= planted.own.keys()
    assert planted.columns == set(map(str, canaries.generated()))
