"""What issue 4 calls bad input, typed into the pages: the sentence in both languages, and nothing typed is lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aidtrack.accounts.models import UserAccount
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.models import Household, Person
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.families import BAD_TAX_ID, member, registered
from tests.beneficiaries.test_pages import hidden
from tests.support.people import Somebody, add_person, add_site, bearer, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
STREET = "вул. Вигадана, 3"
HEAD = {
    "members-0-surname": "Інакшенко", "members-0-given_name": "Ірина", "members-0-sex": "female", "members-0-birth_date": "1985-05-17",
}  # fmt: skip
NEW = {"settlement": "Дніпро", "address": STREET, "step": "save", **HEAD}
ACT = {
    "act_number": "А-5", "made_on": "2026-11-03", "valid_until": "2027-05-03", "at_home": "yes", "living_conditions": "no",
    "notes": "Окремі слова",
}  # fmt: skip
DECISION = {"body": "council", "number": "Р-99", "decided_on": "2026-11-10", "valid_from": "2026-11-10"}


@dataclass(frozen=True)
class Bad:
    """One form sent: what is told about it in Ukrainian and in English, and what must still stand in it."""

    page: str
    fields: dict[str, str]
    uk: str
    en: str
    kept: tuple[str, ...]
    mended: dict[str, str] = field(default_factory=dict)  # with this it goes through


UNPROVEN = ("не підтверджено", "unproven")
REGISTER, PAPER, MEMBER = "/families/new", "/cases/families/{family}/", "/families/{family}/members/new"
BAD: dict[str, Bad] = {
    "born in the future": Bad(REGISTER, NEW | {"members-0-birth_date": "2999-01-01"}, "Ця дата надто далека. Перевірте рік.", "This date is too far away. Check the year.", (STREET, "2999-01-01")),
    "born 130 years ago": Bad(REGISTER, NEW | {"members-0-birth_date": "1890-01-01"}, "Ця дата надто далека. Перевірте рік.", "This date is too far away. Check the year.", (STREET, "1890-01-01")),
    "a wrong check digit": Bad(
        REGISTER, NEW | {"members-0-tax_id": BAD_TAX_ID}, "Контрольна цифра цього РНОКПП не сходиться.", "The check digit of this taxpayer number does not fit.", (STREET, BAD_TAX_ID), {"members-0-tax_id_confirmed": "y"},
    ),
    "the document of somebody else": Bad(
        REGISTER, NEW | {"members-0-document": "паспорт AH 123456"}, "Можливо, цю сім’ю вже взято на облік.", "This family may be registered already.", (STREET, "паспорт AH 123456"), {"go_on_reason": "двоє"},
    ),
    "a member of another family": Bad(
        MEMBER, {"surname": "Дем’яненко", "given_name": "Олена", "sex": "female", "birth_date": "1980-01-02"}, "Можливо, цю сім’ю вже взято на облік.", "This family may be registered already.",
        ("Дем’яненко", "1980-01-02"), {"go_on_reason": "двоє"},
    ),
    "an act past its validity": Bad(
        PAPER + "assessment", ACT | {"made_on": "2025-01-01", "valid_until": "2025-06-01"}, "Строк дії цього акта минув", "This act is out of date",
        ("Окремі слова", "2025-06-01"), {"expired_confirmed": "y"},
    ),
    "an act that ends before it begins": Bad(
        PAPER + "assessment", ACT | {"valid_until": "2026-11-02"}, "Останній день передує першому.", "The last day lies before the first one.", ("Окремі слова", "2026-11-02"),
    ),
    "a decision before the act": Bad(
        PAPER + "decision", DECISION | {"decided_on": "2024-11-10", "valid_from": "2024-11-10"}, "Рішення датоване раніше за акт оцінки потреб", "The decision lies before the needs-assessment act", ("Р-99", "2024-11-10"),
    ),
}  # fmt: skip


class Office:
    """A caseworker, a family with an act, and another one like whoever will be typed."""

    def __init__(self, app: Flask, unit: Unit) -> None:
        self.app, self.unit = app, unit
        with unit() as session:
            services.seed_category_kinds(session)
            self.who: Somebody = add_person(session, Role.CASEWORKER, site_ids=[add_site(session)])
            actor: Actor = self.who.actor
            self.family = registered(session, actor)
            there = member("Дем'яненко", "Олена", birth_date=date(1980, 1, 2), document="АН123456")
            self.other = registered(session, actor, head=there, phone="0671234567")
        self.desk: FlaskClient = sign_in(app, self.who)
        self.send(PAPER + "assessment", ACT)

    def send(self, page: str, fields: Mapping[str, str | Sequence[str]]) -> tuple[int, str]:
        address = page.format(family=self.family)
        [site] = self.who.actor.site_ids
        sent = {**hidden(self.desk.get(address).text), "site_id": str(site), **fields}
        answer = self.desk.post(address, data=sent)
        return answer.status_code, answer.text

    def speaks(self, language: str) -> None:
        with self.unit() as session:
            session.execute(update(UserAccount).values(language=language))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Services are tested on both databases; pages are the same on each."""
    return sqlite_url


@pytest.fixture
def office(app: Flask, unit: Unit) -> Iterator[Office]:
    before = app.config["WTF_CSRF_ENABLED"]
    app.config["WTF_CSRF_ENABLED"] = False
    yield Office(app, unit)
    app.config["WTF_CSRF_ENABLED"] = before


@pytest.mark.parametrize("language", ["uk", "en"])
def test_it_is_told_in_words_and_nothing_typed_is_lost(office: Office, language: str) -> None:
    office.speaks(language)
    wrong: dict[str, object] = {}
    for name, bad in BAD.items():
        status, page = office.send(bad.page, bad.fields)
        lost = [text for text in bad.kept if text not in page]
        if status != 422 or lost or (bad.uk if language == "uk" else bad.en) not in page:
            wrong[name] = (status, lost)
    assert wrong == {}
    with office.unit() as session:
        assert session.scalar(select(func.count()).select_from(Household)) == 2
        assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_a_day_to_come_is_told_from_a_year_mistyped(office: Office) -> None:
    tomorrow = local_date(utc_now()) + timedelta(days=1)
    for language, words in (("uk", "не може бути в майбутньому"), ("en", "cannot lie in the future")):
        office.speaks(language)
        status, page = office.send(REGISTER, NEW | {"members-0-birth_date": tomorrow.isoformat()})
        assert status == 422 and words in page and tomorrow.isoformat() in page


def test_what_is_asked_about_goes_through_when_it_is_answered(office: Office) -> None:
    answers = {
        name: office.send(bad.page, bad.fields | bad.mended)[0] for name, bad in BAD.items() if bad.mended
    }
    assert len(answers) == 4 and set(answers.values()) == {303}


def test_who_gives_no_number_and_no_paper_is_registered(office: Office) -> None:
    """A tax number may be refused by belief: neither it nor a document is asked for again."""
    assert office.send(REGISTER, NEW)[0] == 303
    with office.unit() as session:
        newest = session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()
        assert (newest.tax_id_hash, newest.document) == (None, None)


@pytest.mark.parametrize(
    "surname", ["Дем'яненко", "Дем’яненко", "Демʼяненко", "Дeм'янeнко"]
)  # the last with Latin e
def test_apostrophes_and_latin_letters_do_not_hide_a_person(office: Office, surname: str) -> None:
    typed = NEW | {
        "members-0-surname": surname,
        "members-0-given_name": "Олена",
        "members-0-birth_date": "1980-01-02",
    }
    status, page = office.send(REGISTER, typed)
    assert status == 422 and f"/families/{office.other}" in page
    assert surname in unescape(page), "as it was typed: nothing is mended behind anybody's back"
    found = office.desk.post("/families", data={"q": surname}).text
    assert f"/families/{office.other}" in found


def test_a_phone_as_it_is_dictated_is_kept_as_one_number_and_found(office: Office) -> None:
    assert office.send(REGISTER, NEW | {"phone": "8050 111-22-33"})[0] == 303
    with office.unit() as session:
        newest = session.scalars(select(Household).order_by(Household.id.desc()).limit(1)).one()
        assert newest.phone == "+380501112233"
    status, page = office.send(REGISTER, NEW | {"phone": "80671234567", "members-0-given_name": "Інна"})
    assert status == 422 and f"/families/{office.other}" in page, "the same as 067 123 45 67"


def test_a_category_without_a_paper_is_allowed_and_shown_as_unproven(office: Office) -> None:
    page = f"/families/{office.family}/categories/new"
    assert office.send(page, {"kind": "szho", "valid_from": "2026-11-01"})[0] == 303
    for language, words in (("uk", UNPROVEN[0]), ("en", UNPROVEN[1])):
        office.speaks(language)
        assert words in office.desk.get(f"/families/{office.family}").text
    held = office.desk.get(
        f"/api/v1/families/{office.family}", headers=bearer(office.app, Role.CASEWORKER)
    ).get_json()
    assert [(one["proven"], one["evidence"]) for one in held["category_papers"]] == [(False, None)]


def test_a_program_is_asked_about_a_member_of_two_families(office: Office) -> None:
    headers = bearer(office.app, Role.CASEWORKER)
    version = office.desk.get(f"/api/v1/families/{office.family}", headers=headers).get_json()["version"]
    body = {
        "id": str(uuid4()), "version": version, "joined_on": "2026-11-01", "surname": "ДЕМ’ЯНЕНКО", "given_name": "Олена", "sex": "female",
        "birth_date": "1980-01-02",
    }  # fmt: skip
    address = f"/api/v1/families/{office.family}/members"
    asked = office.desk.post(address, json=body, headers=headers)
    assert (asked.status_code, asked.get_json()["code"]) == (409, "possible_duplicate")
    assert asked.get_json()["facts"]["reasons"] == {str(office.other): ["name_and_birth_date"]}
    answered = office.desk.post(address, json=body | {"go_on_reason": "сестра"}, headers=headers)
    assert answered.status_code == 201
