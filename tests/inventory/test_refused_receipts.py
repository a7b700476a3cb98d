"""What a receipt refuses: in the language of whoever typed it, at the field, with everything kept as it was typed."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from aidtrack.inventory.models import Donation
from aidtrack.kernel.actor import Role
from tests.inventory.conftest import KG, Centre, Unit, line
from tests.inventory.pages import errors, fields, fill
from tests.support.people import client_as

RECEIVE = "/donations/receive"
QUANTITY = "lines-0-quantity"
# what is typed otherwise than well; the field that is blamed; what it says in Ukrainian and in English
Refused = tuple[dict[str, str], str, str, str]


def refusals(centre: Centre, language: str) -> list[Refused]:
    def quantity(typed: str, uk: str, en: str, **more: str) -> Refused:
        return {QUANTITY: typed, **more}, QUANTITY, uk, en

    return [
        quantity("", "Введіть кількість", "Enter"),
        quantity("-5 кг", "менше нуля", "below zero"),
        quantity("0 кг", "нуль", "zero"),
        quantity("NaN", "не кількість", "not a quantity"),
        quantity("1e999", "не кількість", "not a quantity"),
        quantity("1,2,3", "не кількість", "not a quantity"),
        quantity("5 л", "не підходить", "does not"),
        quantity("5 коробів", "невідома", "not known"),
        quantity("99999999999 т", "більше", "more"),
        quantity("0,0005 кг", "1 г", "1 g"),
        quantity("5 кг", "шт", "pcs", **{"lines-0-item_id": str(centre.kit)}),
        # the mark that stands between thousands in one language is the decimal mark of the other
        quantity("29.378 т" if language == "uk" else "29,378 т", "можна прочитати як", "can be read as"),
        quantity("500 кг", "вп’ятеро", "five times"),
        ({"donor_id": ""}, "donor_id", "Донор", "Donor"),
        ({"lines-0-item_id": ""}, "lines-0-item_id", "Виберіть товар", "Choose the item"),
        (
            {"lines-0-expires_on": "2020-01-01"},
            "lines-0-expires_on",
            "терміном придатності",
            "past their expiry",
        ),
        ({"lines-0-expires_on": "31.02.2027"}, "lines-0-expires_on", "день.місяць.рік", "day.month.year"),
        ({"arrived_on": "2099-01-01"}, "arrived_on", "ще не настала", "in the future"),
        ({"arrived_on": ""}, "arrived_on", "День надходження", "Day"),
        ({"earmarked": "y"}, "programme_id", "програму", "programme"),
        ({"lines-0-item_id": "", QUANTITY: ""}, "", "хоча б один рядок", "at least one line"),
        ({"lines-0-announced": "багато"}, "lines-0-announced", "не кількість", "not a quantity"),
    ]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing of what is refused here reaches a database."""
    return sqlite_url


@pytest.mark.parametrize("language", ["uk", "en"])
def test_every_refusal_speaks_the_language_blames_the_field_and_keeps_what_was_typed(
    app: Flask, unit: Unit, centre: Centre, received: Callable[..., int], language: str
) -> None:
    received(line(centre.rice, 100 * KG))  # so that there is a usual line
    keeper = client_as(app, Role.WAREHOUSE, site="DN")[0]
    speak(keeper, language)
    wrong = {}
    for changed, field, *sentences in refusals(centre, language):
        typed = {
            "donor_id": str(centre.wfp), "place_id": str(centre.warehouse), "lines-0-item_id": str(centre.rice),
            QUANTITY: "30 кг", "waybill": "ТТН 7", "note": "два мішки\nмокрі", **changed,
        }  # fmt: skip
        refused = fill(keeper, RECEIVE, **typed)
        said = errors(refused)
        kept = {
            name: value.replace("\r", "").strip() for name, value in fields(refused).items() if name in typed
        }
        sentence = sentences[language == "en"]
        lost = {name for name in typed if kept.get(name, "") != typed[name]}
        named = f'href="#{field}' in refused.text
        if refused.status_code != 422 or sentence.casefold() not in said.casefold() or lost or not named:
            wrong[str(changed)] = (refused.status_code, said, lost, named)
    assert wrong == {}
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 1


def speak(client: FlaskClient, language: str) -> None:
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get(RECEIVE).text)
    assert token is not None
    client.post("/language", data={"csrf_token": token[1], "language": language, "next": RECEIVE})
