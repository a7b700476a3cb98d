"""Every route against every role, at one's own site, at another site, and with an object that is not there.

What is expected is derived from what the route declares. A route with an object in its address needs an
entry in `OBJECTS` (or `BUILDERS`), and a new route without one fails here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import MapAdapter, Rule
from werkzeug.test import TestResponse

from aidtrack.db import db, unit_of_work
from aidtrack.kernel.actor import PERMISSIONS, Actor, Permission, Role
from aidtrack.kernel.ids import new_code
from aidtrack.web.access import Access, access_of
from aidtrack.web.access import Rule as Declared
from tests.conftest import build, config_for
from tests.support.databases import SqliteDatabases
from tests.support.people import Somebody, add_person, bearer, sign_in
from tests.support.two_sites import DONOR, OTHER_DONOR, Half, half, shared

OWN_SITE, OTHER_SITE = "DN", "ZH"
MISSING = 987_654
WRITING = {"POST", "PUT", "PATCH", "DELETE"}

Values = dict[str, Any]

# Objects that belong to a site, by the name of the address's argument.
OF_A_SITE = {
    "user_id", "token_id", "place_id", "donation_id", "lot_id", "entry_id", "transfer_id", "household_id",
    "person_id", "round_id", "voucher_id", "eligibility_id", "category_id", "grant_id", "close_id",
    "list_id", "case_id", "ground_id", "request_id", "export_id", "device_id", "invitation_id", "intake_id", "sitting_id", "sitting_case_id",
    "slot_id", "booking_id", "feedback_id", "feedback_grant_id", "site_id", "other_id", "collector_id", "merge_id",
    "not_same_id",
    "trial_id",
}  # fmt: skip
# Objects of the whole centre: the same for every site.
OF_THE_CENTRE = {
    "list_entry_id",
    "district_id",
    "donor_id",
    "item_id",
    "pack_id",
    "programme_id",
    "cycle_id",
    "rule_id",
    "agreement_id",
    "draft_id",
}

# An upload is its uploader's own, and nobody here uploaded one (tests/importing has that story).
IMPORT_PAGES = tuple(
    f"importing.{name}" for name in ("columns", "show", "try_again", "words", "apply", "to_mend", "forget")
)
IMPORT_API = tuple(f"importing_api.{name}" for name in ("Import", "DryRun", "Words", "Apply", "Findings"))

# Endpoints whose arguments say less than their names: (half of the world, or None for a missing object).
BUILDERS: dict[str, Callable[[Half | None], Values]] = {
    **{endpoint: lambda at: {"uid": str(uuid4())} for endpoint in IMPORT_PAGES},
    **{endpoint: lambda at: {"import_uid": uuid4()} for endpoint in IMPORT_API},
    "importing.table": lambda at: {"code": "families" if at else "no-such-table"},
    "handouts_api.VoucherView": lambda at: {"code": at.voucher_code if at else new_code()},
    "handouts_api.HandoutView": lambda at: {"client_id": at.handout_client_id if at else str(uuid4())},
    "handouts_api.ReversalView": lambda at: {"client_id": at.handout_client_id if at else str(uuid4())},
    "scanner.give": lambda at: {"client_id": str(uuid4())},  # the object is in the body: see BODIES
    "scanner.undo": lambda at: {"client_id": at.handout_client_id if at else str(uuid4())},
    "inventory.new_entry": lambda at: {"kind": "donors"},
    "inventory.edit_entry": lambda at: {
        "kind": "donors",
        "row_id": at.numbers["donor_id"] if at else MISSING,
    },
    "inventory.new_pack": lambda at: {"item_id": at.numbers["item_id"] if at else MISSING},
    "rounds.run": lambda at: {"round_id": at.numbers["round_id"] if at else MISSING, "job_id": "no-such-run"},
    "rounds.run_file": lambda at: {
        "round_id": at.numbers["round_id"] if at else MISSING,
        "job_id": "no-such-run",
    },
    "rights.look_through": lambda at: {
        "programme_id": at.numbers["programme_id"] if at else MISSING,
        "purpose": "qualify",
    },
    "rights.trial_list": lambda at: {"trial_id": at.numbers["trial_id"] if at else MISSING, "way": "out"},
    "rights.mark_all": lambda at: {"trial_id": at.numbers["qualify_id"] if at else MISSING},
    "rights.marking": lambda at: {
        "trial_id": at.numbers["qualify_id"] if at else MISSING,
        "job_id": "no-such-run",
    },
    "rights.end_marks": lambda at: {"trial_id": at.numbers["marks_id"] if at else MISSING},
    "rights_api.NewDraftView": lambda at: {
        "programme_id": at.numbers["programme_id"] if at else MISSING,
        "command_id": str(uuid4()),
    },
    "rights_api.ChangeDraftView": lambda at: {
        "draft_id": at.numbers["draft_id"] if at else MISSING,
        "command_id": str(uuid4()),
    },
    "marks_api.MarkView": lambda at: {
        "household_id": at.numbers["household_id"] if at else MISSING,
        "programme_id": at.numbers["programme_id"] if at else MISSING,
        "command_id": str(uuid4()),
    },
    "slots_api.TimesView": lambda at: {
        "round_id": at.numbers["round_id"] if at else MISSING,
        "command_id": str(uuid4()),
    },
    "proofs.edit_kind": lambda at: {"code": "test" if at else "no_such_kind"},
    "proofs.edit_paper": lambda at: {"code": at.numbers["paper_code"] if at else "no_such_paper"},
    "proofs_api.IncomeView": lambda at: {
        "household_id": at.numbers["household_id"] if at else MISSING,
        "command_id": str(uuid4()),
    },
    **{
        f"feedback_register.{name}": lambda at: {"feedback_kind": "question" if at else "no_such_kind"}
        for name in ("edit_kind", "end_kind")
    },
    "cases.new_entry": lambda at: {"list_name": "needs"},
    # the object is in the body
    "cases_api.ActView": lambda at: {"client_id": str(uuid4())},
    "cases_api.DecisionView": lambda at: {"client_id": str(uuid4())},
    "cases_api.NewEntryView": lambda at: {"client_id": str(uuid4())},
    "cases_api.NewIntakeView": lambda at: {"client_id": str(uuid4())},
    "cases_api.NewSittingView": lambda at: {"client_id": str(uuid4())},
    "assets.file": lambda at: {"digest": "0", "path": "app.css"},
    "static": lambda at: {"filename": "app.css"},
    "field.spoken_page": lambda at: {"code": "uk"},
    "field.manifest": lambda at: {"code": "uk"},
    "field.script": lambda at: {"build": "0", "name": "page"},
    "field.style": lambda at: {"build": "0"},
}
# What is the same for everybody and belongs to nobody, whatever stands in its address.
NOBODYS = (
    "cases.new_entry",
    "cases_api.NewEntryView",
    "inventory.new_entry",
    "static",
    "assets.file",
    "field.spoken_page",
    "field.manifest",
    "field.script",
    "field.style",
)

# Built, and yet the same for every site.
OF_NO_SITE = (
    "feedback_register.edit_kind",
    "feedback_register.end_kind",
    "importing.table",
    "inventory.edit_entry",
    "inventory.new_pack",
    "proofs.edit_kind",
    "proofs.edit_paper",
    "rights.look_through",
    "rights_api.ChangeDraftView",
    "rights_api.NewDraftView",
)


def handout_body(at: Half | None) -> Values:
    return {
        "voucher": at.voucher_code if at else new_code(), "place": at.place_code if at else "NOWHERE",
        "reason": None, "collector": "head",
    }  # fmt: skip


DAY, UID = "2022-09-01", "4b1d2c5e-0000-4000-8000-00000000000a"
HOME = {"version": 987, "settlement": "Дніпро"}
# What programs and scripts send, so that the object in the body is reached.
BODIES: dict[str, Callable[[Half | None], Values]] = {
    "privacy_api.GroundsView": lambda at: {
        "ground": "public_task",
        "how": "signed",
        "language": "uk",
        "given_on": "2022-09-01",
    },
    "importing_api.Words": lambda at: {"words": []},
    "importing_api.Apply": lambda at: {"mode": "good"},
    "families_api.Household": lambda at: {**HOME},
    "families_api.Members": lambda at: {
        "id": UID,
        "version": 987,
        "surname": "А",
        "given_name": "Б",
        "sex": "male",
    },
    "members_api.Member": lambda at: {"version": 987, "surname": "А", "given_name": "Б", "sex": "male"},
    "members_api.Head": lambda at: {
        "version": 987,
        "person_id": at.numbers["person_id"] if at else MISSING,
        "since": DAY,
    },
    "members_api.Categories": lambda at: {"id": UID, "kind": "test", "valid_from": DAY},
    "members_api.EndOfCategory": lambda at: {"valid_until": DAY},
    "members_api.EndOfCollector": lambda at: {"version": 987, "valid_until": DAY},
    "marks_api.MarkView": lambda at: {"ground": "application", "valid_from": DAY},
    "marks_api.EndView": lambda at: {"last_day": DAY, "reason": "mistaken"},
    "slots_api.TimesView": lambda at: {"day": DAY, "starts": 540, "ends": 600, "each": 30, "capacity": 5},
    "slots_api.TimeView": lambda at: {"capacity": 0},
    "feedback_api.AssignmentView": lambda at: {"user": MISSING},
    "places_api.Districts": lambda at: {"id": UID, "code": "", "name_uk": "x", "settlements": []},
    "places_api.District": lambda at: {"id": UID, "code": "x", "name_uk": "x", "settlements": ["UA00"]},
    "families_api.Leave": lambda at: {"version": 987, "left_on": DAY},
    "families_api.Collectors": lambda at: {"id": UID, "version": 987, "name": "А Б", "valid_from": DAY},
    "families_api.Split": lambda at: {**HOME, "id": UID, "person_ids": [1], "head_id": 1, "on": DAY},
    "families_api.Join": lambda at: {
        "version": 987,
        "from_id": at.numbers["other_id"] if at else MISSING,
        "from_version": 987,
        "person_ids": [1],
        "on": DAY,
    },
    "families_api.MergeDecision": lambda at: {"approve": False},  # a program approves nothing
    "families_api.MergeUndo": lambda at: {"reason": "mistaken"},
    "families_api.NotTheSame": lambda at: {"reason": "sisters"},
    "beneficiaries.typed_doubles": lambda at: {"surname": "А", "given_name": "Б", "birth_date": DAY},
    "handouts_api.HandoutView": handout_body,
    "handouts_api.ReversalView": lambda at: {"id": str(uuid4()), "reason": "mistaken"},
    "scanner.give": lambda at: {
        "code": at.voucher_code if at else new_code(),
        "place_id": at.numbers["place_id"] if at else MISSING,
    },
    "scanner.scan": lambda at: {
        "code": at.voucher_code if at else new_code(),
        "place_id": at.numbers["place_id"] if at else MISSING,
    },
    "scanner.undo": lambda at: {"id": str(uuid4()), "reason": "mistaken"},
    "cases_api.ClosingView": lambda at: {"outcome": "granted"},
    "cases_api.TransferView": lambda at: {"to": "x", "reason": "x"},
    "cases_api.ResultsView": lambda at: {"version": 1, "results": []},
    "cases_api.MinutesView": lambda at: {"version": 1, "number": "1", "minutes_on": "2022-09-01"},
    "cases_api.AgendaView": lambda at: {"families": []},
    "cases_api.ActView": lambda at: {
        "family": at.place_code.replace("P-", "REG-") if at else "REG-NOWHERE",
        "number": "1",
        "made_on": "2022-09-01",
        "valid_until": "2023-09-01",
        "expired_confirmed": True,
    },
    "cases_api.DecisionView": lambda at: {
        "family": at.place_code.replace("P-", "REG-") if at else "REG-NOWHERE",
        "body": "council",
        "number": "1",
        "decided_on": "2022-09-01",
        "valid_from": "2022-09-01",
    },
    "cases_api.NewIntakeView": lambda at: {
        "site": at.place_code.removeprefix("P-") if at else "NO",
        "kind": "appeal",
        "channel": "phone",
        "received_on": "2022-09-01",
    },
    "cases_api.NewSittingView": lambda at: {
        "site": at.place_code.removeprefix("P-") if at else "NO",
        "body": "council",
        "held_on": "2022-09-01",
        "place": "x",
        "grants_from": "2022-09-01",
    },
    "rights_api.NewDraftView": lambda at: {"title": "x", "rule": {"is": "all", "of": []}},
    "rights_api.ChangeDraftView": lambda at: {"title": "x", "rule": {"is": "all", "of": []}},
    "rights_api.TrialsView": lambda at: {"on": "2022-09-01"},
    "rights_api.InForceView": lambda at: {"id": str(uuid4()), "version": 1, "valid_from": "2022-09-01"},
    "proofs_api.IncomeView": lambda at: {"total": 1, "as_of": "2022-09-01"},
    "slots_api.FamilyView": lambda at: {"slot": at.numbers["slot_id"] if at else MISSING},
    "feedback_api.AnswerView": lambda at: {"text": "words", "outcome": "no_finding"},
}

# Addresses whose object stands behind the question mark.
STATEMENT = {"start": "2022-09-01", "end": "2022-12-31", "format": "csv", "figure": "received"}
QUERIES: dict[str, Callable[[str], Values]] = {
    endpoint: lambda donor: {"donor": donor, **STATEMENT}
    for endpoint in ("reports.file", "reports.lines", "reports.statements", "reports_api.statements")
} | {"rights_api.TrialFamiliesView": lambda donor: {"way": "out"}}

# One's own object that answers 404 here, and why.
OWN_IS_NOT_THERE = {
    "privacy.take_export": "a file is for the person who asked for it",
    **dict.fromkeys((*IMPORT_PAGES, *IMPORT_API), "an upload is its uploader's own, whatever the site"),
    "rounds.run": "a run is kept by the process that began it, and none was begun",
    "rounds.run_file": "a run is kept by the process that began it, and none was begun",
    "assets.file": "public, and the digest is wrong",
    "reviews.paper_row": "the row stands behind the question mark, and none was signed",
    "inventory.settle_debt": "the debt stands behind the question mark, and nothing is owed",
}
# Taken away already by the page that does the same.
GONE_BY_THEN = ("places_api.District", "slots_api.TimeView")
# Refused by more than the route's permission, although the role has it; and why.
REFUSED_BY_THE_OBJECT: dict[tuple[str, Role], str] = dict.fromkeys(
    (("importing.table", Role.ADMINISTRATOR), ("importing.table", Role.WAREHOUSE)),
    "they bring in items and stock, not families",
)
# Not to be told from a missing one although the role may open such pages; and why.
UNSEEN_BY_THE_ROLE = {
    (
        "inventory.transfer",
        Role.DONOR_LIAISON,
    ): "a liaison sees the stock their donors gave, not its way between places",
}


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    endpoint: str
    method: str
    arguments: frozenset[str]
    access: Access
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.endpoint})"

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def of_a_site(self) -> bool:
        """Whether the address names something that another site has too."""
        if self.endpoint in BUILDERS:
            return self.endpoint not in (*NOBODYS, *OF_NO_SITE)
        return bool(self.arguments & OF_A_SITE)

    def of_something(self) -> bool:
        return bool(self.arguments) and self.endpoint not in NOBODYS

    def values(self, at: Half | None) -> Values:
        if self.endpoint in BUILDERS:
            return BUILDERS[self.endpoint](at)
        return {name: at.numbers[name] if at else MISSING for name in self.arguments}


@dataclass(frozen=True)
class World:
    app: Flask
    own: Half
    other: Half
    people: dict[Role, Somebody]
    bearers: dict[Role, dict[str, str]]

    @cached_property
    def addresses(self) -> MapAdapter:
        return self.app.url_map.bind("localhost")


def routes(app: Flask) -> Iterator[Route]:
    rules: list[Rule] = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    for rule in rules:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            access = access_of(app, rule.endpoint, method)
            assert access is not None
            yield Route(rule.endpoint, method, frozenset(rule.arguments), access, rule.rule)


@pytest.fixture(scope="module")
def world(sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """On SQLite alone: who may do what is decided before any database is asked, and scope by plain queries."""
    with sqlite_databases.fresh() as url:
        yield from filled(build(config_for(url, tmp_path_factory.mktemp("routes"))))


@pytest.fixture(autouse=True)
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is answered is decided before a page is written; tests/visibility has every page of every role written."""
    blank = SimpleNamespace(render=lambda *_: "", name="blank")
    monkeypatch.setattr("jinja2.Environment.get_or_select_template", lambda *_: blank)


def filled(app: Flask) -> Iterator[World]:
    app.config["WTF_CSRF_ENABLED"] = False  # so that an empty form reaches the service behind it
    with app.app_context():
        with unit_of_work() as session:
            common = shared(session)
            own, other = half(session, OWN_SITE, common), half(session, OTHER_SITE, common)
        with unit_of_work() as session:
            people = {
                role: add_person(session, role, site_ids=[own.site_id], donor_ids=donors_of(role, common))
                for role in Role
            }
    bearers = {role: bearer(app, role, site=OWN_SITE, donor_ids=donors_of(role, common)) for role in Role}
    yield World(app, own, other, people, bearers)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def donors_of(role: Role, common: dict[str, int]) -> list[int]:
    return [common["donor_id"]] if role is Role.DONOR_LIAISON else []


def ask(
    world: World,
    route: Route,
    role: Role | None,
    at: Half | None,
    client: FlaskClient,
    *,
    briefly: bool = False,
    donor: str = DONOR,
) -> TestResponse:
    """Send the request. `briefly` asks for refusals as JSON: no page is made, and the code is told."""
    url = url_of(world, route, at, donor)
    headers = dict(world.bearers[role]) if route.is_api and role is not None else {}
    headers |= {"Accept": "application/json"} if briefly else {}
    body = BODIES.get(route.endpoint)
    if route.method in WRITING and (route.is_api or body is not None):
        return client.open(
            url, method=route.method, json=body(at) if body else {}, headers=headers, buffered=True
        )
    return client.open(url, method=route.method, headers=headers, buffered=True)


def url_of(world: World, route: Route, at: Half | None, donor: str = DONOR) -> str:
    """The address, without a request to stand in: there would be thousands."""
    query = QUERIES[route.endpoint](donor) if route.endpoint in QUERIES else {}
    made: str = world.addresses.build(route.endpoint, {**query, **route.values(at)}, method=route.method)
    return made


def client_for(world: World, role: Role | None) -> FlaskClient:
    return world.app.test_client() if role is None else sign_in(world.app, world.people[role])


def actor_of(role: Role) -> Actor:
    return Actor(label="x", role=role, site_ids=frozenset(), permissions=PERMISSIONS[role])


def all_routes(world: World) -> list[Route]:
    """Reading first: writing changes what is read; taking away last."""
    return sorted(routes(world.app), key=lambda route: (route.method in WRITING, route.method == "DELETE"))


def test_every_address_with_an_object_says_how_to_build_it(world: World) -> None:
    known = OF_A_SITE | OF_THE_CENTRE
    assert {
        str(route): sorted(route.arguments - known)
        for route in routes(world.app)
        if route.endpoint not in BUILDERS and not route.arguments <= known
    } == {}


def test_the_tables_speak_of_routes_that_exist(world: World) -> None:
    endpoints = set(world.app.view_functions)
    spoken_of = {*BUILDERS, *BODIES, *OWN_IS_NOT_THERE, *QUERIES}
    spoken_of |= {endpoint for endpoint, _ in (*REFUSED_BY_THE_OBJECT, *UNSEEN_BY_THE_ROLE)}
    assert spoken_of - endpoints == set()


def test_nobody_gets_past_the_door_without_signing_in(world: World) -> None:
    wrong = {}
    for route in all_routes(world):
        answer = ask(world, route, None, world.own, client_for(world, None))
        public = route.access.rule is Declared.PUBLIC
        asked = answer.status_code == 401 or (
            answer.status_code == 303 and str(answer.location).startswith("/sign-in")
        )
        if route.endpoint == "accounts.sign_out":
            asked = False  # leads there whoever asks
        if asked is public or answer.status_code >= 500:
            wrong[str(route)] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_permission_is_refused_whatever_the_object(world: World, role: Role) -> None:
    wrong = {}
    client = client_for(world, role)
    for route in all_routes(world):
        if route.access.rule in (Declared.PUBLIC, Declared.SIGNED_IN) or route.access.allows(actor_of(role)):
            continue
        objects: list[tuple[str, Half | None]] = [("own", world.own)]
        if route.of_something() or route.endpoint in BODIES:  # else they are one request
            objects += [("other", world.other)] if route.of_a_site() else []
            objects += [("missing", None)]
        for name, at in objects:
            answer = ask(world, route, role, at, client, briefly=True)
            # a phone's route asks for a signature, whoever is signed in
            if answer.status_code != (401 if route.access.rule is Declared.DEVICE else 403):
                wrong[f"{route} {name}"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_another_sites_object_and_a_missing_one_answer_alike(world: World, role: Role) -> None:
    wrong: dict[str, object] = {}
    client = client_for(world, role)
    for route in all_routes(world):
        if not route.of_something() or not allowed(route, role):
            continue
        missing = ask(world, route, role, None, client, briefly=True)
        if not refused(route, missing):
            wrong[f"{route} missing"] = (missing.status_code, code_of(missing))
        if not route.of_a_site():
            continue
        other = ask(world, route, role, world.other, client, briefly=True)
        if (other.status_code, code_of(other)) != (missing.status_code, code_of(missing)):
            wrong[f"{route} other"] = (
                other.status_code,
                code_of(other),
                missing.status_code,
                code_of(missing),
            )
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_with_the_permission_reaches_what_is_its_own(world: World, role: Role) -> None:
    wrong = {}
    client = client_for(world, role)
    for route in all_routes(world):
        if not allowed(route, role):
            continue
        answer = ask(world, route, role, world.own, client)
        status = answer.status_code
        reached = status < 500 and status not in (401, 403, 405)
        if status == 404 and route.method == "DELETE" and route.endpoint in GONE_BY_THEN:
            continue
        if (route.endpoint, role) in REFUSED_BY_THE_OBJECT:
            reached = status == 403
        if (route.endpoint, role) in UNSEEN_BY_THE_ROLE:
            reached = status == 404
        elif status == 404 and route.endpoint not in OWN_IS_NOT_THERE:
            reached = False
        if (
            status == 303
            and str(answer.location).startswith("/sign-in")
            and route.endpoint != "accounts.sign_out"
        ):
            reached = False
        if not reached:
            wrong[str(route)] = status
        if route.endpoint == "accounts.sign_out":
            client = client_for(world, role)
    assert wrong == {}


def test_a_liaison_cannot_tell_another_donor_from_a_missing_one(world: World) -> None:
    answers = {}
    role = Role.DONOR_LIAISON
    client = client_for(world, role)
    for route in all_routes(world):
        if route.endpoint in QUERIES:
            other, missing = (
                ask(world, route, role, world.own, client, briefly=True, donor=donor)
                for donor in (OTHER_DONOR, "NOBODY")
            )
            answers[route.endpoint] = (
                other.status_code,
                code_of(other),
                missing.status_code,
                code_of(missing),
            )
    assert set(answers) == set(QUERIES)
    assert {name: found for name, found in answers.items() if found[:2] != found[2:] or found[0] < 400} == {}


def allowed(route: Route, role: Role) -> bool:
    return route.access.rule in (Declared.PUBLIC, Declared.SIGNED_IN) or route.access.allows(actor_of(role))


def refused(route: Route, answer: TestResponse) -> bool:
    """A page answers 404; a program whose body names the object may be told that the body is wrong."""
    if answer.status_code == 404:
        return True
    return route.endpoint in BODIES and answer.status_code in (200, 409, 422) and code_of(answer) is not None


def code_of(answer: TestResponse) -> str | None:
    found = answer.get_json(silent=True)
    return str(found.get("code") or found.get("outcome")) if isinstance(found, dict) else None


# -- the matrix itself sees a mistake ----------------------------------------------------------------


def test_a_route_that_forgets_its_permission_would_be_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the list of people opened to everybody who is signed in, the declaration left as it was."""
    monkeypatch.setitem(
        PERMISSIONS, Role.WAREHOUSE, PERMISSIONS[Role.WAREHOUSE] | {Permission.ACCOUNTS_MANAGE}
    )
    client = client_for(world, Role.WAREHOUSE)
    people = next(route for route in routes(world.app) if route.endpoint == "accounts.people")
    assert ask(world, people, Role.WAREHOUSE, world.own, client).status_code == 200
    monkeypatch.undo()
    assert ask(world, people, Role.WAREHOUSE, world.own, client).status_code == 403


def test_a_query_without_its_scope_would_be_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the query that bounds people by sites lets everybody through."""
    from sqlalchemy import true

    from aidtrack.accounts import queries

    monkeypatch.setattr(queries, "_shares_a_site", lambda actor: true())
    client = client_for(world, Role.ADMINISTRATOR)
    person = next(
        route for route in routes(world.app) if (route.endpoint, route.method) == ("accounts.person", "GET")
    )
    missing = ask(world, person, Role.ADMINISTRATOR, None, client)
    other = ask(world, person, Role.ADMINISTRATOR, world.other, client)
    assert (missing.status_code, other.status_code) == (404, 200)
