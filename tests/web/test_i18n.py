"""Which language a page speaks, and the catalogue it speaks from."""

import os
import stat
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_babel import force_locale

from aidtrack.kernel.actor import Actor
from aidtrack.web import i18n
from tests.web.support import Someone, send

PO = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\\n"

msgid "{id}"
msgstr "{text}"

msgid "%(num)d family"
msgid_plural "%(num)d families"
msgstr[0] "%(num)d сім’я"
msgstr[1] "%(num)d сім’ї"
msgstr[2] "%(num)d сімей"
"""


def rooms(folder: Path, **texts: str) -> Path:
    where = folder / "uk" / "LC_MESSAGES"
    where.mkdir(parents=True, exist_ok=True)
    for room, text in texts.items():
        (where / f"{room}.po").write_text(PO.replace("{id}", room).replace("{text}", text), encoding="utf-8")
    return folder


def compiled(place: Path) -> Path:
    return place / "uk" / "LC_MESSAGES" / "messages.mo"


def say(place: Path, text: str) -> str:
    from babel.support import Translations

    return Translations.load(str(place), ["uk"]).ugettext(text)


def test_the_browsers_preference_is_not_asked(browser_like: FlaskClient, someone: Someone) -> None:
    someone.actor = None
    assert '<html lang="uk">' in browser_like.get("/help", headers={"Accept-Language": "en"}).text


def test_the_persons_choice_goes_before_the_cookie(browser_like: FlaskClient, someone: Someone) -> None:
    browser_like.set_cookie("aidtrack_language", "en")
    assert '<html lang="uk">' in browser_like.get("/help").text
    someone.actor = None
    assert '<html lang="en">' in browser_like.get("/help").text


def test_a_text_within_a_page_may_be_in_another_language(web_app: Flask) -> None:
    text = "{{ _('Save') }}, {{ ngettext('%(num)d row', '%(num)d rows', 2) }}, {{ _('%(a)s <b>', a='<i>') }}"
    with web_app.test_request_context("/"):
        ours = render_template_string(text)
        with force_locale("en"):
            assert render_template_string(text) == "Save, 2 rows, &lt;i&gt; <b>"
        assert render_template_string(text) == ours and ours.startswith("Зберегти")
        i18n.speak("en")
        assert render_template_string(text).startswith("Save")


def test_an_unknown_language_is_ukrainian(browser_like: FlaskClient, someone: Someone) -> None:
    someone.actor = None
    browser_like.set_cookie("aidtrack_language", "../../etc")
    assert '<html lang="uk">' in browser_like.get("/help").text


def test_the_choice_is_remembered_with_the_person(
    browser_like: FlaskClient, web_app: Flask, someone: Someone
) -> None:
    asked: list[tuple[str, str]] = []

    def remember(actor: Actor, code: str) -> None:
        asked.append((actor.label, code))

    web_app.extensions[i18n.SET_LANGUAGE] = remember
    send(browser_like, "/language", {"language": "en"})
    send(browser_like, "/language", {"language": "xx"})
    assert asked == [("olena", "en"), ("olena", "uk")]


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example"])
def test_the_switch_leads_nobody_away(browser_like: FlaskClient, target: str) -> None:
    assert send(browser_like, "/language", {"language": "en", "next": target}).location == "/"


def test_a_switch_sent_by_a_foreign_page_is_refused(browser_like: FlaskClient) -> None:
    assert browser_like.post("/language", data={"language": "en"}).status_code == 400


def test_the_rooms_catalogues_become_one(tmp_path: Path) -> None:
    place = i18n.compile_catalogue(
        tmp_path / "instance", rooms(tmp_path / "t", stock="Склад", rounds="Роздачі")
    )
    assert (say(place, "stock"), say(place, "rounds")) == ("Склад", "Роздачі")


def test_ukrainian_has_three_forms(tmp_path: Path) -> None:
    from babel.support import Translations

    place = i18n.compile_catalogue(tmp_path / "instance", rooms(tmp_path / "t", stock="Склад"))
    words = Translations.load(str(place), ["uk"])
    forms = {
        n: words.ungettext("%(num)d family", "%(num)d families", n) % {"num": n}
        for n in (1, 2, 5, 11, 21, 112)
    }
    assert forms == {
        1: "1 сім’я", 2: "2 сім’ї", 5: "5 сімей", 11: "11 сімей", 21: "21 сім’я", 112: "112 сімей",
    }  # fmt: skip


def test_a_changed_file_is_compiled_anew_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    folder = rooms(tmp_path / "t", stock="Склад")
    place = i18n.compile_catalogue(tmp_path / "instance", folder)
    os.utime(compiled(place), (1, 1))
    i18n.compile_catalogue(tmp_path / "instance", folder)
    assert compiled(place).stat().st_mtime == 1
    rooms(folder, stock="Комора")
    assert say(i18n.compile_catalogue(tmp_path / "instance", folder), "stock") == "Комора"


def test_where_the_package_cannot_be_written_the_instance_holds_the_catalogue(tmp_path: Path) -> None:
    folder = rooms(tmp_path / "t", stock="Склад")
    # a directory where the file should be stands for a read-only package, also for root
    compiled(folder).mkdir()
    (compiled(folder) / "x").touch()
    place = i18n.compile_catalogue(tmp_path / "instance", folder)
    assert place == tmp_path / "instance" / "translations"
    assert say(place, "stock") == "Склад"


def test_others_may_read_the_catalogue(tmp_path: Path) -> None:
    place = i18n.compile_catalogue(tmp_path / "instance", rooms(tmp_path / "t", stock="Склад"))
    assert compiled(place).stat().st_mode & stat.S_IROTH
