"""Fields read what people type, and give it back untouched when they cannot."""

import re
import uuid
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from wtforms import FieldList, Form, FormField, StringField

from aidtrack.kernel.errors import CommandReused, Forbidden, InvalidValue, NotFound
from aidtrack.web.forms import BaseForm, read_day
from tests.web.support import ReceiveForm, SackIsWet, Someone, person, send

GOOD = {"item": "rice", "quantity": "25 кг", "day": "01.09.2022"}


def values(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', page)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2022-09-01", date(2022, 9, 1)), ("01.09.2022", date(2022, 9, 1)), ("1.9.2022", date(2022, 9, 1)),
     (" 29.02.2024 ", date(2024, 2, 29)), ("01/09/2022", date(2022, 9, 1))],
)  # fmt: skip
def test_a_day_is_read_as_people_and_browsers_write_it(text: str, day: date) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    "text", ["31.02.2022", "2022-13-01", "вчора", "1.9.22", "2022-W01-1", "20220901", ""]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_day(text)


def test_a_good_form_is_read(browser_like: FlaskClient, web_app: Flask) -> None:
    assert send(browser_like, "/receive", GOOD).status_code == 303
    (got,) = web_app.extensions["received"]
    assert (got["units"], got["day"]) == (25_000, date(2022, 9, 1))
    assert isinstance(got["command_id"], uuid.UUID)


def test_an_impossible_day_stays_as_typed_with_its_own_sentence(browser_like: FlaskClient) -> None:
    answer = send(browser_like, "/receive", {**GOOD, "day": "31.02.2022"})
    assert answer.status_code == 422
    assert values(answer.text, "day") == ["31.02.2022"]
    assert "Введіть дату як день.місяць.рік" in answer.text
    assert "Заповніть це поле" not in answer.text


def test_a_year_of_three_thousand_is_doubted(browser_like: FlaskClient) -> None:
    assert "Перевірте рік" in send(browser_like, "/receive", {**GOOD, "day": "01.09.3022"}).text


def test_missing_fields_are_named_above_and_at_the_field(browser_like: FlaskClient) -> None:
    page = send(browser_like, "/receive", {"item": "rice"}).text
    assert "2 зауваження, які треба виправити" in page
    assert '<a href="#quantity">' in page
    assert 'aria-describedby="quantity-hint quantity-error"' in page
    assert page.count('aria-invalid="true"') == 2


@pytest.mark.parametrize("typed", ["-5 кг", "0", "NaN", "1e999", "1,2,3", "5 шт", "<b>5</b>", "٣ кг"])
def test_a_bad_quantity_is_refused_and_kept_as_typed(browser_like: FlaskClient, typed: str) -> None:
    answer = send(browser_like, "/receive", {**GOOD, "quantity": typed})
    assert answer.status_code == 422
    shown = values(answer.text, "quantity")
    assert [text.replace("&lt;", "<").replace("&gt;", ">") for text in shown] == [typed]


def test_two_readings_are_asked_and_the_answer_counts(browser_like: FlaskClient, web_app: Flask) -> None:
    typed = {**GOOD, "quantity": "1.234 кг"}
    page = send(browser_like, "/receive", typed).text
    choices = values(page, "quantity-confirmed")
    assert len(choices) == 2
    first = send(browser_like, "/receive", {**typed, "quantity-confirmed": choices[0]})
    assert first.status_code == 303
    assert web_app.extensions["received"][0]["units"] == int(choices[0].split(":")[0])


def test_an_answer_given_for_another_text_does_not_count(browser_like: FlaskClient) -> None:
    stale = {**GOOD, "quantity": "1.235 кг", "quantity-confirmed": "1234000:1.234 кг"}
    assert send(browser_like, "/receive", stale).status_code == 422


def test_five_times_the_usual_is_asked_once_more(browser_like: FlaskClient, web_app: Flask) -> None:
    typed = {**GOOD, "quantity": "5 т"}
    answer = send(browser_like, "/receive", typed)
    assert answer.status_code == 422
    (choice,) = values(answer.text, "quantity-confirmed")
    assert send(browser_like, "/receive", {**typed, "quantity-confirmed": choice}).status_code == 303
    assert web_app.extensions["received"][0]["units"] == 5_000_000


def test_less_than_five_times_the_usual_is_not_asked(browser_like: FlaskClient) -> None:
    assert send(browser_like, "/receive", {**GOOD, "quantity": "4,999 т"}).status_code == 303


def test_both_doubts_are_settled_one_after_the_other(browser_like: FlaskClient, web_app: Flask) -> None:
    typed = {**GOOD, "quantity": "9.000 т"}
    page = send(browser_like, "/receive", typed).text
    large = next(choice for choice in values(page, "quantity-confirmed") if choice.startswith("9000000000:"))
    answer = send(browser_like, "/receive", {**typed, "quantity-confirmed": large})
    assert answer.status_code == 303
    assert web_app.extensions["received"][0]["units"] == 9_000_000_000


def test_the_command_id_is_new_on_a_fresh_page_and_kept_when_the_form_comes_back(
    browser_like: FlaskClient,
) -> None:
    fresh = values(browser_like.get("/receive").text, "command_id")[0]
    assert fresh != values(browser_like.get("/receive").text, "command_id")[0]
    back = send(browser_like, "/receive", {**GOOD, "day": "", "command_id": fresh})
    assert values(back.text, "command_id") == [fresh]


def test_a_refusal_of_the_service_stands_at_its_field(browser_like: FlaskClient) -> None:
    page = send(browser_like, "/receive", {**GOOD, "note": "wet"}).text
    assert re.search(
        r'id="quantity-error"[^>]*><span>[^<]*«wet»|id="quantity-error"[^>]*><span>[^<]*wet', page
    )


def test_a_refusal_without_a_field_stands_above_the_form(browser_like: FlaskClient) -> None:
    answer = send(browser_like, "/receive", {**GOOD, "note": "late"})
    assert answer.status_code == 422
    assert "Порівняйте обидва варіанти" in answer.text


def test_another_sites_object_is_not_explained_in_the_form(browser_like: FlaskClient) -> None:
    assert send(browser_like, "/receive", {**GOOD, "note": "elsewhere"}).status_code == 404


class Line(Form):
    amount = StringField()


class Lines(BaseForm):
    lines = FieldList(FormField(Line), min_entries=3)


def test_a_refusal_finds_its_line(web_app: Flask) -> None:
    with web_app.test_request_context():
        form = Lines()
        form.validate()
        form.show(SackIsWet(field="lines-2-amount", value="3"))
        assert form.lines.entries[2].form.amount.errors == ["Значення «3» тут не дозволене."] or (
            form.lines.entries[2].form.amount.errors
        )
        assert not form.form_errors
        assert form.errors


@pytest.mark.parametrize("field", ["lines-9-amount", "lines-2-other", "nothing", "lines-x"])
def test_a_refusal_for_a_field_that_is_not_here_goes_above_the_form(web_app: Flask, field: str) -> None:
    with web_app.test_request_context():
        form = Lines()
        form.validate()
        form.show(InvalidValue(field=field, value="3"))
        assert len(form.form_errors) == 1


@pytest.mark.parametrize("error", [Forbidden(), NotFound()])
def test_what_no_form_can_mend_is_raised_again(web_app: Flask, error: Exception) -> None:
    with web_app.test_request_context():
        form = ReceiveForm()
        with pytest.raises(type(error)):
            form.show(error)  # type: ignore[arg-type]


def test_a_reused_command_is_said_above_the_form(web_app: Flask) -> None:
    with web_app.test_request_context():
        form = ReceiveForm()
        form.show(CommandReused())
        assert form.form_errors == [
            "Цей запит уже використано для іншого. Оновіть сторінку і спробуйте ще раз."
        ]


def test_english_speaks_english(browser_like: FlaskClient, someone: Someone) -> None:
    someone.actor = person(language="en")
    page = send(browser_like, "/receive", {"item": "rice", "quantity": "1,234 kg", "day": ""}).text
    assert "This field is required." in page
