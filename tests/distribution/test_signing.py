"""Voucher codes: exact layout, genuine or refused by name, whatever the scanner's keyboard does."""

import base64
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from aidtrack.distribution.errors import (
    BadSignature,
    DamagedVoucher,
    ForeignVoucher,
    NotAVoucher,
    UnknownKey,
    VoucherRefused,
)
from aidtrack.distribution.signing import (
    CODE_CHARACTERS,
    EPOCH,
    VoucherClaims,
    decode,
    encode,
    new_private_key,
    private_key_from_pem,
    private_key_to_pem,
    public_key_from_bytes,
    public_key_to_bytes,
    verify,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "voucher_codes.json").read_text(encoding="utf-8")
)
KEY = ec.derive_private_key(int(VECTORS["private_scalar_hex"], 16), ec.SECP256R1())
KEYS = {VECTORS["key_id"]: KEY.public_key()}
TAG: int = VECTORS["deployment_tag"]
ORDINARY = VECTORS["good"][0]
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

days = st.integers(-32768, 32767).map(lambda day: EPOCH + timedelta(days=day))
claims_of_ours = st.builds(
    lambda round_tag, voucher_id, status_index, profile, one, two: VoucherClaims(
        1, TAG, round_tag, voucher_id, status_index, profile, min(one, two), max(one, two)
    ),
    st.integers(0, 2**32 - 1),
    st.uuids(),
    st.integers(0, 2**24 - 1),
    st.integers(0, 2**16 - 1),
    days,
    days,
)


def _claims(written: dict[str, Any]) -> VoucherClaims:
    return VoucherClaims(
        **{
            **written,
            "voucher_id": UUID(written["voucher_id"]),
            "first_day": date.fromisoformat(written["first_day"]),
            "last_day": date.fromisoformat(written["last_day"]),
        }
    )


@pytest.mark.parametrize("case", VECTORS["good"], ids=lambda case: case["name"])
def test_a_good_code_verifies_and_says_what_was_signed(case: dict[str, Any]) -> None:
    assert verify(case["text"], KEYS, TAG) == _claims(case["claims"])
    assert encode(_claims(case["claims"]), KEY) == case["code"]


@pytest.mark.parametrize("case", VECTORS["bad"], ids=lambda case: case["name"])
def test_a_bad_code_is_refused_by_its_own_name(case: dict[str, Any]) -> None:
    with pytest.raises(VoucherRefused) as refused:
        verify(case["text"], KEYS, TAG)
    assert refused.value.code == case["error"]


def test_the_layout_is_the_documented_one_byte_for_byte() -> None:
    claims = VoucherClaims(
        key_id=0x0102,
        deployment_tag=0x03040506,
        round_tag=0x0708090A,
        voucher_id=UUID(bytes=bytes(range(0x10, 0x20))),
        status_index=0x212223,
        profile=0x3132,
        first_day=date(2024, 1, 2),
        last_day=date(2024, 12, 31),
    )
    assert claims.to_bytes().hex() == (
        "010102030405060708090a101112131415161718191a1b1c1d1e1f21222331320001016d"
    )


@given(claims_of_ours)
@settings(max_examples=50)
def test_every_claim_comes_back_and_the_code_is_165_characters(claims: VoucherClaims) -> None:
    code = encode(claims, KEY)
    assert len(code) == CODE_CHARACTERS
    assert verify(code, KEYS, TAG) == claims
    assert len(decode(code)[1]) == 64
    assert len(decode(code)[2]) == 36
    assert encode(claims, KEY) == code


def test_no_single_wrong_character_ever_verifies() -> None:
    code: str = ORDINARY["code"]
    for place in range(len(code)):
        other = BASE32[(BASE32.find(code[place]) + 7) % 32]
        with pytest.raises(VoucherRefused):
            verify(code[:place] + other + code[place + 1 :], KEYS, TAG)


@given(st.integers(5, 164), st.sampled_from(BASE32))
def test_a_wrong_character_is_refused_whatever_it_is(place: int, other: str) -> None:
    code: str = ORDINARY["code"]
    changed = code[:place] + other + code[place + 1 :]
    if changed == code:
        changed = code[:place] + BASE32[BASE32.index(other) - 1] + code[place + 1 :]
    with pytest.raises((BadSignature, DamagedVoucher, ForeignVoucher, UnknownKey)):
        verify(changed, KEYS, TAG)


@given(st.text(max_size=400))
def test_any_other_text_is_not_a_voucher(text: str) -> None:
    with pytest.raises(NotAVoucher):
        verify(text, KEYS, TAG)


@given(st.text(max_size=300))
def test_any_text_behind_the_prefix_is_damaged(text: str) -> None:
    with pytest.raises((DamagedVoucher, NotAVoucher)):
        verify("AID1:" + text, KEYS, TAG)


@given(st.binary(min_size=100, max_size=100))
def test_a_made_up_token_is_never_genuine(token: bytes) -> None:
    with pytest.raises(VoucherRefused):
        verify("AID1:" + base64.b32encode(token).decode(), KEYS, TAG)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key_id": 2**16},
        {"key_id": -1},
        {"deployment_tag": 2**32},
        {"round_tag": 2**32},
        {"status_index": 2**24},
        {"status_index": -1},
        {"profile": 2**16},
        {"last_day": date(2113, 9, 19)},
        {"first_day": date(1934, 4, 14)},
        {"first_day": date(2030, 1, 2), "last_day": date(2030, 1, 1)},
    ],
    ids=str,
)
def test_a_claim_that_does_not_fit_its_bytes_is_never_signed(wrong: dict[str, Any]) -> None:
    given_claims = _claims(ORDINARY["claims"])
    fields = {name: getattr(given_claims, name) for name in VoucherClaims.__dataclass_fields__}
    with pytest.raises(ValueError, match="voucher"):
        encode(VoucherClaims(**{**fields, **wrong}), KEY)


def test_keys_survive_being_stored() -> None:
    key = new_private_key()
    code = encode(_claims(ORDINARY["claims"]), private_key_from_pem(private_key_to_pem(key)))
    public_key = public_key_from_bytes(public_key_to_bytes(key.public_key()))
    assert verify(code, {1: public_key}, TAG) == _claims(ORDINARY["claims"])
    assert len(public_key_to_bytes(public_key)) == 65


def test_a_key_on_another_curve_is_refused_when_loaded() -> None:
    with pytest.raises(ValueError, match="P-256"):
        private_key_from_pem(private_key_to_pem(ec.generate_private_key(ec.SECP384R1())))


def test_the_public_key_in_the_vectors_belongs_to_the_private_one() -> None:
    assert public_key_to_bytes(KEY.public_key()).hex() == VECTORS["public_key_hex"]


def test_each_of_a_thousand_vouchers_has_a_code_of_its_own() -> None:
    claims = [_claims({**ORDINARY["claims"], "status_index": index}) for index in range(1_000)]
    codes = {encode(one, KEY) for one in claims}
    assert len(codes) == 1_000
