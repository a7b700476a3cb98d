"""Papers that a family takes home, through the pages that print them: what is held and who read it, and its voucher."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from aidtrack.accounts.models import UserAccount
from aidtrack.beneficiaries.models import HowTold, LegalGround
from aidtrack.beneficiaries.privacy import grounds
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from tests.beneficiaries.families import TODAY, registered
from tests.support.people import Somebody, add_person, client_as, sign_in
from tests.support.searching import words_of_pdf
from tests.support.two_sites import half, shared

Unit = Callable[[], AbstractContextManager[Session]]
WORDS = {
    "uk": ("ЩО ЗБЕРІГАЄТЬСЯ ПРО СІМ’Ю", "обслуговування сім’ї", "Мета"),
    "en": ("WHAT IS HELD ABOUT THE FAMILY", "serving the family", "What for"),
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Papers are the same on each database."""
    return sqlite_url


@pytest.mark.parametrize(("family", "colleague"), [("uk", "en"), ("en", "uk")])
def test_what_is_held_and_who_read_it_is_printed_in_the_familys_language(
    app: Flask, unit: Unit, worker: Somebody, family: str, colleague: str
) -> None:
    with unit() as session:
        household = registered(session, worker.actor)
        grounds.record_ground(
            session, household, ground=LegalGround.CONSENT, how=HowTold.ORAL, language=family, given_on=TODAY, today=TODAY,
            actor=worker.actor, now=utc_now(),
        )  # fmt: skip
        session.execute(update(UserAccount).values(language=colleague))
    desk = sign_in(app, worker)
    assert desk.get(f"/families/{household}").status_code == 200
    printed = words_of_pdf(desk.get(f"/families/{household}/held.pdf").data)
    assert [words for words in (*WORDS[family], worker.login) if words not in printed] == []
    assert [words for words in WORDS[colleague] if words in printed] == []


def test_the_address_for_complaints_comes_from_its_page_onto_every_printed_voucher(
    app: Flask, unit: Unit
) -> None:
    address = "dopomoga.example/v"
    with unit() as session:
        at = half(session, "DN", shared(session))
        who = add_person(session, Role.CASEWORKER, site_ids=[at.site_id])
    before, app.config["WTF_CSRF_ENABLED"] = app.config["WTF_CSRF_ENABLED"], False
    try:
        boss, _who = client_as(app, Role.ADMINISTRATOR)
        desk, papers = sign_in(app, who), f"/rounds/{at.numbers['round_id']}/print"
        for language, asked in (("uk", "скарги"), ("en", "complaints")):
            for layout in ("sheets", "cards"):
                form = {"layout": layout, "language": language, "which": "all"}
                assert address not in words_of_pdf(desk.post(papers, data=form).data)
                assert (
                    boss.post("/feedback/register/settings/address", data={"address": address}).status_code
                    == 303
                )
                printed = words_of_pdf(desk.post(papers, data=form).data)
                assert address in printed and asked in printed, (layout, language)
                assert (
                    boss.post("/feedback/register/settings/address", data={"address": ""}).status_code == 303
                )
    finally:
        app.config["WTF_CSRF_ENABLED"] = before
