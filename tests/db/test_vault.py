"""Keyed hashes are HMAC-SHA-256 as anybody computes it: what is stored stays findable."""

import hmac
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.config import Config
from aidtrack.db.vault import Vault, hash_key_of

DATA_KEY = b"for tests only, nowhere else....."
DIGEST_KEY = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"aidtrack keyed hash v1").derive(DATA_KEY)
VAULT = Vault(DATA_KEY)


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=200),
    st.sampled_from(["person.tax_id", "name.token"]),
)
def test_a_digest_is_the_librarys_hmac(text: str, purpose: str) -> None:
    expected = hmac.digest(DIGEST_KEY, purpose.encode() + b"\0" + text.encode(), sha256)
    assert VAULT.digest(text, purpose) == expected


def test_in_a_change_of_the_data_key_the_former_one_still_opens_and_finds(tmp_path: Path) -> None:
    newest = b"the data key that followed it...."
    keys = Config(
        "sqlite://", "-", newest, production=False, instance=tmp_path, hash_key=hash_key_of(DATA_KEY),
        old_data_key=DATA_KEY,
    )  # fmt: skip
    vault = Vault.of(keys)
    assert vault.decrypt(VAULT.encrypt("Олена", "person.surname"), "person.surname") == "Олена"
    assert vault.digest("Олена", "name.token") == VAULT.digest("Олена", "name.token")
    assert Vault(newest).decrypt(vault.encrypt("Олена", "person.surname"), "person.surname") == "Олена"
