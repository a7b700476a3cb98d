"""Templates that compile, exist, are used, and ask for nothing the security headers forbid."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from aidtrack.db import db
from tests.conftest import build, config_for

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
NAMED = re.compile(r"""(["'])([\w/-]+\.html)\1""")
# Pages that stand without the common frame, each with its reason.
WITHOUT_FRAME = {
    "base.html",  # the frame itself
    "web/plain.html",  # needs no database
    "slots/screen.html",  # hangs on a wall: numbers alone, nothing to press
    "lan/page.html",  # read before a phone trusts the server at all
    "scanner/field.html",  # kept on phones: nobody's name, nobody's token
}


@pytest.fixture(scope="module")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("templates")
    app = build(config_for(f"sqlite:///{folder / 'empty.sqlite3'}", folder))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@cache
def text_of(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def tree(app: Flask, name: str) -> nodes.Template:
    return app.jinja_env.parse(text_of(name), name, name)


def named_in_templates(template: nodes.Template) -> set[str]:
    """Templates that this one extends, includes or imports."""
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    found = set()
    for node in template.find_all(kinds):
        assert isinstance(node, kinds)
        found |= {
            const.value
            for const in [node.template, *node.template.find_all(nodes.Const)]
            if isinstance(const, nodes.Const)
        }
    return found


@cache
def named_in_python() -> dict[str, str]:
    """Every "…/….html" in the Python files, with the file that names it."""
    found = {}
    for path in (ROOT / "aidtrack").rglob("*.py"):
        for _quote, name in NAMED.findall(path.read_text(encoding="utf-8")):
            found[name] = str(path.relative_to(ROOT))
    return found


def test_each_compiles(whole_app: Flask) -> None:
    for name in NAMES:
        whole_app.jinja_env.get_template(name)  # names the file and the line where it does not


def test_every_template_that_is_named_exists() -> None:
    assert {name: file for name, file in named_in_python().items() if name not in NAMES} == {}


def test_every_template_is_used(whole_app: Flask) -> None:
    used = set(named_in_python())
    for name in NAMES:
        used |= named_in_templates(tree(whole_app, name))
    assert set(NAMES) - used == set()


def test_what_each_builds_on_exists(whole_app: Flask) -> None:
    missing = {name: named_in_templates(tree(whole_app, name)) - set(NAMES) for name in NAMES}
    assert {name: what for name, what in missing.items() if what} == {}


def test_every_address_that_is_linked_to_exists(whole_app: Flask) -> None:
    known = set(whole_app.view_functions)
    in_some_room = {endpoint.partition(".")[2] for endpoint in known}
    for name in NAMES:
        for call in tree(whole_app, name).find_all(nodes.Call):
            named = isinstance(call.node, nodes.Name) and call.node.name == "url_for"
            if named and isinstance(call.args[0], nodes.Const):
                endpoint: str = call.args[0].value
                found = endpoint[1:] in in_some_room if endpoint.startswith(".") else endpoint in known
                assert found, f"{name}:{call.lineno} {endpoint}"


@pytest.mark.parametrize(
    "unwanted",
    [
        r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']",  # inline styles and scripts: the headers forbid them
        r"<script(?![^>]*\ssrc=)",
        r"\|\s*safe\b|autoescape\s+false",
        r"[\"'(](https?:)?//",  # a page of ours asks no foreign host
    ],
)
def test_nothing_is_inline_unescaped_or_foreign(unwanted: str) -> None:
    found = {name: re.search(unwanted, text_of(name)) for name in NAMES}
    assert {name: what for name, what in found.items() if what} == {}


def test_pages_stand_in_the_common_frame(whole_app: Flask) -> None:
    assert {name for name in NAMES if "<html" in text_of(name)} == WITHOUT_FRAME
    extending = {name for name in NAMES if any(tree(whole_app, name).find_all(nodes.Extends))}
    assert extending & WITHOUT_FRAME == set()


def test_every_posting_form_carries_its_token() -> None:
    for name in NAMES:
        for form in re.findall(
            r"<form\b[^>]*method=\"post\".*?</form>", text_of(name), re.DOTALL | re.IGNORECASE
        ):
            if " name=" not in form:
                continue  # sends nothing by itself: a script reads it and brings the token in a header
            assert "csrf_token" in form or "hidden_tag()" in form, f"{name}: {form[:80]}"


LISTS = re.compile(r"call(?:\(\w+\))? table\((.*?)%\}", re.DOTALL)
PRINTED = {"inventory/receipt_act.html"}  # paper, which is wide enough


def test_a_list_of_four_columns_or_more_folds_on_a_phone() -> None:
    wide = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        for call in LISTS.findall(path.read_text(encoding="utf-8"))
        for heads in re.findall(r"\[(.*?)\]", call, re.DOTALL)[:1]
        if heads.count("_(") >= 4 and "kind=" not in call
    }
    assert wide == PRINTED
