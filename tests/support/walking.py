"""Somebody walks through everything they may ask for, and some of what they may not, and each answer is searched."""

import re
from collections.abc import Iterator

from werkzeug.test import TestResponse

from aidtrack.kernel.actor import Role
from aidtrack.web.access import Rule as Declared
from tests.support.people import sign_in
from tests.support.planting import Planted
from tests.support.searching import around, everything, found_in
from tests.support.two_sites import Half
from tests.support.visible import may_see
from tests.test_route_roles import BODIES, WRITING, Route, World, all_routes, allowed, ask, url_of

GRANTED = "caseworker with a grant"
ANYBODY = "nobody signed in"
TYPED = "Zqxtyped"  # into every field of every form


class Watch:
    """One person's walk: what they saw where, and what they should not have seen."""

    def __init__(self, planted: Planted, who: Role | str) -> None:
        self.planted, self.who, world = planted, who, planted.world
        self.role = who if isinstance(who, Role) else Role.CASEWORKER
        self.client = world.app.test_client()
        if who != ANYBODY:
            self.client = sign_in(world.app, planted.granted if who == GRANTED else world.people[self.role])
        self.leaks: dict[str, object] = {}
        self.seen: dict[str, set[str]] = {}

    def look(
        self, answer: TestResponse, endpoint: str, what_for: str, *, own: bool = True, typed: str = ""
    ) -> str:
        """Search an answer. What the person typed comes back to them on the page, and goes nowhere else."""
        text = everything(answer, self.client)
        shown = found_in(text, self.planted.own) - self._as_typed(typed, self.planted.own)
        self.seen.setdefault(endpoint, set()).update(shown)
        for what in shown if own else ():
            if self.who == ANYBODY or not may_see(what, endpoint, self.role, self.who == GRANTED):
                self.leaks[f"{what_for}: {what}"] = answer.status_code
        if strangers := found_in(text, self.planted.other) - self._as_typed(typed, self.planted.other):
            self.leaks[f"{what_for} shows another site's {sorted(strangers)}"] = answer.status_code
        if typed and typed in around(answer, self.client):
            self.leaks[f"{what_for}: what was typed, in an address or a cookie"] = answer.status_code
        return text

    def _as_typed(self, typed: str, words: dict[str, str]) -> set[str]:
        return found_in(typed, words) if typed else set()

    def saw(self) -> set[str]:
        return set().union(*self.seen.values())


def readable(world: World, role: Role) -> Iterator[tuple[Route, list[Half]]]:
    """What can be read, and what the counter and programs write; not the pages' own forms."""
    for route in all_routes(world):
        reads = route.method == "GET" or route.is_api or route.endpoint in BODIES
        if reads and allowed(route, role):
            yield route, [world.own, world.other] if route.of_a_site() else [world.own]


def walk_pages(watch: Watch) -> dict[str, str]:
    """Everything that is read, at both sites; gives the own pages by their address.

    A grant changes what is shown and not where: with one, the own site is walked. What another site's page
    would show is made whatever is asked for; its refusal is asked for as JSON, which tells more than the one page
    that all refusals are.
    """
    world, pages = watch.planted.world, {}
    for route, halves in readable(world, watch.role):
        for at in halves if isinstance(watch.who, Role) else [world.own]:
            answer = ask(world, route, watch.role, at, watch.client, briefly=at is world.other)
            text = watch.look(answer, route.endpoint, str(route), own=at is world.own)
            if at is world.own and route.method == "GET":
                pages[route.path] = text
    return pages


def walk_unasked(watch: Watch) -> dict[str, str]:
    """Everything, by somebody who has not signed in; gives the pages that are everybody's."""
    world, pages = watch.planted.world, {}
    for route in all_routes(world):
        public = route.access.rule is Declared.PUBLIC
        if public and route.method in WRITING and not route.is_api and route.endpoint not in BODIES:
            continue  # sent with its fields: walk_forms
        answer = ask(world, route, None, world.own, watch.client)
        text = watch.look(answer, route.endpoint, str(route))
        if public and route.method == "GET":
            pages[route.path] = text
    return pages


def walk_refusals(watch: Watch) -> None:
    """Everything a role may not do, and a page that is not there."""
    world = watch.planted.world
    for route in all_routes(world):
        if not allowed(route, watch.role):
            answer = ask(world, route, watch.role, world.own, watch.client, briefly=True)
            assert answer.status_code in (401, 403), route
            watch.look(answer, "refused", str(route))
    for gone in (f"/no-such-page/{TYPED}", f"/families/{world.other.numbers['household_id']}"):
        watch.look(watch.client.get(gone), "not there", gone)


def walk_forms(watch: Watch, pages: dict[str, str]) -> None:
    """Every form is sent with nonsense in every field, and comes back with its errors."""
    world = watch.planted.world
    for route in all_routes(world):
        public = route.access.rule is Declared.PUBLIC
        of_role = public if watch.who == ANYBODY else allowed(route, watch.role)
        if route.method != "POST" or route.is_api or not of_role or route.endpoint in LEFT_ALONE:
            continue
        url = url_of(world, route, world.own)
        fields = fields_of(pages.get(route.path, ""))
        answer = watch.client.post(url, data=fields, buffered=True)
        watch.look(answer, route.endpoint, f"{route} with errors", typed=TYPED)


LEFT_ALONE = {
    "accounts.sign_out": "ends the walk",
    "accounts.password": "asks for seconds of hashing",
    "accounts.sign_in": "asks for seconds of hashing; its words are looked for in test_what_fails_says_nothing",
}
FIELD = re.compile(r"<(?:input|select|textarea)\b[^>]*>")
ATTRIBUTE = re.compile(r"([a-z-]+)=[\"']([^\"']*)[\"']")


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the page's forms, with nonsense wherever somebody can type or choose."""
    fields = {"reason": TYPED, "decision": TYPED, "note": TYPED}
    for tag in FIELD.findall(page):
        attributes = dict(ATTRIBUTE.findall(tag))
        if "name" not in attributes or attributes.get("type") in ("file", "submit", "checkbox"):
            continue
        hidden = attributes.get("type") == "hidden"
        fields[attributes["name"]] = attributes.get("value", "") if hidden else TYPED
    return fields
