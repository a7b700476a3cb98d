"""The pack's bytes: read back whole, and nothing half is taken for a pack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.distribution.phones.encoding import b64, from_b64
from aidtrack.scanner.pack.layout import BrokenPack, assemble, take_apart

BLOBS = {"void": b"\x80" + bytes(99), "rows": b"row" * 50, "typed": b""}
HEAD = {"v": 1, "place": {"name_uk": "Бус"}}


def test_a_pack_is_read_back() -> None:
    head, blobs = take_apart(assemble(HEAD, BLOBS))
    assert blobs == BLOBS and {name: head[name] for name in HEAD} == HEAD
    assert [entry["name"] for entry in head["blobs"]] == list(BLOBS)


def test_what_the_phone_holds_is_not_sent_again() -> None:
    whole = assemble(HEAD, BLOBS)
    hashes = {entry["name"]: entry["hash"] for entry in take_apart(whole)[0]["blobs"]}
    smaller = assemble(HEAD, BLOBS, held=frozenset({f"rows.{hashes['rows']}", f"typed.{hashes['rows']}"}))
    assert len(smaller) < len(whole) - 130
    assert take_apart(smaller, kept={"rows": BLOBS["rows"]})[1] == BLOBS
    with pytest.raises(BrokenPack):
        take_apart(smaller)
    with pytest.raises(BrokenPack):
        take_apart(smaller, kept={"rows": b"row" * 49 + b"raw"})


@given(st.integers(0, len(assemble(HEAD, BLOBS)) - 1), st.integers(1, 255))
def test_a_changed_byte_of_a_blob_or_a_cut_is_seen(place: int, change: int) -> None:
    whole = assemble(HEAD, BLOBS)
    with pytest.raises(BrokenPack):
        take_apart(whole[:place])
    with pytest.raises(BrokenPack):
        take_apart(whole + b"x")
    start = len(whole) - sum(map(len, BLOBS.values()))
    if place >= start:
        with pytest.raises(BrokenPack):
            take_apart(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])


def test_another_version_is_refused() -> None:
    with pytest.raises(BrokenPack):
        take_apart(assemble({"v": 2}, {}))


@given(st.binary(max_size=60))
def test_base64_is_read_back(data: bytes) -> None:
    assert from_b64(b64(data)) == data


@given(st.text(max_size=40))
def test_other_text_is_a_value_error_and_nothing_else(text: str) -> None:
    try:
        from_b64(text)
    except ValueError:
        return
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
