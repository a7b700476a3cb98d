"""The phone's page as it is served: the same for everybody, complete, in both languages."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aidtrack.scanner.field import joining, shell
from aidtrack.scanner.field.joining import CannotJoin, in_order, joined
from aidtrack.scanner.field.styling import used, words_of
from tests.support import people
from tests.support.people import Somebody

TROUBLES = {"chain_moved", "pack_unreadable", "newer_pack"}  # of sending and fetching, not of a voucher
STATIC = Path(joining.__file__).resolve().parents[2] / "static"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """No page here asks the database anything."""
    return sqlite_url


def words(page: str) -> dict[str, str]:
    found = re.search(r'data-words="([^"]+)"', page)
    assert found is not None
    read: dict[str, str] = json.loads(
        found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    )
    return read


def test_it_is_the_same_for_everybody(app: Flask, client: FlaskClient, warehouse: Somebody) -> None:
    signed_in = people.sign_in(app, warehouse)
    for address in ("/field/uk", "/field/en", "/sw.js", "/field/app-uk.webmanifest"):
        nobody = client.get(address)
        assert nobody.status_code == 200
        assert "Set-Cookie" not in nobody.headers
        assert nobody.headers["Cache-Control"] == "no-cache"
        assert nobody.data == signed_in.get(address).data


def test_both_languages_have_all_the_words(client: FlaskClient) -> None:
    ukrainian, english = words(client.get("/field/uk").text), words(client.get("/field/en").text)
    assert ukrainian.keys() == english.keys()
    same = {name for name in english if english[name] == ukrainian[name]}
    assert same == {"lot_undated"}, "words that were not translated"
    assert ukrainian["persons_few"] == "%(num)s особи"
    assert english["persons_one"] == "%(num)s person"


def test_refusals_are_worded_apart(client: FlaskClient) -> None:
    kinds = json.loads((ROOT / "tests" / "vectors" / "refusals.json").read_text(encoding="utf-8"))["kinds"]
    for language in ("uk", "en"):
        said = words(client.get(f"/field/{language}").text)
        for part in ("title", "text"):
            assert len({said[f"{part}_{code}"] for code in kinds}) == len(kinds), f"{part}s in {language}"


def test_every_refusal_of_the_phone_has_a_sentence(client: FlaskClient) -> None:
    said = words(client.get("/field/uk").text)
    assert "trouble_newer_pack" in said
    for module in ("judge", "events", "voucher", "papercode", "pack", "store"):
        script = (STATIC / "js" / "field" / f"{module}.js").read_text()
        for code in set(re.findall(r'Refusal\("(\w+)"', script)) - TROUBLES:
            assert f"text_{code}" in said, f"{module}.js refuses with {code}"
    script = (STATIC / "js" / "field" / "sync.js").read_text()
    for code in re.findall(r'\["(\w+)", 40[13]\]', script):
        assert f"trouble_{code}" in said


def test_without_a_choice_it_speaks_ukrainian_else_the_cookies_language(client: FlaskClient) -> None:
    assert '<html lang="uk">' in client.get("/field/").text
    client.set_cookie("aidtrack_language", "en")
    assert '<html lang="en">' in client.get("/field/").text


def test_it_may_run_the_reader_and_nothing_inline(client: FlaskClient) -> None:
    answer = client.get("/field/uk")
    assert "'wasm-unsafe-eval'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|\son[a-z]+=", answer.text)


@pytest.mark.parametrize("address", ["/sw.js", "/sw.js?kind=plain"])
def test_everything_the_worker_keeps_is_there(client: FlaskClient, address: str) -> None:
    text = client.get(address).text
    found = re.search(r"const KEPT = (\{.*\});", text)
    assert found is not None
    kept = json.loads(found[1])
    assert kept["pages"] == {"uk": "/field/uk", "en": "/field/en"}
    for file in [*kept["files"], *kept["pages"].values()]:
        with client.get(file) as answer:
            assert answer.status_code == 200, file
    assert any(file.endswith(".wasm") for file in kept["files"])
    assert ("import {" in text) == (address == "/sw.js"), "browsers whose workers know no modules"
    page = client.get("/field/uk").text
    named = set(re.findall(r'(?:src|href)="(/(?:assets|field)/[^"]+)"', page)) - {"/field/en", "/field/uk"}
    assert named <= set(kept["files"]), "the page asks for nothing that is not kept"


def test_the_pages_script_is_kept_for_ever_under_its_version(client: FlaskClient) -> None:
    page = client.get("/field/uk").text
    found = re.search(r'src="(/field/[^"]+/page\.js)"', page)
    assert found is not None
    answer = client.get(found[1])
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/javascript"
    assert client.get("/field/older/page.js").headers["Cache-Control"] == "no-cache"


def test_its_styles_are_one_file_with_all_that_the_page_could_use(client: FlaskClient) -> None:
    page = client.get("/field/uk")
    [address] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    assert f"<{address}>; rel=preload; as=style" in page.headers["Link"]
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/field/older/page.css").headers["Cache-Control"] == "no-cache"
    for path in shell.STYLES:
        sheet = (STATIC / path).read_text()
        for name in set(re.findall(r'class="([^"{]+)"', page.text)):
            for one in name.split():
                if f".{one}" in sheet:
                    assert f".{one}" in answer.text, f"{path} speaks of {one}"
    assert len(client.get(address, headers={"Accept-Encoding": "gzip"}).data) < 16_000


@pytest.mark.parametrize(
    ("sheet", "left"),
    [
        ("p{a:1}b{a:2}", "p{a:1}"),
        ("p,b{a:1}", "p{a:1}"),
        (".seen .no,p.seen:hover{a:1}", "p.seen:hover{a:1}"),
        ("p:not(b, .no){a:1}", "p:not(b, .no){a:1}"),
        (":is(b, p) > p::before{a:1}", ":is(b, p) > p::before{a:1}"),
        ("[type=radio]{a:1}[type=seen]{a:1}[data-no]{a:1}", "[type=seen]{a:1}"),
        ("@media x{b{a:1}}@media y{b{a:1}p{a:1}}", "@media y{p{a:1}}"),
        ("@keyframes no{from{a:1}}", "@keyframes no{from{a:1}}"),
        ('@charset "UTF-8";p::after{content:"}"}', '@charset "UTF-8";p::after{content:"}"}'),
        ("/* b{ */:root{--a:1}*{a:1}", ":root{--a:1}*{a:1}"),
    ],
)
def test_a_rule_leaves_only_when_nothing_can_use_it(sheet: str, left: str) -> None:
    assert used(sheet, words_of('<p class="seen" type="x">')) == left


# -- many modules as one -----------------------------------------------------------------------------


def test_our_own_modules_can_be_joined() -> None:
    order = in_order(STATIC, "js/field/page/main.js")
    assert order[-1] == "js/field/page/main.js"
    assert len(order) == len(set(order)) > 40
    assert "js/counter/calls.js" not in order, "the phone does not speak to the counter's server"
    assert not re.search(r"^(import|export)\b", joined(STATIC, "js/field/page/main.js", "x"), re.MULTILINE)


def written(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder


def test_names_of_one_module_are_not_anothers(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        a='// why\nimport { b as c } from "./b.js";\nimport * as all from "./b.js";\nexport const d = c() + all.b();\n',
        b="const c = 1;\nexport function b() { return c; }\nconst x = 2;\nexport { x as y };\n",
    )
    assert joined(folder, "a.js", "1").splitlines() == [
        "const m0 = (() => {",
        "const c = 1;",
        "function b() { return c; }",
        "const x = 2;",
        "return { b, y: x };",
        "})();",
        "const m1 = (() => {",
        "const { b: c } = m0;",
        "const all = m0;",
        "const d = c() + all.b();",
        "return { d };",
        "})();",
        "export const { d } = m1;",
    ]


@pytest.mark.parametrize(
    "modules",
    [
        {"a": 'import { b } from "./b.js";\n', "b": 'import { a } from "./a.js";\nexport const b = 1;\n'},
        {"a": "export default 1;\n"},
        {"a": 'import b from "./b.js";\n'},
        {"a": "await 1;\n"},
    ],
)
def test_what_cannot_be_joined_is_refused(tmp_path: Path, modules: dict[str, str]) -> None:
    with pytest.raises(CannotJoin):
        joined(written(tmp_path, **modules), "a.js", "1")
