"""Files of unsent events: only the centre's key opens them, and nothing read by hand stops the program."""

import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.distribution.signing import new_private_key, public_key_to_bytes
from aidtrack.scanner.devices import files

KEY = new_private_key()
CONTENT: dict[str, Any] = {"device": "d", "events": [{"body": "Ґ" * 50, "sig": "s"}]}


def a_file(content: dict[str, Any], key: ec.EllipticCurvePrivateKey = KEY) -> bytes:
    point = public_key_to_bytes(key.public_key())
    return files.write(content, point, private_key=new_private_key(), nonce=os.urandom(12))


def test_a_file_is_read_back() -> None:
    assert files.read(a_file(CONTENT), KEY) == CONTENT


def test_another_centre_cannot_read_it() -> None:
    with pytest.raises(files.NotOurFile):
        files.read(a_file(CONTENT, new_private_key()), KEY)


def test_something_else_in_it_is_refused() -> None:
    for content in ({"device": "d"}, {"events": 7}):
        with pytest.raises(files.NotOurFile):
            files.read(a_file(content), KEY)


def test_a_small_file_does_not_swell_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = a_file({"events": ["0" * 1_000_000]})
    assert len(bomb) < 10_000
    monkeypatch.setattr(files, "LARGEST_CONTENT", 100_000)
    with pytest.raises(files.NotOurFile):
        files.read(bomb, KEY)


WHOLE = a_file(CONTENT)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255), st.binary(max_size=200))
def test_a_changed_cut_or_made_up_file_is_refused_in_words(place: int, change: int, made_up: bytes) -> None:
    changed = WHOLE[:place] + bytes([WHOLE[place] ^ change]) + WHOLE[place + 1 :]
    for data in (changed, WHOLE[:place], made_up, files.MAGIC + made_up):
        with pytest.raises(files.NotOurFile):
            files.read(data, KEY)
