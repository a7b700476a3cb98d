"""A village hall as stories in a real browser see it: families with vouchers, whoever serves them, and a phone."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from sqlalchemy import select

from aidtrack.beneficiaries.models import Household
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.handouts import services
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.models import FieldOutcome, ReviewCase
from aidtrack.distribution.phones.encoding import b64
from aidtrack.inventory.models import Item
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.devices import importing
from tests.support import chromium, patience, people, phones
from tests.support import world as made
from tests.support.chromium import scan
from tests.support.people import Somebody
from tests.support.world import World


@dataclass
class Village:
    """A round at a point, its manager, and whoever serves at the counter or with a phone."""

    app: Flask
    url: str
    world: World
    manager: Somebody
    helper: Somebody

    def link(self) -> str:
        with self.app.app_context(), unit_of_work() as session:
            token = phones.invitation(
                session, user_id=self.helper.user_id, round_id=self.world.round_id, place_id=self.world.place_id,
                actor=self.manager.actor,
            )  # fmt: skip
        return f"{self.url}/field/#enrol={b64(token)}"

    def code(self, n: int) -> str:
        return self.world.codes[n]


def settled(app: Flask, url: str, families: int = 4, *, rice: int = 200_000) -> Village:
    """Families with vouchers for 5 kg of rice and 920 g of oil; the second names another collector.

    Each costs a row that opens with its typed code, dear on purpose; up to twenty of them come with the first pack.
    """
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 5_000), ("OIL", 920)])
        made.add_vouchers(session, world, families)
        made.add_lot(session, world, "RICE", rice)
        made.add_lot(session, world, "OIL", 50_000, donor="MINRE")
        for item, uk, en in (
            ("RICE", "Рис шліфований довгозерний", "Long-grain rice"),
            ("OIL", "Олія соняшникова рафінована", "Refined sunflower oil"),
        ):
            named = session.get_one(Item, world.item_ids[item])
            named.name_uk, named.name_en = uk, en
        second = session.scalars(select(Household.id).order_by(Household.id)).all()[1]
        people.may_collect(session, second, "Марія П.")
        manager = people.add_person(session, Role.CASEWORKER, site_ids=[world.site_id])
        helper = people.add_person(session, Role.WAREHOUSE, site_ids=[world.site_id])
    return Village(app, url, world, manager, helper)


def expect_tone(page: Page, tone: str) -> None:
    stage = page.locator("[data-part=stage]")
    # it is shown when the page listens to the scanner; until then its mark-up says "ready" all the same
    expect(stage).to_be_visible()
    expect(stage).to_have_attribute("data-tone", tone)


def set_up(page: Page, village: Village, language: str = "uk") -> None:
    page.goto(f"{village.url}/field/{language}")
    expect(page.locator("[data-part=welcome]")).to_be_visible()
    page.goto(village.link().replace("/field/", f"/field/{language}"))
    start = page.locator("[data-part=welcome-start]")
    expect(start).to_be_visible()
    start.click()
    expect(page.locator("[data-part=stage]")).to_be_visible()
    expect_tone(page, "ready")


def kept_for_later(page: Page) -> None:
    """Until the service worker has the whole page."""
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")


def hand_out(page: Page, village: Village, n: int) -> None:
    scan(page, village.code(n))
    expect_tone(page, "due")
    page.locator("[data-part=press]:not([aria-disabled])").click()
    expect_tone(page, "done")


def unsent(page: Page, count: int) -> None:
    shown = page.locator("[data-part=unsent-count]")
    expect(shown).to_be_visible()
    expect(shown).to_have_text(str(count) if count else "✓")


BLANK = Image.new("L", (1, 1), "white")


def start_browser(playwright: Playwright, folder: Path, film: chromium.Film) -> tuple[BrowserContext, Page]:
    """A phone's browser that keeps what it is told to keep."""
    for lock in folder.glob("Singleton*"):
        lock.unlink()
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium.find_chromium(), args=[*chromium.FLAGS, *chromium.SPARING, film.flag],
        locale="uk-UA", timezone_id="Europe/Kyiv", viewport=chromium.PHONE, has_touch=True,
    )  # fmt: skip
    context.set_default_timeout(chromium.PATIENCE)
    context.add_init_script(chromium.UNHURRIED)
    return context, context.pages[0]


def kill_browser(folder: Path) -> None:
    """As a battery does: nothing is closed, nothing is written any more."""
    mine = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if f"--user-data-dir={folder}" in command:
                mine.append(int(process.name))
    assert mine
    for number in mine:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def let_worker_send(page: Page) -> None:
    """Give the service worker the event of Background Sync, which no headless browser fires by itself."""
    session = page.context.new_cdp_session(page)
    registrations: list[dict[str, str]] = []

    def living(told: dict[str, list[dict[str, str]]]) -> None:
        registrations.extend(one for one in told["registrations"] if not one["isDeleted"])

    session.on("ServiceWorker.workerRegistrationUpdated", living)
    session.send("ServiceWorker.enable")
    wait_for(page, lambda: bool(registrations), "the worker's registration")
    scope, number = registrations[-1]["scopeURL"], registrations[-1]["registrationId"]
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": scope.removesuffix("/field/"), "registrationId": number, "tag": "aidtrack-field-sync",
         "lastChance": True},
    )  # fmt: skip
    session.detach()


def wait_for(page: Page, look: Callable[[], bool], what: str) -> None:
    """Look a few times a second; the browser goes on meanwhile."""

    def looked() -> bool:
        page.wait_for_timeout(100)
        return look()

    patience.until(looked, what)


def give_online(village: Village, n: int) -> None:
    with village.app.app_context(), unit_of_work() as session:
        command = HandOut(client_id=uuid4(), code=village.code(n), place_id=village.world.place_id)
        services.hand_out(session, command, actor=village.helper.actor, now=utc_now())


def outcomes(village: Village) -> dict[str, int]:
    with village.app.app_context(), unit_of_work() as session:
        return dict(Counter(outcome.value for outcome in session.scalars(select(FieldOutcome.outcome))))


def brought_by_hand(village: Village, file: Path) -> list[str]:
    """What becomes of each event of a file that the phone saved."""
    actor = village.manager.actor
    with village.app.app_context():
        receipts = importing.take(
            importing.opened(read_session(), file.read_bytes(), actor=actor), actor=actor
        )
    assert len(receipts) == 2
    return sorted(outcomes(village))


def open_cases(village: Village) -> list[str]:
    with village.app.app_context(), unit_of_work() as session:
        found = session.scalars(select(ReviewCase.kind).where(ReviewCase.settled_at.is_(None)))
        return sorted(kind.value for kind in found)
