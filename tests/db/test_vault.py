"""Keyed hashes are HMAC-SHA-256 as anybody computes it: what is stored stays findable."""

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.db.vault import Vault

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
